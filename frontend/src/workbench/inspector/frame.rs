//! The arithmetic of frames: RFC 6455, section 5.2. Pure; the lessons use it as well.
//!
//! Deliberately absent: what is in a payload, and compression, of which only the mark (RSV1, RFC 7692) is known here.

/// Opcode of a frame that goes on with the message before it.
pub const CONTINUATION: u8 = 0;
/// Opcode of a text.
pub const TEXT: u8 = 1;
/// Opcode of a message of bytes.
pub const BINARY: u8 = 2;
/// Opcode of a Close.
pub const CLOSE: u8 = 8;
/// Opcode of a ping.
pub const PING: u8 = 9;
/// Opcode of a pong.
pub const PONG: u8 = 10;

/// Bytes of a masking key.
pub const KEY: usize = 4;

/// A header that has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Whether it is the message's last frame.
    pub fin: bool,
    /// The three reserved bits, RSV1 being worth 4.
    pub rsv: u8,
    /// What sort of frame it is, 0 to 15.
    pub opcode: u8,
    /// Whether a masking key is said to come.
    pub masked: bool,
    /// The seven bits behind MASK: 126 and 127 say that the length follows in 16 and in 64 bits.
    pub short: u8,
    /// Bytes of payload.
    pub len: u64,
    /// The masking key, where it was there.
    pub key: Option<[u8; KEY]>,
}

impl Head {
    /// Whether the payload is compressed, if `permessage-deflate` was agreed on: RSV1.
    #[must_use]
    pub const fn is_compressed(&self) -> bool {
        self.rsv & 4 != 0
    }

    /// Whether it is a Close, a ping or a pong, or what may become such a frame one day.
    #[must_use]
    pub const fn is_control(&self) -> bool {
        is_control(self.opcode)
    }

    /// Bytes of the header without its masking key: 2, 4 or 10.
    #[must_use]
    pub const fn base(&self) -> u64 {
        2 + wide(self.short) as u64
    }

    /// Bytes of the header with its masking key.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.base() + if self.masked { KEY as u64 } else { 0 }
    }
}

/// Whether the opcode is that of a control frame.
#[must_use]
pub const fn is_control(opcode: u8) -> bool {
    opcode & 8 != 0
}

/// What RFC 6455 calls the opcode.
#[must_use]
pub const fn name(opcode: u8) -> &'static str {
    match opcode {
        CONTINUATION => "continuation",
        TEXT => "text",
        BINARY => "binary",
        CLOSE => "close",
        PING => "ping",
        PONG => "pong",
        _ => "reserved",
    }
}

/// How many bytes hold the length behind the first two.
const fn wide(short: u8) -> usize {
    match short {
        127 => 8,
        126 => 2,
        _ => 0,
    }
}

/// The header of a message's only frame, without its masking key: 2, 4 or 10 bytes, the length in the fewest.
#[must_use]
pub fn header(opcode: u8, len: u64, masked: bool) -> Vec<u8> {
    let short = match len {
        ..=125 => len.to_le_bytes()[0],
        126..=0xffff => 126,
        _ => 127,
    };
    let mut bytes = vec![0x80 | opcode, u8::from(masked) << 7 | short];
    bytes.extend(len.to_be_bytes().into_iter().skip(8 - wide(short)));
    bytes
}

/// Reads a header. None where it ends within its length; a key that is not there (for a page cannot read it) is none.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Head> {
    let [first, second, rest @ ..] = bytes else { return None };
    let short = second & 127;
    let wide = wide(short);
    let len = if wide == 0 {
        short.into()
    } else {
        rest.get(..wide)?.iter().fold(0, |len: u64, byte| len << 8 | u64::from(*byte))
    };
    let masked = second & 128 != 0;
    let key = if masked { rest.get(wide..).and_then(<[u8]>::first_chunk).copied() } else { None };
    Some(Head { fin: first & 128 != 0, rsv: first >> 4 & 7, opcode: first & 15, masked, short, len, key })
}

/// The byte at `at` masked, or unmasked again: exclusive or with a byte of the key.
#[must_use]
pub fn mask(byte: u8, key: [u8; KEY], at: usize) -> u8 {
    byte ^ key_byte(key, at)
}

/// The byte of the key for the payload's byte at `at`.
#[must_use]
pub fn key_byte(key: [u8; KEY], at: usize) -> u8 {
    key.get(at % KEY).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_takes_the_fewest_bytes() {
        assert_eq!(header(TEXT, 0, false), [0x81, 0]);
        assert_eq!(header(TEXT, 125, true), [0x81, 0xfd]);
        assert_eq!(header(BINARY, 126, false), [0x82, 126, 0, 126]);
        assert_eq!(header(BINARY, 65_535, true), [0x82, 0xfe, 0xff, 0xff]);
        assert_eq!(header(BINARY, 65_536, false), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(header(TEXT, 1 << 32, true), [0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn what_was_written_is_read() {
        for len in [0, 1, 125, 126, 65_535, 65_536, 1 << 32, u64::MAX] {
            for masked in [false, true] {
                let bytes = header(PONG, len, masked);
                let head = parse(&bytes).unwrap();
                assert_eq!((head.opcode, head.len, head.masked, head.fin, head.rsv), (PONG, len, masked, true, 0));
                assert_eq!((head.base(), head.key), (bytes.len() as u64, None));
            }
        }
    }

    /// The examples of RFC 6455, section 5.7.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        let head = parse(&masked).unwrap();
        assert_eq!((head.size(), head.len), (6, 5));
        let key = head.key.unwrap();
        let plain: Vec<u8> = masked[6..].iter().enumerate().map(|(at, byte)| mask(*byte, key, at)).collect();
        assert_eq!(plain, b"Hello");
        let first = parse(&[0x01, 0x03]).unwrap();
        assert_eq!((first.fin, first.opcode), (false, TEXT));
        assert_eq!(parse(&[0x80, 0x02]).unwrap().opcode, CONTINUATION);
    }

    #[test]
    fn the_reserved_bits_are_told_apart() {
        let head = parse(&[0xc1, 0x07]).unwrap();
        assert!(head.is_compressed() && head.fin && !head.is_control());
        assert_eq!(parse(&[0xb9, 0]).unwrap().rsv, 3);
    }

    #[test]
    fn a_header_that_ends_too_soon_is_none() {
        for bytes in [&[][..], &[0x81], &[0x81, 126], &[0x81, 126, 1], &[0x82, 127, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(parse(bytes), None);
        }
        assert_eq!(parse(&[0x81, 0x85, 1, 2, 3]).unwrap().key, None);
    }
}
