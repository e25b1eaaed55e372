//! How long to wait before a program that has ended is started again. Pure: who holds the program says how long it ran,
//! and waits.
//!
//! Not the schedule of `common::sync`, which spreads a thousand clients over a whole interval: one program is started
//! on one machine, so what matters is a floor under each wait, which keeps a program that dies at once from being
//! started without a pause.

use std::time::Duration;

/// The bound of the first wait.
pub const FIRST: Duration = Duration::from_millis(250);

/// The bound that no wait exceeds.
pub const LONGEST: Duration = Duration::from_secs(30);

/// A program that ran for so long was well: the next wait is the first again.
pub const WELL: Duration = Duration::from_secs(60);

/// The present place on the ladder of waits.
#[derive(Debug)]
pub struct Backoff {
    /// Starts that were in vain since one was well.
    failed: u32,
    chance: fastrand::Rng,
}

impl Default for Backoff {
    fn default() -> Self {
        let mut seed = [0; 8];
        crate::random::fill(&mut seed);
        Self::seeded(u64::from_ne_bytes(seed))
    }
}

impl Backoff {
    fn seeded(seed: u64) -> Self {
        Self { failed: 0, chance: fastrand::Rng::with_seed(seed) }
    }

    /// The program does what it is there for: the next wait is the first again.
    pub fn reset(&mut self) {
        self.failed = 0;
    }

    /// How long to wait now that the program has ended, which ran for `ran`; zero where it could not be started. At least
    /// half of a bound that doubles from [`FIRST`] to [`LONGEST`], and a random part of the other half: servers that were
    /// started together do not start their programs together for ever.
    pub fn wait(&mut self, ran: Duration) -> Duration {
        if ran >= WELL {
            self.reset();
        }
        let bound = bound(self.failed);
        self.failed = self.failed.saturating_add(1);
        let half = bound / 2;
        half + half.mul_f64(self.chance.f64())
    }
}

fn bound(failed: u32) -> Duration {
    FIRST.saturating_mul(1_u32.checked_shl(failed).unwrap_or(u32::MAX)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bounds_double_to_thirty_seconds_and_stay() {
        let bounds: Vec<u128> = (0..10).map(|failed| bound(failed).as_millis()).collect();
        assert_eq!(bounds, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(bound(u32::MAX), LONGEST);
    }

    #[test]
    fn who_was_well_is_started_soon() {
        let mut backoff = Backoff::seeded(7);
        for _ in 0..9 {
            backoff.wait(Duration::ZERO);
        }
        assert!(backoff.wait(WELL - Duration::from_millis(1)) >= LONGEST / 2);
        assert!(backoff.wait(WELL) <= FIRST);
        assert!(backoff.wait(Duration::ZERO) >= FIRST);
    }

    proptest! {
        #[test]
        fn no_wait_is_below_half_of_its_bound_or_above_it(seed in any::<u64>(), runs in prop::collection::vec(0_u64..60, 1..60)) {
            let mut backoff = Backoff::seeded(seed);
            for (failed, ran) in (0..).zip(runs) {
                let wait = backoff.wait(Duration::from_secs(ran));
                prop_assert!(wait >= bound(failed) / 2 && wait <= bound(failed));
            }
        }
    }
}
