//! Reading compressed messages without inflating each.
//!
//! A server without context takeover sends one compressed frame to everybody, so that a frame which was inflated once
//! is known when it comes again: it is compared, byte for byte, with what came before. That is what makes it possible
//! to receive compressed messages as fast as others. With context takeover every connection has its own frames, and
//! every one of them is inflated.

use wire::deflate::{Inflater, Params};

/// Frames that are remembered. A message is on its way to all connections for some milliseconds.
const KNOWN: usize = 4_096;

/// Bytes in a message, once inflated.
const MOST: usize = 1 << 20;

/// Inflates for all connections whose server forgets its context.
#[derive(Debug)]
pub(crate) struct Shared {
    inflater: Inflater,
    known: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Shared {
    /// For what was agreed on; `None` where the server keeps its context.
    pub(crate) fn new(params: &Params) -> Option<Self> {
        params
            .server_no_context_takeover
            .then(|| Self { inflater: inflater(params), known: vec![Default::default(); KNOWN] })
    }

    /// What this compressed message says; `None` where it cannot be inflated.
    #[inline]
    pub(crate) fn unpack(&mut self, packed: &[u8]) -> Option<&[u8]> {
        let (known, text) = self.known.get_mut(slot(packed))?;
        if known != packed {
            let inflated = self.inflater.message(packed, MOST).ok()?;
            packed.clone_into(known);
            inflated.clone_into(text);
        }
        Some(text)
    }
}

/// What a connection of its own needs.
pub(crate) fn inflater(params: &Params) -> Inflater {
    Inflater::new(params.server_max_window_bits, !params.server_no_context_takeover)
}

/// Inflates a message of a server that keeps its context.
pub(crate) fn unpack<'a>(inflater: &'a mut Inflater, packed: &'a [u8]) -> Option<&'a [u8]> {
    inflater.message(packed, MOST).ok()
}

/// Where a frame is remembered: by its length and its last bytes, for messages begin alike.
#[inline]
fn slot(packed: &[u8]) -> usize {
    let tail = packed.last_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let middle = packed.get(packed.len() / 2..).and_then(|rest| rest.first_chunk::<8>());
    let mixed = tail ^ middle.map_or(0, |bytes| u64::from_le_bytes(*bytes)).rotate_left(29) ^ packed.len() as u64;
    // The upper bits of a product depend on all lower ones (Fibonacci hashing).
    usize::try_from(mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_inflated_once_and_known_then() {
        let params = Params { server_no_context_takeover: true, ..Params::default() };
        let mut shared = Shared::new(&params).unwrap();
        let mut deflater = wire::deflate::Deflater::new(15, 6);
        let packed = ["one and one and one", "two and two and two"].map(|text| {
            let mut out = Vec::new();
            deflater.message(text.as_bytes(), &mut out);
            deflater.reset();
            (text, out)
        });
        for (text, packed) in packed.iter().chain(&packed) {
            assert_eq!(shared.unpack(packed), Some(text.as_bytes()));
        }
        assert_eq!(shared.unpack(b"\xff\xff\xff"), None);
    }
}
