//! Commands on their way: everything a person did that the server has not yet confirmed.
//!
//! A command keeps its [`Cid`] from the moment it is made until its event is held, over any number of connections, so
//! that it is carried out once however often it is sent. A message keeps the one that it was written behind as well: two
//! clients on one device that send the same messages say the same, or else one of them would let through what the other
//! one holds back. Neighbours: [`Pending`] is a command. Deliberately absent: when to send; the engine pumps.

mod pending;

use std::collections::VecDeque;

use litemap::LiteMap;

use crate::client::ClientMsg;
use crate::id::{Cid, RoomId, Seq, Timestamp};
use crate::limits;
use crate::server::{ErrorCode, Refusal};

pub use pending::{Pending, RoomChange, Stage, What};

/// Milliseconds after which a command that came out of order is sent again, where the server names no time.
const OUT_OF_ORDER_MS: u64 = 250;

/// Commands that are remembered after they were done with: more than anybody writes while a word passes between two
/// clients on one device.
const DONE: usize = 256;

/// All commands on their way, in the order they were made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outbox {
    queue: VecDeque<Pending>,
    /// Nothing is sent before: the server asked for patience.
    hold: Option<Timestamp>,
    /// The last [`DONE`] commands that were done with: another client's word of them may come late.
    done: VecDeque<Cid>,
    /// Commands that were made here and for whose answer a form waits, which is told here alone; and whether another client
    /// has had one, so that this one asks for its own.
    awaited: LiteMap<Cid, bool>,
}

