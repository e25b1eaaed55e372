//! What is to be written, put together until it is: of two things about the same matter the later one counts.
//!
//! Pure. Bounded by what it is about: a room has at most [`super::EVENTS_PER_ROOM`] events in it, and what is older
//! than those is not written at all.

use std::sync::Arc;

use common::id::{Cid, RoomId, Seq};
use common::model::{Event, RoomInfo};
use common::sync::keep::{Keep, KeptDraft, KeptWishes, Me, Shared};
use litemap::LiteMap;

use super::too_old;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Batch {
    cache: Cache,
    own: Own,
    /// The newest event of each room that was kept or is about to be.
    newest: LiteMap<RoomId, Seq>,
}

/// One transaction's worth.
#[derive(Debug, Default)]
pub(super) struct Writes {
    pub(super) cache: Cache,
    pub(super) own: Own,
    /// The last event of a room that is no longer kept.
    pub(super) trims: Vec<(RoomId, Seq)>,
}

/// Rooms and events: the server has them too.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// Whether all that was kept goes first.
    pub(super) wiped: bool,
    /// Rooms whose events go first.
    pub(super) emptied: Vec<RoomId>,
    pub(super) me: Option<Me>,
    pub(super) rooms: LiteMap<RoomId, Option<RoomInfo>>,
    /// What of them the server does not know yet.
    pub(super) wishes: LiteMap<RoomId, KeptWishes>,
    pub(super) events: LiteMap<(RoomId, Seq), Arc<Event>>,
}

/// What a person wrote: it is nowhere else yet.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) outbox: LiteMap<Cid, Shared>,
    pub(super) drafts: LiteMap<RoomId, KeptDraft>,
}

impl Batch {
    pub(super) fn add(&mut self, keep: Keep) {
        let cache = &mut self.cache;
        match keep {
            Keep::Me(me) => cache.me = Some(me),
            Keep::Room(info) => drop(cache.rooms.insert(info.id, Some(*info))),
            Keep::NoRoom(room) => {
                cache.rooms.insert(room, None);
                let none = KeptWishes { room, read_n: None, back: false, muted: None, notify: None };
                cache.wishes.insert(room, none);
                self.empty(room);
                self.own.drafts.insert(room, KeptDraft { room, text: String::new(), unsent: false });
            }
            Keep::Event(event) => self.event(event),
            Keep::NoEvents(room) => self.empty(room),
            Keep::Pending(pending) => drop(self.own.outbox.insert(pending.cid, Shared::Put(pending))),
            Keep::NoPending(cid) => drop(self.own.outbox.insert(cid, Shared::Drop(cid))),
            Keep::Draft(draft) => drop(self.own.drafts.insert(draft.room, draft)),
            Keep::Wishes(wishes) => drop(cache.wishes.insert(wishes.room, wishes)),
            Keep::Nothing => {
                self.newest.clear();
                *cache = Cache { wiped: true, ..Cache::default() };
            }
        }
    }

    /// An event is kept already.
    pub(super) fn saw(&mut self, room: RoomId, seq: Seq) {
        let newest = self.newest.entry(room).or_insert(seq);
        *newest = seq.max(*newest);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cache.is_empty() && self.own.is_empty()
    }

    /// What a person wrote.
    pub(super) fn take_urgent(&mut self) -> Option<Writes> {
        let own = std::mem::take(&mut self.own);
        (!own.is_empty()).then(|| Writes { own, ..Writes::default() })
    }

    /// Everything.
    pub(super) fn take(&mut self) -> Option<Writes> {
        if self.is_empty() {
            return None;
        }
        let (cache, own) = (std::mem::take(&mut self.cache), std::mem::take(&mut self.own));
        let mut rooms: Vec<RoomId> = cache.events.keys().map(|(room, _)| *room).collect();
        rooms.dedup();
        let trim = |room: RoomId| Some((room, too_old(*self.newest.get(&room)?)));
        let trims = rooms.into_iter().filter_map(trim).filter(|(_, upto)| upto.0 > 0).collect();
        Some(Writes { cache, own, trims })
    }

    fn event(&mut self, event: Arc<Event>) {
        let (room, seq) = (event.room, event.seq);
        self.saw(room, seq);
        let upto = too_old(self.newest.get(&room).copied().unwrap_or_default());
        if seq > upto {
            self.cache.events.insert((room, seq), event);
            // Whatever is added, what has become too old makes place for it.
            let first = self.cache.events.keys().find(|(of, _)| *of == room).copied();
            if let Some(first) = first.filter(|(_, seq)| *seq <= upto) {
                self.cache.events.remove(&first);
            }
        }
    }

    fn empty(&mut self, room: RoomId) {
        self.newest.remove(&room);
        self.cache.events.retain(|(of, _), _| *of != room);
        if !self.cache.emptied.contains(&room) {
            self.cache.emptied.push(room);
        }
    }
}

