//! Frames and messages that break the rules: the right close code, never somebody else's connection.

use std::time::Duration;

use common::client::ClientMsg;
use common::close;
use common::id::{RoomId, Seq};
use common::server::ErrorCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::client::{LOBBY, open};
use crate::support::frames::{self, BINARY, CLOSE, FIN, PING, TEXT, frame};
use crate::support::{Server, soon};

/// Sends bytes right behind a handshake and gives the code of the Close that comes back, after which nothing may come.
async fn code_for(server: &Server, cookie: &str, bytes: &[u8]) -> u16 {
    let mut stream = open(server.address, cookie).await.unwrap().into_inner();
    // A peer that is already being closed may not take all of it.
    drop(stream.write_all(bytes).await);
    frames::code(&mut stream).await
}

#[tokio::test]
async fn every_broken_frame_gets_its_code() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let cookie = alice.cookie.clone();
    let unmasked = vec![FIN | TEXT, 2, b'h', b'i'];
    let endless = [FIN | TEXT, 0x80 | 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0].to_vec();
    let fragments = |parts: &[(u8, &[u8])]| parts.iter().flat_map(|(first, bytes)| frame(*first, bytes)).collect();
    let half = vec![b'x'; 40_000];
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("unmasked", unmasked, close::PROTOCOL),
        ("RSV1", frame(FIN | 0x40 | TEXT, b"hi"), close::PROTOCOL),
        ("RSV2", frame(FIN | 0x20 | TEXT, b"hi"), close::PROTOCOL),
        ("RSV3", frame(FIN | 0x10 | PING, b"hi"), close::PROTOCOL),
        ("unknown data opcode", frame(FIN | 3, b"hi"), close::PROTOCOL),
        ("unknown control opcode", frame(FIN | 11, b"hi"), close::PROTOCOL),
        ("fragmented ping", frame(PING, b"hi"), close::PROTOCOL),
        ("long ping", frame(FIN | PING, &[b'x'; 126]), close::PROTOCOL),
        ("long close", frame(FIN | CLOSE, &[b'x'; 126]), close::PROTOCOL),
        ("continuation of nothing", frame(FIN, b"hi"), close::PROTOCOL),
        ("text within a text", fragments(&[(TEXT, b"a"), (FIN | TEXT, b"b")]), close::PROTOCOL),
        ("one byte of a close code", frame(FIN | CLOSE, &[3]), close::PROTOCOL),
        ("close code 999", frame(FIN | CLOSE, &[3, 231]), close::PROTOCOL),
        ("close code 1005", frame(FIN | CLOSE, &[3, 237]), close::PROTOCOL),
        ("close code 1006", frame(FIN | CLOSE, &[3, 238]), close::PROTOCOL),
        ("close code 5000", frame(FIN | CLOSE, &[19, 136]), close::PROTOCOL),
        ("close reason not UTF-8", frame(FIN | CLOSE, &[3, 232, 0xFF]), close::BAD_UTF8),
        ("not UTF-8", frame(FIN | TEXT, &[b'h', 0xC0, 0xAF]), close::BAD_UTF8),
        ("not UTF-8, in fragments", fragments(&[(TEXT, &[0xE2, 0x82]), (FIN, &[0x28])]), close::BAD_UTF8),
        ("half a character", fragments(&[(TEXT, b"a"), (FIN, &[0xE2, 0x82])]), close::BAD_UTF8),
        ("binary", frame(FIN | BINARY, b"hi"), close::UNSUPPORTED),
        ("too big", frame(FIN | TEXT, &vec![b'x'; 65_537]), close::TOO_BIG),
        ("too big, in fragments", fragments(&[(TEXT, &half), (FIN, &half)]), close::TOO_BIG),
        ("a length beyond everything", endless, close::TOO_BIG),
        ("a ping before it", fragments(&[(FIN | PING, b"p"), (FIN | BINARY, b"b")]), close::UNSUPPORTED),
        ("an orderly close", frame(FIN | CLOSE, &[3, 232]), close::NORMAL),
        ("a close of our own range", frame(FIN | CLOSE, &[15, 160]), close::NO_PONG),
    ];
    for (what, bytes, code) in cases {
        assert_eq!(code_for(&server, &cookie, &bytes).await, code, "{what}");
    }
    // Through all of this, the well-behaved connection of the very same person stayed as it was.
    alice.says("still here").await;
    alice.sees("still here").await;
    server.stop().await;
}

#[tokio::test]
async fn a_text_in_pieces_is_one_text() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let text = r#"{"op":"ping","t":7,"x":"€"}"#.as_bytes();
    let at = text.iter().position(|byte| *byte == 0x82).unwrap();
    let bytes = [frame(TEXT, &text[..at]), frame(FIN | PING, b"between"), frame(FIN, &text[at..])].concat();
    alice.socket().write_all(&bytes).await.unwrap();
    alice.wait(|msg| matches!(msg, common::server::ServerMsg::Pong { t, .. } if t.0 == 7).then_some(())).await;
    server.stop().await;
}

