//! A small world for a desk: a server that keeps logs, a disk, and a program that answers. It may be killed between any two
//! steps.

use std::collections::BTreeMap;

use common::client::ClientMsg;
use common::id::Epoch;
use common::limits;
use common::model::Role;
use common::server::{ErrorCode, Limits, Refusal, ServerMsg};

use super::super::*;

pub(super) const LOBBY: RoomId = RoomId(1);
pub(super) const ALICE: UserId = UserId(2);
pub(super) const BOT: UserId = UserId(3);

/// A server with rooms, a disk, and a bot.
pub(super) struct World {
    pub(super) epoch: &'static str,
    pub(super) rooms: BTreeMap<RoomId, (RoomInfo, Vec<Event>)>,
    pub(super) answered: BTreeMap<Cid, Seq>,
    pub(super) disk: String,
    pub(super) desk: Desk,
    pub(super) wanted: Vec<String>,
    pub(super) online: bool,
    pub(super) now: Timestamp,
    pub(super) runs: u64,
    /// What programs were given, in all runs, and what the present one has not answered.
    pub(super) given: Vec<String>,
    pub(super) unread: Vec<String>,
    /// Steps until it is killed.
    pub(super) fuel: Option<usize>,
    pub(super) notes: Vec<String>,
}

pub(super) struct Killed;

impl World {
    pub(super) fn new(wanted: &[&str]) -> Self {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let journal = Journal::default();
        let mut world = Self {
            epoch: "one",
            rooms: BTreeMap::new(),
            answered: BTreeMap::new(),
            disk: serde_json::to_string(&journal).unwrap(),
            desk: Desk::new(journal, wanted.clone(), Style::Plain, 60_000, 0, Timestamp(0)),
            wanted,
            online: false,
            now: Timestamp(1_000_000),
            runs: 0,
            given: Vec::new(),
            unread: Vec::new(),
            fuel: None,
            notes: Vec::new(),
        };
        world.room(LOBBY, "lobby", RoomKind::Public);
        world
    }

    pub(super) fn room(&mut self, id: RoomId, name: &str, kind: RoomKind) {
        let info = RoomInfo { kind, ..RoomInfo::new(id, name) };
        self.rooms.insert(id, (info, Vec::new()));
        self.append(id, ALICE, None, EventKind::Created);
    }

    pub(super) fn append(&mut self, room: RoomId, by: UserId, cid: Option<Cid>, kind: EventKind) -> Event {
        let (info, log) = self.rooms.get_mut(&room).unwrap();
        info.head = info.head.next();
        let name = if by == BOT { "Bot" } else { "Alice" }.to_owned();
        let event = Event { room, seq: info.head, at: Timestamp(5), by, name, bot: false, cid, kind };
        log.push(event.clone());
        event
    }

    pub(super) fn message(&mut self, room: RoomId, by: UserId, cid: Option<Cid>, body: &str) -> Event {
        let (info, _) = self.rooms.get_mut(&room).unwrap();
        info.n += 1;
        let kind = EventKind::message(info.n, body);
        self.append(room, by, cid, kind)
    }

    pub(super) fn alice_says(&mut self, room: RoomId, body: &str) {
        let event = self.message(room, ALICE, None, body);
        self.tell(ServerMsg::Event(event));
    }

    pub(super) fn tell(&mut self, msg: ServerMsg) {
        if self.online {
            self.desk.handle(self.now, Input::Received(msg));
        }
    }

    /// A bot that was killed comes back with what is on disk.
    pub(super) fn restart(&mut self) {
        self.runs += 1;
        self.online = false;
        self.unread.clear();
        let journal = serde_json::from_str(&self.disk).unwrap();
        self.desk = Desk::new(journal, self.wanted.clone(), Style::Plain, 60_000, self.runs, self.now);
    }

    pub(super) fn connect(&mut self) {
        self.online = true;
        self.desk.handle(self.now, Input::Connect);
        self.desk.handle(self.now, Input::Opened);
    }

    pub(super) fn disconnect(&mut self) {
        self.online = false;
        let closed = Closed { code: 1006, reason: String::new(), was_clean: false };
        self.desk.handle(self.now, Input::Closed(closed));
    }

