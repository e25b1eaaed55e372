//! What outlives the program, and what the person's clients on one device share.
//!
//! Neighbours: [`super::Step`] calls this; what is remembered is told in [`crate::sync::keep`].

use std::sync::Arc;

use super::Step;
use crate::client::ClientMsg;
use crate::id::{RoomId, Seq, Timestamp};
use crate::model::EventKind;
use crate::sync::keep::{Keep, KeptDraft, KeptWishes, Me, Restored, Shared};
use crate::sync::outbox::Pending;
use crate::sync::own::Matter;
use crate::sync::{Effect, Fault, Phase, Room};

impl Step<'_> {
    pub(super) fn restored(&mut self, restored: Restored) {
        let Restored { me, rooms, events, outbox, drafts, wishes } = restored;
        let engine = &mut *self.engine;
        if let Some(Me { epoch, person, user_seq }) = me {
            engine.epoch = Some(epoch);
            engine.people.insert(person.id, person.name.clone());
            engine.me = Some(person);
            engine.own.advance(user_seq);
        }
        for info in rooms {
            engine.rooms.entry(info.id).or_insert_with(|| Room::new(info));
        }
        let mut deleted = Vec::new();
        for event in events {
            let Some(room) = engine.rooms.get_mut(&event.room) else { continue };
            engine.people.insert(event.by, event.name.clone());
            room.head = room.head.max(event.seq);
            if let EventKind::Deleted { target } = event.kind {
                deleted.push((event.room, target));
            }
            room.log.insert(Arc::new(event));
        }
        // Two tabs write into one store: the text of a deleted message may have been written behind its deletion.
        for (id, target) in deleted {
            let erased = engine.rooms.get_mut(&id).map(|room| room.log.erase(target));
            self.effects.extend(erased.into_iter().flatten().map(|event| Effect::Keep(Keep::Event(event))));
        }
        for KeptDraft { room, text, unsent } in drafts {
            // What is being written already counts more.
            if engine.own.draft(room).is_empty() && !engine.own.is_wished(room, Matter::Draft) {
                engine.own.set_draft(room, text);
                if unsent {
                    engine.own.wish(room, Matter::Draft, Timestamp(0));
                }
            }
        }
        wishes.into_iter().for_each(|wishes| self.wished(wishes));
        outbox.into_iter().for_each(|pending| self.adopt(pending));
    }

    /// What was changed here before the program ended is still to be said.
    fn wished(&mut self, wishes: KeptWishes) {
        let KeptWishes { room: id, read_n, back, muted, notify } = wishes;
        let own = &mut self.engine.own;
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if let Some(read_n) = read_n {
            room.info.read_n = read_n;
            if back {
                own.wish_back(id, Timestamp(0));
            } else {
                own.wish(id, Matter::Read, Timestamp(0));
            }
        }
        if let Some(muted) = muted {
            room.info.muted = muted;
            own.wish(id, Matter::Muted, Timestamp(0));
        }
        if let Some(level) = notify {
            room.info.notify = level;
            own.wish(id, Matter::Notify, Timestamp(0));
        }
    }

    fn adopt(&mut self, pending: Pending) {
        let cid = pending.cid;
        if !self.engine.outbox.adopt(pending) {
            self.keep(Keep::NoPending(cid));
        }
    }

    /// This client sends from now on. What the one before sent may be under way: a repeat gets the first answer.
    pub(super) fn lead(&mut self, shared: Vec<Pending>) {
        self.engine.leads = true;
        shared.into_iter().for_each(|pending| self.adopt(pending));
        self.pump();
    }

    pub(super) fn follow(&mut self) {
        self.engine.leads = false;
        self.engine.outbox.rewind();
    }

    pub(super) fn shared(&mut self, shared: Shared) {
        match shared {
            Shared::Put(pending) => self.adopt(*pending),
            Shared::Drop(cid) => {
                if !self.engine.outbox.answered_elsewhere(cid) {
                    self.engine.outbox.settle(cid);
                }
            }
        }
        self.pump();
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        let (Fault::Forget(id) | Fault::Future(id)) = fault;
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let from = match fault {
            Fault::Forget(_) => {
                room.log.clear();
                room.asked = None;
                self.keep(Keep::NoEvents(id));
                Seq::ZERO
            }
            Fault::Future(_) => Seq(room.head.0.saturating_add(1_000_000)),
        };
        if matches!(self.engine.phase, Phase::Ready { .. }) {
            self.send(ClientMsg::Sync { room: id, from, to: None });
        }
    }

    pub(super) fn keep_me(&mut self) {
        if let (Some(epoch), Some(person)) = (self.engine.epoch.clone(), self.engine.me.clone()) {
            self.keep(Keep::Me(Me { epoch, person, user_seq: self.engine.own.seq() }));
        }
    }

    pub(super) fn keep_room(&mut self, id: RoomId) {
        if let Some(info) = self.engine.rooms.get(&id).map(|room| room.info.clone()) {
            self.keep(Keep::Room(Box::new(info)));
        }
    }

    pub(super) fn keep_wishes(&mut self, room: RoomId) {
        let Some(info) = self.engine.rooms.get(&room).map(|room| &room.info) else { return };
        let own = &self.engine.own;
        let wished = |matter| own.is_wished(room, matter);
        let wishes = KeptWishes {
            room,
            read_n: wished(Matter::Read).then_some(info.read_n),
            back: own.goes_back(room),
            muted: wished(Matter::Muted).then_some(info.muted),
            notify: wished(Matter::Notify).then_some(info.notify),
        };
        self.keep(Keep::Wishes(wishes));
    }

    pub(super) fn keep_draft(&mut self, room: RoomId) {
        let text = self.engine.own.draft(room).to_owned();
        let unsent = self.engine.own.is_wished(room, Matter::Draft);
        self.keep(Keep::Draft(KeptDraft { room, text, unsent }));
    }
}
