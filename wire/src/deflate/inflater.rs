//! Inflating messages (RFC 7692, section 7.2.2), with a bound that no bomb passes.

use flate2::{Decompress, FlushDecompress, Status};

use super::{NARROWEST, TAIL, WIDEST};
use crate::Violation;

/// Bytes of room that a message is given at first, and that is kept between messages.
const KEPT: usize = 4 * 1024;

/// Inflates one message after another.
#[derive(Debug)]
pub struct Inflater {
    stream: Decompress,
    takeover: bool,
    /// The last message.
    out: Vec<u8>,
}

/// How far a piece of a message was inflated.
enum Piece {
    /// All of it.
    Used,
    /// A final block ended this many bytes before the piece's end.
    Ended { rest: usize },
}

impl Inflater {
    /// A reader of streams whose window has `window_bits`, 8 to 15. With `takeover` messages refer to those before
    /// them, and the inflater belongs to one connection; without, it can be shared.
    ///
    /// Either takes some 45 KiB, for zlib-rs always keeps the widest window. It does not object to a peer that reaches
    /// farther back than was agreed.
    #[must_use]
    pub fn new(window_bits: u8, takeover: bool) -> Self {
        let bits = window_bits.clamp(NARROWEST, WIDEST);
        Self { stream: Decompress::new_with_window_bits(false, bits), takeover, out: Vec::new() }
    }

    /// Inflates a message of at most `most` bytes.
    ///
    /// # Errors
    ///
    /// 1009 when it is longer, 1007 when the data is not what a compressor writes. Either ends the connection.
    pub fn message(&mut self, payload: &[u8], most: usize) -> Result<&[u8], Violation> {
        self.release();
        let inflated = self.inflate(payload, most);
        if !self.takeover || inflated.is_err() {
            self.stream.reset(false);
        }
        inflated.map(|()| self.out.as_slice())
    }

    /// Takes over `context` as if it had been received just now.
    pub fn prime(&mut self, context: &[u8]) {
        // Between two messages there is nothing that could stand in the way.
        self.stream.set_dictionary(context).ok();
    }

    /// Gives back the memory that an unusually long message took.
    pub fn release(&mut self) {
        self.out.clear();
        self.out.shrink_to(KEPT);
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.out.capacity()
    }

    fn inflate(&mut self, payload: &[u8], most: usize) -> Result<(), Violation> {
        if payload.is_empty() {
            // A byte of zero is meant (RFC 7692, section 7.2.3.6). zlib writes nothing for a flush that follows another,
            // and some do not look.
            return Ok(());
        }
        let mut piece = payload;
        // A stream may end in a message and the next begin behind it (RFC 7692, section 7.2.3.4).
        while let Piece::Ended { rest } = self.piece(piece, most)? {
            self.begin_anew();
            piece = piece.get(piece.len() - rest..).unwrap_or_default();
            if piece.is_empty() {
                return Ok(());
            }
        }
        match self.piece(&TAIL, most)? {
            Piece::Used => Ok(()),
            Piece::Ended { .. } => Err(Violation::DEFLATE),
        }
    }

    /// A new stream that knows what this message has said so far.
    fn begin_anew(&mut self) {
        self.stream.reset(false);
        let from = self.out.len().saturating_sub(1 << WIDEST);
        self.stream.set_dictionary(self.out.get(from..).unwrap_or_default()).ok();
    }

    fn piece(&mut self, piece: &[u8], most: usize) -> Result<Piece, Violation> {
        let before = self.stream.total_in();
        let mut rest = piece;
        loop {
            self.make_room(rest.len(), most);
            let status = self.stream.decompress_vec(rest, &mut self.out, FlushDecompress::Sync);
            let status = status.map_err(|_what| Violation::DEFLATE)?;
            let used = usize::try_from(self.stream.total_in() - before).unwrap_or(usize::MAX);
            rest = piece.get(used..).unwrap_or_default();
            if self.out.len() > most {
                return Err(Violation::TOO_BIG);
            }
            if status == Status::StreamEnd {
                return Ok(Piece::Ended { rest: rest.len() });
            }
            // With room left, it stopped for want of input.
            if self.out.len() < self.out.capacity() {
                return Ok(Piece::Used);
            }
        }
    }

    /// Makes room for more, but hardly beyond `most`.
    fn make_room(&mut self, input: usize, most: usize) {
        if self.out.len() == self.out.capacity() {
            let wanted = self.out.len().max(input.saturating_mul(4)).max(KEPT / 4);
            let allowed = most.saturating_add(1).saturating_sub(self.out.len());
            self.out.reserve_exact(wanted.min(allowed).max(1));
        }
    }
}
