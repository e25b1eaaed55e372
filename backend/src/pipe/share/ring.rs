//! What a shared process has said last: one ring for all clients, each of which has a place in it. Pure.
//!
//! Messages are numbered from 0, without a gap, and encoded once. A client's place is the number of the message that it
//! gets next, so its stream is what a late one gets of the past and then everything, in order and once; and who has
//! fallen off the ring's end knows it. A slow client costs nothing but its place.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use wire::encode;

use crate::program::frame::Sink;

/// Bytes of the newest messages that are always kept: how far a client may be behind. Of many small messages what they
/// take beside their bytes counts as well ([`Batch::cost`]).
pub(super) const LIVE: usize = 1024 * 1024;

/// Bytes of messages that are kept for late clients at most, however many these are to get.
const PAST: usize = 16 * 1024 * 1024;

/// Some messages that were said together, as frames.
#[derive(Debug, Default)]
pub(super) struct Batch {
    frames: Vec<u8>,
    /// Where each message ends.
    ends: Vec<usize>,
}

impl Batch {
    /// Adds a message, which `encode` appends as frames.
    fn push(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        encode(&mut self.frames);
        self.ends.push(self.frames.len());
    }

    /// Whether it has no message.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The messages in it.
    fn count(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Bytes that it takes.
    pub(super) fn cost(&self) -> usize {
        self.frames.len() + self.ends.len() * size_of::<usize>() + size_of::<Self>()
    }

    /// Some of its messages from the one at `from`, at least one and no more than fit into `most` bytes: which, and where
    /// they lie.
    fn some(&self, from: usize, most: usize) -> (Range<usize>, Range<usize>) {
        let start = from.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let fitting = self.ends.partition_point(|end| *end <= start + most).max(from + 1).min(self.ends.len());
        let end = fitting.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        (from..fitting, start..end)
    }
}

impl Sink for Batch {
    fn text(&mut self, text: &str) {
        self.push(|frames| encode::text(frames, text));
    }

    fn binary(&mut self, bytes: &[u8]) {
        self.push(|frames| encode::binary(frames, bytes));
    }
}

/// A piece of a batch.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    batch: Arc<Batch>,
    bytes: Range<usize>,
    /// How many messages are in it.
    pub(super) count: u64,
}

impl Piece {
    /// The frames.
    pub(super) fn frames(&self) -> &[u8] {
        self.batch.frames.get(self.bytes.clone()).unwrap_or_default()
    }
}

/// A client's place is not in the ring any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

/// The ring.
#[derive(Debug)]
pub(super) struct Ring {
    /// Each with the number of its first message.
    batches: VecDeque<(u64, Arc<Batch>)>,
    /// The number of the next message.
    next: u64,
    cost: usize,
    /// Messages that a late client gets.
    history: u64,
    bounds: Bounds,
}

/// Bytes that are kept: at least, and at most for late clients.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    live: usize,
    past: usize,
}

impl Ring {
    /// Nothing was said. A late client gets `history` messages.
    pub(super) fn new(history: usize) -> Self {
        Self::bounded(history, Bounds { live: LIVE, past: PAST })
    }

    fn bounded(history: usize, bounds: Bounds) -> Self {
        Self { batches: VecDeque::new(), next: 0, cost: 0, history: history as u64, bounds }
    }

    /// The number of the next message.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The place of a client that comes now.
    pub(super) fn place(&self) -> u64 {
        let oldest = self.batches.front().map_or(self.next, |(first, _)| *first);
        self.next.saturating_sub(self.history).max(oldest)
    }

    /// Adds messages, and forgets those that nobody may want any more.
    pub(super) fn push(&mut self, batch: Batch) {
        self.cost += batch.cost();
        let first = self.next;
        self.next += batch.count();
        self.batches.push_back((first, Arc::new(batch)));
        while let Some((first, batch)) = self.batches.front() {
            let (cost, behind) = (self.cost - batch.cost(), self.next - (first + batch.count()));
            let enough = behind >= self.history || cost >= self.bounds.past;
            if cost < self.bounds.live || !enough {
                break;
            }
            self.cost = cost;
            self.batches.pop_front();
        }
    }

