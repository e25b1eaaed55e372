//! Connections in a second: open, a program is started, a line goes there and back, closed by the client.

use anyhow::bail;
use wire::{Message, Opcode};

use super::Sample;
use super::crowd::{Crowd, Out, Script};
use super::server::{Where, Who};

/// What is said.
const LINE: &str = "hello";

#[derive(Debug)]
struct Visits {
    at_once: usize,
    all: usize,
    begun: usize,
    ended: usize,
    answered: usize,
}

/// Measures connections in a second, `at_once` of them open at any time.
///
/// # Errors
/// When the server fails, or a line does not come back.
pub(crate) fn measure(who: Who, programs: &Where, all: usize, at_once: usize) -> anyhow::Result<Sample> {
    let server = who.start(programs, &[], &["cat"])?;
    let mut script = Visits { at_once, all, begun: 0, ended: 0, answered: 0 };
    let took = Crowd::new(server.address())?.run(&mut script)?;
    if script.answered != all {
        bail!("{} of {all} connections got their line back", script.answered);
    }
    Ok(Sample { figure: all as f64 / took.time.as_secs_f64(), busy: took.busy })
}

impl Script for Visits {
    fn wanted(&mut self) -> usize {
        let begun = self.begun - self.ended;
        let more = self.at_once.saturating_sub(begun).min(self.all - self.begun);
        self.begun += more;
        begun + more
    }

    fn opened(&mut self, _who: usize, out: &mut Out) {
        out.frame(Opcode::Text, LINE.as_bytes());
    }

    fn heard(&mut self, _who: usize, message: &Message<'_>, out: &mut Out) -> anyhow::Result<()> {
        if *message == Message::Text(LINE) {
            self.answered += 1;
            out.close();
        }
        Ok(())
    }

    fn ended(&mut self, _who: usize) {
        self.ended += 1;
    }

    fn is_done(&self) -> bool {
        self.ended == self.all
    }
}
