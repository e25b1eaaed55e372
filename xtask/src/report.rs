//! What the commands say: numbered steps with the time each took, on standard error.
//!
//! Standard output is left to the programs that are started, so that their results can be piped.

use std::io::Write;
use std::time::{Duration, Instant};

/// Writes one line. A closed terminal is no reason to stop the work.
pub(crate) fn line(text: &str) {
    if cfg!(test) {
        // Of the two, only this is kept back from the output of the tests.
        eprintln!("{text}");
    } else {
        writeln!(std::io::stderr().lock(), "{text}").ok();
    }
}

/// A line that belongs to the step above it.
pub(crate) fn note(text: &str) {
    line(&format!("      {text}"));
}

/// The steps of one command, counted so that one can see how far it is.
pub(crate) struct Steps {
    total: usize,
    begun: usize,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, begun: 0 }
    }

    /// Announces the next step.
    pub(crate) fn begin(&mut self, what: &str) -> Step {
        self.begun += 1;
        line(&format!("[{}/{}] {what}", self.begun, self.total));
        Step { started: Instant::now() }
    }
}

/// A step that is under way.
pub(crate) struct Step {
    started: Instant,
}

impl Step {
    /// Says how the step ended and how long it took.
    pub(crate) fn done(self, how: &str) {
        note(&format!("{how} ({})", spell(self.started.elapsed())));
    }
}

/// A duration as people read it: tenths below a minute, whole seconds above.
pub(crate) fn spell(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// A size as people read it, in the units of the budget (1 KB = 1,000 bytes).
pub(crate) fn size(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{}.{} KB", bytes / 1_000, bytes % 1_000 / 100)
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled_for_people() {
        assert_eq!(spell(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(spell(Duration::from_secs(65)), "1 min 05 s");
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(size(999), "0.9 KB");
        assert_eq!(size(249_960), "249.9 KB");
        assert_eq!(size(7_340_000), "7.3 MB");
    }
}
