//! Compressing messages (RFC 7692, section 7.2.1).

use flate2::{Compress, Compression, FlushCompress, Status};

use super::{NARROWEST, TAIL, WIDEST};

/// The least room to compress into: enough that a flush does not have to be repeated.
const ROOM: usize = 64;

/// Compresses one message after another, each referring to those before it unless it is [`reset`](Self::reset).
#[derive(Debug)]
pub struct Deflater {
    stream: Compress,
}

impl Deflater {
    /// A compressor that looks back at most 2 to the power of `window_bits` bytes; bits beyond 9 to 15 count as the
    /// nearest of these. `level` goes from 0, which only copies, to 9, which takes its time.
    #[must_use]
    pub fn new(window_bits: u8, level: u32) -> Self {
        let bits = window_bits.clamp(NARROWEST, WIDEST);
        Self { stream: Compress::new_with_window_bits(Compression::new(level.min(9)), false, bits) }
    }

    /// Appends the payload of a compressed message, for a frame with [`rsv1`](crate::encode::Header::rsv1).
    pub fn message(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        if payload.is_empty() {
            // zlib leaves out a flush that would say nothing (RFC 7692, section 7.2.3.6).
            out.push(0x00);
            return;
        }
        let before = self.stream.total_in();
        out.reserve(payload.len() / 2 + ROOM);
        loop {
            let read = usize::try_from(self.stream.total_in() - before).unwrap_or(usize::MAX);
            let rest = payload.get(read..).unwrap_or_default();
            let status = self.stream.compress_vec(rest, out, FlushCompress::Sync);
            // Neither an error nor an end can come of a flush; zlib says that there was nothing left to do.
            if !matches!(status, Ok(Status::Ok)) || out.len() < out.capacity() {
                break;
            }
            out.reserve(payload.len() / 4 + ROOM);
        }
        out.truncate(out.len() - TAIL.len());
    }

    /// Forgets the context, as a message without takeover demands.
    pub fn reset(&mut self) {
        self.stream.reset();
    }

    /// Takes over `context` as if it had been sent just now. The reader has to have it too.
    pub fn prime(&mut self, context: &[u8]) {
        // Between two messages there is nothing that could stand in the way.
        self.stream.set_dictionary(context).ok();
    }
}
