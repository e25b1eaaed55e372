//! Rooms for programs: the list, making and changing them, who is in them, and saying something. The page does all of it over
//! the socket.
//!
//! Each request is one command or a few, with the same rights, and everybody hears of it as of any other. Deliberately
//! absent: rights, which are the store's.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use common::api::messages::MessageView;
use common::api::people::PeopleList;
use common::api::rooms::{DirectRequest, Membership, RoomPatch, RoomRequest, RoomView, Say};
use common::api::{Problem, RoomList};
use common::id::{Cid, RoomId, Seq, UserId};
use common::limits;
use common::model::Role;
use common::server::ErrorCode;
use common::sync::RoomChange;
use common::text::{Body, Fault, Field, RoomName, TextError, Topic};

use super::json::JsonBody;
use super::messages::room_of;
use super::params::Params;
use crate::bus::letter::Published;
use crate::http::Http;
use crate::http::auth::{CurrentUser, SignedIn};
use crate::http::error::AppError;
use crate::store::events::{Act, Command};
use crate::store::{Change, CommandError, history, rooms};

/// People in a list at most.
const PEOPLE: u64 = 100;

const NO_PERSON: AppError = AppError::NotFound("there is nobody of this id whom you may see");

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/rooms", get(list).post(make))
        .route("/rooms/{room}", get(find).patch(change))
        .route("/direct", post(direct))
        .route("/rooms/{room}/members", get(members))
        .route("/rooms/{room}/members/{user}", put(enter).delete(leave))
        .route("/rooms/{room}/messages", post(say))
}

