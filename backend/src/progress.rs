//! How far a command is, on standard error: one line that is written over on a terminal, a line now and then elsewhere.
//!
//! Deliberately absent: estimates of the time that is left.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Between two lines on a terminal.
const OFTEN: Duration = Duration::from_millis(200);

/// Between two lines in a file.
const SELDOM: Duration = Duration::from_secs(5);

/// What is told about a command.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    begun: Instant,
    told: Option<Instant>,
    terminal: bool,
}

impl Progress {
    /// Something that is counted, such as `events indexed`.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        Self { what, begun: Instant::now(), told: None, terminal: std::io::stderr().is_terminal() }
    }

    /// Says how far it is, unless that was said just now.
    pub fn tell(&mut self, done: u64, of: u64) {
        let pause = if self.terminal { OFTEN } else { SELDOM };
        if self.told.unwrap_or(self.begun).elapsed() < pause {
            return;
        }
        self.told = Some(Instant::now());
        self.write(&line(self.what, done, of, self.begun.elapsed()), if self.terminal { "\r\x1b[K" } else { "" });
        if !self.terminal {
            self.write("\n", "");
        }
    }

    /// Says what came of it.
    pub fn end(self, what: &str) {
        let clear = if self.terminal { "\r\x1b[K" } else { "" };
        self.write(&format!("{what} after {:.1} s\n", self.begun.elapsed().as_secs_f64()), clear);
    }

    /// Whoever started the command may have closed it; the command goes on.
    #[allow(clippy::unused_self, reason = "what is written belongs to a progress")]
    fn write(&self, text: &str, before: &str) {
        drop(write!(std::io::stderr().lock(), "{before}{text}"));
    }
}

fn line(what: &str, done: u64, of: u64, took: Duration) -> String {
    let share = (done.saturating_mul(100)).checked_div(of).unwrap_or(100);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "for people"
    )]
    let rate = (done as f64 / took.as_secs_f64().max(0.001)) as u64;
    format!("{done} of {of} {what} ({share} %), {rate} a second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_how_fast() {
        assert_eq!(line("events", 500, 2_000, Duration::from_secs(2)), "500 of 2000 events (25 %), 250 a second");
        assert_eq!(line("events", 0, 0, Duration::ZERO), "0 of 0 events (100 %), 0 a second");
    }
}
