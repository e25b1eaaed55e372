//! Commands that a panel gives to the page, and what becomes of them.
//!
//! The page's outbox carries them: without a connection they wait there, whatever becomes of the panel. Neighbours:
//! [`crate::annex::port`] says how they travel.

use common::id::RoomId;
use common::server::Refusal;
use common::sync::outbox::What;
use yew::{Callback, hook, use_state};

use super::Desk;
use crate::annex::port::Outcome;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// None was given.
    Idle,
    /// It has not been answered yet.
    Going,
    /// It was carried out, in this room.
    Done(RoomId),
    /// It was refused.
    Refused(Refusal),
}

impl Standing {
    /// Whether its answer is still to come.
    pub(super) fn is_going(&self) -> bool {
        *self == Self::Going
    }
}

/// What became of the command with this number.
pub(super) fn standing(desk: &Desk, id: Option<u32>) -> Standing {
    let Some(id) = id else { return Standing::Idle };
    match desk.answer(id) {
        None => Standing::Going,
        Some(Outcome::Done(room)) => Standing::Done(*room),
        Some(Outcome::Refused(refusal)) => Standing::Refused(refusal.clone()),
    }
}

/// One command at a time: what became of the last one, and how the next is given.
#[hook]
pub(super) fn use_order(desk: &Desk) -> (Standing, Callback<What>) {
    let id = use_state(|| None::<u32>);
    let now = standing(desk, *id);
    let desk = desk.clone();
    (now, Callback::from(move |what| id.set(Some(desk.command(what)))))
}
