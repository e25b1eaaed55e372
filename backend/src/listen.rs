//! The listener: accepts TCP connections and speaks HTTP/1.1 on them.
//!
//! `axum::serve` is not used: it gives hyper no timer, so that its deadline for headers never comes, and a client that
//! sends one byte a minute is served for ever. Deliberately absent: TLS, which is a proxy's matter.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::tasks::Tasks;

/// Bytes that a request's head may have.
const HEAD_BYTES: usize = 32 * 1024;

/// How long to wait when the system has no file descriptors left; those of others come free meanwhile.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Accepts connections until the group is asked to stop. A request's head may take as long as `head`.
pub async fn accept(listener: TcpListener, router: Router, connections: Tasks, head: Duration) {
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = connections.stopping() => return,
        };
        match accepted {
            Ok((stream, _address)) => {
                failing = false;
                connections.spawn(serve(stream, router.clone(), connections.clone(), head));
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

async fn serve(stream: TcpStream, router: Router, connections: Tasks, head: Duration) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = connections.stopping() => {
            // Answers the request that is being served, and takes no other.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
