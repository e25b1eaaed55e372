//! How a message stands, with what is still on its way laid over it.
//!
//! Neighbours: the fold over what is held is [`common::sync::standing`]'s; `timeline` makes rows of this. Deliberately
//! absent: messages that are themselves on their way, which `timeline` adds.

use common::id::{Cid, Seq, Timestamp, UserId};
use common::model::EventKind;
use common::server::Refusal;
use common::sync::outbox::{Pending, Stage, What};
use common::sync::standing::{Reaction, Standing};
use common::sync::{Engine, Room};

/// A change that the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub cid: Cid,
    pub what: Kind,
    pub why: Refusal,
}

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Say,
    Edit,
    Delete,
    React,
    Pin,
    Create,
    Room,
    Join,
    Leave,
}

impl Kind {
    pub(crate) const fn of(what: &What) -> Self {
        match what {
            What::Say { .. } => Self::Say,
            What::Edit { .. } => Self::Edit,
            What::Delete { .. } => Self::Delete,
            What::React { .. } => Self::React,
            What::Pin { .. } => Self::Pin,
            What::Create { .. } | What::Direct { .. } => Self::Create,
            What::Room { .. } => Self::Room,
            What::Join { .. } => Self::Join,
            What::Leave { .. } => Self::Leave,
        }
    }
}

/// An emoji under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub emoji: String,
    pub count: usize,
    /// Whether the reader's is among them.
    pub mine: bool,
    /// Whose they are.
    pub who: String,
}

/// How far the changes of a message have come.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing is on its way.
    #[default]
    None,
    /// A text or a deletion is.
    Open,
    /// The server could not carry it out yet.
    Troubled(Refusal),
}

/// How a message stands.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    pub edited: Option<(Timestamp, String)>,
    pub deleted: bool,
    /// A deletion is on its way.
    pub leaving: bool,
    pub pinned: bool,
    pub reactions: Vec<Tally>,
    pub way: Way,
    pub refused: Vec<Refused>,
}

/// Folds what is held about a message, then what is on its way.
pub(super) fn of(engine: &Engine, room: &Room, target: Seq, pending: &[&Pending]) -> Outlook {
    let mut standing = Standing::of(&room.log, target);
    let mut outlook = Outlook::default();
    let me = engine.me().map_or(UserId(0), |me| me.id);
    for pending in pending.iter().filter(|pending| pending.target() == Some(target)) {
        let kind = Kind::of(&pending.what);
        if let Stage::Failed(why) = &pending.stage {
            outlook.refused.push(Refused { cid: pending.cid, what: kind, why: why.clone() });
            // The text that was refused is shown, so that it is not lost before somebody has decided.
            if kind != Kind::Edit {
                continue;
            }
        }
        let open = pending.is_open();
        if kind == Kind::Delete && open {
            outlook.leaving = true;
        } else if let Some(event) = event(&pending.what) {
            standing.apply(me, pending.at, &event);
        }
        if open && matches!(kind, Kind::Edit | Kind::Delete) {
            outlook.way = pending.trouble.clone().map_or(Way::Open, Way::Troubled);
        }
    }
    let Standing { edited, deleted, pinned, reactions } = standing;
    let reactions = reactions.into_iter().map(|reaction| tally(engine, me, reaction)).collect();
    Outlook { edited, deleted, pinned, reactions, ..outlook }
}

/// The event that a change will become.
fn event(what: &What) -> Option<EventKind> {
    Some(match what {
        What::Edit { target, body, .. } => EventKind::Edited { target: *target, body: body.as_str().to_owned() },
        What::Delete { target, .. } => EventKind::Deleted { target: *target },
        What::React { target, emoji, on, .. } => {
            let (target, emoji) = (*target, emoji.as_str().to_owned());
            if *on { EventKind::Reacted { target, emoji } } else { EventKind::Unreacted { target, emoji } }
        }
        What::Pin { target, on: true, .. } => EventKind::Pinned { target: *target },
        What::Pin { target, on: false, .. } => EventKind::Unpinned { target: *target },
        What::Say { .. }
        | What::Create { .. }
        | What::Direct { .. }
        | What::Room { .. }
        | What::Join { .. }
        | What::Leave { .. } => return None,
    })
}

fn tally(engine: &Engine, me: UserId, reaction: Reaction) -> Tally {
    let Reaction { emoji, by } = reaction;
    let mut who = String::new();
    for name in by.iter().filter_map(|user| engine.name_of(*user)) {
        if !who.is_empty() {
            who.push_str(", ");
        }
        who.push_str(name);
    }
    Tally { emoji, count: by.len(), mine: by.contains(&me), who }
}
