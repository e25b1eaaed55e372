//! Invites: links with which somebody makes an account.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{delete, post};
use axum::{Json, Router};
use common::api::account::{InviteCheck, InviteFound, InviteList, InviteMade, InviteRequest};
use common::api::{Problem, codes};

use super::json::JsonBody;
use crate::http::auth::Admin;
use crate::http::error::AppError;
use crate::http::proxy::Way;
use crate::http::{Http, qr};
use crate::store::invites;
use crate::token::Token;

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/invites", post(make).get(list))
        .route("/invites/check", post(check))
        .route("/invites/{id}", delete(withdraw))
}

/// How often an invite may be used, and for how many hours it may hold: a year.
const USES: u32 = 1000;
const HOURS: u32 = 8760;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Makes an invite, for admins.
#[utoipa::path(
    post, path = "/invites", tag = "invites", request_body = InviteRequest,
    responses(
        (status = 201, body = InviteMade),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn make(
    State(http): State<Http>,
    Admin(person): Admin,
    headers: HeaderMap,
    way: Way,
    JsonBody(request): JsonBody<InviteRequest>,
) -> Result<(StatusCode, Json<InviteMade>), AppError> {
    let InviteRequest { uses, hours } = request;
    for (field, value, most) in [("uses", uses, USES), ("hours", hours, HOURS)] {
        if !(1..=most).contains(&value) {
            return Err(AppError::BadRequest(format!("{field}: is 1 to {most}")));
        }
    }
    let token = Token::new();
    let digest = token.digest();
    let made = http
        .store
        .write(move |db, now| invites::make(db, person.id, &digest, (uses, now.plus(u64::from(hours) * HOUR_MS)), now));
    let invite = made.await?;
    let url = format!("{}/join#{}", address(&http, &headers, way), token.encode());
    let qr = qr::svg(&url).ok_or(AppError::Busy)?;
    Ok((StatusCode::CREATED, Json(InviteMade { invite, url, qr })))
}

/// Where people reach the server: as the settings say, else as whoever asks has reached it.
fn address(http: &Http, headers: &HeaderMap, way: Way) -> String {
    if let Some(url) = &http.config.public_url {
        return url.to_string();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let local = http.config.listen.to_string();
    let scheme = if way.secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or(&local))
}

/// The invites that hold, for admins.
#[utoipa::path(
    get, path = "/invites", tag = "invites",
    responses(
        (status = 200, body = InviteList),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn list(State(http): State<Http>, Admin(_person): Admin) -> Result<Json<InviteList>, AppError> {
    let now = crate::clock::now();
    let invites = http.store.read(move |db| invites::list(db, now)).await?;
    Ok(Json(InviteList { invites }))
}

/// Withdraws an invite, for admins.
#[utoipa::path(
    delete, path = "/invites/{id}", tag = "invites", params(("id" = u64, Path, description = "The invite")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn withdraw(
    State(http): State<Http>,
    Admin(_person): Admin,
    Path(id): Path<String>,
) -> Result<StatusCode, AppError> {
    const MISSING: AppError = AppError::NotFound("there is no such invite");
    let id = id.parse().map_err(|_bad| MISSING)?;
    let withdrawn = http.store.write(move |db, _now| invites::withdraw(db, id)).await?;
    if withdrawn { Ok(StatusCode::NO_CONTENT) } else { Err(MISSING) }
}

/// Whether a link holds, for whoever has it.
#[utoipa::path(
    post, path = "/invites/check", tag = "invites", request_body = InviteCheck,
    responses(
        (status = 200, body = InviteFound),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn check(
    State(http): State<Http>,
    JsonBody(request): JsonBody<InviteCheck>,
) -> Result<Json<InviteFound>, AppError> {
    const MISSING: AppError = AppError::Coded(
        StatusCode::NOT_FOUND,
        codes::BAD_INVITE,
        "the invite does not exist, has run out, or has been used as often as it may be",
    );
    let digest = Token::decode(&request.token).ok_or(MISSING)?.digest();
    let now = crate::clock::now();
    http.store.read(move |db| invites::find(db, &digest, now)).await?.map(Json).ok_or(MISSING)
}
