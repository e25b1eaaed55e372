//! One WebSocket, owned: what happens to it becomes an [`Event`], and dropping it ends it without a trace.
//!
//! The raw `WebSocket` is kept, because gloo-net shows neither `url` nor `binaryType`, and because a close through the
//! raw object is the only one whose real close event can still be seen. A clone of it goes to gloo-net, whose stream
//! turns the browser's callbacks into items in order. Known traps of gloo-net 0.7 that decide the shape of this file:
//!
//! - Its `send` reports success on a closed socket: [`Socket::send`] looks at `readyState` first.
//! - Dropping its half closes the socket and fires an untrusted close event (1000, "client dropped") into every
//!   listener: the reading task is aborted first, so nobody hears it.
//! - There is no item for `open`: a listener on the raw socket tells it.
//!
//! Deliberately absent: when to connect, and what the messages mean.

mod offer;

use std::rc::Rc;

use common::close::CloseCode;
use common::sync::Closed;
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Abortable};
use gloo_events::EventListener;
use gloo_net::websocket::futures::WebSocket as Stream;
use gloo_net::websocket::{Message, WebSocketError};
use web_sys::WebSocket;

pub use offer::Offer;

/// What happened to a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The handshake succeeded.
    Open,
    /// A text arrived.
    Text(String),
    /// A binary message of so many bytes arrived; this protocol has none.
    Binary(usize),
    /// The `error` event, which carries no detail.
    Error,
    /// The `close` event.
    Close(Closed),
}

/// `readyState`, as the WHATWG numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadyState {
    /// 0
    Connecting,
    /// 1
    Open,
    /// 2
    Closing,
    /// 3
    Closed,
}

impl ReadyState {
    /// All four, in order.
    pub const ALL: [Self; 4] = [Self::Connecting, Self::Open, Self::Closing, Self::Closed];

    /// The state that has this number.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        match number {
            0 => Self::Connecting,
            1 => Self::Open,
            2 => Self::Closing,
            _ => Self::Closed,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize
    }

    /// Its name, which is not translated.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "CONNECTING",
            Self::Open => "OPEN",
            Self::Closing => "CLOSING",
            Self::Closed => "CLOSED",
        }
    }
}

/// What the socket says of itself at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// `readyState`
    pub ready: ReadyState,
    /// `bufferedAmount`
    pub buffered: u32,
}

/// What changes only with `readyState`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `url`
    pub url: String,
    /// `protocol`
    pub protocol: String,
    /// `extensions`
    pub extensions: String,
    /// `binaryType`
    pub binary_type: String,
}

/// A WebSocket and the task that reads it.
#[derive(Debug)]
pub struct Socket {
    raw: WebSocket,
    reading: AbortHandle,
    _open: EventListener,
}

impl Socket {
    /// Begins a handshake. `tell` hears everything that happens until the socket is dropped.
    ///
    /// # Errors
    /// The browser refused the address or the protocol; in words, for the log.
    pub fn dial(url: &str, protocol: Option<&str>, tell: impl Fn(Event) + 'static) -> Result<Self, String> {
        let raw = match protocol {
            Some(protocol) => WebSocket::new_with_str(url, protocol),
            None => WebSocket::new(url),
        };
        let raw = raw.map_err(|error| format!("{error:?}"))?;
        let stream = Stream::try_from(raw.clone()).map_err(|error| error.to_string())?;
        let tell = Rc::new(tell);
        let open = {
            let tell = Rc::clone(&tell);
            EventListener::once(&raw, "open", move |_| tell(Event::Open))
        };
        let (reading, registration) = AbortHandle::new_pair();
        let task = Abortable::new(read(stream, tell), registration);
        wasm_bindgen_futures::spawn_local(async move {
            // Aborted or at its end: either way there is nothing left to do.
            task.await.unwrap_or_default();
        });
        Ok(Self { raw, reading, _open: open })
    }

    /// Writes a text. Returns whether the socket was open to take it.
    #[must_use]
    pub fn send(&self, text: &str) -> bool {
        self.raw.ready_state() == WebSocket::OPEN && self.raw.send_with_str(text).is_ok()
    }

    /// Begins the closing handshake; the close event comes when it is done.
    pub fn close(&self, code: CloseCode, reason: &str) {
        if self.raw.close_with_code_and_reason(code, reason).is_err() {
            // The form checks code and reason; whatever slips through must still end the connection.
            self.hang_up();
        }
    }

    /// `readyState` and `bufferedAmount`, now.
    #[must_use]
    pub fn read(&self) -> Reading {
        let ready = ReadyState::from_number(self.raw.ready_state());
        Reading { ready, buffered: self.raw.buffered_amount() }
    }

    /// What the handshake settled.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts {
            url: self.raw.url(),
            protocol: self.raw.protocol(),
            extensions: self.raw.extensions(),
            binary_type: match self.raw.binary_type() {
                web_sys::BinaryType::Arraybuffer => "arraybuffer",
                web_sys::BinaryType::Blob | _ => "blob",
            }
            .to_owned(),
        }
    }

    fn hang_up(&self) {
        // Without arguments close() never throws.
        drop(self.raw.close());
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // First nobody listens any more, then the socket ends; gloo-net removes its handlers as the task is dropped.
        self.reading.abort();
        self.hang_up();
    }
}

async fn read(mut stream: Stream, tell: Rc<impl Fn(Event)>) {
    while let Some(item) = stream.next().await {
        tell(match item {
            Ok(Message::Text(text)) => Event::Text(text),
            Ok(Message::Bytes(bytes)) => Event::Binary(bytes.len()),
            Err(WebSocketError::ConnectionClose(close)) => {
                Event::Close(Closed { code: close.code, reason: close.reason, was_clean: close.was_clean })
            }
            Err(_) => Event::Error,
        });
    }
}
