//! The frames in a stream of bytes, as they are on the wire: what `wire` hides, for those who want to see it.
//!
//! Deliberately absent: judgement. Where a peer breaks the rules, `wire` ends the connection.

use common::labs::{Side, TAP_PAYLOAD};
use common::relay::Told;
use data_encoding::HEXLOWER;

/// Reads one side's frames.
#[derive(Debug)]
pub(super) struct Frames {
    from: Side,
    header: Vec<u8>,
    payload: Vec<u8>,
    /// Bytes of payload, and how many of them are still to come; none while the header is.
    len: Option<(u64, u64)>,
}

impl Frames {
    pub(super) const fn new(from: Side) -> Self {
        Self { from, header: Vec::new(), payload: Vec::new(), len: None }
    }

    /// Reads up to the end of the next frame, or of the bytes. Returns how many bytes that took, and the frame if it ends
    /// there.
    pub(super) fn next(&mut self, bytes: &[u8]) -> (usize, Option<Told>) {
        let mut taken = 0;
        let (len, rest) = loop {
            if let Some(len) = self.len.or_else(|| length(&self.header).map(|len| (len, len))) {
                break len;
            }
            let Some(byte) = bytes.get(taken) else { return (taken, None) };
            self.header.push(*byte);
            taken += 1;
        };
        let there = bytes.get(taken..).unwrap_or_default();
        let most = usize::try_from(rest).unwrap_or(usize::MAX).min(there.len());
        let seen = there.get(..most.min(TAP_PAYLOAD - self.payload.len())).unwrap_or_default();
        self.payload.extend_from_slice(seen);
        let rest = rest - most as u64;
        if rest > 0 {
            self.len = Some((len, rest));
            return (taken + most, None);
        }
        let frame = Told::Frame {
            from: self.from,
            header: HEXLOWER.encode(&self.header),
            len,
            payload: HEXLOWER.encode(&self.payload),
        };
        *self = Self::new(self.from);
        (taken + most, Some(frame))
    }

    /// The frames that are all there.
    pub(super) fn all(&mut self, mut bytes: &[u8]) -> Vec<Told> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let (taken, frame) = self.next(bytes);
            all.extend(frame);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        all
    }
}

/// Bytes of payload, once the header is whole (RFC 6455, section 5.2).
fn length(header: &[u8]) -> Option<u64> {
    let (_, rest) = header.split_first()?;
    let (second, rest) = rest.split_first()?;
    let (len, rest) = match second & 0x7f {
        126 => rest.split_first_chunk().map(|(len, rest)| (u64::from(u16::from_be_bytes(*len)), rest))?,
        127 => rest.split_first_chunk().map(|(len, rest)| (u64::from_be_bytes(*len), rest))?,
        short => (u64::from(short), rest),
    };
    let key = if second & 0x80 == 0 { 0 } else { 4 };
    (rest.len() == key).then_some(len)
}

#[cfg(test)]
mod tests {
    use wire::Opcode;
    use wire::encode::{Header, frame};

    use super::*;

    #[test]
    fn frames_are_found_however_they_are_cut() {
        let mut bytes = Vec::new();
        frame(&mut bytes, Header::new(Opcode::Text), b"Hello");
        frame(&mut bytes, Header::new(Opcode::Binary).masked([1, 2, 3, 4]), &[0; 300]);
        frame(&mut bytes, Header::new(Opcode::Ping), b"");
        frame(&mut bytes, Header::new(Opcode::Binary), &vec![7; 70_000]);
        let whole = Frames::new(Side::Server).all(&bytes);
        let Told::Frame { header, len, payload, .. } = &whole[1] else { panic!("no frame") };
        assert_eq!((header.as_str(), *len, payload.len()), ("82fe012c01020304", 300, 2 * TAP_PAYLOAD));
        assert!(payload.starts_with("01020304"));
        assert_eq!(whole.len(), 4);
        for cut in (1..40).chain([311, 70_000]) {
            let mut frames = Frames::new(Side::Server);
            let pieces: Vec<_> = bytes.chunks(cut).flat_map(|piece| frames.all(piece)).collect();
            assert_eq!(pieces, whole, "cut every {cut}");
        }
    }
}
