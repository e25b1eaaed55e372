//! What the server says.
//!
//! Neighbours: [`super::Step`] calls [`Step::received`]; `missing` asks for what turns out not to be held.

use std::sync::Arc;

use super::Step;
use crate::id::{Cid, Epoch, RoomId, Seq};
use crate::model::{Event, EventKind, Person, Role, RoomInfo, UserEvent, UserEventKind};
use crate::server::{ErrorCode, Refusal, ServerMsg};
use crate::sync::keep::Keep;
use crate::sync::own::Matter;
use crate::sync::{Notice, Phase, Room};

impl Step<'_> {
    pub(super) fn received(&mut self, msg: ServerMsg) {
        match (msg, &self.engine.phase) {
            (ServerMsg::Welcome { epoch, me, role, rooms, .. }, Phase::Greeting { .. }) => {
                self.engine.role = role;
                self.welcome(epoch, me, rooms);
            }
            (msg, Phase::Ready { .. }) => self.received_ready(msg),
            // A socket that is being closed may still deliver; what is lost with it is replayed on the next one.
            (_, _) => {}
        }
    }

    fn received_ready(&mut self, msg: ServerMsg) {
        match msg {
            ServerMsg::Event(event) => self.event(Arc::new(event)),
            ServerMsg::Ack { cid, room, seq, .. } => self.ack(cid, room, seq),
            ServerMsg::Error(refusal) => self.refused(refusal),
            ServerMsg::Reset { room, seq } => self.reset(room, seq),
            ServerMsg::Lag { room, seq } => self.lag(room, seq),
            ServerMsg::Room(info) => self.entered(info),
            ServerMsg::Left { room } => self.left(room),
            ServerMsg::Person(person) => self.renamed(person),
            ServerMsg::User(event) => self.own(event),
            ServerMsg::Typing { room, people } => {
                let now = self.now;
                let me = self.engine.me.as_ref().map(|me| me.id);
                let others = people.into_iter().filter(|person| Some(person.id) != me).collect();
                self.with_room(room, |room| room.typed(others, now));
            }
            ServerMsg::Presence { room, whole, here, online, offline } => {
                self.with_room(room, |room| room.present(whole, here, online, &offline));
            }
            ServerMsg::Pong { heads, .. } => {
                self.engine.pulse.answered();
                heads.into_iter().for_each(|(room, head)| self.sent_so_far(room, head));
            }
            ServerMsg::Welcome { .. } | ServerMsg::Unknown => {}
        }
    }

    fn with_room(&mut self, id: RoomId, change: impl FnOnce(&mut Room)) {
        if let Some(room) = self.engine.rooms.get_mut(&id) {
            change(room);
        }
    }

    fn welcome(&mut self, epoch: Epoch, me: Person, rooms: Vec<RoomInfo>) {
        let engine = &mut *self.engine;
        let another = engine.epoch.as_ref().is_some_and(|held| *held != epoch);
        if another {
            // Of what was held of a room only that stays which its person has made of it.
            engine.rooms.retain(|id, _| rooms.iter().any(|info| info.id == *id));
            for (id, room) in engine.rooms.iter_mut() {
                let (muted, notify) = (room.info.muted, room.info.notify);
                *room = Room::new(RoomInfo { muted, notify, ..RoomInfo::new(*id, "") });
            }
            engine.outbox.unconfirm();
            engine.own.restart();
        }
        engine.epoch = Some(epoch);
        engine.people.insert(me.id, me.name.clone());
        engine.me = Some(me);
        engine.backoff.reset();
        engine.phase = Phase::Ready { since: self.now };
        if another {
            self.keep(Keep::Nothing);
            let drafts: Vec<RoomId> = self.engine.own.drafts().map(|(room, _)| room).collect();
            drafts.into_iter().for_each(|room| self.keep_draft(room));
            let rooms: Vec<RoomId> = self.engine.rooms.keys().copied().collect();
            rooms.into_iter().for_each(|room| self.keep_wishes(room));
        }
        self.keep_me();
        let gone: Vec<RoomId> =
            self.engine.rooms.keys().filter(|id| !rooms.iter().any(|info| info.id == **id)).copied().collect();
        for room in gone {
            self.engine.rooms.remove(&room);
            // What was said there is on the server, and its event will not come any more.
            self.forget_acked(room, |_| true);
            self.engine.own.forget(room);
            self.keep(Keep::NoRoom(room));
        }
        for info in rooms {
            self.learn(info);
        }
        self.ping();
        self.send_wishes();
        self.pump();
        let ids: Vec<RoomId> = self.engine.rooms.keys().copied().collect();
        for id in ids {
            self.chase(id);
        }
    }

    /// Takes over what the server says of a room; what is held of its log stays, and so does what was read here since.
    fn learn(&mut self, info: RoomInfo) {
        let now = self.now;
        let id = info.id;
        let room = self.engine.rooms.entry(id).or_insert_with(|| Room::new(info.clone()));
        room.head = info.head.max(room.head);
        let read_n = room.info.read_n.min(info.n);
        let (muted, notify) = (room.info.muted, room.info.notify);
        room.info = info;
        room.behind = (room.log.cursor() < room.head).then_some(now);
        // What another device has made unread meanwhile is unread here as well, unless it was read here and not said yet.
        let own = &self.engine.own;
        if own.goes_back(id) || read_n > room.info.read_n && own.is_wished(id, Matter::Read) {
            room.info.read_n = read_n;
        }
        // So is what was changed here and not said yet.
        if own.is_wished(id, Matter::Muted) {
            room.info.muted = muted;
        }
        if own.is_wished(id, Matter::Notify) {
            room.info.notify = notify;
        }
        self.keep_room(id);
    }

    /// How far a room is read, by the person's own log.
    fn own_read(&mut self, (id, seq): (RoomId, u64), newer: bool, (n, mentions): (u64, u64)) {
        let me = self.engine.me.as_ref().map(|me| me.id);
        let own = &mut self.engine.own;
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if own.is_stale(id, Matter::Read, seq) {
            // Somebody may have made it unread since.
            return;
        }
        let (wished, back) = (own.is_wished(id, Matter::Read), own.goes_back(id));
        // What is to go back is answered by what it is to be, or else by what stands at the server unchanged.
        let other = if back { newer && n != room.info.read_n } else { n < room.info.read_n };
        if other && wished {
            // What is read here counts already; the answer to it will count the rest.
            if newer {
                own.overrule(id, Matter::Read, seq, UserEventKind::Read { n, mentions });
            }
        } else {
            let (n, mentions, newer) = match own.answered(id, Matter::Read, seq) {
                Some(UserEventKind::Read { n, mentions }) => (n, mentions, true),
                Some(_) | None => (n, mentions, newer),
            };
            // One that is newer may go back: what was read was made unread again. Behind what another one has stands only
            // who has written since: nobody mentions themselves.
            room.info.read_n = if newer || back { n } else { room.info.read_n.max(n) };
            me.into_iter().for_each(|me| room.read_on(me));
            if newer || wished {
                room.info.mentions = mentions;
            }
        }
        self.keep_room(id);
    }

    /// Something changed in the person's own log.
    fn own(&mut self, event: UserEvent) {
        let UserEvent { seq, room: id, kind } = event;
        let own = &mut self.engine.own;
        let matter = match kind {
            UserEventKind::Read { .. } => Matter::Read,
            UserEventKind::Draft { .. } => Matter::Draft,
            UserEventKind::Muted { .. } => Matter::Muted,
            UserEventKind::Notify { .. } => Matter::Notify,
            UserEventKind::Unknown => return own.advance(seq),
        };
        let newer = own.note(id, matter, seq);
        let wished = own.is_wished(id, matter);
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        match kind {
            UserEventKind::Read { n, mentions } => self.own_read((id, seq), newer, (n, mentions)),
            UserEventKind::Draft { text } => {
                if own.draft(id) == text {
                    if let Some(UserEventKind::Draft { text }) = own.answered(id, Matter::Draft, seq) {
                        own.set_draft(id, text);
                    }
                } else if newer && own.is_wished(id, Matter::Draft) {
                    own.overrule(id, Matter::Draft, seq, UserEventKind::Draft { text });
                } else if newer {
                    own.set_draft(id, text);
                }
                self.keep_draft(id);
            }
            UserEventKind::Muted { muted } => {
                if room.info.muted == muted {
                    if let Some(UserEventKind::Muted { muted }) = own.answered(id, Matter::Muted, seq) {
                        room.info.muted = muted;
                    }
                } else if newer && own.is_wished(id, Matter::Muted) {
                    own.overrule(id, Matter::Muted, seq, UserEventKind::Muted { muted });
                } else if newer {
                    room.info.muted = muted;
                }
                self.keep_room(id);
            }
            UserEventKind::Notify { level } => {
                if room.info.notify == level {
                    if let Some(UserEventKind::Notify { level }) = own.answered(id, Matter::Notify, seq) {
                        room.info.notify = level;
                    }
                } else if newer && own.is_wished(id, Matter::Notify) {
                    own.overrule(id, Matter::Notify, seq, UserEventKind::Notify { level });
                } else if newer {
                    room.info.notify = level;
                }
                self.keep_room(id);
            }
            UserEventKind::Unknown => {}
        }
        if wished && matter != Matter::Draft && !self.engine.own.is_wished(id, matter) {
            self.keep_wishes(id);
        }
        self.keep_me();
    }

    /// Everything up to `head` was sent on this connection, and before this was said.
    fn sent_so_far(&mut self, id: RoomId, head: Seq) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        room.head = room.head.max(head);
        if room.log.cursor() < head && room.behind.is_none() {
            self.engine.tally.gaps_found += 1;
            self.notice(Notice::Missed { room: id, head });
            self.ask_on(id);
        }
    }

    fn entered(&mut self, info: RoomInfo) {
        let id = info.id;
        self.learn(info);
        self.notice(Notice::Entered(id));
    }

    fn left(&mut self, room: RoomId) {
        if self.engine.rooms.remove(&room).is_some() {
            self.forget_acked(room, |_| true);
            self.engine.own.forget(room);
            self.keep(Keep::NoRoom(room));
            self.notice(Notice::Left(room));
        }
    }

    fn renamed(&mut self, person: Person) {
        if let Some(me) = self.engine.me.as_mut().filter(|me| me.id == person.id) {
            me.name.clone_from(&person.name);
            self.keep_me();
        }
        for (_, room) in self.engine.rooms.iter_mut() {
            if let Some(name) = room.presence.online.get_mut(&person.id) {
                name.clone_from(&person.name);
            }
            if let Some(other) = room.info.people.iter_mut().find(|other| other.id == person.id) {
                other.name.clone_from(&person.name);
            }
        }
        self.engine.people.insert(person.id, person.name);
    }

    fn event(&mut self, event: Arc<Event>) {
        let (now, id, seq) = (self.now, event.room, event.seq);
        let me = self.engine.me.as_ref().map(|me| me.id);
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let newest = seq > room.log.cursor();
        let gaps = room.log.gaps().count();
        if room.log.holds(seq) {
            self.engine.tally.duplicates += 1;
            self.notice(Notice::Duplicate { room: id, seq });
            return;
        }
        if seq > room.info.head {
            room.count(seq, &event.kind, me.filter(|_| self.engine.role < Role::Admin));
        }
        room.typing.remove(&event.by);
        room.log.insert(Arc::clone(&event));
        if me == Some(event.by) {
            room.read_on(event.by);
        }
        room.head = room.head.max(seq);
        room.behind = (room.log.cursor() < room.head).then_some(now);
        if room.asked.as_ref().is_some_and(|asked| *asked.range.end() == seq) {
            room.asked = None;
        }
        let filled = gaps.saturating_sub(room.log.gaps().count());
        self.engine.tally.gaps_filled += filled as u64;
        // An older copy must not bring an old name back.
        let known = self.engine.people.entry(event.by).or_insert_with(|| event.name.clone());
        if newest {
            known.clone_from(&event.name);
        }
        if filled > 0 {
            self.notice(Notice::GapFilled { room: id });
        }
        self.keep(Keep::Event(Arc::clone(&event)));
        self.erase_deleted(id, &event);
        self.keep_room(id);
        if let Some(cid) = event.cid.filter(|_| me == Some(event.by)) {
            self.settle(cid);
            self.pump();
        }
        self.forget_arrived(id);
        self.notice(Notice::Event(event));
        self.chase(id);
    }

    /// What was deleted has no text any more, whichever of the two came first.
    fn erase_deleted(&mut self, id: RoomId, event: &Event) {
        let message = match event.kind {
            EventKind::Deleted { target } | EventKind::Edited { target, .. } => target,
            EventKind::Message { .. } => event.seq,
            EventKind::Reacted { .. }
            | EventKind::Unreacted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Unpinned { .. }
            | EventKind::Created
            | EventKind::Joined
            | EventKind::Left
            | EventKind::Invited { .. }
            | EventKind::Removed { .. }
            | EventKind::Appointed { .. }
            | EventKind::Renamed { .. }
            | EventKind::TopicSet { .. }
            | EventKind::Archived { .. }
            | EventKind::Announcing { .. }
            | EventKind::Unknown => return,
        };
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if room.log.is_deleted(message) {
            for erased in room.log.erase(message) {
                self.keep(Keep::Event(erased));
            }
        }
    }

    /// Acknowledged commands whose events are held, or lie before the oldest one held, need not be shown any more.
    fn forget_arrived(&mut self, id: RoomId) {
        let Some(room) = self.engine.rooms.get(&id) else { return };
        let first = room.log.first().unwrap_or_default();
        let log = &room.log;
        let arrived = self.engine.outbox.forget_acked(id, |seq| seq < first || log.holds(seq));
        arrived.into_iter().for_each(|cid| self.keep(Keep::NoPending(cid)));
    }

    fn forget_acked(&mut self, id: RoomId, gone: impl Fn(Seq) -> bool) {
        let forgotten = self.engine.outbox.forget_acked(id, gone);
        forgotten.into_iter().for_each(|cid| self.keep(Keep::NoPending(cid)));
    }

    fn ack(&mut self, cid: Cid, room: RoomId, seq: Seq) {
        let held = match self.engine.rooms.get_mut(&room) {
            Some(held) => {
                held.head = held.head.max(seq);
                if held.log.cursor() < held.head && held.behind.is_none() {
                    held.behind = Some(self.now);
                }
                held.log.holds(seq) || held.log.first().is_some_and(|first| seq < first)
            }
            None => true,
        };
        if self.engine.outbox.acked(cid, seq, held) {
            self.keep(Keep::NoPending(cid));
        }
        self.notice(Notice::Acked { cid, room, seq });
        self.pump();
    }

    fn refused(&mut self, refusal: Refusal) {
        if let Some(cid) = refusal.cid {
            // A server that stops has stored nothing: the command goes out again on the next connection.
            if refusal.code == ErrorCode::Stopping {
                return;
            }
            self.engine.outbox.refused(cid, refusal.clone(), self.now);
            self.keep_pending(cid);
        } else if let Some(room) = refusal.room.and_then(|id| self.engine.rooms.get_mut(&id)) {
            room.asked = None;
            room.behind = None;
            let id = room.info.id;
            if refusal.retry_ms.is_none() {
                self.engine.own.give_up(id);
                self.keep_wishes(id);
            }
        }
        self.notice(Notice::Refused(refusal));
        self.pump();
    }

    fn reset(&mut self, id: RoomId, seq: Seq) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let ahead = room.log.cursor() > seq;
        if ahead {
            room.log.clear();
        }
        room.head = seq;
        room.asked = None;
        room.behind = (room.log.cursor() < seq).then_some(self.now);
        if ahead {
            self.keep(Keep::NoEvents(id));
        }
        self.forget_acked(id, |_| true);
        self.notice(Notice::Reset { room: id, seq });
    }

    fn lag(&mut self, id: RoomId, seq: Seq) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        room.head = room.head.max(seq);
        self.notice(Notice::Lagged { room: id, seq });
        self.ask_on(id);
    }
}
