//! The driver of a shard: moves bytes between sockets and the shard's connections.
//!
//! One thread a shard, around one `mio::Poll`. In a turn it takes the letters, the newcomers and what the sockets have,
//! lets the shard decide and send, and carries out what the shard asks for; then it waits for more. A thread and not a
//! task: a turn may take milliseconds, which the system shares out fairly with HTTP and the writer even on one core, and
//! the wait is one system call. (Tokio's `AsyncFd` could watch the poll, but has no safe constructor that is not
//! deprecated.)
//! It owns one receive buffer, which all its sockets share: a message that arrives whole is decoded where it lies.
//! Neighbours: `http::upgrade` brings sockets behind their handshake, [`crate::shard`] decides, `wire` knows frames.
//!
//! `link` is one socket, `lookup` asks the store what a session wants to know.
//!
//! Deliberately absent: decisions, TLS and HTTP/2: what is no plain TCP stream comes in as one end of a socket pair.

pub mod lookup;

mod link;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::limits;
use common::model::Person;
use mio::{Events, Interest, Poll, Token, Waker};

use wire::deflate::{Inflater, Params};
use wire::{Input, Rules};

use crate::bus::letter::{ConnId, Letter, SessionId};
use crate::bus::{Bus, ShardId};
use crate::publish::Publisher;
use crate::session::{self, Now};
use crate::shard::timings::Timings;
use crate::shard::{Ask, Packing, Shard, Who};
use crate::store::sessions::SignInId;
use crate::store::{Change, Store};
use crate::tasks::Tasks;
use link::Socket;

pub use link::Link;

/// Bytes that are read at once. What a client sends is small; many at once are a flood, and others have their turn first.
const RECEIVE: usize = 64 * 1024;

/// Writes in one turn, after which sockets and letters are looked at again: a few milliseconds.
const SENDS: usize = 1024;

/// Bytes of the longest message for each fragment that one may have: no client of ours sends any, and libraries that
/// stream send one for each buffer.
const FRAGMENT: usize = 16;

/// What the driver's own waker is called.
const WAKER: Token = Token(usize::MAX);

/// Who comes in by a socket.
#[derive(Debug)]
pub struct Door {
    /// The connection's name.
    pub id: SessionId,
    /// Who.
    pub me: Person,
    /// Where they are signed in.
    pub sign_in: SignInId,
    /// The compression that was agreed. A client keeps no context: one inflater serves all.
    pub deflate: Option<Params>,
}

/// The way of a socket into a shard. Clones share it.
#[derive(Debug, Clone)]
pub struct Sockets {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bus: Bus,
    /// For each shard, who is about to come in.
    arrivals: Box<[Mutex<Vec<Arrival>>]>,
    next_shard: AtomicUsize,
    sessions: AtomicU64,
}

#[derive(Debug)]
struct Arrival {
    link: Link,
    first: Vec<u8>,
    door: Door,
}

impl Sockets {
    /// Nobody has come in. There is a shard for each box of `bus`.
    #[must_use]
    pub fn new(bus: Bus) -> Self {
        let arrivals = (0..bus.shards()).map(|_| Mutex::default()).collect();
        let (next_shard, sessions) = (AtomicUsize::new(0), AtomicU64::new(1));
        Self { shared: Arc::new(Shared { bus, arrivals, next_shard, sessions }) }
    }

    /// A name for a new connection.
    #[must_use]
    pub fn next_id(&self) -> SessionId {
        SessionId(self.shared.sessions.fetch_add(1, Ordering::Relaxed))
    }

    /// Gives a socket, from right behind its handshake, to the shard whose turn it is. `first` was read with the handshake.
    pub fn adopt(&self, link: Link, first: Vec<u8>, door: Door) {
        let shards = self.shared.arrivals.len();
        let shard = self.shared.next_shard.fetch_add(1, Ordering::Relaxed) % shards;
        let Some(arrivals) = self.shared.arrivals.get(shard) else { return };
        if let Ok(mut arrivals) = arrivals.lock() {
            arrivals.push(Arrival { link, first, door });
        }
        self.shared.bus.wake(ShardId(shard));
    }

    fn arrived(&self, shard: ShardId) -> Vec<Arrival> {
        let arrivals = self.shared.arrivals.get(shard.0).and_then(|arrivals| arrivals.lock().ok());
        arrivals.map(|mut arrivals| std::mem::take(&mut *arrivals)).unwrap_or_default()
    }
}

