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

/// Why the last connection through the relay failed, in words; none where it did not, or went directly.
#[must_use]
pub fn failure(bench: &Bench) -> Option<String> {
    let failed = bench.relay.seen.iter().find(|seen| matches!(seen, Seen::Failed { .. }))?;
    bench.relay.on.then(|| describe(failed, bench.lang()))
}

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
    // What comes after an end, or is a beginning, is of another connection. One name may have several addresses.
    let is_over = match bench.relay.seen.last() {
        None | Some(Seen::Resolved(_)) => false,
        Some(Seen::Closed(..) | Seen::Failed { .. }) => true,
        Some(_) => matches!(seen, Seen::Resolved(_)),
    };
    if is_over {
        bench.relay.seen.clear();
    }
    bench.relay.seen.push(seen.clone());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_that_of_the_last_connection() {
        let mut bench = Bench::default();
        let address = |text: &str| Seen::Resolved(text.to_owned());
        let closed = Seen::Closed("eof".to_owned(), String::new());
        for seen in [address("a"), address("b"), closed, address("c"), address("d")] {
            assert!(heard(&mut bench, &seen));
        }
        assert_eq!(bench.relay.seen, [address("c"), address("d")]);
    }

    #[test]
    fn frames_of_data_are_no_entries_of_the_log() {
        let mut bench = Bench::default();
        let mut frame = |header: &str| {
            let from = common::labs::Side::Server;
            heard(&mut bench, &Seen::Frame { from, header: header.to_owned(), len: 0, payload: String::new() })
        };
        assert_eq!([frame("8100"), frame("c200"), frame("0000")], [false; 3]);
        assert_eq!([frame("8800"), frame("8900"), frame("8a00")], [true; 3]);
        assert!(bench.relay.seen.is_empty());
    }

    #[test]
    fn the_way_is_chosen_and_pings_are_ordered() {
        let mut bench = Bench::default();
        assert_eq!(wish(&bench.relay), None);
        for msg in [Msg::Route(true), Msg::Add, Msg::Name(0, "A".into()), Msg::Value(0, "b".into()), Msg::Silent(true)]
        {
            update(&mut bench, msg);
        }
        update(&mut bench, Msg::Name(7, "nobody's".into()));
        update(&mut bench, Msg::Remove(7));
        let wished = wish(&bench.relay).unwrap();
        assert_eq!((wished.headers, wished.silent), (vec![("A".to_owned(), "b".to_owned())], true));
        assert_eq!(bench.effects, [Effect::Relay(Order::AutoPong(false))]);
    }
}
