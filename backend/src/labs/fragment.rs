//! `fragment`: a text in fragments with a ping in between, and everything that comes sent back in fragments.

use wire::encode::Header;
use wire::{Message, Opcode};

use super::Lab;
use super::out::Out;

/// Says everything in so many fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragments(pub usize);

impl Fragments {
    /// Says a message. `ping` goes out behind its first half, as a control frame may (RFC 6455, section 5.4).
    fn say(self, opcode: Opcode, payload: &[u8], ping: Option<&[u8]>, out: &mut Out) {
        let count = self.0.max(1);
        let edge = |i: usize| payload.len() * i / count;
        for i in 0..count {
            if let Some(ping) = ping.filter(|_| i > 0 && i == count / 2) {
                out.ping(ping);
            }
            let opcode = if i == 0 { opcode } else { Opcode::Continuation };
            let header = Header { fin: i + 1 == count, ..Header::new(opcode) };
            out.frame(header, payload.get(edge(i)..edge(i + 1)).unwrap_or_default());
        }
    }
}

impl Lab for Fragments {
    fn begin(&mut self, out: &mut Out) {
        let text = format!("This text was sent in {} fragments, with a ping in between.", self.0);
        self.say(Opcode::Text, text.as_bytes(), Some(b"in between"), out);
    }

    fn hear(&mut self, message: &Message<'_>, out: &mut Out) {
        match message {
            Message::Text(text) => self.say(Opcode::Text, text.as_bytes(), None, out),
            Message::Binary(bytes) => self.say(Opcode::Binary, bytes, None, out),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(count: usize, text: &str) -> Vec<u8> {
        let mut out = Out::new(1024, None);
        Fragments(count).hear(&Message::Text(text), &mut out);
        out.unwritten().to_vec()
    }

    #[test]
    fn a_message_is_cut_evenly() {
        assert_eq!(said(1, "abc"), b"\x81\x03abc");
        assert_eq!(said(2, "abc"), b"\x01\x01a\x80\x02bc");
        assert_eq!(said(3, "a"), b"\x01\x00\x00\x00\x80\x01a");
        let mut out = Out::new(1024, None);
        Fragments(2).say(Opcode::Binary, b"xy", Some(b"p"), &mut out);
        assert_eq!(out.unwritten(), b"\x02\x01x\x89\x01p\x80\x01y");
    }
}
