//! The developer's section of the panel: faults on purpose, each with what will be seen, and the trace.

use web_sys::{Element, MouseEvent};
use yew::{Callback, Html, TargetCast, html};

use crate::effects::browser;
use crate::state::probe::Trace;
use crate::state::{Action, Probe, State};
use crate::views::parts::{icon_sm, sends};

/// Milliseconds that frames can be delayed by.
const DELAYS: [u64; 3] = [0, 500, 2_000];

/// The section, folded until somebody wants it.
pub(super) fn view(state: &State, act: &Callback<Action>) -> Html {
    let words = &state.lang.words().changes;
    let faults = &state.probed.faults;
    let [drop, freeze, lose, double, delay, forget, reset] = words.faults;
    let fault = |name: &'static str,
                 (label, text): (&'static str, &'static str),
                 probe: Probe,
                 pressed: Option<bool>| {
        html! {
            <li>
                <button type="button" class="btn btn--sm" data-fault={name} aria-pressed={pressed.map(|on| on.to_string())} onclick={sends(act, Action::Probe(probe))}>{ label }</button>
                <span>{ text }</span>
            </li>
        }
    };
    let wait = |ms: u64| {
        let label = if ms == 0 { words.no_delay.to_owned() } else { format!("{ms} ms") };
        html! { <button type="button" class="btn btn--sm" data-fault={format!("delay-{ms}")} aria-pressed={(faults.delay_ms == ms).to_string()} onclick={sends(act, Action::Probe(Probe::Delay(ms)))}>{ label }</button> }
    };
    html! {
        <details class="panel__sec fold developer">
            <summary class="sec-title">{ words.developer }</summary>
            <p class="faint small">{ words.developer_text }</p>
            <ul class="faults">
                { fault("drop", drop, Probe::Drop, None) }
                { fault("freeze", freeze, Probe::Freeze(!faults.frozen), Some(faults.frozen)) }
                { fault("lose", lose, Probe::Lose, None) }
                { fault("double", double, Probe::Double, None) }
                <li><span class="faults__group" role="group" aria-label={delay.0}><b>{ delay.0 }</b>{ for DELAYS.map(wait) }</span><span>{ delay.1 }</span></li>
                { fault("forget", forget, Probe::Forget, None) }
                { fault("reset", reset, Probe::Reset, None) }
            </ul>
            if faults.waiting() > 0 {
                <p class="small" role="status">{ (words.held_back)(faults.waiting()) }</p>
            }
        </details>
    }
}

/// The section that copies the trace.
pub(super) fn trace(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let changes = &words.changes;
    let onclick = act.reform(|event: MouseEvent| {
        let section = event.target_dyn_into::<Element>().and_then(|button| button.closest(".trace").ok().flatten());
        let open = section.is_some_and(|section| matches!(section.query_selector("input:checked"), Ok(Some(_))));
        Action::Probe(Probe::Trace { agent: browser::agent(), open })
    });
    let outcome = match &state.probed.trace {
        Trace::None => html! {},
        Trace::Copied => html! { <p class="small" role="status">{ changes.copied }</p> },
        Trace::Shown(text) => html! {
            <>
                <p class="small" role="alert">{ changes.copy_refused }</p>
                <textarea class="input input--mono trace__text" rows="4" readonly=true aria-label={changes.copy_trace} value={text.clone()} />
                <button type="button" class="btn-link" onclick={sends(act, Action::Probe(Probe::HideTrace))}>{ words.close }</button>
            </>
        },
    };
    html! {
        <section class="panel__sec trace">
            <button type="button" class="btn btn--sm" title={changes.trace_text} {onclick}>{ icon_sm("copy") }{ changes.copy_trace }</button>
            <label class="check"><input type="checkbox" />{ changes.with_texts }</label>
            { outcome }
        </section>
    }
}
