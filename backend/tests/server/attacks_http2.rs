//! What strangers try in HTTP/2: streams by the thousand, heads without end, floods that are not read. It ends their
//! connection, and nobody else's.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::support::client::Client;
use crate::support::http2::Http2;
use crate::support::process::Process;
use crate::support::{PATIENCE, Server, http, soon};

const MIB: u64 = 1024 * 1024;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types of frames (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Error codes (RFC 9113, section 7).
const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header that is in no table (RFC 7541, section 6.2.2).
fn header(name: &str, value: &str) -> Vec<u8> {
    let mut block = vec![0];
    for text in [name, value] {
        assert!(text.len() < 127);
        block.push(text.len() as u8);
        block.extend(text.as_bytes());
    }
    block
}

/// The head of a request for `/healthz`.
fn head(address: SocketAddr) -> Vec<u8> {
    [
        header(":method", "GET"),
        header(":scheme", "http"),
        header(":path", "/healthz"),
        header(":authority", &address.to_string()),
    ]
    .concat()
}

/// Connects and says what every client says first.
async fn begin(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
    stream
}

/// A frame that came.
#[derive(Debug)]
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// Every frame up to the end of the connection.
async fn frames(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<Frame> {
    let mut bytes = Vec::new();
    drop(soon("the end of the connection", stream.read_to_end(&mut bytes)).await);
    let mut rest = bytes.as_slice();
    let mut frames = Vec::new();
    while rest.len() >= 9 {
        let (head, after) = rest.split_at(9);
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (payload, after) = after.split_at(length.min(after.len()));
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        frames.push(Frame { kind: head[3], flags: head[4], stream, payload: payload.to_vec() });
        rest = after;
    }
    frames
}

/// The error code of the GOAWAY among them.
fn goaway(frames: &[Frame]) -> Option<u32> {
    let frame = frames.iter().find(|frame| frame.kind == GOAWAY)?;
    Some(u32::from_be_bytes(frame.payload[4..8].try_into().unwrap()))
}

/// Sends this again and again until the connection ends, and gives what came back.
async fn flood(stream: TcpStream, mut bytes: impl FnMut() -> Vec<u8>) -> Vec<Frame> {
    let (mut hears, mut says) = stream.into_split();
    let flooding = async {
        while says.write_all(&bytes()).await.is_ok() {}
        std::future::pending::<()>().await;
    };
    tokio::select! {
        frames = frames(&mut hears) => frames,
        () = flooding => unreachable!("a flood has no end of its own"),
    }
}

/// Somebody who is connected all the while.
async fn bystander(server: &Process) -> Client {
    let cookie = http::come_in(server.address, "Alice").await;
    Client::connect(server.address, "Alice", &cookie).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_are_reset_at_once_end_the_connection() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path()).await;
    let mut alice = bystander(&server).await;
    alice.says("before").await;
    let before = server.memory();
    let head = head(server.address);
    for _ in 0..20 {
        let mut id = 1;
        let frames = flood(begin(server.address).await, || {
            let mut many = Vec::new();
            for _ in 0..500 {
                many.extend(frame(HEADERS, END_STREAM | END_HEADERS, id, &head));
                many.extend(frame(RST_STREAM, 0, id, &8_u32.to_be_bytes()));
                id += 2;
            }
            many
        });
        let began = Instant::now();
        let (frames, _) = tokio::join!(frames, alice.says("all the while"));
        assert!(began.elapsed() < PATIENCE);
        // RST may have destroyed what was said last.
        assert!(matches!(goaway(&frames), Some(ENHANCE_YOUR_CALM) | None), "{frames:?}");
        assert!(id < 1_000_000, "{} streams were taken", id / 2);
    }
    let more = server.memory().saturating_sub(before);
    assert!(more < 32 * MIB, "{more} bytes");
    server.kill().await;
}

/// Writes the same again and again, until it is no longer taken.
async fn pour(stream: &mut TcpStream, bytes: &[u8]) {
    for _ in 0..256 {
        let written = timeout(Duration::from_secs(1), stream.write_all(bytes)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_is_not_read_costs_no_memory() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path()).await;
    let mut alice = bystander(&server).await;
    alice.says("before").await;
    let before = server.memory();
    let small_window = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let large_window = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 1]);
    for (what, bytes) in [
        ("pings", frame(PING, 0, 0, b"12345678")),
        ("settings", frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])),
        ("settings that change every window", [small_window, large_window].concat()),
        ("frames of no known type", frame(0x42, 0, 0, &[0; 100])),
        ("priorities", frame(2, 0, 1, &[0, 0, 0, 0, 1])),
        ("windows", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
    ] {
        let bytes = bytes.repeat(64 * 1024 / bytes.len());
        let floods = (0..4).map(async |_| {
            let mut stream = begin(server.address).await;
            pour(&mut stream, &bytes).await;
            stream
        });
        let _open = join_all(floods).await;
        let more = server.memory().saturating_sub(before);
        assert!(more < 32 * MIB, "{what}: {more} bytes");
        alice.says(what).await;
    }
    server.kill().await;
}

