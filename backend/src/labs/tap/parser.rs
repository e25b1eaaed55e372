//! Finds the frames in one direction's bytes, however these are cut, without I/O.
//!
//! `wire`'s decoder does not serve here: it judges, unmasks and collects, and a tap must show frames as they are, the
//! wrong ones too. All that cannot be read is a length beyond 2⁶³ − 1 (RFC 6455, section 5.2). Memory is bounded by
//! [`TAP_PAYLOAD`], however long a frame is. Deliberately absent: rules.

use common::labs::TAP_PAYLOAD;

/// Bytes that the longest header has: two, eight of length, four of masking key.
const MOST_HEADER: usize = 14;

/// The opcode of a Close.
const CLOSE: u8 = 8;

/// A frame, told as soon as its header and the beginning of its payload have passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::labs) struct Frame {
    /// All of the header, the masking key included.
    pub(in crate::labs) header: Vec<u8>,
    /// Bytes of payload.
    pub(in crate::labs) len: u64,
    /// The first [`TAP_PAYLOAD`] bytes of it, as on the wire.
    pub(in crate::labs) payload: Vec<u8>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::labs) enum Found {
    /// A frame.
    Frame(Frame),
    /// A header that has no meaning. Where the next one begins is not known, so that nothing more is found.
    Unreadable(Vec<u8>),
}

/// One direction.
#[derive(Debug, Default)]
pub(in crate::labs) struct Parser {
    stage: Stage,
    /// What has come of the present frame's header.
    header: Vec<u8>,
    /// What has come of the present frame's payload, at most [`TAP_PAYLOAD`] bytes.
    payload: Vec<u8>,
    /// Bytes of the present frame's payload, and how many of them are still to come.
    len: u64,
    left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Header,
    /// The beginning of a payload, which is kept.
    Beginning,
    /// The rest of it, which is counted.
    Rest,
    Lost,
}

impl Parser {
    /// Goes on with what has come, up to the next find. `bytes` is then what is left of it; empty if there is no find.
    pub(in crate::labs) fn next(&mut self, bytes: &mut &[u8]) -> Option<Found> {
        while !bytes.is_empty() {
            match self.stage {
                Stage::Header => {
                    if let Some(found) = self.header(bytes) {
                        return Some(found);
                    }
                }
                Stage::Beginning => {
                    let kept = self.pass(bytes, TAP_PAYLOAD - self.payload.len());
                    self.payload.extend_from_slice(kept);
                    if self.left == 0 || self.payload.len() == TAP_PAYLOAD {
                        return Some(self.told());
                    }
                }
                Stage::Rest => {
                    let _counted = self.pass(bytes, usize::MAX);
                    if self.left == 0 {
                        self.stage = Stage::Header;
                    }
                }
                Stage::Lost => *bytes = &[],
            }
        }
        None
    }

    /// Whether a frame has begun and not ended.
    pub(in crate::labs) fn is_within(&self) -> bool {
        self.stage != Stage::Lost && (self.left > 0 || !self.header.is_empty())
    }

    /// Reads one byte of a header.
    fn header(&mut self, bytes: &mut &[u8]) -> Option<Found> {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        self.header.push(*first);
        let (long, masked) = match self.header.get(1)? & 0x7f {
            126 => (2, self.is_masked()),
            127 => (8, self.is_masked()),
            _ => (0, self.is_masked()),
        };
        if self.header.len() < 2 + long + if masked { 4 } else { 0 } {
            return None;
        }
        debug_assert!(self.header.len() <= MOST_HEADER, "no header is longer");
        let length = self.header.get(2..2 + long).unwrap_or_default();
        self.len = match self.header.get(1)? & 0x7f {
            short @ ..=125 => short.into(),
            _ => length.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)),
        };
        if self.len >> 63 == 1 {
            self.stage = Stage::Lost;
            return Some(Found::Unreadable(std::mem::take(&mut self.header)));
        }
        self.left = self.len;
        self.stage = Stage::Beginning;
        (self.len == 0).then(|| self.told())
    }

    fn is_masked(&self) -> bool {
        self.header.get(1).is_some_and(|second| second & 0x80 != 0)
    }

    /// Takes what belongs to the present payload, at most `most`.
    fn pass<'b>(&mut self, bytes: &mut &'b [u8], most: usize) -> &'b [u8] {
        let n = bytes.len().min(most).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let (passed, rest) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
        *bytes = rest;
        self.left -= n as u64;
        passed
    }

    fn told(&mut self) -> Found {
        self.stage = if self.left == 0 { Stage::Header } else { Stage::Rest };
        let (header, payload) = (std::mem::take(&mut self.header), std::mem::take(&mut self.payload));
        Found::Frame(Frame { header, len: self.len, payload })
    }
}

impl Frame {
    /// What a Close says, its code and reason; `None` for any other frame.
    pub(in crate::labs) fn close(&self) -> Option<(Option<u16>, String)> {
        if self.header.first()? & 0x0f != CLOSE {
            return None;
        }
        Some(match self.plain().split_first_chunk() {
            Some((code, reason)) => (Some(u16::from_be_bytes(*code)), String::from_utf8_lossy(reason).into_owned()),
            None => (None, String::new()),
        })
    }

    /// Whether the header says that the payload is masked.
    pub(in crate::labs) fn is_masked(&self) -> bool {
        self.header.get(1).is_some_and(|second| second & 0x80 != 0)
    }

    /// The beginning of the payload, unmasked.
    pub(in crate::labs) fn plain(&self) -> Vec<u8> {
        let key = self.header.last_chunk::<4>().filter(|_| self.is_masked()).copied().unwrap_or_default();
        self.payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }
}

#[cfg(test)]
mod tests;
