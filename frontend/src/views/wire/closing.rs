//! The foot of the wire panel: how to close the socket, and what comes after.

use common::sync::{Phase, backoff};
use web_sys::{InputEvent, SubmitEvent};
use yew::{Callback, Html, Properties, classes, component, html, use_state};

use crate::i18n::Lang;
use crate::socket::ReadyState;
use crate::state::closing::{CloseFault, REASON_BYTES, read};
use crate::state::{Action, State};
use crate::views::parts::{field_error, icon_sm, input_value, sends, tone, use_var};

/// What can be done with the socket in its present state.
pub(super) fn view(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    match state.engine.phase() {
        Phase::Greeting { .. } | Phase::Ready { .. } => html! {
            <section class="panel__sec stack stack--sm">
                <CloseForm lang={state.lang} act={act.clone()} />
                <div class="backoff"><p class="backoff__text"><b>{ words.if_drops }</b>{ words.if_drops_text }</p>{ ladder(state, None) }</div>
            </section>
        },
        Phase::Closing { .. } => html! {
            <section class="panel__sec"><p class="backoff__text"><b>{ words.wait_close }</b>{ words.wait_close_text }</p></section>
        },
        Phase::Waiting { since, until } => {
            let (left, whole) = (until.since(state.now.date), until.since(*since).max(1));
            html! {
                <section class="panel__sec stack stack--sm is-s3">
                    <Countdown lang={state.lang} seconds={left.div_ceil(1_000)} percent={left.min(whole) * 100 / whole} attempt={state.engine.backoff().tries()} />
                    <div class="backoff">
                        { ladder(state, Some(ReadyState::Closed)) }
                        <button type="button" class="btn btn--sm" onclick={sends(act, Action::Connect)}>{ icon_sm("retry") }{ words.connect_now }</button>
                    </div>
                </section>
            }
        }
        Phase::Connecting { .. } => {
            let tries = state.engine.backoff().tries();
            let next = (tries as usize).saturating_sub(1).min(backoff::BOUNDS_MS.len() - 1);
            let within = backoff::BOUNDS_MS.get(next).copied().unwrap_or_default() / 1_000;
            html! {
                <section class="panel__sec"><div class="backoff">
                    <p class="backoff__text"><b>{ if tries == 0 { words.if_drops.to_owned() } else { (words.attempt)(tries) } }</b>{ (words.if_fails)(within) }</p>
                    { ladder(state, Some(ReadyState::Connecting)) }
                </div></section>
            }
        }
        Phase::Idle | Phase::Stopped => html! {
            <section class="panel__sec"><div class="backoff">
                <p class="backoff__text"><b>{ words.stopped }</b>{ words.stopped_text }</p>
                <button type="button" class="btn btn--sm" onclick={sends(act, Action::Connect)}>{ icon_sm("retry") }{ words.connect }</button>
            </div></section>
        },
    }
}

/// The longest waits before each try, and which of them bounds the present one.
fn ladder(state: &State, ready: Option<ReadyState>) -> Html {
    let rung = state.engine.backoff().rung().filter(|_| ready.is_some());
    let step = |(at, bound): (usize, u64)| {
        let class = match rung {
            Some(rung) if at < rung => Some("is-done"),
            Some(rung) if at == rung => Some("is-now"),
            _ => None,
        };
        html! { <li {class} aria-current={(rung == Some(at)).then_some("step")}>{ bound / 1_000 }</li> }
    };
    html! {
        <ol class={classes!("ladder", tone(ready))} aria-label={state.lang.words().delays}>{ for backoff::BOUNDS_MS.into_iter().enumerate().map(step) }</ol>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct CountdownProps {
    lang: Lang,
    seconds: u64,
    percent: u64,
    attempt: u32,
}

#[component]
fn Countdown(props: &CountdownProps) -> Html {
    let words = props.lang.words();
    let ring = use_var("--v", format!("{}%", props.percent));
    html! {
        <div class="countdown">
            <span class="countdown__ring" ref={ring} role="timer" aria-label={(words.seconds_spoken)(props.seconds)}>{ props.seconds }</span>
            <div class="backoff__text grow"><b>{ (words.next_in)(props.seconds) }</b>{ (words.attempt_spread)(props.attempt) }</div>
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct CloseProps {
    lang: Lang,
    act: Callback<Action>,
}

/// `close( code , reason )`, by the browser's own rules.
#[component]
fn CloseForm(props: &CloseProps) -> Html {
    let words = props.lang.words();
    let (code, reason) = (use_state(|| "1000".to_owned()), use_state(String::new));
    let field = |field: &yew::UseStateHandle<String>| {
        let field = field.clone();
        Callback::from(move |event: InputEvent| field.set(input_value(&event)))
    };
    let fault = read(&code, &reason).err();
    let onsubmit = {
        let (code, reason, act) = (code.clone(), reason.clone(), props.act.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Ok((code, reason)) = read(&code, &reason) {
                act.emit(Action::CloseSocket(code, reason));
            }
        })
    };
    let bad_code = matches!(fault, Some(CloseFault::Code)).then_some("true");
    let bad_reason = matches!(fault, Some(CloseFault::Reason { .. })).then_some("true");
    html! {
        <>
            <form class="call" aria-label={words.close_form} {onsubmit}>
                <span>{ "close(" }</span>
                <input class="input call__code" inputmode="numeric" maxlength="5" aria-label={words.close_code} aria-invalid={bad_code} value={(*code).clone()} oninput={field(&code)} /><span>{ "," }</span>
                <input class="input" aria-label={words.close_reason} placeholder={words.reason} aria-invalid={bad_reason} value={(*reason).clone()} oninput={field(&reason)} />
                <span>{ ")" }</span>
                <button class="btn btn--sm btn--danger" disabled={fault.is_some()}>{ words.close_verb }</button>
            </form>
            if let Some(fault) = fault {
                { field_error("close-fault", &(words.close_fault)(&fault)) }
            } else if !reason.is_empty() {
                <p class="field__hint">{ (words.bytes_of)(reason.len(), REASON_BYTES) }</p>
            }
        </>
    }
}
