//! One connection, as plain data: no task, no channel, no buffer of its own while nothing is cut off.

use std::io::{self, ErrorKind, Write};

use mio::net::TcpStream;
use wire::Opcode;
use wire::deflate::Inflater;
use wire::encode::{self, Header};

use super::check::Check;

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// TCP's handshake is under way.
    Connecting,
    /// The upgrade was asked for.
    Upgrading,
    /// Frames are spoken, and the server has not welcomed it yet.
    Greeting,
    /// It counts.
    Ready,
    /// It was closed, by whomever.
    Gone,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Conn {
    /// Its number among all fleets' connections.
    pub(super) who: usize,
    pub(super) stream: TcpStream,
    pub(super) phase: Phase,
    /// Received, but not yet a whole frame.
    pub(super) rest: Vec<u8>,
    /// Written, but not yet taken by the system.
    out: Vec<u8>,
    taken: usize,
    /// The room whose events are followed by their numbers.
    pub(super) room: u64,
    /// The newest of them; 0 before the first.
    pub(super) seq: u64,
    /// When it began, by the generator's clock.
    pub(super) began: u64,
    /// For a server that keeps its context.
    pub(super) inflater: Option<Box<Inflater>>,
    /// For a connection of the sample.
    pub(super) check: Option<Box<Check>>,
}

impl Conn {
    /// One that has begun to connect.
    pub(super) fn new(who: usize, stream: TcpStream, began: u64) -> Self {
        Self {
            who,
            stream,
            phase: Phase::Connecting,
            rest: Vec::new(),
            out: Vec::new(),
            taken: 0,
            room: 1,
            seq: 0,
            began,
            inflater: None,
            check: None,
        }
    }

    /// Puts bytes behind what waits to be written.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Puts a masked frame behind what waits to be written.
    pub(super) fn frame(&mut self, opcode: Opcode, payload: &[u8], key: u32) {
        encode::frame(&mut self.out, Header::new(opcode).masked(key.to_ne_bytes()), payload);
    }

    /// Writes what the system takes. What it does not take waits until the socket is writable again.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while let Some(waiting) = self.out.get(self.taken..).filter(|waiting| !waiting.is_empty()) {
            match self.stream.write(waiting) {
                Ok(n) => self.taken += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.taken = 0;
        Ok(())
    }

    /// Follows the numbers of its room's events. Gives `(missing, repeated)`.
    #[inline]
    pub(super) fn follow(&mut self, room: u64, seq: u64) -> (u64, u64) {
        if room != self.room {
            return (0, 0);
        }
        let expected = if self.seq == 0 { seq } else { self.seq + 1 };
        self.seq = self.seq.max(seq);
        (seq.saturating_sub(expected), u64::from(seq < expected))
    }
}
