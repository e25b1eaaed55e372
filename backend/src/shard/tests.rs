//! Shards, driven by hand, and clients that decode what is written to them.
//!
//! The tables, the look-ups and the publishing are the product's own. What the driver and the system do, a test does:
//! letters stay in their boxes until it works them off, look-ups and changes until it carries them out, and a [`Pipe`]
//! takes as many bytes as it is told to.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test fails on what it does not know")]

mod chance;
mod client;
mod delivery;
mod ending;
mod ephemera;
mod faults;
mod greeting;
mod own;
mod packing;
mod turns;

use common::id::{Cid, Epoch, Timestamp};
use common::model::Event;
use common::text::{Body, UserName};
use rusqlite::Connection;

use super::*;
use crate::bus::Bus;
use crate::publish::{self, Asker};
use crate::session::throttle::Rate;
use crate::socket::lookup;
use crate::store::events::{self, Act, Command};
use crate::store::{CommandError, StoreError, in_memory, people, rooms};
use client::{Client, Pipe};

const LOBBY: RoomId = rooms::LOBBY;

/// A server without its rim.
struct Driven {
    shards: Vec<Shard<Pipe>>,
    bus: Bus,
    /// Letters that a shard has not read.
    boxes: Vec<VecDeque<Letter>>,
    db: Connection,
    looks: VecDeque<(ShardId, ConnId, UserId, Look)>,
    changes: VecDeque<(ShardId, ConnId, Change)>,
    ms: u64,
    sessions: u64,
    cids: u128,
    /// How connections that begin from here on take events.
    packing: Packing,
    /// Where their people are signed in.
    sign_in: Option<SignInId>,
}

impl Driven {
    fn new(shards: usize) -> Self {
        Self::with(shards, Timings::default())
    }

    fn with(shards: usize, timings: Timings) -> Self {
        let timings = Timings { connections: 0, ..timings };
        let rules = Arc::new(Rules { epoch: Epoch("now".to_owned()), rate: Rate { per_second: 0, burst: 1 } });
        Self {
            shards: (0..shards).map(|id| Shard::new((ShardId(id), shards), timings, Arc::clone(&rules))).collect(),
            bus: Bus::new(shards),
            boxes: (0..shards).map(|_| VecDeque::new()).collect(),
            db: in_memory().unwrap(),
            looks: VecDeque::new(),
            changes: VecDeque::new(),
            ms: 0,
            sessions: 0,
            cids: 0,
            packing: Packing::Plain,
            sign_in: None,
        }
    }

    /// Small enough that a few messages fill it.
    fn narrow(shards: usize) -> Self {
        Self::with(shards, Timings { backlog: 2_000, ..Timings::default() })
    }

    fn now(&self) -> Now {
        Now { clock: Timestamp(1_763_700_000_000 + self.ms), ms: self.ms }
    }

    fn cid(&mut self) -> Cid {
        self.cids += 1;
        Cid(uuid::Uuid::from_u128(self.cids))
    }

    // === People ===

    /// Somebody who is in the lobby and in no shard.
    fn guest(&mut self, name: &str) -> UserId {
        let known = people::create_guest(&self.db, &UserName::new(name).unwrap(), Timestamp(0)).unwrap();
        self.writes(known.person.id, LOBBY, Act::Join);
        known.person.id
    }

    /// A connection begins.
    fn connect(&mut self, shard: usize, user: UserId) -> Client {
        let me = people::find(&self.db, user).unwrap().unwrap().person;
        let pipe = Pipe::default();
        self.sessions += 1;
        let (id, now, packing) = (SessionId(self.sessions), self.now(), self.packing);
        let slot = self.shards[shard].arrive(pipe.clone(), id, Who(me, self.sign_in, packing), now);
        Client::new((shard, slot), user, pipe, packing != Packing::Plain)
    }

