//! People: who writes, who is here, and the buttons of the room's header that lead to them and to the pins.
//!
//! Neighbours: `bar` has the header, `composer` the dock, `over` the dialogs that open.

use common::sync::Room;
use yew::{Callback, Html, html};

use super::parts::{avatar, icon, sends};
use crate::annex::port::Open;
use crate::i18n::Catalogue;
use crate::state::{Action, Over, State, Touch};

/// Names that the typing row shows before it counts.
const NAMED: usize = 3;

/// Faces in the header.
const FACES: usize = 3;

/// Who is writing in the present room; the row is always there, so that nothing jumps.
pub(super) fn typing(state: &State) -> Html {
    let words = &state.lang.words().changes;
    let room = state.room.and_then(|id| state.engine.rooms().get(&id));
    let names: Vec<&str> = room.into_iter().flat_map(Room::typing).map(|(_, name)| name).collect();
    let named = if names.len() > NAMED { NAMED } else { names.len() };
    let rest = names.len() - named;
    let name = |(at, name): (usize, &&str)| {
        let joint = match at {
            0 => "",
            at if rest == 0 && at + 1 == named => words.and,
            _ => words.comma,
        };
        html! { <>{ joint }<b>{ (*name).to_owned() }</b></> }
    };
    html! {
        <div class="typing" role="status">
            if !names.is_empty() {
                <span class="typing__dots" aria-hidden="true"><i></i><i></i><i></i></span>
                <span class="cut">
                    { for names.iter().take(named).enumerate().map(name) }
                    if rest > 0 {
                        { words.and }{ (words.others)(rest) }
                    }
                    { if names.len() > 1 { words.typing[1] } else { words.typing[0] } }
                </span>
            }
        </div>
    }
}

/// The stack of those who are here, and the way to the pinned messages.
pub(super) fn buttons(room: &Room, words: &'static Catalogue, act: &Callback<Action>) -> Html {
    let (changes, presence) = (&words.changes, &room.presence);
    let open = |over: Over| sends(act, Action::Touch(Touch::Open(over)));
    html! {
        <>
            if presence.here > 0 {
                <button type="button" class="faces" aria-haspopup="dialog" title={changes.people} onclick={sends(act, Action::Open(Open::People(room.info.id)))}>
                    <span class="sr-only">{ label(room, words) }</span>
                    <span class="only-narrow">{ icon("users") }</span>
                    { for presence.online.iter().take(FACES).map(|(user, name)| avatar(*user, name, Some("avatar--sm"))) }
                    <span aria-hidden="true">{ presence.here }</span>
                </button>
            }
            <button type="button" class="icon-btn" aria-haspopup="dialog" aria-label={changes.pins} title={changes.pins} onclick={open(Over::Pins)}>{ icon("pin") }</button>
        </>
    }
}

/// “5 members, 3 here”, in the language's own way.
fn label(room: &Room, words: &'static Catalogue) -> String {
    let mut text = (words.members)(room.info.members);
    text.push_str(words.changes.comma);
    text.push_str(&(words.changes.here)(room.presence.here));
    text
}
