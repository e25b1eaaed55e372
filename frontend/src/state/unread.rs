//! Messages that arrived while their room was not looked at.
//!
//! This is the page's own view of its own session: it counts from the room's newest event when the page first saw the
//! room. What a person has read on other devices is the server's to know, and not counted here.

use std::collections::BTreeMap;

use common::id::{RoomId, Seq};

/// The counts of all rooms.
#[derive(Debug, Default, Clone)]
pub(crate) struct Unread {
    since: BTreeMap<RoomId, Seq>,
    counts: BTreeMap<RoomId, u64>,
}

impl Unread {
    /// A room is known, and `head` is its newest event. Only the first call for a room counts.
    pub(super) fn meet(&mut self, room: RoomId, head: Seq) {
        self.since.entry(room).or_insert(head);
    }

    /// A message arrived that nobody looked at.
    pub(super) fn add(&mut self, room: RoomId, seq: Seq) {
        if self.since.get(&room).is_some_and(|since| seq > *since) {
            *self.counts.entry(room).or_default() += 1;
        }
    }

    /// Somebody looks at the room. Returns whether that changed anything.
    pub(super) fn look(&mut self, room: RoomId) -> bool {
        self.counts.remove(&room).is_some()
    }

    /// The room is gone.
    pub(super) fn forget(&mut self, room: RoomId) {
        self.counts.remove(&room);
        self.since.remove(&room);
    }

    pub(crate) fn of(&self, room: RoomId) -> u64 {
        self.counts.get(&room).copied().unwrap_or_default()
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_after_the_first_sight_counts() {
        let mut unread = Unread::default();
        unread.add(RoomId(1), Seq(5));
        assert_eq!(unread.total(), 0);
        unread.meet(RoomId(1), Seq(5));
        unread.meet(RoomId(1), Seq(50));
        unread.add(RoomId(1), Seq(5));
        unread.add(RoomId(1), Seq(6));
        unread.add(RoomId(1), Seq(7));
        assert_eq!((unread.of(RoomId(1)), unread.total()), (2, 2));
        assert!(unread.look(RoomId(1)));
        assert_eq!(unread.total(), 0);
    }
}
