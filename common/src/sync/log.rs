//! What a client holds of one room's log: runs of events without gaps.
//!
//! Because `seq` has no gaps, what is missing can be computed: it is what lies between two runs. Deliberately absent:
//! who asks for what is missing, and when; that is the engine's.

use std::collections::VecDeque;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use crate::id::Seq;
use crate::model::{Event, EventKind};

/// Part of a room's log, as one client holds it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RoomLog {
    /// In rising order. Nearly all of them come at one of the two ends.
    events: VecDeque<Arc<Event>>,
    /// First and last `seq` of each unbroken run, in rising order, with at least one event missing between two.
    runs: Vec<(Seq, Seq)>,
    /// A message and an event that changed it, in rising order.
    changes: VecDeque<(Seq, Seq)>,
    /// A message and a message that answers it or belongs to the thread that it began, in rising order.
    replies: VecDeque<(Seq, Seq)>,
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
        if let Some(target) = event.kind.target() {
            let at = self.changes.partition_point(|change| *change < (target, seq));
            self.changes.insert(at, (target, seq));
        }
        if let EventKind::Message { reply: Some(reply), .. } = event.kind {
            let at = self.replies.partition_point(|held| *held < (reply.root, seq));
            self.replies.insert(at, (reply.root, seq));
        }
        let at = self.place(seq).unwrap_or_else(|at| at);
        self.events.insert(at, event);
        true
    }

    /// Takes the text of a deleted message, and of every edit of it, out of what is held. Returns what changed.
    pub(super) fn erase(&mut self, target: Seq) -> Vec<Arc<Event>> {
        let mut seqs = vec![target];
        seqs.extend(of(&self.changes, target));
        let mut erased = Vec::new();
        for seq in seqs {
            let Some(event) = self.place(seq).ok().and_then(|at| self.events.get_mut(at)) else { continue };
            if is_written(&event.kind) {
                wipe(&mut Arc::make_mut(event).kind);
                erased.push(Arc::clone(event));
            }
        }
        erased
    }

    /// Whether a message is known to be deleted.
    pub(super) fn is_deleted(&self, target: Seq) -> bool {
        let deleted = |event: &Arc<Event>| matches!(event.kind, EventKind::Deleted { .. });
        self.changes_of(target).any(deleted)
    }

    /// The events that changed a message, oldest first.
    pub fn changes_of(&self, target: Seq) -> impl Iterator<Item = &Arc<Event>> {
        of(&self.changes, target).filter_map(|seq| self.get(seq))
    }

    /// The messages of the thread that a message began, oldest first, without itself, as far as they are held.
    pub fn replies_to(&self, root: Seq) -> impl Iterator<Item = &Arc<Event>> {
        of(&self.replies, root).filter_map(|seq| self.get(seq))
    }

    /// An event that is held.
    #[must_use]
    pub fn get(&self, seq: Seq) -> Option<&Arc<Event>> {
        self.events.get(self.place(seq).ok()?)
    }

    /// Whether this event is held.
    #[must_use]
    pub fn holds(&self, seq: Seq) -> bool {
        self.place(seq).is_ok()
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
        self.events.iter()
    }

    /// Events and gaps in order, oldest first.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let mut items = Vec::with_capacity(self.events.len() + self.runs.len());
        let mut gaps = self.gaps().peekable();
        for event in &self.events {
            if let Some(gap) = gaps.next_if(|gap| *gap.end() < event.seq) {
                items.push(Item::Gap(gap));
            }
            items.push(Item::Event(Arc::clone(event)));
        }
        items
    }

    /// Some of the events held, by their places among all of them; beyond the end there are none.
    pub fn range(&self, places: Range<usize>) -> impl DoubleEndedIterator<Item = &Arc<Event>> {
        let end = places.end.min(self.events.len());
        self.events.range(places.start.min(end)..end)
    }

    /// How many events before this one are held: its own place among all where it is held too.
    #[must_use]
    pub fn before(&self, seq: Seq) -> usize {
        self.place(seq).unwrap_or_else(|at| at)
    }

    /// The first message held whose number among the messages is greater than `n`.
    #[must_use]
    pub fn first_message_after(&self, n: u64) -> Option<&Arc<Event>> {
        // Numbers rise with the events; between two messages stand events that have none.
        let numbered = |at: usize, end: usize| {
            self.events.range(at..end).find_map(|event| {
                let EventKind::Message { n, .. } = event.kind else { return None };
                Some((event, n))
            })
        };
        let (mut low, mut high, mut found) = (0, self.events.len(), None);
        while low < high {
            let middle = low.midpoint(high);
            match numbered(middle, high) {
                Some((event, at)) if at <= n => low = self.before(event.seq) + 1,
                Some((event, _)) => (found, high) = (Some(event), middle),
                None => high = middle,
            }
        }
        found
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

    /// Forgets the events before this one.
    pub(super) fn forget_before(&mut self, seq: Seq) {
        self.events.retain(|event| event.seq >= seq);
        self.runs.retain(|run| run.1 >= seq);
        self.runs.first_mut().into_iter().for_each(|run| run.0 = run.0.max(seq));
        self.changes.retain(|(_, change)| *change >= seq);
        self.replies.retain(|(_, reply)| *reply >= seq);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Where an event is, else where it belongs.
    fn place(&self, seq: Seq) -> Result<usize, usize> {
        match self.events.back() {
            Some(last) if last.seq < seq => Err(self.events.len()),
            _ => self.events.binary_search_by_key(&seq, |event| event.seq),
        }
    }
}

/// What stands beside `first` in a list of pairs in rising order.
fn of(pairs: &VecDeque<(Seq, Seq)>, first: Seq) -> impl Iterator<Item = Seq> {
    let from = pairs.partition_point(|(of, _)| *of < first);
    let upto = pairs.partition_point(|(of, _)| *of <= first);
    pairs.range(from..upto).map(|(_, second)| *second)
}

/// Whether an event holds a text that a deletion takes away.
fn is_written(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Message { body, .. } | EventKind::Edited { body, .. } if !body.is_empty())
}

