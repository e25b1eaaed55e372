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
