//! The listener: accepts connections, opens them, and speaks HTTP on them: 1.1, and 2 for those that know they may
//! (RFC 9113, section 3.3) or agree on it while TLS begins (section 3.2).
//!
//! `axum::serve` is not used: it gives hyper no timer, so that its deadline for headers never comes, and a client that
//! sends one byte a minute is served for ever. [`socket`] is where connections come from, [`opened`] finds out what is spoken,
//! [`tls`] encrypts, [`progress`] tells who makes none. Deliberately absent: what is answered, which is [`crate::http`]'s.

pub mod opened;
pub mod progress;
pub mod socket;
pub mod tls;

use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::tasks::Tasks;
use opened::{Opened, Version};
use progress::{Patience, Progress};
use socket::{Listener, Socket};

pub use socket::Peer;

/// Bytes that a request's head may have in HTTP/1.1.
const HEAD_BYTES: usize = 32 * 1024;

/// Bytes that a request's head may have in HTTP/2, counted as RFC 9113, section 10.5.1, says.
const HEADER_LIST_BYTES: u32 = 16 * 1024;

/// Streams that one connection may have open at once. RFC 9113, section 6.5.2, recommends no fewer.
const STREAMS: u32 = 100;

/// Bytes that may be on their way to us unread: on one stream, and on all of a connection. What is beyond waits at the
/// other side.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Bytes of one stream's answer that may wait for a reader.
const SEND_BUFFER: usize = 64 * 1024;

/// Streams that may be opened and reset before they are looked at (rapid reset, CVE-2023-44487), and faults that may
/// make us reset one, before the connection is ended with `ENHANCE_YOUR_CALM`.
const RESETS: usize = 20;
const FAULTS: usize = 128;

/// How long to wait when the system has no file descriptors left; those of others come free meanwhile.
const BACK_OFF: Duration = Duration::from_millis(50);

/// What a connection is served with. Clones share it.
#[derive(Clone)]
pub struct Front {
    /// Answers the requests.
    pub router: Router,
    /// Encrypts; without it, connections are plain.
    pub tls: Option<TlsAcceptor>,
    /// The group whose stop is heeded.
    pub connections: Tasks,
    /// How long others may take.
    pub patience: Patience,
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

/// Accepts connections until the group is asked to stop.
pub async fn accept<L: Listener>(listener: L, front: Front) {
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = front.connections.stopping() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                failing = false;
                front.connections.spawn(serve(stream, peer, front.clone()));
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                // It is tried twenty times a second, and said once.
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%error, "a connection cannot be accepted");
                }
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// A connection that was gone before it was accepted is no trouble of the listener's.
fn concerns_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve<S: Socket>(stream: S, peer: Peer, front: Front) {
    if let Err(error) = stream.prepare() {
        tracing::debug!(%error, "a socket cannot be prepared");
    }
    let opening = async {
        match &front.tls {
            Some(acceptor) => {
                let opened = tls::open(stream, acceptor).await?;
                Ok(opened.map(|(opened, version)| Either::Secure(Box::new(opened), version)))
            }
            None => opened::open(stream).await.map(|(opened, version)| Some(Either::Plain(opened, version))),
        }
    };
    let opened = tokio::select! {
        opened = timeout(front.patience.head, opening) => opened.unwrap_or_else(|elapsed| Err(elapsed.into())),
        () = front.connections.stopping() => return,
    };
    match opened {
        Ok(Some(Either::Plain(stream, version))) => speak(stream, version, (peer, front)).await,
        Ok(Some(Either::Secure(stream, version))) => speak(*stream, version, (peer, front)).await,
        Ok(None) => {}
        Err(error) => tracing::debug!(%error, "a connection ended before its first request"),
    }
}

/// A stream that is ready for HTTP.
enum Either<S> {
    Plain(Opened<S>, Version),
    Secure(Box<Opened<tls::Stream<S>>>, Version),
}

/// Speaks HTTP until the connection ends, is upgraded, makes no progress, or the group has stopped.
async fn speak<S>(stream: Opened<S>, version: Version, (peer, front): (Peer, Front))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let progress = stream.progress();
    let service = {
        let (progress, router) = (Arc::clone(&progress), TowerToHyperService::new(front.router.clone()));
        hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            progress.request();
            request.extensions_mut().insert(peer);
            hyper::service::Service::call(&router, request)
        })
    };
    match version {
        Version::Http1 => {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(front.patience.head)
                .max_buf_size(HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            Box::pin(drive(connection, http1::UpgradeableConnection::graceful_shutdown, &progress, &front)).await;
        }
        Version::Http2 => {
            let connection = http2::Builder::new(front.connections.clone())
                .timer(TokioTimer::new())
                .keep_alive_interval(front.patience.ping_every())
                .keep_alive_timeout(front.patience.pong_within())
                .max_concurrent_streams(STREAMS)
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_send_buf_size(SEND_BUFFER)
                .max_header_list_size(HEADER_LIST_BYTES)
                .max_pending_accept_reset_streams(RESETS)
                .max_local_error_reset_streams(FAULTS)
                .enable_connect_protocol()
                .serve_connection(TokioIo::new(stream), service);
            Box::pin(drive(connection, http2::Connection::graceful_shutdown, &progress, &front)).await;
        }
    }
}

async fn drive<C, E>(connection: C, wind_up: impl FnOnce(Pin<&mut C>), progress: &Progress, front: &Front)
where
    C: Future<Output = Result<(), E>>,
    E: Display,
{
    tokio::pin!(connection);
    let served = async {
        tokio::select! {
            result = connection.as_mut() => result,
            () = front.connections.stopping() => {
                // Answers the requests that are being served, and takes no other.
                wind_up(connection.as_mut());
                connection.await
            }
        }
    };
    tokio::select! {
        result = served => {
            if let Err(error) = result {
                tracing::debug!(%error, "an HTTP connection ended early");
            }
        }
        () = progress.ceases(front.patience) => tracing::debug!("an HTTP connection made no progress"),
    }
}