fn wipe(kind: &mut EventKind) {
    if let EventKind::Message { mentions, everyone, .. } = kind {
        mentions.clear();
        *everyone = None;
    }
    if let EventKind::Message { body, .. } | EventKind::Edited { body, .. } = kind {
        body.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::{RoomId, Timestamp, UserId};
    use crate::model::{EventKind, Reply};

    fn event(seq: u64) -> Arc<Event> {
        Arc::new(Event {
            room: RoomId(1),
            seq: Seq(seq),
            at: Timestamp(0),
            by: UserId(1),
            name: "Maya".into(),
            bot: false,
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

    #[test]
    fn a_place_counts_what_is_held_before() {
        let log = log([3, 4, 9]);
        assert_eq!([1, 3, 4, 6, 9, 12].map(|seq| log.before(Seq(seq))), [0, 0, 1, 2, 2, 3]);
        let seqs = |places| log.range(places).map(|event| event.seq.0).collect::<Vec<_>>();
        assert_eq!((seqs(1..9), seqs(5..9), seqs(0..1)), (vec![4, 9], vec![], vec![3]));
    }

    #[test]
    fn a_thread_is_found_by_the_message_that_began_it() {
        let mut log = log([1, 2]);
        for (seq, root) in [(3, 1), (4, 2), (5, 1)] {
            let reply = Some(Reply { to: Seq(root), root: Seq(root) });
            let kind = EventKind::Message { n: seq, body: "x".into(), mentions: Vec::new(), everyone: None, reply };
            log.insert(Arc::new(Event { kind, ..Event::clone(&event(seq)) }));
        }
        let seqs = |root| log.replies_to(Seq(root)).map(|event| event.seq.0).collect::<Vec<_>>();
        assert_eq!((seqs(1), seqs(2), seqs(3)), (vec![3, 5], vec![4], vec![]));
    }

    proptest! {
        #[test]
        fn what_is_forgotten_was_never_held(seqs in proptest::collection::vec(1_u64..60, 0..120), from in 0_u64..70) {
            let mut forgetful = log(seqs.iter().copied());
            forgetful.forget_before(Seq(from));
            prop_assert_eq!(&forgetful, &log(seqs.into_iter().filter(|seq| *seq >= from)));
        }

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

        #[test]
        fn the_first_unread_message_is_found_as_by_looking_at_each(
            events in proptest::collection::vec(proptest::option::of(1_u64..3), 0..60),
            read in 0_u64..90,
        ) {
            let (mut log, mut n) = (RoomLog::default(), 0);
            for (seq, step) in (1..).zip(events) {
                n += step.unwrap_or_default();
                let kind = step.map_or(EventKind::Joined, |_| EventKind::message(n, "x"));
                log.insert(Arc::new(Event { kind, ..Event::clone(&event(seq)) }));
            }
            let is_after = |event: &&Arc<Event>| matches!(event.kind, EventKind::Message { n, .. } if n > read);
            prop_assert_eq!(log.first_message_after(read), log.events().find(is_after));
        }
    }
}
