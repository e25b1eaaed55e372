//! All that a client may say on the socket.
//!
//! One JSON text frame is one [`ClientMsg`]. Texts are raw here: whoever carries a command out checks them and answers
//! with the field and the limit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{Cid, Epoch, RoomId, Seq, Timestamp};

/// A message from client to server, named by `op`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum ClientMsg {
    /// The first message on every connection: what the client already holds.
    Hello {
        /// The database that `rooms` speaks of; `None` for a client that holds nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<Epoch>,
        /// How far the person's own log is held; 0 for a client that holds none of it. The server then sends what has
        /// changed since as `user` messages.
        #[serde(default, skip_serializing_if = "is_zero")]
        user_seq: u64,
        /// For each room the newest event held. Rooms that are not named start with their newest page.
        #[serde(default)]
        rooms: BTreeMap<RoomId, Seq>,
    },
    /// Says something in a room. Answered by an `ack`.
    Send {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// What; at most [`crate::limits::BODY_CHARS`] characters.
        body: String,
        /// The `send` in this room that this one was written behind, where it has not been acknowledged yet. Unless it is
        /// on disk, this one is refused as [`crate::server::ErrorCode::OutOfOrder`]: what somebody writes keeps its order
        /// even where something in between could not be stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Cid>,
    },
    /// Gives a message of one's own another text. Answered by an `ack`.
    Edit {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The message, by the event that created it.
        target: Seq,
        /// The new text; at most [`crate::limits::BODY_CHARS`] characters.
        body: String,
    },
    /// Deletes a message of one's own: its text, also the texts it had before, is gone from the store. Answered by an
    /// `ack`.
    Delete {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
    },
    /// Puts an emoji under a message. Answered by an `ack`.
    React {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// The emoji; see [`crate::text::Emoji`].
        emoji: String,
    },
    /// Takes the own emoji back. Answered by an `ack`.
    Unreact {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: String,
    },
    /// Pins a message, for everybody in the room. Answered by an `ack`.
    Pin {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
    },
    /// Takes a pin off. Answered by an `ack`.
    Unpin {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
    },
    /// Everything up to the room's message `n` has been read. It never goes back. Answered by `user` on every connection
    /// of the person.
    Read {
        /// Where.
        room: RoomId,
        /// The last message read, by its number among the messages.
        n: u64,
    },
    /// What stands in the person's composer. Answered by `user` on every connection of the person.
    Draft {
        /// Where.
        room: RoomId,
        /// The text, at most [`crate::limits::DRAFT_CHARS`] characters; empty for none.
        text: String,
    },
    /// Whether the person wants to hear of a room's messages only where they are mentioned. Answered by `user` on every
    /// connection of the person.
    Mute {
        /// Where.
        room: RoomId,
        /// Whether it is muted from now on.
        muted: bool,
    },
    /// The person is writing in a room. Not answered; may be lost.
    Typing {
        /// Where.
        room: RoomId,
    },
    /// Makes a public room and joins it. Answered by `room` and then an `ack` that names it.
    Create {
        /// The client's id for this command.
        cid: Cid,
        /// The name; see [`crate::text::RoomName`].
        name: String,
    },
    /// Joins a public room. Answered by `room`, its newest page and an `ack`.
    Join {
        /// The client's id for this command.
        cid: Cid,
        /// Which room.
        room: RoomId,
    },
    /// Leaves a room. Answered by `left` and an `ack`.
    Leave {
        /// The client's id for this command.
        cid: Cid,
        /// Which room.
        room: RoomId,
    },
    /// Asks for events of a room again: those after `from`.
    ///
    /// With `to`: the events up to and including `to`, at most [`crate::limits::REPLAY_EVENTS`] of them, and nothing
    /// else changes. Without: "this is what I hold, bring me up to date and keep me there", as if `hello` had named it.
    Sync {
        /// Which room.
        room: RoomId,
        /// The event before the first one wanted; 0 for the beginning.
        from: Seq,
        /// The last one wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Seq>,
    },
    /// Is anybody there? Answered by `pong` with the same `t`.
    Ping {
        /// The client's clock, given back as it is.
        t: Timestamp,
    },
}

const fn is_zero(n: &u64) -> bool {
    *n == 0
}
