//! What really went over the wire of the present connection, where somebody has told: the tap of this server, or its relay.
//! Pure.
//!
//! Messages are counted on both sides of the browser's object, and data frames on the wire: the k-th message sent is the
//! k-th one of the client's frames, for WebSocket keeps the order. Where records are missing, nothing after them is matched.

use common::labs::{Handshake, Side};

use super::frame::{self, Head};

/// How many frames are kept, and how many messages are counted by name; the oldest go first.
pub const MOST: usize = 10_000;

/// How many go at once.
const CHUNK: usize = 1_000;

/// A frame as it was on the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Whose.
    pub from: Side,
    /// Counts the frames of this side, from 0, where that is told.
    pub n: Option<u64>,
    /// Microseconds since the handshake was answered; where the relay tells, since the connection was begun.
    pub at: f64,
    /// All of its header, the masking key included.
    pub header: Vec<u8>,
    /// The same, read.
    pub head: Head,
    /// The first bytes of its payload, masked and compressed as they were.
    pub payload: Vec<u8>,
    /// Which message of its side it is a part of, from 0. None for control frames, and where records were missing.
    pub message: Option<u32>,
}

impl Frame {
    /// The frame that begins with this header. None where it is no header.
    #[must_use]
    pub fn new(from: Side, n: Option<u64>, at: f64, header: Vec<u8>, payload: Vec<u8>) -> Option<Self> {
        let head = frame::parse(&header)?;
        Some(Self { from, n, at, header, head, payload, message: None })
    }

    /// The first bytes of its payload, unmasked.
    #[must_use]
    pub fn plain(&self) -> Vec<u8> {
        let key = self.head.key.unwrap_or_default();
        self.payload.iter().enumerate().map(|(at, byte)| frame::mask(*byte, key, at)).collect()
    }
}

/// One side's messages, counted.
#[derive(Debug, Default)]
struct Count {
    /// Entries of the log, one for each message, without the oldest.
    ids: Vec<u32>,
    /// How many of the oldest are not there.
    gone: u32,
    /// How many messages have begun on the wire.
    begun: u32,
    /// The number of the next frame.
    next: u64,
    /// Whether records were missing.
    lost: bool,
}

/// What is known of one connection's wire.
#[derive(Debug, Default)]
pub struct Wire {
    /// The frames, without the oldest.
    pub frames: Vec<Frame>,
    /// How many of the oldest are not there.
    pub gone: u32,
    /// The handshake.
    pub handshake: Option<Handshake>,
    /// Whose doing the end was, and why.
    pub end: Option<(Side, String)>,
    client: Count,
    server: Count,
}

impl Wire {
    const fn side(&mut self, side: Side) -> &mut Count {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// A message was sent or received, and is this entry of the log.
    pub fn count(&mut self, side: Side, id: u32) {
        let count = self.side(side);
        if count.ids.len() >= MOST {
            count.ids.drain(..CHUNK);
            count.gone += 1_000;
        }
        count.ids.push(id);
    }

    /// Which message of its side the entry is, from 0.
    #[must_use]
    pub fn number(&self, side: Side, id: u32) -> Option<u32> {
        let count = match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        };
        let at = u32::try_from(count.ids.binary_search(&id).ok()?).ok()?;
        Some(count.gone + at)
    }

    /// A frame was told.
    pub fn add(&mut self, mut frame: Frame) {
        let count = self.side(frame.from);
        if let Some(n) = frame.n {
            count.lost |= n != count.next;
            count.next = n + 1;
        }
        if !frame.head.is_control() {
            if frame.head.opcode != frame::CONTINUATION {
                count.begun += 1;
            }
            frame.message = count.begun.checked_sub(1).filter(|_| !count.lost);
        }
        if self.frames.len() >= MOST {
            self.frames.drain(..CHUNK);
            self.gone += 1_000;
        }
        self.frames.push(frame);
    }

    /// The frame that was told as this one of all, from 0.
    #[must_use]
    pub fn frame(&self, seq: u32) -> Option<&Frame> {
        self.frames.get(seq.checked_sub(self.gone)? as usize)
    }

