//! HTTP: everything that is asked once, and the way into the socket.
//!
//! [`guard`] looks at every request first and dresses every answer; `auth` says who asks; `api`, `labs` and `upgrade` do
//! what is asked; [`assets`] serves the page; [`error`] is what a refusal looks like. [`Http`] holds handles only.
//!
//! Deliberately absent: state of its own, and SQL.

pub mod assets;
pub mod error;
pub mod guard;
pub mod negotiate;
pub mod pace;
pub mod proxy;

mod api;
mod auth;
pub(crate) mod handshake;
mod labs;
mod qr;
mod relay;
mod tunnel;
pub(crate) mod upgrade;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{any, get};

use crate::bus::Bus;
use crate::config::Config;
use crate::labs::Labs;
use crate::passwords::Hasher;
use crate::publish::Publisher;
use crate::relay::Relays;
use crate::socket::Sockets;
use crate::store::Store;
use crate::tasks::Tasks;
use crate::token::TokenDigest;
use crate::tries::Tries;
use assets::Assets;
use error::AppError;
use guard::Site;
use pace::Pace;

/// What the handlers share: handles only. Clones share it.
#[derive(Clone)]
pub struct Http {
    /// The settings.
    pub config: Arc<Config>,
    /// The store.
    pub store: Store,
    /// Where changes go.
    pub publisher: Publisher,
    /// The way to everybody who is connected.
    pub bus: Bus,
    /// The sockets.
    pub sockets: Sockets,
    /// Sockets that have nothing to do with the chat.
    pub labs: Labs,
    /// The tasks that serve connections.
    pub connections: Tasks,
    /// Looks at passwords.
    pub hasher: Hasher,
    /// Slows who guesses.
    pub tries: Tries,
    /// The digest of the token in the one-time link; none where there was an owner already.
    pub setup: Option<TokenDigest>,
    /// Slows who asks for changes.
    pub pace: Pace,
    /// Which hosts and origins are this site.
    pub site: Arc<Site>,
    /// Who has the relays that there are.
    pub relays: Relays,
    /// The page.
    pub assets: Arc<Assets>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("config", &self.config).field("site", &self.site).finish_non_exhaustive()
    }
}

/// The whole HTTP side.
pub fn router(http: Http) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/ws", any(upgrade::chat))
        .nest("/relay", relay::routes(http.config.relay))
        .merge(labs::routes(http.config.labs))
        .nest("/api/v1", api::routes())
        .route("/api", any(missing))
        .route("/api/{*rest}", any(missing))
        .fallback(assets::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(http.clone(), guard::guard))
        .layer(middleware::from_fn_with_state(http.clone(), labs::tap::refusals))
        .with_state(http)
}

/// The program runs.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The program takes work: its store is open and it is not being stopped.
async fn readyz(State(http): State<Http>) -> (StatusCode, &'static str) {
    if http.connections.is_stopping() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn missing() -> AppError {
    AppError::NotFound("there is nothing at this address")
}

async fn wrong_method() -> AppError {
    AppError::WrongMethod
}
