//! Bots: programs with a place among the people. All of it is for admins.

use serde::{Deserialize, Serialize};

use crate::id::{Timestamp, UserId};

/// `POST /api/v1/bots`: makes a bot, who joins the lobby. Answers 201 and [`BotMade`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BotRequest {
    /// The name that others see; see [`crate::text::UserName`].
    pub name: String,
    /// The name that it is managed by, see [`crate::text::Login`]; absent, it is the other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

/// A bot and its token. `POST /api/v1/bots/{id}/token` answers 201 and another token, and ends the one before with its
/// sockets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BotMade {
    /// The bot.
    pub person: BotEntry,
    /// What it sends behind `Authorization: Bearer`. Shown this one time; the server keeps a digest.
    pub token: String,
}

/// `GET /api/v1/bots`: all of them, by login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BotList {
    /// The bots.
    pub bots: Vec<BotEntry>,
}

/// A bot. `DELETE /api/v1/bots/{id}` takes it away: its sockets are closed with 4001, it leaves its rooms, and what it has
/// said stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BotEntry {
    /// Who.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "u3"))]
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// The name that it is managed by.
    pub login: String,
    /// When it was made, in milliseconds.
    #[cfg_attr(feature = "schema", schema(value_type = u64))]
    pub created_at: Timestamp,
    /// When its token was used last, to the minute or so, or was given to it; absent without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<u64>))]
    pub seen_at: Option<Timestamp>,
}
