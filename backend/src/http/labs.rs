//! Sockets to try things on, under `/labs`. They ask nobody who they are, so that they can be reached only where the
//! settings say so, and never from another site's page.
//!
//! `/labs/echo` says what it hears: texts as texts, bytes as bytes, with whatever compression the client likes.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::any;

use super::upgrade::{self, NotLetIn};
use super::{Http, handshake, missing};
use crate::socket::Door;

pub(super) fn routes(open: bool) -> Router<Http> {
    let routes = Router::new().fallback(missing);
    if open { routes.route("/echo", any(echo)) } else { routes }
}

/// Answers a handshake and has the connection served. Of subprotocols none is chosen, whatever is offered.
async fn echo(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    let (request, _empty) = request.into_parts();
    let accepted = handshake::check(&request)?;
    let deflate = handshake::echo_deflate(&request.headers);
    let mut headers = HeaderMap::new();
    headers.extend(deflate.as_ref().map(|(_, answer)| (header::SEC_WEBSOCKET_EXTENSIONS, answer.clone())));
    upgrade::enter(&http, request, Door::Echo { deflate: deflate.map(|(params, _)| params) })?;
    upgrade::accept(accepted, headers)
}
