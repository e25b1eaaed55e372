//! People, as others see them.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::model::{Role, RoomRole};

/// `GET /api/v1/people?q=&after=&limit=`: people whose name has a word that begins like this, by name; all for nothing.
/// `GET /api/v1/rooms/{room}/members?…` likewise, with their roles in the room. Who comes in as a guest sees those only
/// with whom they share a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PeopleList {
    /// The people, at most 100.
    pub people: Vec<Profile>,
    /// How many there are in all.
    pub count: u64,
}

/// `GET /api/v1/people/{user}`: somebody, as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Profile {
    /// Who.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "u3"))]
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// What they may do on this server.
    #[serde(default)]
    pub role: Role,
    /// What they say of themselves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Their place, such as `Pacific/Auckland`; empty for unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// What they may do in the room that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_role: Option<RoomRole>,
}

/// `PUT /api/v1/people/{user}/role`, for admins; admins and owners are made by owners. Answers [`Profile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoleChange {
    /// The role.
    pub role: Role,
}
