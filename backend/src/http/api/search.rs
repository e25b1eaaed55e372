//! Search over what whoever asks may see.
//!
//! Deliberately absent: searching for people and rooms, which have lists of their own.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use common::api::Problem;
use common::api::search::SearchPage;

use super::params::Params;
use crate::http::Http;
use crate::http::auth::CurrentUser;
use crate::http::error::AppError;
use crate::store::search::{self, Asked, Order, Query};

/// Hits in a page where the request does not say.
const PAGE: u64 = 20;

/// Hits in a page at most.
const PAGE_MAX: u64 = 50;

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/search", get(find))
}

/// Messages of one's rooms that have all the words and none of the excluded ones.
#[utoipa::path(
    get, path = "/search", tag = "messages",
    params(
        ("q" = String, Query, description = "Words, \"phrases\", -exclusions, from: in: before: after: has:link|code|mention"),
        ("order" = Option<String>, Query, description = "`newest`, as where it is absent, or `best` of the newest 2,000"),
        ("cursor" = Option<String>, Query, description = "Where the page begins, as the page before said"),
        ("limit" = Option<u64>, Query, description = "1 to 50; 20 where it is absent")
    ),
    responses(
        (status = 200, body = SearchPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn find(
    State(http): State<Http>,
    CurrentUser(me): CurrentUser,
    params: Params,
) -> Result<Json<SearchPage>, AppError> {
    let limit = params.within("limit", 1..=PAGE_MAX, PAGE)?;
    let order = match params.get("order")? {
        None | Some("newest") => Order::Newest,
        Some("best") => Order::Best,
        Some(_) => return Err(AppError::BadRequest("order: is newest or best".to_owned())),
    };
    let cursor = params.get("cursor")?.map(str::parse).transpose();
    let cursor = cursor.map_err(|()| AppError::BadRequest("cursor: is not one that this server gave".to_owned()))?;
    let query = Query::parse(params.get("q")?.unwrap_or_default())?;
    let asked = Asked { query, order, cursor, limit };
    Ok(Json(http.store.search(move |db| search::find(db, me.id, &asked)).await?))
}
