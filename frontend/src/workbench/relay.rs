//! The other way to an endpoint: through the server, which sees and may what a page does not.
//!
//! `wire` is the connection, `seen` what the relay tells of it and how that is said, `view` the settings, `words` their
//! words. What is said between page and server stands in `docs/relay.md`; it is read and written by hand here.
//!
//! Deliberately absent: the log and the inspector, which show what was seen.

mod seen;
mod view;
mod wire;
mod words;

pub use seen::{Certificate, Seen, describe};
pub use view::view;
pub use wire::Relayed;

use super::bench::Bench;
use super::effects::Effect;

/// What happens at the settings of the relay.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Through the server, or directly.
    Route(bool),
    /// Another name of the header with this number.
    Name(usize, String),
    /// Another value of the header with this number.
    Value(usize, String),
    /// One more header.
    Add,
    /// No header with this number.
    Remove(usize),
    /// Another fingerprint: what is written, or that of the certificate that was refused.
    Fingerprint(String),
    /// Offer compression, or not.
    Deflate(bool),
    /// Leave pings to be answered by hand, or not.
    Silent(bool),
    /// Send a ping.
    Ping,
    /// Send a pong.
    Pong,
}

/// How the relay shall connect.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The headers to set. Those without a name are left out.
    pub headers: Vec<(String, String)>,
    /// The SHA-256 of the one certificate to accept; empty for what the server's machine trusts.
    pub fingerprint: String,
    /// Whether to offer permessage-deflate.
    pub deflate: bool,
    /// Whether pings are left to be answered by hand.
    pub silent: bool,
}

/// Something that only a connection through the relay can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Send a ping.
    Ping,
    /// Send a pong.
    Pong,
    /// Whether the relay answers pings.
    AutoPong(bool),
}

/// How the relay is used.
#[derive(Debug, Default)]
pub struct Relay {
    /// Whether connections go through the server.
    pub on: bool,
    /// How.
    pub wish: Wish,
    /// What was seen of the last connection, except its frames.
    pub seen: Vec<Seen>,
}

/// The entry of what is none: frames of data are not written into the log, for their messages are.
pub const NO_ENTRY: u32 = u32::MAX;

/// How the next connection shall go through the relay; directly for none.
#[must_use]
pub fn wish(relay: &Relay) -> Option<Wish> {
    relay.on.then(|| relay.wish.clone())
}

/// Takes what happened at the settings.
pub fn update(bench: &mut Bench, msg: Msg) {
    let wish = &mut bench.relay.wish;
    let order = match msg {
        Msg::Route(on) => {
            bench.relay.on = on;
            None
        }
        Msg::Name(at, name) => {
            if let Some(header) = wish.headers.get_mut(at) {
                header.0 = name;
            }
            None
        }
        Msg::Value(at, value) => {
            if let Some(header) = wish.headers.get_mut(at) {
                header.1 = value;
            }
            None
        }
        Msg::Add => {
            wish.headers.push((String::new(), String::new()));
            None
        }
        Msg::Remove(at) => {
            if at < wish.headers.len() {
                wish.headers.remove(at);
            }
            None
        }
        Msg::Fingerprint(text) => {
            wish.fingerprint = text;
            None
        }
        Msg::Deflate(deflate) => {
            wish.deflate = deflate;
            None
        }
        Msg::Silent(silent) => {
            wish.silent = silent;
            Some(Order::AutoPong(!silent))
        }
        Msg::Ping => Some(Order::Ping),
        Msg::Pong => Some(Order::Pong),
    };
    bench.effects.extend(order.map(Effect::Relay));
}

/// The relay has seen something. Returns whether that is an entry of the log.
pub fn heard(bench: &mut Bench, seen: &Seen) -> bool {
    if let Seen::Frame { .. } = seen {
        return seen.is_control();
    }
    if let Seen::Resolved(_) = seen {
        bench.relay.seen.clear();
    }
    bench.relay.seen.push(seen.clone());
    true
}