    /// A connection that says hello and holds everything up to `held` of the lobby.
    fn hello(&mut self, shard: usize, user: UserId, held: Option<u64>) -> Client {
        let client = self.connect(shard, user);
        let rooms = held.map(|seq| format!(r#""r1":{seq}"#)).unwrap_or_default();
        self.says(&client, &format!(r#"{{"op":"hello","epoch":"now","rooms":{{{rooms}}}}}"#));
        client
    }

    /// A connection of somebody in the lobby that has everything and from which nothing is awaited.
    fn enter(&mut self, shard: usize, user: UserId) -> Client {
        let mut client = self.hello(shard, user, None);
        self.settle();
        client.hears();
        client
    }

    /// Somebody new in the lobby, as [`Driven::enter`].
    fn comes(&mut self, shard: usize, name: &str) -> Client {
        let user = self.guest(name);
        let client = self.enter(shard, user);
        // What was there before the test: nobody is to wait for the news of it.
        self.pass(2 * crate::room::BATCH_MS);
        client
    }

    fn says(&mut self, client: &Client, text: &str) {
        assert!(self.shard(client).wants_messages(client.slot), "not now: {text}");
        self.hands(client, &Message::Text(text));
    }

    /// Somebody says something in the lobby; what becomes of it is for the test.
    fn sends(&mut self, client: &Client, body: &str) -> Cid {
        let cid = self.cid();
        self.says(client, &format!(r#"{{"op":"send","cid":"{cid}","room":"r1","body":"{body}"}}"#));
        cid
    }

    fn hands(&mut self, client: &Client, message: &Message<'_>) {
        let now = self.now();
        self.shard(client).on_message(client.slot, message, now);
        self.gather();
    }

    fn shard(&mut self, client: &Client) -> &mut Shard<Pipe> {
        &mut self.shards[client.shard]
    }

    // === What the driver does ===

    /// Takes down what the shards ask for.
    fn gather(&mut self) {
        for (at, shard) in self.shards.iter_mut().enumerate() {
            for ask in shard.take_asks() {
                match ask {
                    Ask::Look(conn, user, look) => self.looks.push_back((ShardId(at), conn, user, look)),
                    Ask::Submit(conn, change) => self.changes.push_back((ShardId(at), conn, change)),
                    Ask::Post(to, letter) => self.bus.post(to, letter),
                }
            }
        }
        for (at, of) in self.boxes.iter_mut().enumerate() {
            let mut letters = Vec::new();
            self.bus.take(ShardId(at), &mut letters);
            of.extend(letters);
        }
    }

    /// Looks up what was asked for first. Says whether there was anything.
    fn look(&mut self) -> bool {
        let Some((shard, conn, user, look)) = self.looks.pop_front() else { return false };
        let found = lookup::find(&self.db, user, look).unwrap();
        self.bus.post(shard, Letter::Found(conn, Box::new(found)));
        self.gather();
        true
    }

    /// Commits everything that was asked for, in one batch. Says whether there was anything.
    fn commit(&mut self) -> bool {
        let now = self.now().clock;
        let changes = std::mem::take(&mut self.changes);
        let any = !changes.is_empty();
        for (shard, conn, change) in changes {
            let result = change.carry_out(&self.db, now).unwrap().map_err(CommandError::Refused);
            publish::answer(&self.bus, Asker::new((shard, conn), &change), result);
        }
        self.bus.flush();
        self.gather();
        any
    }

    /// Refuses everything that was asked for, as on a full disk.
    fn refuse(&mut self) {
        for (shard, conn, change) in std::mem::take(&mut self.changes) {
            publish::answer(&self.bus, Asker::new((shard, conn), &change), Err(StoreError::Failed.into()));
        }
        self.bus.flush();
        self.gather();
    }

    /// An event of somebody who is in no shard, committed and published.
    fn writes(&mut self, by: UserId, room: RoomId, act: Act) {
        let command = Command { room, by, cid: self.cid(), act };
        let conn = ConnId { slot: u32::MAX, generation: 0 };
        self.changes.push_back((ShardId(0), conn, Change::Command(command)));
        self.commit();
    }

    /// Somebody who is in no shard says something in the lobby.
    fn speaks(&mut self, by: UserId, body: &str) -> Seq {
        self.writes(by, LOBBY, Act::Say { body: Body::new(body).unwrap(), after: None, reply_to: None });
        Seq(self.log().len() as u64)
    }

    /// The lobby's log.
    fn log(&self) -> Vec<Event> {
        events::page(&self.db, LOBBY, Seq::ZERO, Seq(1 << 40), 1 << 40).unwrap()
    }

    /// A shard reads its oldest letters.
    fn reads(&mut self, shard: usize, letters: usize) {
        let now = self.now();
        for _ in 0..letters {
            let Some(letter) = self.boxes[shard].pop_front() else { break };
            self.shards[shard].on_letter(letter, now);
        }
        self.gather();
    }

    /// A shard sends, at most so much. Says whether there is more.
    fn turn(&mut self, shard: usize, sends: usize) -> bool {
        let now = self.now();
        let more = self.shards[shard].turn(sends, now);
        self.gather();
        more
    }

    /// All shards read and send everything that there is.
    fn flow(&mut self) {
        loop {
            let mut more = false;
            for shard in 0..self.shards.len() {
                self.reads(shard, usize::MAX);
                more |= self.turn(shard, 1_000_000);
            }
            if !more && self.boxes.iter().all(VecDeque::is_empty) {
                return;
            }
        }
    }

    /// Everything is carried out until nothing is asked for any more.
    fn settle(&mut self) {
        while {
            self.flow();
            self.look() | self.commit()
        } {}
    }

    /// Time passes, and what is due is done when it is due.
    fn pass(&mut self, ms: u64) {
        self.settle();
        let until = self.ms + ms;
        loop {
            let due = self.shards.iter().filter_map(Shard::next_tick).min().filter(|at| *at <= until);
            self.ms = self.ms.max(due.unwrap_or(until));
            let now = self.now();
            self.shards.iter_mut().for_each(|shard| shard.tick(now));
            self.gather();
            self.settle();
            if due.is_none() {
                return;
            }
        }
    }

    /// A pipe takes more bytes.
    fn widen(&mut self, client: &Client, bytes: usize) {
        client.pipe.widen(bytes);
        let now = self.now();
        self.shard(client).on_writable(client.slot, now);
        self.gather();
    }
}
