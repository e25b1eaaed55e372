//! People, as others see them, and their roles.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use common::api::people::{PeopleList, Profile, RoleChange};
use common::api::{Problem, codes};
use common::id::UserId;
use common::limits;
use common::text::{Fault, Field, TextError};
use serde::Deserialize;

use super::json::JsonBody;
use crate::http::Http;
use crate::http::auth::{Admin, SignedIn};
use crate::http::error::AppError;
use crate::store::profiles::{self, NotGiven};

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/people", get(list))
        .route("/people/{user}", get(find))
        .route("/people/{user}/role", put(change_role))
}

const MISSING: AppError = AppError::NotFound("there is nobody of this id whom you may see");

/// Which people are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How a word of their name begins; nothing for all.
    #[serde(default)]
    q: String,
    /// The last one of the page before.
    #[param(value_type = Option<String>, example = "u3")]
    after: Option<UserId>,
    /// How many: 1 to 100.
    limit: Option<u64>,
}

/// People, by name.
#[utoipa::path(
    get, path = "/people", tag = "people", params(Wanted),
    responses(
        (status = 200, body = PeopleList),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn list(
    State(http): State<Http>,
    SignedIn(known): SignedIn,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<PeopleList>, AppError> {
    let Query(Wanted { q, after, limit }) = query.map_err(|bad| AppError::BadRequest(bad.body_text()))?;
    let (most, found) = (limits::QUERY_CHARS, q.chars().count());
    if found > most {
        return Err(TextError { field: Field::Query, fault: Fault::TooLong { limit: most, found } }.into());
    }
    let limit = limit.unwrap_or(profiles::PEOPLE);
    if !(1..=profiles::PEOPLE).contains(&limit) {
        return Err(AppError::BadRequest(format!("limit: is 1 to {}", profiles::PEOPLE)));
    }
    let by = (known.person.id, known.role);
    Ok(Json(http.store.read(move |db| profiles::list(db, by, &q, after, limit)).await?))
}

/// Somebody, as others see them.
#[utoipa::path(
    get, path = "/people/{user}", tag = "people", params(("user" = String, Path, example = "u3")),
    responses((status = 200, body = Profile), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn find(
    State(http): State<Http>,
    SignedIn(known): SignedIn,
    Path(user): Path<String>,
) -> Result<Json<Profile>, AppError> {
    let user: UserId = user.parse().map_err(|_bad| MISSING)?;
    let by = (known.person.id, known.role);
    http.store.read(move |db| profiles::seen_by(db, user, by)).await?.map(Json).ok_or(MISSING)
}

/// Gives somebody another role, for admins; admins and owners are made by owners.
#[utoipa::path(
    put, path = "/people/{user}/role", tag = "people", params(("user" = String, Path, example = "u3")),
    request_body = RoleChange,
    responses((status = 200, body = Profile), (status = "4XX", body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn change_role(
    State(http): State<Http>,
    Admin(person): Admin,
    Path(user): Path<String>,
    JsonBody(request): JsonBody<RoleChange>,
) -> Result<Json<Profile>, AppError> {
    let user: UserId = user.parse().map_err(|_bad| MISSING)?;
    let by = person.id;
    let given = http.store.write(move |db, _now| profiles::give_role(db, by, user, request.role)).await?;
    given.map_err(|refusal| match refusal {
        NotGiven::Nobody => AppError::NotFound("there is nobody of this id who has an account"),
        NotGiven::Forbidden => AppError::Forbidden("admins and owners are made by owners, and bots by nobody"),
        NotGiven::LastOwner => {
            AppError::Coded(StatusCode::CONFLICT, codes::FORBIDDEN, "the server would have no owner")
        }
    })?;
    let by = (by, common::model::Role::Owner);
    http.store.read(move |db| profiles::seen_by(db, user, by)).await?.map(Json).ok_or(MISSING)
}