/// What a driver needs. Clones share it.
#[derive(Debug, Clone)]
pub struct Means {
    /// Where newcomers come from.
    pub sockets: Sockets,
    /// The letters.
    pub bus: Bus,
    /// What is asked of the log.
    pub store: Store,
    /// Where changes go.
    pub publisher: Publisher,
    /// The group whose stop the driver heeds, and that its look-ups run in.
    pub tasks: Tasks,
}

/// Drives one shard.
#[derive(Debug)]
pub struct Driver {
    id: ShardId,
    means: Means,
    shard: Shard<Socket>,
    poll: Poll,
    events: Events,
    buffer: Box<[u8]>,
    inflater: Inflater,
    letters: Vec<Letter>,
    /// Sockets that have something to read, each once.
    readable: VecDeque<u32>,
    /// Kept for its memory.
    resumed: Vec<u32>,
    /// Changes for which the store had no place.
    waiting: VecDeque<(ConnId, Change)>,
    began: Instant,
}

impl Driver {
    /// A driver without sockets.
    ///
    /// # Errors
    /// Those of the system, which may have no descriptor left.
    pub fn new(id: ShardId, means: Means, timings: Timings, rules: Arc<session::Rules>) -> io::Result<Self> {
        let shards = means.bus.shards();
        let poll = Poll::new()?;
        means.bus.listen(id, Waker::new(poll.registry(), WAKER)?);
        Ok(Self {
            id,
            shard: Shard::new((id, shards), timings, rules),
            means,
            poll,
            events: Events::with_capacity(1024),
            buffer: vec![0; RECEIVE].into(),
            inflater: Inflater::new(15, false),
            letters: Vec::new(),
            readable: VecDeque::new(),
            resumed: Vec::new(),
            waiting: VecDeque::new(),
            began: Instant::now(),
        })
    }

    /// Serves until the group is stopped and every connection has ended. Must be called within Tokio, on a thread that
    /// may wait.
    pub fn run(mut self) {
        let mut stopping = false;
        loop {
            if self.means.tasks.is_stopping() && !std::mem::replace(&mut stopping, true) {
                self.shard.stop(self.now());
            }
            let more = self.turn();
            if stopping && self.shard.is_empty() {
                return;
            }
            self.wait(more);
        }
    }

    /// Waits until there is something to do, or looks whether there is where it may not wait.
    fn wait(&mut self, more: bool) {
        let mut patience = Some(Duration::ZERO);
        if !more && self.means.bus.may_sleep(self.id) {
            let elapsed = self.began.elapsed();
            patience = self.shard.next_tick().map(|ms| Duration::from_millis(ms).saturating_sub(elapsed));
        }
        let polled = self.poll.poll(&mut self.events, patience);
        self.means.bus.is_awake(self.id);
        if let Err(error) = polled
            && error.kind() != io::ErrorKind::Interrupted
        {
            tracing::error!(%error, "the sockets cannot be watched");
        }
    }

    /// Does everything once. Says whether there is more to do at once.
    fn turn(&mut self) -> bool {
        let now = self.now();
        self.means.bus.take(self.id, &mut self.letters);
        let mut letters = std::mem::take(&mut self.letters);
        for letter in letters.drain(..) {
            self.shard.on_letter(letter, now);
        }
        // A burst must not keep its memory for ever.
        letters.shrink_to(1024);
        self.letters = letters;
        for arrival in self.means.sockets.arrived(self.id) {
            self.admit(arrival, now);
        }
        self.look(now);
        self.submit_waiting();
        for _ in 0..self.readable.len() {
            if !self.waiting.is_empty() {
                break;
            }
            if let Some(slot) = self.readable.pop_front() {
                self.read(slot, now);
                self.carry_out();
            }
        }
        let more_sends = self.shard.turn(SENDS, now);
        self.shard.tick(now);
        self.carry_out();
        self.shard.swap_resumed(&mut self.resumed);
        for slot in self.resumed.drain(..) {
            if let Some(socket) = self.shard.link(slot)
                && !std::mem::replace(&mut socket.is_listed, true)
            {
                self.readable.push_back(slot);
            }
        }
        let more_reads = self.waiting.is_empty() && !self.readable.is_empty();
        more_sends || more_reads
    }

    /// Sees to the sockets that have something to read or take something to write.
    fn look(&mut self, now: Now) {
        for event in self.events.iter().filter(|event| event.token() != WAKER) {
            let Ok(slot) = u32::try_from(event.token().0) else { continue };
            if event.is_writable() {
                self.shard.on_writable(slot, now);
            }
            if !event.is_readable() && !event.is_read_closed() && !event.is_error() {
                continue;
            }
            if let Some(socket) = self.shard.link(slot) {
                socket.is_readable = true;
                socket.is_closed |= event.is_read_closed();
                if !std::mem::replace(&mut socket.is_listed, true) {
                    self.readable.push_back(slot);
                }
            }
        }
        self.events.clear();
    }

