//! Many connections on one thread: one epoll, one receive buffer, and a schedule.
//!
//! [`Fleet::open`] connects, [`Fleet::settle`] waits until the server has no more to tell, [`Fleet::ask`] has some
//! connections ask for something, [`Fleet::run`] publishes on a schedule and counts. [`turn`] does what there is to do at
//! a time, [`ears`] hears what comes in, [`upgrade`] asks for the upgrade, [`many`] has several of them run at once.
//!
//! Deliberately absent: coming back. A connection that is lost is a fault of the run.

mod ears;
mod many;
mod turn;
mod upgrade;

use std::net::SocketAddrV4;
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use hdrhistogram::Histogram;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::sys::timerfd::{ClockId, TimerFd, TimerFlags};
use wire::Opcode;

use super::clock::{Clock, nanos};
use super::conn::Conn;
use super::dialect::Dialect;
use super::place;
use super::tally::{Schedule, Tally};
use ears::Ears;

pub(crate) use many::{Fleets, Load};

#[cfg(test)]
mod tests;

/// Bytes that are received at once. More than any frame here has, and little enough to stay in a processor's cache.
const BUFFER: usize = 256 * 1_024;

/// Events that are taken from the kernel at once.
const EVENTS: usize = 1_024;

/// The token of the alarm.
const ALARM: Token = Token(usize::MAX);

/// One connection in so many is read with every check.
const SAMPLE: usize = 100;

/// How long the last messages of a run may keep nothing arriving before they count as lost.
const QUIET: Duration = Duration::from_secs(2);

/// How late a message may be before the run is broken off: the server is overloaded, and would only queue.
const HOPELESS: u64 = 3_000_000_000;

/// How long connecting or answering may make no progress.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections and what they hear.
pub(crate) struct Fleet {
    to: SocketAddrV4,
    /// The number of the first connection among all fleets'.
    first: usize,
    poll: Poll,
    events: Events,
    alarm: TimerFd,
    conns: Vec<Conn>,
    buffer: Vec<u8>,
    text: String,
    rng: fastrand::Rng,
    ears: Ears,
    publishing: Option<Publishing>,
}

/// A fleet's part of a schedule.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The whole schedule.
    pub(crate) schedule: Schedule,
    /// The first message of this fleet, and how many further on the next one is.
    pub(crate) begin: u64,
    /// See `begin`.
    pub(crate) step: u64,
    /// Connections that publish, in turn, each with the room it says it in.
    pub(crate) senders: Vec<(usize, u64)>,
    /// Deliveries to this fleet when all goes well.
    pub(crate) expected: u64,
    /// Whether messages are acknowledged.
    pub(crate) acked: bool,
}

/// What is still to be published.
#[derive(Debug)]
struct Publishing {
    part: Part,
    next: u64,
    turn: usize,
}

/// How connections came about.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    /// From the beginning of each connection until it was ready, in microseconds.
    pub(crate) each: Histogram<u64>,
    /// From the first beginning until all were ready.
    pub(crate) all: Duration,
}

