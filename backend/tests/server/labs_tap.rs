//! Taps against a real server: what is told must be what a client has sent and received, byte by byte.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::frames::{FIN, RSV1, TEXT, frame, next};
use crate::support::http2::Http2;
use crate::support::wire::{Wire, events};
use crate::support::{Server, http};

const NAME: &str = "00112233445566778899aabbccddeeff";

/// Somebody who listens to a tap.
struct Listener {
    wire: Wire,
    told: VecDeque<Value>,
}

impl Listener {
    async fn listen(server: &Server) -> Self {
        let mut wire = Wire::connect(server.address).await;
        wire.send(format!("GET /labs/tap/{NAME} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address)).await;
        let (line, fields) = wire.head().await;
        assert_eq!(line, "HTTP/1.1 200 OK");
        assert!(fields.contains(&("content-type".to_owned(), "text/event-stream".to_owned())));
        Self { wire, told: VecDeque::new() }
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some(told) = self.told.pop_front() {
                return told;
            }
            self.told.extend(events(&self.wire.chunk().await.expect("more to be told")));
        }
    }

    async fn ends(mut self) {
        assert!(self.told.is_empty());
        assert_eq!(self.wire.chunk().await, None);
    }
}

/// A handshake, up to the empty line, and its headers as they are told.
fn handshake(server: &Server, path: &str) -> (String, Value) {
    let fields = [
        ("host", server.address.to_string()),
        ("connection", "Upgrade".to_owned()),
        ("upgrade", "websocket".to_owned()),
        ("sec-websocket-version", "13".to_owned()),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==".to_owned()),
        ("x-of-mine", "é, twice".to_owned()),
    ];
    let mut text = format!("GET {path} HTTP/1.1\r\n");
    for (name, value) in &fields {
        text += &format!("{name}: {value}\r\n");
    }
    (text + "\r\n", json!({ "line": format!("GET {path} HTTP/1.1"), "headers": fields }))
}

async fn open(server: &Server, path: &str) -> (Wire, Value) {
    let mut wire = Wire::connect(server.address).await;
    let (text, request) = handshake(server, path);
    wire.send(text).await;
    let (line, headers) = wire.head().await;
    (wire, json!({ "type": "handshake", "request": request, "response": { "line": line, "headers": headers } }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A record without its time, which must be there, and be later than the one before.
fn timeless(mut record: Value, last: &mut u64) -> Value {
    let at = record.as_object_mut().unwrap().remove("at").unwrap().as_u64().unwrap();
    assert!(at >= *last);
    *last = at;
    record
}

#[tokio::test]
async fn what_is_told_is_what_went_over_the_wire() {
    let server = Server::start().await;
    let mut listener = Listener::listen(&server).await;
    let (mut wire, seen) = open(&server, &format!("/labs/echo?tap={NAME}")).await;
    assert_eq!(listener.next().await, seen, "both heads, with all that stands in them, in their order");
    let mut last = 0;

    wire.send(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").await;
    let (header, payload) = wire.frame().await;
    assert_eq!((&header[..], &payload[..]), (&b"\x81\x05"[..], &b"Hello"[..]));
    assert_eq!(
        timeless(listener.next().await, &mut last),
        json!({"type": "frame", "from": "client", "n": 0, "header": "818537fa213d", "len": 5, "payload": "7f9f4d5158"})
    );
    assert_eq!(
        timeless(listener.next().await, &mut last),
        json!({"type": "frame", "from": "server", "n": 0, "header": "8105", "len": 5, "payload": "48656c6c6f"})
    );

    // A long one, of which the beginning is told; the zero mask is told as it is.
    let long: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    wire.send([b"\x82\xfe\x0b\xb8\0\0\0\0", &long[..]].concat()).await;
    assert_eq!(wire.frame().await, (b"\x82\x7e\x0b\xb8".to_vec(), long.clone()));
    for (from, header) in [("client", "82fe0bb800000000"), ("server", "827e0bb8")] {
        let told = timeless(listener.next().await, &mut last);
        let payload = hex(&long[..256]);
        assert_eq!(
            told,
            json!({"type": "frame", "from": from, "n": 1, "header": header, "len": 3000, "payload": payload})
        );
    }

    wire.send(b"\x88\x85\0\0\0\0\x0f\xa1bye").await;
    assert_eq!(wire.frame().await, (b"\x88\x05".to_vec(), b"\x0f\xa1bye".to_vec()));
    drop(wire);
    assert_eq!(listener.next().await["header"], "888500000000");
    assert_eq!(listener.next().await["payload"], "0fa1627965");
    assert_eq!(
        listener.next().await,
        json!({"type": "end", "by": "client", "why": "close frame, code 4001, \"bye\", answered"})
    );
    listener.ends().await;
    server.stop().await;
}

#[tokio::test]
async fn a_stream_of_http_2_is_told_as_well_and_compression_as_it_is() {
    let server = Server::start().await;
    let mut listener = Listener::listen(&server).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut http2 = Http2::begin(stream, server.address, "http").await;
    let headers = [("sec-websocket-version", "13"), ("sec-websocket-extensions", "permessage-deflate")];
    let path = format!("/labs/echo?tap={NAME}");
    let (answer, mut stream) = http2.connect(&path, Some("websocket"), &headers).await;
    let told = listener.next().await;
    assert_eq!(told["request"]["line"], format!("CONNECT {path} HTTP/2"));
    assert_eq!(told["response"]["line"], "HTTP/2 200");
    let sent: Vec<(&str, &str)> =
        answer.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(told["response"]["headers"], json!(sent));

    stream.write_all(&frame(FIN | TEXT, "again ".repeat(30).as_bytes())).await.unwrap();
    let (first, compressed) = next(&mut stream).await;
    assert_eq!(first, FIN | RSV1 | TEXT);
    assert_eq!(listener.next().await["len"], 180);
    let told = listener.next().await;
    assert_eq!(told["header"], format!("c1{:02x}", compressed.len()));
    assert_eq!(told["payload"], hex(&compressed));
    server.stop().await;
}

#[tokio::test]
async fn a_tap_may_be_opened_after_its_connection() {
    let server = Server::start().await;
    let (mut wire, seen) = open(&server, &format!("/labs/echo?x=1&tap={NAME}")).await;
    wire.send(b"\x89\x80\0\0\0\0").await;
    assert_eq!(wire.frame().await, (b"\x8a\x00".to_vec(), Vec::new()));
    drop(wire);
    let mut listener = Listener::listen(&server).await;
    assert_eq!(listener.next().await, seen);
    assert_eq!(listener.next().await["header"], "898000000000");
    assert_eq!(listener.next().await["header"], "8a00");
    assert_eq!(
        listener.next().await,
        json!({"type": "end", "by": "client", "why": "TCP ended, without a close frame"})
    );
    listener.ends().await;
    server.stop().await;
}

#[tokio::test]
async fn a_violation_is_told_as_it_was() {
    let server = Server::start().await;
    let mut listener = Listener::listen(&server).await;
    let (mut wire, _) = open(&server, &format!("/labs/echo?tap={NAME}")).await;
    listener.next().await;
    // A reserved opcode, without a mask.
    wire.send(b"\x83\x01x").await;
    assert_eq!(wire.frame().await.1[..2], [0x03, 0xea]);
    drop(wire);
    assert_eq!(listener.next().await["header"], "8301");
    assert_eq!(listener.next().await["from"], "server");
    let end = listener.next().await;
    assert_eq!((&end["type"], &end["by"]), (&json!("end"), &json!("server")));
    let why = end["why"].as_str().unwrap();
    assert!(why.starts_with("close frame, code 1002") && why.ends_with("not answered"), "{why}");
    server.stop().await;
}

#[tokio::test]
async fn a_refused_handshake_is_told_to_who_waits_for_it() {
    let server = Server::start().await;
    let mut listener = Listener::listen(&server).await;
    let (_, seen) = open(&server, &format!("/labs/deny?status=418&tap={NAME}")).await;
    assert_eq!(seen["response"]["line"], "HTTP/1.1 418 I'm a teapot");
    assert_eq!(listener.next().await, seen);
    assert_eq!(
        listener.next().await,
        json!({"type": "end", "by": "server", "why": "the handshake was answered with 418"})
    );
    listener.ends().await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_is_dropped_is_told_as_the_servers_doing() {
    let server = Server::start().await;
    let mut listener = Listener::listen(&server).await;
    let (mut wire, _) = open(&server, &format!("/labs/abort?tap={NAME}")).await;
    wire.frame().await;
    assert_eq!(listener.next().await["type"], "handshake");
    assert_eq!(listener.next().await["from"], "server");
    assert_eq!(
        listener.next().await,
        json!({"type": "end", "by": "server", "why": "the server let TCP go, without a close frame"})
    );
    server.stop().await;
}

#[tokio::test]
async fn names_are_names_and_have_one_listener_of_this_site() {
    let server = Server::start().await;
    let path = format!("GET /labs/tap/{NAME}");
    let bad = http::request(server.address, "GET /labs/tap/abc", &[], "").await;
    assert_eq!(bad.status, 400);
    assert!(bad.body.contains("name: 32 hexadecimal digits are expected"), "{}", bad.body);
    let foreign = http::request(server.address, &path, &["Sec-Fetch-Site: cross-site"], "").await;
    assert_eq!(foreign.status, 403);
    let listener = Listener::listen(&server).await;
    assert_eq!(http::request(server.address, &path, &[], "").await.status, 409);
    drop(listener);
    server.stop().await;
    let closed = Server::start_with(|config| config.labs = false).await;
    assert_eq!(http::request(closed.address, &path, &[], "").await.status, 404);
    closed.stop().await;
}

#[tokio::test]
async fn a_stream_of_events_ends_with_the_server() {
    let server = Server::start().await;
    let listener = Listener::listen(&server).await;
    server.begin_stop();
    listener.ends().await;
    server.stop().await;
}
