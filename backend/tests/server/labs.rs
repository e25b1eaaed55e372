//! The labs as they should work: what each says, how it is found, and who may come.

use std::time::{Duration, Instant};

use common::close;
use common::labs::{Handshake, Head};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::deflate::{Deflater, Inflater};

use crate::support::frames::{
    self, BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, RSV1, TEXT, Way, frame, next, next_text,
};
use crate::support::http2::Http2;
use crate::support::{Server, http, soon, tls};

async fn open(server: &Server, lab: &'static str) -> TcpStream {
    frames::open(server.address, &Way::Lab(lab)).await
}

/// A text, a binary, and a ping between fragments come back as they were; then the Close is answered.
async fn echoes(stream: &mut TcpStream) {
    let bytes = [
        frame(FIN | TEXT, "héllo".as_bytes()),
        frame(BINARY, b"one"),
        frame(FIN | PING, b"p"),
        frame(FIN | CONTINUATION, b"two"),
    ];
    stream.write_all(&bytes.concat()).await.unwrap();
    assert_eq!(next(stream).await, (FIN | TEXT, "héllo".as_bytes().to_vec()));
    assert_eq!(next(stream).await, (FIN | PONG, b"p".to_vec()));
    assert_eq!(next(stream).await, (FIN | BINARY, b"onetwo".to_vec()));
    says_goodbye(stream).await;
}

async fn says_goodbye(stream: &mut TcpStream) {
    stream.write_all(&frame(FIN | CLOSE, &[0x0f, 0xa0, b'b'])).await.unwrap();
    assert_eq!(frames::code(stream).await, 4000);
}

#[tokio::test]
async fn the_echo_says_nothing_by_itself_and_ends_as_it_is_asked() {
    let server = Server::start().await;
    let mut stream = open(&server, "echo").await;
    // Three seconds of silence, in which nothing comes.
    let quiet = tokio::time::timeout(Duration::from_secs(3), stream.read_u8()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    echoes(&mut stream).await;
    let mut stream = open(&server, "echo").await;
    stream.write_all(&frame(FIN | CLOSE, b"")).await.unwrap();
    assert_eq!(next(&mut stream).await, (FIN | CLOSE, Vec::new()));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_is_told() {
    let server = Server::start().await;
    let mut stream = open(&server, "echo").await;
    server.begin_stop();
    assert_eq!(frames::code(&mut stream).await, close::GOING_AWAY);
    server.stop().await;
}

#[tokio::test]
async fn the_ticker_greets_ticks_and_echoes() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = open(&server, "ticker").await;
    assert!(next_text(&mut stream).await.starts_with("Welcome"));
    stream.write_all(&frame(FIN | TEXT, b"x")).await.unwrap();
    assert_eq!(next_text(&mut stream).await, "x");
    for _ in 0..2 {
        let number = next_text(&mut stream).await;
        assert!(number.parse::<f64>().is_ok() && number.split_once('.').unwrap().1.len() == 2, "{number}");
    }
    assert!(began.elapsed() > Duration::from_millis(1_500), "{:?}", began.elapsed());
    says_goodbye(&mut stream).await;
    server.stop().await;
}

#[tokio::test]
async fn a_broadcast_is_heard_by_all_in_the_room() {
    let server = Server::start().await;
    let (mut ann, mut ben) = (open(&server, "broadcast/class-7").await, open(&server, "broadcast/class-7").await);
    let mut eve = open(&server, "broadcast/class_8").await;
    // Who is answered is in.
    for stream in [&mut ann, &mut ben, &mut eve] {
        stream.write_all(&frame(FIN | PING, b"")).await.unwrap();
        assert_eq!(next(stream).await.0, FIN | PONG);
    }
    ann.write_all(&frame(FIN | TEXT, "你好".as_bytes())).await.unwrap();
    assert_eq!((next_text(&mut ann).await, next_text(&mut ben).await), ("你好".to_owned(), "你好".to_owned()));
    ben.write_all(&frame(FIN | BINARY, &[1, 2])).await.unwrap();
    for stream in [&mut ann, &mut ben] {
        assert_eq!(next(stream).await, (FIN | BINARY, vec![1, 2]));
    }
    eve.write_all(&frame(FIN | TEXT, b"alone")).await.unwrap();
    assert_eq!(next_text(&mut eve).await, "alone");
    says_goodbye(&mut ben).await;
    ann.write_all(&frame(FIN | TEXT, b"still here")).await.unwrap();
    assert_eq!(next_text(&mut ann).await, "still here");
    let answer = http::get(server.address, "/labs/broadcast/a%20b", "x=y").await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("1 to 64 letters"), "{}", answer.body);
    server.stop().await;
}

