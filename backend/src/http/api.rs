//! The JSON of the HTTP side, under `/api/v1`: who am I, come in, call me otherwise, which rooms, a page of a log.
//!
//! Deliberately absent: what is live, which goes over the socket.

mod json;
mod messages;
mod params;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use common::api::{EventPage, NameRequest, RoomList};
use common::id::{Cid, RoomId, Seq};
use common::model::Person;
use common::text::UserName;

use super::Http;
use super::auth::{self, CurrentUser};
use super::error::AppError;
use crate::bus::letter::Note;
use crate::store::events::{Act, Command};
use crate::store::{Change, events, people, rooms};
use json::JsonBody;

/// Events in a page where the request does not say.
const PAGE: u64 = 100;

/// Events in a page at most.
const PAGE_MAX: u64 = 500;

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/me", get(me).patch(rename))
        .route("/guests", post(come_in))
        .route("/rooms", get(list_rooms))
        .route("/rooms/{room}/events", get(page))
        .merge(messages::routes())
}

async fn me(CurrentUser(person): CurrentUser) -> Json<Person> {
    Json(person)
}

/// Makes a guest, who joins the lobby. Nobody hears of a guest whose joining failed: they get no cookie.
async fn come_in(
    State(http): State<Http>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<NameRequest>,
) -> Result<impl IntoResponse, AppError> {
    if !http.config.guests {
        return Err(AppError::Forbidden("this server takes no guests"));
    }
    let name = UserName::new(&request.name)?;
    let known = http.store.write(move |db, now| people::create_guest(db, &name, now)).await?;
    let command = Command { room: rooms::LOBBY, by: known.person.id, cid: Cid(crate::random::uuid()), act: Act::Join };
    http.publisher.carry_out(Change::Command(command)).await?;
    let jar = auth::sign_in(&http, &headers, &known);
    Ok((StatusCode::CREATED, jar, Json(known.person)))
}

/// Renames whoever asks, and tells everybody who shares a room with them.
async fn rename(
    State(http): State<Http>,
    CurrentUser(person): CurrentUser,
    JsonBody(request): JsonBody<NameRequest>,
) -> Result<Json<Person>, AppError> {
    let name = UserName::new(&request.name)?;
    let id = person.id;
    let person = http.store.write(move |db, _now| people::rename(db, id, &name)).await?;
    let acquaintances = http.store.read(move |db| people::acquaintances(db, id)).await?;
    let note = Note::Renamed(person.clone());
    acquaintances.into_iter().for_each(|user| http.bus.tell(user, &note));
    Ok(Json(person))
}

async fn list_rooms(State(http): State<Http>, CurrentUser(person): CurrentUser) -> Result<Json<RoomList>, AppError> {
    let rooms = http.store.read(move |db| rooms::list(db, person.id)).await?;
    Ok(Json(RoomList { rooms }))
}

async fn page(
    State(http): State<Http>,
    CurrentUser(person): CurrentUser,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<EventPage>, AppError> {
    const MISSING: AppError = AppError::NotFound("there is no room of this id that you may see");
    let room: RoomId = room.parse().map_err(|_bad| MISSING)?;
    let Range { after, limit } = range(query.as_deref().unwrap_or_default())?;
    let found = http
        .store
        .read(move |db| {
            // The page first and the head second would promise events that a later page has.
            let info = rooms::seen_by(db, room, person.id)?;
            info.map(|info| {
                let events = events::page(db, room, after, info.head, limit)?;
                Ok(EventPage { head: info.head, events })
            })
            .transpose()
        })
        .await?;
    found.map(Json).ok_or(MISSING)
}

#[derive(Debug, PartialEq, Eq)]
struct Range {
    after: Seq,
    limit: u64,
}

fn range(query: &str) -> Result<Range, AppError> {
    let mut range = Range { after: Seq::ZERO, limit: PAGE };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number =
            || value.parse::<u64>().map_err(|_bad| AppError::BadRequest(format!("{key}: a number is expected")));
        match key {
            "after" => range.after = Seq(number()?),
            "limit" => range.limit = number()?,
            _ => {}
        }
    }
    if (1..=PAGE_MAX).contains(&range.limit) {
        Ok(range)
    } else {
        Err(AppError::BadRequest(format!("limit: is 1 to {PAGE_MAX}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_defaults_and_bounds() {
        assert_eq!(range(""), Ok(Range { after: Seq(0), limit: 100 }));
        assert_eq!(range("after=7&limit=500&x=1"), Ok(Range { after: Seq(7), limit: 500 }));
        for bad in ["limit=0", "limit=501", "after=-1", "after=x", "limit"] {
            assert!(matches!(range(bad), Err(AppError::BadRequest(_))), "{bad}");
        }
    }
}
