//! How the engine moves: one input, one step.
//!
//! Neighbours: [`super::Engine`] holds the state that is changed here; `missing` asks for what is not held. Effects are
//! collected, never carried out.

mod missing;

use std::sync::Arc;

use super::{Closed, Command, Effect, Engine, Input, Notice, Phase, Room};
use crate::client::ClientMsg;
use crate::close::{self, CloseCode};
use crate::id::{Cid, Epoch, RoomId, Seq, Timestamp};
use crate::limits;
use crate::model::{Event, EventKind, Person, RoomInfo};
use crate::server::{ErrorCode, Refusal, ServerMsg};

/// Milliseconds that a new connection has until its `welcome`; a handshake that hangs is given up like a lost ping.
pub(super) const WELCOME_WITHIN_MS: u64 = limits::PING_TIMEOUT_MS;

/// Milliseconds that a close handshake may take. Browsers wait much longer for a dead peer, and people need not.
const GOODBYE_WITHIN_MS: u64 = 2_000;

/// Milliseconds after which an answer or an event that should have come is asked for (again).
pub(super) const PATIENCE_MS: u64 = 5_000;

/// When this room asks for what is late.
pub(super) fn impatient_at(room: &Room) -> Option<Timestamp> {
    let asked = room.asked.as_ref().map(|asked| asked.at);
    asked.into_iter().chain(room.behind).min().map(|at| at.plus(PATIENCE_MS))
}

/// One input being handled.
pub(super) struct Step<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) now: Timestamp,
    pub(super) effects: Vec<Effect>,
}

