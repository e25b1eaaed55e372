//! All that the server may say on the socket.
//!
//! One JSON text frame is one [`ServerMsg`]. A client that meets an `ev` it does not know ignores it.

use serde::{Deserialize, Serialize};

use crate::id::{Cid, Epoch, RoomId, Seq, Timestamp};
use crate::limits;
use crate::model::{Event, Person, RoomInfo};
use crate::text::TextError;

/// A message from server to client, named by `ev`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub enum ServerMsg {
    /// The answer to `hello`: who you are, and every room you are in. Replays follow.
    Welcome {
        /// The database. A client that holds another one's events forgets them now.
        epoch: Epoch,
        /// Who the connection belongs to.
        me: Person,
        /// The bounds a client should know.
        limits: Limits,
        /// The server's clock.
        now: Timestamp,
        /// The rooms, in the order they were joined.
        rooms: Vec<RoomInfo>,
    },
    /// Something happened in a room, just now or while the client was away.
    Event(Event),
    /// A command was carried out, and its event is on disk.
    Ack {
        /// The command.
        cid: Cid,
        /// The room.
        room: RoomId,
        /// The event that it became.
        seq: Seq,
        /// For a message: which of the room's messages it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
        /// When it was committed.
        at: Timestamp,
    },
    /// A command was refused and has changed nothing. The connection stays open.
    Error(Refusal),
    /// What follows is not a replay from where you are: you are too far behind, or ahead of this server. The newest
    /// page follows. What you hold beyond `seq` was never kept: forget it.
    Reset {
        /// The room.
        room: RoomId,
        /// Its newest event.
        seq: Seq,
    },
    /// You read too slowly and the rest of this room's events was not queued for you. `sync` to get them.
    Lag {
        /// The room.
        room: RoomId,
        /// Its newest event when the queue was full.
        seq: Seq,
    },
    /// You are in this room now (from this tab or another one). Its newest page follows.
    Room(RoomInfo),
    /// You are no longer in this room.
    Left {
        /// The room.
        room: RoomId,
    },
    /// Somebody who shares a room with you changed their name.
    Person(Person),
    /// The answer to `ping`.
    Pong {
        /// The `t` of the ping.
        t: Timestamp,
        /// The server's clock.
        now: Timestamp,
        /// Messages that wait in the server's queue for this connection.
        queued: usize,
    },
    /// Something that this program is too old to know.
    #[serde(other)]
    Unknown,
}

/// The bounds of a server that its clients should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Characters in a message.
    pub body_chars: usize,
    /// Bytes in one WebSocket message of a client.
    pub frame_bytes: usize,
    /// Commands that a client may have unanswered.
    pub unanswered: usize,
    /// Events that are replayed to a client that was away.
    pub replay_events: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_chars: limits::BODY_CHARS,
            frame_bytes: limits::FRAME_BYTES,
            unanswered: limits::UNANSWERED,
            replay_events: limits::REPLAY_EVENTS,
        }
    }
}

/// Why a command was refused. `code` is for programs; `message` is for people who read the wire, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The command, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cid>,
    /// The room, where the command named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// The reason.
    pub code: ErrorCode,
    /// The reason in words: it names the field and the limit.
    pub message: String,
    /// What is wrong with a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextError>,
    /// When to try again, in milliseconds; absent where trying again is no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
}

impl Refusal {
    /// A refusal that is not about any command in particular.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { cid: None, room: None, code, message: message.into(), text: None, retry_ms: None }
    }

    /// The same, about this command.
    #[must_use]
    pub fn about(mut self, cid: Cid) -> Self {
        self.cid = Some(cid);
        self
    }

    /// The same, about this room.
    #[must_use]
    pub fn within(mut self, room: RoomId) -> Self {
        self.room = Some(room);
        self
    }

    /// The same, with a time after which another try makes sense.
    #[must_use]
    pub fn retry(mut self, ms: u64) -> Self {
        self.retry_ms = Some(ms);
        self
    }
}

impl From<TextError> for Refusal {
    fn from(error: TextError) -> Self {
        Self { text: Some(error.clone()), ..Self::new(ErrorCode::BadText, error.to_string()) }
    }
}

/// The reasons for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, or not one of the messages that a client may send.
    Malformed,
    /// JSON with an `op` that this server does not know.
    UnknownOp,
    /// The first message must be `hello`, and only the first.
    HelloFirst,
    /// A text was refused; `text` says why.
    BadText,
    /// There is no such room, or none that you may see.
    NoSuchRoom,
    /// You are not a member of the room.
    NotMember,
    /// Another room has this name.
    NameTaken,
    /// You are in as many rooms as one can be.
    TooManyRooms,
    /// You send faster than allowed; try again after `retry_ms`.
    RateLimited,
    /// This `cid` was used for another command.
    CidReused,
    /// The server cannot write to its disk. Nothing was stored; try again after `retry_ms`.
    Storage,
    /// The server is being stopped. Nothing was stored; the command goes out again after the reconnect.
    Stopping,
    /// Something that this program is too old to know.
    #[serde(other)]
    Unknown,
}
