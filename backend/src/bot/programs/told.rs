//! What a program says beside its lines, and what is said of it, in the server's log, under its name.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::bot::client::Said;
use crate::session::throttle::{Rate, Throttle};

/// Bytes of one line at most; a longer one becomes several.
const LINE: usize = 4096;

/// Lines of one program: what is more is counted, so that it cannot fill a disk.
const RATE: Rate = Rate { per_second: 20, burst: 200 };

/// Brings what is told of a program into the log.
pub(super) fn log(name: Arc<str>) -> Box<dyn Fn(Said<'_>) + Send + Sync> {
    let (lines, began) = (Mutex::new(Lines::default()), Instant::now());
    Box::new(move |said| match said {
        Said::Note(note) => tracing::info!(program = %name, "{note}"),
        Said::Stderr(bytes) => {
            let now_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.take(bytes, now_ms, |line| tracing::info!(program = %name, "{line}"));
        }
    })
}

/// What was written to a standard error, until it is a line.
#[derive(Debug, Default)]
struct Lines {
    begun: Vec<u8>,
    throttle: Option<Throttle>,
    dropped: u64,
}

impl Lines {
    fn take(&mut self, bytes: &[u8], now_ms: u64, mut tell: impl FnMut(&str)) {
        for byte in bytes {
            if *byte != b'\n' {
                self.begun.push(*byte);
            }
            if *byte == b'\n' || self.begun.len() >= LINE {
                let line = std::mem::take(&mut self.begun);
                self.tell(&line, now_ms, &mut tell);
            }
        }
    }

    fn tell(&mut self, line: &[u8], now_ms: u64, tell: &mut impl FnMut(&str)) {
        let throttle = self.throttle.get_or_insert_with(|| Throttle::new(RATE, now_ms));
        if throttle.take(RATE, now_ms).is_err() {
            self.dropped += 1;
            return;
        }
        if std::mem::take(&mut self.dropped) > 0 {
            tell("(lines were left out: it writes too many)");
        }
        // A terminal that shows the log must not obey it.
        let shown = |c: char| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c };
        let text: String = String::from_utf8_lossy(line).trim_end_matches('\r').chars().map(shown).collect();
        tell(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_lines_that_a_terminal_cannot_obey() {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        for piece in ["a", "b\nc\r\n\x1b[2Jd", "\n\n", &"x".repeat(LINE + 1), "\n"] {
            lines.take(piece.as_bytes(), 0, |line| told.push(line.to_owned()));
        }
        assert_eq!(told, ["ab", "c", "\u{fffd}[2Jd", "", &"x".repeat(LINE), "x"]);
    }

    #[test]
    fn who_writes_too_many_is_cut_short_and_that_is_said() {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        lines.take("x\n".repeat(10_000).as_bytes(), 0, |line| told.push(line.to_owned()));
        assert_eq!(told.len(), 200);
        lines.take(b"y\n", 1_000, |line| told.push(line.to_owned()));
        assert_eq!(told[200..], ["(lines were left out: it writes too many)", "y"]);
    }
}
