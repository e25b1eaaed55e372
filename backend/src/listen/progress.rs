//! Who keeps an HTTP connection and does nothing with it.
//!
//! hyper's deadline is for heads in HTTP/1.1 alone. Whoever does not read an answer, stops in the middle of a body, or
//! opens an HTTP/2 connection and asks for nothing, would be served for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long others may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the way to the first request, and for the head of each in HTTP/1.1.
    pub head: Duration,
    /// For doing nothing.
    pub idle: Duration,
}

impl Patience {
    /// How often an HTTP/2 connection is asked whether the other side is there. Its answer is progress.
    #[must_use]
    pub fn ping_every(self) -> Duration {
        self.idle / 2
    }

    /// How long the answer may take.
    #[must_use]
    pub fn pong_within(self) -> Duration {
        self.idle / 2
    }
}

/// What a connection has got done.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    requests: AtomicU64,
}

impl Progress {
    /// None yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Bytes came or went.
    pub fn moved(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// A request came.
    pub fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends when no request has come in time, or when nothing has moved for [`Patience::idle`] or somewhat longer.
    pub async fn ceases(&self, patience: Patience) {
        let deadline = tokio::time::sleep(patience.head);
        tokio::pin!(deadline);
        loop {
            let before = self.bytes.load(Ordering::Relaxed);
            tokio::select! {
                () = &mut deadline, if !deadline.is_elapsed() => {
                    if self.requests.load(Ordering::Relaxed) == 0 {
                        return;
                    }
                }
                () = tokio::time::sleep(patience.idle) => {
                    if self.bytes.load(Ordering::Relaxed) == before {
                        return;
                    }
                }
            }
        }
    }
}
