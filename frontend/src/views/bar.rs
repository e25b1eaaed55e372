//! The header of the main column: the room, its members, the ways to the wire.

use yew::{Callback, Html, classes, html};

use super::parts::{icon, icon_sm, sends, sig, tone};
use super::people;
use super::sidebar::rounded;
use crate::state::{Action, Overlay, State};

/// The header.
pub(super) fn bar(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let room = state.room.and_then(|id| state.engine.rooms().get(&id));
    let title = room.map(|room| room.info.name.clone());
    let members = room.map(|room| (words.members)(room.info.members));
    let unread = state.unread();
    html! {
        <header class="bar">
            <button type="button" class="icon-btn bar__menu only-narrow" aria-label={words.rooms} aria-expanded={state.side_open.to_string()} aria-controls="side" onclick={sends(act, Action::Toggle(Overlay::Side))}>
                { icon("menu") }
                if unread > 0 {
                    <span class="badge badge--mention">{ unread }</span>
                }
            </button>
            <div class="grow bar__room">
                if let Some(title) = title {
                    <h1 class="bar__title">{ icon("hash") }<span class="cut">{ title }</span></h1>
                    <span class="bar__topic cut">{ members }</span>
                } else {
                    <h1 class="bar__title">{ "Readyroom" }</h1>
                }
            </div>
            if let Some(room) = room {
                { people::buttons(room, words, act) }
                <button type="button" class="icon-btn" aria-label={words.mute} title={words.mute} aria-pressed={room.info.muted.to_string()} onclick={sends(act, Action::Mute(room.info.id, !room.info.muted))}>{ icon(if room.info.muted { "mute" } else { "bell" }) }</button>
                <button type="button" class="icon-btn" aria-label={words.leave} title={words.leave} aria-haspopup="dialog" onclick={sends(act, Action::ShowLeave(room.info.id))}>{ icon("exit") }</button>
            }
            <button type="button" class="icon-btn only-wide" aria-label={words.wire_toggle} title={words.wire_toggle} aria-expanded={state.wire_open.to_string()} onclick={sends(act, Action::Toggle(Overlay::Wire))}>{ icon("wire") }</button>
            { pill(state, act) }
        </header>
    }
}

/// The pill of a narrow page.
fn pill(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let rtt = rounded(state.wire.round_trip());
    let name = state.wire.ready.map_or(words.no_socket, |ready| ready.name());
    html! {
        <button type="button" class={classes!("pill", "only-narrow", tone(state.wire.ready))} aria-label={(words.pill)(name, rtt)} onclick={sends(act, Action::Toggle(Overlay::Wire))}>
            if let Some(ready) = state.wire.ready {
                { sig(ready) }{ name }{ rtt.map(|ms| format!(" {ms}")) }
            } else {
                { icon_sm("wire") }
            }
        </button>
    }
}
