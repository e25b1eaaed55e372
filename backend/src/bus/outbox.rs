//! One connection's queue of what others have for it.
//!
//! Its bound is [`Bounds`], and this is what happens at the bound: an event that does not fit is not queued, and the
//! room's place in `lagged` remembers that its reader must catch up from the log; the room offers no more events under
//! that subscription. A note that does not fit marks the queue as overrun, and the connection is ended: a new one
//! starts from the whole truth. Ephemera have a lane of their own behind everything else: they are dropped as soon as
//! more than a quarter of the space for events is taken, or [`HINTS`] of them wait. Nobody waits, so a reader that stalls
//! harms nobody else.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use common::id::{RoomId, Seq};
use common::model::{Person, UserEvent};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Ephemera that may wait for one connection: each is out of date after seconds.
const HINTS: usize = 64;

/// How much may wait for one connection.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Things.
    pub items: usize,
    /// Bytes of encoded events.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        // A second or two of a very busy room: readers on bad networks pause for about that long.
        Self { items: 512, bytes: 1024 * 1024 }
    }
}

/// Notes for which there is space beside the events, however small the bound: a connection may be owed as many answers
/// as it has requests unanswered, and other connections of the person as many again.
const NOTES: usize = 4 * common::limits::UNANSWERED;

/// Names one subscription of a connection to a room, so that what an earlier one left in the queue is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FeedId(pub u32);

/// Something for a connection.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// An event of a room that the connection is subscribed to.
    Event {
        /// The room.
        room: RoomId,
        /// The subscription.
        feed: FeedId,
        /// Its place in the room's log.
        seq: Seq,
        /// The event as it goes over the wire; encoded once for all readers.
        frame: Utf8Bytes,
    },
    /// The connection's room fell out of the queue; comes after everything that was queued.
    Lag {
        /// The room.
        room: RoomId,
        /// The subscription.
        feed: FeedId,
        /// The first event that was not queued.
        seq: Seq,
    },
    /// Something that concerns the person and not one room.
    Note(Note),
    /// Something ephemeral about a room that the connection is subscribed to; comes after everything else.
    Hint {
        /// The room.
        room: RoomId,
        /// The subscription.
        feed: FeedId,
        /// What is said, as it goes over the wire; encoded once for all readers.
        frame: Utf8Bytes,
    },
}

/// Something that every connection of a person should know.
#[derive(Debug, Clone)]
pub enum Note {
    /// They are in this room now, by this event.
    Entered(RoomId, Seq),
    /// They are no longer in this room, by this event.
    Left(RoomId, Seq),
    /// Somebody they share a room with, or they themselves, changed their name.
    Renamed(Person),
    /// This is an entry of their own log, in the order of the log; or one from before that somebody asked for again.
    Own(UserEvent),
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// It is in the queue.
    Queued,
    /// There was no space. The subscription is over; the reader will be told.
    Full,
    /// The connection is gone.
    Closed,
}

/// The queue.
#[derive(Debug, Default)]
pub struct Outbox {
    bounds: Bounds,
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Delivery>,
    bytes: usize,
    hints: VecDeque<(RoomId, FeedId, Utf8Bytes)>,
    hint_bytes: usize,
    lagged: BTreeMap<RoomId, (FeedId, Seq)>,
    overrun: bool,
    closed: bool,
}

impl Outbox {
    /// An empty queue.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Offers an event. Never waits.
    pub fn offer(&self, room: RoomId, feed: FeedId, seq: Seq, frame: &Utf8Bytes) -> Offer {
        let Ok(mut state) = self.state.lock() else { return Offer::Closed };
        if state.closed {
            return Offer::Closed;
        }
        let full = state.queue.len() >= self.bounds.items || state.bytes + frame.len() > self.bounds.bytes;
        if full && !state.queue.is_empty() {
            state.lagged.insert(room, (feed, seq));
            return Offer::Full;
        }
        state.bytes += frame.len();
        state.queue.push_back(Delivery::Event { room, feed, seq, frame: frame.clone() });
        drop(state);
        self.filled.notify_one();
        Offer::Queued
    }

