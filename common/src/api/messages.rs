//! Messages as they stand now: pages by number, one, its thread, its earlier texts, the pins, a place to go to.

use serde::{Deserialize, Serialize};

use crate::id::{RoomId, Seq, Timestamp, UserId};
use crate::model::Everyone;

/// A message as it stands: what was said, and what became of it since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MessageView {
    /// Where.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "r7"))]
    pub room: RoomId,
    /// The event that created it: its name.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub seq: Seq,
    /// Which message of the room it is, counted from 1.
    pub n: u64,
    /// When it was said, in milliseconds.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub at: Timestamp,
    /// Who said it.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "u3"))]
    pub by: UserId,
    /// Their present name.
    pub name: String,
    /// Whether they are a program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// The text that it has now, as Markdown; empty where it has been deleted.
    pub body: String,
    /// When it was edited last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub edited_at: Option<Timestamp>,
    /// Whether it has been deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Whether it is pinned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Members whom it mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub mentions: Vec<UserId>,
    /// Whom it calls beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub everyone: Option<Everyone>,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub reply_to: Option<Seq>,
    /// The message that its thread began with; none for one that answers nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub root: Option<Seq>,
    /// How many messages its thread has behind it, where it is the first of one. Deleted ones do not count.
    #[serde(default)]
    pub replies: u64,
    /// The emoji under it, in the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<ReactionView>,
}

/// One emoji under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReactionView {
    /// The emoji.
    pub emoji: String,
    /// Whose it is.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub by: Vec<UserId>,
}

/// `GET /api/v1/rooms/{room}/messages`: a page of messages, oldest first. Which one is said by at most one of `before` and
/// `after` (a message number `n`, not included), `around` (a number, or `unread` for the first unread one) and `at`
/// (milliseconds: the page begins with the first message of then or later); the newest page for none. `limit` is 1 to 200,
/// 50 where it is absent. Beyond either end the page is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MessagePage {
    /// How many messages the room has had when the page was read.
    pub n: u64,
    /// The last message that the one who asks has read.
    pub read_n: u64,
    /// The messages.
    pub messages: Vec<MessageView>,
}

/// `GET /api/v1/rooms/{room}/messages/{seq}/thread?after=&limit=`: the messages of a thread, oldest first, the one that it
/// began with before them. `after` is the `seq` of the last one known; `limit` is 1 to 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Thread {
    /// The message that it began with.
    pub root: MessageView,
    /// The answers.
    pub messages: Vec<MessageView>,
}

/// `GET /api/v1/rooms/{room}/pins`: the pinned messages, the latest pin first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PinList {
    /// The messages, at most 100.
    pub messages: Vec<MessageView>,
}

/// `GET /api/v1/rooms/{room}/messages/{seq}/edits`, for the room's moderators and the author: the texts that a message has
/// had, oldest first. A deleted message has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EditList {
    /// The texts.
    pub edits: Vec<EditView>,
}

/// A text that a message had from some time on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EditView {
    /// From when on, in milliseconds.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub at: Timestamp,
    /// The text.
    pub body: String,
}

/// `GET /api/v1/rooms/{room}/place?at=` (milliseconds) or `?n=` or `?unread`: the event of a message to go to: the first of
/// then or later, else the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Place {
    /// The event; 0 where the room has no message.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub seq: Seq,
    /// Which message of the room it is.
    pub n: u64,
}
