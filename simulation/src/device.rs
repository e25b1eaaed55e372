//! A device: what a person's clients on it share, and what outlives them.
//!
//! The map that a page keeps in IndexedDB, the channel between its tabs, and who of them sends. Outbox entries are
//! written at once, as the page does; everything else when the client flushes, and lost when it ends before that.

use std::collections::{BTreeMap, VecDeque};

use common::id::{Cid, Epoch, RoomId, Seq};
use common::model::{Event, RoomInfo};
use common::sync::keep::{Keep, KeptDraft, KeptWishes, Me, Restored, Shared};
use common::sync::outbox::Pending;

/// A device.
#[derive(Debug, Default)]
pub(crate) struct Device {
    me: Option<Me>,
    /// Rooms and events by the database that they belong to: a tab that has not heard of a restored backup yet must not
    /// mix its own with those of one that has.
    rooms: BTreeMap<(Epoch, RoomId), RoomInfo>,
    events: BTreeMap<(Epoch, RoomId, Seq), Event>,
    outbox: BTreeMap<Cid, Pending>,
    drafts: BTreeMap<RoomId, KeptDraft>,
    wishes: BTreeMap<RoomId, KeptWishes>,
    /// What tabs have told each other and not all have heard: who said it, and what.
    pub(crate) channel: VecDeque<(usize, Shared)>,
    /// The client that sends.
    pub(crate) leader: Option<usize>,
}

impl Device {
    /// Writes what a client that speaks of `epoch` wants to remember.
    pub(crate) fn keep(&mut self, epoch: &Epoch, keep: Keep) {
        match keep {
            Keep::Me(me) => self.me = Some(me),
            Keep::Room(info) => {
                self.rooms.insert((epoch.clone(), info.id), *info);
            }
            Keep::NoRoom(room) => {
                self.rooms.remove(&(epoch.clone(), room));
                self.no_events(epoch, room);
                self.drafts.remove(&room);
                self.wishes.remove(&room);
            }
            Keep::Event(event) => {
                let event = event.as_ref().clone();
                self.events.insert((epoch.clone(), event.room, event.seq), event);
            }
            Keep::NoEvents(room) => self.no_events(epoch, room),
            Keep::Pending(pending) => {
                self.outbox.insert(pending.cid, *pending);
            }
            Keep::NoPending(cid) => {
                self.outbox.remove(&cid);
            }
            Keep::Draft(draft) if draft.text.is_empty() && !draft.unsent => {
                self.drafts.remove(&draft.room);
            }
            Keep::Draft(draft) => {
                self.drafts.insert(draft.room, draft);
            }
            Keep::Wishes(wishes) if wishes.is_empty() => {
                self.wishes.remove(&wishes.room);
            }
            Keep::Wishes(wishes) => {
                self.wishes.insert(wishes.room, wishes);
            }
            Keep::Nothing => {
                self.rooms.clear();
                self.wishes.clear();
                self.events.clear();
            }
        }
    }

    /// What a client that begins anew is given.
    pub(crate) fn restored(&self) -> Restored {
        let of = self.me.as_ref().map(|me| me.epoch.clone());
        let present = |epoch: &Epoch| Some(epoch) == of.as_ref();
        Restored {
            me: self.me.clone(),
            rooms: self.rooms.iter().filter(|((epoch, _), _)| present(epoch)).map(|(_, info)| info.clone()).collect(),
            events: self.events.iter().filter(|((epoch, ..), _)| present(epoch)).map(|(_, e)| e.clone()).collect(),
            outbox: self.outbox(),
            drafts: self.drafts.values().cloned().collect(),
            wishes: self.wishes.values().copied().collect(),
        }
    }

    /// The commands on their way.
    pub(crate) fn outbox(&self) -> Vec<Pending> {
        self.outbox.values().cloned().collect()
    }

    fn no_events(&mut self, of: &Epoch, room: RoomId) {
        self.events.retain(|(epoch, id, _), _| epoch != of || *id != room);
    }
}
