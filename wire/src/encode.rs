//! Frames, appended to a buffer: as many as one likes, to be written at once.
//!
//! The short functions are a server's: whole messages without a mask. A client, and whoever wants fragments, says more
//! in a [`Header`]. Deliberately absent: where masking keys come from; they have to be unpredictable (RFC 6455, section
//! 5.3), and this crate has no source of chance.

use crate::Opcode;
use crate::close::{MOST_REASON, is_sendable};
use crate::frame::{FIN, MASKED, MOST_CONTROL, RSV1};
use crate::mask::Mask;

/// What stands at the head of a frame besides the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The message ends with this frame.
    pub fin: bool,
    /// The message is compressed. Only on its first frame (RFC 7692, section 6).
    pub rsv1: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// A client's masking key; none from a server.
    pub mask: Option<[u8; 4]>,
}

impl Header {
    /// A whole message, not compressed, from a server.
    #[must_use]
    pub const fn new(opcode: Opcode) -> Self {
        Self { fin: true, rsv1: false, opcode, mask: None }
    }

    /// The same from a client.
    #[must_use]
    pub const fn masked(self, key: [u8; 4]) -> Self {
        Self { mask: Some(key), ..self }
    }

    /// The same, saying that the payload is compressed.
    #[must_use]
    pub const fn compressed(self) -> Self {
        Self { rsv1: true, ..self }
    }
}

/// Appends a text from a server.
#[inline]
pub fn text(out: &mut Vec<u8>, text: &str) {
    frame(out, Header::new(Opcode::Text), text.as_bytes());
}

/// Appends bytes from a server.
#[inline]
pub fn binary(out: &mut Vec<u8>, bytes: &[u8]) {
    frame(out, Header::new(Opcode::Binary), bytes);
}

/// Appends a ping from a server. Of a payload beyond 125 bytes only the beginning is sent.
pub fn ping(out: &mut Vec<u8>, payload: &[u8]) {
    frame(out, Header::new(Opcode::Ping), control(payload));
}

/// Appends a pong from a server. Of a payload beyond 125 bytes only the beginning is sent.
pub fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    frame(out, Header::new(Opcode::Pong), control(payload));
}

/// Appends a Close from a server.
pub fn close(out: &mut Vec<u8>, code: Option<u16>, reason: &str) {
    let mut payload = Vec::new();
    close_payload(&mut payload, code, reason);
    frame(out, Header::new(Opcode::Close), &payload);
}

/// Appends what stands in a Close. A code that must not be sent (see [`is_sendable`]) is left out, and without a code
/// there is no reason. Of a reason beyond 123 bytes only the characters that fit are sent.
pub fn close_payload(out: &mut Vec<u8>, code: Option<u16>, reason: &str) {
    if let Some(code) = code.filter(|code| is_sendable(*code)) {
        out.extend_from_slice(&code.to_be_bytes());
        let fitting = reason.get(..reason.floor_char_boundary(MOST_REASON));
        out.extend_from_slice(fitting.unwrap_or_default().as_bytes());
    }
}

/// Appends any frame, masked if the header has a key.
#[inline]
pub fn frame(out: &mut Vec<u8>, frame: Header, payload: &[u8]) {
    out.reserve(payload.len() + 14);
    header(out, frame, payload.len());
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = frame.mask
        && let Some(copy) = out.get_mut(start..)
    {
        Mask::new(key).apply(copy);
    }
}

/// Appends the head alone, for a payload of `len` bytes that follows.
#[inline]
pub fn header(out: &mut Vec<u8>, header: Header, len: usize) {
    let Header { fin, rsv1, opcode, mask } = header;
    let first = opcode as u8 | if fin { FIN } else { 0 } | if rsv1 { RSV1 } else { 0 };
    let masked = if mask.is_some() { MASKED } else { 0 };
    // The shortest form is the only one allowed (RFC 6455, section 5.2).
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ ..=125), _) => out.extend_from_slice(&[first, masked | len]),
        (_, Ok(len)) => {
            let [a, b] = len.to_be_bytes();
            out.extend_from_slice(&[first, masked | 126, a, b]);
        }
        (_, Err(_longer)) => {
            out.extend_from_slice(&[first, masked | 127]);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    if let Some(key) = mask {
        out.extend_from_slice(&key);
    }
}

/// Bytes in the head of an unmasked frame with `payload_len` bytes of payload. A mask takes four more.
#[must_use]
pub const fn header_len(payload_len: usize) -> usize {
    match payload_len {
        ..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    }
}

fn control(payload: &[u8]) -> &[u8] {
    payload.get(..MOST_CONTROL).unwrap_or(payload)
}
