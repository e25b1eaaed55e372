//! Finding the messages of a server in what was received, and as little else as possible.
//!
//! This is the generator's hottest path, and must cost less than what the server does to write it: a header is read, the
//! payload is handed out where it lies. Nothing is checked but lengths: that frames are what RFC 6455 wants is checked
//! by [`super::check`] on a sample of the connections, with the codec of the product. Servers do not mask and the
//! servers here do not fragment; who does is told.

/// What stands in a frame's first byte (RFC 6455, section 5.2).
pub(crate) const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// A whole frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// Its opcode.
    pub(crate) opcode: u8,
    /// Whether the payload is compressed (RFC 7692, section 6).
    pub(crate) packed: bool,
    /// What it carries.
    pub(crate) payload: &'a [u8],
}

/// Bytes that are no frame of a server which this generator can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Odd {
    /// A bit of the header that nobody has agreed on, a fragment, or an opcode of no meaning.
    #[error("a frame begins with {0:#010b}")]
    Header(u8),
    /// A masked frame, which only clients send.
    #[error("a masked frame came from a server")]
    Masked,
}

/// The frame that `bytes` begin with and how long it is; `None` while some of it is missing.
#[inline]
pub(crate) fn first(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, Odd> {
    let &[head, short, ref rest @ ..] = bytes else { return Ok(None) };
    let opcode = head & 0x0F;
    if head & 0xB0 != 0x80 || !matches!(opcode, TEXT | BINARY | CLOSE | PING | PONG) {
        return Err(Odd::Header(head));
    }
    if short & 0x80 != 0 {
        return Err(Odd::Masked);
    }
    let (length, header) = match (short, rest) {
        (126, &[a, b, ..]) => (usize::from(u16::from_be_bytes([a, b])), 4),
        (127, &[a, b, c, d, e, f, g, h, ..]) => {
            (usize::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h])).unwrap_or(usize::MAX), 10)
        }
        (126 | 127, _) => return Ok(None),
        (length, _) => (usize::from(length), 2),
    };
    let Some(end) = length.checked_add(header) else { return Ok(None) };
    let payload = bytes.get(header..end);
    Ok(payload.map(|payload| (Frame { opcode, packed: head & 0x40 != 0, payload }, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        wire::encode::text(&mut out, &"x".repeat(length));
        out
    }

    #[test]
    fn a_frame_of_every_size_of_length_is_found() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
            let bytes = text(length);
            let (frame, end) = first(&bytes).unwrap().unwrap();
            assert_eq!((frame.opcode, frame.packed, frame.payload.len(), end), (TEXT, false, length, bytes.len()));
        }
    }

    #[test]
    fn half_a_frame_is_none() {
        for length in [0, 125, 126, 65_536] {
            let bytes = text(length);
            for cut in (0..bytes.len()).step_by(1 + bytes.len() / 50) {
                assert_eq!(first(&bytes[..cut]), Ok(None), "{length} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_no_frame_is_odd() {
        assert_eq!(first(&[0x01, 0]), Err(Odd::Header(0x01)), "a fragment");
        assert_eq!(first(&[0x83, 0]), Err(Odd::Header(0x83)), "a reserved opcode");
        assert_eq!(first(&[0xA1, 0]), Err(Odd::Header(0xA1)), "a reserved bit");
        assert_eq!(first(&[0x81, 0x80, 0, 0, 0, 0]), Err(Odd::Masked));
    }

    #[test]
    fn a_compressed_frame_is_known_by_its_bit() {
        let (frame, _) = first(&[0xC1, 1, 0]).unwrap().unwrap();
        assert!(frame.packed);
    }
}
