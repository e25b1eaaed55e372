//! What a command asks for, and the event that it becomes.
//!
//! Deliberately absent: whether it may, which is `decide`'s, and what it does beside the log, which is `change`'s.

use common::id::{Cid, RoomId, Seq, UserId};
use common::model::RoomRole;
use common::sync::RoomChange;
use common::text::{Body, Emoji};

use super::row::{
    ANNOUNCING, APPOINTED, ARCHIVED, DELETED, EDITED, INVITED, JOINED, LEFT, MEMBER, MESSAGE, MODERATOR, NO, NewEvent,
    PINNED, REACTED, REMOVED, RENAMED, TOPIC_SET, UNPINNED, UNREACTED, YES,
};

/// A command of a person about a room.
#[derive(Debug, Clone)]
pub struct Command {
    /// Where.
    pub room: RoomId,
    /// Whose command it is.
    pub by: UserId,
    /// Its author's own id for it.
    pub cid: Cid,
    /// What is to be done.
    pub act: Act,
}

/// What a [`Command`] does. All but joining and leaving is for members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Says something.
    Say {
        /// The text.
        body: Body,
        /// A command of the same author that must have been carried out before.
        after: Option<Cid>,
        /// The message of the room that it answers.
        reply_to: Option<Seq>,
    },
    /// Gives a message of one's own another text.
    Edit {
        /// The message.
        target: Seq,
        /// The new text.
        body: Body,
    },
    /// Erases a message of one's own, or as a moderator anybody's. Where that was done before, they get the event of that
    /// time.
    Delete {
        /// The message.
        target: Seq,
    },
    /// Puts an emoji under a message. Who has done so already gets the event of that time.
    React {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
    },
    /// Takes one's own emoji back. Who has done so already gets the event of that time.
    Unreact {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
    },
    /// Pins a message. Where it is pinned already, everybody gets the event that pinned it.
    Pin {
        /// The message.
        target: Seq,
    },
    /// Takes a pin off. Where that was done before, everybody gets the event of that time.
    Unpin {
        /// The message.
        target: Seq,
    },
    /// Changes the room, or who is in it. Where it is so already, everybody gets the event that made it so.
    Room(RoomChange),
    /// Becomes a member. Who is one already gets the event that made them one, and nothing is changed.
    Join,
    /// Stops being a member. Who has left already gets the event by which they left, and nothing is changed.
    Leave,
}

impl Act {
    /// The message that it changes.
    #[must_use]
    pub const fn target(&self) -> Option<Seq> {
        match self {
            Self::Edit { target, .. }
            | Self::Delete { target }
            | Self::React { target, .. }
            | Self::Unreact { target, .. }
            | Self::Pin { target }
            | Self::Unpin { target } => Some(*target),
            Self::Say { .. } | Self::Room(_) | Self::Join | Self::Leave => None,
        }
    }

    fn kind(&self) -> i64 {
        match self {
            Self::Say { .. } => MESSAGE,
            Self::Edit { .. } => EDITED,
            Self::Delete { .. } => DELETED,
            Self::React { .. } => REACTED,
            Self::Unreact { .. } => UNREACTED,
            Self::Pin { .. } => PINNED,
            Self::Unpin { .. } => UNPINNED,
            Self::Join => JOINED,
            Self::Leave => LEFT,
            Self::Room(change) => kind_of(change),
        }
    }

    fn body(&self) -> Option<&str> {
        match self {
            Self::Say { body, .. } | Self::Edit { body, .. } => Some(body.as_str()),
            Self::React { emoji, .. } | Self::Unreact { emoji, .. } => Some(emoji.as_str()),
            Self::Room(change) => body_of(change),
            Self::Delete { .. } | Self::Pin { .. } | Self::Unpin { .. } | Self::Join | Self::Leave => None,
        }
    }

    /// The event that it becomes, without what is to be found out for it.
    pub(super) fn event(&self, by: UserId, cid: Cid) -> NewEvent<'_> {
        NewEvent {
            by,
            cid,
            kind: self.kind(),
            target: self.target(),
            body: self.body(),
            mentions: Vec::new(),
            everyone: None,
            reply: None,
            subject: None,
        }
    }
}

/// The kind of event that a change of a room becomes.
pub(super) const fn kind_of(change: &RoomChange) -> i64 {
    match change {
        RoomChange::Rename(_) => RENAMED,
        RoomChange::Topic(_) => TOPIC_SET,
        RoomChange::Archive(_) => ARCHIVED,
        RoomChange::Announce(_) => ANNOUNCING,
        RoomChange::Invite(_) => INVITED,
        RoomChange::Remove(_) => REMOVED,
        RoomChange::Appoint(..) => APPOINTED,
    }
}

/// Whom a change of a room is about.
pub(super) const fn subject_of(change: &RoomChange) -> Option<UserId> {
    match change {
        RoomChange::Invite(user) | RoomChange::Remove(user) | RoomChange::Appoint(user, _) => Some(*user),
        RoomChange::Rename(_) | RoomChange::Topic(_) | RoomChange::Archive(_) | RoomChange::Announce(_) => None,
    }
}

fn body_of(change: &RoomChange) -> Option<&str> {
    let word = |on: bool| if on { YES } else { NO };
    match change {
        RoomChange::Rename(name) => Some(name.as_str()),
        RoomChange::Topic(topic) => Some(topic.as_str()),
        RoomChange::Archive(on) | RoomChange::Announce(on) => Some(word(*on)),
        RoomChange::Appoint(_, RoomRole::Member) => Some(MEMBER),
        RoomChange::Appoint(_, RoomRole::Moderator) => Some(MODERATOR),
        RoomChange::Invite(_) | RoomChange::Remove(_) => None,
    }
}
