//! Messages as they stand now, for members: pages, one, its thread and its earlier texts, the pins, a place to go to.
//!
//! To everybody else a room does not exist. Deliberately absent: what comes live, and saying something.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use common::api::Problem;
use common::api::messages::{EditList, MessagePage, MessageView, PinList, Place, Thread};
use common::id::{RoomId, Seq, Timestamp};

use super::params::{Params, number};
use crate::http::Http;
use crate::http::auth::CurrentUser;
use crate::http::error::AppError;
use crate::store::history::{self, Which};

/// Messages in a page where the request does not say.
const PAGE: u64 = 50;

/// Messages in a page at most.
const PAGE_MAX: u64 = 200;

/// Pins in a list at most.
const PINS_MAX: u64 = 100;

const NO_ROOM: AppError = AppError::NotFound("there is no room of this id that you may see");
const NO_MESSAGE: AppError = AppError::NotFound("there is no such message in a room that you may see");

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/rooms/{room}/messages", get(page))
        .route("/rooms/{room}/messages/{seq}", get(message))
        .route("/rooms/{room}/messages/{seq}/thread", get(thread))
        .route("/rooms/{room}/messages/{seq}/edits", get(edits))
        .route("/rooms/{room}/pins", get(pins))
        .route("/rooms/{room}/place", get(place))
}

