//! Signing in and out, and where somebody is signed in.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{delete, post};
use axum::{Json, Router};
use common::api::account::{Me, SessionList, SignIn};
use common::api::{Problem, codes};
use common::limits;
use common::text::{Fault, Field, Login, TextError};
use std::num::NonZeroU64;

use super::json::JsonBody;
use super::two_factor;
use crate::http::Http;
use crate::http::auth::{self, Entrance, MaybeSignedIn, SignedIn};
use crate::http::error::AppError;
use crate::http::proxy::Way;
use crate::store::accounts::{self, Account};
use crate::store::profiles;
use crate::store::sessions::{self, SignInId};
use crate::tries::Try;

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/sessions", post(sign_in).get(list).delete(end_others)).route("/sessions/{id}", delete(end))
}

const BAD_CREDENTIALS: AppError =
    AppError::Coded(StatusCode::UNAUTHORIZED, codes::BAD_CREDENTIALS, "there is no such account with this password");

/// Signs in. Who has no account and who has another password are told the same, after the same time.
#[utoipa::path(
    post, path = "/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn sign_in(
    State(http): State<Http>,
    way: Way,
    headers: HeaderMap,
    MaybeSignedIn(before): MaybeSignedIn,
    JsonBody(request): JsonBody<SignIn>,
) -> Result<impl IntoResponse, AppError> {
    check_length(&request.password)?;
    let login = Login::new(&request.login).map(String::from).unwrap_or_default();
    let attempt = http.tries.begin(&login, way.address, crate::clock::now())?;
    let account = http.store.read(move |db| accounts::by_login(db, &login)).await?;
    let (account, attempt) = check_password(&http, account, request.password, attempt).await?;
    if account.two_factor {
        two_factor::check(&http, &account, request.code.as_deref(), attempt).await?;
    } else {
        attempt.succeed();
    }
    let user = account.user;
    let (token, entrance) = Entrance::new(&headers, before);
    // The password may have been changed since it was looked at.
    let entered = http.store.write(move |db, now| {
        if accounts::of(db, user)?.as_ref().map(|known| &known.password) != Some(&account.password) {
            return Ok(None);
        }
        let ended = entrance.enter(db, user, now)?;
        Ok(profiles::me(db, user)?.map(|me| (me, ended)))
    });
    let (me, ended) = entered.await?.ok_or(BAD_CREDENTIALS)?;
    auth::tell_ended(&http, ended);
    Ok((StatusCode::CREATED, auth::give_cookie(way, &token), Json(me)))
}

/// Whether a password is the account's. Guests and bots have none.
pub(super) async fn check_password(
    http: &Http,
    account: Option<Account>,
    password: String,
    attempt: Try,
) -> Result<(Account, Try), AppError> {
    let hash = account.as_ref().and_then(Account::hash).map(str::to_owned);
    let right = http.hasher.verify(password, hash).await?;
    match account.filter(|_| right) {
        Some(account) => Ok((account, attempt)),
        None => {
            attempt.fail(crate::clock::now());
            Err(BAD_CREDENTIALS)
        }
    }
}

/// What is too long to be anybody's is not looked at.
pub(super) fn check_length(password: &str) -> Result<(), TextError> {
    let (limit, found) = (*limits::PASSWORD_CHARS.end(), password.chars().count());
    if found > limit {
        Err(TextError { field: Field::Password, fault: Fault::TooLong { limit, found } })
    } else {
        Ok(())
    }
}

/// Whoever asks shows by their password that it is they.
pub(super) async fn confirm(
    http: &Http,
    known: &sessions::SignedIn,
    address: Option<std::net::IpAddr>,
    password: String,
) -> Result<Account, AppError> {
    const WRONG: TextError = TextError { field: Field::Password, fault: Fault::Wrong };
    check_length(&password)?;
    let user = known.person.id;
    let account = http.store.read(move |db| accounts::of(db, user)).await?;
    let account = account.filter(|account| account.hash().is_some());
    let account = account.ok_or(AppError::Forbidden("guests and bots have no password"))?;
    let attempt = http.tries.begin(&account.login, address, crate::clock::now())?;
    match check_password(http, Some(account), password, attempt).await {
        Ok((account, attempt)) => {
            attempt.succeed();
            Ok(account)
        }
        Err(AppError::Coded(..)) => Err(WRONG.into()),
        Err(error) => Err(error),
    }
}

/// Where whoever asks is signed in.
#[utoipa::path(
    get, path = "/sessions", tag = "sessions",
    responses((status = 200, body = SessionList), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn list(State(http): State<Http>, SignedIn(known): SignedIn) -> Result<Json<SessionList>, AppError> {
    let now = crate::clock::now();
    let sessions = http.store.read(move |db| sessions::list(db, known.person.id, known.id, now)).await?;
    Ok(Json(SessionList { sessions }))
}

/// Ends all sessions of whoever asks but the one that asks.
#[utoipa::path(
    delete, path = "/sessions", tag = "sessions",
    responses((status = 204), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn end_others(State(http): State<Http>, SignedIn(known): SignedIn) -> Result<StatusCode, AppError> {
    let user = known.person.id;
    let ended = http.store.write(move |db, _now| sessions::end_others(db, user, Some(known.id))).await?;
    auth::tell_ended(&http, ended.into_iter().map(|id| (user, id)));
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a session of whoever asks: the one of this number, or `current`.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "The number of a session, or `current`")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn end(
    State(http): State<Http>,
    SignedIn(known): SignedIn,
    way: Way,
    Path(id): Path<String>,
) -> Result<axum::response::Response, AppError> {
    const MISSING: AppError = AppError::NotFound("you have no session of this number");
    let number = || id.parse::<NonZeroU64>().map(SignInId).map_err(|_bad| MISSING);
    let id = if id == "current" { known.id } else { number()? };
    let user = known.person.id;
    if !http.store.write(move |db, _now| sessions::end(db, user, id)).await? {
        return Err(MISSING);
    }
    auth::tell_ended(&http, [(user, id)]);
    if id == known.id {
        return Ok((StatusCode::NO_CONTENT, auth::take_cookie(way)).into_response());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
