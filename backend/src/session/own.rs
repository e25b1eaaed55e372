//! The person's own log, as one connection follows it.
//!
//! Pure. A client drops what is not newer than what it holds, so entries must come in the order of the log: while older
//! ones are still being read, one that arrives only moves the goal, for the read will bring it.

use common::model::UserEvent;

/// Entries that are read at once: a draft may be long.
pub const OWN_CHUNK: u64 = 32;

/// Where a connection stands in the person's own log.
#[derive(Debug, Default)]
pub(super) struct OwnLog {
    /// Everything up to here was sent, or was held before.
    sent: u64,
    /// Everything up to here is to be sent.
    goal: u64,
    /// The goal when the read that is on its way was asked for.
    asked: u64,
}

impl OwnLog {
    /// A client that holds everything up to `held`; the log's newest entry is `head`. Who holds more than there is, holds
    /// nothing that counts.
    pub(super) fn new(held: u64, head: u64) -> Self {
        let sent = if held > head { 0 } else { held };
        Self { sent, goal: head, asked: 0 }
    }

    /// What to read next: entries after this one; none where everything was sent.
    pub(super) fn next_read(&mut self) -> Option<u64> {
        self.asked = self.goal;
        (self.sent < self.goal).then_some(self.sent)
    }

    /// A page of the log was read.
    pub(super) fn on_page(&mut self, page: &[UserEvent]) {
        let last = page.last().map_or(self.sent, |event| event.seq);
        // What a short page lacks was overwritten by something newer.
        let reached = if (page.len() as u64) < OWN_CHUNK { self.asked.max(last) } else { last };
        self.sent = self.sent.max(reached);
        self.goal = self.goal.max(self.sent);
    }

    /// An entry arrived that cannot be sent now. Everything after it waits for the next read.
    pub(super) fn postpone(&mut self, seq: u64) {
        self.goal = self.goal.max(seq);
    }

    /// An entry arrived. Says whether to send it now; else a read is due or on its way, and will bring it.
    pub(super) fn arrive(&mut self, seq: u64) -> bool {
        if seq <= self.sent {
            // Asked for again, or sent before: either does no harm.
            return true;
        }
        let live = self.sent >= self.goal;
        self.goal = self.goal.max(seq);
        if live {
            self.sent = seq;
        }
        live
    }
}

#[cfg(test)]
mod tests {
    use common::id::RoomId;
    use common::model::UserEventKind;

    use super::*;

    fn page(seqs: impl IntoIterator<Item = u64>) -> Vec<UserEvent> {
        let kind = UserEventKind::Muted { muted: true };
        seqs.into_iter().map(|seq| UserEvent { seq, room: RoomId(1), kind: kind.clone() }).collect()
    }

    #[test]
    fn who_has_everything_reads_nothing() {
        assert_eq!(OwnLog::new(7, 7).next_read(), None);
    }

    #[test]
    fn who_holds_more_than_there_is_gets_everything() {
        assert_eq!(OwnLog::new(9, 7).next_read(), Some(0));
    }

    #[test]
    fn what_arrives_during_the_read_comes_in_its_turn() {
        let mut own = OwnLog::new(3, 7);
        assert_eq!(own.next_read(), Some(3));
        assert!(!own.arrive(8), "it would make the client drop 5 and 7");
        own.on_page(&page([5, 7]));
        assert_eq!(own.next_read(), Some(7), "the read may have been before it");
        own.on_page(&page([8]));
        assert_eq!(own.next_read(), None);
        assert!(own.arrive(9) && own.arrive(9));
    }

    #[test]
    fn what_was_postponed_is_read_with_all_that_follows() {
        let mut own = OwnLog::new(3, 3);
        own.postpone(4);
        assert!(!own.arrive(5), "it would make the client drop 4");
        assert_eq!(own.next_read(), Some(3));
        own.on_page(&page([4, 5]));
        assert!(own.next_read().is_none() && own.arrive(6));
    }

    #[test]
    fn long_logs_come_in_pages() {
        let mut own = OwnLog::new(0, 40);
        assert_eq!(own.next_read(), Some(0));
        own.on_page(&page(1..=32));
        assert_eq!(own.next_read(), Some(32));
        own.on_page(&page(33..=40));
        assert_eq!(own.next_read(), None);
    }

    #[test]
    fn an_entry_that_is_gone_ends_the_read_all_the_same() {
        let mut own = OwnLog::new(0, 4);
        own.next_read();
        own.on_page(&page([2]));
        assert_eq!(own.next_read(), None);
    }
}
