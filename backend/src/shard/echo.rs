//! Sending back what comes, as it came: for conformance suites, and for people who learn.

use wire::deflate::{Deflater, Params};
use wire::encode::{self, Header};
use wire::{Message, Opcode};

use super::{Link, Shard};
use crate::session::Now;
use crate::shard::conn::Role;

/// How hard an echo is compressed: as zlib does where nothing is said.
const LEVEL: u32 = 6;

/// What one connection's echo is compressed with.
#[derive(Debug)]
pub struct Echo {
    deflater: Deflater,
    /// Whether messages build on each other.
    keeps_context: bool,
    /// Kept for its memory.
    compressed: Vec<u8>,
}

impl Echo {
    /// An echo that is compressed as agreed.
    #[must_use]
    pub fn new(params: &Params) -> Self {
        let deflater = Deflater::new(params.server_max_window_bits, LEVEL);
        Self { deflater, keeps_context: !params.server_no_context_takeover, compressed: Vec::new() }
    }

    fn append(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        self.compressed.clear();
        self.deflater.message(payload, &mut self.compressed);
        if !self.keeps_context {
            self.deflater.reset();
        }
        encode::frame(out, Header::new(opcode).compressed(), &self.compressed);
        // One large message must not keep its memory for ever.
        self.compressed.shrink_to(64 * 1024);
    }
}

impl<L: Link> Shard<L> {
    /// Sends a message back.
    pub(super) fn echo(&mut self, slot: u32, message: &Message<'_>, now: Now) {
        let (opcode, payload) = match message {
            Message::Text(text) => (Opcode::Text, text.as_bytes()),
            Message::Binary(bytes) => (Opcode::Binary, *bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return,
        };
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        let Role::Echo(echo) = &mut conn.role else { return };
        conn.backlog.append(now.ms, |out| match echo {
            Some(echo) => echo.append(opcode, payload, out),
            None => encode::frame(out, Header::new(opcode), payload),
        });
        self.list(slot);
    }
}
