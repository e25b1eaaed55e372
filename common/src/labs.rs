//! What the endpoints under `/labs` tell of themselves: JSON for the Workbench and the lessons. Nothing of the chat.

use serde::{Deserialize, Serialize};

/// Bytes of each frame's payload that a tap tells, as they are on the wire.
pub const TAP_PAYLOAD: usize = 256;

/// Letters and digits in the name of a tap or of a race: 16 random bytes in hexadecimal.
pub const TAP_NAME: usize = 32;

/// One end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who has connected.
    Client,
    /// This server.
    Server,
}

/// The head of a request or an answer, as the server has read or written it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The first line, such as `GET /labs/echo HTTP/1.1`.
    pub line: String,
    /// Names and values, in their order.
    pub headers: Vec<(String, String)>,
}

/// A handshake. `/labs/handshake` sends one as its first message; a tap begins with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// What was asked.
    pub request: Head,
    /// What was answered.
    pub response: Head,
}

/// What a tap tells: each is one event of `GET /labs/tap/{name}`, a stream of events (`text/event-stream`). A connection
/// is tapped when its address carries `?tap=<name>`; the stream is opened first, and ends after [`Tapped::End`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tapped {
    /// The handshake.
    Handshake(Handshake),
    /// A frame, of data or of control, either way. Numbers in hexadecimal have two digits a byte, without blanks.
    Frame {
        /// Whose.
        from: Side,
        /// Counts the frames of this side, from 0.
        n: u64,
        /// Microseconds since the handshake was answered.
        at: u64,
        /// All of the frame's header, the masking key included, in hexadecimal.
        header: String,
        /// Bytes of payload.
        len: u64,
        /// The first [`TAP_PAYLOAD`] bytes of the payload as they are on the wire (masked, compressed), in hexadecimal.
        payload: String,
    },
    /// A header that has no meaning: its length is beyond 2⁶³ − 1. Nothing more is told of this side's frames.
    Unreadable {
        /// Whose.
        from: Side,
        /// Microseconds since the handshake was answered.
        at: u64,
        /// The header, in hexadecimal.
        header: String,
    },
    /// Frames went by faster than this was read: those that came next are not told. The numbers of the others show whose.
    Dropped {
        /// How many.
        records: u64,
    },
    /// Nothing more will come of this connection.
    End {
        /// Whose doing it was.
        by: Side,
        /// In words for developers, such as `close frame, code 1000` or `TCP reset`.
        why: String,
    },
}

/// A way to get news from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Asking every second.
    Poll,
    /// Asking, and being answered when there is something.
    LongPoll,
    /// One answer that never ends (`text/event-stream`).
    EventStream,
    /// A socket.
    WebSocket,
}

/// `GET /labs/race/{name}`: what four ways have cost to get the same news, counted at the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Race {
    /// How many news there were so far.
    pub news: u64,
    /// The ways that were used.
    pub ways: Vec<Tally>,
}

/// What one way has cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Which.
    pub way: Way,
    /// Requests that were answered, or begun to be.
    pub requests: u64,
    /// Bytes that came from the client: heads of requests, frames.
    pub bytes_in: u64,
    /// Bytes that went to the client: heads of answers, bodies, frames.
    pub bytes_out: u64,
    /// News that were delivered.
    pub news: u64,
    /// Microseconds that these news were old when they were written, all together.
    pub age_sum: u64,
    /// Microseconds that the oldest of them was.
    pub age_max: u64,
}
