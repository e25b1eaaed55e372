//! What is missing of a room's log, and how it is asked for: gaps, what is late, older pages.
//!
//! Neighbours: [`super::Step`] calls this when events arrive, when time passes and when a person wishes it.

use std::ops::RangeInclusive;

use super::{PATIENCE_MS, Step};
use crate::client::ClientMsg;
use crate::id::{RoomId, Seq, Timestamp};
use crate::limits;
use crate::sync::room::Asked;
use crate::sync::{Notice, Phase};

impl Step<'_> {
    /// Asks for the newest gap that is small enough to be filled without a person's wish.
    pub(super) fn chase(&mut self, id: RoomId) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if room.asked.is_some() {
            return;
        }
        let small = |gap: &RangeInclusive<Seq>| gap.end().0 - gap.start().0 < limits::REPLAY_EVENTS;
        let Some(missing) = room.log.gaps().rev().find(small) else { return };
        self.engine.tally.gaps_found += 1;
        self.notice(Notice::GapFound { room: id, missing: missing.clone() });
        self.ask(id, missing);
    }

    fn ask(&mut self, id: RoomId, range: RangeInclusive<Seq>) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let (from, to) = (range.start().prev(), *range.end());
        room.asked = Some(Asked { range, at: self.now });
        self.send(ClientMsg::Sync { room: id, from, to: Some(to) });
    }

    /// Asks to be brought up to date from the newest event held.
    pub(super) fn ask_on(&mut self, id: RoomId) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        room.behind = (room.log.cursor() < room.head).then_some(self.now);
        let from = room.log.cursor();
        self.send(ClientMsg::Sync { room: id, from, to: None });
    }

    pub(super) fn ask_again(&mut self, id: RoomId) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let now = self.now;
        let late = |at: Timestamp| now.since(at) >= PATIENCE_MS;
        if room.behind.is_some_and(late) {
            self.ask_on(id);
        }
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if let Some(asked) = room.asked.take_if(|asked| late(asked.at)) {
            // Some of it may have come: what is still missing is asked for as the gap that it is now.
            let missing = asked.range.start().0..=asked.range.end().0;
            let first = missing.clone().find(|seq| !room.log.holds(Seq(*seq)));
            let last = missing.rev().find(|seq| !room.log.holds(Seq(*seq)));
            if let (Some(first), Some(last)) = (first, last) {
                self.ask(id, Seq(first)..=Seq(last));
            }
        }
    }

    pub(super) fn load_older(&mut self, id: RoomId) {
        let Some(room) = self.engine.rooms.get(&id).filter(|room| room.asked.is_none()) else { return };
        if let (Some(first), true) = (room.log.first(), matches!(self.engine.phase, Phase::Ready { .. })) {
            let last = first.prev();
            if last > Seq::ZERO {
                self.ask(id, page_upto(last, Seq(1))..=last);
            }
        }
    }

    pub(super) fn load_around(&mut self, id: RoomId, seq: Seq) {
        let Some(room) = self.engine.rooms.get(&id).filter(|room| room.asked.is_none()) else { return };
        let seq = seq.min(room.head);
        let first = seq.0.saturating_sub(limits::PAGE_EVENTS / 2).max(1);
        let last = seq.0.saturating_add(limits::PAGE_EVENTS / 2).min(room.head.0);
        let missing = |seq: &Seq| !room.log.holds(*seq);
        let ends = (first..=last).map(Seq).find(missing).zip((first..=last).rev().map(Seq).find(missing));
        if let (Some((first, last)), true) = (ends, matches!(self.engine.phase, Phase::Ready { .. })) {
            self.ask(id, first..=last);
        }
    }

    pub(super) fn load_newer(&mut self, id: RoomId, after: Seq) {
        let Some(room) = self.engine.rooms.get(&id).filter(|room| room.asked.is_none()) else { return };
        let gap = room.log.gaps().find(|gap| *gap.start() == after.next());
        if let (Some(gap), true) = (gap, matches!(self.engine.phase, Phase::Ready { .. })) {
            self.ask(id, *gap.start()..=Seq(after.0 + limits::PAGE_EVENTS).min(*gap.end()));
        }
    }

    pub(super) fn fill_gap(&mut self, id: RoomId, upto: Seq) {
        let Some(room) = self.engine.rooms.get(&id).filter(|room| room.asked.is_none()) else { return };
        let gap = room.log.gaps().find(|gap| gap.contains(&upto));
        if let (Some(gap), true) = (gap, matches!(self.engine.phase, Phase::Ready { .. })) {
            self.ask(id, page_upto(*gap.end(), *gap.start())..=*gap.end());
        }
    }
}

/// The first event of the page that ends with `last` and does not begin before `first`.
fn page_upto(last: Seq, first: Seq) -> Seq {
    Seq((last.0 + 1).saturating_sub(limits::PAGE_EVENTS)).max(first)
}
