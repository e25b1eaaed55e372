//! In which order a program is asked to end: its input closed, SIGINT, SIGTERM, SIGKILL, each later than the one before.
//!
//! The steps and their times are those of websocketd. Pure: who holds the program asks what is due, and carries it out.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

/// How long each step waits for the program before the next one: after the closed input, SIGINT and SIGTERM.
const WAITS: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(250), Duration::from_millis(500)];

/// The signals, in their order.
const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::KILL];

/// A program's way to its end, which begins when its input is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    step: usize,
    due: Instant,
    extra: Duration,
}

impl Ladder {
    /// The input is closed now. `extra` is added to each of the three waits.
    #[must_use]
    pub fn new(now: Instant, extra: Duration) -> Self {
        Self { step: 0, due: now + WAITS[0] + extra, extra }
    }

    /// When the next signal is due; nothing, when all were given.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        (self.step < SIGNALS.len()).then_some(self.due)
    }

    /// The signal that is due now, once.
    pub fn signal(&mut self, now: Instant) -> Option<Signal> {
        let signal = *SIGNALS.get(self.step).filter(|_| self.due <= now)?;
        self.step += 1;
        if let Some(wait) = WAITS.get(self.step) {
            self.due = now + *wait + self.extra;
        }
        Some(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_comes_once_and_in_time() {
        let begin = Instant::now();
        let mut ladder = Ladder::new(begin, Duration::ZERO);
        let mut given = Vec::new();
        for ms in 0..1000 {
            if let Some(signal) = ladder.signal(begin + Duration::from_millis(ms)) {
                given.push((ms, signal));
            }
        }
        assert_eq!(given, [(100, Signal::INT), (350, Signal::TERM), (850, Signal::KILL)]);
        assert_eq!(ladder.due(), None);
    }
}
