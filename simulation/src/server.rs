//! The server, with its real tables, shards, sessions and letters, driven one step at a time.
//!
//! What the product does in threads is a list here that the story works off in its own order: frames that a session has
//! not taken, look-ups that are on their way, changes that the writer has queued, letters that no shard has opened, bytes
//! that no client has taken. Deliberately absent: sockets and the writer's thread, which `cargo xtask chaos` is for.

mod pipe;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use common::client::ClientMsg;
use common::close::CloseCode;
use common::codec;
use common::id::{Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, Person};
use common::server::ServerMsg;
use readyroom::bus::letter::{ConnId, Letter, SessionId};
use readyroom::bus::{Bus, ShardId};
use readyroom::publish::{self, Asker};
use readyroom::session::liveness::Patience;
use readyroom::session::throttle::Rate;
use readyroom::session::{Now, Rules};
use readyroom::shard::timings::Timings;
use readyroom::shard::{Ask, Look, Packing, Shard, Who};
use readyroom::socket::lookup;
use readyroom::store::events::Appended;
use readyroom::store::{Change, Changed, CommandError, StoreError, people};
use rusqlite::Connection;
use wire::Message;

use pipe::{Came, Pipe, Reader};

/// No bound: a story says how fast things go.
const RATE: Rate = Rate { per_second: 0, burst: 1 };

/// Enough for letters to cross.
const SHARDS: usize = 2;

/// Bytes that stand for one delivery.
const DELIVERY: usize = 256;

/// Writes in one turn of a shard: few, so that letters come in between.
const SENDS: usize = 2;

/// A connection, from the server's side and on the wire.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: usize,
    shard: ShardId,
    slot: u32,
    pipe: Pipe,
    reader: Reader,
    /// Frames from the client that the session has not taken.
    pub(crate) up: VecDeque<String>,
    /// Messages to the client that have not arrived.
    pub(crate) down: VecDeque<ServerMsg>,
    looks: VecDeque<(ConnId, UserId, Look)>,
    /// What this connection got of each room, to find holes and repeats.
    stream: BTreeMap<RoomId, Option<Seq>>,
    /// Rooms of which the client asked for more than it was sent, which may come in between.
    synced: BTreeSet<RoomId>,
    /// The rooms that it was told it is in.
    rooms: BTreeSet<RoomId>,
    epoch: Epoch,
    /// What is wrong with the bytes that came, in words.
    broken: Option<String>,
}

/// The server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) db: Connection,
    pub(crate) epoch: Epoch,
    timings: Timings,
    pub(crate) links: BTreeMap<SessionId, Link>,
    shards: Vec<Shard<Pipe>>,
    bus: Bus,
    letters: Vec<VecDeque<Letter>>,
    /// Whether a shard has more to send.
    sending: Vec<bool>,
    queue: VecDeque<(Asker, Change)>,
    sessions: u64,
}

/// What a step led to that the world must know.
#[derive(Debug)]
pub(crate) enum Told {
    /// An event is on disk.
    Stored(Event),
    /// The server ended a connection.
    Closed(usize, CloseCode),
}

impl Server {
    pub(crate) fn new(db: Connection, epoch: Epoch, queue: usize) -> Self {
        let never = 1 << 50;
        let timings = Timings {
            patience: Patience { hello_ms: never, ping_ms: never, silence_ms: never },
            write_stall: Duration::from_millis(never),
            linger: Duration::from_millis(never),
            backlog: queue * DELIVERY,
            connections: 16,
            ..Timings::default()
        };
        let mut server = Self {
            db,
            epoch,
            timings,
            links: BTreeMap::new(),
            shards: Vec::new(),
            bus: Bus::new(SHARDS),
            letters: Vec::new(),
            sending: Vec::new(),
            queue: VecDeque::new(),
            sessions: 0,
        };
        server.crash();
        server
    }

