//! What strangers try at the door, in TCP, TLS and HTTP/1.1: nothing of it holds a connection for long, costs much
//! memory, or hides one request in another.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval};

use crate::support::process::{Process, command};
use crate::support::{PATIENCE, Server, http, soon, tls};

const MIB: u64 = 1024 * 1024;

/// Everything that comes until the connection ends, be it with RST.
async fn to_the_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    drop(soon("the end of the connection", stream.read_to_end(&mut all)).await);
    String::from_utf8_lossy(&all).into_owned()
}

/// Connects, sends this, and then a byte now and then, until the server has had enough of it. Gives what it answered.
async fn drip(address: SocketAddr, first: &[u8], each: Option<u8>) -> String {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut hears, mut says) = stream.into_split();
    says.write_all(first).await.unwrap();
    let dripping = async {
        let mut pace = interval(Duration::from_millis(20));
        while let Some(byte) = each {
            pace.tick().await;
            if says.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    tokio::select! {
        end = soon("the end of the connection", hears.read_to_end(&mut answer)) => drop(end),
        () = dripping => {}
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn who_takes_too_long_to_ask_is_let_go_of() {
    let server = Server::start_with(|config| config.timings.head = Duration::from_millis(200)).await;
    let address = server.address;
    let head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ";
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [preface, [0, 0, 0, 4, 0, 0, 0, 0, 0].as_slice()].concat();
    let headers = [&settings, [0, 0x3F, 0xFF, 1, 4, 0, 0, 0, 1].as_slice()].concat();
    let began = Instant::now();
    // Each alone would be as many times as slow if its deadline began anew with each byte.
    tokio::join!(
        drip(address, b"", None),
        drip(address, b"P", None),
        drip(address, b"PRI * HTT", None),
        drip(address, b"GET", None),
        drip(address, head, None),
        drip(address, head, Some(b'x')),
        drip(address, b"", Some(b'\n')),
        // A whole preface, then nothing; then settings, and never a request.
        drip(address, preface, None),
        drip(address, &settings, None),
        // A frame that takes for ever to come.
        drip(address, &headers, Some(0)),
    );
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn who_takes_too_long_to_begin_tls_is_let_go_of() {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let server = Server::start_in(data, |config| {
        config.tls = Some(files);
        config.timings.head = Duration::from_millis(200);
    })
    .await;
    let address = server.address;
    let began = Instant::now();
    tokio::join!(
        drip(address, b"", None),
        // The head of a record that promises 512 bytes.
        drip(address, &[22, 3, 1, 2, 0], None),
        drip(address, &[22, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3], Some(7)),
        // Plain HTTP that never ends, to which an answer was given.
        drip(address, b"GET / HTTP/1.1\r\nX: ", Some(b'x')),
    );
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_trickles_is_not_waited_for() {
    let server = Server::start_with(|config| config.timings.head = Duration::from_millis(300)).await;
    let head = "POST /api/v1/guests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for head in [
        format!("{head}Content-Length: 60000\r\n\r\n{{\"name\":\""),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nFFFF\r\n{{\"name\":\""),
    ] {
        let answer = drip(server.address, head.as_bytes(), Some(b'x')).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    // Nor is the size of a chunk that begins with zeros and never gets any further, however fast it comes.
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let zeros = async { while stream.write_all(&[b'0'; 16_384]).await.is_ok() {} };
    soon("the end of the connection", zeros).await;
    server.stop().await;
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path()).await;
    let before = server.memory();
    let head = "POST /api/v1/guests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let extension = format!("1;{}\r\nx\r\n", "x".repeat(0x10000));
    let trailers = "X-Y: z\r\n".repeat(10_000);
    for (what, first, again) in [
        ("chunks", "", chunk.as_str()),
        ("chunks of one byte", "", "1\r\nx\r\n"),
        ("an extension of a chunk", "1;", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("extensions of chunks", "", &extension),
        ("trailers", "2\r\n{}\r\n0\r\n", &trailers),
    ] {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let (mut hears, mut says) = stream.into_split();
        says.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n{first}").as_bytes()).await.unwrap();
        let endless = async {
            let again = again.repeat((64 * 1024 / again.len()).max(1));
            while says.write_all(again.as_bytes()).await.is_ok() {}
        };
        soon(what, endless).await;
        let mut answer = Vec::new();
        drop(soon(what, hears.read_to_end(&mut answer)).await);
        // RST may have destroyed the answer; where it arrived, it is a refusal.
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{what}: {answer}");
    }
    let more = server.memory().saturating_sub(before);
    assert!(more < 32 * MIB, "{more} bytes");
    assert_eq!(http::get(server.address, "/healthz", "").await.status, 200);
    server.kill().await;
}

#[tokio::test]
async fn a_declared_length_is_judged_before_the_body_comes() {
    let server = Server::start().await;
    let head = "POST /api/v1/guests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let answer = http::raw(server.address, &format!("{head}Content-Length: 10000000000\r\n\r\n")).await;
    assert_eq!(answer.status, 413);
    server.stop().await;
}

#[tokio::test]
async fn heads_have_bounds() {
    let server = Server::start().await;
    let many: String = (0..200).map(|i| format!("X{i}: y\r\n")).collect();
    for (what, text, status) in [
        ("a long header", format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(40_000)), 431),
        ("a long name", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}: x\r\n\r\n", "x".repeat(40_000)), 431),
        ("many headers", format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), 431),
        ("a long target", format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(70_000)), 431),
        ("a long method", format!("{} / HTTP/1.1\r\nHost: localhost\r\n\r\n", "X".repeat(70_000)), 431),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // It may refuse before it has got all of it.
        drop(stream.write_all(text.as_bytes()).await);
        let mut answer = [0; 12];
        soon(what, stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes(), "{what}");
    }
    server.stop().await;
}

/// The status of each answer to these bytes, and whether the connection ended after them.
async fn answers(address: SocketAddr, bytes: &[u8]) -> (Vec<u16>, bool) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    // Whatever is answered, the answer to this is the last.
    let last = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    drop(stream.write_all(last).await);
    let all = to_the_end(&mut stream).await;
    let statuses = all.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap());
    (statuses.collect(), !all.contains("ready\n"))
}

#[tokio::test]
async fn no_request_hides_in_another() {
    let server = Server::start().await;
    let head = "POST /api/v1/guests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // All of these are refused, and nothing behind them is believed.
    for lines in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 6\r\n\r\n",
        "Content-Length: 2, 2\r\n\r\n{}",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: 0x2\r\n\r\n{}",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length: 99999999999999999999\r\n\r\n{}",
        "Content-Length : 2\r\n\r\n{}",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "X: a\r\n Content-Length: 2\r\n\r\n{}",
        "X: a\0b\r\n\r\n",
        "X: a\rb: c\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2;a\nb\r\n{}\r\n0\r\n\r\n",
    ] {
        let (statuses, ended) = answers(server.address, format!("{head}{lines}{hidden}").as_bytes()).await;
        assert_eq!((statuses, ended), (vec![400], true), "{lines:?}");
    }
    for request in [
        "POST /api/v1/guests HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET /healthz HTTP/3.0\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n",
        "GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "G\u{e9}T /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\0",
    ] {
        let (statuses, ended) = answers(server.address, format!("{request}{hidden}").as_bytes()).await;
        assert_eq!((statuses, ended), (vec![400], true), "{request:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn strange_requests_are_refused_one_by_one() {
    let server = Server::start().await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (request, status) in [
        ("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n".to_owned(), 405),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 421),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("PRI * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 405),
        ("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 421),
        ("GET http://u:p@localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n".to_owned(), 400),
        // A body that might be taken for frames, or for the next request.
        (format!("GET /labs/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n{upgrade}\r\n{{}}"), 400),
        (
            format!(
                "GET /labs/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{upgrade}\r\n0\r\n\r\n"
            ),
            400,
        ),
        // An upgrade that is refused leaves HTTP where it was, for better or worse (RFC 9110, section 7.8).
        (format!("GET /ws HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n"), 401),
        // Nobody is upgraded to HTTP/2 (RFC 9113 has taken that back).
        (
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
             HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
                .to_owned(),
            200,
        ),
    ] {
        let (statuses, _) = answers(server.address, request.as_bytes()).await;
        assert_eq!(statuses, [status, 200], "{request}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_asks_and_does_not_read_is_let_go_of() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_in(data, |config| config.timings.patience.silence_ms = 300).await;
    let mut greedy = TcpStream::connect(server.address).await.unwrap();
    let requests = "GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000);
    let flood = async {
        let mut asked = 0;
        while greedy.write_all(requests.as_bytes()).await.is_ok() {
            asked += 1_000;
            assert!(asked < 10_000_000, "answers to all of it are kept");
        }
    };
    soon("the end of the connection", flood).await;
    assert_eq!(http::get(server.address, "/healthz", "").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn connections_that_come_and_go_leave_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let [cert, key] = [&files.cert, &files.key].map(|file| file.to_str().unwrap());
    let plain = tempfile::tempdir().unwrap();
    for server in [
        Process::start(plain.path()).await,
        Process::spawn(command(data.path(), &["--tls-cert", cert, "--tls-key", key])).await,
    ] {
        churn(&server, 300).await;
        let (memory, descriptors) = (server.memory(), server.descriptors());
        churn(&server, 3_000).await;
        soon("the descriptors", async {
            let mut pace = interval(Duration::from_millis(20));
            // The database's readers may open their files meanwhile.
            while server.descriptors() > descriptors + 8 {
                pace.tick().await;
            }
        })
        .await;
        let more = server.memory().saturating_sub(memory);
        assert!(more < 32 * MIB, "{more} bytes");
        server.kill().await;
    }
}

/// Connects so many times, goes a different distance each time, and leaves without a word.
async fn churn(server: &Process, times: usize) {
    let upgrade = "GET /labs/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for i in 0..times {
        let mut stream = soon("a connection", TcpStream::connect(server.address)).await.unwrap();
        let says: &[u8] = match i % 6 {
            0 => b"",
            1 => b"GET / HT",
            2 => b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            3 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
            4 => &[22, 3, 1, 2, 0, 1],
            _ => upgrade.as_bytes(),
        };
        drop(stream.write_all(says).await);
        // Half of those who get an answer wait for it.
        if matches!(i % 12, 2 | 3 | 5) {
            assert_eq!(soon("an answer", stream.read(&mut [0; 1])).await.unwrap_or_default(), 1, "{i}");
        }
    }
}

#[tokio::test]
async fn a_crowd_that_only_stands_there_does_not_keep_others_out() {
    let server = Server::start_with(|config| config.timings.head = Duration::from_secs(1)).await;
    let mut crowd = Vec::new();
    for i in 0..500 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(["", "G", "PRI * "][i % 3].as_bytes()).await.unwrap();
        crowd.push(stream);
    }
    let mut alice = server.guest("Alice").await;
    alice.says("it is full here").await;
    for stream in &mut crowd {
        to_the_end(stream).await;
    }
    alice.says("it was").await;
    server.stop().await;
}
