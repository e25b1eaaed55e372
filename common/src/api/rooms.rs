//! Changing rooms over HTTP, for programs. The page does it over the socket.

use serde::{Deserialize, Serialize};

use crate::id::{Cid, RoomId, UserId};
use crate::model::{RoomKind, RoomRole};

/// `GET /api/v1/rooms/{room}`: a room that one may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomView {
    /// Which.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "r7"))]
    pub id: RoomId,
    /// Its name; empty for a direct room.
    pub name: String,
    /// Who may see it.
    pub kind: RoomKind,
    /// What it is about.
    pub topic: String,
    /// Whether it is closed for new messages.
    pub archived: bool,
    /// Whether only moderators write.
    pub announcements: bool,
    /// How many members it has.
    pub members: u64,
    /// How many messages it has had.
    pub messages: u64,
    /// Whether the one who asks is a member.
    pub joined: bool,
}

/// `POST /api/v1/rooms`: a new room with one member. Answers 201 and [`RoomView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomRequest {
    /// See [`crate::text::RoomName`].
    pub name: String,
    /// Whether only members shall see it.
    #[serde(default)]
    pub private: bool,
    /// See [`crate::text::Topic`].
    #[serde(default)]
    pub topic: String,
}

/// `POST /api/v1/direct`: a conversation with people, new or as it is. Answers [`RoomView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DirectRequest {
    /// The others.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub people: Vec<UserId>,
}

/// `PATCH /api/v1/rooms/{room}`: what is absent stays. Answers [`RoomView`].
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomPatch {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Whether it is closed for new messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Whether only moderators write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcements: Option<bool>,
}

/// `PUT /api/v1/rooms/{room}/members/{user}`: makes somebody a member (oneself: joins), or gives a member another role.
/// `DELETE` ends the membership (one's own: leaves). Both answer 204.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Membership {
    /// The role in the room; absent leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
}

/// `PATCH /api/v1/rooms/{room}/messages/{seq}`: another text for a message of one's own. Answers 200 and the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Edit {
    /// See [`crate::text::Body`].
    pub body: String,
}

/// `POST /api/v1/rooms/{room}/messages`: says something. Answers 201 and [`super::messages::MessageView`]; a repeat with the
/// same `cid` answers the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Say {
    /// See [`crate::text::Body`].
    pub body: String,
    /// The message that it answers, by the `seq` of its event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<u64>,
    /// The program's own id for it, a UUID version 7; without one a lost answer cannot be asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub cid: Option<Cid>,
}
