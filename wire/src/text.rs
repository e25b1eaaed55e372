//! A text that arrives in pieces and is judged as it arrives.

use crate::Violation;

/// The part of a text that has arrived.
#[derive(Debug, Default)]
pub(crate) struct Text {
    whole: String,
    /// The beginning of a character whose end has not arrived.
    begun: [u8; 4],
    /// How much of `begun` there is: fewer than the character needs.
    begun_len: usize,
}

impl Text {
    pub(crate) fn len(&self) -> usize {
        self.whole.len() + self.begun_len
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.whole.capacity()
    }

    /// Takes the next bytes. Fails with the first byte that no text can have there.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Violation> {
        while self.begun_len > 0 {
            let Some((byte, rest)) = bytes.split_first() else { return Ok(()) };
            bytes = rest;
            self.finish_character(*byte)?;
        }
        let (whole, begun) = bytes.split_at_checked(bytes.len() - cut(bytes)).unwrap_or((bytes, &[]));
        self.whole.push_str(simdutf8::basic::from_utf8(whole).map_err(|_where| Violation::UTF8)?);
        for byte in begun {
            self.finish_character(*byte)?;
        }
        Ok(())
    }

    /// The text, which must not end inside a character.
    pub(crate) fn finish(&self) -> Result<&str, Violation> {
        if self.begun_len > 0 { Err(Violation::UTF8) } else { Ok(&self.whole) }
    }

    /// Adds a byte to the character that was begun, or begins one.
    fn finish_character(&mut self, byte: u8) -> Result<(), Violation> {
        let Some(place) = self.begun.get_mut(self.begun_len) else { return Err(Violation::UTF8) };
        *place = byte;
        self.begun_len += 1;
        let begun = self.begun.get(..self.begun_len).unwrap_or_default();
        match std::str::from_utf8(begun) {
            Ok(character) => {
                self.whole.push_str(character);
                self.begun_len = 0;
                Ok(())
            }
            // Nothing is wrong with it yet.
            Err(error) if error.error_len().is_none() => Ok(()),
            Err(_wrong) => Err(Violation::UTF8),
        }
    }
}

/// How many bytes at the end look like the beginning of a character (RFC 3629, section 3).
fn cut(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3).enumerate();
    for (behind, byte) in last {
        let needs = match byte {
            0x80..=0xbf => continue,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0.. => 4,
            ..=0x7f => 1,
        };
        return if behind + 1 < needs { behind + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_be_cut_anywhere() {
        let text = "a é € 😀 \u{10ffff} z";
        for one in 0..=text.len() {
            for two in one..=text.len() {
                let mut pieces = Text::default();
                for piece in [&text.as_bytes()[..one], &text.as_bytes()[one..two], &text.as_bytes()[two..]] {
                    pieces.push(piece).unwrap();
                }
                assert_eq!(pieces.finish(), Ok(text), "cut at {one} and {two}");
                assert_eq!(pieces.len(), text.len());
            }
        }
    }

    #[test]
    fn the_first_impossible_byte_fails() {
        // Each is possible but for its last byte: overlong, surrogate, beyond U+10FFFF, no continuation, no beginning.
        let wrong: [&[u8]; 8] = [
            &[0xc0],
            &[0xe0, 0x80],
            &[0xed, 0xa0],
            &[0xf4, 0x90],
            &[0xf5],
            &[0xe2, 0x82, 0x41],
            &[0x80],
            &[0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5, 0xf4, 0x90],
        ];
        for bytes in wrong {
            let mut whole = Text::default();
            assert_eq!(whole.push(bytes), Err(Violation::UTF8), "{bytes:x?}");
            let (last, before) = bytes.split_last().unwrap();
            let mut pieces = Text::default();
            for byte in before {
                assert_eq!(pieces.push(&[*byte]), Ok(()), "{bytes:x?}");
            }
            assert_eq!(pieces.push(&[*last]), Err(Violation::UTF8), "{bytes:x?}");
        }
    }

    /// Bytes at the borders of what may begin and continue a character.
    const BORDERS: [u8; 17] =
        [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xe1, 0xed, 0xf0, 0xf1, 0xf4, 0xf5];

    /// How many of these bytes arrive before the standard library says that no text begins like this.
    fn possible(bytes: &[u8]) -> usize {
        let impossible =
            |end: &usize| std::str::from_utf8(&bytes[..*end]).is_err_and(|error| error.error_len().is_some());
        (1..=bytes.len()).find(impossible).map_or(bytes.len(), |end| end - 1)
    }

    #[test]
    fn every_byte_is_judged_as_the_standard_library_does() {
        for number in 0..BORDERS.len().pow(4) {
            let bytes = [0, 1, 2, 3].map(|place| BORDERS[number / BORDERS.len().pow(place) % BORDERS.len()]);
            let mut text = Text::default();
            let taken = bytes.iter().take_while(|byte| text.push(&[**byte]).is_ok()).count();
            assert_eq!(taken, possible(&bytes), "{bytes:x?}");
            if taken == bytes.len() {
                assert_eq!(text.finish().ok(), std::str::from_utf8(&bytes).ok(), "{bytes:x?}");
            }
        }
    }

    #[test]
    fn every_piece_is_judged_as_the_standard_library_does() {
        let mut chance = fastrand::Rng::with_seed(5);
        for _ in 0..20_000 {
            let letter = |chance: &mut fastrand::Rng| chance.choice(["a", "é", "€", "😀"]).unwrap_or_default();
            let mut bytes: Vec<u8> = (0..chance.usize(..60)).flat_map(|_| letter(&mut chance).bytes()).collect();
            if let Some(byte) = chance.choice(bytes.iter_mut()) {
                *byte = chance.choice(BORDERS).unwrap_or_default();
            }
            let (mut text, mut end) = (Text::default(), 0);
            while end < bytes.len() {
                let start = end;
                end = bytes.len().min(start + chance.usize(1..40));
                let fits = end <= possible(&bytes);
                assert_eq!(text.push(&bytes[start..end]).is_ok(), fits, "{start}..{end} of {bytes:x?}");
                if !fits {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_text_does_not_end_inside_a_character() {
        for bytes in [&[0xc3][..], &[0x41, 0xe2, 0x82], &[0xf0, 0x9f, 0x98]] {
            let mut text = Text::default();
            text.push(bytes).unwrap();
            assert_eq!(text.finish(), Err(Violation::UTF8), "{bytes:x?}");
        }
    }
}