#[tokio::test]
async fn answers_that_are_not_taken_are_not_piled_up() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path()).await;
    let mut alice = bystander(&server).await;
    let (before, descriptors) = (server.memory(), server.descriptors());
    let mut held = Vec::new();
    for _ in 0..50 {
        let mut stream = begin(server.address).await;
        // No answer's body may be sent.
        let mut asking = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
        for id in 0..100 {
            asking.extend(frame(HEADERS, END_STREAM | END_HEADERS, id * 2 + 1, &head(server.address)));
        }
        stream.write_all(&asking).await.unwrap();
        held.push(stream);
    }
    alice.says("there are five thousand answers").await;
    let more = server.memory().saturating_sub(before);
    assert!(more < 64 * MIB, "{more} bytes");
    // And all of it comes back.
    drop(held);
    let gone = async {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        // The database's readers may open their files meanwhile.
        while server.descriptors() > descriptors + 8 {
            pace.tick().await;
        }
    };
    soon("the descriptors", gone).await;
    server.kill().await;
}

#[tokio::test]
async fn heads_have_bounds() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path()).await;
    let address = server.address;
    let before = server.memory();
    // A head that never ends, in as many frames as one likes, with something in them and with nothing.
    for piece in [header("x", &"y".repeat(100)), Vec::new()] {
        let mut stream = begin(address).await;
        stream.write_all(&frame(HEADERS, END_STREAM, 1, &head(address))).await.unwrap();
        let many = frame(CONTINUATION, 0, 1, &piece).repeat(1_000);
        let frames = flood(stream, || many.clone()).await;
        assert!(!frames.iter().any(|frame| frame.kind == HEADERS), "it is not answered: {frames:?}");
    }
    // One header of 100 bytes, and 10,000 times a byte that means it once more (a bomb for HPACK).
    let mut block = head(address);
    block.extend([0x40, 1, b'x', 100]);
    block.extend([b'y'; 100]);
    block.extend([0x80 | 62; 10_000]);
    let mut stream = begin(address).await;
    // It may end the connection at once, or refuse this and answer what comes next.
    for bytes in [
        frame(HEADERS, END_STREAM | END_HEADERS, 1, &block),
        frame(HEADERS, END_STREAM | END_HEADERS, 3, &head(address)),
        frame(GOAWAY, 0, 0, &[0; 8]),
    ] {
        drop(stream.write_all(&bytes).await);
    }
    let frames = frames(&mut stream).await;
    let answered = frames.iter().find(|frame| frame.kind == HEADERS && frame.stream == 1);
    // The first byte of `:status: 431` is that of a literal, not the one of `:status: 200` (RFC 7541, appendix A).
    assert!(answered.is_none_or(|frame| frame.payload[0] != 0x88), "{frames:?}");
    let more = server.memory().saturating_sub(before);
    assert!(more < 16 * MIB, "{more} bytes");

    let stream = TcpStream::connect(address).await.unwrap();
    let mut http2 = Http2::begin(stream, address, "http").await;
    let long = "x".repeat(20_000);
    let (answer, _) = http2.ask(Method::GET, "/healthz", &[("x", &long)], "").await;
    assert_eq!(answer.status(), 431);
    assert_eq!(http2.ask(Method::GET, "/healthz", &[], "").await.0.status(), 200);
    server.kill().await;
}

