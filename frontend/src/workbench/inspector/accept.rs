//! How `Sec-WebSocket-Accept` comes from `Sec-WebSocket-Key`: RFC 6455, section 4.2.2, step by step. Pure; the lessons use it
//! as well.
//!
//! Not by the browser's own `crypto.subtle`, which is only there where the page is served safely.

use sha1::{Digest, Sha1};

/// What is put behind every key.
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The SHA-1 of the key with the [`GUID`] behind it.
#[must_use]
pub fn digest(key: &str) -> [u8; 20] {
    Sha1::new().chain_update(key).chain_update(GUID).finalize().into()
}

/// Bytes in base64, with its padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits: usize, at| bits << 8 | three.get(at).map_or(0, |byte| usize::from(*byte)));
        for at in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * at) & 63).filter(|_| at <= three.len());
            text.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lean::text::hex;

    /// The example of RFC 6455, section 1.3.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let digest = digest("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(hex(&digest), "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
        assert_eq!(base64(&digest), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /// The examples of RFC 4648, section 10.
    #[test]
    fn base64_is_padded() {
        let all = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(all, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
