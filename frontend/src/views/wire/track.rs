//! The track: four stations, each with the time it was reached.

use yew::{Html, classes, html};

use crate::calendar::Local;
use crate::socket::ReadyState;
use crate::state::State;
use crate::views::parts::{sig, tone, whole};

/// The track of the present socket, or of the last one.
pub(super) fn view(state: &State) -> Html {
    let ready = state.wire.ready;
    let name = ready.map_or_else(
        || state.lang.words().no_socket.to_owned(),
        |ready| format!("readyState: {} {}", ready.number(), ready.name()),
    );
    html! {
        <section class="panel__sec wire__track">
            <ol class={classes!("track", tone(ready))} aria-label={name}>{ for ReadyState::ALL.map(|station| view_station(state, station)) }</ol>
        </section>
    }
}

fn view_station(state: &State, station: ReadyState) -> Html {
    let ready = state.wire.ready;
    let (past, now) = (ready.is_some_and(|ready| ready > station), ready == Some(station));
    // Passed without a stop: a handshake that fails never reaches OPEN.
    let through = past && state.wire.reached(station).is_none();
    let class = classes!(
        "station",
        tone(Some(station)),
        past.then_some("is-past"),
        through.then_some("is-through"),
        now.then_some("is-now")
    );
    html! {
        <li {class} aria-current={now.then_some("step")}>
            <span class="station__no">{ station.number() }</span>
            <span class="station__mark">{ sig(station) }</span>
            <span class="station__name">{ station.name() }</span>
            <span class="station__time">{ time(state, station) }</span>
        </li>
    }
}

/// The time of a station: the clock where the line begins, then the time since the stop before; a close shows its code.
fn time(state: &State, station: ReadyState) -> String {
    let wire = &state.wire;
    let nothing = || "–".to_owned();
    let Some(reached) = wire.reached(station) else {
        let expected = station == ReadyState::Open && wire.ready == Some(ReadyState::Connecting);
        return if expected { "…".to_owned() } else { nothing() };
    };
    let since = |before: ReadyState| {
        wire.reached(before).map(|before| format!("+{} ms", whole(reached.precise - before.precise)))
    };
    match station {
        ReadyState::Connecting => Local::at(reached.date, state.zone).clock_seconds(),
        ReadyState::Open => since(ReadyState::Connecting).unwrap_or_else(nothing),
        ReadyState::Closing if wire.ready == Some(ReadyState::Closing) => state.lang.words().now.to_owned(),
        ReadyState::Closing => Local::at(reached.date, state.zone).clock_seconds(),
        ReadyState::Closed => wire.closed.as_ref().map_or_else(nothing, |closed| closed.code.to_string()),
    }
}