    pub(super) fn burn(&mut self) -> Result<(), Killed> {
        match &mut self.fuel {
            Some(0) => Err(Killed),
            Some(fuel) => {
                *fuel -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Turns as the driver makes them, until nothing moves any more, or the bot is killed.
    pub(super) fn settle(&mut self) -> Result<(), Killed> {
        loop {
            self.desk.say(self.now);
            let mut lines = Vec::new();
            while let Some(line) = self.desk.give(self.now) {
                lines.push(line);
            }
            self.notes.extend(self.desk.notes());
            self.burn()?;
            if self.desk.dirty() == Dirty::Now {
                self.disk = serde_json::to_string(self.desk.journal()).unwrap();
                self.desk.saved();
                self.burn()?;
            }
            let wire = self.desk.wire();
            let moved = !wire.is_empty() || !lines.is_empty() || self.desk.dirty() == Dirty::Now;
            for line in lines {
                self.given.push(line.trim_end().to_owned());
                self.unread.push(line.trim_end().to_owned());
                self.burn()?;
            }
            for effect in wire {
                self.perform(effect)?;
            }
            if !moved {
                return Ok(());
            }
        }
    }

    pub(super) fn perform(&mut self, effect: Effect) -> Result<(), Killed> {
        let Effect::Send(msg) = effect else { return Ok(()) };
        if !self.online {
            return Ok(());
        }
        let answers = self.serve(msg);
        self.burn()?;
        for answer in answers {
            self.tell(answer);
            self.burn()?;
        }
        Ok(())
    }

    pub(super) fn page(&self, room: RoomId, from: Seq, to: Seq) -> Vec<ServerMsg> {
        let (_, log) = &self.rooms[&room];
        log.iter().filter(|event| event.seq > from && event.seq <= to).cloned().map(ServerMsg::Event).collect()
    }

    pub(super) fn replay(&self, room: RoomId, head: Seq, from: Seq) -> Vec<ServerMsg> {
        let far = from > head || head.0 - from.0 > limits::REPLAY_EVENTS;
        if !far && from > Seq::ZERO {
            return self.page(room, from, head);
        }
        let first = head.0.saturating_sub(limits::PAGE_EVENTS);
        let reset = (far || first > 0).then_some(ServerMsg::Reset { room, seq: head });
        reset.into_iter().chain(self.page(room, Seq(first), head)).collect()
    }

    fn serve(&mut self, msg: ClientMsg) -> Vec<ServerMsg> {
        if let ClientMsg::Hello { epoch, rooms: held, .. } = msg {
            let same = epoch.is_some_and(|epoch| epoch.0 == self.epoch);
            let from = |room| held.get(room).copied().filter(|_| same).unwrap_or_default();
            let replays = self.rooms.iter().flat_map(|(room, (info, _))| self.replay(*room, info.head, from(room)));
            std::iter::once(self.welcome()).chain(replays).collect()
        } else if let ClientMsg::Sync { room, from, to } = msg {
            self.page(room, from, to.unwrap_or(Seq(u64::MAX)).min(Seq(from.0 + limits::REPLAY_EVENTS)))
        } else if let ClientMsg::Send { cid, room, body, .. } = msg {
            self.hear(cid, room, &body)
        } else {
            Vec::new()
        }
    }

    fn welcome(&self) -> ServerMsg {
        ServerMsg::Welcome {
            epoch: Epoch(self.epoch.to_owned()),
            me: Person { id: BOT, name: "Bot".into() },
            role: Role::Bot,
            limits: Limits::default(),
            now: self.now,
            user_seq: 0,
            rooms: self.rooms.values().map(|(info, _)| info.clone()).collect(),
        }
    }

    fn hear(&mut self, cid: Cid, room: RoomId, body: &str) -> Vec<ServerMsg> {
        if body == "forbidden" {
            return vec![ServerMsg::Error(Refusal::new(ErrorCode::Archived, "archived").about(cid).within(room))];
        }
        let ack = |seq, at| ServerMsg::Ack { cid, room, seq, n: None, at };
        if let Some(seq) = self.answered.get(&cid) {
            return vec![ack(*seq, self.now)];
        }
        let event = self.message(room, BOT, Some(cid), body);
        self.answered.insert(cid, event.seq);
        let ack = ack(event.seq, self.now);
        vec![ServerMsg::Event(event), ack]
    }

    /// The program answers what it has read.
    pub(super) fn answer(&mut self) {
        for line in std::mem::take(&mut self.unread) {
            self.desk.hear(Ok(&format!("echo {line}")));
        }
    }

    pub(super) fn said_by_bot(&self, room: RoomId) -> Vec<String> {
        let body = |event: &Event| {
            let EventKind::Message { body, .. } = &event.kind else { return None };
            (event.by == BOT).then(|| body.clone())
        };
        self.rooms[&room].1.iter().filter_map(body).collect()
    }

    pub(super) fn ready(wanted: &[&str]) -> Self {
        let mut world = Self::new(wanted);
        world.connect();
        world.run();
        world
    }

    /// Until nothing moves, without being killed.
    pub(super) fn run(&mut self) {
        self.fuel = None;
        assert!(self.settle().is_ok());
    }
}

impl World {
    /// Until everything is said, however long its pace makes that.
    pub(super) fn rest(&mut self) {
        self.run();
        while !self.desk.is_idle() {
            self.now = self.now.plus(1);
            self.run();
        }
    }
}
