//! What is to be written to a client.
//!
//! Messages are compressed where that was agreed, if they are long enough to gain by it, each by itself: what they are
//! compressed with belongs to the thread, since a connection that keeps its own holds a quarter of a megabyte. Once all is
//! written the memory goes back to the thread as well.
//!
//! Deliberately absent: a bound. The connection asks for nothing while there is no room.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;
use wire::Opcode;
use wire::deflate::{Deflater, Params};
use wire::encode::{self, Header};

use super::scratch::{self, AT_ONCE};
use crate::program::frame::Sink;

/// Bytes that may wait before nothing more is asked for.
const ROOM: usize = AT_ONCE;

/// Bytes of the shortest message that is compressed. Shorter ones gain little by themselves.
const WORTH: usize = 512;

/// How hard messages are compressed: as zlib does where nothing is said.
const LEVEL: u32 = 6;

/// Bytes of the longest head of a server's frame.
const HEAD: usize = 10;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Out {
    waiting: Vec<u8>,
    written: usize,
    /// Compressed: the base-2 logarithm of the window.
    window: Option<u8>,
    /// Messages that were said since it was asked last, and their bytes.
    said: (u64, u64),
}

thread_local! {
    static DEFLATER: RefCell<Option<(u8, Deflater)>> = const { RefCell::new(None) };
}

impl Out {
    /// Nothing waits. Messages are compressed as agreed.
    pub(super) fn new(deflate: Option<&Params>) -> Self {
        Self { window: deflate.map(|params| params.server_max_window_bits), ..Self::default() }
    }

    /// Says a text.
    pub(super) fn text(&mut self, text: &str) {
        self.data(Opcode::Text, text.as_bytes());
    }

    /// Says bytes.
    pub(super) fn binary(&mut self, bytes: &[u8]) {
        self.data(Opcode::Binary, bytes);
    }

    /// Says messages that are frames already: so many.
    pub(super) fn frames(&mut self, frames: &[u8], messages: u64) {
        self.begin().extend_from_slice(frames);
        self.count(messages, frames.len());
    }

    /// Reads, and says what was read as one message of at most [`AT_ONCE`] bytes, which is not moved where that can be had.
    /// Returns how many they are; at the end of what is read, where they are none, nothing is said.
    pub(super) fn read(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut (impl AsyncRead + Unpin),
    ) -> Poll<io::Result<usize>> {
        let waiting = self.begin();
        let start = waiting.len();
        waiting.reserve(HEAD + AT_ONCE);
        waiting.extend_from_slice(&[0; HEAD]);
        let got = poll_read_buf(Pin::new(from), cx, &mut waiting.limit(AT_ONCE));
        let Poll::Ready(Ok(len @ 1..)) = got else {
            self.waiting.truncate(start);
            self.rest();
            return got;
        };
        let mut head = Vec::with_capacity(HEAD);
        encode::header(&mut head, Header::new(Opcode::Binary), len);
        let gap = HEAD - head.len();
        if self.written == start {
            // Nothing stands before it: the gap may.
            self.written += gap;
            self.waiting.truncate(start + HEAD + len);
            self.put(start + gap, &head);
        } else {
            self.waiting.copy_within(start + HEAD..start + HEAD + len, start + head.len());
            self.waiting.truncate(start + head.len() + len);
            self.put(start, &head);
        }
        self.count(1, len);
        got
    }

    /// Pings.
    pub(super) fn ping(&mut self) {
        encode::ping(self.begin(), &[]);
    }

    /// Answers a ping.
    pub(super) fn pong(&mut self, payload: &[u8]) {
        encode::pong(self.begin(), payload);
    }

    /// Says goodbye. Nothing may be said after it.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str) {
        encode::close(self.begin(), code, reason);
    }

    /// Whether more may be asked for.
    pub(super) fn has_room(&self) -> bool {
        self.len() < ROOM
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
        if self.written >= ROOM && self.len() > 0 {
            // Else what is slowly read would only ever grow.
            self.waiting.drain(..std::mem::take(&mut self.written));
        }
        self.rest();
    }

    /// How many messages were said since this was asked last, and their bytes.
    pub(super) fn said(&mut self) -> (u64, u64) {
        std::mem::take(&mut self.said)
    }

    /// The buffer, to append to.
    fn begin(&mut self) -> &mut Vec<u8> {
        if self.waiting.capacity() == 0 {
            self.waiting = scratch::take();
        }
        &mut self.waiting
    }

    /// Gives the buffer back, once nothing is in it.
    fn rest(&mut self) {
        if self.len() == 0 {
            self.written = 0;
            scratch::give(std::mem::take(&mut self.waiting));
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.waiting.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn count(&mut self, messages: u64, bytes: usize) {
        self.said.0 += messages;
        self.said.1 += bytes as u64;
    }

    fn data(&mut self, opcode: Opcode, payload: &[u8]) {
        self.count(1, payload.len());
        match self.window {
            Some(bits) if payload.len() >= WORTH => deflated(bits, opcode, payload, self.begin()),
            Some(_) | None => encode::frame(self.begin(), Header::new(opcode), payload),
        }
    }
}

impl Sink for Out {
    fn text(&mut self, text: &str) {
        Self::text(self, text);
    }

    fn binary(&mut self, bytes: &[u8]) {
        Self::binary(self, bytes);
    }
}

/// Appends a message, compressed by itself.
fn deflated(bits: u8, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    DEFLATER.with_borrow_mut(|kept| {
        let (_, deflater) = match kept {
            Some(same) if same.0 == bits => same,
            Some(_) | None => kept.insert((bits, Deflater::new(bits, LEVEL))),
        };
        let mut compressed = scratch::take();
        deflater.message(payload, &mut compressed);
        deflater.reset();
        if compressed.len() < payload.len() {
            encode::frame(out, Header::new(opcode).compressed(), &compressed);
        } else {
            encode::frame(out, Header::new(opcode), payload);
        }
        scratch::give(compressed);
    });
}
