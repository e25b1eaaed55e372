//! What a room's log is made of, and what a room looks like from outside.
//!
//! Every durable change to a room is one [`Event`]; what people see is a fold over events.

use serde::{Deserialize, Serialize};

use crate::id::{Cid, RoomId, Seq, Timestamp, UserId};

/// One entry of a room's log. It never changes once it has its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// Whether `by` is a program, so that nobody takes it for a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// The command that caused it, by its author's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<Cid>,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
        /// Whether it mentions everybody, as `@room`, or everybody who is here, as `@here`, by somebody who may.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        everyone: Option<Everyone>,
        /// What it answers, where it answers anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply: Option<Reply>,
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
    /// `by` made somebody else a member.
    Invited {
        /// Whom.
        user: UserId,
        /// Their present name.
        who: String,
    },
    /// `by` ended somebody else's membership.
    Removed {
        /// Whose.
        user: UserId,
        /// Their present name.
        who: String,
    },
    /// `by` gave somebody another role in the room.
    Appointed {
        /// Whom.
        user: UserId,
        /// Their present name.
        who: String,
        /// The role that they have now.
        role: RoomRole,
    },
    /// The room has another name.
    Renamed {
        /// The name, without `#`. (`name` is the author's.)
        name_now: String,
    },
    /// The room has another topic.
    TopicSet {
        /// The topic; empty for none.
        topic: String,
    },
    /// The room was closed for new messages, or opened again.
    Archived {
        /// Whether it is closed.
        archived: bool,
    },
    /// Only moderators may write from now on, or everybody again.
    Announcing {
        /// Whether it is for announcements only.
        on: bool,
    },
    /// Something that this program is too old to know. It holds its place in the log and is not shown.
    #[serde(other)]
    Unknown,
}

/// Whom a message calls beside those it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Everyone {
    /// All members: `@room`.
    Room,
    /// Members who were connected: `@here`.
    Here,
}

/// What a message answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reply {
    /// The message, by the event that created it.
    pub to: Seq,
    /// The message that the chain of answers began with: the thread. The same as `to` for the first answer.
    pub root: Seq,
}

/// What somebody may do on this server.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Came in with nothing but a name.
    Guest,
    /// A program.
    Bot,
    /// Has an account.
    #[default]
    Member,
    /// Runs the server with others: people, invites, rooms.
    Admin,
    /// As an admin, and names admins and owners.
    Owner,
}

/// What somebody may do in a room.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomRole {
    /// Reads and writes.
    #[default]
    Member,
    /// Also renames, archives, removes people and others' messages, and appoints moderators. Who made a room is one;
    /// admins and owners of the server count as such where they are members.
    Moderator,
}

/// Who may see a room and come in.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everybody.
    #[default]
    Public,
    /// Members; they bring others in. To everybody else it does not exist.
    Private,
    /// A conversation of two or more people, for good: nobody is added, removed or made a moderator, and it has no name.
    Direct,
}

/// Which messages of a room somebody is told of while they look elsewhere.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// All of them.
    All,
    /// Those that mention them, and all of direct rooms.
    #[default]
    Mentions,
    /// None.
    Nothing,
}

/// A person, as everybody sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their present name.
    pub name: String,
}

/// A room, as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// Who may see it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: RoomKind,
    /// What it is about; empty for nothing in particular.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// Whether it is closed for new messages.
    #[serde(default, skip_serializing_if = "is_default")]
    pub archived: bool,
    /// Whether only moderators may write.
    #[serde(default, skip_serializing_if = "is_default")]
    pub announcements: bool,
    /// What this member may do in it. Admins and owners of the server are told `moderator`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub role: RoomRole,
    /// Which of its messages this member is told of.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notify: Level,
    /// The others in a direct room, at most [`crate::limits::DIRECT_PEOPLE`]; none in other rooms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
}

impl RoomInfo {
    /// A public room without messages and members.
    #[must_use]
    pub fn new(id: RoomId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            head: Seq::ZERO,
            n: 0,
            members: 0,
            read_n: 0,
            mentions: 0,
            muted: false,
            kind: RoomKind::Public,
            topic: String::new(),
            archived: false,
            announcements: false,
            role: RoomRole::Member,
            notify: Level::Mentions,
            people: Vec::new(),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One entry of a person's own log: what all their devices agree on. Only the newest entry for a room and a kind is
/// kept, so that `seq` grows but has gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// Which messages of the room they are told of.
    Notify {
        /// Which.
        level: Level,
    },
    /// Something that this program is too old to know.
    #[serde(other)]
    Unknown,
}

impl EventKind {
    /// A message that mentions and answers nobody.
    #[must_use]
    pub fn message(n: u64, body: impl Into<String>) -> Self {
        Self::Message { n, body: body.into(), mentions: Vec::new(), everyone: None, reply: None }
    }

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
            Self::Message { .. }
            | Self::Created
            | Self::Joined
            | Self::Left
            | Self::Invited { .. }
            | Self::Removed { .. }
            | Self::Appointed { .. }
            | Self::Renamed { .. }
            | Self::TopicSet { .. }
            | Self::Archived { .. }
            | Self::Announcing { .. }
            | Self::Unknown => None,
        }
    }
}
