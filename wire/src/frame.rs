//! The head of a frame (RFC 6455, section 5.2): everything that stands before its payload, and what is wrong with it.

use crate::mask::Mask;
use crate::{Role, Rules, Violation};

/// The final bit: the message ends with this frame.
pub(crate) const FIN: u8 = 0x80;
/// The first reserved bit: the message is compressed (RFC 7692, section 6).
pub(crate) const RSV1: u8 = 0x40;
/// The reserved bits that nothing has a meaning for.
const RSV2_RSV3: u8 = 0x30;
/// In the second byte: a masking key follows the length.
pub(crate) const MASKED: u8 = 0x80;
/// Bytes in the payload of a control frame (RFC 6455, section 5.5).
pub(crate) const MOST_CONTROL: usize = 125;
/// Bytes in the longest head: two, eight of length, four of key.
pub(crate) const MOST_HEAD: usize = 14;

/// What a frame is (RFC 6455, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// A further fragment of the message that was begun.
    Continuation = 0x0,
    /// A text, or its first fragment.
    Text = 0x1,
    /// Bytes, or their first fragment.
    Binary = 0x2,
    /// The last frame.
    Close = 0x8,
    /// To be answered.
    Ping = 0x9,
    /// An answer.
    Pong = 0xa,
}

impl Opcode {
    /// Whether frames of this kind are whole, short, and allowed between the fragments of a message.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }

    const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }
}

/// A message of which some frames are still to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unfinished {
    /// Bytes so far.
    pub(crate) len: usize,
    /// Frames so far.
    pub(crate) frames: u32,
    pub(crate) compressed: bool,
}

/// What the head of the next frame is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'r> {
    pub(crate) rules: &'r Rules,
    /// Whether compression is agreed.
    pub(crate) deflate: bool,
    pub(crate) unfinished: Option<Unfinished>,
}

/// The head of a frame that may stand where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) fin: bool,
    pub(crate) compressed: bool,
    pub(crate) opcode: Opcode,
    pub(crate) mask: Mask,
    /// Bytes of payload.
    pub(crate) payload: usize,
    /// Bytes of the head itself.
    pub(crate) size: usize,
}

impl Expected<'_> {
    /// Reads the head at the beginning of `bytes`; `None` when more bytes are needed. Each byte is judged by itself, so
    /// that a head that is cut is refused with the first byte that is wrong.
    #[inline]
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Option<Head>, Violation> {
        let Some((&first, bytes)) = bytes.split_first() else { return Ok(None) };
        let opcode = self.kind(first)?;
        let Some((&second, bytes)) = bytes.split_first() else { return Ok(None) };
        let masked = self.masked(second)?;
        let (length, bytes, long) = match second & !MASKED {
            short @ ..=125 => (u64::from(short), bytes, 0),
            _ if opcode.is_control() => return Err(Violation::CONTROL_TOO_LONG),
            126 => match bytes.split_first_chunk() {
                Some((length, bytes)) => (middle(*length)?, bytes, 2),
                None => return Ok(None),
            },
            _ => match bytes.split_first_chunk() {
                Some((length, bytes)) => (long_length(*length)?, bytes, 8),
                None => return Ok(None),
            },
        };
        let compressed = first & RSV1 != 0;
        let payload = self.fitting(length, opcode, compressed)?;
        let (mask, key) = match bytes.first_chunk() {
            _ if !masked => (Mask::NONE, 0),
            Some(key) => (Mask::new(*key), 4),
            None => return Ok(None),
        };
        let size = 2 + long + key;
        Ok(Some(Head { fin: first & FIN != 0, compressed, opcode, mask, payload, size }))
    }

    /// Judges the first byte.
    #[inline]
    fn kind(&self, first: u8) -> Result<Opcode, Violation> {
        if first & RSV2_RSV3 != 0 || (first & RSV1 != 0 && !self.deflate) {
            return Err(Violation::RESERVED_BITS);
        }
        let opcode = Opcode::from_bits(first & 0x0f).ok_or(Violation::RESERVED_OPCODE)?;
        let fin = first & FIN != 0;
        let starts = matches!(opcode, Opcode::Text | Opcode::Binary);
        if first & RSV1 != 0 && !starts {
            return Err(Violation::RESERVED_BITS);
        }
        match self.unfinished {
            _ if opcode.is_control() => {
                if fin {
                    Ok(opcode)
                } else {
                    Err(Violation::CONTROL_FRAGMENTED)
                }
            }
            None if !starts => Err(Violation::CONTINUES_NOTHING),
            Some(_) if starts => Err(Violation::INTERRUPTED),
            Some(message) if message.frames >= self.rules.max_fragments => Err(Violation::FRAGMENTS),
            None | Some(_) => Ok(opcode),
        }
    }

    #[inline]
    fn masked(&self, second: u8) -> Result<bool, Violation> {
        match (self.rules.role, second & MASKED != 0) {
            (Role::Server, false) => Err(Violation::UNMASKED),
            (Role::Client, true) => Err(Violation::MASKED),
            (_, masked) => Ok(masked),
        }
    }

    /// The length, if the message may be as long as it would be with this frame.
    #[inline]
    fn fitting(&self, length: u64, opcode: Opcode, compressed: bool) -> Result<usize, Violation> {
        let length = usize::try_from(length).map_err(|_huge| Violation::TOO_BIG)?;
        if opcode.is_control() {
            return Ok(length);
        }
        let (so_far, compressed) = match self.unfinished {
            Some(message) => (message.len, message.compressed),
            None => (0, compressed),
        };
        let most = if compressed { most_compressed(self.rules.max_message) } else { self.rules.max_message };
        match most.checked_sub(so_far) {
            Some(room) if length <= room => Ok(length),
            _ => Err(Violation::TOO_BIG),
        }
    }
}

/// Bytes that a message of `most` bytes may take when it is compressed. What cannot be compressed gets longer, with
/// zlib's least memory by an eighth; that is what its own `deflateBound` reckons with.
const fn most_compressed(most: usize) -> usize {
    most.saturating_add(most / 8).saturating_add(64)
}

#[inline]
fn middle(length: [u8; 2]) -> Result<u64, Violation> {
    match u16::from_be_bytes(length) {
        ..=125 => Err(Violation::LONG_LENGTH),
        length => Ok(length.into()),
    }
}

#[inline]
fn long_length(length: [u8; 8]) -> Result<u64, Violation> {
    match u64::from_be_bytes(length) {
        ..=0xffff => Err(Violation::LONG_LENGTH),
        length if length >> 63 == 1 => Err(Violation::NEGATIVE_LENGTH),
        length => Ok(length),
    }
}
