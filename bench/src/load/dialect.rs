//! What is spoken over a connection: how one begins, how a message is said, and what an answer means.
//!
//! `readyroom` is the product's own protocol. `plain` is that of the servers it is compared with: every text that one
//! sends is sent to all. `socketio` is the same in Socket.IO's packets.

pub(crate) mod plain;
pub(crate) mod readyroom;
pub(crate) mod socketio;

use wire::deflate::Offer;

use plain::Plain;
use readyroom::Readyroom;
use socketio::SocketIo;

/// A way to speak. One value serves all connections of a fleet.
#[derive(Debug)]
pub(crate) enum Dialect {
    /// The product's.
    Readyroom(Box<Readyroom>),
    /// A broadcast server's.
    Plain(Plain),
    /// Socket.IO's.
    SocketIo(SocketIo),
}

/// What a text from the server means to the generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The server has welcomed the connection.
    Ready,
    /// A message that is due at this time, and its place in its room's log where it has one.
    Message {
        /// When it was due.
        due: u64,
        /// Its room and its place there.
        place: Option<Place>,
    },
    /// An event that is nobody's message.
    Event(Place),
    /// The acknowledgement of the message that is due at this time.
    Ack {
        /// When it was due.
        due: u64,
    },
    /// The answer to what the scenario asked.
    Answer,
    /// Something that must be answered with this text at once.
    Reply(&'static str),
    /// Something that should not happen in a measurement.
    Fault,
    /// Nothing that matters here.
    Other,
}

/// A place in a room's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The room.
    pub(crate) room: u64,
    /// The place.
    pub(crate) seq: u64,
}

/// What a handshake asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Request<'a> {
    /// Path and query.
    pub(crate) path: &'a str,
    /// The subprotocol, if one is offered.
    pub(crate) subprotocol: Option<&'a str>,
    /// The cookie, if there is one.
    pub(crate) cookie: Option<&'a str>,
    /// The compression that is offered, if any.
    pub(crate) deflate: Option<Offer>,
}

impl Dialect {
    /// What the handshake asks for. `who` is the connection's number.
    pub(crate) fn request(&self, who: usize) -> Request<'_> {
        match self {
            Self::Readyroom(readyroom) => readyroom.request(who),
            Self::Plain(_) => Request { path: "/", ..Request::default() },
            Self::SocketIo(_) => Request { path: socketio::PATH, ..Request::default() },
        }
    }

    /// The first text, once the handshake is over; `None` where the connection is ready by then.
    pub(crate) fn greeting(&self) -> Option<String> {
        match self {
            Self::Readyroom(readyroom) => Some(readyroom.hello()),
            Self::Plain(_) => None,
            Self::SocketIo(_) => Some(socketio::CONNECT.to_owned()),
        }
    }

    /// What a text means.
    #[inline]
    pub(crate) fn hear(&self, text: &[u8]) -> Heard {
        match self {
            Self::Readyroom(readyroom) => readyroom.hear(text),
            Self::Plain(_) => plain::hear(text),
            Self::SocketIo(_) => socketio::hear(text),
        }
    }

    /// Whether a whole text is what this protocol allows; looked at on a sample of the connections.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, text: &str) -> Result<(), String> {
        match self {
            Self::Readyroom(_) => readyroom::check(text),
            Self::Plain(_) => plain::check(text),
            Self::SocketIo(_) => socketio::check(text),
        }
    }

    /// Writes the message number `n`, which is due then, for `room`.
    pub(crate) fn say(&self, out: &mut String, room: u64, n: u64, due: u64) {
        match self {
            Self::Readyroom(readyroom) => readyroom.say(out, room, n, due),
            Self::Plain(plain) => plain.say(out, n, due),
            Self::SocketIo(socketio) => socketio.say(out, n, due),
        }
    }

    /// The newest event of the lobby that a client holds when it comes; 0 where it holds none.
    pub(crate) fn held_seq(&self) -> u64 {
        match self {
            Self::Readyroom(readyroom) => readyroom.held().map_or(0, |(_, head)| *head),
            Self::Plain(_) | Self::SocketIo(_) => 0,
        }
    }

    /// Keeps what a welcome says, where connections that come later need it.
    pub(crate) fn welcome(&mut self, text: &[u8]) {
        if let Self::Readyroom(readyroom) = self {
            readyroom.welcome(text);
        }
    }
}
