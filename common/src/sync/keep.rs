//! What a client remembers beyond its own end: rooms, events, the outbox, drafts.
//!
//! The engine says what to remember, one thing at a time ([`Keep`]), and takes back what was remembered
//! ([`Restored`]). Deliberately absent: where it is remembered. A page has IndexedDB; a simulation has a map.

use std::sync::Arc;

use crate::id::{Cid, Epoch, RoomId};
use crate::model::{Event, Level, Person, RoomInfo};

use super::outbox::Pending;

/// Something to remember or to forget. A later one about the same thing replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// Who the client is, and how far it has come.
    Me(Me),
    /// A room.
    Room(Box<RoomInfo>),
    /// A room, its events and its draft are gone.
    NoRoom(RoomId),
    /// An event. The text of a deleted message comes again without it.
    Event(Arc<Event>),
    /// The events of a room are not what the server has.
    NoEvents(RoomId),
    /// A command on its way. The person's other clients on this device should know of it.
    Pending(Box<Pending>),
    /// A command has arrived, or was given up. The other clients should know of that too.
    NoPending(Cid),
    /// What stands in a room's composer.
    Draft(KeptDraft),
    /// What the server has not confirmed of a room's own matters.
    Wishes(KeptWishes),
    /// Rooms and events belong to another database, or to nobody; commands and drafts stay.
    Nothing,
}

/// Who a client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The database that the rest speaks of.
    pub epoch: Epoch,
    /// Who.
    pub person: Person,
    /// How much of the person's own log is held.
    pub user_seq: u64,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDraft {
    /// Which room.
    pub room: RoomId,
    /// The text; empty for none.
    pub text: String,
    /// Whether the server does not know it yet.
    pub unsent: bool,
}

/// What a person has changed about a room for themselves and the server has not confirmed; `None` for what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptWishes {
    /// Which room.
    pub room: RoomId,
    /// How far it is read.
    pub read_n: Option<u64>,
    /// Whether that may be less than the server has: something was made unread.
    pub back: bool,
    /// Whether it is muted.
    pub muted: Option<bool>,
    /// Of which messages they want to be told.
    pub notify: Option<Level>,
}

impl KeptWishes {
    /// Whether the server has confirmed everything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.read_n.is_none() && self.muted.is_none() && self.notify.is_none()
    }
}

/// What was remembered, or a part of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Who the client was.
    pub me: Option<Me>,
    /// Rooms.
    pub rooms: Vec<RoomInfo>,
    /// Events of these rooms, in any order.
    pub events: Vec<Event>,
    /// Commands on their way, in any order.
    pub outbox: Vec<Pending>,
    /// Drafts.
    pub drafts: Vec<KeptDraft>,
    /// What the server has not confirmed, of these rooms.
    pub wishes: Vec<KeptWishes>,
}

/// A change to what the clients of a person share on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// A command is on its way, or was refused.
    Put(Box<Pending>),
    /// A command has arrived, or was given up.
    Drop(Cid),
}
