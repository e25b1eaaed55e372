//! Random bytes, from the browser's source for keys.
//!
//! Outside a browser, where the pure parts are tested, they are all zero.

use super::super::socket::{BinaryType, Payload};
use crate::lean::text;

/// How many bytes at most.
pub const MOST: u32 = 16_777_216;

/// A random id: a UUID of version 4 (RFC 9562, section 5.4). `crypto.randomUUID` is kept from pages that came without TLS.
#[must_use]
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    #[cfg(target_arch = "wasm32")]
    if let Ok(crypto) = crate::effects::browser::window().crypto() {
        drop(crypto.get_random_values_with_u8_array(&mut bytes));
    }
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    let digits = text::hex(&bytes);
    let mut id = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        id.push(digit);
    }
    id
}

/// So many random bytes.
#[must_use]
pub fn payload(count: u32, kind: BinaryType) -> Payload {
    #[cfg(target_arch = "wasm32")]
    return filled(count, kind);
    #[cfg(not(target_arch = "wasm32"))]
    match kind {
        BinaryType::ArrayBuffer => Payload::bytes(&vec![0; count as usize]),
        BinaryType::Blob => {
            Payload::Blob { len: count.into(), name: "".into(), data: wasm_bindgen::JsValue::UNDEFINED }
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn filled(count: u32, kind: BinaryType) -> Payload {
    use super::super::socket::HEAD;
    /// Bytes that a browser fills at once at most (Web Cryptography, section 10.1.1).
    const CHUNK: u32 = 65_536;

    let bytes = js_sys::Uint8Array::new_with_length(count);
    if let Ok(crypto) = crate::effects::browser::window().crypto() {
        let mut at = 0;
        while at < count {
            let end = count.min(at + CHUNK);
            drop(crypto.get_random_values_with_js_u8_array(&bytes.subarray(at, end)));
            at = end;
        }
    }
    let len = count.into();
    match kind {
        BinaryType::ArrayBuffer => {
            let head = bytes.subarray(0, count.min(HEAD)).to_vec();
            Payload::Buffer { len, head: head.into(), data: bytes.into() }
        }
        BinaryType::Blob => {
            let parts = js_sys::Array::of1(&bytes);
            let data = web_sys::Blob::new_with_u8_array_sequence(&parts);
            Payload::Blob { len, name: "".into(), data: data.map_or(wasm_bindgen::JsValue::NULL, Into::into) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_version() {
        assert_eq!(uuid(), "00000000-0000-4000-8000-000000000000");
    }
}
