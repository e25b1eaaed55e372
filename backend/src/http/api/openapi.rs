//! What there is under `/api/v1`, described for programs: OpenAPI made from the handlers and their types, and AsyncAPI for
//! the socket.
//!
//! Whoever adds a handler annotates it and lists it here; a test compares the routes with the list.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use common::client::ClientMsg;
use common::server::ServerMsg;
use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::http::Http;

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/openapi.json", get(openapi)).route("/asyncapi.json", get(asyncapi))
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Readyroom",
        description = "Rooms and people of a self-hosted chat. The session cookie says who asks, or the token of a program; \
                       whoever changes something sends JSON. What is live goes over the socket: see asyncapi.json."
    ),
    servers((url = "/api/v1")),
    security(("token" = []), ("cookie" = []), ()),
    modifiers(&WaysIn, &Descriptions),
    paths(
        openapi,
        asyncapi,
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
        super::bots::list,
        super::bots::make,
        super::bots::give_token,
        super::bots::remove,
        super::messages::page,
        super::messages::message,
        super::messages::thread,
        super::messages::edits,
        super::messages::pins,
        super::messages::place,
        super::changes::edit,
        super::changes::delete,
        super::changes::react,
        super::changes::unreact,
        super::changes::pin,
        super::changes::unpin,
        super::search::find,
        super::rooms::list,
        super::rooms::make,
        super::rooms::find,
        super::rooms::change,
        super::rooms::direct,
        super::rooms::members,
        super::rooms::enter,
        super::rooms::leave,
        super::rooms::say,
        super::page,
    )
)]
struct Api;

/// How a request says who asks. What somebody may ask who is not signed in, takes neither.
struct WaysIn;

impl Modify for WaysIn {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let token = token.description(Some("The token of a bot; where a cookie comes as well, this one counts"));
        components.add_security_scheme("token", SecurityScheme::Http(token.build()));
        let cookie = "The cookie of a browser; __Host-readyroom_session where the server is reached by https";
        let cookie = ApiKeyValue::with_description("readyroom_session", cookie);
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// What OpenAPI 3.1 demands of an operation beyond what is derived: a name of its own, and a description of each answer,
/// which is what its status says.
struct Descriptions;

impl Modify for Descriptions {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let operations = document.paths.paths.values_mut().flat_map(|path| {
            [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch].into_iter().flatten()
        });
        for operation in operations {
            let subject = operation.tags.iter().flatten().next();
            operation.operation_id = operation.operation_id.take().map(|id| match subject {
                Some(subject) => format!("{subject}_{id}"),
                None => id,
            });
            for (status, response) in &mut operation.responses.responses {
                let RefOr::T(response) = response else { continue };
                if response.description.is_empty() {
                    let known = status.parse::<StatusCode>().ok().and_then(|status| status.canonical_reason());
                    known.unwrap_or("Refused").clone_into(&mut response.description);
                }
            }
        }
    }
}

static OPENAPI: LazyLock<String> = LazyLock::new(|| {
    // What is derived can be written as JSON.
    Api::openapi().to_json().unwrap_or_default()
});

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "server", responses((status = 200, content_type = "application/json")))]
async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI.as_str())
}

/// What is said on the socket, with all that it is made of.
#[derive(OpenApi)]
#[openapi(components(schemas(ClientMsg, ServerMsg)))]
struct Socket;

static ASYNCAPI: LazyLock<String> = LazyLock::new(|| {
    let said = |name: &str| json!({ "$ref": format!("#/channels/socket/messages/{name}") });
    let message = |name: &str, summary: &str| {
        let payload = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "name": name, "summary": summary, "contentType": "application/json", "payload": payload })
    };
    let channel = json!({ "$ref": "#/channels/socket" });
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Readyroom",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One WebSocket for everything live, with the subprotocol readyroom.v1. The session cookie says \
                            who it is, or the token in Authorization. The first message is `hello`; a text frame is one JSON object.",
        },
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": {
                    "client": message("ClientMsg", "What a client says, named by `op`"),
                    "server": message("ServerMsg", "What the server says, named by `ev`"),
                },
            },
        },
        "operations": {
            "hear": { "action": "receive", "channel": channel, "messages": [said("client")] },
            "say": { "action": "send", "channel": channel, "messages": [said("server")] },
        },
        "components": { "schemas": Socket::openapi().components.map(|all| all.schemas) },
    });
    document.to_string()
});

/// What is said on the socket (AsyncAPI 3).
#[utoipa::path(
    get, path = "/asyncapi.json", tag = "server",
    responses((status = 200, content_type = "application/json"))
)]
async fn asyncapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], ASYNCAPI.as_str())
}

#[cfg(test)]
mod tests;
