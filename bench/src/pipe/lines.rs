//! What goes through one `cat` and comes back: lines, and bytes in bulk.
//!
//! So many lines or bytes are on their way at most (the window); the next are said when others have come back. Without a
//! window everything is said as fast as the server takes it, and the client reads as fast as it can.

use anyhow::{bail, ensure};
use wire::{Message, Opcode};

use super::Sample;
use super::crowd::{Crowd, FULL, Out, Script};
use super::server::{Memory, Where, Who};

/// Bytes of a line, without what ends it.
const LINE: usize = 100;

/// Bytes of a message in bulk.
const PIECE: usize = 64 * 1_024;

/// Measures lines in a second.
///
/// # Errors
/// When the server fails, or a line comes back changed.
pub(crate) fn lines(who: Who, programs: &Where, all: usize, window: usize) -> anyhow::Result<Sample> {
    let server = who.start(programs, &[], &["cat"])?;
    let mut script = Echo::new(Opcode::Text, &[b'x'; LINE], all * LINE, window * LINE);
    let took = Crowd::new(server.address())?.run(&mut script)?;
    Ok(Sample { figure: all as f64 / took.time.as_secs_f64(), busy: took.busy })
}

/// Measures MiB in a second of bytes that are echoed, and what the server held meanwhile.
///
/// # Errors
/// When the server fails, or bytes come back changed.
pub(crate) fn bulk(
    who: Who,
    programs: &Where,
    mebibytes: usize,
    window: Option<usize>,
) -> anyhow::Result<(Sample, Memory)> {
    let server = who.start(programs, &["--binary=true"], &["cat"])?;
    let all = mebibytes << 20;
    let piece: Vec<u8> = (0..PIECE).map(|n| u8::try_from(n % 251).unwrap_or_default()).collect();
    let mut script = Echo::new(Opcode::Binary, &piece, all, window.unwrap_or(usize::MAX));
    let took = Crowd::new(server.address())?.run(&mut script)?;
    let memory = server.memory()?;
    Ok((Sample { figure: mebibytes as f64 / took.time.as_secs_f64(), busy: took.busy }, memory))
}

/// Says the same piece again and again, and sees that it comes back.
#[derive(Debug)]
struct Echo {
    opcode: Opcode,
    piece: Vec<u8>,
    /// The piece as a frame.
    frame: Vec<u8>,
    all: usize,
    window: usize,
    said: usize,
    heard: usize,
    is_open: bool,
}

impl Echo {
    fn new(opcode: Opcode, piece: &[u8], all: usize, window: usize) -> Self {
        let mut frame = Vec::new();
        let header = wire::encode::Header::new(opcode).masked([0x37, 0xfa, 0x21, 0x3d]);
        wire::encode::frame(&mut frame, header, piece);
        Self { opcode, piece: piece.to_vec(), frame, all, window, said: 0, heard: 0, is_open: false }
    }

    /// Whether these bytes are what stands at this place of all that was said.
    fn is_same(&self, mut bytes: &[u8]) -> bool {
        let mut at = self.heard % self.piece.len();
        while let Some(expected) = self.piece.get(at..).filter(|_| !bytes.is_empty()) {
            let (now, later) = bytes.split_at(bytes.len().min(expected.len()));
            if expected.get(..now.len()) != Some(now) {
                return false;
            }
            (bytes, at) = (later, 0);
        }
        true
    }
}

impl Script for Echo {
    fn wanted(&mut self) -> usize {
        1
    }

    fn opened(&mut self, _who: usize, _out: &mut Out) {
        self.is_open = true;
    }

    fn heard(&mut self, _who: usize, message: &Message<'_>, _out: &mut Out) -> anyhow::Result<()> {
        let bytes = match (message, self.opcode) {
            (Message::Text(text), Opcode::Text) if text.len() == self.piece.len() => text.as_bytes(),
            (Message::Binary(bytes), Opcode::Binary) => bytes,
            (Message::Ping(_) | Message::Pong(_), _) => return Ok(()),
            (Message::Text(_) | Message::Binary(_) | Message::Close(_), _) => bail!("{message:?} came"),
        };
        ensure!(self.is_same(bytes), "other bytes came back than were said");
        self.heard += bytes.len();
        Ok(())
    }

    fn more(&mut self, _who: usize, out: &mut Out) {
        let room = self.window.saturating_sub(self.said - self.heard).min(self.all - self.said);
        for _ in 0..room / self.piece.len() {
            if out.len() >= FULL {
                return;
            }
            out.raw(&self.frame);
            self.said += self.piece.len();
        }
    }

    fn ended(&mut self, _who: usize) {
        self.is_open = false;
    }

    fn is_done(&self) -> bool {
        self.heard == self.all
    }
}
