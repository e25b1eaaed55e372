//! Finds out what a request asks for: a WebSocket, which is [`super::enter`]'s, or anything else, which is
//! [`super::web`]'s; and puts the headers of the command line onto every answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::counts::Counts;
use super::env::{self, Ids};
use super::log::Log;
use super::pool::Pool;
use super::remote::Names;
use super::settings::{Headers, Settings, Source};
use super::share::Share;
use super::{enter, web};
use crate::http::handshake;
use crate::program::spawn::Runner;
use crate::tasks::Tasks;

/// What every request is answered with. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// What the command line says.
    pub(super) settings: Arc<Settings>,
    /// Writes what happens.
    pub(super) log: Log,
    /// Runs programs.
    pub(super) runner: Runner,
    /// What the status tells.
    pub(super) counts: Arc<Counts>,
    /// The connections.
    pub(super) connections: Tasks,
    /// The places for programs; none, where they are not bounded.
    pub(super) places: Option<Arc<Semaphore>>,
    /// Names connections.
    pub(super) ids: Ids,
    /// Looks up the names of clients; none, where that is not asked for.
    pub(super) names: Option<Names>,
    /// The process that all clients share.
    pub(super) share: Option<Share>,
    /// Processes that wait for clients.
    pub(super) pool: Option<Pool>,
}

impl Site {
    /// Takes a place for a program, to be given back when it has ended; nothing is taken where there is no bound.
    ///
    /// # Errors
    /// No place is free.
    pub(super) fn place(&self) -> Result<Option<OwnedSemaphorePermit>, TryAcquireError> {
        self.places.as_ref().map(|places| Arc::clone(places).try_acquire_owned()).transpose()
    }

    /// The address of a request, with `http` or `ws`.
    pub(super) fn url(&self, scheme: &str, request: &Parts) -> String {
        let secure = if self.settings.ssl.is_some() { "s" } else { "" };
        let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
        format!("{scheme}{secure}://{}{path}", env::host(request))
    }
}

/// Answers a request.
pub(super) async fn answer(State(mut site): State<Site>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    site.log.associate("url", &site.url("http", &request));
    let settings = Arc::clone(&site.settings);
    let request = Request::from_parts(request, body);
    let mut response = if !names_one_host(&request) {
        web::plain(StatusCode::BAD_REQUEST, "400 Bad Request: one Host header is expected\n")
    } else if wants_websocket(&request) && !matches!(settings.source, Source::None) {
        enter::answer(site, request).await
    } else {
        web::answer(&site, request).await
    };
    dress(&settings.headers, &mut response);
    response
}

/// Whether a request says whom it is for, once (RFC 9112, section 3.2).
fn names_one_host(request: &Request) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() != Version::HTTP_11)
}

/// Whether a WebSocket is asked for, rightly or not: an upgrade in HTTP/1.1, a tunnel in HTTP/2.
fn wants_websocket(request: &Request) -> bool {
    match request.version() {
        Version::HTTP_2 => request.method() == Method::CONNECT,
        _ => handshake::has_token(request.headers(), &header::UPGRADE, "websocket"),
    }
}

/// Puts the headers of the command line onto an answer.
pub(super) fn dress(headers: &Headers, response: &mut Response) {
    let is_open =
        response.status() == StatusCode::SWITCHING_PROTOCOLS || response.extensions().get::<Opened>().is_some();
    let more = if is_open { &headers.ws } else { &headers.http };
    put(&headers.all, more, response.headers_mut());
}

/// Marks an answer that opens a WebSocket, also where it is a 200.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened;

/// What is said on the command line takes the place of what is said otherwise.
fn put(all: &[(HeaderName, HeaderValue)], more: &[(HeaderName, HeaderValue)], headers: &mut HeaderMap) {
    for (name, _) in all.iter().chain(more) {
        headers.remove(name);
    }
    for (name, value) in all.iter().chain(more) {
        headers.append(name, value.clone());
    }
}
