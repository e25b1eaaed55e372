//! Answers as servers send them, and as they must not.

use super::*;
use crate::deflate::Offer;

const REQUEST: Request<'_> = Request {
    host: "server.example.com",
    target: "/chat",
    key: "dGhlIHNhbXBsZSBub25jZQ==",
    subprotocols: &["chat", "superchat"],
    deflate: None,
    headers: &[],
};

const OFFER: Offer = Offer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: None,
};

/// The good answer, in which the header of this name is replaced by these lines.
fn answer(name: &str, lines: &[&str]) -> Vec<u8> {
    let good = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "Sec-WebSocket-Protocol: chat",
    ];
    let kept = good.into_iter().filter(|line| !line.starts_with(name));
    let lines: Vec<_> =
        std::iter::once("HTTP/1.1 101 Switching Protocols").chain(kept).chain(lines.iter().copied()).collect();
    (lines.join("\r\n") + "\r\n\r\n").into_bytes()
}

fn judge(name: &str, lines: &[&str]) -> Result<Option<Accepted>, Refused> {
    REQUEST.judge(&answer(name, lines))
}

#[test]
fn the_rfcs_answer_opens_the_connection() {
    let bytes = answer("-", &[]);
    let accepted = Accepted { subprotocol: Some("chat".into()), deflate: None, size: bytes.len() };
    assert_eq!(REQUEST.judge(&bytes), Ok(Some(accepted.clone())));
    // Frames may come right behind it.
    assert_eq!(REQUEST.judge(&[&bytes[..], &[0x81, 0]].concat()), Ok(Some(accepted)));
    for end in 0..bytes.len() {
        assert_eq!(REQUEST.judge(&bytes[..end]), Ok(None), "{end} bytes");
    }
}

#[test]
fn names_and_tokens_are_compared_as_http_does() {
    assert!(judge("Upgrade", &["upgrade: WebSocket"]).is_ok());
    assert!(judge("Connection", &["CONNECTION: keep-alive, upgrade"]).is_ok());
}

#[test]
fn a_header_that_is_missing_or_wrong_is_named() {
    let wrong: [(&str, &str, &[&str]); 10] = [
        ("upgrade", "Upgrade", &[]),
        ("upgrade", "Upgrade", &["Upgrade: h2c"]),
        ("connection", "Connection", &[]),
        ("connection", "Connection", &["Connection: notupgrade"]),
        ("sec-websocket-accept", "Sec-WebSocket-Accept", &[]),
        ("sec-websocket-accept", "Sec-WebSocket-Accept", &["Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="]),
        ("sec-websocket-accept", "-", &["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]),
        ("sec-websocket-protocol", "Sec-WebSocket-Protocol", &["Sec-WebSocket-Protocol: other"]),
        ("sec-websocket-protocol", "-", &["Sec-WebSocket-Protocol: superchat"]),
        ("sec-websocket-protocol", "Sec-WebSocket-Protocol", &["Sec-WebSocket-Protocol: chat, superchat"]),
    ];
    for (named, instead, lines) in wrong {
        assert_eq!(judge(instead, lines), Err(Refused::Header(named)), "{lines:?}");
    }
    let none = judge("Sec-WebSocket-Protocol", &[]).unwrap().unwrap();
    assert_eq!(none.subprotocol, None);
}

#[test]
fn extensions_are_those_that_were_offered() {
    let compressed = answer("-", &["Sec-WebSocket-Extensions: permessage-deflate"]);
    assert_eq!(REQUEST.judge(&compressed), Err(Refused::Extensions));
    let asking = Request { deflate: Some(OFFER), ..REQUEST };
    assert_eq!(asking.judge(&compressed).unwrap().unwrap().deflate, Some(Params::default()));
    assert_eq!(asking.judge(&answer("-", &[])).unwrap().unwrap().deflate, None);
    assert_eq!(asking.judge(&answer("-", &["Sec-WebSocket-Extensions: foo"])), Err(Refused::Extensions));
}

#[test]
fn what_is_no_switch_is_refused() {
    assert_eq!(REQUEST.judge(b"HTTP/1.1 403 Forbidden\r\n\r\n"), Err(Refused::Status(403)));
    assert_eq!(REQUEST.judge(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Err(Refused::Status(200)));
    assert_eq!(REQUEST.judge(b"SSH-2.0-OpenSSH_9.2\r\n"), Err(Refused::NotHttp));
    let endless = [b"HTTP/1.1 101 Switching Protocols\r\nA: ", vec![b'a'; 20_000].as_slice()].concat();
    assert_eq!(REQUEST.judge(&endless), Err(Refused::NotHttp));
}
