//! What waits to be written to one connection, in order.
//!
//! A connection that keeps up has none, and no memory for one. What many connections get is shared, what one alone gets
//! gathers in its tail, and all of it goes out with as few writes as the socket takes. Pure but for the [`Link`] that
//! takes the bytes.
//!
//! Deliberately absent: the bound, which is the shard's, for what happens at it depends on what does not fit.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes};

/// Slices that one write is offered; the system takes up to 1024 (`IOV_MAX`), and more than a few bring nothing.
const SLICES: usize = 16;

/// The socket of a connection, as a shard sees it.
pub trait Link {
    /// Writes as much as fits now.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where nothing fits; any other means that the connection is gone.
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Says that nothing more will be written.
    fn finish(&mut self);

    /// Whether something has come that was not read because the session did not want it.
    fn has_unread(&self) -> bool;
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Backlog(Option<Box<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    parts: VecDeque<Bytes>,
    /// Comes behind the parts.
    tail: Vec<u8>,
    bytes: usize,
    frames: usize,
    /// When something was last written, or the first thing came to wait.
    moved_ms: u64,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| waiting.bytes)
    }

    /// Messages that have come to wait since nothing did; some may be written.
    pub(super) fn frames(&self) -> usize {
        self.0.as_ref().map_or(0, |waiting| waiting.frames)
    }

    /// When something was last written, while something waits.
    pub(super) fn moved_ms(&self) -> Option<u64> {
        self.0.as_ref().map(|waiting| waiting.moved_ms)
    }

    /// Puts frames behind the rest that others may share.
    pub(super) fn push(&mut self, now_ms: u64, part: Bytes, frames: usize) {
        let waiting = self.waiting(now_ms);
        if !waiting.tail.is_empty() {
            waiting.parts.push_back(std::mem::take(&mut waiting.tail).into());
        }
        waiting.bytes += part.len();
        waiting.frames += frames;
        waiting.parts.push_back(part);
    }

    /// Puts a frame behind the rest, by writing it there.
    pub(super) fn append(&mut self, now_ms: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let waiting = self.waiting(now_ms);
        let before = waiting.tail.len();
        write(&mut waiting.tail);
        waiting.bytes += waiting.tail.len() - before;
        waiting.frames += 1;
    }

    /// Writes as much as the link takes.
    ///
    /// # Errors
    /// Those of the link, but for "would block".
    pub(super) fn write(&mut self, link: &mut impl Link, now_ms: u64) -> io::Result<()> {
        while let Some(waiting) = &mut self.0 {
            match waiting.write(link) {
                Ok(0) if waiting.bytes > 0 => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) if waiting.bytes == 0 => self.0 = None,
                Ok(_) => waiting.moved_ms = now_ms,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn waiting(&mut self, now_ms: u64) -> &mut Waiting {
        self.0.get_or_insert_with(|| Box::new(Waiting { moved_ms: now_ms, ..Waiting::default() }))
    }
}

impl Waiting {
    fn write(&mut self, link: &mut impl Link) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let parts = self.parts.iter().map(|part| part.as_ref());
        let tail = std::iter::once(self.tail.as_slice()).filter(|tail| !tail.is_empty());
        let mut used = 0;
        for (slice, bytes) in slices.iter_mut().zip(parts.chain(tail)) {
            *slice = IoSlice::new(bytes);
            used += 1;
        }
        let written = link.write(slices.get(..used).unwrap_or_default())?;
        self.consume(written);
        Ok(written)
    }

    fn consume(&mut self, mut written: usize) {
        self.bytes = self.bytes.saturating_sub(written);
        while written > 0 {
            if self.parts.is_empty() {
                // It is still to be written in part: from here on it is a part.
                self.parts.push_back(std::mem::take(&mut self.tail).into());
            }
            let Some(part) = self.parts.front_mut() else { return };
            let taken = written.min(part.len());
            part.advance(taken);
            written -= taken;
            if part.is_empty() {
                self.parts.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A socket that takes so many bytes and then no more, again and again.
    struct Narrow {
        takes: VecDeque<usize>,
        got: Vec<u8>,
    }

    impl Link for Narrow {
        fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            let fits = self.takes.pop_front().filter(|fits| *fits > 0).ok_or(io::ErrorKind::WouldBlock)?;
            let offered: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(fits).collect();
            self.got.extend(&offered);
            Ok(offered.len())
        }

        fn finish(&mut self) {}

        fn has_unread(&self) -> bool {
            false
        }
    }

    proptest! {
        #[test]
        fn everything_is_written_once_and_in_order(
            pieces in prop::collection::vec((any::<bool>(), 1_usize..40), 1..60),
            takes in prop::collection::vec(0_usize..50, 0..200),
        ) {
            let (mut backlog, mut all, mut next) = (Backlog::default(), Vec::<u8>::new(), 0_u8);
            let mut link = Narrow { takes: takes.into(), got: Vec::new() };
            for (shared, len) in pieces {
                let piece: Vec<u8> = (0..len).map(|_| { next = next.wrapping_add(1); next }).collect();
                all.extend(&piece);
                if shared {
                    backlog.push(0, piece.into(), 1);
                } else {
                    backlog.append(0, |tail| tail.extend(&piece));
                }
                backlog.write(&mut link, 0).unwrap();
                prop_assert_eq!(backlog.bytes(), all.len() - link.got.len());
            }
            link.takes = vec![1_000; 100].into();
            backlog.write(&mut link, 0).unwrap();
            prop_assert!(backlog.is_empty());
            prop_assert_eq!(link.got, all);
        }
    }
}
