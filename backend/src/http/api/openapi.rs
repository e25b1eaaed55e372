//! What there is under `/api/v1`, described for programs: OpenAPI made from the handlers and their types, and AsyncAPI for
//! the socket.
//!
//! Whoever adds a handler annotates it and lists it here; a test compares the routes with the list.

use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use utoipa::OpenApi;

use crate::http::Http;

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/openapi.json", get(openapi))
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Readyroom",
        description = "Rooms and people of a self-hosted chat. The session cookie says who asks; whoever changes something \
                       sends JSON. What is live goes over the socket: see asyncapi.json."
    ),
    servers((url = "/api/v1")),
    paths(
        openapi,
        super::accounts::server,
        super::accounts::come_in,
        super::accounts::set_up,
        super::accounts::sign_up,
        super::sessions::sign_in,
        super::sessions::list,
        super::sessions::end_others,
        super::sessions::end,
        super::me::me,
        super::me::change,
        super::me::change_password,
        super::two_factor::begin,
        super::two_factor::finish,
        super::two_factor::remove,
        super::invites::make,
        super::invites::list,
        super::invites::withdraw,
        super::invites::check,
        super::people::list,
        super::people::find,
        super::people::change_role,
        super::messages::page,
        super::messages::message,
        super::messages::thread,
        super::messages::edits,
        super::messages::pins,
        super::messages::place,
        super::search::find,
        super::list_rooms,
        super::page,
    )
)]
struct Api;

static OPENAPI: LazyLock<String> = LazyLock::new(|| {
    // What is derived can be written as JSON.
    Api::openapi().to_json().unwrap_or_default()
});

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "server", responses((status = 200, content_type = "application/json")))]
async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI.as_str())
}

#[cfg(test)]
mod tests;