    /// A connection begins.
    pub(crate) fn accept(&mut self, client: usize, user: UserId, now: Timestamp) -> rusqlite::Result<SessionId> {
        self.sessions += 1;
        let id = SessionId(self.sessions);
        let shard = ShardId(client % SHARDS);
        let packing =
            [Packing::Building(None), Packing::Plain, Packing::Alone].into_iter().cycle().nth(client / SHARDS);
        let packing = packing.unwrap_or(Packing::Plain);
        let known = people::find(&self.db, user)?.map(|known| known.person);
        let me = known.unwrap_or(Person { id: user, name: String::new() });
        let pipe = Pipe::default();
        let Some(of) = self.shards.get_mut(shard.0) else { return Ok(id) };
        let slot = of.arrive(pipe.clone(), id, Who(me, None, packing), at(now));
        let link = Link {
            client,
            shard,
            slot,
            pipe,
            reader: Reader::new(packing),
            up: VecDeque::new(),
            down: VecDeque::new(),
            looks: VecDeque::new(),
            stream: BTreeMap::new(),
            synced: BTreeSet::new(),
            rooms: BTreeSet::new(),
            epoch: self.epoch.clone(),
            broken: None,
        };
        self.links.insert(id, link);
        Ok(id)
    }

    /// A connection is gone.
    pub(crate) fn hang_up(&mut self, id: SessionId, now: Timestamp) {
        if let Some(link) = self.links.remove(&id)
            && let Some(shard) = self.shards.get_mut(link.shard.0)
        {
            shard.on_gone(link.slot, at(now));
            self.carry_out();
        }
    }

    /// The program ends: what was not committed is gone, and nobody hears of what was.
    pub(crate) fn crash(&mut self) {
        let rules = Arc::new(Rules { epoch: self.epoch.clone(), rate: RATE });
        let shard = |id| Shard::new((ShardId(id), SHARDS), self.timings, Arc::clone(&rules));
        self.shards = (0..SHARDS).map(shard).collect();
        self.bus = Bus::new(SHARDS);
        self.letters = (0..SHARDS).map(|_| VecDeque::new()).collect();
        self.sending = vec![false; SHARDS];
        self.links.clear();
        self.queue.clear();
    }

    /// Takes a frame from a client.
    pub(crate) fn take_frame(&mut self, id: SessionId, now: Timestamp) -> Vec<Told> {
        let Some(link) = self.links.get_mut(&id) else { return Vec::new() };
        let Some(shard) = self.shards.get_mut(link.shard.0).filter(|shard| shard.wants_messages(link.slot)) else {
            return Vec::new();
        };
        let Some(frame) = link.up.pop_front() else { return Vec::new() };
        link.note_frame(&frame);
        shard.on_message(link.slot, &Message::Text(&frame), at(now));
        self.turn(now)
    }

    /// Answers one look-up, with a letter.
    pub(crate) fn look(&mut self, id: SessionId) -> rusqlite::Result<()> {
        let Some(link) = self.links.get_mut(&id) else { return Ok(()) };
        let Some((conn, user, look)) = link.looks.pop_front() else { return Ok(()) };
        let found = Box::new(lookup::find(&self.db, user, look)?);
        if let Some(letters) = self.letters.get_mut(link.shard.0) {
            letters.push_back(Letter::Found(conn, found));
        }
        Ok(())
    }

    /// Commits what has queued, or fails to.
    pub(crate) fn commit(&mut self, changes: usize, full: bool, now: Timestamp) -> rusqlite::Result<Vec<Told>> {
        let taken: Vec<_> = self.queue.drain(..changes.min(self.queue.len())).collect();
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let mut told = Vec::new();
        let mut answers = Vec::new();
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        for (asker, change) in taken {
            let result = if full {
                Err(StoreError::Failed.into())
            } else {
                change.carry_out(&self.db, now)?.map_err(CommandError::Refused)
            };
            if let Ok(Changed::Appended(Appended { event, fresh: true, .. })) = &result {
                told.push(Told::Stored(event.clone()));
            }
            answers.push((asker, result));
        }
        self.db.execute_batch("COMMIT")?;
        for (asker, result) in answers {
            publish::answer(&self.bus, asker, result);
        }
        self.bus.flush();
        self.collect();
        Ok(told)
    }

