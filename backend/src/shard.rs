//! A shard: some of the server's connections as plain data, with everything that is decided for them.
//!
//! One shard a core. In go messages of its connections, letters of the bus and the time; out come bytes for the
//! connections' [`Link`]s and [`Ask`]s for whoever drives the shard: [`crate::socket`] with real sockets, a simulation
//! with its own. A connection is a place in a slab: it has no task, no channel, and no buffer while it is idle. Every
//! room that somebody here follows is a list of places; its events gather and go out as one write to each (`fanout`),
//! rooms taking turns, compressed once for all where that was agreed (`packing`). What a link does not take waits (`backlog`), up to a bound; what does not fit then is told as a
//! `lag`, and the client reads it from the log.
//!
//! `conn` is a connection, `deliver` brings letters and events to sessions, `perform` carries out what sessions want,
//! `ending` says goodbye, `homes` knows who is in the rooms whose home this shard is.
//!
//! Deliberately absent: system calls, frames (`wire`), the store, and decisions about rights and order, which are the
//! sessions' and the store's.

pub mod timings;

mod backlog;
mod conn;
mod deliver;
mod ending;
mod fanout;
mod homes;
mod packing;
mod perform;

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use common::close;
use common::id::{RoomId, Seq, UserId};
use common::model::Person;
use slab::Slab;
use wire::Message;

use crate::bus::ShardId;
use crate::bus::letter::{Answered, ConnId, FeedId, Letter, SessionId};
use crate::session::liveness::Liveness;
use crate::session::{Effects, Now, Read, Rules, Session};
use crate::store::Change;
use crate::store::sessions::SignInId;
use conn::{Conn, Role};
use fanout::Following;
use homes::Homes;
use packing::Packer;
use timings::Timings;

pub use backlog::Link;
pub use ending::End;
pub use packing::Packing;

/// Milliseconds after which a room where nothing is said keeps nothing for what may be said next.
const REST_MS: u64 = 30_000;

/// What the driver is to do, in order.
#[derive(Debug)]
pub enum Ask {
    /// Find something out for a connection, and bring it as [`Letter::Found`].
    Look(ConnId, UserId, Look),
    /// Submit a change; the answer comes as a letter.
    Submit(ConnId, Change),
    /// Post a letter.
    Post(ShardId, Letter),
}

/// Something that a connection wants to know.
#[derive(Debug, Clone, Copy)]
pub enum Look {
    /// Who its person is, and which rooms they are in, if they are signed in there still.
    Greeting(Option<SignInId>),
    /// How a room looks that it has subscribed to.
    Open(RoomId, FeedId),
    /// A page of a room's log.
    Page(Read),
    /// Entries of the person's own log after this one.
    Own(u64),
}

/// Who comes in: where they are signed in, and how they take events. A simulation has no places.
#[derive(Debug)]
pub struct Who(pub Person, pub Option<SignInId>, pub Packing);

/// The shard. `L` is what its connections write to.
#[derive(Debug)]
pub struct Shard<L> {
    id: ShardId,
    shards: usize,
    timings: Timings,
    rules: Arc<Rules>,
    conns: Slab<Conn<L>>,
    /// Whose connections are where; in order.
    people: Vec<(UserId, u32)>,
    rooms: HashMap<RoomId, Following>,
    homes: Homes,
    packer: Packer,
    /// Rooms that have something to send, each once.
    sending: VecDeque<RoomId>,
    /// How many connections wait for their greeting, and the newest event of each room since the first of them does.
    greeting: usize,
    published: HashMap<RoomId, Seq>,
    answers: Vec<(ConnId, Answered)>,
    /// Connections to be written to, each once.
    writing: Vec<u32>,
    asks: Vec<Ask>,
    /// Connections that may want what has come for them and was not read.
    resumed: Vec<u32>,
    /// Kept for its memory.
    effects: Effects,
    generations: u32,
    /// When connections are looked at next.
    check_at: u64,
    /// When rooms that are quiet are put to rest next.
    rest_at: u64,
    stopping: bool,
}

impl<L: Link> Shard<L> {
    /// An empty shard, one of so many.
    #[must_use]
    pub fn new((id, shards): (ShardId, usize), timings: Timings, rules: Arc<Rules>) -> Self {
        Self {
            id,
            shards,
            timings,
            rules,
            conns: Slab::with_capacity(timings.connections / shards.max(1)),
            people: Vec::with_capacity(timings.connections / shards.max(1)),
            rooms: HashMap::new(),
            homes: Homes::new(u64::try_from(timings.presence_grace.as_millis()).unwrap_or(u64::MAX)),
            packer: Packer::new(),
            sending: VecDeque::new(),
            greeting: 0,
            published: HashMap::new(),
            answers: Vec::new(),
            writing: Vec::new(),
            asks: Vec::new(),
            resumed: Vec::new(),
            effects: Effects::new(),
            generations: 0,
            check_at: 0,
            rest_at: 0,
            stopping: false,
        }
    }

