//! What a room's log is made of, and what a room looks like from outside.
//!
//! Every durable change to a room is one [`Event`]; what people see is a fold over events.

use serde::{Deserialize, Serialize};

use crate::id::{Cid, RoomId, Seq, Timestamp, UserId};

/// One entry of a room's log. It never changes once it has its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The room.
    pub room: RoomId,
    /// Its place in the room's log.
    pub seq: Seq,
    /// When the server committed it, by the server's clock. For people only: nothing is ordered by it.
    pub at: Timestamp,
    /// Who did it.
    pub by: UserId,
    /// The name of `by` when this copy was sent, so that a reader need not ask for it.
    pub name: String,
    /// The command that caused it, by its author's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cid>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// Somebody said something.
    Message {
        /// Which message of the room this is, counted from 1: `n` counts messages where `seq` counts events.
        n: u64,
        /// The text.
        body: String,
    },
    /// The room was made; always the first event.
    Created,
    /// `by` became a member.
    Joined,
    /// `by` is no longer a member.
    Left,
    /// Something that this program is too old to know. It holds its place in the log and is not shown.
    #[serde(other)]
    Unknown,
}

/// A person, as everybody sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their present name.
    pub name: String,
}

/// A room, as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomInfo {
    /// Which room.
    pub id: RoomId,
    /// Its name, without `#`.
    pub name: String,
    /// The newest event.
    pub head: Seq,
    /// How many messages it has had.
    pub n: u64,
    /// How many members it has.
    pub members: u64,
}