    /// Every shard opens its next letter, and sends a little of what it has.
    pub(crate) fn publish(&mut self, now: Timestamp) -> Vec<Told> {
        for (shard, letters) in self.shards.iter_mut().zip(&mut self.letters) {
            if let Some(letter) = letters.pop_front() {
                shard.on_letter(letter, at(now));
            }
        }
        self.turn(now)
    }

    /// A client takes some of what was written for it.
    pub(crate) fn drain(&mut self, id: SessionId, items: usize, now: Timestamp) -> Vec<Told> {
        if let Some(link) = self.links.get_mut(&id)
            && let Some(shard) = self.shards.get_mut(link.shard.0)
        {
            link.pipe.widen(items * DELIVERY);
            shard.on_writable(link.slot, at(now));
        }
        self.turn(now)
    }

    /// The shards do what is due.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.shards.iter_mut().for_each(|shard| shard.tick(at(now)));
        self.carry_out();
    }

    /// Whether nothing is on its way, on this connection or to it.
    pub(crate) fn is_quiet(&self) -> bool {
        let quiet =
            |link: &Link| link.up.is_empty() && link.down.is_empty() && link.looks.is_empty() && !link.pipe.is_full();
        let idle =
            self.queue.is_empty() && self.letters.iter().all(VecDeque::is_empty) && !self.sending.contains(&true);
        idle && self.links.values().all(quiet)
    }

    /// Lets every shard send, carries out what they ask for, and hears what has come out.
    fn turn(&mut self, now: Timestamp) -> Vec<Told> {
        for (shard, sending) in self.shards.iter_mut().zip(&mut self.sending) {
            *sending = shard.turn(SENDS, at(now));
        }
        self.carry_out();
        let (mut told, mut closed) = (Vec::new(), Vec::new());
        for (id, link) in &mut self.links {
            if let Some(code) = link.hear() {
                told.push(Told::Closed(link.client, code));
                closed.push(*id);
            }
        }
        closed.into_iter().for_each(|id| self.hang_up(id, now));
        told
    }

    fn carry_out(&mut self) {
        let asks: Vec<(ShardId, Ask)> = self
            .shards
            .iter_mut()
            .enumerate()
            .flat_map(|(at, shard)| shard.take_asks().map(move |ask| (ShardId(at), ask)))
            .collect();
        for (shard, ask) in asks {
            match ask {
                Ask::Look(conn, user, look) => {
                    let link = self.links.values_mut().find(|link| (link.shard, link.slot) == (shard, conn.slot));
                    link.into_iter().for_each(|link| link.looks.push_back((conn, user, look)));
                }
                Ask::Submit(conn, change) => self.queue.push_back((Asker::new((shard, conn), &change), change)),
                Ask::Post(to, letter) => self.bus.post(to, letter),
            }
        }
        self.collect();
    }

    /// Takes what is in the boxes.
    fn collect(&mut self) {
        for (at, letters) in self.letters.iter_mut().enumerate() {
            let mut taken = Vec::new();
            self.bus.take(ShardId(at), &mut taken);
            letters.extend(taken);
        }
    }
}

fn at(now: Timestamp) -> Now {
    Now { clock: now, ms: now.0 }
}

impl Link {
    /// Reads what has come out of the pipe. Gives the code of a Close.
    fn hear(&mut self) -> Option<CloseCode> {
        let came = self.reader.read(self.pipe.take()).unwrap_or_else(|why| {
            self.broken = Some(why);
            Vec::new()
        });
        let mut closed = None;
        for came in came {
            match came {
                Came::Message(msg) => self.down.push_back(*msg),
                Came::Closed(code) => closed = Some(code),
            }
        }
        closed
    }

