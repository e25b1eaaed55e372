//! What an idle connection costs the server in memory, after one line each; the programs' own is not in it.

use std::time::Duration;

use wire::{Message, Opcode};

use super::crowd::{Crowd, Out, Script};
use super::server::{Memory, Where, Who};

/// How long the server has to give back what it does not need.
const QUIET: Duration = Duration::from_secs(3);

/// Handshakes that are under way at once.
const AT_ONCE: usize = 16;

/// Bytes for each connection: `(resident, proportional)`.
///
/// # Errors
/// When the server fails, or somebody's line does not come back.
pub(crate) fn measure(who: Who, programs: &Where, all: usize) -> anyhow::Result<(f64, f64)> {
    let server = who.start(programs, &[], &["cat"])?;
    let mut crowd = Crowd::new(server.address())?;
    // One before, so that what is needed once is there.
    crowd.run(&mut Idle { all: 1, answered: 0 })?;
    std::thread::park_timeout(QUIET);
    let before = server.memory()?;
    crowd.run(&mut Idle { all: all + 1, answered: 1 })?;
    std::thread::park_timeout(QUIET);
    let after = server.memory()?;
    let each = |of: fn(&Memory) -> u64| of(&after).saturating_sub(of(&before)) as f64 / all as f64;
    Ok((each(|memory| memory.resident), each(|memory| memory.proportional)))
}

#[derive(Debug)]
struct Idle {
    all: usize,
    answered: usize,
}

impl Script for Idle {
    fn wanted(&mut self) -> usize {
        self.all.min(self.answered + AT_ONCE)
    }

    fn opened(&mut self, _who: usize, out: &mut Out) {
        out.frame(Opcode::Text, b"hello");
    }

    fn heard(&mut self, _who: usize, message: &Message<'_>, _out: &mut Out) -> anyhow::Result<()> {
        anyhow::ensure!(*message == Message::Text("hello"), "{message:?} came");
        self.answered += 1;
        Ok(())
    }

    fn ended(&mut self, _who: usize) {}

    fn is_done(&self) -> bool {
        self.answered == self.all
    }
}
