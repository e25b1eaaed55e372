//! `/ws`, the way into the socket: from a request to a connection.
//!
//! Axum's own extractor is not used: it hides the stream, which is handed on as it is, and answers a wrong version without
//! saying the right one. Neighbours: `handshake` decides, [`crate::socket`] serves. A plain connection leaves HTTP
//! altogether; one that is encrypted, or a stream of HTTP/2, stays and is reached through a [`tunnel`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
#[cfg(target_os = "linux")]
use rustix::net::SendFlags;
use tokio::io::{AsyncRead, AsyncWrite, Interest, Ready};
use tokio::net::{TcpStream, UnixStream};

use super::error::AppError;
use super::handshake::{self, Accepted, Refused};
use super::tunnel::{self, Patience};
use super::{Http, auth};
use crate::labs;
use crate::listen::opened::Opened;
use crate::listen::tls;
use crate::socket::{Door, Link};

/// Why a connection is not let in.
#[derive(Debug)]
pub(crate) enum NotLetIn {
    /// The handshake is none.
    Refused(Refused),
    /// Whoever asks may not, or it cannot be found out.
    App(AppError),
    /// The server is being stopped, or has no descriptor left: 503.
    Busy,
    /// Ours.
    Fault,
}

/// Answers a handshake for the chat, and has the connection served.
pub(super) async fn chat(State(http): State<Http>, request: Request) -> Result<Response, NotLetIn> {
    let (request, _empty) = request.into_parts();
    let accepted = handshake::check(&request)?;
    let known = auth::identify(&http, &request).await?.ok_or(AppError::SignedOut)?;
    let subprotocol = handshake::subprotocol(&request.headers)?;
    let deflate = http.config.deflate.then(|| handshake::chat_deflate(&request.headers)).flatten();
    let mut headers = HeaderMap::new();
    headers.extend(subprotocol.map(|agreed| (header::SEC_WEBSOCKET_PROTOCOL, agreed)));
    headers.extend(deflate.as_ref().map(|(_, answer)| (header::SEC_WEBSOCKET_EXTENSIONS, answer.clone())));
    let deflate = deflate.map(|(params, _)| params);
    let door = Door { id: http.sockets.next_id(), me: known.person, sign_in: known.id, deflate };
    enter(&http, request, door)?;
    accept(accepted, headers)
}

/// Starts the task that has the connection served once the answer is out.
fn enter(http: &Http, mut request: Parts, door: Door) -> Result<(), NotLetIn> {
    if http.connections.is_stopping() {
        return Err(NotLetIn::Busy);
    }
    // Made before the answer: when there are no descriptors left, a refusal is better than a promise.
    let pair = if http.config.tls.is_some() || request.version == Version::HTTP_2 {
        Some(Link::pair().map_err(|error| {
            tracing::error!(%error, "a connection cannot be tunnelled");
            NotLetIn::Busy
        })?)
    } else {
        None
    };
    let upgrading = request.extensions.remove::<OnUpgrade>().ok_or(NotLetIn::Fault)?;
    let timings = &http.config.timings;
    let patience = Patience { stall: timings.write_stall, linger: timings.linger };
    // A connection may live for days: it keeps no more of the HTTP side than it needs.
    let sockets = http.sockets.clone();
    http.connections.spawn(async move {
        let result = match (upgrading.await, pair) {
            (Ok(upgraded), None) => {
                leave(upgraded).map(|(stream, first)| sockets.adopt(Link::Tcp(stream), first, door))
            }
            (Ok(upgraded), Some((ours, theirs))) => {
                let (stream, first) = unwrap(upgraded);
                sockets.adopt(theirs, first, door);
                tunnel::carry(stream, ours, patience).await
            }
            (Err(error), _) => Err(io::Error::other(error)),
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a connection did not end as it should");
        }
    });
    Ok(())
}

/// Takes a plain connection out of HTTP, and what was read of it too far.
fn leave(upgraded: Upgraded) -> io::Result<(std::net::TcpStream, Vec<u8>)> {
    let parts = upgraded
        .downcast::<TokioIo<Opened<TcpStream>>>()
        .map_err(|_other| io::Error::other("the upgraded stream is no TCP stream"))?;
    let mut first = parts.read_buf.to_vec();
    // Even empty it pins hyper's buffer of 8 KiB.
    drop(parts.read_buf);
    let (stream, unread) = parts.io.into_inner().into_parts();
    first.extend(unread);
    Ok((stream.into_std()?, first))
}

trait Outside: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Outside for S {}

/// Takes off what HTTP/1.1 has put around an encrypted stream. A stream of HTTP/2 is taken as it is.
fn unwrap(upgraded: Upgraded) -> (Box<dyn Outside>, Vec<u8>) {
    match upgraded.downcast::<TokioIo<Opened<tls::Stream>>>() {
        Ok(parts) => (Box::new(parts.io.into_inner()), parts.read_buf.to_vec()),
        Err(upgraded) => (Box::new(TokioIo::new(upgraded)), Vec::new()),
    }
}

