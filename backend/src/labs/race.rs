//! Races: the same news, got in four ways, and what each way costs.
//!
//! A page makes up a [`Name`] and asks for its news under it in every [`Way`]; [`meter`] counts bytes and ages. When there
//! will be news is drawn as the race begins ([`news`]), so that no task makes them: what there is follows from the time.
//! Bounds:
//!
//! - 32 races, each with news for 5 minutes; 8 requests of one may be open.
//! - a race is forgotten 60 s after its last request.
//!
//! Deliberately absent: how each way is spoken, which is `http::labs::race`'s, but for the socket, a [`socket::News`].

pub mod heads;
pub mod meter;
pub mod news;
pub mod socket;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::labs::{Race as Told, Way};
use tokio::time::Instant;

use super::name::Name;
use crate::random;
use meter::{Meter, Meters};
use news::{Item, Plan};

/// Races at once.
const MOST_RACES: usize = 32;

/// Requests of one race that may be open.
const MOST_OPEN: usize = 8;

/// How long a race is remembered that nobody asks for.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// The races. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Races(Arc<Mutex<Vec<Entry>>>);

#[derive(Debug)]
struct Entry {
    name: Name,
    open: usize,
    /// When the last request began or ended.
    last: Instant,
    race: Arc<Race>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There are 32 races.
    Full,
    /// 8 requests of this race are open.
    Busy,
}

/// A race.
#[derive(Debug)]
pub struct Race {
    began: Instant,
    plan: Plan,
    meters: Meters,
}

/// A request of a race, while it is open. Derefs to the race.
#[derive(Debug)]
pub struct Runner {
    races: Races,
    name: Name,
    race: Arc<Race>,
}

impl Races {
    /// Begins a request. The first of a name begins the race.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn enter(&self, name: Name) -> Result<Runner, Refused> {
        let now = Instant::now();
        let mut races = self.lock();
        races.retain(|entry| entry.open > 0 || now.duration_since(entry.last) < FORGOTTEN);
        let race = if let Some(known) = races.iter_mut().find(|entry| entry.name == name) {
            if known.open >= MOST_OPEN {
                return Err(Refused::Busy);
            }
            (known.open, known.last) = (known.open + 1, now);
            Arc::clone(&known.race)
        } else {
            if races.len() >= MOST_RACES {
                return Err(Refused::Full);
            }
            let mut seed = [0; 8];
            random::fill(&mut seed);
            let plan = Plan::new(u64::from_ne_bytes(seed));
            let race = Arc::new(Race { began: now, plan, meters: Meters::default() });
            races.push(Entry { name, open: 1, last: now, race: Arc::clone(&race) });
            race
        };
        drop(races);
        Ok(Runner { races: self.clone(), name, race })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Race {
    /// What there is by now behind item `after`, oldest first.
    pub fn since(&self, after: u64) -> impl Iterator<Item = Item> + '_ {
        self.plan.between(after, self.micros())
    }

    /// When there will be something behind item `after`; `None` if there never will.
    #[must_use]
    pub fn next_at(&self, after: u64) -> Option<Instant> {
        self.plan.at(after.saturating_add(1)).map(|at| self.began + Duration::from_micros(at))
    }

    /// What one way costs.
    #[must_use]
    pub fn meter(&self, way: Way) -> &Meter {
        self.meters.of(way)
    }

    /// Counts an item as delivered, now.
    pub fn delivered(&self, way: Way, item: Item) {
        self.meter(way).delivered(self.micros().saturating_sub(item.at));
    }

    /// What all has cost so far.
    #[must_use]
    pub fn told(&self) -> Told {
        Told { news: self.plan.made(self.micros()), ways: self.meters.tallies() }
    }

    /// Microseconds since it began.
    fn micros(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Runner {
    /// The race itself, which does not keep the request open.
    #[must_use]
    pub fn race(&self) -> &Arc<Race> {
        &self.race
    }
}

impl std::ops::Deref for Runner {
    type Target = Race;

    fn deref(&self) -> &Race {
        &self.race
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(entry) = self.races.lock().iter_mut().find(|entry| entry.name == self.name) {
            (entry.open, entry.last) = (entry.open.saturating_sub(1), Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(races: &Races, n: u8) -> Result<Runner, Refused> {
        races.enter(Name::read(&format!("{n:032x}")).unwrap())
    }

    /// A race that has lasted so long.
    fn race(lasts: Duration) -> Race {
        Race { began: Instant::now() - lasts, plan: Plan::new(7), meters: Meters::default() }
    }

    /// Has nobody asked for any race for a minute.
    fn wait(races: &Races) {
        races.lock().iter_mut().for_each(|entry| entry.last -= FORGOTTEN);
    }

    #[test]
    fn news_come_as_planned_and_age() {
        let fresh = race(Duration::ZERO);
        assert_eq!((fresh.since(0).count(), fresh.told().news, fresh.told().ways), (0, 0, Vec::new()));
        assert!(fresh.next_at(0).is_some_and(|at| at > Instant::now()));
        let old = race(Duration::from_secs(30));
        let items: Vec<Item> = old.since(0).collect();
        let last = items.last().unwrap();
        assert_eq!((items.len() as u64, old.told().news), (last.n, last.n));
        assert!(old.since(last.n).next().is_none() && old.next_at(last.n).is_some());
        old.meter(Way::Poll).asked(100, 200);
        old.delivered(Way::Poll, *last);
        old.delivered(Way::Poll, items[0]);
        let told = old.told();
        let [tally] = &told.ways[..] else { panic!("{told:?}") };
        assert_eq!((tally.way, tally.requests, tally.bytes_in, tally.bytes_out), (Way::Poll, 1, 100, 200));
        assert_eq!(tally.news, 2);
        assert!(tally.age_max >= 30_000_000 - items[0].at && tally.age_sum > tally.age_max, "{tally:?}");
        let over = race(Duration::from_secs(400));
        assert_eq!(over.next_at(over.told().news), None);
    }

    #[test]
    fn a_race_has_eight_open_requests_and_is_forgotten() {
        let races = Races::default();
        let mut open: Vec<Runner> = (0..MOST_OPEN).map(|_| enter(&races, 1).unwrap()).collect();
        assert_eq!(enter(&races, 1).unwrap_err(), Refused::Busy);
        let first = Arc::clone(open.pop().unwrap().race());
        let again = enter(&races, 1).unwrap();
        assert!(Arc::ptr_eq(again.race(), &first));
        drop((open, again));
        wait(&races);
        assert!(!Arc::ptr_eq(enter(&races, 1).unwrap().race(), &first));
    }

    #[test]
    fn there_are_few_races() {
        let races = Races::default();
        for n in 0..MOST_RACES {
            drop(enter(&races, n as u8).unwrap());
        }
        assert_eq!(enter(&races, 99).unwrap_err(), Refused::Full);
        let kept = enter(&races, 0).unwrap();
        wait(&races);
        assert!(enter(&races, 99).is_ok());
        assert!(Arc::ptr_eq(enter(&races, 0).unwrap().race(), kept.race()), "an open request keeps its race");
    }
}
