//! `GET /labs/tap/{name}`: what goes over the wire of a connection whose address says `tap={name}`, as a stream of events.
//!
//! [`refusals`] tells of handshakes that came to nothing. Deliberately absent: how accepted ones are told, which is
//! `enter`'s, and frames, which are [`crate::labs::tap`]'s.

use std::time::Duration;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use common::api::codes;
use tokio::time::timeout;

use super::enter::tap_name;
use super::stream;
use crate::http::Http;
use crate::http::error::AppError;
use crate::labs::Labs;
use crate::labs::name::Name;
use crate::labs::race::heads::{self, Body};
use crate::labs::tap::{Listener, Refused};

/// How often something is said, so that whatever stands between keeps the connection, and we learn that a page is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) fn routes() -> Router<Http> {
    Router::new().route("/labs/tap/{name}", get(events))
}

/// The name of a tap or of a race.
pub(super) fn named(name: &str) -> Result<Name, AppError> {
    Name::read(name).ok_or_else(|| AppError::BadRequest("name: 32 hexadecimal digits are expected".to_owned()))
}

/// Answers with the stream, which waits for a connection if need be.
async fn events(State(http): State<Http>, Path(name): Path<String>) -> Result<Response, AppError> {
    let listener = http.labs.taps.listen(named(&name)?).map_err(|refused| match refused {
        Refused::Full => AppError::Busy,
        Refused::Taken => {
            AppError::Coded(StatusCode::CONFLICT, codes::TAPPED, "name: somebody listens to this tap already")
        }
    })?;
    Ok(stream::answer((listener, http.labs), |(mut listener, labs)| async move {
        let text = next(&mut listener, &labs).await?;
        Some((Ok(Bytes::from(text)), (listener, labs)))
    }))
}

/// Tells who listens how a handshake is refused, be it by a lab or by the guard, around which this stands.
pub(in crate::http) async fn refusals(State(http): State<Http>, request: Request, next: Next) -> Response {
    let is_tapped = http.config.labs && request.uri().path().starts_with("/labs/") && request.uri().query().is_some();
    if !is_tapped {
        return next.run(request).await;
    }
    let (request, body) = request.into_parts();
    let Some(name) = tap_name(&request) else { return next.run(Request::from_parts(request, body)).await };
    let mut response = next.run(Request::from_parts(request.clone(), body)).await;
    let status = response.status();
    let accepted =
        status == StatusCode::SWITCHING_PROTOCOLS || (request.version == Version::HTTP_2 && status.is_success());
    if !accepted {
        let body = response.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
        heads::complete(&request, response.headers_mut(), body.map_or(Body::Chunks, Body::Known));
        heads::fit(request.version, response.headers_mut());
        http.labs.taps.refuse(name, &request, &response);
    }
    response
}

/// The next piece of the stream: what is new, or a comment where nothing was for a while.
async fn next(listener: &mut Listener, labs: &Labs) -> Option<String> {
    let told = tokio::select! {
        told = timeout(HEARTBEAT, listener.next()) => told,
        () = labs.stopping() => return None,
    };
    match told {
        Ok(told) => Some(told?.iter().map(|record| format!("data: {record}\n\n")).collect()),
        Err(_nothing) => Some(":\n\n".to_owned()),
    }
}
