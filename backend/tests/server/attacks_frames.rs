//! What is tried with frames once a connection is open: rules are judged as early as they can be, and nothing that a
//! stranger sends, or does not read, costs more memory than a connection is worth.

use std::time::Duration;

use common::close;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::deflate::{Deflater, Inflater};

use crate::support::client::Client;
use crate::support::frames::{self, BINARY, CLOSE, CONTINUATION, FIN, PING, RSV1, TEXT, Way, frame, head};
use crate::support::process::Process;
use crate::support::{Server, http, soon};

const MIB: u64 = 1024 * 1024;

/// Bytes in a message, at most: in the chat and in the echo.
const CHAT_BYTES: u64 = 64 * 1024;
const ECHO_BYTES: u64 = 16 * MIB;

const HELLO: &[u8] = br#"{"op":"hello"}"#;

/// A server in a process of its own, so that its memory can be looked at, and the ways into it.
async fn process(data: &tempfile::TempDir) -> (Process, Way) {
    let server = Process::start(data.path()).await;
    let cookie = http::come_in(server.address, "Mallory").await;
    (server, Way::Chat(cookie))
}

/// Somebody else, whom nothing of this may trouble.
async fn bystander(server: &Process) -> Client {
    let cookie = http::come_in(server.address, "Alice").await;
    Client::connect(server.address, "Alice", &cookie).await
}

/// Writes this again and again and reads nothing, until the server takes no more, ends the connection, or has got
/// `most` bytes. The connection is given back.
async fn pour(mut stream: TcpStream, bytes: &[u8], most: u64) -> TcpStream {
    let bytes = bytes.repeat((64 * 1024 / bytes.len()).max(1));
    let mut poured = 0;
    while poured < most {
        match timeout(Duration::from_secs(1), stream.write_all(&bytes)).await {
            Ok(Ok(())) => poured += bytes.len() as u64,
            Ok(Err(_)) | Err(_) => break,
        }
    }
    stream
}