    /// How many frames were told.
    #[must_use]
    pub fn told(&self) -> u32 {
        self.gone + u32::try_from(self.frames.len()).unwrap_or_default()
    }

    /// The first frame of which this holds.
    pub fn find(&self, is: &dyn Fn(&Frame) -> bool) -> Option<u32> {
        let at = self.frames.iter().position(is)?;
        Some(self.gone + u32::try_from(at).ok()?)
    }

    /// The first frame of the message that is this entry of the log.
    #[must_use]
    pub fn of(&self, side: Side, id: u32) -> Option<u32> {
        let number = self.number(side, id)?;
        self.find(&|frame| frame.from == side && frame.message == Some(number))
    }

    /// The Close that came, else the one that was sent.
    #[must_use]
    pub fn close(&self) -> Option<u32> {
        let of = |side| self.find(&|frame| frame.from == side && frame.head.opcode == frame::CLOSE);
        of(Side::Server).or_else(|| of(Side::Client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(from: Side, n: u64, opcode: u8, fin: bool) -> Frame {
        let header = vec![opcode | u8::from(fin) << 7, 1];
        Frame::new(from, Some(n), 0.0, header, vec![b'x']).unwrap()
    }

    #[test]
    fn messages_and_frames_meet_by_their_order() {
        let mut wire = Wire::default();
        wire.count(Side::Client, 4);
        wire.count(Side::Server, 5);
        wire.count(Side::Client, 9);
        wire.add(told(Side::Client, 0, frame::TEXT, true));
        wire.add(told(Side::Server, 0, frame::TEXT, false));
        wire.add(told(Side::Server, 1, frame::PING, true));
        wire.add(told(Side::Client, 1, frame::PONG, true));
        wire.add(told(Side::Server, 2, frame::CONTINUATION, true));
        wire.add(told(Side::Client, 2, frame::BINARY, true));
        assert_eq!(wire.of(Side::Client, 4), Some(0));
        assert_eq!(wire.of(Side::Server, 5), Some(1));
        assert_eq!(wire.of(Side::Client, 9), Some(5));
        assert_eq!(wire.of(Side::Client, 5), None);
        let parts: Vec<_> = wire.frames.iter().map(|frame| frame.message).collect();
        assert_eq!(parts, [Some(0), Some(0), None, None, Some(0), Some(1)]);
        assert_eq!(wire.close(), None);
    }

    #[test]
    fn nothing_is_matched_after_missing_records() {
        let mut wire = Wire::default();
        (0..3).for_each(|id| wire.count(Side::Client, id));
        wire.add(told(Side::Client, 0, frame::TEXT, true));
        wire.add(told(Side::Client, 2, frame::TEXT, true));
        assert_eq!((wire.of(Side::Client, 0), wire.of(Side::Client, 1)), (Some(0), None));
    }

    #[test]
    fn the_oldest_go_and_the_others_keep_their_numbers() {
        let mut wire = Wire::default();
        for n in 0..10_001 {
            wire.count(Side::Server, n);
            wire.add(told(Side::Server, n.into(), frame::TEXT, true));
        }
        assert_eq!((wire.frames.len(), wire.told(), wire.gone), (9_001, 10_001, 1_000));
        assert_eq!((wire.of(Side::Server, 999), wire.of(Side::Server, 10_000)), (None, Some(10_000)));
        assert_eq!(wire.frame(1_000).unwrap().message, Some(1_000));
        assert_eq!(wire.number(Side::Server, 10_000), Some(10_000));
    }

    #[test]
    fn a_masked_payload_is_shown_plain() {
        let header = vec![0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d];
        let frame = Frame::new(Side::Client, None, 0.0, header, vec![0x7f, 0x9f, 0x4d, 0x51, 0x58]).unwrap();
        assert_eq!(frame.plain(), b"Hello");
        assert_eq!(Frame::new(Side::Client, None, 0.0, vec![0x81], Vec::new()), None);
    }
}
