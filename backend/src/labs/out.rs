//! What a lab says, as bytes that wait to be written.
//!
//! Deliberately absent: a bound. `conn` reads nothing, and asks a lab for nothing, while more waits than may.

use wire::deflate::{Deflater, Params};
use wire::encode::{self, Header};
use wire::{Message, Opcode};

/// How hard messages are compressed: as zlib does where nothing is said.
const LEVEL: u32 = 6;

/// Bytes of memory that are kept when nothing waits.
const KEPT: usize = 1024;

/// What waits to be written.
#[derive(Debug)]
pub struct Out {
    waiting: Vec<u8>,
    written: usize,
    /// Bytes that may wait before a lab should say no more.
    backlog: usize,
    /// Bytes of payload that were announced and are still to be said. No other frame may come before them.
    owed: usize,
    packer: Option<Packer>,
    end: Option<End>,
}

/// How a lab has ended its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By a Close.
    Close,
    /// Without a word.
    Vanish,
}

/// What messages are compressed with.
#[derive(Debug)]
struct Packer {
    params: Params,
    /// Made with the first message: it takes some 260 KB.
    deflater: Option<Deflater>,
}

impl Out {
    /// Nothing waits. Messages are compressed as agreed.
    #[must_use]
    pub fn new(backlog: usize, deflate: Option<Params>) -> Self {
        let packer = deflate.map(|params| Packer { params, deflater: None });
        Self { waiting: Vec::new(), written: 0, backlog, owed: 0, packer, end: None }
    }

    /// Says a text.
    pub fn text(&mut self, text: &str) {
        self.data(Opcode::Text, text.as_bytes());
    }

    /// Says bytes.
    pub fn binary(&mut self, bytes: &[u8]) {
        self.data(Opcode::Binary, bytes);
    }

    /// Says what was heard; nothing, where that is a control frame.
    pub fn message(&mut self, message: &Message<'_>) {
        match message {
            Message::Text(text) => self.text(text),
            Message::Binary(bytes) => self.binary(bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }

    /// Pings. Of a payload beyond 125 bytes only the beginning is sent.
    pub fn ping(&mut self, payload: &[u8]) {
        encode::ping(&mut self.waiting, payload);
    }

    /// Answers a ping.
    pub fn pong(&mut self, payload: &[u8]) {
        encode::pong(&mut self.waiting, payload);
    }

    /// Says any frame, which is not compressed.
    pub fn frame(&mut self, header: Header, payload: &[u8]) {
        encode::frame(&mut self.waiting, header, payload);
    }

    /// Says the head of a frame whose payload follows as [`Out::raw`].
    pub fn head(&mut self, header: Header, len: usize) {
        encode::header(&mut self.waiting, header, len);
        self.owed = len;
    }

    /// Says bytes of a frame's payload.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.owed = self.owed.saturating_sub(bytes.len());
    }

    /// Says goodbye. Nothing may be said after it.
    pub fn close(&mut self, code: Option<u16>, reason: &str) {
        encode::close(&mut self.waiting, code, reason);
        self.end = Some(End::Close);
    }

    /// Has the connection dropped without a word, what waits included.
    pub fn vanish(&mut self) {
        self.end = Some(End::Vanish);
    }

    /// Whether a lab may say more.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.end.is_none() && self.len() <= self.backlog
    }

    /// Whether what comes may be answered.
    pub(super) fn listens(&self) -> bool {
        self.has_room() && !self.owes()
    }

    /// Whether a frame has begun whose payload is not all said.
    pub(super) fn owes(&self) -> bool {
        self.owed > 0
    }

    /// How the lab has ended the connection, if it has.
    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    /// Bytes that wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() - self.written
    }

    /// What is to be written next.
    pub(super) fn unwritten(&self) -> &[u8] {
        self.waiting.get(self.written..).unwrap_or_default()
    }

    /// So much of it was written.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.written = (self.written + bytes).min(self.waiting.len());
        if self.written == self.waiting.len() {
            self.written = 0;
            self.waiting.clear();
            // An idle connection, and one large message, must not keep their memory.
            self.waiting.shrink_to(KEPT);
        } else if self.written >= self.backlog {
            // Else what is slowly read would only ever grow.
            self.waiting.drain(..std::mem::take(&mut self.written));
        }
    }

    fn data(&mut self, opcode: Opcode, payload: &[u8]) {
        match &mut self.packer {
            Some(packer) => packer.append(opcode, payload, &mut self.waiting),
            None => encode::frame(&mut self.waiting, Header::new(opcode), payload),
        }
    }
}

impl Packer {
    fn append(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        let bits = self.params.server_max_window_bits;
        let deflater = self.deflater.get_or_insert_with(|| Deflater::new(bits, LEVEL));
        let mut compressed = Vec::new();
        deflater.message(payload, &mut compressed);
        if self.params.server_no_context_takeover {
            deflater.reset();
        }
        encode::frame(out, Header::new(opcode).compressed(), &compressed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_given_back() {
        let mut out = Out::new(4, None);
        out.text("hello");
        assert_eq!((out.unwritten(), out.has_room()), (&b"\x81\x05hello"[..], false));
        out.advance(5);
        assert_eq!((out.unwritten(), out.len(), out.has_room()), (&b"lo"[..], 2, true));
        out.advance(2);
        assert_eq!((out.len(), out.waiting.capacity() <= KEPT), (0, true));
        out.close(Some(1000), "");
        assert!(!out.has_room() && out.end() == Some(End::Close));
    }
}