impl Step<'_> {
    pub(super) fn run(mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Connect => self.connect_now(),
            Input::Disconnect { code, reason } => self.disconnect(code, reason),
            Input::Stop => self.stop(),
            Input::Opened => self.opened(),
            Input::Received(msg) => self.received(msg),
            Input::Closed(closed) => self.closed(closed),
            Input::Tick => self.tick(),
            Input::Wake => self.wake(),
            Input::Watch(watched) => self.engine.pulse.watch(watched),
            Input::Do(command) => self.command(command),
        }
        self.effects
    }

    fn send(&mut self, msg: ClientMsg) {
        self.effects.push(Effect::Send(msg));
    }

    fn notice(&mut self, notice: Notice) {
        self.effects.push(Effect::Notice(notice));
    }

    // === The connection ===

    fn connect_now(&mut self) {
        match self.engine.phase {
            Phase::Connecting { .. } | Phase::Greeting { .. } | Phase::Ready { .. } => {}
            Phase::Idle | Phase::Closing { .. } | Phase::Waiting { .. } | Phase::Stopped => self.open(),
        }
    }

    fn open(&mut self) {
        self.engine.phase = Phase::Connecting { since: self.now };
        self.engine.tally.connections += 1;
        self.effects.push(Effect::Open);
    }

    fn disconnect(&mut self, code: CloseCode, reason: String) {
        match self.engine.phase {
            Phase::Connecting { .. } | Phase::Greeting { .. } | Phase::Ready { .. } => {
                self.hang_up(code, reason);
            }
            Phase::Idle | Phase::Closing { .. } | Phase::Waiting { .. } | Phase::Stopped => {}
        }
    }

    fn stop(&mut self) {
        match self.engine.phase {
            Phase::Connecting { .. } | Phase::Greeting { .. } | Phase::Ready { .. } => {
                self.hang_up(close::NORMAL, String::new());
            }
            Phase::Waiting { .. } => self.engine.phase = Phase::Stopped,
            Phase::Idle | Phase::Closing { .. } | Phase::Stopped => {}
        }
    }

    fn hang_up(&mut self, code: CloseCode, reason: String) {
        let said = Closed { code, reason: reason.clone(), was_clean: false };
        self.engine.phase = Phase::Closing { until: self.now.plus(GOODBYE_WITHIN_MS), said };
        self.effects.push(Effect::Close { code, reason });
    }

    fn opened(&mut self) {
        if !matches!(self.engine.phase, Phase::Connecting { .. }) {
            return;
        }
        self.engine.phase = Phase::Greeting { since: self.now };
        self.engine.pulse.restart();
        let epoch = self.engine.epoch.clone();
        let held = self.engine.rooms.iter().filter(|(_, room)| !room.log.is_empty());
        let rooms = held.map(|(id, room)| (*id, room.log.cursor())).collect();
        self.send(ClientMsg::Hello { epoch, rooms });
    }

    fn closed(&mut self, closed: Closed) {
        let (code, welcomed) = match &self.engine.phase {
            // What a person asked for decides, whatever the goodbye said.
            Phase::Closing { said, .. } => (said.code, true),
            Phase::Ready { .. } => (closed.code, true),
            Phase::Connecting { .. } | Phase::Greeting { .. } => (closed.code, false),
            Phase::Idle | Phase::Waiting { .. } | Phase::Stopped => return,
        };
        self.engine.outbox.rewind();
        for room in self.engine.rooms.values_mut() {
            room.asked = None;
            room.behind = None;
        }
        let spread = close::retry_ms(&closed.reason).filter(|_| closed.code == close::GOING_AWAY);
        self.engine.last_closed = Some(closed);
        self.engine.phase = if close::comes_back(code) {
            let engine = &mut *self.engine;
            let wait = engine.backoff.wait(spread, code == close::OVERLOADED, &mut engine.rng);
            Phase::Waiting { since: self.now, until: self.now.plus(wait) }
        } else {
            Phase::Stopped
        };
        if !welcomed {
            self.notice(Notice::NotWelcomed);
        }
    }

    fn tick(&mut self) {
        match &self.engine.phase {
            Phase::Connecting { since } | Phase::Greeting { since } => {
                if self.now.since(*since) >= WELCOME_WITHIN_MS {
                    self.hang_up(close::NO_PONG, "no welcome".to_owned());
                }
            }
            Phase::Closing { until, said } if self.now >= *until => {
                let said = said.clone();
                self.closed(said);
            }
            Phase::Waiting { until, .. } if self.now >= *until => self.open(),
            Phase::Ready { .. } => self.tick_ready(),
            Phase::Closing { .. } | Phase::Waiting { .. } | Phase::Idle | Phase::Stopped => {}
        }
    }

    fn tick_ready(&mut self) {
        if self.engine.pulse.is_dead(self.now) {
            self.hang_up(close::NO_PONG, "no answer to a ping".to_owned());
            return;
        }
        if self.engine.pulse.is_due(self.now) {
            self.ping();
        }
        let late = |room: &Room| impatient_at(room).is_some_and(|at| self.now >= at);
        let late: Vec<RoomId> = self.engine.rooms.iter().filter(|(_, r)| late(r)).map(|(id, _)| *id).collect();
        for id in late {
            self.ask_again(id);
        }
        self.engine.outbox.repeat(Timestamp(self.now.0.saturating_sub(PATIENCE_MS)));
        self.pump();
    }

    fn wake(&mut self) {
        match self.engine.phase {
            Phase::Waiting { .. } => self.open(),
            Phase::Ready { .. } if !self.engine.pulse.is_waiting() => self.ping(),
            // An older ping tells as much, or the tick finds it dead.
            Phase::Ready { .. } | Phase::Connecting { .. } | Phase::Greeting { .. } => self.tick(),
            Phase::Idle | Phase::Closing { .. } | Phase::Stopped => {}
        }
    }

    fn ping(&mut self) {
        self.engine.pulse.sent(self.now);
        self.send(ClientMsg::Ping { t: self.now });
    }

    // === What the server says ===

    fn received(&mut self, msg: ServerMsg) {
        match (msg, &self.engine.phase) {
            (ServerMsg::Welcome { epoch, me, rooms, .. }, Phase::Greeting { .. }) => self.welcome(epoch, me, rooms),
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
            ServerMsg::Pong { .. } => self.engine.pulse.answered(),
            ServerMsg::Welcome { .. } | ServerMsg::Unknown => {}
        }
    }

    fn welcome(&mut self, epoch: Epoch, me: Person, rooms: Vec<RoomInfo>) {
        let engine = &mut *self.engine;
        if engine.epoch.as_ref().is_some_and(|held| *held != epoch) {
            engine.rooms.clear();
            engine.outbox.unconfirm();
        }
        engine.epoch = Some(epoch);
        engine.people.insert(me.id, me.name.clone());
        engine.me = Some(me);
        engine.backoff.reset();
        engine.phase = Phase::Ready { since: self.now };
        engine.rooms.retain(|id, _| rooms.iter().any(|info| info.id == *id));
        for info in rooms {
            self.learn(info);
        }
        self.ping();
        self.pump();
        let ids: Vec<RoomId> = self.engine.rooms.keys().copied().collect();
        for id in ids {
            self.chase(id);
        }
    }

    /// Takes over what the server says of a room; what is held of its log stays.
    fn learn(&mut self, info: RoomInfo) {
        let now = self.now;
        let room = self.engine.rooms.entry(info.id).or_insert_with(|| Room::new(info.clone()));
        room.head = info.head.max(room.head);
        room.info = info;
        room.behind = (room.log.cursor() < room.head).then_some(now);
    }

    fn entered(&mut self, info: RoomInfo) {
        let id = info.id;
        self.learn(info);
        self.notice(Notice::Entered(id));
    }

    fn left(&mut self, room: RoomId) {
        if self.engine.rooms.remove(&room).is_some() {
            self.engine.outbox.forget_acked(room);
            self.notice(Notice::Left(room));
        }
    }

    fn renamed(&mut self, person: Person) {
        if let Some(me) = self.engine.me.as_mut().filter(|me| me.id == person.id) {
            me.name.clone_from(&person.name);
        }
        self.engine.people.insert(person.id, person.name);
    }

    fn event(&mut self, event: Arc<Event>) {
        let (now, id, seq) = (self.now, event.room, event.seq);
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let newest = seq > room.log.cursor();
        let gaps = room.log.gaps().count();
        if !room.log.insert(Arc::clone(&event)) {
            self.engine.tally.duplicates += 1;
            return;
        }
        if seq > room.info.head {
            count_members(&mut room.info, &event.kind);
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
        let mine = self.engine.me.as_ref().is_some_and(|me| me.id == event.by);
        if let Some(cid) = event.cid.filter(|_| mine) {
            self.engine.outbox.settle(cid);
        }
        self.notice(Notice::Event(event));
        self.chase(id);
    }

    fn ack(&mut self, cid: Cid, room: RoomId, seq: Seq) {
        let held = match self.engine.rooms.get_mut(&room) {
            Some(held) => {
                held.head = held.head.max(seq);
                if held.log.cursor() < held.head && held.behind.is_none() {
                    held.behind = Some(self.now);
                }
                held.log.holds(seq)
            }
            None => true,
        };
        self.engine.outbox.acked(cid, seq, held);
        self.notice(Notice::Acked { cid, room, seq });
        self.pump();
    }

    fn refused(&mut self, refusal: Refusal) {
        if let Some(cid) = refusal.cid {
            // A server that stops has stored nothing: the command goes out again on the next connection.
            if refusal.code == ErrorCode::Stopping {
                return;
            }
            self.engine.outbox.refused(cid, refusal.clone());
        } else if let Some(room) = refusal.room.and_then(|id| self.engine.rooms.get_mut(&id)) {
            room.asked = None;
            room.behind = None;
        }
        self.notice(Notice::Refused(refusal));
        self.pump();
    }

    fn reset(&mut self, id: RoomId, seq: Seq) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if room.log.cursor() > seq {
            room.log.clear();
        }
        room.head = seq;
        room.asked = None;
        room.behind = (room.log.cursor() < seq).then_some(self.now);
        self.engine.outbox.forget_acked(id);
    }

    fn lag(&mut self, id: RoomId, seq: Seq) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        room.head = room.head.max(seq);
        self.ask_on(id);
    }

    // === What a person does ===

    fn command(&mut self, command: Command) {
        match command {
            Command::Retry(cid) => self.engine.outbox.again(cid),
            Command::Discard(cid) => self.engine.outbox.settle(cid),
            Command::LoadOlder { room } => self.load_older(room),
            Command::FillGap { room, upto } => self.fill_gap(room, upto),
            Command::Ask(what) => {
                let cid = Cid::new(self.now, &mut self.engine.rng);
                self.engine.outbox.push(cid, what, self.now);
            }
        }
        self.pump();
    }

    fn pump(&mut self) {
        if matches!(self.engine.phase, Phase::Ready { .. }) {
            for msg in self.engine.outbox.pump(self.now) {
                self.send(msg);
            }
        }
    }
}

fn count_members(info: &mut RoomInfo, kind: &EventKind) {
    match kind {
        EventKind::Joined => info.members += 1,
        EventKind::Left => info.members = info.members.saturating_sub(1),
        EventKind::Message { n, .. } => info.n = info.n.max(*n),
        EventKind::Created | EventKind::Unknown => {}
    }
}
