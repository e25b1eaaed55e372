//! The wire panel: the page's own WebSocket, as far as a page can see it.
//!
//! In reading order: this file is the panel and the socket's facts, `track` its ready states, `gauges` round trip and
//! buffer, `held` what of each room is here, `frames` the log, `closing` the form that closes it and what comes after,
//! `developer` the faults on purpose and the trace.

mod closing;
mod developer;
mod frames;
mod gauges;
mod held;
mod track;

use common::sync::Phase;
use yew::{Callback, Html, html};

use super::parts::{icon, sends};
use crate::lean::port::Errand;
use crate::socket::ReadyState;
use crate::state::{Action, Overlay, State};

/// The panel.
// Where the program is split, this stays in one piece.
#[inline(never)]
pub(super) fn panel(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    html! {
        <aside class="panel wire is-open" id="wire" aria-label={words.wire}>
            <header class="panel__head">
                <h2 class="panel__title">{ words.wire }{ " " }<span class="panel__sub">{ lasting(state) }</span></h2>
                <button type="button" class="icon-btn" aria-label={words.open_in_workbench} onclick={sends(act, tried(String::new()))}>{ icon("plug") }</button>
                <button type="button" class="icon-btn" aria-label={words.hide_wire} onclick={sends(act, Action::Toggle(Overlay::Wire))}>{ icon("x") }</button>
            </header>
            { track::view(state) }
            { facts(state) }
            { gauges::view(state) }
            { held::view(state, act) }
            <frames::Frames lang={state.lang} zone={state.zone} lines={frames::Lines::of(&state.wire)} act={act.clone()} />
            { closing::view(state, act) }
            { developer::view(state, act) }
            { developer::trace(state, act) }
        </aside>
    }
}

/// Opens a second connection like the chat's in the Workbench, with this message at hand.
fn tried(message: String) -> Action {
    let protocol = common::SUBPROTOCOL.to_owned();
    Action::Try(Errand { url: "/ws".to_owned(), protocol, message, ..Errand::default() })
}

/// How long the present state has lasted.
fn lasting(state: &State) -> String {
    let words = state.lang.words();
    let now = state.now.date;
    match state.engine.phase() {
        Phase::Idle => words.idle.to_owned(),
        Phase::Connecting { .. } | Phase::Greeting { .. } => match state.wire.attempt {
            0 => String::new(),
            attempt => (words.attempt)(attempt),
        },
        Phase::Ready { since } => (words.up_for)(now.since(*since) / 1_000),
        Phase::Closing { .. } => words.closing.to_owned(),
        Phase::Waiting { .. } | Phase::Stopped => {
            let since = state.wire.down_since.map_or(now, |down| down.date);
            (words.down_for)(now.since(since) / 1_000)
        }
    }
}

fn facts(state: &State) -> Html {
    let (words, facts) = (state.lang.words(), &state.wire.facts);
    let quoted = |text: &str| if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() };
    let none = state.wire.ready == Some(ReadyState::Open) && facts.extensions.is_empty();
    html! {
        <dl class="panel__sec facts">
            <dt>{ "url" }</dt><dd title={facts.url.clone()}>{ quoted(&facts.url) }</dd>
            <dt>{ "protocol" }</dt><dd>{ quoted(&facts.protocol) }</dd>
            <dt>{ "extensions" }</dt><dd>{ quoted(&facts.extensions) }{ " " }if none { <span class="faint">{ words.none_agreed }</span> }</dd>
            <dt>{ "binaryType" }</dt><dd>{ if facts.binary_type.is_empty() { "–" } else { &facts.binary_type } }</dd>
        </dl>
    }
}
