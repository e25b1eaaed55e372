//! Several fleets at once, each on a thread of its own, as if they were one.
//!
//! Connections are dealt out in stretches: with two fleets the first half belongs to the first. A fleet publishes every
//! so-manieth message, so that together they keep to one schedule.

use std::net::SocketAddrV4;
use std::time::Duration;

use anyhow::{Context, anyhow};
use wire::Opcode;

use super::super::clock::Clock;
use super::super::dialect::Dialect;
use super::super::tally::{Schedule, Tally};
use super::{Fleet, Opening, Part};

/// Some fleets. Each has as many connections as the others, or one more.
pub(crate) struct Fleets {
    clock: Clock,
    fleets: Vec<Fleet>,
    per_fleet: usize,
}

/// What all fleets together publish.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// Messages in a second.
    pub(crate) per_second: u64,
    /// How many in all.
    pub(crate) count: u64,
    /// Connections that publish, in turn, each with the room it says it in.
    pub(crate) senders: Vec<(usize, u64)>,
    /// How many connections each message reaches, all of which are in the sender's fleet unless it reaches everybody.
    pub(crate) reach: usize,
    /// Whether messages are acknowledged.
    pub(crate) acked: bool,
}

impl Fleets {
    /// `threads` fleets for `all` connections.
    ///
    /// # Errors
    /// When the system has nothing more to give.
    pub(crate) fn new(
        to: SocketAddrV4,
        threads: usize,
        all: usize,
        clock: Clock,
        mut dialect: impl FnMut() -> Dialect,
    ) -> anyhow::Result<Self> {
        let per_fleet = all.div_ceil(threads);
        let fleets = (0..threads).map(|n| Fleet::new(to, n * per_fleet, clock, dialect())).collect::<Result<_, _>>()?;
        Ok(Self { clock, fleets, per_fleet })
    }

    /// Every fleet.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Fleet> {
        self.fleets.iter_mut()
    }

    /// The first fleet.
    pub(crate) fn first(&mut self) -> anyhow::Result<&mut Fleet> {
        self.fleets.first_mut().context("there is no fleet")
    }

    /// Opens the first connection, if there is none yet, and has every fleet hold what it was told.
    ///
    /// # Errors
    /// Those of [`Fleet::open`].
    pub(crate) fn open_one(&mut self) -> anyhow::Result<()> {
        let first = self.first()?;
        if !first.conns.is_empty() {
            return Ok(());
        }
        first.open(1, 1)?;
        let held = match first.dialect() {
            Dialect::Readyroom(readyroom) => readyroom.held().cloned(),
            Dialect::Plain(_) | Dialect::SocketIo(_) => None,
        };
        for fleet in &mut self.fleets {
            if let Dialect::Readyroom(readyroom) = fleet.dialect() {
                readyroom.holds(held.clone());
            }
        }
        Ok(())
    }

    /// Opens all connections up to the one with this number; see [`Fleet::open`].
    ///
    /// # Errors
    /// Those of [`Fleet::open`].
    pub(crate) fn open(&mut self, upto: usize, window: usize) -> anyhow::Result<Opening> {
        let (per_fleet, window) = (self.per_fleet, window.div_ceil(self.fleets.len()));
        let began = self.clock.now();
        let opened = self.all(|fleet| {
            let wanted = upto.saturating_sub(fleet.first).min(per_fleet);
            fleet.open(wanted.saturating_sub(fleet.conns.len()), window)
        })?;
        let mut openings = opened.into_iter();
        let mut sum = openings.next().context("there is no fleet")?;
        for opening in openings {
            sum.each.add(&opening.each)?;
        }
        sum.all = Duration::from_nanos(self.clock.now() - began);
        Ok(sum)
    }

    /// See [`Fleet::settle`].
    ///
    /// # Errors
    /// Those of [`Fleet::settle`].
    pub(crate) fn settle(&mut self, quiet: Duration) -> anyhow::Result<()> {
        self.all(|fleet| fleet.settle(quiet)).map(|_settled| ())
    }

    /// See [`Fleet::tell_all`].
    ///
    /// # Errors
    /// Those of [`Fleet::tell_all`].
    pub(crate) fn tell_all(&mut self, opcode: Opcode, text: &str) -> anyhow::Result<()> {
        self.all(|fleet| fleet.tell_all(opcode, text)).map(|_told| ())
    }

    /// Runs all of them on one schedule, and adds up what they counted; see [`Fleet::run`].
    ///
    /// # Errors
    /// Those of [`Fleet::run`].
    pub(crate) fn run(&mut self, load: &Load) -> anyhow::Result<Tally> {
        let step = self.fleets.len() as u64;
        // Soon, but not before every thread has started.
        let start = self.clock.now() + 50_000_000;
        let schedule = Schedule { start, per_second: load.per_second, count: load.count };
        let per_fleet = self.per_fleet;
        let everybody = load.reach > per_fleet || self.fleets.len() == 1;
        let tallies = self.all(|fleet| {
            let begin = (fleet.first / per_fleet.max(1)) as u64;
            let own = fleet.first..fleet.first + fleet.conns.len();
            let senders = load.senders.iter().copied().filter(|(who, _)| own.contains(who)).collect();
            let published = load.count.saturating_sub(begin).div_ceil(step);
            let expected = match everybody {
                true => load.count * load.reach.min(fleet.conns.len()) as u64,
                false => published * load.reach as u64,
            };
            fleet.run(Part { schedule, begin, step, senders, expected, acked: load.acked })
        })?;
        let mut tallies = tallies.into_iter();
        let mut sum = tallies.next().context("there is no fleet")?;
        for tally in tallies {
            sum.add(&tally)?;
        }
        Ok(sum)
    }

    /// Has every fleet do something, at the same time.
    fn all<T: Send>(&mut self, act: impl Fn(&mut Fleet) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
        if let [only] = self.fleets.as_mut_slice() {
            return Ok(vec![act(only)?]);
        }
        std::thread::scope(|scope| {
            let act = &act;
            let running: Vec<_> = self.fleets.iter_mut().map(|fleet| scope.spawn(move || act(fleet))).collect();
            let done = running.into_iter().map(|thread| thread.join().map_err(|_panic| anyhow!("a fleet panicked"))?);
            done.collect()
        })
    }
}