impl Fleet {
    /// No connections yet. The first one will have the number `first`.
    ///
    /// # Errors
    /// When the system has no epoll or no timer to give.
    pub(crate) fn new(to: SocketAddrV4, first: usize, clock: Clock, dialect: Dialect) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let alarm = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        poll.registry().register(&mut SourceFd(&alarm.as_fd().as_raw_fd()), ALARM, Interest::READABLE)?;
        Ok(Self {
            to,
            first,
            poll,
            events: Events::with_capacity(EVENTS),
            alarm,
            conns: Vec::new(),
            buffer: vec![0; BUFFER],
            text: String::new(),
            rng: fastrand::Rng::with_seed(first as u64),
            ears: Ears::new(dialect, to.to_string(), clock)?,
            publishing: None,
        })
    }

    /// What is spoken.
    pub(crate) fn dialect(&mut self) -> &mut Dialect {
        &mut self.ears.dialect
    }

    /// The numbers of its connections.
    pub(crate) fn members(&self) -> Range<usize> {
        self.first..self.first + self.conns.len()
    }

    /// Whether the server has agreed to compress.
    pub(crate) fn is_deflated(&self) -> bool {
        self.ears.is_deflated()
    }

    /// Has connections that come from now on be ready only when they hold this event of their room.
    pub(crate) fn wait_for(&mut self, goal: Option<u64>) {
        self.ears.goal = goal;
    }

    /// Says what a connection's room is, and forgets how far it was followed.
    pub(crate) fn follow(&mut self, who: usize, room: u64) {
        if let Some(conn) = who.checked_sub(self.first).and_then(|index| self.conns.get_mut(index)) {
            (conn.room, conn.seq) = (room, 0);
        }
    }

    /// Opens `more` connections, of which at most `window` are on their way at once, and waits until all are ready.
    ///
    /// # Errors
    /// When one is refused, or nothing happens for too long.
    pub(crate) fn open(&mut self, more: usize, window: usize) -> anyhow::Result<Opening> {
        let began = self.ears.clock.now();
        let (all, goal) = (self.conns.len() + more, self.ears.ready + more);
        self.ears.opening.reset();
        self.ears.touch();
        while self.ears.ready < goal {
            while self.conns.len() < all && self.conns.len() - self.ears.ready < window {
                self.begin()?;
            }
            self.turn(Duration::from_millis(100))?;
            self.sound()?;
            self.patient("connections are not opened")?;
        }
        let all = Duration::from_nanos(self.ears.clock.now() - began);
        Ok(Opening { each: self.ears.opening.clone(), all })
    }

    /// Waits until nothing has come for `quiet`.
    ///
    /// # Errors
    /// When it does not get quiet within a minute.
    pub(crate) fn settle(&mut self, quiet: Duration) -> anyhow::Result<()> {
        let began = self.ears.clock.now();
        self.ears.touch();
        while self.ears.silent() < nanos(quiet) {
            self.turn(Duration::from_millis(50))?;
            ensure!(self.ears.clock.now() - began < 60_000_000_000, "the server does not get quiet");
        }
        self.sound()
    }

    /// Sends texts, at most `window` unanswered at once, and gives the answers in the order in which they came, each with
    /// the connection's number.
    ///
    /// # Errors
    /// When one is refused or never answered.
    pub(crate) fn ask(&mut self, texts: &[(usize, String)], window: usize) -> anyhow::Result<Vec<(usize, Vec<u8>)>> {
        self.ears.answers.clear();
        self.ears.touch();
        let mut asked = 0;
        while self.ears.answers.len() < texts.len() {
            while asked < texts.len().min(self.ears.answers.len() + window) {
                let (who, text) = texts.get(asked).context("there is nothing to ask")?;
                let index = who.checked_sub(self.first).context("that connection is another fleet's")?;
                self.send(index, text)?;
                asked += 1;
            }
            self.turn(Duration::from_millis(100))?;
            self.sound()?;
            self.patient("a question is not answered")?;
        }
        Ok(std::mem::take(&mut self.ears.answers))
    }

    /// Sends every connection's text and does not wait for anything.
    ///
    /// # Errors
    /// When a connection is lost.
    pub(crate) fn tell_all(&mut self, opcode: Opcode, text: &str) -> anyhow::Result<()> {
        for index in 0..self.conns.len() {
            let key = self.rng.u32(..);
            let conn = self.conns.get_mut(index).context("a connection went away")?;
            conn.frame(opcode, text.as_bytes(), key);
            conn.flush()?;
        }
        Ok(())
    }

    /// Publishes on a schedule and reads on until all has come, or nothing comes any more.
    ///
    /// # Errors
    /// When the system fails. What the server does wrong is in the tally.
    pub(crate) fn run(&mut self, part: Part) -> anyhow::Result<Tally> {
        let (schedule, expected, acked) = (part.schedule, part.expected, part.acked);
        self.ears.tally = Some(Tally::new(schedule)?);
        let next = part.begin;
        self.publishing = Some(Publishing { part, next, turn: 0 });
        while self.ears.clock.now() + 1_000_000 < schedule.start {
            self.turn(Duration::from_millis(1))?;
        }
        let before = place::own_share()?;
        while self.ears.clock.now() < schedule.end() && !self.is_given_up() {
            self.turn(Duration::from_millis(100))?;
        }
        let own = place::own_share()?.since(before);
        self.ears.touch();
        while self.ears.silent() < nanos(QUIET) && !self.has_all(expected, acked) && !self.is_given_up() {
            self.turn(Duration::from_millis(20))?;
        }
        self.publishing = None;
        let mut tally = self.ears.tally.take().context("there is no tally")?;
        tally.own = own;
        Ok(tally)
    }

    fn is_given_up(&self) -> bool {
        self.ears.tally.as_ref().is_some_and(|tally| tally.given_up)
    }

    fn has_all(&self, expected: u64, acked: bool) -> bool {
        let Some(tally) = &self.ears.tally else { return true };
        tally.delivered >= expected && (!acked || tally.acks.len() >= tally.published)
    }

    /// Fails where something went wrong outside of a run.
    fn sound(&self) -> anyhow::Result<()> {
        match &self.ears.trouble {
            Some(why) => bail!("{why}"),
            None => Ok(()),
        }
    }

    fn patient(&self, what: &str) -> anyhow::Result<()> {
        ensure!(self.ears.silent() < nanos(PATIENCE), "{what}: nothing came for {} s", PATIENCE.as_secs());
        Ok(())
    }
}