/// A page of messages, oldest first; the newest ones where nothing says which.
#[utoipa::path(
    get, path = "/rooms/{room}/messages", tag = "messages",
    params(
        ("room" = String, Path, example = "r7"),
        ("before" = Option<u64>, Query, description = "Those right before this message number"),
        ("after" = Option<u64>, Query, description = "Those right after this message number"),
        ("around" = Option<String>, Query, description = "Those around this message number, or `unread` for the first unread one"),
        ("at" = Option<u64>, Query, description = "Those from this moment on, in milliseconds"),
        ("limit" = Option<u64>, Query, description = "1 to 200; 50 where it is absent")
    ),
    responses(
        (status = 200, body = MessagePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn page(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(room): Path<String>,
    params: Params,
) -> Result<Json<MessagePage>, AppError> {
    let room = room_of(&room)?;
    let limit = params.within("limit", 1..=PAGE_MAX, PAGE)?;
    let whence = Whence::of(&params)?;
    let read = http.store.read(move |db| {
        history::as_member(db, room, me.id, |info| {
            let which = whence.which(info.read_n);
            let messages = history::page(db, room, info.n, which, limit)?;
            Ok(MessagePage { n: info.n, read_n: info.read_n, messages })
        })
    });
    read.await?.map(Json).ok_or(NO_ROOM)
}

/// One message.
#[utoipa::path(
    get, path = "/rooms/{room}/messages/{seq}", tag = "messages",
    params(
        ("room" = String, Path, example = "r7"),
        ("seq" = u64, Path, description = "The event that created the message")
    ),
    responses(
        (status = 200, body = MessageView),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn message(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, seq)): Path<(String, String)>,
) -> Result<Json<MessageView>, AppError> {
    let (room, seq) = (room_of(&room)?, seq_of(&seq)?);
    let read = http.store.read(move |db| history::as_member(db, room, me.id, |_| history::message(db, room, seq)));
    read.await?.ok_or(NO_ROOM)?.map(Json).ok_or(NO_MESSAGE)
}

/// The answers of a thread, oldest first, and the message that it began with.
#[utoipa::path(
    get, path = "/rooms/{room}/messages/{seq}/thread", tag = "messages",
    params(
        ("room" = String, Path, example = "r7"),
        ("seq" = u64, Path, description = "The event that created the message"),
        ("after" = Option<u64>, Query, description = "The event of the last answer that is known"),
        ("limit" = Option<u64>, Query, description = "1 to 200; 50 where it is absent")
    ),
    responses(
        (status = 200, body = Thread),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn thread(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, seq)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Thread>, AppError> {
    let (room, seq) = (room_of(&room)?, seq_of(&seq)?);
    let limit = params.within("limit", 1..=PAGE_MAX, PAGE)?;
    let after = Seq(params.number("after")?.unwrap_or_default());
    let read = http.store.read(move |db| {
        history::as_member(db, room, me.id, |_| {
            let Some(message) = history::message(db, room, seq)? else { return Ok(None) };
            // Whoever names an answer means the thread that it stands in.
            let root = match message.root {
                Some(root) => history::message(db, room, root)?.unwrap_or(message),
                None => message,
            };
            let messages = history::answers(db, room, root.seq, after, limit)?;
            Ok(Some(Thread { root, messages }))
        })
    });
    read.await?.ok_or(NO_ROOM)?.map(Json).ok_or(NO_MESSAGE)
}

/// The texts that a message has had, for its author and the room's moderators.
#[utoipa::path(
    get, path = "/rooms/{room}/messages/{seq}/edits", tag = "messages",
    params(
        ("room" = String, Path, example = "r7"),
        ("seq" = u64, Path, description = "The event that created the message")
    ),
    responses(
        (status = 200, body = EditList),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn edits(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path((room, seq)): Path<(String, String)>,
) -> Result<Json<EditList>, AppError> {
    const NOT_YOURS: AppError =
        AppError::Forbidden("only its author and the room's moderators see what it said before");
    let (room, seq) = (room_of(&room)?, seq_of(&seq)?);
    let read = http.store.read(move |db| {
        history::as_member(db, room, me.id, |_| {
            let Some(message) = history::message(db, room, seq)? else { return Ok(Err(NO_MESSAGE)) };
            if message.by != me.id && !history::is_moderator(db, room, me.id)? {
                return Ok(Err(NOT_YOURS));
            }
            history::edits(db, room, seq).map(|edits| Ok(EditList { edits }))
        })
    });
    read.await?.ok_or(NO_ROOM)?.map(Json)
}

/// The pinned messages, the latest pin first.
#[utoipa::path(
    get, path = "/rooms/{room}/pins", tag = "messages",
    params(
        ("room" = String, Path, example = "r7")
    ),
    responses(
        (status = 200, body = PinList),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn pins(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(room): Path<String>,
) -> Result<Json<PinList>, AppError> {
    let room = room_of(&room)?;
    let read = http.store.read(move |db| history::as_member(db, room, me.id, |_| history::pins(db, room, PINS_MAX)));
    read.await?.map(|messages| Json(PinList { messages })).ok_or(NO_ROOM)
}

/// The event of a message to go to. One of `n`, `at` and `unread` says which.
#[utoipa::path(
    get, path = "/rooms/{room}/place", tag = "messages",
    params(
        ("room" = String, Path, example = "r7"),
        ("n" = Option<u64>, Query, description = "The message of this number"),
        ("at" = Option<u64>, Query, description = "The first one of this moment or later, in milliseconds"),
        ("unread" = Option<String>, Query, description = "The first unread one; the value does not matter")
    ),
    responses(
        (status = 200, body = Place),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn place(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    Path(room): Path<String>,
    params: Params,
) -> Result<Json<Place>, AppError> {
    let room = room_of(&room)?;
    let (n, at, unread) = (params.number("n")?, params.number("at")?, params.get("unread")?.is_some());
    if u8::from(n.is_some()) + u8::from(at.is_some()) + u8::from(unread) != 1 {
        return Err(AppError::BadRequest("query: one of n, at and unread is expected".to_owned()));
    }
    let read = http.store.read(move |db| {
        history::as_member(db, room, me.id, |info| {
            let n = match (n, at) {
                (Some(n), _) => n,
                (None, Some(at)) => history::first_at(db, room, info.n, Timestamp(at))?,
                (None, None) => info.read_n.saturating_add(1),
            };
            history::place(db, room, info.n, n)
        })
    });
    read.await?.map(Json).ok_or(NO_ROOM)
}

/// Which page a request asks for, before it is known what has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whence {
    Known(Which),
    Unread,
}

impl Whence {
    fn of(params: &Params) -> Result<Self, AppError> {
        let mut asked = Vec::new();
        if let Some(n) = params.number("before")? {
            asked.push(Self::Known(Which::Before(n)));
        }
        if let Some(n) = params.number("after")? {
            asked.push(Self::Known(Which::After(n)));
        }
        match params.get("around")? {
            Some("unread") => asked.push(Self::Unread),
            Some(n) => asked.push(Self::Known(Which::Around(number("around", n)?))),
            None => {}
        }
        if let Some(at) = params.number("at")? {
            asked.push(Self::Known(Which::At(Timestamp(at))));
        }
        match asked.as_slice() {
            [] => Ok(Self::Known(Which::Newest)),
            [whence] => Ok(*whence),
            _ => Err(AppError::BadRequest("query: at most one of before, after, around and at is expected".to_owned())),
        }
    }

    const fn which(self, read_n: u64) -> Which {
        match self {
            Self::Known(which) => which,
            Self::Unread => Which::Around(read_n.saturating_add(1)),
        }
    }
}

pub(super) fn room_of(text: &str) -> Result<RoomId, AppError> {
    text.parse().map_err(|_bad| NO_ROOM)
}

pub(super) fn seq_of(text: &str) -> Result<Seq, AppError> {
    number("seq", text).map(Seq).map_err(|_bad| NO_MESSAGE)
}
