//! Sending again and again: what is due when, and what stands in place of `{{n}}`, `{{now}}` and `{{uuid}}`.

use super::super::socket::{BinaryType, Payload};
use crate::lean::text;

/// The longest time between two, in milliseconds: an hour.
pub const MOST_MS: u32 = 3_600_000;

/// How often at most.
pub const MOST_TIMES: u32 = 1_000_000;

/// Messages that go at once at most. Timers come every 4 ms at best and once a second in a hidden tab, so that faster
/// repetitions go in bunches.
const BUNCH: u32 = 5_000;

/// Bytes that may wait in the browser (`bufferedAmount`) before the next ones are held back: a tab has not much more memory.
pub const HELD: u64 = 64 << 20;

/// What is sent each time.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// These.
    Fixed(Vec<Payload>),
    /// This text, filled in anew each time.
    Text(String),
    /// So many bytes, other ones each time.
    Random(u32, BinaryType),
}

impl Load {
    /// What is to be sent as the `n`-th, from 1.
    #[must_use]
    pub fn make(&self, n: u32, now: f64) -> Vec<Payload> {
        match self {
            Self::Fixed(payloads) => payloads.clone(),
            Self::Text(text) => vec![Payload::Text(fill(text, n, now, &super::random::uuid).into())],
            Self::Random(count, kind) => vec![super::random::payload(*count, *kind)],
        }
    }
}

/// A repetition under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What.
    pub load: Load,
    /// How often it has been sent.
    pub sent: u32,
    /// How often it shall be.
    pub total: u32,
    /// Milliseconds between two.
    pub every: u32,
    /// When the first was due, in milliseconds since 1970.
    pub begun: f64,
    /// Tells this one from those before.
    pub number: u32,
}

impl Run {
    /// How many are to be sent now.
    #[must_use]
    pub fn due(&self, now: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float stops at the bounds"
        )]
        let times = ((now - self.begun) / f64::from(self.every)) as u32;
        times.saturating_add(1).min(self.total).saturating_sub(self.sent).min(BUNCH)
    }

    /// Milliseconds until the next is due.
    #[must_use]
    pub fn wait(&self, now: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float stops at the bounds"
        )]
        let wait = (self.begun + f64::from(self.every) * f64::from(self.sent) - now).ceil() as u32;
        wait.min(MOST_MS)
    }
}

/// Fills a text in. What is not known between braces stays as it is.
#[must_use]
pub fn fill(text: &str, n: u32, now: f64, uuid: &dyn Fn() -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (len, value) = if rest.starts_with("{{n}}") {
            (5, text::whole(n as usize))
        } else if rest.starts_with("{{now}}") {
            (7, text::fixed(now, 0))
        } else if rest.starts_with("{{uuid}}") {
            (8, uuid())
        } else {
            out.push(letter);
            (letter.len_utf8(), String::new())
        };
        out += &value;
        rest = rest.get(len..).unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        fill(text, 7, 1_763_370_000_123.4, &|| "u".to_owned())
    }

    #[test]
    fn a_text_is_filled_in() {
        assert_eq!(filled(r#"{"n":{{n}},"at":{{now}},"id":"{{uuid}}"}"#), r#"{"n":7,"at":1763370000123,"id":"u"}"#);
        assert_eq!(filled("{{n}}{{n}}"), "77");
        for text in ["", "plain", "{{other}}", "{{n", "}}{{", "{{ n }}"] {
            assert_eq!(filled(text), text);
        }
        assert_eq!(filled("{{x{{n}}"), "{{x7");
    }

    fn run(every: u32, total: u32) -> Run {
        Run { load: Load::Fixed(Vec::new()), sent: 0, total, every, begun: 1_000.0, number: 1 }
    }

    #[test]
    fn each_is_due_in_its_time() {
        let mut run = run(100, 3);
        assert_eq!((run.due(1_000.0), run.wait(1_000.0)), (1, 0));
        run.sent = 1;
        assert_eq!((run.due(1_050.0), run.wait(1_050.0)), (0, 50));
        assert_eq!(run.due(1_200.0), 2);
        assert_eq!(run.due(9_000.0), 2);
        run.sent = 3;
        assert_eq!(run.due(9_000.0), 0);
    }

    #[test]
    fn what_is_faster_than_timers_goes_in_bounded_bunches() {
        let mut run = run(1, MOST_TIMES);
        run.sent = 1;
        assert_eq!(run.due(1_004.2), 4);
        assert_eq!(run.due(1_000_000.0), BUNCH);
        assert_eq!(run.wait(1_000_000.0), 0);
    }
}
