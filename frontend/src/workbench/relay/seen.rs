//! What only the relay sees of a connection, and how it is said.

use common::labs::{Head, Side};

use super::words::{cause, end, words};
use crate::i18n::Lang;
use crate::lean::text::size;

/// Something that only the relay sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The name was found: the address and port that are called.
    Resolved(String),
    /// TLS is spoken.
    Tls {
        /// Such as `TLSv1.3`.
        version: String,
        /// The cipher suite.
        cipher: String,
        /// What the other side has shown.
        certificate: Certificate,
    },
    /// The handshake, as it was written and read.
    Handshake {
        /// What was asked.
        request: Head,
        /// What was answered.
        response: Head,
    },
    /// A frame, of data or of control, either way. One that ends a message that has come is told before the message, one
    /// that is sent after it was given to the socket.
    Frame {
        /// Whose: the client is the relay.
        from: Side,
        /// All of the header, the masking key included, in hexadecimal.
        header: String,
        /// Bytes of payload.
        len: u64,
        /// The first 256 bytes of the payload as they are on the wire, in hexadecimal.
        payload: String,
    },
    /// The connection has ended: a word for what has ended it, and the same for developers.
    Closed(String, String),
    /// There is no connection.
    Failed {
        /// A word for what is the matter.
        cause: String,
        /// The same for developers.
        why: String,
        /// What was answered instead of 101.
        response: Option<Head>,
        /// What stood behind it.
        body: String,
        /// The certificate that was not accepted.
        certificate: Option<Certificate>,
    },
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// From when and until when.
    pub valid: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Seen {
    /// What a frame is, by its lowest four bits: 1 a text, 9 a ping.
    fn opcode(&self) -> u8 {
        if let Self::Frame { header, .. } = self { byte(header, 0) & 15 } else { 0 }
    }

    /// Whether it is a frame of control: close, ping or pong.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.opcode() > 7
    }
}

/// The byte at a place of a text in hexadecimal.
fn byte(hex: &str, at: usize) -> u8 {
    hex.get(at * 2..at * 2 + 2).and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or_default()
}

/// The payload of a frame of control, without its mask, as text.
fn said(header: &str, payload: &str, skip: usize) -> String {
    let key = if byte(header, 1) > 127 { (header.len() / 2).saturating_sub(4) } else { header.len() };
    let plain = (skip..payload.len() / 2).map(|at| byte(payload, at) ^ byte(header, key + at % 4));
    String::from_utf8_lossy(&plain.collect::<Vec<_>>()).into_owned()
}

/// A line about it.
#[must_use]
pub fn describe(seen: &Seen, lang: Lang) -> String {
    let words = words(lang);
    match seen {
        Seen::Resolved(address) => words.to.to_owned() + address,
        Seen::Tls { version, cipher, certificate } => {
            version.clone() + " · " + cipher + " · " + &about(certificate, lang)
        }
        Seen::Handshake { request, response } => request.line.clone() + " → " + &response.line,
        Seen::Frame { from, header, len, payload } => {
            let name = match seen.opcode() {
                0 => "continuation",
                1 => "text",
                2 => "binary",
                8 => "close",
                9 => "ping",
                10 => "pong",
                _ => "?",
            };
            let mut text = (if *from == Side::Client { "↑ " } else { "↓ " }).to_owned() + name;
            #[expect(clippy::cast_precision_loss, reason = "bytes of a message")]
            if *len > 0 {
                text = text + " · " + &size(*len as f64);
            }
            if seen.is_control() {
                let skip = if name == "close" { 2 } else { 0 };
                text = text + " · " + &said(header, payload, skip);
            }
            text
        }
        Seen::Closed(word, why) => end(word, lang).to_owned() + " · " + why,
        Seen::Failed { cause: word, why, body, certificate, .. } => {
            let mut text = cause(word, lang).to_owned() + " · " + why;
            if let Some(certificate) = certificate {
                text = text + " · " + &about(certificate, lang);
            }
            if !body.is_empty() {
                text = text + " · " + body;
            }
            text
        }
    }
}

fn about(certificate: &Certificate, lang: Lang) -> String {
    let words = words(lang);
    let Certificate { subject, issuer, valid, sha256 } = certificate;
    subject.clone() + words.by + issuer + " · " + valid + " · SHA-256 " + sha256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(from: Side, header: &str, len: u64, payload: &str) -> Seen {
        Seen::Frame { from, header: header.to_owned(), len, payload: payload.to_owned() }
    }

    #[test]
    fn frames_of_control_say_what_they_carry() {
        let masked = frame(Side::Client, "898501020304", 5, "49676f686e");
        assert_eq!(describe(&masked, Lang::En), "↑ ping · 5 B · Hello");
        let close = frame(Side::Server, "8805", 5, "03e8627965");
        assert_eq!(describe(&close, Lang::En), "↓ close · 5 B · bye");
        assert!(close.is_control());
        let text = frame(Side::Server, "8105", 5, "48656c6c6f");
        assert_eq!((describe(&text, Lang::En).as_str(), text.is_control()), ("↓ text · 5 B", false));
    }

    #[test]
    fn damaged_frames_are_no_trouble() {
        for (header, payload) in [("", ""), ("8", "z"), ("89ff", "00"), ("88é", "é")] {
            assert!(!describe(&frame(Side::Server, header, 1, payload), Lang::Zh).is_empty());
        }
    }
}
