//! All that the server may say on the socket.
//!
//! One JSON text frame is one [`ServerMsg`]. A client that meets an `ev` it does not know ignores it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use crate::limits;
use crate::model::{Event, Person, Role, RoomInfo, UserEvent};
use crate::text::TextError;

/// A message from server to client, named by `ev`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "ev", rename_all = "snake_case")]
pub enum ServerMsg {
    /// The answer to `hello`: who you are, and every room you are in. Replays follow.
    Welcome {
        /// The database. A client that holds another one's events forgets them now.
        epoch: Epoch,
        /// Who the connection belongs to.
        me: Person,
        /// What they may do on this server.
        #[serde(default)]
        role: Role,
        /// The bounds a client should know.
        limits: Limits,
        /// The server's clock.
        now: Timestamp,
        /// The newest entry of the person's own log. What the client does not hold of it follows as `user`.
        #[serde(default)]
        user_seq: u64,
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
    /// Something changed in your own log, on this device or another one.
    User(UserEvent),
    /// These people are writing, or were within the last seconds. May be lost; holds for
    /// [`crate::limits::TYPING_MS`].
    Typing {
        /// The room.
        room: RoomId,
        /// Who; at most [`crate::limits::TYPING_PEOPLE`], you among them.
        people: Vec<Person>,
    },
    /// Who is here. May be lost, and is then mended by a later one.
    Presence {
        /// The room.
        room: RoomId,
        /// Whether `online` replaces what was known, or adds to it.
        #[serde(default)]
        whole: bool,
        /// How many members are connected.
        here: u64,
        /// Members who are connected; at most [`crate::limits::PRESENCE_PEOPLE`] of them.
        online: Vec<Person>,
        /// Members who are no longer connected.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offline: Vec<UserId>,
    },
    /// The answer to `ping`.
    Pong {
        /// The `t` of the ping.
        t: Timestamp,
        /// The server's clock.
        now: Timestamp,
        /// Messages that wait in the server's queue for this connection.
        queued: usize,
        /// For each room with news since the last `pong`, the newest event that was sent on this connection. Who holds
        /// less has lost something.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        heads: BTreeMap<RoomId, Seq>,
    },
    /// Something that this program is too old to know.
    #[serde(other)]
    Unknown,
}

/// The bounds of a server that its clients should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// There is no such message in the room.
    NoSuchMessage,
    /// Only its author may do this to a message.
    NotAuthor,
    /// The message has been deleted.
    Deleted,
    /// The message has as many different emoji as one can have.
    TooManyReactions,
    /// The command named by `after` is not stored. Nothing was stored; send both again, in order.
    OutOfOrder,
    /// You send faster than allowed; try again after `retry_ms`.
    RateLimited,
    /// This `cid` was used for another command.
    CidReused,
    /// The server cannot write to its disk. Nothing was stored; try again after `retry_ms`.
    Storage,
    /// The server is being stopped. Nothing was stored; the command goes out again after the reconnect.
    Stopping,
    /// You may not do this here.
    Forbidden,
    /// The room is closed for new messages.
    Archived,
    /// Only moderators write in this room.
    AnnouncementsOnly,
    /// A direct room has no name, no topic and no moderators, and its people stay.
    DirectRoom,
    /// There is no such person.
    NoSuchPerson,
    /// There are too few or too many people for this.
    PeopleCount,
    /// Something that this program is too old to know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// All codes that this program knows.
    pub const ALL: [Self; 23] = [
        Self::Malformed,
        Self::UnknownOp,
        Self::HelloFirst,
        Self::BadText,
        Self::NoSuchRoom,
        Self::NotMember,
        Self::NameTaken,
        Self::TooManyRooms,
        Self::NoSuchMessage,
        Self::NotAuthor,
        Self::Deleted,
        Self::TooManyReactions,
        Self::OutOfOrder,
        Self::RateLimited,
        Self::CidReused,
        Self::Storage,
        Self::Stopping,
        Self::Forbidden,
        Self::Archived,
        Self::AnnouncementsOnly,
        Self::DirectRoom,
        Self::NoSuchPerson,
        Self::PeopleCount,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownOp => "unknown_op",
            Self::HelloFirst => "hello_first",
            Self::BadText => "bad_text",
            Self::NoSuchRoom => "no_such_room",
            Self::NotMember => "not_member",
            Self::NameTaken => "name_taken",
            Self::TooManyRooms => "too_many_rooms",
            Self::NoSuchMessage => "no_such_message",
            Self::NotAuthor => "not_author",
            Self::Deleted => "deleted",
            Self::TooManyReactions => "too_many_reactions",
            Self::OutOfOrder => "out_of_order",
            Self::RateLimited => "rate_limited",
            Self::CidReused => "cid_reused",
            Self::Storage => "storage",
            Self::Stopping => "stopping",
            Self::Forbidden => "forbidden",
            Self::Archived => "archived",
            Self::AnnouncementsOnly => "announcements_only",
            Self::DirectRoom => "direct_room",
            Self::NoSuchPerson => "no_such_person",
            Self::PeopleCount => "people_count",
            Self::Unknown => "unknown",
        }
    }
}