/// The public rooms, by name; with `q` those that have it in their name or topic.
#[utoipa::path(
    get, path = "/rooms", tag = "rooms", params(("q" = Option<String>, Query)),
    responses((status = 200, body = RoomList), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn list(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    params: Params,
) -> Result<Json<RoomList>, AppError> {
    let q = query(&params)?;
    let rooms = http.store.read(move |db| rooms::list(db, me.id, &q)).await?;
    Ok(Json(RoomList { rooms }))
}

/// Makes a room with one member.
#[utoipa::path(
    post, path = "/rooms", tag = "rooms", request_body = RoomRequest,
    responses((status = 201, body = RoomView), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn make(
    State(http): State<Http>,
    SignedIn(known): SignedIn,
    JsonBody(request): JsonBody<RoomRequest>,
) -> Result<(StatusCode, Json<RoomView>), AppError> {
    let (name, topic) = (RoomName::new(&request.name)?, Topic::new(&request.topic)?);
    let by = known.person.id;
    if known.role == Role::Guest && !topic.as_str().is_empty() {
        // Before the room is made: a request is carried out or not.
        return Err(CommandError::Refused(ErrorCode::Forbidden).into());
    }
    let cid = new_cid();
    let made = carry_out(&http, by, Change::Create { by, cid, name, private: request.private }).await?;
    let room = made.event.room;
    if !topic.as_str().is_empty() {
        act(&http, by, room, Act::Room(RoomChange::Topic(topic))).await?;
    }
    Ok((StatusCode::CREATED, view(&http, room, by).await?))
}

/// A room.
#[utoipa::path(
    get, path = "/rooms/{room}", tag = "rooms", params(("room" = String, Path, example = "r1")),
    responses((status = 200, body = RoomView), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn find(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(room): Path<String>,
) -> Result<Json<RoomView>, AppError> {
    view(&http, room_of(&room)?, me.id).await
}

/// Changes a room; what is absent stays. Where one change is refused, those named before it have been made: name, topic,
/// archived, announcements.
#[utoipa::path(
    patch, path = "/rooms/{room}", tag = "rooms", params(("room" = String, Path, example = "r1")),
    request_body = RoomPatch,
    responses((status = 200, body = RoomView), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn change(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(room): Path<String>,
    JsonBody(patch): JsonBody<RoomPatch>,
) -> Result<Json<RoomView>, AppError> {
    let room = room_of(&room)?;
    let name = patch.name.as_deref().map(RoomName::new).transpose()?.map(RoomChange::Rename);
    let topic = patch.topic.as_deref().map(Topic::new).transpose()?.map(RoomChange::Topic);
    let archived = patch.archived.map(RoomChange::Archive);
    let announcements = patch.announcements.map(RoomChange::Announce);
    for change in [name, topic, archived, announcements].into_iter().flatten() {
        act(&http, me.id, room, Act::Room(change)).await?;
    }
    view(&http, room, me.id).await
}

/// Begins a conversation with people, or finds the one with exactly these.
#[utoipa::path(
    post, path = "/direct", tag = "rooms", request_body = DirectRequest,
    responses((status = 200, body = RoomView), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn direct(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    JsonBody(request): JsonBody<DirectRequest>,
) -> Result<Json<RoomView>, AppError> {
    let change = Change::Direct { by: me.id, cid: new_cid(), people: request.people };
    let room = carry_out(&http, me.id, change).await?.event.room;
    view(&http, room, me.id).await
}

/// The members of a room, by name. A guest sees those of their own rooms.
#[utoipa::path(
    get, path = "/rooms/{room}/members", tag = "rooms",
    params(
        ("room" = String, Path, example = "r1"),
        ("q" = Option<String>, Query, description = "How a word of their name begins; nothing for all"),
        ("after" = Option<String>, Query, description = "The last one of the page before", example = "u3"),
        ("limit" = Option<u64>, Query, description = "How many: 1 to 100")
    ),
    responses((status = 200, body = PeopleList), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn members(
    State(http): State<Http>,
    SignedIn(known): SignedIn,
    Path(room): Path<String>,
    params: Params,
) -> Result<Json<PeopleList>, AppError> {
    const BAD_AFTER: fn(common::id::BadId) -> AppError = |bad| AppError::BadRequest(format!("after: {bad}"));
    let (room, q) = (room_of(&room)?, query(&params)?);
    let after = params.get("after")?.map(str::parse::<UserId>).transpose().map_err(BAD_AFTER)?;
    let limit = params.within("limit", 1..=PEOPLE, PEOPLE)?;
    let read = http.store.read(move |db| {
        Ok(match rooms::view(db, room, known.person.id)? {
            None => Err(ErrorCode::NoSuchRoom),
            Some(RoomView { joined: false, .. }) if known.role == Role::Guest => Err(ErrorCode::NotMember),
            Some(_) => Ok(rooms::members(db, room, &q, (after, limit))?),
        })
    });
    Ok(Json(read.await?.map_err(CommandError::Refused)?))
}

/// Makes somebody a member, oneself by joining; or gives a member another role in the room.
#[utoipa::path(
    put, path = "/rooms/{room}/members/{user}", tag = "rooms",
    params(("room" = String, Path, example = "r1"), ("user" = String, Path, example = "u3")), request_body = Membership,
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn enter(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, user)): Path<(String, String)>,
    JsonBody(membership): JsonBody<Membership>,
) -> Result<StatusCode, AppError> {
    let (room, user) = (room_of(&room)?, user_of(&user)?);
    let enter = if user == me.id { Act::Join } else { Act::Room(RoomChange::Invite(user)) };
    act(&http, me.id, room, enter).await?;
    if let Some(role) = membership.role {
        act(&http, me.id, room, Act::Room(RoomChange::Appoint(user, role))).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a membership, one's own by leaving.
#[utoipa::path(
    delete, path = "/rooms/{room}/members/{user}", tag = "rooms",
    params(("room" = String, Path, example = "r1"), ("user" = String, Path, example = "u3")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn leave(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, user)): Path<(String, String)>,
) -> Result<StatusCode, AppError> {
    let (room, user) = (room_of(&room)?, user_of(&user)?);
    let leave = if user == me.id { Act::Leave } else { Act::Room(RoomChange::Remove(user)) };
    act(&http, me.id, room, leave).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says something in a room. A repeat with the same `cid` gets the same answer.
#[utoipa::path(
    post, path = "/rooms/{room}/messages", tag = "rooms", params(("room" = String, Path, example = "r1")),
    request_body = Say,
    responses(
        (status = 201, body = MessageView),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn say(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(room): Path<String>,
    JsonBody(request): JsonBody<Say>,
) -> Result<(StatusCode, Json<MessageView>), AppError> {
    let room = room_of(&room)?;
    let act = Act::Say { body: Body::new(&request.body)?, after: None, reply_to: request.reply_to.map(Seq) };
    let command = Command { room, by: me.id, cid: request.cid.unwrap_or_else(new_cid), act };
    let seq = carry_out(&http, me.id, Change::Command(command)).await?.event.seq;
    let message = http.store.read(move |db| history::message(db, room, seq)).await?;
    let message = message.ok_or(CommandError::Refused(ErrorCode::NoSuchMessage))?;
    Ok((StatusCode::CREATED, Json(message)))
}

/// Carries out a command under an id of its own.
pub(super) async fn act(http: &Http, by: UserId, room: RoomId, act: Act) -> Result<Arc<Published>, AppError> {
    carry_out(http, by, Change::Command(Command { room, by, cid: new_cid(), act })).await
}

async fn carry_out(http: &Http, by: UserId, change: Change) -> Result<Arc<Published>, AppError> {
    http.pace.take(by)?;
    Ok(http.publisher.carry_out(change).await?)
}

fn new_cid() -> Cid {
    Cid(crate::random::uuid())
}

async fn view(http: &Http, room: RoomId, user: UserId) -> Result<Json<RoomView>, AppError> {
    let found = http.store.read(move |db| rooms::view(db, room, user)).await?;
    Ok(found.map(Json).ok_or(CommandError::Refused(ErrorCode::NoSuchRoom))?)
}

fn user_of(text: &str) -> Result<UserId, AppError> {
    text.parse().map_err(|_bad| NO_PERSON)
}

/// What is looked for; nothing where it is absent.
fn query(params: &Params) -> Result<String, AppError> {
    let q = params.get("q")?.unwrap_or_default();
    let (limit, found) = (limits::QUERY_CHARS, q.chars().count());
    if found > limit {
        return Err(TextError { field: Field::Query, fault: Fault::TooLong { limit, found } }.into());
    }
    Ok(q.to_owned())
}
