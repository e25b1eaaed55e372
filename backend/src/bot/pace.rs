//! How much a program may say: so many messages a minute, and a few at once after a quiet time.
//!
//! Pure: time comes in. Deliberately absent: what waits meanwhile, which is the desk's.

use common::id::Timestamp;

/// Messages that may go out at once after a quiet time.
const BURST: u64 = 10;

/// What a message costs; each millisecond gives back as much as may be said in a minute.
const COST: u64 = 60_000;

/// A bucket of leave to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    per_minute: u64,
    left: u64,
    at: Timestamp,
}

impl Pace {
    /// A full bucket. At least one message a minute may always be said.
    #[must_use]
    pub fn new(per_minute: u32, now: Timestamp) -> Self {
        Self { per_minute: u64::from(per_minute.max(1)), left: BURST * COST, at: now }
    }

    /// Takes leave for one message, if there is any.
    pub fn take(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        let may = self.left >= COST;
        self.left -= if may { COST } else { 0 };
        may
    }

    /// When there is leave for another message.
    #[must_use]
    pub fn next(&self) -> Timestamp {
        self.at.plus(COST.saturating_sub(self.left).div_ceil(self.per_minute))
    }

    fn refill(&mut self, now: Timestamp) {
        let gained = now.since(self.at).saturating_mul(self.per_minute);
        self.left = self.left.saturating_add(gained).min(BURST * COST);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_a_second() {
        let mut pace = Pace::new(60, Timestamp(5_000));
        let passed = (0..100).filter(|_| pace.take(Timestamp(5_000))).count();
        assert_eq!(passed, 10);
        assert_eq!(pace.next(), Timestamp(6_000));
        assert!(!pace.take(Timestamp(5_999)));
        assert!(pace.take(Timestamp(6_000)) && !pace.take(Timestamp(6_000)));
    }

    #[test]
    fn a_clock_that_goes_back_gives_and_takes_nothing() {
        let mut pace = Pace::new(60, Timestamp(10_000));
        assert!((0..10).all(|_| pace.take(Timestamp(10_000))));
        assert!(!pace.take(Timestamp(0)));
        assert!(pace.take(Timestamp(1_000)));
    }

    proptest! {
        #[test]
        fn no_minute_has_more_than_the_rate_and_a_burst(
            rate in 1_u32..200, steps in prop::collection::vec(0_u64..3_000, 1..300),
        ) {
            let mut pace = Pace::new(rate, Timestamp(0));
            let (mut now, mut passed) = (0, Vec::new());
            for step in steps {
                now += step;
                while pace.take(Timestamp(now)) {
                    passed.push(now);
                }
            }
            for from in &passed {
                let within = passed.iter().filter(|at| (*from..*from + 60_000).contains(*at)).count() as u64;
                prop_assert!(within <= u64::from(rate) + BURST, "{} from {}", within, from);
            }
        }

        #[test]
        fn leave_comes_when_it_was_foretold(rate in 1_u32..10_000, now in 0_u64..1_000_000) {
            let mut pace = Pace::new(rate, Timestamp(now));
            while pace.take(Timestamp(now)) {}
            let next = pace.next();
            prop_assert!(!pace.take(Timestamp(next.0 - 1)));
            prop_assert!(pace.take(next));
        }
    }
}
