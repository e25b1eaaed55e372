//! Bytes as people type them: hexadecimal and Base64, with the place of the first fault.

/// What is no byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The byte of this number, from 1, is not hexadecimal.
    NotHex(usize),
    /// The byte of this number, from 1, has one digit only.
    Half(usize),
    /// The character at this place, from 1, does not belong into Base64 there.
    NotBase64(usize),
}

/// Reads hexadecimal. Blanks, colons and commas may stand between bytes, and `0x` before them.
///
/// # Errors
/// The first byte that is none.
pub fn hex(text: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let mut high = None;
    // Whether `0x` may still come.
    let mut begins = true;
    for letter in text.bytes() {
        let place = bytes.len() + 1;
        let digit = match letter {
            b' ' | b'\n' | b'\t' | b'\r' | b':' | b',' if high.is_none() => {
                begins = true;
                continue;
            }
            b' ' | b'\n' | b'\t' | b'\r' | b':' | b',' => return Err(Fault::Half(place)),
            b'x' | b'X' if begins && high == Some(0) => {
                (high, begins) = (None, false);
                continue;
            }
            b'0'..=b'9' => letter - b'0',
            b'a'..=b'f' => letter - b'a' + 10,
            b'A'..=b'F' => letter - b'A' + 10,
            _ => return Err(Fault::NotHex(place)),
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => {
                bytes.push(high << 4 | digit);
                begins = false;
            }
        }
    }
    if high.is_some() { Err(Fault::Half(bytes.len() + 1)) } else { Ok(bytes) }
}

/// Reads Base64 in the standard alphabet or that for URLs (RFC 4648, sections 4 and 5). Blanks are passed over, the
/// padding may be left away.
///
/// # Errors
/// The first character that does not belong there; for a last one that is too few for a byte, that one.
pub fn base64(text: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let (mut bits, mut letters, mut padding, mut last) = (0_u32, 0_u32, 0_u32, 0);
    for (place, letter) in (1..).zip(text.chars()) {
        let value = match letter {
            ' ' | '\n' | '\t' | '\r' => continue,
            'A'..='Z' => letter as u32 - 65,
            'a'..='z' => letter as u32 - 71,
            '0'..='9' => letter as u32 + 4,
            '+' | '-' => 62,
            '/' | '_' => 63,
            '=' if letters % 4 + padding >= 2 && letters % 4 + padding < 4 => {
                padding += 1;
                continue;
            }
            _ => return Err(Fault::NotBase64(place)),
        };
        if padding > 0 {
            return Err(Fault::NotBase64(place));
        }
        bits = bits << 6 | value;
        letters += 1;
        last = place;
        let over = match letters % 4 {
            2 => 4,
            3 => 2,
            0 => 0,
            _ => continue,
        };
        #[expect(clippy::cast_possible_truncation, reason = "one byte of them is meant")]
        bytes.push((bits >> over) as u8);
    }
    if letters % 4 == 1 { Err(Fault::NotBase64(last)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_as_people_write_it() {
        let expected = Ok(vec![0x89, 0x50, 0x4e, 0x47]);
        for text in ["89504e47", "89 50 4E 47", "0x89504e47", "0x89, 0x50,0X4e 0x47", "89:50:4e:47\n", " 8950\t4e47 "] {
            assert_eq!(hex(text), expected, "{text}");
        }
        assert_eq!(hex(""), Ok(vec![]));
    }

    #[test]
    fn the_first_byte_that_is_none_is_named() {
        assert_eq!(hex("89 50 4e zz 0d"), Err(Fault::NotHex(4)));
        assert_eq!(hex("8g"), Err(Fault::NotHex(1)));
        assert_eq!(hex("字节"), Err(Fault::NotHex(1)));
        assert_eq!(hex("89 5"), Err(Fault::Half(2)));
        assert_eq!(hex("89 5 4e"), Err(Fault::Half(2)));
    }

    #[test]
    fn base64_is_read_in_both_alphabets() {
        for (text, expected) in [
            ("", &b""[..]),
            ("Zg==", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYmFy", b"foobar"),
            ("Zm9v\nYg", b"foob"),
            ("+/-_", &[0xfb, 0xff, 0xbf]),
        ] {
            assert_eq!(base64(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn the_first_character_that_does_not_belong_is_named() {
        for (text, place) in [("Zm9v!", 5), ("Z", 1), ("Zm9vY", 5), ("Zg=a", 4), ("=", 1), ("Zm9v=", 5), ("Zg===", 5)] {
            assert_eq!(base64(text), Err(Fault::NotBase64(place)), "{text}");
        }
    }
}