    fn admit(&mut self, Arrival { link, first, door }: Arrival, now: Now) {
        let Door { id, me, sign_in, deflate } = door;
        let packing = match &deflate {
            None => Packing::Plain,
            Some(params) if params.server_no_context_takeover => Packing::Alone,
            Some(_) => Packing::Building(None),
        };
        let socket = Socket::new(link, first, deflate.is_some());
        let slot = self.shard.arrive(socket, id, Who(me, Some(sign_in), packing), now);
        let token = Token(slot as usize);
        let Some(socket) = self.shard.link(slot) else { return };
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = socket.register(self.poll.registry(), token, interest) {
            tracing::error!(%error, "a socket cannot be watched");
            return self.shard.on_gone(slot, now);
        }
        socket.is_listed = true;
        self.readable.push_back(slot);
    }

    /// Reads once from a socket, and decodes what came.
    fn read(&mut self, slot: u32, now: Now) {
        let draining = self.shard.is_draining(slot);
        if !draining && !self.shard.wants_messages(slot) {
            // It stays readable, and the shard says when it wants more.
            if let Some(socket) = self.shard.link(slot) {
                socket.is_listed = false;
            }
            return;
        }
        let Some(socket) = self.shard.link(slot) else { return };
        socket.is_listed = false;
        let mut kept = socket.unread.take();
        let got = match &kept {
            Some(kept) => Ok(kept.len()),
            None => socket.read(&mut self.buffer),
        };
        match got {
            Ok(0) => return self.shard.on_gone(slot, now),
            Ok(got) if draining => self.shard.on_discarded(slot, got),
            Ok(got) => {
                let bytes = match &mut kept {
                    Some(kept) => kept.as_mut(),
                    None => self.buffer.get_mut(..got).unwrap_or_default(),
                };
                decode(&mut self.shard, &mut self.inflater, (slot, bytes), now);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(_) => return self.shard.on_gone(slot, now),
        }
        if let Some(socket) = self.shard.link(slot)
            && socket.is_readable
            && !std::mem::replace(&mut socket.is_listed, true)
        {
            self.readable.push_back(slot);
        }
    }

    /// Does what the shard asks for.
    fn carry_out(&mut self) {
        for ask in self.shard.take_asks() {
            match ask {
                Ask::Look(conn, user, look) => lookup::start(&self.means, (self.id, conn), user, look),
                Ask::Post(shard, letter) => self.means.bus.post(shard, letter),
                Ask::Submit(conn, change) if self.waiting.is_empty() => {
                    if let Err(change) = self.means.publisher.submit((self.id, conn), change) {
                        self.waiting.push_back((conn, change));
                    }
                }
                Ask::Submit(conn, change) => self.waiting.push_back((conn, change)),
            }
        }
    }

    /// Submits what the store had no place for. While it has none, nothing is read: a letter comes with each commit.
    fn submit_waiting(&mut self) {
        while let Some((conn, change)) = self.waiting.pop_front() {
            if let Err(change) = self.means.publisher.submit((self.id, conn), change) {
                self.waiting.push_front((conn, change));
                return;
            }
        }
    }

    fn now(&self) -> Now {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { clock: crate::clock::now(), ms }
    }
}

/// What is asked of those who come in.
const RULES: Rules = Rules {
    role: wire::Role::Server,
    max_message: limits::FRAME_BYTES,
    max_fragments: (limits::FRAME_BYTES / FRAGMENT) as u32,
};

/// Decodes what came from a socket, as long as its session wants more. What it does not want is kept.
fn decode(shard: &mut Shard<Socket>, shared: &mut Inflater, (slot, bytes): (u32, &mut [u8]), now: Now) {
    let Some(socket) = shard.link(slot) else { return };
    let mut decoder = std::mem::take(&mut socket.decoder);
    let deflated = socket.is_deflated();
    let mut input = Input::new(bytes);
    loop {
        match decoder.next(&RULES, &mut input, deflated.then_some(&mut *shared)) {
            Ok(Some(message)) => shard.on_message(slot, &message, now),
            Ok(None) => break,
            Err(violation) => {
                shard.on_violation(slot, &violation, now);
                break;
            }
        }
        if !shard.wants_messages(slot) {
            break;
        }
    }
    let rest = input.rest();
    let Some(socket) = shard.link(slot) else { return };
    socket.decoder = decoder;
    if !rest.is_empty() {
        socket.unread = Some(rest.into());
    }
}
