//! All that a client may say on the socket.
//!
//! One JSON text frame is one [`ClientMsg`]. Texts are raw here: whoever carries a command out checks them and answers
//! with the field and the limit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use crate::model::{Level, RoomRole};

/// A message from client to server, named by `op`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
        /// The message of this room that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Seq>,
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
    /// Deletes a message of one's own, or as a moderator anybody's: its text, also the texts it had before, is gone from the store. Answered by an
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
    /// Which messages of a room the person is told of while they look elsewhere. Answered by `user` on every connection of
    /// the person.
    Notify {
        /// Where.
        room: RoomId,
        /// Which.
        level: Level,
    },
    /// The message `n` of a room, and what came after it, count as unread again. Answered by `user` on every connection of
    /// the person, with `kind` `read`.
    Unread {
        /// Where.
        room: RoomId,
        /// The first unread message, by its number among the messages.
        n: u64,
    },
    /// The person is writing in a room. Not answered; may be lost.
    Typing {
        /// Where.
        room: RoomId,
    },
    /// Makes a room and joins it. Answered by `room` and then an `ack` that names it.
    Create {
        /// The client's id for this command.
        cid: Cid,
        /// The name; see [`crate::text::RoomName`].
        name: String,
        /// Whether only members shall see it.
        #[serde(default, skip_serializing_if = "is_false")]
        private: bool,
    },
    /// Begins a conversation with people, or finds the one that there is with exactly these. Answered by `room`, where it
    /// is new here, and then an `ack` that names it.
    Direct {
        /// The client's id for this command.
        cid: Cid,
        /// The others: 1 to [`crate::limits::DIRECT_PEOPLE`].
        people: Vec<UserId>,
    },
    /// Gives a room another name. For its moderators. Answered by an `ack`.
    Rename {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The name; see [`crate::text::RoomName`].
        name: String,
    },
    /// Says what a room is about. For its members but for guests. Answered by an `ack`.
    Topic {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// The topic; see [`crate::text::Topic`]. Empty for none.
        topic: String,
    },
    /// Closes a room for new messages, or opens it again. For its moderators. Answered by an `ack`.
    Archive {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// Whether to close it.
        archived: bool,
    },
    /// Lets only moderators write, or everybody again. For its moderators. Answered by an `ack`.
    Announce {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// Whether it is for announcements only.
        on: bool,
    },
    /// Makes somebody a member. For members but for guests. Answered by an `ack`.
    Invite {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// Whom.
        user: UserId,
    },
    /// Ends somebody's membership: from then on they get nothing of the room. For its moderators. Answered by an `ack`.
    Remove {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// Whom.
        user: UserId,
    },
    /// Gives a member another role in the room. For its moderators. Answered by an `ack`.
    Appoint {
        /// The client's id for this command.
        cid: Cid,
        /// Where.
        room: RoomId,
        /// Whom.
        user: UserId,
        /// The role.
        role: RoomRole,
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

const fn is_false(flag: &bool) -> bool {
    !*flag
}
