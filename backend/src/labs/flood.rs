//! `flood`: many numbered texts at a steady rate, and then a Close.

use std::time::Duration;

use common::close;
use tokio::time::Instant;

use super::Lab;
use super::out::Out;

/// Between two writes, so that a rate of thousands does not take as many.
const STEP: Duration = Duration::from_millis(5);

/// The flood. Who does not read it is waited for: no text is left out.
#[derive(Debug, Clone, Copy)]
pub struct Flood {
    /// Texts in a second.
    rate: u64,
    /// Bytes of each.
    size: usize,
    /// Texts in all.
    total: u64,
    /// Texts that were said.
    said: u64,
    began: Instant,
    next: Instant,
    /// What was said waits to be read.
    blocked: bool,
}

impl Flood {
    /// So many texts in each of so many seconds, of so many bytes (at least 24).
    #[must_use]
    pub fn new(rate: u64, size: usize, seconds: u64) -> Self {
        let now = Instant::now();
        Self { rate, size, total: rate.saturating_mul(seconds), said: 0, began: now, next: now, blocked: false }
    }

    fn go_on(&mut self, now: Instant, out: &mut Out) {
        let elapsed = u64::try_from((now - self.began).as_micros()).unwrap_or(u64::MAX);
        let due = (elapsed.saturating_mul(self.rate) / 1_000_000).min(self.total);
        while self.said < due && out.has_room() {
            out.text(&text(self.said, self.size));
            self.said += 1;
        }
        self.blocked = self.said < due;
        self.next = now + STEP;
        if self.said == self.total && out.has_room() {
            out.close(Some(close::NORMAL), "");
        }
    }
}

/// A text that is JSON, has its number, and has this size.
fn text(n: u64, size: usize) -> String {
    let mut text = format!(r#"{{"n":{n},"pad":""#);
    let pad = size.saturating_sub(text.len() + 2);
    text.extend(std::iter::repeat_n('.', pad));
    text.push_str(r#""}"#);
    text
}

impl Lab for Flood {
    fn wakes_at(&self) -> Option<Instant> {
        (!self.blocked).then_some(self.next)
    }

    fn wake(&mut self, now: Instant, out: &mut Out) {
        self.go_on(now, out);
    }

    fn more(&mut self, out: &mut Out) {
        if self.blocked {
            self.go_on(Instant::now(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_number_and_their_size() {
        assert_eq!(text(0, 24), r#"{"n":0,"pad":"........"}"#);
        for (n, size) in [(0, 24), (1_199_999, 24), (7, 65_536)] {
            let text = text(n, size);
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!((text.len(), read["n"].as_u64()), (size, Some(n)));
        }
    }

    #[test]
    fn the_rate_is_kept_and_who_does_not_read_is_waited_for() {
        let mut flood = Flood::new(1_000, 100, 2);
        let mut out = Out::new(10_000, None);
        let began = flood.began;
        flood.wake(began + Duration::from_millis(50), &mut out);
        assert_eq!((flood.said, flood.blocked), (50, false));
        flood.wake(began + Duration::from_secs(5), &mut out);
        assert!(flood.said < 110 && flood.wakes_at().is_none(), "{flood:?}");
        while out.end().is_none() {
            out.advance(out.len());
            flood.go_on(began + Duration::from_secs(5), &mut out);
        }
        assert_eq!(flood.said, 2_000);
    }
}
