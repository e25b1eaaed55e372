//! The JSON of the HTTP side, under `/api/v1`, a file per subject.
//!
//! [`accounts`] lets people in, [`sessions`] signs them in and out, [`me`] and [`two_factor`] are about whoever asks,
//! [`invites`], [`people`] and [`bots`] about others, [`rooms`] changes rooms; here is the log of one.
//!
//! Deliberately absent: what is live, which goes over the socket.

mod accounts;
mod bots;
mod changes;
mod invites;
mod me;
mod openapi;
mod people;
mod rooms;
mod sessions;
mod two_factor;

mod json;
mod messages;
pub(super) mod params;
mod search;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use common::api::{EventPage, Problem};
use common::id::{RoomId, Seq};

use super::Http;
use super::auth::CurrentUser;
use super::error::AppError;
use crate::store::{self, events};
use params::Params;

/// Events in a page where the request does not say.
const PAGE: u64 = 100;

/// Events in a page at most.
const PAGE_MAX: u64 = 500;

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .merge(accounts::routes())
        .merge(sessions::routes())
        .merge(me::routes())
        .merge(two_factor::routes())
        .merge(invites::routes())
        .merge(people::routes())
        .merge(bots::routes())
        .merge(openapi::routes())
        .merge(rooms::routes())
        .route("/rooms/{room}/events", get(page))
        .merge(messages::routes())
        .merge(changes::routes())
        .merge(search::routes())
}

/// A page of a room's log, oldest first.
#[utoipa::path(
    get, path = "/rooms/{room}/events", tag = "rooms",
    params(
        ("room" = String, Path, example = "r1"),
        ("after" = Option<u64>, Query, description = "Events after this one"),
        ("limit" = Option<u64>, Query, description = "How many: 1 to 500")
    ),
    responses((status = 200, body = EventPage), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
async fn page(
    State(http): State<Http>,
    CurrentUser(person): CurrentUser,
    Path(room): Path<String>,
    params: Params,
) -> Result<Json<EventPage>, AppError> {
    const MISSING: AppError = AppError::NotFound("there is no room of this id that you may see");
    let room: RoomId = room.parse().map_err(|_bad| MISSING)?;
    let after = Seq(params.number("after")?.unwrap_or_default());
    let limit = params.within("limit", 1..=PAGE_MAX, PAGE)?;
    let found = http
        .store
        .read(move |db| {
            // The page first and the head second would promise events that a later page has.
            let info = store::rooms::seen_by(db, room, person.id)?;
            info.map(|info| {
                let events = events::page(db, room, after, info.head, limit)?;
                Ok(EventPage { head: info.head, events })
            })
            .transpose()
        })
        .await?;
    found.map(Json).ok_or(MISSING)
}
