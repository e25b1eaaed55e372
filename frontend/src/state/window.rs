//! The part of a room's log that is drawn.
//!
//! A room may hold a hundred thousand events; rows are made of those near the reader alone, so that a change costs what
//! is in sight and not what is held. While the reader is at the newest message the window ends with whatever comes;
//! once they have scrolled up it stays where it is until the view asks for another one. Neighbours: `timeline` makes the
//! rows, the view measures and asks. Deliberately absent: pixels.

use common::id::Seq;
use common::model::{Event, EventKind};
use common::sync::log::RoomLog;

/// Rows on each side of the one that a window is laid around: more than the tallest screen shows.
pub(crate) const SIDE: usize = 60;

/// Rows that are drawn while the reader is at the newest: they fill a tall screen even where each is one line.
const NEWEST: usize = SIDE + SIDE / 2;

/// Where a window is to be laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Around this event, or the next one held.
    Seq(Seq),
    /// Around the event that has so many held before it.
    Nth(usize),
}

/// The events that are drawn.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first one.
    first: Seq,
    /// The last one; `None` for whatever comes.
    last: Option<Seq>,
}

impl Window {
    /// Whether it ends with whatever comes.
    pub(crate) const fn is_open(self) -> bool {
        self.last.is_none()
    }

    /// A window around a place.
    pub(super) fn around(log: &RoomLog, spot: Spot) -> Self {
        let at = match spot {
            Spot::Seq(seq) => log.before(seq),
            Spot::Nth(at) => at,
        };
        let at = at.min(log.len().saturating_sub(1));
        Self { first: seq_at(log, back(log, at, SIDE)), last: upto(log, at, SIDE) }
    }

    /// The same window, after something came: where the reader is at the newest message, it follows; else it does not
    /// grow without end.
    pub(super) fn settled(self, log: &RoomLog, follows: bool) -> Self {
        if self.last.is_some() {
            return self;
        }
        if follows || self.first == Seq::ZERO {
            return Self { first: seq_at(log, back(log, log.len(), NEWEST)), last: None };
        }
        Self { last: upto(log, log.before(self.first), SIDE * 4), ..self }
    }

    /// The places of its events among all that are held.
    pub(super) fn places(self, log: &RoomLog) -> std::ops::Range<usize> {
        let end = self.last.map_or(log.len(), |last| log.before(last.next()));
        log.before(self.first).min(end)..end
    }
}

/// Whether an event has a row of its own.
pub(super) const fn is_shown(event: &Event) -> bool {
    event.kind.target().is_none() && !matches!(event.kind, EventKind::Unknown)
}

/// The place so many rows before another one.
fn back(log: &RoomLog, at: usize, rows: usize) -> usize {
    let mut left = rows;
    let passed = log.range(0..at).rev().take_while(|event| {
        left -= usize::from(is_shown(event));
        left > 0
    });
    at.saturating_sub(passed.count() + 1)
}

/// The last event within so many rows behind a place; `None` where nothing is held behind it.
fn upto(log: &RoomLog, at: usize, rows: usize) -> Option<Seq> {
    let shown = log.range(at..log.len()).filter(|event| is_shown(event));
    let mut behind = shown.skip(rows);
    let last = behind.next().map(|event| event.seq);
    last.filter(|_| behind.next().is_some())
}

fn seq_at(log: &RoomLog, place: usize) -> Seq {
    log.range(place..place + 1).next().map_or(Seq::ZERO, |event| event.seq)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use common::id::{RoomId, Timestamp, UserId};

    use super::*;

    fn event(seq: u64, kind: EventKind) -> Arc<Event> {
        let (room, at, by) = (RoomId(1), Timestamp(0), UserId(1));
        Arc::new(Event { room, seq: Seq(seq), at, by, name: "Maya".into(), bot: false, cid: None, kind })
    }

    fn log(seqs: std::ops::RangeInclusive<u64>) -> RoomLog {
        let mut log = RoomLog::default();
        for seq in seqs {
            log.insert(event(seq, EventKind::message(seq, "x")));
        }
        log
    }

    #[test]
    fn at_the_newest_message_it_follows() {
        let mut log = log(1..=1_000);
        let window = Window::default().settled(&log, true);
        assert_eq!(window.places(&log), 910..1_000);
        log.insert(event(1_001, EventKind::Joined));
        assert_eq!(window.settled(&log, true).places(&log), 911..1_001);
        assert_eq!(window.settled(&log, false).places(&log), 910..1_001, "who looks at older ones keeps them");
    }

    #[test]
    fn a_room_with_little_in_it_is_drawn_whole() {
        let log = log(5..=20);
        assert_eq!(Window::default().settled(&log, true).places(&log), 0..16);
        assert_eq!(Window::around(&log, Spot::Seq(Seq(9))), Window { first: Seq(5), last: None });
        assert_eq!(Window::default().settled(&RoomLog::default(), true).places(&RoomLog::default()), 0..0);
    }

    #[test]
    fn it_lies_around_a_place_and_stays_there() {
        let mut log = log(101..=1_100);
        let window = Window::around(&log, Spot::Nth(500)).settled(&log, false);
        assert_eq!(window.places(&log), 440..561);
        for seq in 1..=100 {
            log.insert(event(seq, EventKind::Joined));
        }
        assert_eq!(window.settled(&log, false).places(&log), 540..661);
        assert!(Window::around(&log, Spot::Seq(Seq(1_090))).is_open());
        assert!(Window::around(&log, Spot::Nth(9_999)).is_open(), "beyond the end is the end");
        assert_eq!(Window::around(&log, Spot::Seq(Seq(1))).places(&log), 0..61);
    }

    #[test]
    fn what_has_no_row_does_not_count() {
        let mut log = log(1..=100);
        for seq in 101..=900 {
            log.insert(event(seq, EventKind::Reacted { target: Seq(1), emoji: "👍".into() }));
        }
        let shown = |window: Window| log.range(window.places(&log)).filter(|event| is_shown(event)).count();
        assert_eq!(shown(Window::default().settled(&log, true)), NEWEST);
        assert_eq!(shown(Window::around(&log, Spot::Seq(Seq(80)))), SIDE + 21);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut log = log(1..=100);
        let mut window = Window::default().settled(&log, true);
        for seq in 101..=2_000 {
            log.insert(event(seq, EventKind::message(seq, "x")));
            window = window.settled(&log, false);
        }
        assert_eq!(window.places(&log).start, 10);
        assert!(window.places(&log).len() <= SIDE * 4 + 2, "{window:?}");
    }
}
