//! `sink`: reads at a steady rate, keeps nothing, and says of each message how large it was. A page that sends a large
//! file there sees its `bufferedAmount` go down as a slow network would have it.
//!
//! Messages are not put together, so that they may have any length. Deliberately absent, therefore: looking at what they
//! say, UTF-8 included, and most rules about how frames follow each other.

use common::close;
use tokio::time::Instant;

use super::Lab;
use super::out::Out;
use super::tap::parser::{Found, Frame, Parser};

/// Opcodes of control frames have this bit (RFC 6455, section 5.5).
const CONTROL: u8 = 8;
const PING: u8 = 9;

/// The sink.
#[derive(Debug)]
pub struct Sink {
    per_second: u64,
    parser: Parser,
    message: Option<Message>,
}

/// The present message.
#[derive(Debug, Clone, Copy)]
struct Message {
    bytes: u64,
    frames: u64,
    began: Instant,
    /// Its last frame has begun.
    is_last: bool,
}

impl Sink {
    /// Reads so many bytes in a second.
    #[must_use]
    pub fn new(per_second: u64) -> Self {
        Self { per_second, parser: Parser::default(), message: None }
    }

    /// Says how large a message was whose last byte has come.
    fn tell(&mut self, out: &mut Out) {
        if let Some(Message { bytes, frames, began, .. }) = self.message.take_if(|message| message.is_last) {
            let ms = began.elapsed().as_millis();
            out.text(&format!(r#"{{"bytes":{bytes},"frames":{frames},"ms":{ms}}}"#));
        }
    }

    /// Looks at a frame. Says whether it was the last.
    fn look(&mut self, frame: &Frame, out: &mut Out) -> bool {
        let first = frame.header.first().copied().unwrap_or_default();
        if !frame.is_masked() {
            out.close(Some(close::PROTOCOL), "frame without a mask");
            return true;
        }
        if let Some((code, reason)) = frame.close() {
            out.close(code, &reason);
            return true;
        }
        if first & 0x0f == PING {
            out.pong(&frame.plain());
        }
        if first & CONTROL == 0 {
            let fresh = Message { bytes: 0, frames: 0, began: Instant::now(), is_last: false };
            let message = self.message.get_or_insert(fresh);
            message.bytes += frame.len;
            message.frames += 1;
            message.is_last = first & 0x80 != 0;
        }
        false
    }
}

impl Lab for Sink {
    fn drinks(&self) -> Option<u64> {
        Some(self.per_second)
    }

    fn drink(&mut self, mut bytes: &[u8], out: &mut Out) -> bool {
        while let Some(found) = self.parser.next(&mut bytes) {
            // Where another frame begins, the one before has ended.
            self.tell(out);
            match found {
                Found::Frame(frame) if self.look(&frame, out) => return true,
                Found::Frame(_) => {}
                Found::Unreadable(_) => {
                    out.close(Some(close::PROTOCOL), "length with the highest bit set");
                    return true;
                }
            }
        }
        if !self.parser.is_within() {
            self.tell(out);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said to these bytes, cut in pieces, and whether that was the end.
    fn said(bytes: &[u8], piece: usize) -> (Vec<u8>, bool) {
        let (mut sink, mut out) = (Sink::new(1), Out::new(1 << 20, None));
        let over = bytes.chunks(piece).any(|piece| sink.drink(piece, &mut out));
        (out.unwritten().to_vec(), over)
    }

    #[test]
    fn messages_are_counted_however_they_are_cut() {
        let mask = [0, 0, 0, 0];
        let head = |first: u8, len: u8| [&[first, 0x80 | len][..], &mask].concat();
        let long = [&[0x02, 0xfe, 0x03, 0xe8][..], &mask, &[7; 1_000]].concat();
        let bytes = [
            &long[..],
            &head(0x89, 1),
            b"p",
            &head(0x80, 2),
            b"xy",
            &head(0x81, 0),
            &[0x88, 0x82, 1, 1, 1, 1, 3 ^ 1, 232 ^ 1],
        ]
        .concat();
        for piece in [1, 7, 256, 5_000] {
            let (said, over) = said(&bytes, piece);
            let text = String::from_utf8_lossy(&said).into_owned();
            assert!(over && said.ends_with(&[0x88, 2, 3, 232]), "{text}");
            let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
            assert!(at("\u{1}p") < at(r#"{"bytes":1002,"frames":2,"#), "{text}");
            assert!(at(r#"{"bytes":1002"#) < at(r#"{"bytes":0,"frames":1,"#), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_ends_it() {
        for bytes in [&[0x81, 1, b'x'][..], &[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
            let (said, over) = said(bytes, 100);
            assert!(over && said.get(2..4) == Some(&[0x03, 0xea]), "{said:?}");
        }
    }
}
