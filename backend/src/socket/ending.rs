//! How a connection ends: never without a Close frame, where one can still be sent.
//!
//! After a Close we listen on for a moment. A socket that is dropped while bytes of the other side are unread sends RST,
//! and RST can destroy the Close frame on its way.

use std::fmt;
use std::time::Duration;

use common::close::{self, CloseCode};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Bytes that are read and thrown away after a Close.
const DISCARD: usize = 1024 * 1024;

/// Why a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// The other side has vanished.
    Gone,
    /// The other side sent a Close; ours answers it.
    Answered,
    /// We end it, and the other side still speaks the protocol.
    Close(CloseCode, String),
    /// What the other side sends can no longer be understood.
    Broken(CloseCode, &'static str),
    /// The other side does not read.
    Stalled,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("gone"),
            Self::Answered => f.write_str("closed by the other side"),
            Self::Close(code, reason) => write!(f, "closed with {code} {reason}"),
            Self::Broken(code, reason) => write!(f, "broken, closed with {code} {reason}"),
            Self::Stalled => f.write_str("stalled"),
        }
    }
}

impl Ending {
    pub(super) fn from_error(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Self::Broken(close::TOO_BIG, "too big"),
            Error::Utf8(_) => Self::Broken(close::BAD_UTF8, "not UTF-8"),
            Error::ConnectionClosed | Error::Protocol(ProtocolError::ReceivedAfterClosing) => Self::Answered,
            Error::AlreadyClosed | Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::Gone
            }
            Error::Protocol(_) => Self::Broken(close::PROTOCOL, "protocol"),
            Error::WriteBufferFull(_) => Self::Stalled,
            Error::Tls(_) | Error::AttackAttempt | Error::Url(_) | Error::Http(_) | Error::HttpFormat(_) => {
                Self::Broken(close::SERVER_FAULT, "fault")
            }
        }
    }
}

/// Says goodbye and drops the connection. Takes at most about twice `linger`.
pub(super) async fn carry_out<S>(ws: WebSocketStream<S>, ending: Ending, linger: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let goodbye = async {
        match ending {
            Ending::Gone => {}
            Ending::Answered => answered(ws).await,
            Ending::Close(code, reason) => polite(ws, code, reason, linger).await,
            Ending::Broken(code, reason) => broken(ws, code, reason).await,
            // It is not reading, so the frame will hardly fit; it costs nothing to try.
            Ending::Stalled => polite(ws, close::STALLED, "stalled".to_owned(), linger / 10).await,
        }
    };
    // When the time is over the connection is dropped all the same.
    drop(timeout(linger * 2, goodbye).await);
}

/// Our answer to their Close is in the buffer. The server closes the TCP connection first (RFC 6455, section 7.1.1).
async fn answered<S: AsyncRead + AsyncWrite + Unpin>(mut ws: WebSocketStream<S>) {
    if ws.flush().await.is_ok() {
        drop(ws.get_mut().shutdown().await);
    }
}

/// Sends a Close and waits for theirs.
async fn polite<S: AsyncRead + AsyncWrite + Unpin>(
    mut ws: WebSocketStream<S>,
    code: CloseCode,
    reason: String,
    linger: Duration,
) {
    let frame = CloseFrame { code: code.into(), reason: reason.into() };
    let handshake = async {
        if ws.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = ws.next().await {}
        }
    };
    drop(timeout(linger, handshake).await);
    drop(ws.get_mut().shutdown().await);
}

/// Writes a Close past the WebSocket layer, which has lost the thread, ends our side, and throws away what still comes.
async fn broken<S: AsyncRead + AsyncWrite + Unpin>(mut ws: WebSocketStream<S>, code: CloseCode, reason: &str) {
    // What was written before, pongs say, must be out; else the frame would land inside another one.
    if ws.flush().await.is_err() {
        return;
    }
    let stream = ws.get_mut();
    if stream.write_all(&close_frame(code, reason)).await.is_err() || stream.shutdown().await.is_err() {
        return;
    }
    let mut discarded = 0;
    // On the heap, for every connection carries this function's locals for as long as it lives.
    let mut buffer = vec![0; 2048];
    while discarded < DISCARD {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(n) => discarded += n,
        }
    }
}

/// An unmasked Close frame (RFC 6455, sections 5.2 and 5.5.1). `reason` is short.
fn close_frame(code: CloseCode, reason: &str) -> Vec<u8> {
    let reason = reason.as_bytes();
    let length = u8::try_from(reason.len() + 2).unwrap_or(2);
    let mut frame = vec![0x88, length];
    frame.extend(code.to_be_bytes());
    frame.extend(reason.iter().take(usize::from(length) - 2));
    frame
}
