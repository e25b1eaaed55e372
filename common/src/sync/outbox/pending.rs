//! A command on its way: what it asks for, and how far it has come.
//!
//! Deliberately absent: what moves it on; that is the outbox's.

use crate::client::ClientMsg;
use crate::id::{Cid, RoomId, Seq, Timestamp, UserId};
use crate::model::RoomRole;
use crate::server::Refusal;
use crate::text::{Body, Emoji, RoomName, Topic};

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Say something in a room.
    Say {
        /// Where.
        room: RoomId,
        /// What.
        body: Body,
        /// The message that it answers.
        reply_to: Option<Seq>,
    },
    /// Give a message of one's own another text.
    Edit {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// The new text.
        body: Body,
    },
    /// Delete a message of one's own.
    Delete {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
    },
    /// Put an emoji under a message, or take it back.
    React {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
        /// Whether to put it there.
        on: bool,
    },
    /// Pin a message, or take the pin off.
    Pin {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// Whether to pin it.
        on: bool,
    },
    /// Make a room.
    Create {
        /// Its name.
        name: RoomName,
        /// Whether only members shall see it.
        private: bool,
    },
    /// Begin a conversation with people, or find it.
    Direct {
        /// The others.
        people: Vec<UserId>,
    },
    /// Change a room, or who is in it.
    Room {
        /// Which.
        room: RoomId,
        /// What about it.
        change: RoomChange,
    },
    /// Join a public room.
    Join {
        /// Which.
        room: RoomId,
    },
    /// Leave a room.
    Leave {
        /// Which.
        room: RoomId,
    },
}

/// What can be changed about a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomChange {
    /// Its name.
    Rename(RoomName),
    /// What it is about.
    Topic(Topic),
    /// Whether it is closed for new messages.
    Archive(bool),
    /// Whether only moderators write.
    Announce(bool),
    /// Somebody becomes a member.
    Invite(UserId),
    /// Somebody stops being one.
    Remove(UserId),
    /// Somebody has another role in it.
    Appoint(UserId, RoomRole),
}

/// How far a command has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It waits for a connection, or for its turn.
    Waiting,
    /// It was written to the present connection.
    Sent {
        /// When, by the client's clock.
        at: Timestamp,
    },
    /// The server has it on disk; its event is still to come.
    Acked {
        /// The event that it became.
        seq: Seq,
    },
    /// The server refused it. It stays until a person retries or discards it.
    Failed(Refusal),
}

/// A command on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its id, for ever.
    pub cid: Cid,
    /// What it asks for.
    pub what: What,
    /// The message of the same room that was unanswered when this one was written: it comes behind that one, whichever
    /// client sends the two. `None` for none, and for what is no message.
    pub after: Option<Cid>,
    /// When it was made, by the client's clock; no two commands of a client have the same.
    pub at: Timestamp,
    /// How far it has come.
    pub stage: Stage,
    /// How often a person asked for it again after it was refused: which of two clients on one device is right about it.
    pub retries: u32,
    /// Why the server could not carry it out yet. It goes out again by itself.
    pub trouble: Option<Refusal>,
}

impl Pending {
    /// The room it belongs to; a room still to be made has none.
    #[must_use]
    pub const fn room(&self) -> Option<RoomId> {
        match &self.what {
            What::Say { room, .. }
            | What::Edit { room, .. }
            | What::Delete { room, .. }
            | What::React { room, .. }
            | What::Pin { room, .. }
            | What::Join { room }
            | What::Leave { room } => Some(*room),
            What::Room { room, .. } => Some(*room),
            What::Create { .. } | What::Direct { .. } => None,
        }
    }

    /// The message that it changes.
    #[must_use]
    pub const fn target(&self) -> Option<Seq> {
        match &self.what {
            What::Edit { target, .. }
            | What::Delete { target, .. }
            | What::React { target, .. }
            | What::Pin { target, .. } => Some(*target),
            What::Say { .. }
            | What::Create { .. }
            | What::Direct { .. }
            | What::Room { .. }
            | What::Join { .. }
            | What::Leave { .. } => None,
        }
    }

    /// What it is about: a room, or a message in it. Of commands about the same, none may pass another.
    pub(super) fn about(&self) -> Option<(RoomId, Option<Seq>)> {
        self.room().map(|room| (room, self.target()))
    }

    /// Whether a form waits for what becomes of it, and nothing in a timeline shows it.
    pub(super) const fn is_awaited(&self) -> bool {
        matches!(
            self.what,
            What::Create { .. } | What::Direct { .. } | What::Room { .. } | What::Join { .. } | What::Leave { .. }
        )
    }

    /// Whether it still wants an answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Sent { .. })
    }

    pub(super) const fn says_in(&self) -> Option<RoomId> {
        match &self.what {
            What::Say { room, .. } => Some(*room),
            What::Edit { .. }
            | What::Delete { .. }
            | What::React { .. }
            | What::Pin { .. }
            | What::Create { .. }
            | What::Direct { .. }
            | What::Room { .. }
            | What::Join { .. }
            | What::Leave { .. } => None,
        }
    }

    pub(super) fn sent_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Sent { at } => Some(at),
            Stage::Waiting | Stage::Acked { .. } | Stage::Failed(_) => None,
        }
    }

    pub(super) fn to_msg(&self, after: Option<Cid>) -> ClientMsg {
        let cid = self.cid;
        match self.what.clone() {
            What::Say { room, body, reply_to } => ClientMsg::Send { cid, room, body: body.into(), after, reply_to },
            What::Edit { room, target, body } => ClientMsg::Edit { cid, room, target, body: body.into() },
            What::Delete { room, target } => ClientMsg::Delete { cid, room, target },
            What::React { room, target, emoji, on: true } => {
                ClientMsg::React { cid, room, target, emoji: emoji.into() }
            }
            What::React { room, target, emoji, on: false } => {
                ClientMsg::Unreact { cid, room, target, emoji: emoji.into() }
            }
            What::Pin { room, target, on: true } => ClientMsg::Pin { cid, room, target },
            What::Pin { room, target, on: false } => ClientMsg::Unpin { cid, room, target },
            What::Create { name, private } => ClientMsg::Create { cid, name: name.into(), private },
            What::Direct { people } => ClientMsg::Direct { cid, people },
            What::Room { room, change } => change.to_msg(cid, room),
            What::Join { room } => ClientMsg::Join { cid, room },
            What::Leave { room } => ClientMsg::Leave { cid, room },
        }
    }
}

impl RoomChange {
    fn to_msg(&self, cid: Cid, room: RoomId) -> ClientMsg {
        match self.clone() {
            Self::Rename(name) => ClientMsg::Rename { cid, room, name: name.into() },
            Self::Topic(topic) => ClientMsg::Topic { cid, room, topic: topic.into() },
            Self::Archive(archived) => ClientMsg::Archive { cid, room, archived },
            Self::Announce(on) => ClientMsg::Announce { cid, room, on },
            Self::Invite(user) => ClientMsg::Invite { cid, room, user },
            Self::Remove(user) => ClientMsg::Remove { cid, room, user },
            Self::Appoint(user, role) => ClientMsg::Appoint { cid, room, user, role },
        }
    }
}