#[tokio::test]
async fn what_breaks_the_rules_ends_the_connection() {
    let server = Server::start().await;
    let address = server.address;
    let request = |id| frame(HEADERS, END_STREAM | END_HEADERS, id, &head(address));
    for (what, bytes) in [
        ("data on no stream", frame(DATA, 0, 0, b"x")),
        ("data on a stream that never was", frame(DATA, 0, 1, b"x")),
        ("a stream of the server's", request(2)),
        ("a stream older than the last", [request(5), request(3)].concat()),
        ("padding longer than the frame", frame(DATA, 8, 1, &[200, b'x'])),
        ("another frame within a head", [frame(HEADERS, 0, 1, &[]), frame(PING, 0, 0, &[0; 8])].concat()),
        ("a continuation of nothing", frame(CONTINUATION, 4, 1, &[])),
        ("settings of a stream", frame(SETTINGS, 0, 1, &[])),
        ("settings of five bytes", frame(SETTINGS, 0, 0, &[0; 5])),
        ("a window beyond everything", frame(SETTINGS, 0, 0, &[0, 4, 0xFF, 0xFF, 0xFF, 0xFF])),
        ("a window that overflows", frame(WINDOW_UPDATE, 0, 0, &[0x7F, 0xFF, 0xFF, 0xFF])),
        ("a window of nothing", frame(WINDOW_UPDATE, 0, 0, &[0; 4])),
        ("a ping of seven bytes", frame(PING, 0, 0, &[0; 7])),
        ("a promise", frame(5, 4, 1, &[0, 0, 0, 2])),
        ("a frame of 16 MiB", [&[0xFF, 0xFF, 0xFF, DATA, 0, 0, 0, 0, 1][..], &[0; 100]].concat()),
        ("a head that cannot be decoded", frame(HEADERS, 5, 1, &[0x80])),
        ("a reference beyond the table", frame(HEADERS, 5, 1, &[0xFF, 0x80, 0x80, 0x80, 0x80, 0x7F])),
    ] {
        let mut stream = begin(address).await;
        stream.write_all(&bytes).await.unwrap();
        let frames = frames(&mut stream).await;
        // Which of the codes of section 7 is a matter of taste; that it is one is not.
        assert!(goaway(&frames).is_some_and(|code| code > 0), "{what}: {frames:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn no_request_hides_in_another() {
    let server = Server::start().await;
    let address = server.address;
    let authority = address.to_string();
    let plain = |path: &str| {
        [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", &authority)]
            .map(|(name, value)| header(name, value))
            .concat()
    };
    for (what, block) in [
        ("a name in capitals", [plain("/"), header("X-Y", "z")].concat()),
        ("a connection's header", [plain("/"), header("connection", "keep-alive")].concat()),
        ("an upgrade", [plain("/"), header("upgrade", "websocket")].concat()),
        ("an encoding", [plain("/"), header("transfer-encoding", "chunked")].concat()),
        ("a line break in a value", [plain("/"), header("x", "y\r\nhost: evil.example")].concat()),
        ("a NUL in a value", [plain("/"), header("x", "y\0")].concat()),
        ("a colon in a name", [plain("/"), header("x:y", "z")].concat()),
        ("a space in a name", [plain("/"), header("x y", "z")].concat()),
        ("two paths", [plain("/"), header(":path", "/api")].concat()),
        ("a pseudo header behind others", [header("x", "y"), plain("/")].concat()),
        ("a pseudo header of an answer", [plain("/"), header(":status", "200")].concat()),
        ("no path", [header(":method", "GET"), header(":scheme", "http"), header(":authority", "localhost")].concat()),
        ("an empty path", plain("")),
        ("a path with a space", plain("/ HTTP/1.1")),
        ("a protocol without a tunnel", [plain("/ws"), header(":protocol", "websocket")].concat()),
    ] {
        let mut stream = begin(address).await;
        stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block)).await.unwrap();
        stream.write_all(&frame(GOAWAY, 0, 0, &[0; 8])).await.unwrap();
        let frames = frames(&mut stream).await;
        let served = frames.iter().any(|frame| frame.kind == HEADERS && frame.payload[0] == 0x88);
        let reset = frames.iter().any(|frame| frame.kind == RST_STREAM) || goaway(&frames).is_some_and(|code| code > 0);
        let refused = frames.iter().any(|frame| frame.kind == HEADERS && frame.payload[0] == 0x8C);
        assert!(!served && (reset || refused), "{what}: {frames:?}");
    }
    // A body that is longer or shorter than was said.
    for (said, body) in [("5", "123"), ("1", "123")] {
        let mut stream = begin(address).await;
        let block = [
            header(":method", "POST"),
            plain("/api/v1/guests")[header(":method", "GET").len()..].to_vec(),
            header("content-type", "application/json"),
            header("content-length", said),
        ]
        .concat();
        stream.write_all(&frame(HEADERS, END_HEADERS, 1, &block)).await.unwrap();
        stream.write_all(&frame(DATA, END_STREAM, 1, body.as_bytes())).await.unwrap();
        stream.write_all(&frame(GOAWAY, 0, 0, &[0; 8])).await.unwrap();
        let frames = frames(&mut stream).await;
        let reset = frames.iter().find(|frame| frame.kind == RST_STREAM && frame.stream == 1);
        let code = reset.map(|frame| u32::from_be_bytes(frame.payload[..4].try_into().unwrap()));
        assert_eq!(code, Some(PROTOCOL_ERROR), "{said}: {frames:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn only_so_many_streams_are_open_at_once() {
    let server = Server::start().await;
    let address = server.address;
    let mut stream = begin(address).await;
    // Bodies that never come keep them open.
    let block = [
        header(":method", "POST"),
        header(":scheme", "http"),
        header(":path", "/api/v1/guests"),
        header(":authority", &address.to_string()),
        header("content-type", "application/json"),
    ]
    .concat();
    let all: Vec<u8> = (0..150).flat_map(|id| frame(HEADERS, END_HEADERS, id * 2 + 1, &block)).collect();
    stream.write_all(&all).await.unwrap();
    stream.write_all(&frame(GOAWAY, 0, 0, &[0; 8])).await.unwrap();
    let frames = frames(&mut stream).await;
    let refused = frames
        .iter()
        .filter(|frame| frame.kind == RST_STREAM && frame.payload == REFUSED_STREAM.to_be_bytes() && frame.flags == 0);
    assert_eq!(refused.count(), 50);
    server.stop().await;
}

#[tokio::test]
async fn a_tunnel_keeps_to_its_window() {
    let server = Server::start().await;
    let address = server.address;
    let block = [
        header(":method", "CONNECT"),
        header(":protocol", "websocket"),
        header(":scheme", "http"),
        header(":path", "/labs/echo"),
        header(":authority", &address.to_string()),
        header("sec-websocket-version", "13"),
    ]
    .concat();
    // More than the window has, though nobody has taken anything out of it.
    let mut stream = begin(address).await;
    stream.write_all(&frame(HEADERS, END_HEADERS, 1, &block)).await.unwrap();
    let data = frame(DATA, 0, 1, &[0x82; 16_384]);
    let frames = flood(stream, || data.clone()).await;
    let reset = |frame: &Frame| frame.kind == RST_STREAM && frame.payload == FLOW_CONTROL_ERROR.to_be_bytes();
    let ended = frames.iter().any(|frame| frame.kind == DATA && frame.flags & END_STREAM != 0);
    assert!(goaway(&frames).is_some_and(|code| code > 0) || frames.iter().any(reset) || ended, "{frames:?}");
    server.stop().await;
}

#[tokio::test]
async fn who_does_not_answer_pings_is_let_go_of() {
    let server = Server::start_with(|config| config.timings.patience.silence_ms = 400).await;
    let mut stream = begin(server.address).await;
    stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &head(server.address))).await.unwrap();
    let frames = frames(&mut stream).await;
    assert!(frames.iter().any(|frame| frame.kind == HEADERS && frame.payload[0] == 0x88), "{frames:?}");
    assert!(frames.iter().any(|frame| frame.kind == PING && frame.flags == 0), "{frames:?}");
    server.stop().await;
}
