//! The JSON of the HTTP side, under `/api/v1`.
//!
//! HTTP serves what is asked once: who am I, which rooms are there, a page of a log. What is live goes over the socket.

pub mod account;
pub mod bots;
pub mod messages;
pub mod people;
pub mod rooms;
pub mod search;

use serde::{Deserialize, Serialize};

use crate::id::{RoomId, Seq};
use crate::model::Event;
use crate::text::TextError;

/// `POST /api/v1/guests` and `PATCH /api/v1/me`: the name somebody wants to go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NameRequest {
    /// The name; see [`crate::text::UserName`].
    pub name: String,
}

/// `GET /api/v1/rooms`: the public rooms, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomList {
    /// The rooms.
    pub rooms: Vec<RoomEntry>,
}

/// A public room in the list of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RoomEntry {
    /// Which room.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// How many members it has.
    pub members: u64,
    /// Whether the one who asks is one of them.
    pub joined: bool,
    /// What it is about; empty for nothing in particular.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// Whether it is closed for new messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
}

/// `GET /api/v1/rooms/{room}/events?after=&limit=`: a page of a room's log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// The newest event of the room when the page was read.
    pub head: Seq,
    /// The events; fewer than asked for only at the end of the log.
    pub events: Vec<Event>,
}

/// What a refused request gets, as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The HTTP status again.
    pub status: u16,
    /// The sort of problem, in a few words that do not change.
    pub title: String,
    /// This problem in words: it names the field and the limit.
    pub detail: String,
    /// The field of the request that it is about, by the name that it has there; none where it is about no field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Which problem it is, for programs: one of [`codes`], or the name of a [`crate::server::ErrorCode`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is wrong with a text. It names the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextError>,
}

/// The values of [`Problem::code`] that belong to HTTP alone.
pub mod codes {
    /// No such account, or not this password: which of the two is not told.
    pub const BAD_CREDENTIALS: &str = "bad_credentials";
    /// The password is right; a code of the second factor is wanted.
    pub const SECOND_FACTOR: &str = "second_factor";
    /// Too many tries; `Retry-After` says when the next one is looked at.
    pub const TOO_MANY_TRIES: &str = "too_many_tries";
    /// The invite does not exist, has run out, or has been used as often as it may be.
    pub const BAD_INVITE: &str = "bad_invite";
    /// The one-time link has been used, or is of an earlier start.
    pub const BAD_SETUP_TOKEN: &str = "bad_setup_token";
    /// Accounts are made with an invite.
    pub const INVITE_ONLY: &str = "invite_only";
    /// This server takes no guests.
    pub const NO_GUESTS: &str = "no_guests";
    /// The search cannot be read; `detail` says where.
    pub const BAD_QUERY: &str = "bad_query";
    /// Somebody listens under this name already.
    pub const TAPPED: &str = "tapped";
    /// You may not do this.
    pub const FORBIDDEN: &str = "forbidden";
}
