//! How much of everything the labs may take: all their bounds in one place.
//!
//! Whoever may reach the labs needs no name, so that each bound is chosen for a machine that also serves a chat.
//! Deliberately absent: what the parameters of single endpoints may be, which stands in `http::labs`.

use std::time::Duration;

use crate::session::throttle::Rate;

const MIB: usize = 1024 * 1024;

/// The bounds. A running server has the default ones; tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, of all endpoints together: 512. Beyond, a handshake is answered with 503.
    pub connections: usize,
    /// Connections at once from one address: 64. Loopback is exempt: all browsers of a machine share it.
    pub per_address: usize,
    /// Bytes in a message that comes: 16 MiB, which conformance suites ask for. Beyond, the connection gets a 1009.
    pub message: usize,
    /// How long a connection may last: an hour. Then it gets a 1001.
    pub life: Duration,
    /// How long nothing may move on it: 10 minutes. Then it gets a 1001.
    pub idle: Duration,
    /// Bytes that may wait for one connection before no more is read from it, and nothing new is said: 256 KiB.
    /// The answer to one message always fits behind it.
    pub backlog: usize,
    /// Bytes that all connections may hold at once, of messages half arrived and answers half written: 256 MiB. Beyond,
    /// those that hold more than 1 MiB get a 1013.
    pub held: usize,
    /// Messages that one connection may bring in: 20,000 in a second. Beyond, it is read more slowly.
    pub rate: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            per_address: 64,
            message: 16 * MIB,
            life: Duration::from_secs(60 * 60),
            idle: Duration::from_secs(10 * 60),
            backlog: 256 * 1024,
            held: 256 * MIB,
            rate: Rate { per_second: 20_000, burst: 20_000 },
        }
    }
}
