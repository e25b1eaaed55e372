//! `/relay`, the way into a relay: from a request to a socket of the page's.
//!
//! Neighbours: `handshake` decides, [`crate::relay`] serves. A guest is let in to be told why they may not: a page does not
//! get to see what is answered instead of 101.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::any;
use common::model::Role;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use super::error::AppError;
use super::upgrade::{self, NotLetIn};
use super::{Http, auth, handshake, missing};
use crate::relay::{self, Caller};

pub(super) fn routes(open: bool) -> Router<Http> {
    if open { Router::new().route("/", any(enter)) } else { Router::new().fallback(missing) }
}

/// Answers a handshake and has the relay served. No subprotocol is chosen, and nothing is compressed.
async fn enter(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    let (mut request, _empty) = request.into_parts();
    let accepted = handshake::check(&request)?;
    // Before the session is looked up: one that ends in between is heard of.
    let endings = http.bus.endings();
    let known = auth::identify(&http, &request).await?.ok_or(AppError::SignedOut)?;
    let may = match known.role {
        Role::Member | Role::Admin | Role::Owner => true,
        Role::Guest | Role::Bot => false,
    };
    if http.connections.is_stopping() {
        return Err(NotLetIn::Busy);
    }
    let tasks = http.connections.clone();
    let caller = Caller { user: known.person.id, sign_in: known.id, may, endings, tasks };
    let upgrading = request.extensions.remove::<OnUpgrade>().ok_or(NotLetIn::Fault)?;
    let (relays, config) = (http.relays.clone(), http.config.clone());
    http.connections.spawn(async move {
        match upgrading.await {
            Ok(upgraded) => {
                let own = own_names(&config);
                let rules = relay::Rules { allow: &config.relay_allow, own: &own };
                relay::serve(TokioIo::new(upgraded), relays, caller, rules).await;
            }
            Err(error) => tracing::debug!(%error, "a relay did not begin"),
        }
    });
    upgrade::accept(accepted, HeaderMap::new())
}

/// The names and addresses by which people reach this server.
fn own_names(config: &crate::config::Config) -> Vec<String> {
    let host = config.public_url.as_ref().map(|url| url.host().to_owned());
    host.into_iter().chain([config.listen.ip().to_string()]).collect()
}
