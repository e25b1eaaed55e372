//! When to try again: a pure schedule with full jitter.
//!
//! The first try comes within [`FIRST_MS`]; each further one waits a random time up to the next of [`BOUNDS_MS`].
//! Drawing from the whole interval, not around its end, keeps a thousand clients from coming back in waves (the "full
//! jitter" of the AWS Architecture Blog, "Exponential Backoff and Jitter").

/// Longest wait before the first try, in milliseconds.
pub const FIRST_MS: u64 = 250;

/// Longest waits before the second and further tries, in milliseconds; the last one repeats.
pub const BOUNDS_MS: [u64; 6] = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/// The rung of [`BOUNDS_MS`] that an overloaded server is given at once.
const OVERLOADED_RUNG: usize = 3;

/// The present place on the ladder of waits.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Backoff {
    /// Tries since the connection last worked.
    tries: u32,
    /// The rung of the present wait.
    rung: Option<usize>,
}

impl Backoff {
    /// The connection works: the next failure starts from the bottom.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Tries since the connection last worked, the coming one included.
    #[must_use]
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// Which of [`BOUNDS_MS`] bounds the present wait; `None` for the quick first one.
    #[must_use]
    pub const fn rung(&self) -> Option<usize> {
        self.rung
    }

    /// Milliseconds to wait before the next try: at least 1. `spread` is the interval that a server asked its clients
    /// to spread over; it counts for the first try alone.
    pub fn wait(&mut self, spread: Option<u64>, overloaded: bool, rng: &mut fastrand::Rng) -> u64 {
        self.tries = self.tries.saturating_add(1);
        let floor = if overloaded { Some(OVERLOADED_RUNG) } else { None };
        let climbed = match self.tries {
            0 | 1 => None,
            tries => Some(tries as usize - 2),
        };
        self.rung = climbed.max(floor).map(|rung| rung.min(BOUNDS_MS.len() - 1));
        let bound = match (self.rung, spread) {
            (None, Some(spread)) => spread,
            (None, None) => FIRST_MS,
            (Some(rung), _) => BOUNDS_MS.get(rung).copied().unwrap_or(FIRST_MS),
        };
        rng.u64(1..=bound.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_try_is_quick_and_the_bounds_double_to_thirty_seconds() {
        let mut backoff = Backoff::default();
        let mut rng = fastrand::Rng::with_seed(7);
        let bounds = [FIRST_MS, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
        for bound in bounds {
            let wait = backoff.wait(None, false, &mut rng);
            assert!((1..=bound).contains(&wait), "{wait} of {bound}");
        }
        assert_eq!((backoff.tries(), backoff.rung()), (9, Some(5)));
    }

    #[test]
    fn waits_fill_the_whole_interval() {
        let mut rng = fastrand::Rng::with_seed(7);
        let waits: Vec<u64> = (0..200)
            .map(|_| {
                let mut backoff = Backoff { tries: 5, rung: None };
                backoff.wait(None, false, &mut rng)
            })
            .collect();
        assert!(waits.iter().any(|w| *w < 2_000) && waits.iter().any(|w| *w > 14_000));
    }

    #[test]
    fn a_server_that_stops_spreads_its_clients_once() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..100).map(|_| Backoff::default().wait(Some(5_000), false, &mut rng)).collect();
        assert!(waits.iter().any(|w| *w > 3_000));
        backoff.wait(Some(5_000), false, &mut rng);
        assert!(backoff.wait(Some(5_000), false, &mut rng) <= 1_000);
    }

    #[test]
    fn an_overloaded_server_is_left_alone_for_longer() {
        let mut backoff = Backoff::default();
        backoff.wait(None, true, &mut fastrand::Rng::with_seed(7));
        assert_eq!(backoff.rung(), Some(3));
    }
}
