//! How the engine moves: one input, one step.
//!
//! Neighbours: [`super::Engine`] holds the state that is changed here. This file moves the connection; `server` takes
//! what the server says, `person` what a person does, `device` what outlives the program; `missing` asks for what is
//! not held. Effects are collected, never carried out.

mod device;
mod missing;
mod person;
mod server;

use std::collections::BTreeMap;

use super::keep::Keep;
use super::{Closed, Effect, Engine, Input, Notice, Phase, Room};
use crate::client::ClientMsg;
use crate::close::{self, CloseCode};
use crate::id::{RoomId, Timestamp};
use crate::limits;

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
            Input::Restored(restored) => self.restored(*restored),
            Input::Lead(shared) => self.lead(shared),
            Input::Follow => self.follow(),
            Input::Shared(shared) => self.shared(shared),
            Input::Fault(fault) => self.fault(fault),
        }
        self.effects
    }

    fn send(&mut self, msg: ClientMsg) {
        self.effects.push(Effect::Send(msg));
    }

    fn keep(&mut self, keep: Keep) {
        self.effects.push(Effect::Keep(keep));
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
        // One by one: collecting would bring a sort with it.
        let mut rooms = BTreeMap::new();
        for (id, room) in self.engine.rooms.iter().filter(|(_, room)| !room.log.is_empty()) {
            rooms.insert(*id, room.log.cursor());
        }
        self.send(ClientMsg::Hello { epoch, user_seq: self.engine.own.seq(), rooms });
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
        self.engine.own.rewind();
        for (_, room) in self.engine.rooms.iter_mut() {
            room.asked = None;
            room.behind = None;
            room.typing.clear();
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
        for (_, room) in self.engine.rooms.iter_mut() {
            room.typing.retain(|_, (_, until)| *until > self.now);
        }
        self.engine.outbox.repeat(Timestamp(self.now.0.saturating_sub(PATIENCE_MS)));
        self.send_wishes();
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

    fn pump(&mut self) {
        if !matches!(self.engine.phase, Phase::Ready { .. }) {
            return;
        }
        let outbox = &mut self.engine.outbox;
        let msgs = if self.engine.leads { outbox.pump(self.now) } else { outbox.pump_awaited(self.now) };
        msgs.into_iter().for_each(|msg| self.send(msg));
    }
}
