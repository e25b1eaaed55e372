//! The labs where things go wrong, each in its way; and the bounds of all labs.

use std::io;
use std::time::{Duration, Instant};

use common::close;
use readyroom::session::throttle::Rate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::frames::{self, BINARY, CLOSE, FIN, PING, PONG, TEXT, Way, frame, next, next_text};
use crate::support::{Server, http, soon};

const MIB: usize = 1024 * 1024;

async fn open(server: &Server, lab: &'static str) -> TcpStream {
    frames::open(server.address, &Way::Lab(lab)).await
}

#[tokio::test]
async fn a_close_comes_at_once_with_what_was_asked_for() {
    let server = Server::start().await;
    for (lab, payload) in [
        ("close", &b""[..]),
        ("close?code=1000", &[3, 232]),
        ("close?code=1013&reason=come%20again", b"\x03\xf5come again"),
        ("close?code=4999&reason=%E5%86%8D%E8%A7%81", "\x13\u{7f}".as_bytes()),
    ] {
        let mut stream = open(&server, lab).await;
        let (first, found) = next(&mut stream).await;
        assert_eq!(first, FIN | CLOSE);
        if lab.contains("4999") {
            assert_eq!(found, [&[0x13, 0x87][..], "再见".as_bytes()].concat());
        } else {
            assert_eq!(found, payload, "{lab}");
        }
        stream.write_all(&frame(FIN | CLOSE, &found)).await.unwrap();
        let mut rest = Vec::new();
        soon("the end", stream.read_to_end(&mut rest)).await.unwrap();
        assert!(rest.is_empty());
    }
    for (query, field) in [
        ("code=999", "code: "),
        ("code=1004", "code: "),
        ("code=1005", "code: "),
        ("code=1006", "code: "),
        ("code=1015", "code: "),
        ("code=2999", "code: "),
        ("code=5000", "code: "),
        ("code=66536", "code: "),
        ("code=x", "code: "),
        ("reason=x", "reason: "),
        (&format!("code=1000&reason={}", "x".repeat(124)), "reason: "),
    ] {
        let answer = http::get(server.address, &format!("/labs/close?{query}"), "x=y").await;
        assert!(answer.status == 400 && answer.body.contains(field), "{query}: {}", answer.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_abort_ends_by_rst() {
    let server = Server::start().await;
    let mut stream = open(&server, "abort").await;
    assert!(next_text(&mut stream).await.contains("without a Close"));
    let end = soon("the end", stream.read_u8()).await;
    assert_eq!(end.map_err(|error| error.kind()), Err(io::ErrorKind::ConnectionReset));
    server.stop().await;
}

#[tokio::test]
async fn an_answer_may_be_late() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = open(&server, "slow-accept?ms=300").await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    stream.write_all(&frame(FIN | TEXT, b"at last")).await.unwrap();
    assert_eq!(next_text(&mut stream).await, "at last");
    server.stop().await;
}

#[tokio::test]
async fn a_close_may_never_be_answered() {
    let server = Server::start().await;
    let mut stream = open(&server, "never-close").await;
    stream.write_all(&[frame(FIN | TEXT, b"x"), frame(FIN | CLOSE, &[3, 232])].concat()).await.unwrap();
    assert_eq!(next_text(&mut stream).await, "x");
    let quiet = tokio::time::timeout(Duration::from_secs(1), stream.read_u8()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn a_text_may_be_none() {
    let server = Server::start().await;
    let mut stream = open(&server, "bad-utf8").await;
    let (first, payload) = next(&mut stream).await;
    assert!(first == FIN | TEXT && std::str::from_utf8(&payload).is_err(), "{payload:?}");
    stream.write_all(&frame(FIN | CLOSE, &[3, 239])).await.unwrap();
    assert_eq!(frames::code(&mut stream).await, close::BAD_UTF8);
    server.stop().await;
}

#[tokio::test]
async fn a_huge_message_comes_whole_though_one_pings_within_it() {
    let server = Server::start().await;
    let mut stream = open(&server, "big?n=5000001").await;
    stream.write_all(&frame(FIN | PING, b"within")).await.unwrap();
    let (first, payload) = next(&mut stream).await;
    assert_eq!((first, payload.len()), (FIN | BINARY, 5_000_001));
    assert!(payload.iter().enumerate().all(|(at, byte)| at % 256 == usize::from(*byte)));
    // The ping comes too late: a Close is the last frame.
    stream.write_all(&frame(FIN | CLOSE, &[3, 232])).await.unwrap();
    assert_eq!(frames::code(&mut stream).await, close::NORMAL);
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_may_be_denied() {
    let server = Server::start().await;
    for (query, status, location) in [
        ("", 403, ""),
        ("?status=503", 503, ""),
        ("?status=200", 200, ""),
        ("?status=302", 302, "/labs/echo"),
        ("?status=301", 301, "/labs/echo"),
    ] {
        let lab = format!("GET /labs/deny{query}");
        let upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
        let answer = http::request(server.address, &lab, &upgrade, "").await;
        assert_eq!((answer.status, answer.header("location")), (status, location));
    }
    for status in ["101", "204", "600", "x"] {
        let answer = http::get(server.address, &format!("/labs/deny?status={status}"), "x=y").await;
        assert!(answer.status == 400 && answer.body.contains("status: "), "{}", answer.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stall_takes_only_what_the_system_takes() {
    let server = Server::start().await;
    let mut stream = open(&server, "stall").await;
    let message = frame(FIN | BINARY, &vec![0; MIB]);
    let poured = async {
        for _ in 0..64 {
            stream.write_all(&message).await.unwrap();
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(2), poured).await.is_err(), "64 MiB were taken");
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn there_are_only_so_many_places() {
    let server = Server::start_with(|config| config.lab_limits.connections = 2).await;
    let (first, _second) = (open(&server, "echo").await, open(&server, "stall").await);
    let handshake = frames::handshake(server.address, &Way::Echo, "");
    let answer = http::raw(server.address, &handshake).await;
    assert_eq!(answer.status, 503);
    assert!(!answer.header("retry-after").is_empty());
    drop(first);
    soon("a place", async {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        loop {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(handshake.as_bytes()).await.unwrap();
            let mut start = [0; 12];
            stream.read_exact(&mut start).await.unwrap();
            if &start == b"HTTP/1.1 101" {
                break;
            }
            pace.tick().await;
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn who_does_nothing_and_who_stays_too_long_is_let_go() {
    let server = Server::start_with(|config| config.lab_limits.idle = Duration::from_millis(300)).await;
    let mut idle = open(&server, "echo").await;
    assert_eq!(frames::code(&mut idle).await, close::GOING_AWAY);
    server.stop().await;
    let server = Server::start_with(|config| config.lab_limits.life = Duration::from_millis(300)).await;
    let mut busy = open(&server, "ping?ms=100").await;
    assert_eq!(next(&mut busy).await.0, FIN | PING);
    assert_eq!(frames::code(&mut busy).await, close::GOING_AWAY);
    server.stop().await;
}

#[tokio::test]
async fn who_says_too_much_at_once_is_read_more_slowly() {
    let rate = Rate { per_second: 100, burst: 100 };
    let server = Server::start_with(|config| config.lab_limits.rate = rate).await;
    let mut stream = open(&server, "echo").await;
    let began = Instant::now();
    stream.write_all(&frame(FIN | TEXT, b"x").repeat(200)).await.unwrap();
    for _ in 0..200 {
        assert_eq!(next_text(&mut stream).await, "x");
    }
    assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn together_they_hold_only_so_much() {
    let server = Server::start_with(|config| config.lab_limits.held = 3 * MIB).await;
    let mut half = open(&server, "echo").await;
    half.write_all(&frames::head(FIN | BINARY, 4 * MIB as u64)).await.unwrap();
    half.write_all(&vec![0; 4 * MIB - 100]).await.unwrap();
    assert_eq!(frames::code(&mut half).await, close::OVERLOADED);
    // Who holds little is served.
    let mut small = open(&server, "echo").await;
    small.write_all(&frame(FIN | TEXT, b"small")).await.unwrap();
    assert_eq!(next_text(&mut small).await, "small");
    server.stop().await;
}

#[tokio::test]
async fn who_reads_too_slowly_leaves_the_broadcast_and_nobody_waits() {
    let server = Server::start().await;
    let (mut ann, mut ben) = (open(&server, "broadcast/a").await, open(&server, "broadcast/a").await);
    for stream in [&mut ann, &mut ben] {
        stream.write_all(&frame(FIN | PING, b"")).await.unwrap();
        assert_eq!(next(stream).await.0, FIN | PONG);
    }
    // More than the system holds for one who does not read, together with what may wait.
    let message = vec![b'x'; MIB / 2];
    for i in 0..64 {
        ann.write_all(&frame(FIN | BINARY, &message)).await.unwrap();
        assert_eq!(next(&mut ann).await.1.len(), message.len(), "{i}");
    }
    assert_eq!(frames::code(&mut ben).await, close::OVERLOADED);
    ann.write_all(&frame(FIN | TEXT, b"without Ben")).await.unwrap();
    assert_eq!(next_text(&mut ann).await, "without Ben");
    server.stop().await;
}