    /// What stands at a place, no more than `most` bytes unless a single message has more; nothing, where nothing was said
    /// since. Moves the place on.
    ///
    /// # Errors
    /// [`Lost`], where it was forgotten.
    pub(super) fn take(&self, place: &mut u64, most: usize) -> Result<Option<Piece>, Lost> {
        if *place >= self.next {
            return Ok(None);
        }
        let later = self.batches.partition_point(|(first, _)| first <= place);
        let (first, batch) = later.checked_sub(1).and_then(|at| self.batches.get(at)).ok_or(Lost)?;
        // A batch has no more messages than fit into memory.
        let from = usize::try_from(*place - first).unwrap_or(usize::MAX);
        let (messages, bytes) = batch.some(from, most);
        *place += messages.len() as u64;
        Ok(Some(Piece { batch: batch.clone(), bytes, count: messages.len() as u64 }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A batch of messages with these lengths; each begins with its number.
    fn batch(from: u64, lengths: &[usize]) -> Batch {
        let mut batch = Batch::default();
        for (number, length) in (from..).zip(lengths) {
            batch.push(|out| {
                out.extend_from_slice(&number.to_be_bytes());
                out.resize(out.len() + length, b'x');
            });
        }
        batch
    }

    /// The numbers of the messages in what a client got, where all have this length.
    fn numbers(frames: &[u8], length: usize) -> Vec<u64> {
        frames.chunks(8 + length).map(|message| u64::from_be_bytes(message[..8].try_into().unwrap())).collect()
    }

    fn all(ring: &Ring, place: &mut u64, most: usize, length: usize) -> Vec<u64> {
        let mut got = Vec::new();
        while let Some(piece) = ring.take(place, most).unwrap() {
            assert_eq!(numbers(piece.frames(), length).len() as u64, piece.count);
            got.extend(numbers(piece.frames(), length));
        }
        got
    }

    #[test]
    fn who_comes_late_gets_the_last_messages() {
        let mut ring = Ring::new(3);
        ring.push(batch(0, &[1, 1]));
        let mut place = ring.place();
        assert_eq!(all(&ring, &mut place, 1, 1), [0, 1]);
        ring.push(batch(2, &[1, 1, 1]));
        assert_eq!(all(&ring, &mut place, 1, 1), [2, 3, 4]);
        assert_eq!(all(&ring, &mut ring.place(), 1000, 1), [2, 3, 4]);
        let mut none = Ring::new(0);
        none.push(batch(0, &[1]));
        assert_eq!(all(&none, &mut none.place(), 1000, 1), [0; 0]);
    }

    #[test]
    fn who_is_a_mebibyte_behind_is_lost_and_who_is_less_is_not() {
        let mut ring = Ring::new(0);
        let (mut early, mut place) = (0, 0);
        for number in 0..8 {
            ring.push(batch(number, &[LIVE / 4]));
            assert!(ring.take(&mut place, 1).unwrap().is_some());
        }
        assert_eq!(ring.take(&mut early, 1).unwrap_err(), Lost);
        assert!(ring.take(&mut 4, 1).is_ok() && ring.take(&mut place, 1).unwrap().is_none());
    }

    #[test]
    fn the_past_is_bounded_by_bytes() {
        let mut ring = Ring::new(usize::MAX);
        for number in 0..64 {
            ring.push(batch(number, &[1024 * 1024]));
        }
        assert!(ring.cost <= PAST + 2 * 1024 * 1024 && ring.place() > 40);
    }

    proptest! {
        /// Clients come, take and lag at random: each gets a run of numbers without a gap or a double, which begins at most
        /// `history` messages before it came, and ends with the last; or it knows that it is lost.
        #[test]
        fn each_stream_is_gapless_and_without_doubles(
            history in 0_usize..40, sizes in prop::collection::vec(1_usize..20, 1..60),
            acts in prop::collection::vec((0_usize..6, 1_usize..400), 1..200),
        ) {
            const LENGTH: usize = 12;
            const LIVE: usize = 2_000;
            let mut ring = Ring::bounded(history, Bounds { live: LIVE, past: 2 * LIVE });
            let mut clients: Vec<(u64, u64, Vec<u64>)> = Vec::new();
            let mut sizes = sizes.into_iter().cycle();
            for (act, most) in acts {
                match act {
                    0 | 1 => ring.push(batch(ring.next(), &vec![LENGTH; sizes.next().unwrap()])),
                    2 => {
                        let place = ring.place();
                        prop_assert!(place <= ring.next() && place + history as u64 >= ring.next());
                        clients.push((place, place, Vec::new()));
                    }
                    who => if let Some((_, place, got)) = clients.iter_mut().rev().nth(who - 3) {
                        let before = *place;
                        match ring.take(place, most) {
                            Ok(Some(piece)) => got.extend(numbers(piece.frames(), LENGTH)),
                            Ok(None) => prop_assert_eq!(before, ring.next()),
                            // Of each message 20 bytes and 8 for its end, of each batch what it takes itself.
                            Err(Lost) => prop_assert!((ring.next() - before) as usize * (28 + size_of::<Batch>()) > LIVE),
                        }
                    },
                }
            }
            for (start, mut place, mut got) in clients {
                while let Ok(Some(piece)) = ring.take(&mut place, 100) {
                    got.extend(numbers(piece.frames(), LENGTH));
                }
                let expected: Vec<u64> = (start..place).collect();
                prop_assert_eq!(got, expected);
            }
        }
    }
}
