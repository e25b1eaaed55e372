//! The way to what goes wrong: before the connection (`slow-accept`, `deny`), and on it ([`crate::labs::faults`]).

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use super::enter::Entering;
use super::list::Number;
use crate::http::Http;
use crate::http::api::params::Params;
use crate::http::error::AppError;
use crate::http::upgrade::NotLetIn;
use crate::labs::echo::Echo;
use crate::labs::faults::{Abort, BadUtf8, Big, Farewell, NeverClose, Stall};

/// Bytes of a Close's reason (RFC 6455, section 5.5: 125 with the code).
pub(super) const REASON: usize = 123;

/// Where `deny` redirects to.
const ELSEWHERE: HeaderValue = HeaderValue::from_static("/labs/echo");

pub(super) fn routes() -> Router<Http> {
    Router::new()
        .route("/labs/close", any(close))
        .route("/labs/abort", any(abort))
        .route("/labs/slow-accept", any(slow_accept))
        .route("/labs/never-close", any(never_close))
        .route("/labs/bad-utf8", any(bad_utf8))
        .route("/labs/big", any(big))
        .route("/labs/deny", any(deny))
        .route("/labs/stall", any(stall))
}

/// Says goodbye at once, as asked.
async fn close(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let bad = |what: &str| AppError::BadRequest(what.to_owned());
    let code = params.number("code")?.map(|code| u16::try_from(code).ok().filter(|code| wire::is_sendable(*code)));
    if code == Some(None) {
        return Err(bad("code: one that may be sent is expected: 1000 to 1003, 1007 to 1014, 3000 to 4999").into());
    }
    let code = code.flatten();
    let reason = params.get("reason")?.unwrap_or_default().to_owned();
    if reason.len() > REASON {
        return Err(AppError::BadRequest(format!("reason: at most {REASON} bytes of UTF-8")).into());
    }
    if code.is_none() && !reason.is_empty() {
        return Err(bad("reason: there is none without a code").into());
    }
    Entering::new(http, request)?.serve(|_, _| Box::new(Farewell { code, reason }))
}

async fn abort(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.resetting().serve(|_, _| Box::new(Abort::new()))
}

pub(super) const WAIT: Number = Number::new("ms", "milliseconds until the handshake is answered", 3_000, 0..=30_000);

/// Answers late. Who waits has a place already, so that there are not too many.
async fn slow_accept(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let wait = Duration::from_millis(WAIT.read(&params)?);
    let entering = Entering::new(http.clone(), request)?;
    tokio::select! {
        () = tokio::time::sleep(wait) => entering.compressed().serve(|_, _| Box::new(Echo)),
        () = http.labs.stopping() => Err(NotLetIn::Busy),
    }
}

async fn never_close(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.compressed().serve(|_, _| Box::new(NeverClose))
}

async fn bad_utf8(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.serve(|_, _| Box::new(BadUtf8))
}

pub(super) const BYTES: Number = Number::new("n", "bytes of the message", 1024 * 1024, 1..=64 * 1024 * 1024);

async fn big(State(http): State<Http>, params: Params, request: Request) -> Result<Response, NotLetIn> {
    let size = usize::try_from(BYTES.read(&params)?).unwrap_or(usize::MAX);
    Entering::new(http, request)?.serve(|_, _| Box::new(Big::new(size)))
}

async fn stall(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    Entering::new(http, request)?.serve(|_, _| Box::new(Stall))
}

/// Answers otherwise than by a connection.
async fn deny(params: Params, request: Request) -> Result<Response, AppError> {
    let status = params.number("status")?.unwrap_or(403);
    let allowed = matches!(status, 200 | 301 | 302 | 400..=599);
    let status = u16::try_from(status).ok().filter(|_| allowed).and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or_else(|| AppError::BadRequest("status: is 400 to 599, 200, 301 or 302".to_owned()))?;
    if status == StatusCode::OK && *request.method() == Method::CONNECT {
        return Err(AppError::BadRequest("status: 200 is what accepts a handshake of HTTP/2".to_owned()));
    }
    let mut response = (status, format!("this handshake is answered by {}\n", status.as_u16())).into_response();
    if status.is_redirection() {
        response.headers_mut().insert(header::LOCATION, ELSEWHERE);
    }
    Ok(response)
}
