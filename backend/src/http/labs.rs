//! The way into the labs ([`crate::labs`]), under `/labs`. They ask nobody who they are, so that they can be reached only
//! where the settings say so.
//!
//! [`enter`] takes a handshake to a connection. Deliberately absent: what a lab does once it is open.

mod enter;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;

use super::upgrade::NotLetIn;
use super::{Http, missing};
use crate::labs::echo::Echo;
use enter::Entering;

pub(super) fn routes(open: bool) -> Router<Http> {
    // Whole addresses, so that a handshake can be shown as it was asked.
    let routes = Router::new().route("/labs/{*rest}", any(missing));
    if open { routes.route("/labs/echo", any(echo)) } else { routes }
}

/// Sends back what comes. Of subprotocols none is chosen, whatever is offered.
async fn echo(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.compressed().serve(|_, _| Box::new(Echo))
}
