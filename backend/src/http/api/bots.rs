//! Bots, for admins: made, given another token, taken away.
//!
//! Deliberately absent: what programs the server itself runs, which only its settings say: who has an admin's session must
//! not be able to start one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use common::api::Problem;
use common::api::bots::{BotList, BotMade, BotRequest};
use common::id::{Cid, RoomId, UserId};
use common::text::{Login, UserName};

use super::json::JsonBody;
use crate::http::Http;
use crate::http::auth::{self, Admin};
use crate::http::error::AppError;
use crate::store::confusable::nfc;
use crate::store::events::{Act, Command};
use crate::store::{Change, bots, rooms};
use crate::token::Token;

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/bots", get(list).post(make))
        .route("/bots/{id}", delete(remove))
        .route("/bots/{id}/token", post(give_token))
}

const MISSING: AppError = AppError::NotFound("there is no bot of this id");

/// All bots, for admins.
#[utoipa::path(
    get, path = "/bots", tag = "bots",
    responses((status = 200, body = BotList), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn list(State(http): State<Http>, Admin(_person): Admin) -> Result<Json<BotList>, AppError> {
    Ok(Json(BotList { bots: http.store.read(bots::list).await? }))
}

/// Makes a bot, for admins. It joins the lobby.
#[utoipa::path(
    post, path = "/bots", tag = "bots", request_body = BotRequest,
    responses((status = 201, body = BotMade), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn make(
    State(http): State<Http>,
    Admin(admin): Admin,
    JsonBody(request): JsonBody<BotRequest>,
) -> Result<(StatusCode, Json<BotMade>), AppError> {
    http.pace.take(admin.id)?;
    let name = UserName::new(&nfc(&request.name))?;
    let login = Login::new(request.login.as_deref().unwrap_or(name.as_str()))?;
    let token = Token::new();
    let digest = token.digest();
    let made = http.store.write(move |db, now| {
        let user = match bots::make(db, &login, &name, now)? {
            Ok(user) => user,
            Err(refusal) => return Ok(Err(refusal)),
        };
        bots::give_token(db, user, &digest, now)?;
        Ok(Ok(bots::find(db, user)?))
    });
    let person = made.await??.ok_or(MISSING)?;
    // A lobby that takes nobody is no reason to have no bot.
    drop(carry_out(&http, person.id, rooms::LOBBY, Act::Join).await);
    Ok((StatusCode::CREATED, Json(BotMade { person, token: token.encode() })))
}

/// Gives a bot another token, for admins. The one before is no good any more, and its sockets are closed.
#[utoipa::path(
    post, path = "/bots/{id}/token", tag = "bots", params(("id" = String, Path, example = "u3")),
    responses((status = 201, body = BotMade), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn give_token(
    State(http): State<Http>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<BotMade>), AppError> {
    http.pace.take(admin.id)?;
    let user: UserId = id.parse().map_err(|_bad| MISSING)?;
    let token = Token::new();
    let digest = token.digest();
    let given = http.store.write(move |db, now| {
        let ended = bots::give_token(db, user, &digest, now)?;
        Ok(ended.zip(bots::find(db, user)?))
    });
    let (ended, person) = given.await?.ok_or(MISSING)?;
    auth::tell_ended(&http, ended.into_iter().map(|id| (user, id)));
    Ok((StatusCode::CREATED, Json(BotMade { person, token: token.encode() })))
}

/// Takes a bot away, for admins: its sockets are closed, and it leaves its rooms. What it has said stays.
#[utoipa::path(
    delete, path = "/bots/{id}", tag = "bots", params(("id" = String, Path, example = "u3")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn remove(
    State(http): State<Http>,
    Admin(admin): Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, AppError> {
    http.pace.take(admin.id)?;
    let user: UserId = id.parse().map_err(|_bad| MISSING)?;
    let removed = http.store.write(move |db, _now| {
        let ended = bots::remove(db, user)?;
        ended.map(|ended| Ok((ended, rooms::ids(db, user)?))).transpose()
    });
    let (ended, rooms) = removed.await?.ok_or(MISSING)?;
    auth::tell_ended(&http, ended.into_iter().map(|id| (user, id)));
    for room in rooms {
        // Of a conversation of people it stays one, as those are named by their people.
        if let Err(error) = carry_out(&http, user, room, Act::Leave).await {
            tracing::debug!(%error, %room, "a bot that was taken away stays in a room");
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn carry_out(http: &Http, by: UserId, room: RoomId, act: Act) -> Result<(), AppError> {
    let command = Command { room, by, cid: Cid(crate::random::uuid()), act };
    Ok(http.publisher.carry_out(Change::Command(command)).await.map(|_published| ())?)
}