#[tokio::test]
async fn a_bad_message_is_answered_and_the_connection_stays() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let cid = alice.cid();
    for (text, code) in [
        ("hello".to_owned(), ErrorCode::Malformed),
        ("[1,2]".to_owned(), ErrorCode::Malformed),
        (r#"{"op":"dance"}"#.to_owned(), ErrorCode::UnknownOp),
        (format!(r#"{{"op":"send","cid":"{cid}","room":"r1"}}"#), ErrorCode::Malformed),
        (format!(r#"{{"op":"send","cid":"{cid}","room":"u1","body":"x"}}"#), ErrorCode::Malformed),
        (r#"{"op":"hello"}"#.to_owned(), ErrorCode::HelloFirst),
        (format!(r#"{{"op":"send","cid":"{cid}","room":"r1","body":" "}}"#), ErrorCode::BadText),
        (format!(r#"{{"op":"send","cid":"{cid}","room":"r9","body":"x"}}"#), ErrorCode::NoSuchRoom),
        (r#"{"op":"sync","room":"r9","from":0}"#.to_owned(), ErrorCode::NotMember),
    ] {
        alice.tell_raw(&text).await;
        assert_eq!(alice.error().await.code, code, "{text}");
    }
    let long = "x".repeat(4_001);
    assert_eq!(alice.sends(cid, LOBBY, &long).await, Err(ErrorCode::BadText));
    alice.says("still here").await;
    server.stop().await;
}

#[tokio::test]
async fn commands_wait_for_the_hello() {
    let server = Server::start().await;
    let cookie = server.guest("Alice").await.cookie;
    let mut stream = open(server.address, &cookie).await.unwrap().into_inner();
    stream.write_all(&frame(FIN | TEXT, br#"{"op":"ping","t":1}"#)).await.unwrap();
    assert!(read_text(&mut stream).await.contains("hello_first"));
    stream.write_all(&frame(FIN | TEXT, br#"{"op":"hello"}"#)).await.unwrap();
    assert!(read_text(&mut stream).await.contains("welcome"));
    server.stop().await;
}

async fn read_text(stream: &mut TcpStream) -> String {
    String::from_utf8(frames::next(stream).await.1).unwrap()
}

#[tokio::test]
async fn who_never_learns_is_sent_away() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    for _ in 0..32 {
        alice.tell_raw("nonsense").await;
    }
    assert_eq!(alice.closed().await, (close::POLICY, "malformed".to_owned()));
    bob.says("not me").await;
    server.stop().await;
}

#[tokio::test]
async fn who_says_nothing_is_sent_away() {
    let server = Server::start_with(|config| config.timings.patience.hello_ms = 50).await;
    let cookie = crate::support::http::come_in(server.address, "Alice").await;
    assert_eq!(code_for(&server, &cookie, b"").await, close::POLICY);
    server.stop().await;
}

#[tokio::test]
async fn the_silent_are_pinged_and_then_let_go() {
    let server = Server::start_with(|config| {
        config.timings.patience.ping_ms = 50;
        config.timings.patience.silence_ms = 150;
        config.timings.linger = Duration::from_millis(100);
    })
    .await;
    // A client that answers pings stays, one that does not is let go.
    let mut alice = server.guest("Alice").await;
    let mut mute = open(server.address, &alice.cookie).await.unwrap().into_inner();
    mute.write_all(&frame(FIN | TEXT, br#"{"op":"hello"}"#)).await.unwrap();
    let listening = async { alice.wait(|_| None::<()>).await };
    let mut got = Vec::new();
    tokio::select! {
        () = listening => {}
        end = soon("the end", mute.read_to_end(&mut got)) => { end.unwrap(); }
    }
    let pings = got.windows(2).filter(|two| *two == [FIN | PING, 0]).count();
    assert!(pings >= 2, "{pings}");
    assert!(got.ends_with(b"silence"));
    alice.says("still here").await;
    server.stop().await;
}

#[tokio::test]
async fn an_empty_range_is_no_trouble() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    for (from, to) in [(5, 2), (0, 0), (u64::MAX >> 12, u64::MAX >> 11)] {
        alice.tell(&ClientMsg::Sync { room: RoomId(1), from: Seq(from), to: Some(Seq(to)) }).await;
    }
    for _ in 0..100 {
        alice.tell(&ClientMsg::Sync { room: RoomId(1), from: Seq(9), to: Some(Seq(9)) }).await;
    }
    alice.says("still here").await;
    server.stop().await;
}

#[tokio::test]
async fn a_hello_that_names_too_many_rooms_is_refused_and_a_huge_one_ends_the_connection() {
    let server = Server::start().await;
    let cookie = server.guest("Alice").await.cookie;
    let hello = |rooms: u64| {
        let rooms = (1..=rooms).map(|room| format!("\"r{room}\":1")).collect::<Vec<_>>().join(",");
        format!(r#"{{"op":"hello","rooms":{{{rooms}}}}}"#)
    };
    let mut stream = open(server.address, &cookie).await.unwrap().into_inner();
    stream.write_all(&frame(FIN | TEXT, hello(1_001).as_bytes())).await.unwrap();
    let refusal = read_text(&mut stream).await;
    assert!(refusal.contains("malformed") && refusal.contains("1001 are named, 1000 are allowed"), "{refusal}");
    // It may still say a better one.
    stream.write_all(&frame(FIN | TEXT, hello(1_000).as_bytes())).await.unwrap();
    assert!(read_text(&mut stream).await.contains("welcome"));
    assert_eq!(code_for(&server, &cookie, &frame(FIN | TEXT, hello(1_000_000).as_bytes())).await, close::TOO_BIG);
    server.stop().await;
}