    /// Offers something ephemeral. Never waits, and never takes space from events.
    pub fn hint(&self, room: RoomId, feed: FeedId, frame: &Utf8Bytes) -> Offer {
        let Ok(mut state) = self.state.lock() else { return Offer::Closed };
        if state.closed {
            return Offer::Closed;
        }
        // One always fits, however large, into a lane that is empty.
        let fits = state.hints.is_empty() || (state.hint_bytes + frame.len()) * 4 <= self.bounds.bytes;
        if !fits || !state.is_at_ease(self.bounds) {
            return Offer::Full;
        }
        state.hint_bytes += frame.len();
        state.hints.push_back((room, feed, frame.clone()));
        drop(state);
        self.filled.notify_one();
        Offer::Queued
    }

    /// Whether the reader keeps up well enough to be told what is ephemeral.
    #[must_use]
    pub fn is_at_ease(&self) -> bool {
        self.state.lock().is_ok_and(|state| state.is_at_ease(self.bounds))
    }

    /// Leaves a note. Never waits. There is space for as many notes again as for events, so that a busy room does not
    /// end the connection of somebody who joins another one. Of the person's own log only the newest entry for a room and
    /// a kind is kept where the reader does not keep up.
    pub fn note(&self, note: Note) {
        let Ok(mut state) = self.state.lock() else { return };
        if let Note::Own(event) = &note
            && !state.is_at_ease(self.bounds)
        {
            // A draft may be long, and only the newest counts.
            state.queue.retain(|waiting| !is_older(waiting, event));
        }
        if state.queue.len() >= self.bounds.items.saturating_add(NOTES.max(self.bounds.items)) {
            state.overrun = true;
        } else if !state.closed {
            state.queue.push_back(Delivery::Note(note));
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Waits until there is something to take. May return without a reason; cancel safe.
    pub async fn filled(&self) {
        let filled = self.filled.notified();
        let waiting = self.state.lock().is_ok_and(|state| state.is_empty());
        if waiting {
            filled.await;
        }
    }

    /// Takes at most `items` things of about `bytes` bytes, in order; what is ephemeral last.
    pub fn take(&self, items: usize, bytes: usize) -> Vec<Delivery> {
        let Ok(mut state) = self.state.lock() else { return Vec::new() };
        let mut taken = Vec::new();
        let mut taken_bytes = 0;
        while taken.len() < items && taken_bytes < bytes {
            let Some(delivery) = state.queue.pop_front() else { break };
            if let Delivery::Event { frame, .. } = &delivery {
                taken_bytes += frame.len();
                state.bytes = state.bytes.saturating_sub(frame.len());
            }
            taken.push(delivery);
        }
        if state.queue.is_empty() {
            let lagged = std::mem::take(&mut state.lagged);
            taken.extend(lagged.into_iter().map(|(room, (feed, seq))| Delivery::Lag { room, feed, seq }));
            // A burst must not keep its memory for ever.
            state.queue.shrink_to(8);
            while taken.len() < items && taken_bytes < bytes {
                let Some((room, feed, frame)) = state.hints.pop_front() else { break };
                taken_bytes += frame.len();
                state.hint_bytes = state.hint_bytes.saturating_sub(frame.len());
                taken.push(Delivery::Hint { room, feed, frame });
            }
            if state.hints.is_empty() {
                state.hints = VecDeque::new();
            }
        }
        taken
    }

    /// How many things wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.lock().map_or(0, |state| state.queue.len() + state.hints.len())
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a note was lost: the connection no longer knows which rooms it is in.
    #[must_use]
    pub fn is_overrun(&self) -> bool {
        self.state.lock().is_ok_and(|state| state.overrun)
    }

    /// Whether the connection is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state.lock().map_or(true, |state| state.closed)
    }

    /// Says that nobody will take anything any more, and frees what waits.
    pub fn close(&self) {
        if let Ok(mut state) = self.state.lock() {
            *state = State { closed: true, ..State::default() };
        }
    }
}

/// Whether what waits is an entry of the own log for the same room and kind as this one.
fn is_older(waiting: &Delivery, than: &UserEvent) -> bool {
    matches!(waiting, Delivery::Note(Note::Own(event))
        if event.room == than.room && std::mem::discriminant(&event.kind) == std::mem::discriminant(&than.kind))
}

impl State {
    fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.lagged.is_empty() && self.hints.is_empty() && !self.overrun
    }

