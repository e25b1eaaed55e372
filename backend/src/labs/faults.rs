//! What goes wrong with sockets, to be seen: a Close at once, none at all, a dropped connection, a text that is none, a
//! huge message, and an end that does not read.
//!
//! Deliberately absent: faults before the connection, which `http::labs` has.

use std::time::Duration;

use common::close;
use tokio::time::Instant;
use wire::Opcode;
use wire::encode::Header;

use super::Lab;
use super::lab::Manners;
use super::out::Out;

/// How long a text has to arrive before the connection is dropped.
const ARRIVAL: Duration = Duration::from_millis(100);

/// Bytes of a huge message that are said at once.
const PIECE: usize = 64 * 1024;

/// `close`: says goodbye at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// A code that may be sent; none for a Close without payload.
    pub code: Option<u16>,
    /// At most 123 bytes.
    pub reason: String,
}

impl Lab for Farewell {
    fn begin(&mut self, out: &mut Out) {
        out.close(self.code, &self.reason);
    }
}

/// `abort`: says one text, and drops the connection without a Close.
#[derive(Debug, Clone, Copy)]
pub struct Abort {
    at: Instant,
}

impl Abort {
    /// The connection begins now.
    #[must_use]
    pub fn new() -> Self {
        Self { at: Instant::now() + ARRIVAL }
    }
}

impl Default for Abort {
    fn default() -> Self {
        Self::new()
    }
}

impl Lab for Abort {
    fn begin(&mut self, out: &mut Out) {
        out.text("After this the connection is dropped without a Close.");
    }

    fn wakes_at(&self) -> Option<Instant> {
        Some(self.at)
    }

    fn wake(&mut self, _now: Instant, out: &mut Out) {
        out.vanish();
    }
}

/// `never-close`: sends back what comes, and never answers a Close.
#[derive(Debug, Clone, Copy)]
pub struct NeverClose;

impl Lab for NeverClose {
    fn manners(&self) -> Manners {
        Manners::NeverCloses
    }
}

/// `stall`: accepts, and neither reads nor says anything.
#[derive(Debug, Clone, Copy)]
pub struct Stall;

impl Lab for Stall {
    fn manners(&self) -> Manners {
        Manners::NeverReads
    }
}

/// `bad-utf8`: says a text that is no UTF-8. Whoever keeps to RFC 6455, section 8.1, fails the connection with 1007.
#[derive(Debug, Clone, Copy)]
pub struct BadUtf8;

impl Lab for BadUtf8 {
    fn begin(&mut self, out: &mut Out) {
        out.frame(Header::new(Opcode::Text), b"caf\xe9 in Latin-1");
    }
}

/// `big`: says one binary message of so many bytes, piece by piece as they are read, and then goodbye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Big {
    size: usize,
    said: usize,
}

impl Big {
    /// A message of so many bytes; each byte counts its place, up to 255 and on from 0.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size, said: 0 }
    }
}

impl Lab for Big {
    fn begin(&mut self, out: &mut Out) {
        out.head(Header::new(Opcode::Binary), self.size);
    }

    fn more(&mut self, out: &mut Out) {
        let end = self.size.min(self.said + PIECE);
        // Pieces begin at multiples of 256.
        let piece: Vec<u8> = (0..=u8::MAX).cycle().take(end - self.said).collect();
        out.raw(&piece);
        self.said = end;
        if end == self.size {
            out.close(Some(close::NORMAL), "");
        }
    }
}
