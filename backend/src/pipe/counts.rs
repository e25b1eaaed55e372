//! What the status page and the metrics tell: counters, which anybody may add to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// The counters of a server.
#[derive(Debug)]
pub struct Counts {
    /// When it began.
    pub began: Instant,
    /// WebSockets that were opened.
    pub connections: Count,
    /// WebSockets that are open.
    pub open: Count,
    /// Programs that were started.
    pub started: Count,
    /// Programs that run.
    pub running: Count,
    /// Programs that ended with another status than 0, or by a signal that was not ours.
    pub failed: Count,
    /// Programs that could not be started.
    pub unstarted: Count,
    /// Handshakes that were refused.
    pub refused: Count,
    /// Messages of clients, and their bytes.
    pub heard: Count,
    /// Bytes of them.
    pub heard_bytes: Count,
    /// Messages to clients.
    pub said: Count,
    /// Bytes of them.
    pub said_bytes: Count,
    /// Clients that were dropped because they took nothing for too long.
    pub stalled: Count,
}

/// A program that is counted as running until this is dropped.
#[derive(Debug)]
pub struct Running(Arc<Counts>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.leave();
    }
}

impl Running {
    /// One program more has been started, and runs.
    #[must_use]
    pub fn begin(counts: &Arc<Counts>) -> Self {
        counts.started.add(1);
        counts.running.add(1);
        Self(Arc::clone(counts))
    }
}

/// A number that goes up, and sometimes down.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// Takes one away.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// How much it is.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            connections: Count::default(),
            open: Count::default(),
            started: Count::default(),
            running: Count::default(),
            failed: Count::default(),
            unstarted: Count::default(),
            refused: Count::default(),
            heard: Count::default(),
            heard_bytes: Count::default(),
            said: Count::default(),
            said_bytes: Count::default(),
            stalled: Count::default(),
        }
    }
}