    /// A connection begins. Gives its place.
    pub fn arrive(&mut self, link: L, id: SessionId, who: Who, now: Now) -> u32 {
        self.generations = self.generations.wrapping_add(1);
        let entry = self.conns.vacant_entry();
        let slot = u32::try_from(entry.key()).unwrap_or(u32::MAX);
        let Who(me, sign_in, packing) = who;
        let at = self.people.partition_point(|known| *known < (me.id, slot));
        self.people.insert(at, (me.id, slot));
        let session = Session::new(me.id, Arc::clone(&self.rules), now.ms);
        let role = Role::Chat { session, sign_in, name: me.name.into(), packing, read: None };
        entry.insert(Conn {
            link,
            role,
            backlog: backlog::Backlog::default(),
            liveness: Liveness::new(now.ms),
            id,
            generation: self.generations,
            expects: false,
            is_listed: false,
            greets: false,
            owes_own: false,
        });
        self.check_by(now.ms + self.timings.beat());
        if self.stopping {
            self.end(slot, self.going_away(), now);
        }
        slot
    }

    /// The link of a connection.
    pub fn link(&mut self, slot: u32) -> Option<&mut L> {
        self.conns.get_mut(slot as usize).map(|conn| &mut conn.link)
    }

    /// How many connections there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.conns.len()
    }

    /// Whether there is no connection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conns.is_empty()
    }

    /// Whether another message of a connection may be decoded. Not while its session has enough to answer, nor while
    /// what was answered is not read: the client is slowed, not refused.
    #[must_use]
    pub fn wants_messages(&self, slot: u32) -> bool {
        self.conns.get(slot as usize).is_some_and(|conn| match &conn.role {
            Role::Chat { session, .. } => {
                session.wants_frames() && !self.stopping && conn.backlog.bytes() <= self.timings.backlog / 4
            }
            Role::Ending(ending) => ending.awaits_close,
        })
    }

    /// A message came.
    pub fn on_message(&mut self, slot: u32, message: &Message<'_>, now: Now) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        conn.liveness.heard(now.ms);
        match (&mut conn.role, message) {
            (Role::Ending(ending), Message::Close(_)) if !conn.backlog.is_empty() => {
                // Theirs has crossed ours, which is still to be sent.
                ending.awaits_close = false;
            }
            (Role::Ending(_), Message::Close(_)) => self.drop_conn(slot),
            (Role::Ending(_), _) | (_, Message::Pong(_)) => {}
            (_, Message::Ping(payload)) => self.append(slot, now, |out| wire::encode::pong(out, payload)),
            (_, Message::Close(closing)) => {
                let code = closing.as_ref().map(|closing| closing.code);
                let reason = closing.as_ref().map_or("", |closing| closing.reason).to_owned();
                self.end(slot, End::Answered(code, reason), now);
            }
            (Role::Chat { .. }, Message::Text(text)) => self.on_text(slot, text, now),
            (Role::Chat { .. }, Message::Binary(_)) => {
                self.end(slot, End::Broken(close::UNSUPPORTED, "binary"), now);
            }
        }
    }

    /// What a connection has sent breaks the standard: from here on it cannot be understood.
    pub fn on_violation(&mut self, slot: u32, violation: &wire::Violation, now: Now) {
        if self.is_ending(slot) {
            self.drop_conn(slot);
        } else {
            self.end(slot, End::Broken(violation.code, violation.what), now);
        }
    }

    /// A connection has vanished.
    pub fn on_gone(&mut self, slot: u32, now: Now) {
        self.end(slot, End::Gone, now);
    }

    /// A link takes bytes again.
    pub fn on_writable(&mut self, slot: u32, now: Now) {
        if self.conns.get(slot as usize).is_some_and(|conn| !conn.backlog.is_empty()) {
            self.write(slot, now);
        }
    }

    /// Sends some of what there is to send, rooms taking turns, at most `sends` writes of it, and then what is owed to
    /// single connections. Says whether there is more.
    pub fn turn(&mut self, mut sends: usize, now: Now) -> bool {
        while sends > 0 {
            let Some(room) = self.sending.pop_front() else { break };
            let sent = self.send_some(room, sends, now);
            sends = sends.saturating_sub(sent.max(1));
        }
        let mut answers = std::mem::take(&mut self.answers);
        for (id, answered) in answers.drain(..) {
            self.on_answer(id, answered, now);
        }
        self.answers = answers;
        while let Some(slot) = self.writing.pop() {
            if let Some(conn) = self.conns.get_mut(slot as usize) {
                (conn.is_listed, conn.expects) = (false, false);
                self.write(slot, now);
            }
        }
        !self.sending.is_empty()
    }

    /// Does what time demands.
    pub fn tick(&mut self, now: Now) {
        let hints = self.homes.tick(now.ms);
        self.asks.extend(hints.into_iter().map(|(shard, hints)| Ask::Post(shard, Letter::Hints(hints))));
        if now.ms >= self.check_at {
            self.check_at = now.ms + self.timings.beat();
            if now.ms >= self.rest_at {
                self.rest_at = now.ms + REST_MS;
                self.rooms.values_mut().for_each(Following::rest);
            }
            for slot in 0..u32::try_from(self.conns.capacity()).unwrap_or(u32::MAX) {
                self.check(slot, now);
            }
        }
    }

    /// When [`Shard::tick`] is due.
    #[must_use]
    pub fn next_tick(&self) -> Option<u64> {
        let check = (!self.conns.is_empty()).then_some(self.check_at);
        [check, self.homes.deadline()].into_iter().flatten().min()
    }

    /// Everybody is asked to go: who waits for an answer, when it has come.
    pub fn stop(&mut self, now: Now) {
        self.stopping = true;
        let slots: Vec<usize> = self.conns.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.go_away(u32::try_from(slot).unwrap_or(u32::MAX), now);
        }
    }

    /// What the driver is to do, in order.
    pub fn take_asks(&mut self) -> std::vec::Drain<'_, Ask> {
        self.asks.drain(..)
    }

    /// Gives the connections that may be read again for an empty list.
    pub fn swap_resumed(&mut self, empty: &mut Vec<u32>) {
        std::mem::swap(&mut self.resumed, empty);
    }

    fn on_text(&mut self, slot: u32, text: &str, now: Now) {
        let queued = self.conns.get(slot as usize).map_or(0, |conn| conn.backlog.frames());
        self.with_session(slot, now, |session, out| session.on_frame(text, now, queued, out));
        if let Some(conn) = self.conns.get_mut(slot as usize)
            && conn.session().is_some_and(Session::is_greeted)
        {
            conn.liveness.greeted();
        }
    }

    /// Lets a session decide something, and carries out what comes of it. One connection's fault is not another's: it gets
    /// its Close, and says where it happened in the log.
    fn with_session(&mut self, slot: u32, now: Now, decide: impl FnOnce(&mut Session, &mut Effects)) {
        let Some(session) = self.conns.get_mut(slot as usize).and_then(Conn::session_mut) else { return };
        let mut effects = std::mem::take(&mut self.effects);
        let decided = catch_unwind(AssertUnwindSafe(|| decide(session, &mut effects)));
        if decided.is_err() {
            effects.clear();
            self.end(slot, End::Close(close::SERVER_FAULT, "fault".to_owned()), now);
        }
        self.perform(slot, &mut effects, now);
        effects.clear();
        self.effects = effects;
        if self.stopping {
            self.go_away(slot, now);
        }
        if self.conns.get(slot as usize).is_some_and(|conn| conn.link.has_unread()) {
            self.resumed.push(slot);
        }
    }

    /// Puts a frame behind what waits for a connection.
    fn append(&mut self, slot: u32, now: Now, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(conn) = self.conns.get_mut(slot as usize) {
            conn.backlog.append(now.ms, write);
            self.list(slot);
        }
    }

    /// Puts a connection on the list of those to be written to.
    fn list(&mut self, slot: u32) {
        if let Some(conn) = self.conns.get_mut(slot as usize)
            && !std::mem::replace(&mut conn.is_listed, true)
        {
            self.writing.push(slot);
        }
    }

    /// Writes what waits for a connection.
    fn write(&mut self, slot: u32, now: Now) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        if conn.backlog.write(&mut conn.link, now.ms).is_err() {
            return self.on_gone(slot, now);
        }
        if conn.link.has_unread() {
            self.resumed.push(slot);
        }
        if conn.backlog.is_empty() {
            self.on_written(slot, now);
        }
    }

    fn check_by(&mut self, at: u64) {
        self.check_at = self.check_at.min(at);
    }

    fn conn_by_id(&self, id: ConnId) -> Option<&Conn<L>> {
        self.conns.get(id.slot as usize).filter(|conn| conn.generation == id.generation)
    }

    /// The places of a person's connections.
    fn places(&self, user: UserId) -> Vec<u32> {
        let from = self.people.partition_point(|(of, _)| *of < user);
        let all = self.people.get(from..).unwrap_or_default();
        all.iter().take_while(|(of, _)| *of == user).map(|(_, slot)| *slot).collect()
    }
}

#[cfg(test)]
mod tests;
