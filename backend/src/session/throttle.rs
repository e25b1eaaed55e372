//! How fast a connection may speak: a token bucket. Pure; the caller brings the time.

/// A rate and how far it may be exceeded for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Messages per second, sustained; 0 for no limit.
    pub per_second: u32,
    /// Messages at once after a pause; at least 1.
    pub burst: u32,
}

/// The bucket. It holds thousandths of a message, so that a slow rate loses nothing to rounding.
#[derive(Debug)]
pub struct Throttle {
    thousandths: u64,
    filled_at_ms: u64,
}

impl Throttle {
    /// A full bucket.
    #[must_use]
    pub fn new(rate: Rate, now_ms: u64) -> Self {
        Self { thousandths: capacity(rate), filled_at_ms: now_ms }
    }

    /// Takes one message out, at the rate that the bucket was made for.
    ///
    /// # Errors
    /// The milliseconds after which there will be one.
    pub fn take(&mut self, rate: Rate, now_ms: u64) -> Result<(), u64> {
        if rate.per_second == 0 {
            return Ok(());
        }
        let per_second = u64::from(rate.per_second);
        // Messages per second are thousandths of a message per millisecond.
        let gained = now_ms.saturating_sub(self.filled_at_ms).saturating_mul(per_second);
        self.thousandths = self.thousandths.saturating_add(gained).min(capacity(rate));
        self.filled_at_ms = self.filled_at_ms.max(now_ms);
        match self.thousandths.checked_sub(1000) {
            Some(rest) => {
                self.thousandths = rest;
                Ok(())
            }
            None => Err((1000 - self.thousandths).div_ceil(per_second)),
        }
    }
}

fn capacity(rate: Rate) -> u64 {
    u64::from(rate.burst.max(1)).saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SLOW: Rate = Rate { per_second: 2, burst: 3 };

    #[test]
    fn a_burst_passes_and_then_the_rate_rules() {
        let mut throttle = Throttle::new(SLOW, 0);
        assert_eq!([0, 0, 0].map(|now| throttle.take(SLOW, now)), [Ok(()); 3]);
        assert_eq!(throttle.take(SLOW, 0), Err(500));
        assert_eq!(throttle.take(SLOW, 499), Err(1));
        assert_eq!(throttle.take(SLOW, 500), Ok(()));
    }

    #[test]
    fn zero_is_no_limit() {
        let none = Rate { per_second: 0, burst: 1 };
        let mut throttle = Throttle::new(none, 0);
        assert!((0..10_000).all(|_| throttle.take(none, 0).is_ok()));
    }

    proptest! {
        #[test]
        fn no_window_lets_more_through_than_burst_and_rate(
            per_second in 1_u32..2_000, burst in 1_u32..50, steps in prop::collection::vec(0_u64..40, 1..400),
        ) {
            let rate = Rate { per_second, burst };
            let mut throttle = Throttle::new(rate, 0);
            let (mut now, mut passed) = (0, 0_u64);
            for step in steps {
                now += step;
                passed += u64::from(throttle.take(rate, now).is_ok());
                prop_assert!(passed <= u64::from(burst) + now * u64::from(per_second) / 1000);
            }
        }

        #[test]
        fn the_time_named_is_the_time_needed(per_second in 1_u32..2_000, waits in prop::collection::vec(0_u64..5, 1..200)) {
            let rate = Rate { per_second, burst: 1 };
            let mut throttle = Throttle::new(rate, 0);
            let mut now = 0;
            for wait in waits {
                now += wait;
                if let Err(ms) = throttle.take(rate, now) {
                    now += ms;
                    prop_assert_eq!(throttle.take(rate, now), Ok(()));
                }
            }
        }
    }
}
