//! The JSON of the HTTP side, under `/api/v1`.
//!
//! HTTP serves what is asked once: who am I, which rooms are there, a page of a log. What is live goes over the socket.

use serde::{Deserialize, Serialize};

use crate::id::{RoomId, Seq};
use crate::model::Event;
use crate::text::TextError;

/// `POST /api/v1/guests` and `PATCH /api/v1/me`: the name somebody wants to go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRequest {
    /// The name; see [`crate::text::UserName`].
    pub name: String,
}

/// `GET /api/v1/rooms`: the public rooms, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// The rooms.
    pub rooms: Vec<RoomEntry>,
}

/// A public room in the list of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomEntry {
    /// Which room.
    pub id: RoomId,
    /// Its name.
    pub name: String,
    /// How many members it has.
    pub members: u64,
    /// Whether the one who asks is one of them.
    pub joined: bool,
}

/// `GET /api/v1/rooms/{room}/events?after=&limit=`: a page of a room's log, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    /// The newest event of the room when the page was read.
    pub head: Seq,
    /// The events; fewer than asked for only at the end of the log.
    pub events: Vec<Event>,
}

/// What a refused request gets, as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status again.
    pub status: u16,
    /// The sort of problem, in a few words that do not change.
    pub title: String,
    /// This problem in words: it names the field and the limit.
    pub detail: String,
    /// What is wrong with a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextError>,
}