impl Outbox {
    /// The commands, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Pending> {
        self.queue.iter()
    }

    /// How many have not been confirmed and not been refused.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.iter().filter(|p| p.is_open()).count()
    }

    /// One of the commands.
    #[must_use]
    pub fn get(&self, cid: Cid) -> Option<&Pending> {
        self.queue.iter().find(|p| p.cid == cid)
    }

    /// Adds a command that was made now, and shows how it stands.
    pub(super) fn push(&mut self, cid: Cid, what: What, now: Timestamp) -> Pending {
        let last = self.queue.back().map(|p| p.at.plus(1));
        let at = last.map_or(now, |last| last.max(now));
        let mut pending = Pending { cid, what, after: None, at, stage: Stage::Waiting, retries: 0, trouble: None };
        let room = pending.says_in();
        let before = |p: &&Pending| room.is_some() && p.is_open() && p.says_in() == room;
        pending.after = self.queue.iter().rfind(before).map(|p| p.cid);
        if pending.is_awaited() {
            self.awaited.insert(cid, false);
        }
        self.queue.push_back(pending.clone());
        pending
    }

    /// Takes a command over that was made elsewhere or earlier. One that is known stays as it is here, unless it was
    /// refused there, or a person has asked for it again. Returns whether there is anything left to do: what was done with
    /// here is no longer to be kept anywhere.
    pub(super) fn adopt(&mut self, pending: Pending) -> bool {
        if self.done.contains(&pending.cid) {
            return false;
        }
        let stage = match pending.stage {
            Stage::Failed(refusal) => Stage::Failed(refusal),
            Stage::Waiting | Stage::Sent { .. } | Stage::Acked { .. } => Stage::Waiting,
        };
        let refused = matches!(stage, Stage::Failed(_));
        if refused && self.answered_elsewhere(pending.cid) {
            return true;
        }
        match self.queue.iter_mut().find(|p| p.cid == pending.cid) {
            Some(known) if pending.retries > known.retries || (refused && pending.retries == known.retries) => {
                known.stage = stage;
                known.retries = pending.retries;
            }
            Some(_) => {}
            None => {
                let at = self.queue.partition_point(|p| (p.at, p.cid.0) < (pending.at, pending.cid.0));
                self.queue.insert(at, Pending { stage, ..pending });
            }
        }
        true
    }

    /// The next commands to write, in order, as many as the window allows; they count as sent from now on.
    ///
    /// A command waits for the answers to those before it that are about the same: where one of them is refused, by a
    /// full disk say, it must not have passed. A message goes out at once where it names the last of them, and each of
    /// those the one before it: the server then stores none without all before it.
    pub(super) fn pump(&mut self, now: Timestamp) -> Vec<ClientMsg> {
        if self.hold.is_some_and(|hold| hold > now) {
            return Vec::new();
        }
        self.hold = None;
        let in_flight = self.queue.iter().filter(|p| matches!(p.stage, Stage::Sent { .. })).count();
        let mut free = limits::UNANSWERED.saturating_sub(in_flight);
        // The last unanswered command about each thing so far, and whether one that names it may follow.
        let mut ahead: LiteMap<(RoomId, Option<Seq>), (Cid, bool)> = LiteMap::new();
        let mut msgs = Vec::new();
        for pending in self.queue.iter_mut().filter(|p| p.is_open()) {
            if free == 0 {
                break;
            }
            let about = pending.about();
            let before = about.and_then(|about| ahead.get(&about)).copied();
            let follows = before.is_none_or(|(cid, linked)| linked && pending.after == Some(cid));
            if follows && pending.stage == Stage::Waiting {
                free -= 1;
                pending.stage = Stage::Sent { at: now };
                msgs.push(pending.to_msg(before.map(|(cid, _)| cid)));
            }
            if let Some(about) = about {
                ahead.insert(about, (pending.cid, follows));
            }
        }
        msgs
    }

    /// Another client has had the answer to a command. Returns whether that was not for it: this one then asks for the same
    /// answer by itself.
    pub(super) fn answered_elsewhere(&mut self, cid: Cid) -> bool {
        self.awaited.get_mut(&cid).map(|asks| *asks = true).is_some()
    }

    /// What this client sends even where another one sends for the device, as far as it is time; it counts as sent.
    pub(super) fn pump_awaited(&mut self, now: Timestamp) -> Vec<ClientMsg> {
        let mut msgs = Vec::new();
        if self.hold.is_none_or(|hold| hold <= now) {
            let asks = |pending: &Pending| self.awaited.get(&pending.cid).is_some_and(|asks| *asks);
            for pending in self.queue.iter_mut().filter(|p| p.stage == Stage::Waiting && asks(p)) {
                pending.stage = Stage::Sent { at: now };
                msgs.push(pending.to_msg(None));
            }
        }
        msgs
    }

    /// Whether there is anything that this client sends even where another one sends for the device.
    pub(super) fn asks(&self) -> bool {
        self.awaited.values().any(|asks| *asks)
    }

    /// When the command that has waited longest for an answer was written.
    pub(super) fn oldest_sent(&self) -> Option<Timestamp> {
        self.queue.iter().filter_map(Pending::sent_at).min()
    }

    /// Until when nothing is sent although something waits.
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        self.hold.filter(|_| self.queue.iter().any(|p| p.stage == Stage::Waiting))
    }

    /// Commands that were written at `before` or earlier and never answered wait for their turn again. A repeat does
    /// no harm: it gets the first answer.
    pub(super) fn repeat(&mut self, before: Timestamp) {
        for pending in &mut self.queue {
            if pending.sent_at().is_some_and(|at| at <= before) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    /// The connection is gone, or another client sends from now on: what was sent and not confirmed goes out again.
    pub(super) fn rewind(&mut self) {
        self.hold = None;
        for pending in &mut self.queue {
            if matches!(pending.stage, Stage::Sent { .. }) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    /// The server confirmed a command. `held` says that its event has already arrived. Returns whether it is done with.
    pub(super) fn acked(&mut self, cid: Cid, seq: Seq, held: bool) -> bool {
        let shown = self.get(cid).is_some_and(|p| !p.is_awaited());
        if held || !shown {
            return self.settle(cid);
        }
        self.stage(cid, Stage::Acked { seq });
        false
    }

    /// The server refused a command. It goes out again by itself where that may help; else it waits for a person.
    pub(super) fn refused(&mut self, cid: Cid, refusal: Refusal, now: Timestamp) {
        let wait = match (refusal.code, refusal.retry_ms) {
            (ErrorCode::OutOfOrder, ms) => Some(ms.unwrap_or_default().max(OUT_OF_ORDER_MS)),
            (_, ms) => ms,
        };
        let Some(pending) = self.queue.iter_mut().find(|p| p.cid == cid) else { return };
        let Some(wait) = wait else {
            pending.stage = Stage::Failed(refusal);
            self.awaited.remove(&cid);
            return;
        };
        pending.stage = Stage::Waiting;
        if refusal.code != ErrorCode::OutOfOrder {
            pending.trouble = Some(refusal);
        }
        let hold = now.plus(wait);
        self.hold = Some(self.hold.map_or(hold, |held| held.max(hold)));
    }

    /// A refused command waits for its turn again.
    pub(super) fn again(&mut self, cid: Cid) {
        self.stage(cid, Stage::Waiting);
        self.queue.iter_mut().filter(|p| p.cid == cid).for_each(|p| p.retries += 1);
    }

    /// A command is done with: its event has arrived or will not come, or a person gave it up. Every command that leaves
    /// leaves here, so that no late word of another client's brings it back. Returns whether it was here.
    pub(super) fn settle(&mut self, cid: Cid) -> bool {
        if !self.done.contains(&cid) {
            self.done.truncate(DONE - 1);
            self.done.push_front(cid);
        }
        self.awaited.remove(&cid);
        let before = self.queue.len();
        self.queue.retain(|p| p.cid != cid);
        self.queue.len() < before
    }

    /// Commands of a room that are on the server, and whose events `gone` says will not come by themselves: a gap, or
    /// the page before the oldest one held, stands for them. Returns which they were.
    pub(super) fn forget_acked(&mut self, room: RoomId, gone: impl Fn(Seq) -> bool) -> Vec<Cid> {
        let acked = |p: &&Pending| matches!(p.stage, Stage::Acked { seq } if p.room() == Some(room) && gone(seq));
        let forgotten: Vec<Cid> = self.queue.iter().filter(acked).map(|p| p.cid).collect();
        for cid in &forgotten {
            self.settle(*cid);
        }
        forgotten
    }

    /// Another database: what was confirmed there is not known to be here.
    pub(super) fn unconfirm(&mut self) {
        for pending in &mut self.queue {
            if matches!(pending.stage, Stage::Acked { .. }) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    fn stage(&mut self, cid: Cid, stage: Stage) {
        if let Some(pending) = self.queue.iter_mut().find(|p| p.cid == cid) {
            pending.stage = stage;
            pending.trouble = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Body;

    const ROOM: RoomId = RoomId(1);
    const NOW: Timestamp = Timestamp(1_000);

    fn cid(n: u128) -> Cid {
        Cid(uuid::Uuid::from_u128(n))
    }

    fn say(outbox: &mut Outbox, n: u128, now: Timestamp) -> Pending {
        outbox.push(cid(n), What::Say { room: ROOM, body: Body::new("hi").unwrap(), reply_to: None }, now)
    }

    fn change(outbox: &mut Outbox, n: u128, target: u64) {
        outbox.push(cid(n), What::Pin { room: ROOM, target: Seq(target), on: n.is_multiple_of(2) }, NOW);
    }

    /// The commands that go out, each with the one that it names.
    fn pumped(outbox: &mut Outbox) -> Vec<(Cid, Option<Cid>)> {
        let named = |msg| {
            if let ClientMsg::Send { cid, after, .. } = msg {
                return (cid, after);
            }
            let (ClientMsg::Pin { cid, .. } | ClientMsg::Unpin { cid, .. }) = msg else { panic!("{msg:?}") };
            (cid, None)
        };
        outbox.pump(NOW).into_iter().map(named).collect()
    }

    fn full(outbox: &mut Outbox, n: u128) {
        outbox.refused(cid(n), Refusal::new(ErrorCode::Storage, "").about(cid(n)).retry(100), NOW);
    }

    #[test]
    fn messages_that_name_each_other_go_out_together() {
        let mut outbox = Outbox::default();
        (1..=3).for_each(|n| drop(say(&mut outbox, n, NOW)));
        assert_eq!(pumped(&mut outbox), [(cid(1), None), (cid(2), Some(cid(1))), (cid(3), Some(cid(2)))]);
    }

    #[test]
    fn a_message_names_the_same_one_whoever_sends_it() {
        let (mut here, mut there, mut heir) = (Outbox::default(), Outbox::default(), Outbox::default());
        let first = say(&mut here, 1, NOW);
        let between = say(&mut there, 2, NOW.plus(1));
        let second = say(&mut here, 3, NOW.plus(2));
        assert_eq!(second.after, Some(first.cid));
        for pending in [&first, &between, &second] {
            heir.adopt(pending.clone());
        }
        assert_eq!(pumped(&mut heir), [(first.cid, None)], "the next one was written without knowing of it");
        heir.settle(first.cid);
        assert_eq!(pumped(&mut heir), [(between.cid, None)]);
        heir.settle(between.cid);
        assert_eq!(pumped(&mut heir), [(second.cid, None)]);
    }

    #[test]
    fn what_is_heard_of_late_is_not_passed_by_what_comes_after() {
        let (mut here, mut there) = (Outbox::default(), Outbox::default());
        let early = say(&mut there, 1, NOW);
        say(&mut here, 2, NOW.plus(1));
        assert_eq!(pumped(&mut here), [(cid(2), None)]);
        here.adopt(early);
        assert_eq!(pumped(&mut here), [(cid(1), None)]);
        let last = say(&mut here, 3, NOW.plus(2));
        assert_eq!(last.after, Some(cid(2)));
        assert_eq!(pumped(&mut here), [], "the one that it names may be stored before the one of the other client");
        full(&mut here, 1);
        here.settle(cid(2));
        assert_eq!(pumped(&mut here), [], "the server asked for patience");
        let later = here.held_until().unwrap();
        assert_eq!(here.pump(later).len(), 1);
        here.settle(cid(1));
        assert_eq!(pumped(&mut here), [(last.cid, None)]);
    }

    #[test]
    fn what_names_a_refused_message_waits_for_those_before() {
        let mut outbox = Outbox::default();
        (1..=3).for_each(|n| drop(say(&mut outbox, n, NOW)));
        outbox.refused(cid(2), Refusal::new(ErrorCode::RateLimited, ""), NOW);
        assert_eq!(pumped(&mut outbox), [(cid(1), None)]);
        outbox.settle(cid(1));
        assert_eq!(pumped(&mut outbox), [(cid(3), None)]);
    }

    #[test]
    fn changes_of_one_message_wait_for_each_other_and_for_nothing_else() {
        let mut outbox = Outbox::default();
        for (n, target) in [(1, 7), (2, 8), (3, 7)] {
            change(&mut outbox, n, target);
        }
        say(&mut outbox, 4, NOW);
        assert_eq!(pumped(&mut outbox), [(cid(1), None), (cid(2), None), (cid(4), None)]);
        outbox.acked(cid(1), Seq(9), false);
        assert_eq!(pumped(&mut outbox), [(cid(3), None)], "what is on disk cannot be passed");
    }

    #[test]
    fn a_late_word_brings_nothing_back_however_it_left() {
        let mut outbox = Outbox::default();
        let (settled, forgotten) = (say(&mut outbox, 1, NOW), say(&mut outbox, 2, NOW));
        outbox.settle(settled.cid);
        outbox.acked(forgotten.cid, Seq(5), false);
        assert_eq!(outbox.forget_acked(ROOM, |seq| seq == Seq(5)), [forgotten.cid]);
        assert!(!outbox.adopt(settled) && !outbox.adopt(forgotten));
        assert_eq!(outbox.iter().count(), 0);
    }
}
