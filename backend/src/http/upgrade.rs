//! `GET /ws`: from a request to a connection.
//!
//! Axum's own extractor is not used: it hides the stream, which is needed to send a Close after an error, and answers a
//! wrong version without saying the right one. Neighbours: `handshake` decides, [`crate::socket`] serves.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::model::Person;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tracing::Instrument;

use super::error::AppError;
use super::handshake::{self, Refused};
use super::{Http, auth};

/// Answers a handshake and starts the task that serves the connection.
pub(super) async fn upgrade(State(http): State<Http>, mut request: Request) -> Result<Response, Response> {
    let accept = handshake::check(request.method(), request.version(), request.headers())
        .map_err(IntoResponse::into_response)?;
    let me = auth::identify(&http, request.headers())
        .await
        .and_then(|me| me.ok_or(AppError::SignedOut))
        .map_err(IntoResponse::into_response)?;
    let subprotocol = handshake::subprotocol(request.headers()).map_err(IntoResponse::into_response)?;
    if http.connections.is_stopping() {
        return Err((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")]).into_response());
    }
    let accept = HeaderValue::try_from(accept).map_err(|_never| StatusCode::INTERNAL_SERVER_ERROR.into_response())?;
    let upgrading = hyper::upgrade::on(&mut request);
    drop(request);
    let tasks = http.connections.clone();
    tasks.spawn(serve(http, upgrading, me));
    Ok(switching(accept, subprotocol))
}

fn switching(accept: HeaderValue, subprotocol: Option<HeaderValue>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(subprotocol) = subprotocol {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

async fn serve(http: Http, upgrading: OnUpgrade, me: Person) {
    let id = http.sockets.next_id();
    let span = tracing::info_span!("connection", session.id = id.0, user.id = %me.id);
    let sockets = http.sockets.clone();
    // A connection may live for days: it keeps no more of the HTTP side than it needs.
    drop(http);
    async move {
        match upgrading.await.map(Upgraded::downcast::<TokioIo<TcpStream>>) {
            Ok(Ok(parts)) => {
                let first = parts.read_buf.to_vec();
                // Even empty it pins hyper's buffer of 8 KiB.
                drop(parts.read_buf);
                sockets.serve(parts.io.into_inner(), first, id, me).await;
            }
            Ok(Err(_other)) => tracing::error!("the upgraded stream is no TCP stream"),
            Err(error) => tracing::debug!(%error, "the upgrade failed"),
        }
    }
    .instrument(span)
    .await;
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let with = |status, name, value, what| (status, [(name, value)], what).into_response();
        match self {
            Self::WrongMethod => {
                with(StatusCode::METHOD_NOT_ALLOWED, header::ALLOW, "GET", "method: GET is expected\n")
            }
            Self::UpgradeRequired => {
                let mut response =
                    with(StatusCode::UPGRADE_REQUIRED, header::UPGRADE, "websocket", "this address speaks WebSocket\n");
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
                response
            }
            Self::WrongVersion => {
                let mut response = with(
                    StatusCode::UPGRADE_REQUIRED,
                    header::SEC_WEBSOCKET_VERSION,
                    "13",
                    "sec-websocket-version: 13 is expected\n",
                );
                let headers = response.headers_mut();
                headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
                response
            }
            Self::Bad(what) => AppError::BadRequest(what.to_owned()).into_response(),
        }
    }
}
