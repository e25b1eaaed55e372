//! The sync engine: the one state machine that every client runs — the page, the load generator, bots, simulations.
//!
//! [`Engine::handle`] takes what happened ([`Input`]) and the time, changes the state, and returns what is to be done
//! about it ([`Effect`]). Whoever drives it opens sockets, writes frames, and calls [`Input::Tick`] when
//! [`Engine::deadline`] has passed. In reading order: this file is the state and its views, `step` is how it moves,
//! [`log`] what is held of a room, [`outbox`] what is on its way, [`pulse`] whether anybody is there, [`backoff`]
//! when to try again.
//!
//! Promised to whoever looks at the state: a room's events are in the server's order, each once; what is missing shows
//! as a gap; a command is carried out once, however often the connection breaks.
//!
//! Deliberately absent: I/O, clocks, randomness of its own (a seed comes in), the DOM, words in any language.

pub mod backoff;
pub mod log;
pub mod outbox;
pub mod pulse;
mod step;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::client::ClientMsg;
use crate::close::CloseCode;
use crate::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use crate::model::{Event, Person, RoomInfo};
use crate::server::{Refusal, ServerMsg};

use backoff::Backoff;
use log::RoomLog;
use outbox::{Outbox, What};
use pulse::Pulse;

/// How a connection ended, as the browser's `CloseEvent` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The code; see [`crate::close`].
    pub code: CloseCode,
    /// The reason that the other side gave.
    pub reason: String,
    /// Whether both sides said goodbye.
    pub was_clean: bool,
}

/// Where the client stands with its connection. Finer than the socket's `readyState`, which only the socket knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Never asked to connect.
    Idle,
    /// A socket is being opened.
    Connecting {
        /// Since when.
        since: Timestamp,
    },
    /// The socket is open and `hello` is out; `welcome` is awaited.
    Greeting {
        /// Since when.
        since: Timestamp,
    },
    /// Welcomed: what happens arrives, what is said goes out.
    Ready {
        /// Since when.
        since: Timestamp,
    },
    /// This side asked for the close and waits for the other's goodbye.
    Closing {
        /// When to stop waiting for it.
        until: Timestamp,
        /// What this side said.
        said: Closed,
    },
    /// The connection is gone; the next try comes by itself.
    Waiting {
        /// When the connection was lost.
        since: Timestamp,
        /// When the next try comes.
        until: Timestamp,
    },
    /// The connection is gone and stays so until a person asks.
    Stopped,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A person, or the start of the program, wants a connection now.
    Connect,
    /// A person wants the connection closed, with this code and reason. After 1000 it stays closed; after any other
    /// code the client comes back, as if the network had dropped it.
    Disconnect {
        /// 1000 or 3000 to 4999, as browsers allow.
        code: CloseCode,
        /// At most 123 bytes.
        reason: String,
    },
    /// A person wants no further tries.
    Stop,
    /// The socket is open.
    Opened,
    /// A message arrived.
    Received(ServerMsg),
    /// The socket is closed.
    Closed(Closed),
    /// [`Engine::deadline`] has passed.
    Tick,
    /// The device woke, came online, or the page was looked at: is the connection still there?
    Wake,
    /// Somebody looks at the round trip (`true`), or no longer does: pings come more often while they look.
    Watch(bool),
    /// A person did something.
    Do(Command),
}

/// What a person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask the server to carry something out.
    Ask(What),
    /// Send a refused command again.
    Retry(Cid),
    /// Give a refused command up.
    Discard(Cid),
    /// Load the page of events before the oldest one held.
    LoadOlder {
        /// Which room.
        room: RoomId,
    },
    /// Load the newest page of what a gap hides.
    FillGap {
        /// Which room.
        room: RoomId,
        /// The last event that is missing.
        upto: Seq,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open a new socket; events of an older one no longer count.
    Open,
    /// Write a message to the present socket.
    Send(ClientMsg),
    /// Close the present socket.
    Close {
        /// The code.
        code: CloseCode,
        /// The reason.
        reason: String,
    },
    /// Something that somebody may want to know; nothing need be done.
    Notice(Notice),
}

