//! `ticker`: greets, says a random number each second, and sends back what comes.

use std::time::Duration;

use tokio::time::Instant;

use super::Lab;
use super::out::Out;
use crate::random;

/// What it says first.
pub const GREETING: &str = "Welcome. A number comes each second, and whatever you send comes back.";

/// Between two numbers.
const PACE: Duration = Duration::from_secs(1);

/// The ticker.
#[derive(Debug, Clone)]
pub struct Ticker {
    next: Instant,
    chance: fastrand::Rng,
}

impl Ticker {
    /// The first number comes in a second.
    #[must_use]
    pub fn new() -> Self {
        let mut seed = [0; 8];
        random::fill(&mut seed);
        Self { next: Instant::now() + PACE, chance: fastrand::Rng::with_seed(u64::from_ne_bytes(seed)) }
    }
}

impl Default for Ticker {
    fn default() -> Self {
        Self::new()
    }
}

impl Lab for Ticker {
    fn begin(&mut self, out: &mut Out) {
        out.text(GREETING);
    }

    fn wakes_at(&self) -> Option<Instant> {
        Some(self.next)
    }

    fn wake(&mut self, now: Instant, out: &mut Out) {
        if self.next > now {
            return;
        }
        // Numbers that were not read are not made up for.
        if out.has_room() {
            let hundredths = self.chance.u32(0..10_000);
            out.text(&format!("{}.{:02}", hundredths / 100, hundredths % 100));
        }
        self.next = (self.next + PACE).max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_a_second_with_two_decimals() {
        let mut ticker = Ticker::new();
        let mut out = Out::new(1024, None);
        let first = ticker.wakes_at().unwrap();
        ticker.wake(first - Duration::from_millis(1), &mut out);
        assert_eq!(out.len(), 0);
        ticker.wake(first, &mut out);
        assert_eq!(ticker.wakes_at(), Some(first + PACE));
        let said = std::str::from_utf8(&out.unwritten()[2..]).unwrap();
        let (whole, hundredths) = said.split_once('.').unwrap();
        assert!(whole.parse::<u8>().unwrap() < 100 && hundredths.len() == 2 && hundredths.parse::<u8>().is_ok());
        // After a pause there is no burst.
        let late = first + PACE * 10;
        ticker.wake(late, &mut out);
        assert_eq!(ticker.wakes_at(), Some(late));
    }
}
