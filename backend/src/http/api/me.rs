//! Whoever asks: their profile, their password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use common::api::Problem;
use common::api::account::{Me, MeChange, PasswordChange};
use common::model::Person;

use super::json::JsonBody;
use super::sessions::confirm;
use crate::bus::letter::Note;
use crate::http::Http;
use crate::http::auth::{self, CurrentUser, SignedIn};
use crate::http::error::AppError;
use crate::http::proxy::Way;
use crate::passwords;
use crate::store::profiles::{self, ProfileChange};
use crate::store::{accounts, people, sessions};

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/me", get(me).patch(change)).route("/me/password", put(change_password))
}

/// Who the session belongs to.
#[utoipa::path(
    get, path = "/me", tag = "me",
    responses((status = 200, body = Me), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn me(State(http): State<Http>, CurrentUser(person): CurrentUser) -> Result<Json<Me>, AppError> {
    http.store.read(move |db| profiles::me(db, person.id)).await?.map(Json).ok_or(AppError::SignedOut)
}

/// Changes the profile of whoever asks. Everybody who shares a room with them is told a new name.
#[utoipa::path(
    patch, path = "/me", tag = "me", request_body = MeChange,
    responses((status = 200, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn change(
    State(http): State<Http>,
    CurrentUser(person): CurrentUser,
    JsonBody(request): JsonBody<MeChange>,
) -> Result<Json<Me>, AppError> {
    let change = ProfileChange::check(&request)?;
    let id = person.id;
    let changed = http.store.write(move |db, _now| profiles::change(db, id, &change)).await?;
    let me = changed?.ok_or(AppError::SignedOut)?;
    if me.name != person.name {
        let acquaintances = http.store.read(move |db| people::acquaintances(db, id)).await?;
        let note = Note::Renamed(Person { id, name: me.name.clone() });
        acquaintances.into_iter().for_each(|user| http.bus.tell(user, &note));
    }
    Ok(Json(me))
}

/// Gives whoever asks another password. All their other sessions end.
#[utoipa::path(
    put, path = "/me/password", tag = "me", request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn change_password(
    State(http): State<Http>,
    Way { address, .. }: Way,
    SignedIn(known): SignedIn,
    JsonBody(request): JsonBody<PasswordChange>,
) -> Result<StatusCode, AppError> {
    passwords::check(&request.new)?;
    confirm(&http, &known, address, request.old).await?;
    let hash = http.hasher.hash(request.new).await?;
    let user = known.person.id;
    let ended = http.store.write(move |db, _now| {
        accounts::set_password(db, user, &hash)?;
        sessions::end_others(db, user, Some(known.id))
    });
    auth::tell_ended(&http, ended.await?.into_iter().map(|id| (user, id)));
    Ok(StatusCode::NO_CONTENT)
}