    fn is_at_ease(&self, bounds: Bounds) -> bool {
        let quarter = self.queue.len() * 4 <= bounds.items && self.bytes * 4 <= bounds.bytes;
        !self.closed && quarter && self.lagged.is_empty() && self.hints.len() < HINTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: RoomId = RoomId(1);
    const FEED: FeedId = FeedId(1);

    fn outbox() -> Outbox {
        Outbox::new(Bounds { items: 2, bytes: 100 })
    }

    fn offer(outbox: &Outbox, seq: u64) -> Offer {
        outbox.offer(ROOM, FEED, Seq(seq), &Utf8Bytes::from_static("event"))
    }

    fn seqs(deliveries: &[Delivery]) -> Vec<String> {
        let name = |delivery: &Delivery| match delivery {
            Delivery::Event { seq, .. } => seq.to_string(),
            Delivery::Lag { seq, .. } => format!("lag {seq}"),
            Delivery::Note(note) => format!("{note:?}"),
            Delivery::Hint { frame, .. } => frame.to_string(),
        };
        deliveries.iter().map(name).collect()
    }

    #[test]
    fn what_does_not_fit_becomes_a_lag_behind_what_did() {
        let outbox = outbox();
        assert_eq!([1, 2, 3].map(|seq| offer(&outbox, seq)), [Offer::Queued, Offer::Queued, Offer::Full]);
        assert_eq!(seqs(&outbox.take(1, 100)), ["#1"]);
        assert_eq!(seqs(&outbox.take(10, 100)), ["#2", "lag #3"]);
        assert!(outbox.take(10, 100).is_empty());
    }

    #[test]
    fn bytes_are_bounded_but_one_event_always_fits() {
        let outbox = Outbox::new(Bounds { items: 10, bytes: 3 });
        assert_eq!([1, 2].map(|seq| offer(&outbox, seq)), [Offer::Queued, Offer::Full]);
    }

    #[test]
    fn too_many_notes_end_the_connection() {
        let outbox = outbox();
        for _ in 0..2 + NOTES {
            outbox.note(Note::Entered(ROOM, Seq(1)));
        }
        assert!(!outbox.is_overrun());
        outbox.note(Note::Left(ROOM, Seq(2)));
        assert!(outbox.is_overrun());
    }

    fn hint(outbox: &Outbox, text: &'static str) -> Offer {
        outbox.hint(ROOM, FEED, &Utf8Bytes::from_static(text))
    }

    #[test]
    fn events_go_before_what_is_ephemeral() {
        let outbox = Outbox::new(Bounds { items: 8, bytes: 100 });
        assert_eq!((hint(&outbox, "typing"), offer(&outbox, 1)), (Offer::Queued, Offer::Queued));
        assert_eq!(outbox.len(), 2);
        assert_eq!(seqs(&outbox.take(1, 100)), ["#1"]);
        assert_eq!(seqs(&outbox.take(9, 100)), ["typing"]);
        assert!(outbox.is_empty());
    }

    #[test]
    fn what_is_ephemeral_is_dropped_first_and_takes_no_space_from_events() {
        let outbox = Outbox::new(Bounds { items: 8, bytes: 10_000 });
        for _ in 0..HINTS {
            assert_eq!(hint(&outbox, "typing"), Offer::Queued);
        }
        assert_eq!(hint(&outbox, "typing"), Offer::Full);
        assert_eq!((1..=8).filter(|seq| offer(&outbox, *seq) == Offer::Queued).count(), 8);
        drop(outbox.take(8 + HINTS, 10_000));
        assert_eq!([1, 2, 3].map(|seq| offer(&outbox, seq)), [Offer::Queued; 3]);
        assert_eq!(hint(&outbox, "typing"), Offer::Full, "more than a quarter is taken");
    }

    #[test]
    fn of_the_own_log_only_the_newest_waits_for_who_does_not_keep_up() {
        let outbox = Outbox::new(Bounds { items: 4, bytes: 10_000 });
        let draft = |seq: u64, room| UserEvent {
            seq,
            room: RoomId(room),
            kind: common::model::UserEventKind::Draft { text: "x".to_owned() },
        };
        for seq in 1..=50 {
            outbox.note(Note::Own(draft(seq, seq % 2)));
        }
        assert!(!outbox.is_overrun());
        let left = outbox.take(100, 10_000);
        let newest = |delivery: &Delivery| matches!(delivery, Delivery::Note(Note::Own(event)) if event.seq >= 49);
        assert!(left.len() == 2 && left.iter().all(newest), "{left:?}");
    }

    #[test]
    fn a_closed_queue_takes_nothing() {
        let outbox = outbox();
        outbox.close();
        assert_eq!((offer(&outbox, 1), hint(&outbox, "typing")), (Offer::Closed, Offer::Closed));
        assert!(outbox.is_closed() && outbox.is_empty());
    }
}
