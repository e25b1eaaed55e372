//! A browser's WebSocket, with its four events. The console has one; lessons have theirs.
//!
//! gloo-net's socket, which the chat uses, hides `url` and `binaryType`, so that this one is `web_sys`'s. Neighbours:
//! [`super::relay`] opens connections that look like these and go through the server.

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, CloseEvent, MessageEvent, WebSocket};

/// The names of the states 0 to 3, which no language translates.
pub const STATES: [&str; 4] = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

/// How messages of bytes arrive.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum BinaryType {
    /// As `Blob`: what a browser does where nobody says otherwise.
    #[default]
    Blob,
    /// As `ArrayBuffer`.
    ArrayBuffer,
}

impl BinaryType {
    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::ArrayBuffer => "arraybuffer",
        }
    }
}

/// How many bytes of a message are at hand without asking for them.
pub const HEAD: u32 = 256;

/// What a message carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A `String`.
    Text(Rc<str>),
    /// An `ArrayBuffer`, received or sent.
    Buffer {
        /// Bytes.
        len: u64,
        /// The first of them, at most [`HEAD`].
        head: Rc<[u8]>,
        /// The `Uint8Array`.
        data: JsValue,
    },
    /// A `Blob`, received or sent; files are blobs too. Its bytes have to be asked for.
    Blob {
        /// Bytes.
        len: u64,
        /// The name of the file, where it is one.
        name: Rc<str>,
        /// The `Blob`.
        data: JsValue,
    },
}

impl Payload {
    /// Bytes on the wire before masking and compression.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Buffer { len, .. } | Self::Blob { len, .. } => *len,
        }
    }

    /// Whether it carries nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes to send. Outside a browser, where the pure parts are tested, only the head is kept.
    #[must_use]
    pub fn bytes(bytes: &[u8]) -> Self {
        let head = bytes.get(..HEAD as usize).unwrap_or(bytes).into();
        #[cfg(target_arch = "wasm32")]
        let data = Uint8Array::from(bytes).into();
        #[cfg(not(target_arch = "wasm32"))]
        let data = JsValue::UNDEFINED;
        Self::Buffer { len: bytes.len() as u64, head, data }
    }

    fn received(data: JsValue) -> Option<Self> {
        if let Some(text) = data.as_string() {
            return Some(Self::Text(text.into()));
        }
        if let Some(blob) = data.dyn_ref::<Blob>() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a blob")]
            let len = blob.size() as u64;
            return Some(Self::Blob { len, name: "".into(), data });
        }
        let bytes = Uint8Array::new(data.dyn_ref::<ArrayBuffer>()?);
        let head = bytes.subarray(0, bytes.length().min(HEAD)).to_vec();
        Some(Self::Buffer { len: bytes.length().into(), head: head.into(), data: bytes.into() })
    }
}

/// What a socket says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `onopen`.
    Open {
        /// What was agreed on; empty for none.
        protocol: String,
        /// What was agreed on; empty for none.
        extensions: String,
    },
    /// `onmessage`.
    Message(Payload),
    /// `onerror`, which carries nothing.
    Error,
    /// `onclose`.
    Close {
        /// The code: 1005 where the peer named none, 1006 where there was no Close at all.
        code: u16,
        /// The reason.
        reason: String,
        /// Whether both sides have said Close.
        was_clean: bool,
    },
    /// It could not even be constructed: the name of the exception and what the browser says.
    Refused(String, String),
    /// Only through the relay: something that a page does not get to see.
    Relay(super::relay::Seen),
}

/// What a socket's object says of itself.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Reading {
    /// The state, 0 to 3; none where there is no object.
    pub ready: Option<u16>,
    /// Bytes of payload that are not yet with the system.
    pub buffered: f64,
    /// The address as the browser has understood it.
    pub url: String,
    /// What was agreed on.
    pub protocol: String,
    /// What was agreed on.
    pub extensions: String,
    /// How messages of bytes arrive.
    pub binary_type: BinaryType,
}

/// A WebSocket. Dropping it stops listening and leaves the connection to the browser, so [`Socket::close`] it before.
#[derive(Debug)]
pub struct Socket {
    raw: WebSocket,
    _listeners: [EventListener; 4],
}

impl Socket {
    /// Begins a connection. What happens to it is told; events that a script has made up are not.
    ///
    /// # Errors
    /// The exception of the constructor: an impossible address, subprotocols that are none, mixed content.
    pub fn open(url: &str, protocols: &[String], tell: &Rc<dyn Fn(Event)>) -> Result<Self, JsValue> {
        let list: js_sys::Array = protocols.iter().map(|name| JsValue::from_str(name)).collect();
        let raw = WebSocket::new_with_str_sequence(url, &list)?;
        let on = |name: &'static str, event_of: fn(&WebSocket, &web_sys::Event) -> Option<Event>| {
            let (raw, told) = (raw.clone(), Rc::clone(tell));
            EventListener::new(&raw.clone(), name, move |event| {
                if let Some(event) = Some(event).filter(|event| event.is_trusted()).and_then(|e| event_of(&raw, e)) {
                    told(event);
                }
            })
        };
        let listeners = [
            on("open", |raw, _| Some(Event::Open { protocol: raw.protocol(), extensions: raw.extensions() })),
            on("message", |_, event| Payload::received(event.dyn_ref::<MessageEvent>()?.data()).map(Event::Message)),
            on("error", |_, _| Some(Event::Error)),
            on("close", |_, event| {
                let event: &CloseEvent = event.dyn_ref()?;
                Some(Event::Close { code: event.code(), reason: event.reason(), was_clean: event.was_clean() })
            }),
        ];
        Ok(Self { raw, _listeners: listeners })
    }

    /// Sends a message. Where the socket is closing or closed the browser takes it and drops it.
    ///
    /// # Errors
    /// While it is connecting.
    pub fn send(&self, payload: &Payload) -> Result<(), JsValue> {
        match payload {
            Payload::Text(text) => self.raw.send_with_str(text),
            Payload::Buffer { data, .. } => self.raw.send_with_js_u8_array(data.unchecked_ref()),
            Payload::Blob { data, .. } => self.raw.send_with_blob(data.unchecked_ref()),
        }
    }

    /// Begins to close.
    ///
    /// # Errors
    /// A code that a page may not send, or a reason that is too long.
    pub fn close(&self, code: Option<u16>, reason: &str) -> Result<(), JsValue> {
        match code {
            Some(code) if reason.is_empty() => self.raw.close_with_code(code),
            Some(code) => self.raw.close_with_code_and_reason(code, reason),
            None => self.raw.close(),
        }
    }

    /// Says how messages of bytes shall arrive from now on.
    pub fn set_binary_type(&self, binary_type: BinaryType) {
        self.raw.set_binary_type(match binary_type {
            BinaryType::Blob => web_sys::BinaryType::Blob,
            BinaryType::ArrayBuffer => web_sys::BinaryType::Arraybuffer,
        });
    }

    /// What the object says of itself.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let raw = &self.raw;
        let buffered = js_sys::Reflect::get(raw, &"bufferedAmount".into()).ok().and_then(|amount| amount.as_f64());
        Reading {
            ready: Some(raw.ready_state()),
            // Not by web-sys, which has 32 bits for it.
            buffered: buffered.unwrap_or_default(),
            url: raw.url(),
            protocol: raw.protocol(),
            extensions: raw.extensions(),
            binary_type: if raw.binary_type() == web_sys::BinaryType::Arraybuffer {
                BinaryType::ArrayBuffer
            } else {
                BinaryType::Blob
            },
        }
    }
}
