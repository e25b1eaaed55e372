//! The sync engine: the one state machine that every client runs — the page, the load generator, bots, simulations.
//!
//! [`Engine::handle`] takes what happened ([`Input`]) and the time, changes the state, and returns what is to be done
//! about it ([`Effect`]). Whoever drives it opens sockets, writes frames, and calls [`Input::Tick`] when
//! [`Engine::deadline`] has passed. In reading order: this file is the state and its views, [`vocabulary`] what goes in
//! and out, `step` how it moves, [`room`] and [`log`] what is held of a room, [`standing`] what became of a message,
//! [`outbox`] what is on its way, [`own`] what all devices of a person agree on, [`keep`] what outlives the program,
//! [`pulse`] whether anybody is there, [`backoff`] when to try again, [`faults`] how to make it all go wrong.
//!
//! Promised to whoever looks at the state: a room's events are in the server's order, each once; what is missing shows
//! as a gap; a command is carried out once, however often the connection breaks or the program ends.
//!
//! Deliberately absent: I/O, clocks, randomness of its own (a seed comes in), the DOM, words in any language.

pub mod backoff;
pub mod faults;
pub mod keep;
pub mod log;
pub mod outbox;
pub mod own;
pub mod pulse;
pub mod room;
pub mod standing;
mod step;
pub mod vocabulary;

use litemap::LiteMap;

use crate::id::{Epoch, RoomId, Seq, Timestamp, UserId};
use crate::model::{Person, Role};

use backoff::Backoff;
use outbox::Outbox;
use own::Own;
use pulse::Pulse;

pub use outbox::{RoomChange, What};
pub use room::Room;
pub use vocabulary::{Closed, Command, Effect, Fault, Input, Notice, Phase};

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
    role: Role,
    rooms: LiteMap<RoomId, Room>,
    people: LiteMap<UserId, String>,
    outbox: Outbox,
    /// Whether this client sends the outbox; else another one on the same device does.
    leads: bool,
    own: Own,
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
            role: Role::Guest,
            rooms: LiteMap::new(),
            people: LiteMap::new(),
            outbox: Outbox::default(),
            leads: true,
            own: Own::default(),
            backoff: Backoff::default(),
            pulse: Pulse::default(),
            tally: Tally::default(),
        }
    }

    /// Takes one thing that happened at `now`, and returns what is to be done, in order.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        step::Step { engine: self, now, effects: Vec::new() }.run(input)
    }

    /// Forgets the events of a room before this one, for programs that run for years. They can be loaded again.
    pub fn forget_before(&mut self, room: RoomId, seq: Seq) {
        self.rooms.get_mut(&room).into_iter().for_each(|room| room.log.forget_before(seq));
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
                let writers = self.rooms.values().filter_map(Room::typing_ends);
                let unanswered = self.outbox.oldest_sent().map(|at| at.plus(step::PATIENCE_MS));
                let held = self.outbox.held_until().filter(|_| self.leads || self.outbox.asks());
                let wishes = self.own.deadline(step::PATIENCE_MS);
                let others = self.pulse.deadline().into_iter().chain(unanswered).chain(held).chain(wishes);
                others.chain(rooms).chain(writers).min()
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

    /// What this client may do on the server; a guest's rights until it is welcomed.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The rooms this client is in.
    #[must_use]
    pub const fn rooms(&self) -> &LiteMap<RoomId, Room> {
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

    /// Whether this client sends what the person's clients on this device have written.
    #[must_use]
    pub const fn leads(&self) -> bool {
        self.leads
    }

    /// What the person has in their composers, and how much of their own log is held.
    #[must_use]
    pub const fn own(&self) -> &Own {
        &self.own
    }

    /// What has been mended.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }
}
