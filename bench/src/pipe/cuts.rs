//! Connections that are cut at random while they send, and what is left of them.

use std::time::{Duration, Instant};

use wire::{Message, Opcode};

use super::crowd::{Crowd, Cut, Out, Script};
use super::server::{Server, Started, Where, Who};

/// Connections that are open at once.
const AT_ONCE: usize = 50;

/// The longest that one lives, in milliseconds.
const LIFE_MS: u64 = 300;

/// Lines that are on their way on a connection.
const WINDOW: usize = 64;

/// How long a server has for its ladder and all that comes after.
const LADDER: Duration = Duration::from_secs(10);

/// What is left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Left {
    /// Programs that live.
    pub(crate) alive: usize,
    /// Programs that ended and were not waited for.
    pub(crate) zombies: usize,
    /// Descriptors that were not there before.
    pub(crate) descriptors: usize,
    /// Until nothing was left, or all the time that there was.
    pub(crate) took: Duration,
}

/// Cuts `all` connections in front of a program, and counts what is left.
///
/// # Errors
/// When the server fails.
pub(crate) fn measure(who: Who, programs: &Where, all: usize, command: &[&str]) -> anyhow::Result<Left> {
    let server = who.start(programs, &[], command)?;
    // One before, so that what is needed once is there.
    Crowd::new(server.address())?.run(&mut Cuts::new(1))?;
    let before = settled(&server)?;
    Crowd::new(server.address())?.run(&mut Cuts::new(all))?;
    let began = Instant::now();
    loop {
        let left = left(&server, before, began)?;
        if left.alive + left.zombies + left.descriptors == 0 || began.elapsed() > LADDER {
            return Ok(left);
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The descriptors once they are as few as they get in a while.
fn settled(server: &Server) -> anyhow::Result<usize> {
    let (began, mut least) = (Instant::now(), server.descriptors()?);
    while began.elapsed() < Duration::from_secs(2) {
        least = least.min(server.descriptors()?);
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Ok(least)
}

fn left(server: &Server, before: usize, began: Instant) -> anyhow::Result<Left> {
    let Started { alive, zombies } = server.started()?;
    let descriptors = server.descriptors()?.saturating_sub(before);
    Ok(Left { alive: alive.len(), zombies, descriptors, took: began.elapsed() })
}

#[derive(Debug)]
struct Cuts {
    all: usize,
    begun: usize,
    ended: usize,
    /// Until when each lives; those that are cut have none.
    until: Vec<Option<Instant>>,
    /// Lines that each has on their way.
    waiting: Vec<usize>,
}

impl Cuts {
    const fn new(all: usize) -> Self {
        Self { all, begun: 0, ended: 0, until: Vec::new(), waiting: Vec::new() }
    }
}

impl Script for Cuts {
    fn wanted(&mut self) -> usize {
        let open = self.begun - self.ended;
        let more = AT_ONCE.saturating_sub(open).min(self.all - self.begun);
        self.begun += more;
        self.until.resize(self.begun, None);
        self.waiting.resize(self.begun, 0);
        open + more
    }

    fn opened(&mut self, who: usize, _out: &mut Out) {
        if let Some(until) = self.until.get_mut(who) {
            *until = Some(Instant::now() + Duration::from_millis(fastrand::u64(0..LIFE_MS)));
        }
    }

    fn heard(&mut self, who: usize, _message: &Message<'_>, _out: &mut Out) -> anyhow::Result<()> {
        if let Some(waiting) = self.waiting.get_mut(who) {
            *waiting = waiting.saturating_sub(1);
        }
        Ok(())
    }

    fn more(&mut self, who: usize, out: &mut Out) {
        let Some(waiting) = self.waiting.get_mut(who) else { return };
        while *waiting < WINDOW {
            out.frame(Opcode::Text, &[b'x'; 100]);
            *waiting += 1;
        }
    }

    fn ended(&mut self, _who: usize) {
        self.ended += 1;
    }

    fn due(&mut self, crowd: &mut Crowd) {
        let now = Instant::now();
        let due: Vec<_> = crowd
            .open()
            .filter(|who| self.until.get(*who).copied().flatten().is_some_and(|until| until <= now))
            .collect();
        for who in due {
            let ways = [Cut::Reset, Cut::Fin, Cut::Close, Cut::MidFrame];
            let how = fastrand::choice(ways).unwrap_or(Cut::Reset);
            if let Some(until) = self.until.get_mut(who) {
                *until = None;
            }
            if crowd.cut(who, how) {
                self.ended += 1;
            }
        }
    }

    fn is_done(&self) -> bool {
        self.ended == self.all
    }
}
