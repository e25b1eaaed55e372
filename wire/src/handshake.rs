//! The opening handshake (RFC 6455, section 4): a client's request, and how it judges the answer.
//!
//! Deliberately absent: a server's judgement of requests, which is for its HTTP side. It needs [`accept_key`] and
//! [`crate::deflate::negotiate`].

mod answer;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::deflate::Offer;

pub use answer::{Accepted, Refused};

/// What every server appends to the key (RFC 6455, section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key`.
#[must_use]
pub fn accept_key(key: &str) -> String {
    let digest = Sha1::new().chain_update(key.trim_ascii()).chain_update(GUID).finalize();
    STANDARD.encode(digest)
}

/// A `Sec-WebSocket-Key` out of sixteen random bytes.
#[must_use]
pub fn key(random: [u8; 16]) -> String {
    STANDARD.encode(random)
}

/// What a client asks.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The authority of the address: host, and port unless it is the scheme's own.
    pub host: &'a str,
    /// Path and query, beginning with a slash.
    pub target: &'a str,
    /// What [`key`] has made.
    pub key: &'a str,
    /// Subprotocols, the preferred ones first.
    pub subprotocols: &'a [&'a str],
    /// Whether and how to compress.
    pub deflate: Option<Offer>,
    /// Further headers, such as `Cookie` and `Origin`.
    pub headers: &'a [(&'a str, &'a str)],
}

impl Request<'_> {
    /// The request as it is sent; `None` when a value holds a control character, a line break among them, or a target
    /// or a name a space.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut text = format!("GET {} HTTP/1.1\r\n", word(self.target)?);
        let mut header = |name: &str, value: &str| {
            text.extend([word(name)?, ": ", line(value)?, "\r\n"]);
            Some(())
        };
        header("Host", self.host)?;
        header("Upgrade", "websocket")?;
        header("Connection", "Upgrade")?;
        header("Sec-WebSocket-Version", "13")?;
        header("Sec-WebSocket-Key", self.key)?;
        if !self.subprotocols.is_empty() {
            header("Sec-WebSocket-Protocol", &self.subprotocols.join(", "))?;
        }
        if let Some(offer) = &self.deflate {
            header("Sec-WebSocket-Extensions", &offer.header())?;
        }
        for (name, value) in self.headers {
            header(name, value)?;
        }
        text.push_str("\r\n");
        Some(text)
    }
}

fn line(value: &str) -> Option<&str> {
    (!value.contains(char::is_control)).then_some(value)
}

fn word(value: &str) -> Option<&str> {
    line(value).filter(|value| !value.is_empty() && !value.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: Request<'_> = Request {
        host: "server.example.com",
        target: "/chat",
        key: "dGhlIHNhbXBsZSBub25jZQ==",
        subprotocols: &["chat", "superchat"],
        deflate: None,
        headers: &[("Origin", "http://example.com")],
    };

    #[test]
    fn the_rfcs_key_is_accepted() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accept_key(" dGhlIHNhbXBsZSBub25jZQ== "), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(key(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
    }

    #[test]
    fn the_rfcs_request_is_written() {
        let expected = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
            Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: http://example.com\r\n\r\n";
        assert_eq!(REQUEST.text().as_deref(), Some(expected));
    }

    #[test]
    fn compression_is_asked_for() {
        let offer = Offer {
            server_no_context_takeover: true,
            client_no_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: Some(15),
        };
        let text = Request { deflate: Some(offer), ..REQUEST }.text().unwrap();
        assert!(text.contains(
            "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits\r\n"
        ));
    }

    #[test]
    fn nothing_is_smuggled_into_a_request() {
        for header in [("a", "b\r\nc: d"), ("a\n", "b"), ("a b", "c"), ("", "a"), ("a", "\0")] {
            assert_eq!(Request { headers: &[header], ..REQUEST }.text(), None, "{header:?}");
        }
        assert_eq!(Request { target: "/a b", ..REQUEST }.text(), None);
    }
}
