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
        /// The text; empty once the message has been deleted, for no body is blank.
        body: String,
        /// Members whom the text mentions as `@name`; none once the message has been deleted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
    },
    /// The author gave a message another text.
    Edited {
        /// The message, by the event that created it.
        target: Seq,
        /// The new text; empty once the message has been deleted.
        body: String,
    },
    /// The author deleted a message.
    Deleted {
        /// The message.
        target: Seq,
    },
    /// `by` put an emoji under a message.
    Reacted {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: String,
    },
    /// `by` took their emoji back.
    Unreacted {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: String,
    },
    /// `by` pinned a message.
    Pinned {
        /// The message.
        target: Seq,
    },
    /// `by` took a pin off.
    Unpinned {
        /// The message.
        target: Seq,
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
    /// The last message that this member has read. What is unread is `n - read_n`.
    #[serde(default)]
    pub read_n: u64,
    /// Unread messages that mention this member.
    #[serde(default)]
    pub mentions: u64,
    /// Whether this member wants to hear of it only where they are mentioned.
    #[serde(default)]
    pub muted: bool,
}

/// One entry of a person's own log: what all their devices agree on. Only the newest entry for a room and a kind is
/// kept, so that `seq` grows but has gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEvent {
    /// Its place in the person's log.
    pub seq: u64,
    /// The room that it is about.
    pub room: RoomId,
    /// What it says.
    #[serde(flatten)]
    pub kind: UserEventKind,
}

/// What an entry of a person's own log says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UserEventKind {
    /// Everything up to a message has been read. Comes too when somebody mentions the person, or no longer does.
    Read {
        /// The last message read.
        n: u64,
        /// Messages after it that mention the person.
        mentions: u64,
    },
    /// What stands in the composer.
    Draft {
        /// The text; empty for none.
        text: String,
    },
    /// Whether the room is muted.
    Muted {
        /// Whether it is.
        muted: bool,
    },
    /// Something that this program is too old to know.
    #[serde(other)]
    Unknown,
}

impl EventKind {
    /// The message that this event changes.
    #[must_use]
    pub const fn target(&self) -> Option<Seq> {
        match self {
            Self::Edited { target, .. }
            | Self::Deleted { target }
            | Self::Reacted { target, .. }
            | Self::Unreacted { target, .. }
            | Self::Pinned { target }
            | Self::Unpinned { target } => Some(*target),
            Self::Message { .. } | Self::Created | Self::Joined | Self::Left | Self::Unknown => None,
        }
    }
}