/// News for whoever drives the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A connection ended before it was welcomed: the reason may be that nobody is signed in.
    NotWelcomed,
    /// The server has this command on disk.
    Acked {
        /// The command.
        cid: Cid,
        /// The room; a command that made one learns its id here.
        room: RoomId,
        /// The event that it became.
        seq: Seq,
    },
    /// The server refused something.
    Refused(Refusal),
    /// An event is new here.
    Event(Arc<Event>),
    /// Events are missing; they have been asked for.
    GapFound {
        /// Which room.
        room: RoomId,
        /// What is missing.
        missing: RangeInclusive<Seq>,
    },
    /// This client is in the room now.
    Entered(RoomId),
    /// This client is no longer in the room.
    Left(RoomId),
}

/// A room, as this client holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// What the server said of it last.
    pub info: RoomInfo,
    /// The newest event that is known to exist.
    pub head: Seq,
    /// What is held of its log.
    pub log: RoomLog,
    /// What has been asked for and not yet fully arrived.
    asked: Option<Asked>,
    /// Since when nothing new arrived although the head is further on.
    behind: Option<Timestamp>,
}

/// Events that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    range: RangeInclusive<Seq>,
    at: Timestamp,
}

impl Room {
    fn new(info: RoomInfo) -> Self {
        Self { head: info.head, info, log: RoomLog::default(), asked: None, behind: None }
    }

    /// Whether events before the oldest one held exist.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.log.first().is_some_and(|first| first > Seq(1))
    }

    /// Whether events have been asked for and not yet arrived.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether everything up to the newest known event is held, as far back as the oldest one held.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.log.cursor() >= self.head && self.log.gaps().next().is_none()
    }
}

/// What the engine has had to mend, since the program started.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Gaps that were found.
    pub gaps_found: u64,
    /// Gaps that have been closed.
    pub gaps_filled: u64,
    /// Events that arrived although they were held.
    pub duplicates: u64,
    /// Connections that were opened.
    pub connections: u64,
}

/// The whole state of a client.
#[derive(Debug, Clone)]
pub struct Engine {
    rng: fastrand::Rng,
    phase: Phase,
    last_closed: Option<Closed>,
    epoch: Option<Epoch>,
    me: Option<Person>,
    rooms: BTreeMap<RoomId, Room>,
    people: BTreeMap<UserId, String>,
    outbox: Outbox,
    backoff: Backoff,
    pulse: Pulse,
    tally: Tally,
}

impl Engine {
    /// A client that holds nothing. `seed` must differ between any two clients of one person: the ids of their
    /// commands grow from it.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            phase: Phase::Idle,
            last_closed: None,
            epoch: None,
            me: None,
            rooms: BTreeMap::new(),
            people: BTreeMap::new(),
            outbox: Outbox::default(),
            backoff: Backoff::default(),
            pulse: Pulse::default(),
            tally: Tally::default(),
        }
    }

    /// Takes one thing that happened at `now`, and returns what is to be done, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        step::Step { engine: self, now, effects: Vec::new() }.run(input)
    }

    /// When to call [`Input::Tick`] at the latest. Earlier or more often does no harm.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Idle | Phase::Stopped => None,
            Phase::Connecting { since } | Phase::Greeting { since } => Some(since.plus(step::WELCOME_WITHIN_MS)),
            Phase::Closing { until, .. } | Phase::Waiting { until, .. } => Some(*until),
            Phase::Ready { .. } => {
                let rooms = self.rooms.values().filter_map(step::impatient_at);
                let unanswered = self.outbox.oldest_sent().map(|at| at.plus(step::PATIENCE_MS));
                self.pulse.deadline().into_iter().chain(rooms).chain(unanswered).min()
            }
        }
    }

    /// Where the client stands with its connection.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// How the last connection ended; `None` before the first end.
    #[must_use]
    pub const fn last_closed(&self) -> Option<&Closed> {
        self.last_closed.as_ref()
    }

    /// The ladder of waits between tries.
    #[must_use]
    pub const fn backoff(&self) -> &Backoff {
        &self.backoff
    }

    /// The database that the state speaks of.
    #[must_use]
    pub const fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// Who this client is, once welcomed.
    #[must_use]
    pub const fn me(&self) -> Option<&Person> {
        self.me.as_ref()
    }

    /// The rooms this client is in.
    #[must_use]
    pub const fn rooms(&self) -> &BTreeMap<RoomId, Room> {
        &self.rooms
    }

    /// The present name of somebody who has been seen.
    #[must_use]
    pub fn name_of(&self, user: UserId) -> Option<&str> {
        self.people.get(&user).map(String::as_str)
    }

    /// The commands on their way.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// What has been mended.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }
}
