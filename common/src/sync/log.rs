//! What a client holds of one room's log: runs of events without gaps.
//!
//! Because `seq` has no gaps, what is missing can be computed: it is what lies between two runs. Deliberately absent:
//! who asks for what is missing, and when; that is the engine's.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::id::Seq;
use crate::model::Event;

/// Part of a room's log, as one client holds it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RoomLog {
    events: BTreeMap<Seq, Arc<Event>>,
    /// First and last `seq` of each unbroken run, in rising order, with at least one event missing between two.
    runs: Vec<(Seq, Seq)>,
}

/// A place in a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An event that is held.
    Event(Arc<Event>),
    /// Events that are known to exist and are not held.
    Gap(RangeInclusive<Seq>),
}

impl RoomLog {
    /// Adds an event. Returns whether it was new.
    pub fn insert(&mut self, event: Arc<Event>) -> bool {
        let seq = event.seq;
        if self.holds(seq) {
            return false;
        }
        // `at` is the first run that begins behind the event.
        let at = self.runs.partition_point(|run| run.0 < seq);
        let joins_before = at.checked_sub(1).filter(|i| self.runs.get(*i).is_some_and(|run| run.1.next() == seq));
        let joins_after = self.runs.get(at).is_some_and(|run| run.0 == seq.next());
        match (joins_before, joins_after) {
            (Some(before), true) => {
                let after = self.runs.remove(at);
                self.runs.get_mut(before).into_iter().for_each(|run| run.1 = after.1);
            }
            (Some(before), false) => self.runs.get_mut(before).into_iter().for_each(|run| run.1 = seq),
            (None, true) => self.runs.get_mut(at).into_iter().for_each(|run| run.0 = seq),
            (None, false) => self.runs.insert(at, (seq, seq)),
        }
        self.events.insert(seq, event);
        true
    }

    /// Whether this event is held.
    #[must_use]
    pub fn holds(&self, seq: Seq) -> bool {
        self.events.contains_key(&seq)
    }

    /// The newest event held, [`Seq::ZERO`] where there is none: what a client tells the server to go on from.
    #[must_use]
    pub fn cursor(&self) -> Seq {
        self.runs.last().map_or(Seq::ZERO, |run| run.1)
    }

    /// The oldest event held.
    #[must_use]
    pub fn first(&self) -> Option<Seq> {
        self.runs.first().map(|run| run.0)
    }

    /// What is missing between the oldest and the newest event held, oldest first.
    pub fn gaps(&self) -> impl DoubleEndedIterator<Item = RangeInclusive<Seq>> + '_ {
        self.runs.windows(2).filter_map(|pair| match pair {
            [older, newer] => Some(older.1.next()..=newer.0.prev()),
            _ => None,
        })
    }

    /// The events held, oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Arc<Event>> {
        self.events.values()
    }

    /// Events and gaps in order, oldest first.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let mut items = Vec::with_capacity(self.events.len() + self.runs.len());
        let mut gaps = self.gaps().peekable();
        for event in self.events.values() {
            if let Some(gap) = gaps.next_if(|gap| *gap.end() < event.seq) {
                items.push(Item::Gap(gap));
            }
            items.push(Item::Event(Arc::clone(event)));
        }
        items
    }

    /// How many events are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::{RoomId, Timestamp, UserId};
    use crate::model::EventKind;

    fn event(seq: u64) -> Arc<Event> {
        Arc::new(Event {
            room: RoomId(1),
            seq: Seq(seq),
            at: Timestamp(0),
            by: UserId(1),
            name: "Maya".into(),
            cid: None,
            kind: EventKind::Joined,
        })
    }

    fn log(seqs: impl IntoIterator<Item = u64>) -> RoomLog {
        let mut log = RoomLog::default();
        for seq in seqs {
            log.insert(event(seq));
        }
        log
    }

    #[test]
    fn a_missing_event_is_a_gap_until_it_arrives() {
        let mut log = log([1, 2, 4]);
        assert_eq!(log.gaps().collect::<Vec<_>>(), [Seq(3)..=Seq(3)]);
        assert!(log.insert(event(3)));
        assert_eq!(log.gaps().count(), 0);
        assert!(!log.insert(event(3)), "the second time it is a repeat");
    }

    #[test]
    fn a_gap_stands_between_its_neighbours() {
        let items = log([1, 5]).items();
        assert_eq!(items, [Item::Event(event(1)), Item::Gap(Seq(2)..=Seq(4)), Item::Event(event(5))]);
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same_log(seqs in proptest::collection::vec(1_u64..60, 0..120)) {
            let shuffled = log(seqs.iter().copied());
            let mut sorted: Vec<u64> = seqs;
            sorted.sort_unstable();
            prop_assert_eq!(&shuffled, &log(sorted.iter().copied()));
            sorted.dedup();
            prop_assert_eq!(shuffled.len(), sorted.len());
            let missing: u64 = shuffled.gaps().map(|gap| gap.end().0 - gap.start().0 + 1).sum();
            let span = sorted.last().map_or(0, |last| last - sorted[0] + 1);
            prop_assert_eq!(missing + sorted.len() as u64, span);
        }
    }
}
