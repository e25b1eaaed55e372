//! What the log is made of.

use std::rc::Rc;

use super::super::Node;
use super::super::bench::Bench;
use super::super::socket::{self, Payload};
use super::payload;
use super::words::words;
use crate::lean::dom::Node as Any;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Counts all entries, from 0. It stays what it is when older ones are dropped.
    pub id: u32,
    /// The connection's number; from [`super::RECORDED`] on it is that of a recording.
    pub connection: u32,
    /// Milliseconds since 1970, with fractions; in a recording since its first event.
    pub at: f64,
    /// Milliseconds since the same was sent, where this is an echo.
    pub echo: Option<f32>,
    /// What it was.
    pub what: What,
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A connection was begun.
    Begun {
        /// The address.
        url: Rc<str>,
        /// What was offered.
        protocols: Vec<String>,
    },
    /// A message was given to the socket.
    Sent(Payload),
    /// What the socket said: open, message, error, close.
    Heard(socket::Event),
    /// In a recording: what only the relay has seen, in words.
    Noted(Rc<str>),
}

/// The kinds of entries that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Begun,
    Open,
    Sent,
    Received,
    Error,
    Close,
    Control,
}

/// How many kinds there are.
pub(super) const KINDS: usize = 7;

impl Kind {
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Its event's name in the API.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Open => "open",
            Self::Sent | Self::Received => "message",
            Self::Error => "error",
            Self::Close => "close",
            Self::Control => "control",
        }
    }
}

pub(super) const fn kind(what: &What) -> Kind {
    use socket::Event;
    match what {
        What::Begun { .. } => Kind::Begun,
        What::Sent(_) => Kind::Sent,
        What::Heard(Event::Open { .. }) => Kind::Open,
        What::Heard(Event::Message(_)) => Kind::Received,
        What::Heard(Event::Error | Event::Refused(..)) => Kind::Error,
        What::Heard(Event::Close { .. }) => Kind::Close,
        What::Heard(Event::Relay(_)) | What::Noted(_) => Kind::Control,
    }
}

/// The payload of a message.
pub(super) const fn payload_of(what: &What) -> Option<&Payload> {
    match what {
        What::Sent(payload) | What::Heard(socket::Event::Message(payload)) => Some(payload),
        What::Begun { .. } | What::Heard(_) | What::Noted(_) => None,
    }
}

/// What stands below the chosen row.
#[derive(Debug, PartialEq)]
pub(super) enum Opened {
    Text(String),
    Json(String),
    /// The first bytes, and how many there are.
    Bytes(Rc<[u8]>, u64),
    /// The bytes are being read.
    Reading,
}

/// New rows of one frame that make a flood: elements are then used again for other entries, which is far cheaper than new ones.
pub(super) const FLOOD: u32 = 10;

/// How long a flood lasts after the last such frame, in milliseconds.
pub(super) const FLOOD_MS: f64 = 1_000.0;

/// Letters that are opened at most; the log's download has all of them.
pub(super) const OPENED: usize = 16_384;

/// Lines that are opened at most before they scroll.
pub(super) const LINES: usize = 16;

impl Opened {
    /// Pixels of it all, with what keeps it from the rows: lines of 18, 8 above and below, 6 to the next row.
    pub(super) fn high(&self) -> f64 {
        let lines = match self {
            Self::Text(text) => text.lines().map(|line| 1 + line.len() / 90).sum(),
            Self::Json(text) => text.lines().count(),
            Self::Bytes(bytes, len) => payload::dump_lines(bytes.len()) + usize::from(bytes.len() as u64 != *len),
            Self::Reading => 1,
        };
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = lines.clamp(1, LINES) as f64;
        lines * 18.0 + 22.0
    }

    pub(super) fn nodes(&self, bench: &Bench) -> Vec<Node> {
        let words = words(bench.lang());
        match self {
            Self::Text(text) => vec![Any::Text(text.clone().into())],
            Self::Json(text) => payload::colours(text),
            Self::Reading => vec![words.reading.into()],
            Self::Bytes(bytes, len) => {
                let mut nodes = payload::dump(bytes);
                if let Some(more) = len.checked_sub(bytes.len() as u64).filter(|more| *more > 0) {
                    nodes.push(("\n".to_owned() + words.more[0] + &more.to_string() + words.more[1]).into());
                }
                nodes
            }
        }
    }
}
