//! Bytes that have arrived, and how far they are decoded.

use std::ops::Range;

use crate::mask::Mask;

/// What has arrived. Frames are unmasked where they lie, so the buffer is changed by decoding it.
#[derive(Debug)]
pub struct Input<'b> {
    bytes: &'b mut [u8],
    /// Where the rest begins. Never beyond the end.
    at: usize,
}

impl<'b> Input<'b> {
    /// All of `bytes` is yet to be decoded.
    #[must_use]
    pub fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes are used up.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// What is not decoded yet.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Moves on by `n` bytes, which must be there.
    pub(crate) fn skip(&mut self, n: usize) {
        self.at = (self.at + n).min(self.bytes.len());
    }

    /// Uses up everything.
    pub(crate) fn skip_all(&mut self) {
        self.at = self.bytes.len();
    }

    /// Takes at most `most` bytes, unmasked in place, and turns the mask on for what follows them.
    pub(crate) fn take(&mut self, most: usize, mask: &mut Mask) -> &[u8] {
        let range = self.unmask(most, mask);
        self.slice(range)
    }

    /// The same, saying where they are instead of lending them.
    pub(crate) fn unmask(&mut self, most: usize, mask: &mut Mask) -> Range<usize> {
        let start = self.at;
        self.skip(most);
        let range = start..self.at;
        if let Some(bytes) = self.bytes.get_mut(range.clone()) {
            mask.apply(bytes);
        }
        range
    }

    /// What [`Input::unmask`] has unmasked.
    pub(crate) fn slice(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }
}