#[tokio::test]
async fn of_subprotocols_the_first_that_is_known_is_agreed() {
    let server = Server::start().await;
    for (offered, chosen) in
        [("unknown, json, echo.v1", Some("json")), ("chat.v1", Some("chat.v1")), ("JSON", None), ("", None)]
    {
        let header = if offered.is_empty() { String::new() } else { format!("Sec-WebSocket-Protocol: {offered}\r\n") };
        let handshake = frames::handshake(server.address, &Way::Lab("subprotocols"), "");
        let handshake = handshake.replace("\r\n\r\n", &format!("\r\n{header}\r\n"));
        let (mut stream, head) = answered(&server, &handshake).await;
        let named = head
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("sec-websocket-protocol: ").map(str::to_owned));
        assert_eq!(named.as_deref(), chosen, "{head}");
        let said: Value = serde_json::from_str(&next_text(&mut stream).await).unwrap();
        assert_eq!(said["chosen"].as_str(), chosen);
        let list: Vec<&str> = said["offered"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(list.join(", "), offered);
        echoes(&mut stream).await;
    }
    server.stop().await;
}

/// Sends a handshake as it is, and gives the answer's head.
async fn answered(server: &Server, handshake: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon("an answer", stream.read_u8()).await.unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

#[tokio::test]
async fn a_handshake_is_shown_as_it_was() {
    let server = Server::start().await;
    let handshake = frames::handshake(server.address, &Way::Lab("handshake?x=1"), "");
    let handshake =
        handshake.replace("Cookie: x=y", "Cookie: session=secret; b=c").replace("\r\n\r\n", "\r\nX-Mine: 1\r\n\r\n");
    let (mut stream, head) = answered(&server, &handshake).await;
    let seen: Handshake = serde_json::from_str(&next_text(&mut stream).await).unwrap();
    // The answer to the last byte, in its order.
    let lines: Vec<String> = seen.response.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(format!("{}\r\n{}\r\n\r\n", seen.response.line, lines.join("\r\n")), head);
    assert_eq!(seen.request.line, "GET /labs/handshake?x=1 HTTP/1.1");
    let has = |head: &Head, name: &str, value: &str| head.headers.contains(&(name.to_owned(), value.to_owned()));
    assert!(has(&seen.request, "x-mine", "1") && has(&seen.request, "host", &server.address.to_string()));
    assert!(has(&seen.request, "cookie", "session=…; b=…"), "{:?}", seen.request);
    assert!(has(&seen.response, "sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    echoes(&mut stream).await;

    let answer = http::request(server.address, "GET /labs/handshake", &["X-Mine: 2"], "").await;
    assert_eq!(answer.status, 200);
    let head: Head = answer.json();
    assert!(head.line == "GET /labs/handshake HTTP/1.1" && has(&head, "x-mine", "2"), "{head:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_of_http_2_is_shown_too() {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let server = Server::start_in(data, |config| config.tls = Some(files.clone())).await;
    let mut http2 = Http2::begin(tls::connect(server.address, &files, &["h2"]).await, server.address, "https").await;
    let headers = [("sec-websocket-version", "13")];
    let (answer, mut stream) = http2.connect("/labs/handshake", Some("websocket"), &headers).await;
    assert_eq!(answer.status(), 200);
    let seen: Handshake = serde_json::from_str(&next_text(&mut stream).await).unwrap();
    assert_eq!(
        (seen.request.line.as_str(), seen.response.line.as_str()),
        ("CONNECT /labs/handshake HTTP/2", "HTTP/2 200")
    );
    assert_eq!(seen.request.headers[0], (":protocol".to_owned(), "websocket".to_owned()));
    stream.write_all(&frame(FIN | BINARY, b"over HTTP/2")).await.unwrap();
    assert_eq!(next(&mut stream).await, (FIN | BINARY, b"over HTTP/2".to_vec()));
    drop((stream, http2));

    let mut stream = tls::connect(server.address, &files, &[]).await;
    frames::upgrade(&mut stream, server.address, &Way::Lab("echo"), "").await;
    stream.write_all(&[frame(FIN | TEXT, b"encrypted"), frame(FIN | CLOSE, &[3, 232])].concat()).await.unwrap();
    assert_eq!(next_text(&mut stream).await, "encrypted");
    assert_eq!(next(&mut stream).await, (FIN | CLOSE, vec![3, 232]));
    server.stop().await;
}

#[tokio::test]
async fn a_flood_is_numbered_and_has_its_rate() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = open(&server, "flood?rate=2000&size=64&seconds=1").await;
    for n in 0..2_000 {
        let text = next_text(&mut stream).await;
        let said: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((said["n"].as_u64(), text.len()), (Some(n), 64));
    }
    assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
    stream.write_all(&frame(FIN | CLOSE, &[3, 232])).await.unwrap();
    assert_eq!(frames::code(&mut stream).await, close::NORMAL);
    server.stop().await;
}

#[tokio::test]
async fn fragments_come_with_a_ping_in_between() {
    let server = Server::start().await;
    let mut stream = open(&server, "fragment?n=4").await;
    let mut said = Vec::new();
    let mut firsts = Vec::new();
    for _ in 0..5 {
        let (first, payload) = next(&mut stream).await;
        firsts.push(first);
        if first != FIN | PING {
            said.extend(payload);
        }
    }
    assert_eq!(firsts, [TEXT, CONTINUATION, FIN | PING, CONTINUATION, FIN | CONTINUATION]);
    assert!(String::from_utf8(said).unwrap().contains("in 4 fragments"));
    stream.write_all(&frame(FIN | BINARY, b"abcdefgh")).await.unwrap();
    for (first, payload) in [(BINARY, b"ab"), (CONTINUATION, b"cd"), (CONTINUATION, b"ef"), (FIN | CONTINUATION, b"gh")]
    {
        assert_eq!(next(&mut stream).await, (first, payload.to_vec()));
    }
    says_goodbye(&mut stream).await;
    server.stop().await;
}

#[tokio::test]
async fn pings_are_timed() {
    let server = Server::start().await;
    let mut stream = open(&server, "ping?ms=100").await;
    for n in 1..=3 {
        let (first, payload) = next(&mut stream).await;
        assert_eq!((first, payload.as_slice()), (FIN | PING, n.to_string().as_bytes()));
        stream.write_all(&frame(FIN | PONG, &payload)).await.unwrap();
        let text = next_text(&mut stream).await;
        assert!(text.starts_with(&format!("ping {n}: its pong came after ")) && text.ends_with(" ms"), "{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_sink_reads_at_its_rate_and_says_how_much_it_was() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut stream = open(&server, "sink?rate=8192").await;
    // More than a message may have elsewhere, and more than the system holds for who does not read.
    let size = 24 * 1024 * 1024;
    stream.write_all(&frame(FIN | BINARY, &vec![0; size])).await.unwrap();
    let said: Value = serde_json::from_str(&next_text(&mut stream).await).unwrap();
    assert_eq!((said["bytes"].as_u64(), said["frames"].as_u64()), (Some(size as u64), Some(1)));
    assert!(began.elapsed() > Duration::from_millis(2_500), "{:?}", began.elapsed());
    stream.write_all(&frame(FIN | PING, b"p")).await.unwrap();
    assert_eq!(next(&mut stream).await, (FIN | PONG, b"p".to_vec()));
    says_goodbye(&mut stream).await;
    server.stop().await;
}

#[tokio::test]
async fn what_there_is_is_listed_and_all_of_it_is_there() {
    let server = Server::start().await;
    let answer = http::get(server.address, "/labs/", "x=y").await;
    assert_eq!(answer.status, 200);
    let list: Vec<Value> = answer.json();
    for endpoint in &list {
        let path = endpoint["path"].as_str().unwrap().replace("{room}", "a").replace("{name}", &"a".repeat(32));
        if path.starts_with("/labs/tap/") {
            // Its answer does not end.
            continue;
        }
        // It wants an upgrade, or shows something; but it is there.
        let status = http::get(server.address, &path, "x=y").await.status;
        assert!(matches!(status, 426 | 403 | 200), "{path}: {status}");
        for parameter in endpoint["parameters"].as_array().unwrap() {
            let Some(most) = parameter["most"].as_u64() else { continue };
            let name = parameter["name"].as_str().unwrap();
            for bad in [(most + 1).to_string(), "-1".to_owned(), "x".to_owned()] {
                let answer = http::get(server.address, &format!("{path}?{name}={bad}"), "x=y").await;
                assert_eq!(answer.status, 400, "{path}?{name}={bad}");
                assert_eq!(answer.header("content-type"), "application/problem+json");
                assert!(answer.body.contains(&format!("{name}: ")), "{}", answer.body);
            }
        }
    }
    assert!(list.len() >= 19, "{} endpoints", list.len());
    server.stop().await;
}

#[tokio::test]
async fn where_the_labs_are_not_open_there_is_nothing() {
    let server = Server::start_with(|config| config.labs = false).await;
    for path in ["/labs/", "/labs/echo", "/labs/broadcast/a", "/labs/deny", "/labs/handshake"] {
        assert_eq!(http::get(server.address, path, "x=y").await.status, 404, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_of_this_machine_may_come_and_those_of_other_sites_not() {
    let server = Server::start().await;
    for (origin, status) in [
        ("null", "101"),
        ("file://", "101"),
        ("http://localhost:8080", "101"),
        ("http://[::1]:1", "101"),
        ("https://evil.example", "403"),
        ("http://localhost.evil.example", "403"),
    ] {
        let handshake = frames::handshake(server.address, &Way::Lab("broadcast/a"), "");
        let handshake = handshake.replace("\r\n\r\n", &format!("\r\nOrigin: {origin}\r\n\r\n"));
        let (_stream, head) = answered(&server, &handshake).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {head}");
    }
    // The chat is open to none of them.
    let handshake = frames::handshake(server.address, &Way::Chat(String::new()), "");
    let (_stream, head) = answered(&server, &handshake.replace("\r\n\r\n", "\r\nOrigin: null\r\n\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    let fetched = http::request(server.address, "GET /labs/handshake", &["Origin: null"], "").await;
    assert_eq!(fetched.status, 403);
    server.stop().await;
}

#[tokio::test]
async fn messages_are_compressed_as_the_client_likes() {
    let server = Server::start().await;
    for (offer, answer) in [
        ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        ("permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = frames::upgrade(&mut stream, server.address, &Way::Echo, offer).await;
        assert!(head.contains(&format!("sec-websocket-extensions: {answer}\r\n")), "{head}");
        let forgetful = offer.contains("client_no_context_takeover");
        let (mut says, mut hears) =
            (Deflater::new(15, 6), Inflater::new(15, !offer.contains("server_no_context_takeover")));
        for n in 0..5 {
            let text = format!("{n}: a sentence that is much like the one before it").repeat(100);
            let mut payload = Vec::new();
            says.message(text.as_bytes(), &mut payload);
            if forgetful {
                says.reset();
            }
            stream.write_all(&frame(FIN | RSV1 | TEXT, &payload)).await.unwrap();
            let (first, payload) = next(&mut stream).await;
            assert!(first == FIN | RSV1 | TEXT && payload.len() < text.len() / 10);
            assert_eq!(hears.message(&payload, 1 << 20).unwrap(), text.as_bytes());
            // What comes plain is heard as well.
            stream.write_all(&frame(FIN | BINARY, b"")).await.unwrap();
            let (first, payload) = next(&mut stream).await;
            assert_eq!((first, hears.message(&payload, 10).unwrap()), (FIN | RSV1 | BINARY, &b""[..]));
        }
    }
    server.stop().await;
}