/// The stream of a connection that has left HTTP.
pub(crate) trait Reached: labs::Stream {
    /// Whether the other side has ended it, though what it said before was not all read. Where that cannot be seen, it is
    /// not so.
    fn has_hung_up(&self) -> bool {
        false
    }

    /// Writes what fits of what is written last. It may stay here until the stream is ended, which is to follow at once: then
    /// both go in one packet, and the other side wakes once.
    fn poll_write_last(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(self).poll_write(cx, bytes)
    }
}

impl Reached for Opened<TcpStream> {
    #[cfg(target_os = "linux")]
    fn poll_write_last(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let stream = self.get_ref();
        loop {
            std::task::ready!(stream.poll_write_ready(cx))?;
            let send = || Ok(rustix::net::send(stream, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?);
            match stream.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn has_hung_up(&self) -> bool {
        is_closed(self.get_ref().ready(Interest::READABLE).now_or_never())
    }
}

impl Reached for Opened<UnixStream> {
    fn has_hung_up(&self) -> bool {
        is_closed(self.get_ref().ready(Interest::READABLE).now_or_never())
    }
}

impl Reached for Opened<tls::Stream> {
    fn has_hung_up(&self) -> bool {
        is_closed(self.get_ref().get_ref().0.ready(Interest::READABLE).now_or_never())
    }
}

impl Reached for TokioIo<Upgraded> {}

/// Whether a stream that is ready is so because it was ended.
fn is_closed(ready: Option<io::Result<Ready>>) -> bool {
    ready.is_some_and(|ready| ready.is_ok_and(Ready::is_read_closed))
}

/// The stream of a connection that stays one of Tokio's, once its handshake is answered. With `resets`, TCP is ended by
/// RST and not by FIN when it is dropped, as far as that is ours to say.
pub(crate) async fn stream(upgrading: OnUpgrade, resets: bool) -> io::Result<Box<dyn Reached>> {
    let upgraded = upgrading.await.map_err(io::Error::other)?;
    let upgraded = match upgraded.downcast::<TokioIo<Opened<TcpStream>>>() {
        Ok(parts) => {
            let opened = parts.io.into_inner();
            if resets {
                opened.get_ref().set_zero_linger()?;
            }
            return Ok(Box::new(opened.put_back(&parts.read_buf)));
        }
        Err(upgraded) => upgraded,
    };
    let upgraded = match upgraded.downcast::<TokioIo<Opened<UnixStream>>>() {
        Ok(parts) => return Ok(Box::new(parts.io.into_inner().put_back(&parts.read_buf))),
        Err(upgraded) => upgraded,
    };
    Ok(match upgraded.downcast::<TokioIo<Opened<tls::Stream>>>() {
        Ok(parts) => {
            let opened = parts.io.into_inner();
            if resets {
                opened.get_ref().get_ref().0.set_zero_linger()?;
            }
            Box::new(opened.put_back(&parts.read_buf))
        }
        Err(upgraded) => Box::new(TokioIo::new(upgraded)),
    })
}

/// The answer that accepts a handshake, with what was agreed on.
pub(crate) fn accept(accepted: Accepted, mut headers: HeaderMap) -> Result<Response, NotLetIn> {
    let status = match accepted {
        Accepted::Connect => StatusCode::OK,
        Accepted::Upgrade(accept) => {
            let accept = HeaderValue::try_from(accept).map_err(|_never| NotLetIn::Fault)?;
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
            StatusCode::SWITCHING_PROTOCOLS
        }
    };
    Ok((status, headers).into_response())
}

impl From<Refused> for NotLetIn {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<AppError> for NotLetIn {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl IntoResponse for NotLetIn {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refused) => refused.into_response(),
            Self::App(error) => error.into_response(),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")]).into_response(),
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let with = |status: StatusCode, headers: &[(HeaderName, &'static str)], what: &'static str| {
            let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            (status, headers.collect::<HeaderMap>(), what).into_response()
        };
        let upgrade = [(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")];
        let version = (header::SEC_WEBSOCKET_VERSION, "13");
        match self {
            Self::WrongMethod(allowed) => {
                with(StatusCode::METHOD_NOT_ALLOWED, &[(header::ALLOW, allowed)], "method: another is expected\n")
            }
            Self::UpgradeRequired => with(StatusCode::UPGRADE_REQUIRED, &upgrade, "this address speaks WebSocket\n"),
            Self::WrongVersion(Version::HTTP_2) => {
                with(StatusCode::BAD_REQUEST, &[version], "sec-websocket-version: 13 is expected\n")
            }
            Self::WrongVersion(_) => {
                let [first, second] = upgrade;
                with(StatusCode::UPGRADE_REQUIRED, &[version, first, second], "sec-websocket-version: 13 is expected\n")
            }
            Self::WrongProtocol => with(StatusCode::NOT_IMPLEMENTED, &[], ":protocol: websocket is expected\n"),
            Self::Bad(what) => AppError::BadRequest(what.to_owned()).into_response(),
        }
    }
}