impl Cache {
    fn is_empty(&self) -> bool {
        let Self { wiped, emptied, me, rooms, wishes, events } = self;
        let nothing = emptied.is_empty() && me.is_none() && rooms.is_empty() && wishes.is_empty();
        nothing && !wiped && events.is_empty()
    }
}

impl Own {
    fn is_empty(&self) -> bool {
        self.outbox.is_empty() && self.drafts.is_empty()
    }
}

impl Writes {
    /// What the other tabs should know.
    pub(super) fn shared(&self) -> impl Iterator<Item = &Shared> {
        self.own.outbox.values()
    }

    pub(super) fn has_cache(&self) -> bool {
        !self.cache.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use common::id::{Timestamp, UserId};
    use common::model::EventKind;

    use super::*;

    const ROOM: RoomId = RoomId(7);
    const OTHER: RoomId = RoomId(8);

    fn event(room: RoomId, seq: u64, body: &str) -> Keep {
        Keep::Event(Arc::new(Event {
            room,
            seq: Seq(seq),
            at: Timestamp(0),
            by: UserId(1),
            name: "Maya".into(),
            bot: false,
            cid: None,
            kind: EventKind::Message { n: seq, body: body.into(), mentions: Vec::new(), everyone: None, reply: None },
        }))
    }

    fn draft(text: &str) -> Keep {
        Keep::Draft(KeptDraft { room: ROOM, text: text.into(), unsent: true })
    }

    fn batch(keeps: impl IntoIterator<Item = Keep>) -> Batch {
        let mut batch = Batch::default();
        keeps.into_iter().for_each(|keep| batch.add(keep));
        batch
    }

    fn seqs(writes: &Writes, room: RoomId) -> Vec<u64> {
        writes.cache.events.keys().filter(|(of, _)| *of == room).map(|(_, seq)| seq.0).collect()
    }

    #[test]
    fn of_two_things_about_the_same_the_later_one_is_written() {
        let mut batch = batch([event(ROOM, 1, "secret"), event(ROOM, 1, ""), draft("a"), draft("ab")]);
        let writes = batch.take().unwrap();
        let EventKind::Message { body, .. } = &writes.cache.events[&(ROOM, Seq(1))].kind else { panic!() };
        assert_eq!(body, "");
        assert_eq!(writes.own.drafts[&ROOM].text, "ab");
        assert!(batch.take().is_none(), "nothing is written twice");
    }

    #[test]
    fn what_a_person_wrote_does_not_wait_for_the_rest() {
        let mut batch = batch([event(ROOM, 1, "hi"), draft("a")]);
        let urgent = batch.take_urgent().unwrap();
        assert!(!urgent.has_cache());
        assert_eq!(urgent.own.drafts.len(), 1);
        assert_eq!(seqs(&batch.take().unwrap(), ROOM), [1]);
    }

    #[test]
    fn a_room_keeps_its_newest_five_hundred_events() {
        let mut batch = batch((1..=700).map(|seq| event(ROOM, seq, "x")));
        batch.add(event(ROOM, 3, "scrolled back to"));
        batch.add(event(OTHER, 1, "x"));
        let writes = batch.take().unwrap();
        assert_eq!(seqs(&writes, ROOM), (201..=700).collect::<Vec<u64>>());
        assert_eq!(writes.trims, [(ROOM, Seq(200))], "a room with few events has nothing to lose");
    }

    #[test]
    fn what_is_kept_already_counts_when_old_events_come() {
        let mut batch = Batch::default();
        batch.saw(ROOM, Seq(1_000));
        batch.add(event(ROOM, 500, "too old"));
        batch.add(event(ROOM, 501, "just not"));
        assert_eq!(seqs(&batch.take().unwrap(), ROOM), [501]);
    }

    #[test]
    fn a_room_that_is_left_takes_its_events_and_its_draft_along() {
        let mut batch = batch([event(ROOM, 1, "x"), event(OTHER, 1, "y"), draft("half"), Keep::NoRoom(ROOM)]);
        let writes = batch.take().unwrap();
        assert_eq!((seqs(&writes, ROOM), seqs(&writes, OTHER)), (vec![], vec![1]));
        assert_eq!(writes.cache.rooms[&ROOM], None);
        assert!(writes.cache.emptied.contains(&ROOM));
        assert_eq!(writes.own.drafts[&ROOM].text, "");
    }

    #[test]
    fn another_database_empties_the_cache_and_leaves_what_was_written() {
        let mut batch = batch([event(ROOM, 900, "x"), draft("half"), Keep::Nothing, event(ROOM, 1, "new")]);
        let writes = batch.take().unwrap();
        assert!(writes.cache.wiped);
        assert_eq!(seqs(&writes, ROOM), [1], "the numbers begin anew");
        assert_eq!(writes.own.drafts[&ROOM].text, "half");
    }
}
