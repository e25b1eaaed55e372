//! What becomes of a message: another text, its deletion, reactions, pins.
//!
//! For programs; the page does all of it over its socket. Neighbours: [`super::messages`] reads, [`super::rooms`] says
//! something new. Deliberately absent: rights, which the store settles.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{patch, put};
use axum::{Json, Router};
use common::api::Problem;
use common::api::messages::MessageView;
use common::api::rooms::Edit;
use common::id::{RoomId, Seq};
use common::server::ErrorCode;
use common::text::{Body, Emoji};

use super::json::JsonBody;
use super::messages::{room_of, seq_of};
use super::rooms::act;
use crate::http::Http;
use crate::http::auth::CurrentUser;
use crate::http::error::AppError;
use crate::store::events::Act;
use crate::store::{CommandError, history};

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/rooms/{room}/messages/{seq}", patch(edit).delete(delete))
        .route("/rooms/{room}/messages/{seq}/reactions/{emoji}", put(react).delete(unreact))
        .route("/rooms/{room}/pins/{seq}", put(pin).delete(unpin))
}

/// Gives a message of one's own another text. The older one stays for its moderators.
#[utoipa::path(
    patch, path = "/rooms/{room}/messages/{seq}", tag = "messages", request_body = Edit,
    params(("room" = String, Path, example = "r1"), ("seq" = u64, Path, description = "The event that created the message")),
    responses(
        (status = 200, body = MessageView),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn edit(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(place): Path<(String, String)>,
    JsonBody(request): JsonBody<Edit>,
) -> Result<Json<MessageView>, AppError> {
    let (room, target) = place_of(&place)?;
    act(&http, me.id, room, Act::Edit { target, body: Body::new(&request.body)? }).await?;
    let message = http.store.read(move |db| history::message(db, room, target)).await?;
    Ok(message.map(Json).ok_or(CommandError::Refused(ErrorCode::NoSuchMessage))?)
}

/// Erases a message of one's own, or as a moderator anybody's.
#[utoipa::path(
    delete, path = "/rooms/{room}/messages/{seq}", tag = "messages",
    params(("room" = String, Path, example = "r1"), ("seq" = u64, Path, description = "The event that created the message")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn delete(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(place): Path<(String, String)>,
) -> Result<StatusCode, AppError> {
    let (room, target) = place_of(&place)?;
    act(&http, me.id, room, Act::Delete { target }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts an emoji under a message.
#[utoipa::path(
    put, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", tag = "messages",
    params(
        ("room" = String, Path, example = "r1"),
        ("seq" = u64, Path, description = "The event that created the message"),
        ("emoji" = String, Path, example = "👍")
    ),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn react(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, seq, emoji)): Path<(String, String, String)>,
) -> Result<StatusCode, AppError> {
    let (room, target) = place_of(&(room, seq))?;
    act(&http, me.id, room, Act::React { target, emoji: Emoji::new(&emoji)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes one's own emoji back.
#[utoipa::path(
    delete, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", tag = "messages",
    params(
        ("room" = String, Path, example = "r1"),
        ("seq" = u64, Path, description = "The event that created the message"),
        ("emoji" = String, Path, example = "👍")
    ),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn unreact(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, seq, emoji)): Path<(String, String, String)>,
) -> Result<StatusCode, AppError> {
    let (room, target) = place_of(&(room, seq))?;
    act(&http, me.id, room, Act::Unreact { target, emoji: Emoji::new(&emoji)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pins a message.
#[utoipa::path(
    put, path = "/rooms/{room}/pins/{seq}", tag = "messages",
    params(("room" = String, Path, example = "r1"), ("seq" = u64, Path, description = "The event that created the message")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn pin(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(place): Path<(String, String)>,
) -> Result<StatusCode, AppError> {
    let (room, target) = place_of(&place)?;
    act(&http, me.id, room, Act::Pin { target }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a pin off.
#[utoipa::path(
    delete, path = "/rooms/{room}/pins/{seq}", tag = "messages",
    params(("room" = String, Path, example = "r1"), ("seq" = u64, Path, description = "The event that created the message")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn unpin(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(place): Path<(String, String)>,
) -> Result<StatusCode, AppError> {
    let (room, target) = place_of(&place)?;
    act(&http, me.id, room, Act::Unpin { target }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place_of((room, seq): &(String, String)) -> Result<(RoomId, Seq), AppError> {
    Ok((room_of(room)?, seq_of(seq)?))
}
