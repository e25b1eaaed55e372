//! Masking (RFC 6455, section 5.3): every byte is combined with one of the key's four, in turn.

/// A masking key, turned to the byte that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask([u8; 4]);

impl Mask {
    /// Changes nothing.
    pub(crate) const NONE: Self = Self([0; 4]);

    pub(crate) const fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Masks or unmasks, which is the same, and turns the key for what follows.
    #[inline]
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        if *self == Self::NONE {
            return;
        }
        let [a, b, c, d] = self.0;
        let wide = [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d];
        // Whole chunks leave the key as it is, for four divides their length.
        let (chunks, rest) = bytes.as_chunks_mut::<16>();
        for chunk in chunks {
            *chunk = (u128::from_ne_bytes(*chunk) ^ u128::from_ne_bytes(wide)).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(wide) {
            *byte ^= key;
        }
        self.0.rotate_left(rest.len() % 4);
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