    /// A room's messages come while its client has been told that it is in it, and no event from the one on by which its
    /// person was removed. `removed` says which that is, for who is no member.
    fn belongs(&mut self, msg: &ServerMsg, removed: &dyn Fn(RoomId) -> Option<Seq>) -> Result<(), String> {
        let room = match msg {
            ServerMsg::Welcome { rooms, .. } => {
                self.rooms = rooms.iter().map(|info| info.id).collect();
                return Ok(());
            }
            ServerMsg::Room(info) => {
                self.rooms.insert(info.id);
                self.stream.insert(info.id, None);
                return Ok(());
            }
            ServerMsg::Left { room } => {
                self.rooms.remove(room);
                return Ok(());
            }
            ServerMsg::Event(event) => {
                if removed(event.room).is_some_and(|seq| event.seq >= seq) {
                    return Err(format!("{} of {} comes to who was removed before", event.seq, event.room));
                }
                event.room
            }
            ServerMsg::Reset { room, .. }
            | ServerMsg::Lag { room, .. }
            | ServerMsg::Typing { room, .. }
            | ServerMsg::Presence { room, .. } => *room,
            ServerMsg::Ack { .. }
            | ServerMsg::Error(_)
            | ServerMsg::Person(_)
            | ServerMsg::User(_)
            | ServerMsg::Pong { .. }
            | ServerMsg::Unknown => return Ok(()),
        };
        let told = self.rooms.contains(&room);
        if told { Ok(()) } else { Err(format!("{msg:?} comes to who is not in {room}")) }
    }

    fn note_frame(&mut self, frame: &str) {
        match codec::decode_client(frame) {
            Ok(ClientMsg::Hello { epoch, rooms, .. }) if epoch.as_ref() == Some(&self.epoch) => {
                self.stream = rooms.into_iter().map(|(room, cursor)| (room, Some(cursor))).collect();
            }
            Ok(ClientMsg::Sync { room, .. }) => {
                self.synced.insert(room);
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// The next message arrives at the client. What the protocol promises of each connection is checked here: a room's
    /// events come without a hole and without a repeat.
    ///
    /// # Errors
    /// What is broken, in words.
    pub(crate) fn arrive(&mut self, removed: &dyn Fn(RoomId) -> Option<Seq>) -> Option<Result<ServerMsg, String>> {
        if let Some(why) = self.broken.take() {
            return Some(Err(why));
        }
        let msg = self.down.pop_front()?;
        if let Err(why) = self.belongs(&msg, removed) {
            return Some(Err(why));
        }
        match &msg {
            ServerMsg::Reset { room, .. } | ServerMsg::Lag { room, .. } => {
                self.stream.insert(*room, None);
            }
            ServerMsg::Event(event) if !self.synced.contains(&event.room) => {
                let top = self.stream.entry(event.room).or_insert(None);
                match *top {
                    Some(seen) if event.seq > seen.next() => {
                        return Some(Err(format!("{} comes behind {seen} in {}: a hole", event.seq, event.room)));
                    }
                    Some(seen) if event.seq <= seen => {
                        return Some(Err(format!("{} comes behind {seen} in {}: a repeat", event.seq, event.room)));
                    }
                    Some(_) | None => *top = Some(event.seq),
                }
            }
            ServerMsg::Event(_)
            | ServerMsg::Welcome { .. }
            | ServerMsg::Ack { .. }
            | ServerMsg::Error(_)
            | ServerMsg::Room(_)
            | ServerMsg::Left { .. }
            | ServerMsg::Person(_)
            | ServerMsg::User(_)
            | ServerMsg::Typing { .. }
            | ServerMsg::Presence { .. }
            | ServerMsg::Pong { .. }
            | ServerMsg::Unknown => {}
        }
        Some(Ok(msg))
    }
}
