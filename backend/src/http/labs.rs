//! The way into the labs ([`crate::labs`]), under `/labs`. They ask nobody who they are, so that they can be reached only
//! where the settings say so.
//!
//! `enter` takes a handshake to a connection, `faults` leads to those that go wrong, `list` says what there is and what
//! may be asked for. Deliberately absent: what a lab does once it is open.

mod enter;
mod faults;
mod list;
mod race;
mod stream;
pub(super) mod tap;

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::json;

use super::api::params::Params;
use super::error::AppError;
use super::handshake;
use super::upgrade::NotLetIn;
use super::{Http, missing};
use crate::labs::broadcast::Rooms;
use crate::labs::echo::Echo;
use crate::labs::flood::Flood;
use crate::labs::fragment::Fragments;
use crate::labs::greeting::{Greeting, SUBPROTOCOLS};
use crate::labs::head;
use crate::labs::pinger::Pinger;
use crate::labs::sink::Sink;
use crate::labs::ticker::Ticker;
use enter::Entering;
use list::Number;

/// Bytes that a flood may say in a second.
const FLOOD_BYTES: u64 = 64 * 1024 * 1024;

/// Everything under `/labs`; nothing, where they are not open.
pub(super) fn routes(open: bool) -> Router<Http> {
    // Whole addresses, so that a handshake can be shown as it was asked.
    let routes = Router::new().route("/labs/{*rest}", any(missing));
    if !open {
        return routes.route("/labs", any(missing)).route("/labs/", any(missing));
    }
    routes
        .route("/labs", get(list::list))
        .route("/labs/", get(list::list))
        .route("/labs/echo", any(echo))
        .route("/labs/ticker", any(ticker))
        .route("/labs/broadcast/{room}", any(broadcast))
        .route("/labs/subprotocols", any(subprotocols))
        .route("/labs/handshake", any(handshake_seen))
        .route("/labs/flood", any(flood))
        .route("/labs/fragment", any(fragment))
        .route("/labs/ping", any(ping))
        .route("/labs/sink", any(sink))
        .merge(faults::routes())
        .merge(tap::routes())
        .merge(race::routes())
}

/// Sends back what comes. Of subprotocols none is chosen, whatever is offered.
async fn echo(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.compressed().serve(|_, _| Box::new(Echo))
}

async fn ticker(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.compressed().serve(|_, _| Box::new(Ticker::new()))
}

async fn broadcast(State(http): State<Http>, Path(room): Path<String>, request: Request) -> Result<Response, NotLetIn> {
    if !Rooms::is_name(&room) {
        return Err(AppError::NotFound("room: a name has 1 to 64 letters, digits, - or _").into());
    }
    let rooms = http.labs.rooms.clone();
    Entering::new(http, request)?.compressed().serve(|_, _| Box::new(rooms.join(&room)))
}

/// Agrees on the first subprotocol of the client's list that is known; on none, where none is.
async fn subprotocols(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    let offered: Vec<String> = handshake::offered_subprotocols(request.headers()).map(str::to_owned).collect();
    let chosen = offered.iter().find_map(|offer| SUBPROTOCOLS.into_iter().find(|known| offer == known));
    let greeting = Greeting(json!({ "chosen": chosen, "offered": offered }).to_string());
    let mut entering = Entering::new(http, request)?.compressed();
    if let Some(chosen) = chosen {
        entering.header(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(chosen));
    }
    entering.serve(|_, _| Box::new(greeting))
}

/// Shows the handshake; to who asks without one, the request.
async fn handshake_seen(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    if is_plain(request.method(), request.version(), request.headers()) {
        let (request, _empty) = request.into_parts();
        return Ok(([(header::CACHE_CONTROL, "no-store")], Json(head::of_request(&request))).into_response());
    }
    Entering::new(http, request)?.compressed().serve(|request, response| {
        let seen = head::handshake(request, response);
        Box::new(Greeting(serde_json::to_string(&seen).unwrap_or_default()))
    })
}

/// Whether somebody asks without wanting a socket.
fn is_plain(method: &Method, version: Version, headers: &HeaderMap) -> bool {
    method == Method::GET && (version == Version::HTTP_2 || !headers.contains_key(header::UPGRADE))
}

const RATE: Number = Number::new("rate", "messages in a second", 1_000, 1..=20_000);
const SIZE: Number = Number::new("size", "bytes of each", 100, 24..=64 * 1024);
const SECONDS: Number = Number::new("seconds", "how long", 5, 1..=60);

async fn flood(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let (rate, size, seconds) = (RATE.read(&params)?, SIZE.read(&params)?, SECONDS.read(&params)?);
    if rate * size > FLOOD_BYTES {
        return Err(
            AppError::BadRequest(format!("rate, size: together at most {FLOOD_BYTES} bytes in a second")).into()
        );
    }
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    Entering::new(http, request)?.serve(|_, _| Box::new(Flood::new(rate, size, seconds)))
}

const FRAGMENTS: Number = Number::new("n", "fragments of each message", 3, 1..=1_000);

async fn fragment(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let count = usize::try_from(FRAGMENTS.read(&params)?).unwrap_or(1);
    Entering::new(http, request)?.serve(|_, _| Box::new(Fragments(count)))
}

const EVERY: Number = Number::new("ms", "milliseconds between two pings", 1_000, 100..=60_000);

async fn ping(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let every = Duration::from_millis(EVERY.read(&params)?);
    Entering::new(http, request)?.compressed().serve(|_, _| Box::new(Pinger::new(every)))
}

const PACE: Number = Number::new("rate", "KiB that are read in a second", 16 * 1024, 1..=1024 * 1024);

async fn sink(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let pace = PACE.read(&params)? * 1024;
    Entering::new(http, request)?.serve(|_, _| Box::new(Sink::new(pace)))
}
