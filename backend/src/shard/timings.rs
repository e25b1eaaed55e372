//! Waits and bounds that are not settings: a running server has the ones the protocol names, and tests shorten them.

use std::time::Duration;

use common::limits;

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
    /// For how many connections there is space from the start. It is only set aside: what is not used takes no memory,
    /// while space that grows leaves holes as large as itself.
    pub connections: usize,
    /// Bytes that may wait for one connection before events are no longer put behind them. One run of events always fits.
    pub backlog: usize,
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
            connections: 64 * 1024,
            // A second or two of a very busy room: readers on bad networks pause for about that long.
            backlog: 1024 * 1024,
        }
    }
}

impl Timings {
    /// Milliseconds between two looks at all connections: an eighth of the shortest wait, and at most half a second, which
    /// is close enough for waits of seconds.
    #[must_use]
    pub fn beat(&self) -> u64 {
        let Patience { hello_ms, ping_ms, silence_ms } = self.patience;
        let ms = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let shortest = [hello_ms, ping_ms, silence_ms, ms(self.write_stall), ms(self.linger)].into_iter().min();
        (shortest.unwrap_or_default() / 8).clamp(1, 500)
    }
}
