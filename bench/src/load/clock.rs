//! One clock for everything that is compared: nanoseconds since the generator began.

use std::time::{Duration, Instant};

/// A clock that many may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    base: Instant,
}

impl Clock {
    /// A clock that begins now.
    pub(crate) fn new() -> Self {
        Self { base: Instant::now() }
    }

    /// Nanoseconds since it began; enough for five hundred years.
    #[inline]
    pub(crate) fn now(self) -> u64 {
        nanos(self.base.elapsed())
    }
}

/// A duration as nanoseconds.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
