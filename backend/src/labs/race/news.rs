//! When there will be news, decided once: an item every 0.3 to 3 s, for 5 minutes.

/// Microseconds between two items, at least and at most.
const SHORTEST: u64 = 300_000;
const LONGEST: u64 = 3_000_000;

/// Microseconds for which there are news. So there are a thousand items at most.
const LASTS: u64 = 5 * 60 * 1_000_000;

/// A piece of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Counts from 1.
    pub n: u64,
    /// Microseconds from the beginning of the race.
    pub at: u64,
}

impl Item {
    /// As it is sent, in every way.
    #[must_use]
    pub fn json(self) -> String {
        format!("{{\"n\":{},\"at\":{}}}", self.n, self.at)
    }
}

/// When each item comes, in microseconds from the beginning.
#[derive(Debug)]
pub(super) struct Plan(Vec<u64>);

impl Plan {
    /// A plan; the same seed gives the same.
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed);
        let times = std::iter::successors(Some(0), |before| Some(before + chance.u64(SHORTEST..=LONGEST)));
        Self(times.skip(1).take_while(|at| *at <= LASTS).collect())
    }

    /// When an item comes, if it ever does.
    pub(super) fn at(&self, n: u64) -> Option<u64> {
        self.0.get(usize::try_from(n.checked_sub(1)?).ok()?).copied()
    }

    /// How many items there are after so many microseconds.
    pub(super) fn made(&self, micros: u64) -> u64 {
        self.0.partition_point(|at| *at <= micros) as u64
    }

    /// The items behind `after` that there are after so many microseconds.
    pub(super) fn between(&self, after: u64, micros: u64) -> impl Iterator<Item = Item> + '_ {
        let first = after.saturating_add(1);
        (first..=self.made(micros)).filter_map(|n| self.at(n).map(|at| Item { n, at }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_come_every_few_seconds_for_five_minutes() {
        for seed in 0..50 {
            let Plan(times) = Plan::new(seed);
            assert!((100..1_000).contains(&times.len()));
            let gaps = std::iter::once(times[0]).chain(times.windows(2).map(|pair| pair[1] - pair[0]));
            assert!(gaps.into_iter().all(|gap| (SHORTEST..=LONGEST).contains(&gap)));
            let last = *times.last().unwrap();
            assert!((LASTS - LONGEST..=LASTS).contains(&last));
        }
    }

    #[test]
    fn what_there_is_follows_from_the_time() {
        let plan = Plan(vec![10, 20, 30]);
        let numbers = |after, micros| plan.between(after, micros).map(|item| item.n).collect::<Vec<_>>();
        assert_eq!(numbers(0, 9), [0; 0]);
        assert_eq!(numbers(0, 20), [1, 2]);
        assert_eq!(numbers(2, 40), [3]);
        assert_eq!(numbers(3, 40), [0; 0]);
        assert_eq!(numbers(u64::MAX, 40), [0; 0]);
        assert_eq!((plan.at(0), plan.at(1), plan.at(3), plan.at(4)), (None, Some(10), Some(30), None));
        assert_eq!(Item { n: 7, at: 42 }.json(), r#"{"n":7,"at":42}"#);
    }
}
