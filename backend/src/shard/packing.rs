//! Compressing a room's events once for all who get them (RFC 7692).
//!
//! A short event hardly shrinks by itself: what it repeats stands in the events before it. A client's inflater keeps the
//! last 32 KiB of what came compressed, and everything that a connection gets of a room comes in the same order for all.
//! So the events of one room may build on each other, and are still compressed once: for those connections whose last
//! compressed messages were these very events ([`Packing::Building`]). Nothing else is sent compressed to them: not the
//! answers, not what is read from the log; and where another room's events come in between, the connection starts over
//! with events that stand alone. So no text can be guessed by what it does to the size of another room's or another
//! person's, which is what CRIME and BREACH live on.
//!
//! Deliberately absent: contexts of single connections, which cost 300 KB each.

use std::collections::VecDeque;

use bytes::Bytes;
use common::id::{RoomId, Seq};
use wire::Opcode;
use wire::deflate::Deflater;
use wire::encode::{self, Header};

use crate::bus::letter::Published;

/// How hard events are compressed. Beyond this a short text gains nothing.
const LEVEL: u32 = 6;

/// Bytes of a room's last events that the next ones may refer to: more gains little and has to be read anew each time.
const HISTORY: usize = 4 * 1024;

/// How a connection takes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// As they are.
    Plain,
    /// Compressed, each by itself.
    Alone,
    /// Compressed, and building on each other: all events of this room from this one on were the last that it got
    /// compressed.
    Building(Option<(RoomId, Seq)>),
}

/// What compresses, for all rooms of a shard.
#[derive(Debug)]
pub(super) struct Packer {
    deflater: Deflater,
    /// Kept for its memory.
    compressed: Vec<u8>,
}

/// The last events of a room, that the next ones may build on.
#[derive(Debug, Default)]
pub(super) struct History {
    texts: VecDeque<u8>,
    /// Which events, and how long each is.
    events: VecDeque<(Seq, usize)>,
}

/// Events that were compressed.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) bytes: Bytes,
    /// Where each event ends.
    pub(super) ends: Vec<usize>,
}

impl Packing {
    /// Something was sent that the others did not get.
    pub(super) fn forget(&mut self) {
        if let Self::Building(context) = self {
            *context = None;
        }
    }
}

impl Packer {
    pub(super) fn new() -> Self {
        Self { deflater: Deflater::new(15, LEVEL), compressed: Vec::new() }
    }

    /// Compresses events that build on those before them.
    pub(super) fn build(&mut self, history: &mut History, run: &[&Published]) -> Packed {
        self.deflater.reset();
        if !history.texts.is_empty() {
            self.deflater.prime(history.texts.make_contiguous());
        }
        let packed = self.pack(run.iter().map(|published| published.payload()), |_| {});
        run.iter().for_each(|published| history.keep(published));
        packed
    }

    /// Compresses events that stand alone.
    pub(super) fn alone(&mut self, run: &[&Published]) -> Packed {
        self.deflater.reset();
        self.pack(run.iter().map(|published| published.payload()), Deflater::reset)
    }

    fn pack<'a>(&mut self, payloads: impl Iterator<Item = &'a [u8]>, between: impl Fn(&mut Deflater)) -> Packed {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for payload in payloads {
            self.compressed.clear();
            self.deflater.message(payload, &mut self.compressed);
            encode::frame(&mut bytes, Header::new(Opcode::Text).compressed(), &self.compressed);
            ends.push(bytes.len());
            between(&mut self.deflater);
        }
        Packed { bytes: bytes.into(), ends }
    }
}

impl History {
    /// The first event that what is built may refer to; none where it refers to nothing.
    pub(super) fn since(&self) -> Option<Seq> {
        self.events.front().map(|(seq, _)| *seq)
    }

    fn keep(&mut self, published: &Published) {
        let (seq, payload) = (published.event.seq, published.payload());
        if self.events.back().is_some_and(|(last, _)| last.next() != seq) {
            *self = Self::default();
        }
        self.events.push_back((seq, payload.len()));
        self.texts.extend(payload);
        while self.texts.len() > HISTORY {
            let Some((_, len)) = self.events.pop_front() else { return };
            self.texts.drain(..len);
        }
    }
}
