//! Waits and bounds that are not settings: a running server has the ones the protocol names, and tests shorten them.

use std::time::Duration;

use common::limits;

use crate::bus::outbox::Bounds;
use crate::session::liveness::Patience;

/// How long connections wait for what, and how much may wait for them.
#[derive(Debug, Clone, Copy)]
pub struct Timings {
    /// How long a request's head may take, and how long an HTTP connection may be idle.
    pub head: Duration,
    /// For the other side of a WebSocket.
    pub patience: Patience,
    /// How long a write may make no progress.
    pub write_stall: Duration,
    /// How long to listen after our Close, so that it is not lost.
    pub linger: Duration,
    /// Over how many milliseconds clients spread their return after a stop.
    pub retry_ms: u64,
    /// How long somebody whose connection has ended still counts as here.
    pub presence_grace: Duration,
    /// How much may wait for one connection.
    pub outbox: Bounds,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            patience: Patience::default(),
            write_stall: Duration::from_millis(limits::WRITE_STALL_MS),
            linger: Duration::from_secs(1),
            retry_ms: 2_000,
            presence_grace: Duration::from_millis(limits::PRESENCE_GRACE_MS),
            outbox: Bounds::default(),
        }
    }
}
