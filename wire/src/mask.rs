//! Masking (RFC 6455, section 5.3): every byte is combined with one of the key's four, in turn.

/// A masking key, turned to the byte that comes next: that one is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(u32);

impl Mask {
    /// Changes nothing.
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn new(key: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(key))
    }

    /// Masks or unmasks, which is the same, and turns the key for what follows.
    #[inline]
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        let Self(key) = *self;
        if key == 0 {
            return;
        }
        let half = u64::from(key) << 32 | u64::from(key);
        let wide = u128::from(half) << 64 | u128::from(half);
        // Whole chunks leave the key as it is, for four divides their length.
        let (chunks, rest) = bytes.as_chunks_mut::<16>();
        for chunk in chunks {
            *chunk = (u128::from_le_bytes(*chunk) ^ wide).to_le_bytes();
        }
        let (chunks, rest) = rest.as_chunks_mut::<4>();
        for chunk in chunks {
            *chunk = (u32::from_le_bytes(*chunk) ^ key).to_le_bytes();
        }
        for byte in rest {
            *byte ^= self.next();
        }
    }

    fn next(&mut self) -> u8 {
        let [next, ..] = self.0.to_le_bytes();
        self.0 = self.0.rotate_right(8);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The RFC's own words: octet i is combined with octet i mod 4 of the key.
    fn plainly(key: [u8; 4], bytes: &mut [u8]) {
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte ^= key[i % 4];
        }
    }

    #[test]
    fn every_length_and_cut_is_masked_as_the_rfc_says() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let bytes: Vec<u8> = (0..100).collect();
        for len in 0..bytes.len() {
            let mut expected = bytes[..len].to_vec();
            plainly(key, &mut expected);
            for cut in 0..=len {
                let mut masked = bytes[..len].to_vec();
                let mut mask = Mask::new(key);
                let (before, after) = masked.split_at_mut(cut);
                mask.apply(before);
                mask.apply(after);
                assert_eq!(masked, expected, "{len} bytes, cut at {cut}");
            }
        }
    }

    #[test]
    fn the_rfcs_example_is_unmasked() {
        let mut bytes = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        Mask::new([0x37, 0xfa, 0x21, 0x3d]).apply(&mut bytes);
        assert_eq!(&bytes, b"Hello");
    }
}