async fn what_a_head_breaks_is_judged_by_it(way: impl AsyncFn(&Server) -> Way, most: u64) {
    let server = Server::start().await;
    let way = way(&server).await;
    let long = |first, length: u64| {
        let mut head = vec![first, 0x80 | 127];
        head.extend(length.to_be_bytes());
        head.extend([0; 4]);
        head
    };
    // None of the payloads ever comes.
    for (what, bytes, code) in [
        ("no mask", vec![FIN | TEXT, 5], close::PROTOCOL),
        ("no mask, a long length", vec![FIN | TEXT, 126, 1, 0], close::PROTOCOL),
        ("RSV1, though nothing is compressed", head(FIN | RSV1 | TEXT, 5), close::PROTOCOL),
        ("RSV2", head(FIN | 0x20 | TEXT, 5), close::PROTOCOL),
        ("a reserved opcode", head(FIN | 3, 5), close::PROTOCOL),
        ("a reserved control opcode", head(FIN | 15, 5), close::PROTOCOL),
        ("a continuation of nothing", head(FIN | CONTINUATION, 5), close::PROTOCOL),
        ("a fragmented ping", head(PING, 5), close::PROTOCOL),
        ("a ping of 126 bytes", head(FIN | PING, 126), close::PROTOCOL),
        ("a Close of 64 KiB", head(FIN | CLOSE, 65_536), close::PROTOCOL),
        ("16 bits for a length of 7", vec![FIN | TEXT, 0x80 | 126, 0, 125, 0, 0, 0, 0], close::PROTOCOL),
        ("64 bits for a length of 16", long(FIN | TEXT, 65_535), close::PROTOCOL),
        ("the highest bit of a length", long(FIN | TEXT, 1 << 63), close::PROTOCOL),
        ("every bit of a length", long(FIN | TEXT, u64::MAX), close::PROTOCOL),
        ("a byte too many", head(FIN | TEXT, most + 1), close::TOO_BIG),
        ("the most that a length can say", long(FIN | TEXT, u64::MAX >> 1), close::TOO_BIG),
        ("too many with those before", [frame(TEXT, b"x"), head(FIN, most)].concat(), close::TOO_BIG),
        ("a text within a text", [frame(TEXT, b"x"), head(FIN | TEXT, 5)].concat(), close::PROTOCOL),
        ("a byte that no text has", [head(FIN | TEXT, 500), vec![b'x', 0xFF]].concat(), close::BAD_UTF8),
        ("half a character too many", [head(FIN | TEXT, 500), vec![0xE2, 0x28]].concat(), close::BAD_UTF8),
        ("a surrogate", [head(TEXT, 500), vec![0xED, 0xA0]].concat(), close::BAD_UTF8),
    ] {
        let mut stream = frames::open(server.address, &way).await;
        stream.write_all(&bytes).await.unwrap();
        assert_eq!(soon(what, frames::code(&mut stream)).await, code, "{what}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_a_head_breaks_is_judged_by_it_in_the_chat() {
    let chat = async |server: &Server| Way::Chat(http::come_in(server.address, "Mallory").await);
    what_a_head_breaks_is_judged_by_it(chat, CHAT_BYTES).await;
}

#[tokio::test]
async fn what_a_head_breaks_is_judged_by_it_in_the_echo() {
    what_a_head_breaks_is_judged_by_it(async |_| Way::Echo, ECHO_BYTES).await;
}

#[tokio::test]
async fn what_comes_with_the_handshake_or_byte_by_byte_is_heard() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let all = [frames::handshake(server.address, &Way::Echo, "").into_bytes(), frame(FIN | TEXT, b"at once")].concat();
    stream.write_all(&all).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(soon("an answer", stream.read_u8()).await.unwrap());
    }
    assert_eq!(frames::next(&mut stream).await, (FIN | TEXT, b"at once".to_vec()));
    let pieces = [frame(TEXT, "€".as_bytes()), frame(FIN | PING, b"p"), frame(FIN, "uro".as_bytes())].concat();
    for byte in pieces {
        stream.write_all(&[byte]).await.unwrap();
    }
    assert_eq!(frames::next(&mut stream).await, (FIN | 10, b"p".to_vec()));
    assert_eq!(frames::next(&mut stream).await, (FIN | TEXT, "€uro".as_bytes().to_vec()));
    let long = vec![7; ECHO_BYTES as usize];
    let (mut hears, mut says) = stream.split();
    let sent = frame(FIN | BINARY, &long);
    let (sent, (first, heard)) = tokio::join!(says.write_all(&sent), frames::next(&mut hears));
    sent.unwrap();
    assert!(first == FIN | BINARY && heard == long, "the longest message there may be");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_is_not_read_costs_no_memory() {
    let data = tempfile::tempdir().unwrap();
    let (server, chat) = process(&data).await;
    let mut alice = bystander(&server).await;
    alice.says("before").await;
    let ping = frame(FIN | PING, &[b'x'; 125]);
    let sync = frame(FIN | TEXT, br#"{"op":"sync","room":"r1","from":0,"to":500}"#);
    let nonsense = frame(FIN | TEXT, b"nonsense");
    let empty = frame(FIN | TEXT, b"");
    let echo = frame(FIN | BINARY, &[b'x'; 60_000]);
    let before = server.memory();
    for (what, way, bytes) in [
        ("pings to the chat", &chat, &ping),
        ("pings to the echo", &Way::Echo, &ping),
        ("questions", &chat, &sync),
        ("nonsense", &chat, &nonsense),
        ("nothing", &Way::Echo, &empty),
        ("messages to the echo", &Way::Echo, &echo),
    ] {
        let floods = (0..4).map(async |_| {
            let mut stream = frames::open(server.address, way).await;
            if matches!(way, Way::Chat(_)) {
                stream.write_all(&frame(FIN | TEXT, HELLO)).await.unwrap();
            }
            pour(stream, bytes, 16 * MIB).await
        });
        let _open = join_all(floods).await;
        let more = server.memory().saturating_sub(before);
        assert!(more < 32 * MIB, "{what}: {more} bytes");
        alice.says(what).await;
    }
    server.kill().await;
}

#[tokio::test]
async fn a_message_in_too_many_pieces_is_no_message() {
    let server = Server::start().await;
    let chat = Way::Chat(http::come_in(server.address, "Mallory").await);
    for (what, way, piece, codes) in [
        ("nothing, to the chat", &chat, &b""[..], [close::POLICY, close::POLICY]),
        ("nothing, to the echo", &Way::Echo, b"", [close::POLICY, close::POLICY]),
        ("bytes, to the chat", &chat, b"x", [close::POLICY, close::TOO_BIG]),
        ("bytes, to the echo", &Way::Echo, b"x", [close::POLICY, close::TOO_BIG]),
    ] {
        let (mut hears, mut says) = frames::open(server.address, way).await.into_split();
        says.write_all(&[frame(FIN | TEXT, HELLO), frame(TEXT, piece)].concat()).await.unwrap();
        let pieces = frame(CONTINUATION, piece).repeat(1_000);
        let endless = async {
            while says.write_all(&pieces).await.is_ok() {}
            std::future::pending::<()>().await;
        };
        tokio::select! {
            code = frames::code(&mut hears) => assert!(codes.contains(&code), "{what}: {code}"),
            () = endless => {}
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_announced_and_never_comes_takes_no_memory() {
    let data = tempfile::tempdir().unwrap();
    let (server, chat) = process(&data).await;
    let mut alice = bystander(&server).await;
    let mut open = Vec::new();
    for way in [&chat, &Way::Echo] {
        open.push(frames::open(server.address, way).await);
    }
    let before = server.memory();
    for (way, most) in [(&chat, CHAT_BYTES), (&Way::Echo, ECHO_BYTES)] {
        for i in 0..300 {
            let mut stream = frames::open(server.address, way).await;
            // Alone, in the middle of a message, and with some of it.
            let begun = [head(FIN | TEXT, most), [frame(TEXT, b"x"), head(FIN, most - 1)].concat()];
            stream.write_all(&begun[i % 2]).await.unwrap();
            stream.write_all(&[b'x'; 1_000][..(i % 3) * 500]).await.unwrap();
            open.push(stream);
        }
    }
    alice.says("unimpressed").await;
    // Half of the chat's promises alone would be 10 MiB, the echo's 5 GiB. What a connection costs anyway is in it.
    let more = server.memory().saturating_sub(before);
    assert!(more < 10 * MIB, "{more} bytes");
    server.kill().await;
}

/// A compressed message of so many MiB of zeros, in a thousandth of the space.
fn bomb(mib: usize) -> Vec<u8> {
    let mut piece = Vec::new();
    Deflater::new(15, 9).message(&vec![0; MIB as usize], &mut piece);
    // Each piece was compressed without those before, so that they can stand in any number (RFC 7692, section 7.2.1).
    let mut bomb = piece.clone();
    for _ in 1..mib {
        bomb.extend([0, 0, 0xFF, 0xFF]);
        bomb.extend(&piece);
    }
    bomb
}

/// Opens a socket on which messages may be compressed.
async fn open_compressed(server: &Process, way: &Way) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let answer = frames::upgrade(&mut stream, server.address, way, "permessage-deflate").await;
    assert!(answer.to_ascii_lowercase().contains("sec-websocket-extensions: permessage-deflate"), "{answer}");
    stream
}

async fn bombs_do_not_go_off(server: &Process, way: &Way) {
    let mut alice = bystander(server).await;
    let (small, large) = (bomb(32), bomb(1_024));
    let chunks = (0..).zip(small.chunks(1_000));
    let pieces = chunks.flat_map(|(i, chunk)| frame(if i == 0 { RSV1 | TEXT } else { CONTINUATION }, chunk));
    let pieces: Vec<u8> = pieces.chain(frame(FIN | CONTINUATION, b"")).collect();
    let before = server.memory();
    for (what, bytes) in [
        ("a GiB in a MiB", &frame(FIN | RSV1 | TEXT, &large)),
        ("32 MiB in 32 KiB", &frame(FIN | RSV1 | BINARY, &small)),
        ("32 MiB, in pieces", &pieces),
    ] {
        let (mut hears, mut says) = open_compressed(server, way).await.into_split();
        let (_, code) = tokio::join!(says.write_all(bytes), frames::code(&mut hears));
        assert_eq!(code, close::TOO_BIG, "{what}");
    }
    let more = server.memory().saturating_sub(before);
    assert!(more < 48 * MIB, "{more} bytes");
    for (what, payload, code) in [
        ("not compressed at all", &[0xFF; 100][..], close::BAD_UTF8),
        ("a reserved kind of block", &[0x07, 0, 0], close::BAD_UTF8),
        ("a reference to what never was", &[0x4A, 0x04, 0x11, 0x00], close::BAD_UTF8),
    ] {
        let mut stream = open_compressed(server, way).await;
        stream.write_all(&frame(FIN | RSV1 | TEXT, payload)).await.unwrap();
        assert_eq!(frames::code(&mut stream).await, code, "{what}");
    }
    alice.says("I heard nothing").await;
}

#[tokio::test]
async fn bombs_do_not_go_off_in_the_echo() {
    let data = tempfile::tempdir().unwrap();
    let (server, _) = process(&data).await;
    bombs_do_not_go_off(&server, &Way::Echo).await;
    server.kill().await;
}

#[tokio::test]
async fn bombs_do_not_go_off_in_the_chat() {
    let data = tempfile::tempdir().unwrap();
    let (server, chat) = process(&data).await;
    bombs_do_not_go_off(&server, &chat).await;
    server.kill().await;
}

#[tokio::test]
async fn the_chat_is_compressed_for_those_who_ask_for_it() {
    let data = tempfile::tempdir().unwrap();
    let (server, chat) = process(&data).await;
    let mut stream = open_compressed(&server, &chat).await;
    // The server keeps no context of ours; its own may go on from message to message.
    let mut inflater = Inflater::new(15, true);
    let mut hello = Vec::new();
    Deflater::new(15, 6).message(HELLO, &mut hello);
    stream.write_all(&frame(FIN | RSV1 | TEXT, &hello)).await.unwrap();
    let mut said = String::new();
    let mut alice = bystander(&server).await;
    let mut compressed = 0;
    for i in 0..20 {
        let text = format!("a sentence that is much like the one before it, number {i}");
        alice.says(&text).await;
        while !said.contains(&text) {
            let (first, payload) = frames::next(&mut stream).await;
            assert_eq!(first & !RSV1, FIN | TEXT);
            if first & RSV1 == 0 {
                said.push_str(std::str::from_utf8(&payload).unwrap());
            } else {
                compressed += 1;
                said.push_str(std::str::from_utf8(inflater.message(&payload, 1 << 20).unwrap()).unwrap());
            }
        }
    }
    assert!(compressed >= 20, "{compressed} messages were compressed");
    // Plain messages are as good.
    stream.write_all(&frame(FIN | TEXT, br#"{"op":"ping","t":7}"#)).await.unwrap();
    server.kill().await;
}
