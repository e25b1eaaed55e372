//! TLS and HTTP/2: the same chat through either, and what is refused there.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use common::close;
use readyroom::config::TlsFiles;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::support::client::{Client, open_over};
use crate::support::frames::{self, CLOSE, FIN, PING, TEXT, Way, frame};
use crate::support::http2::Http2;
use crate::support::process::{command, run};
use crate::support::{Server, http, soon, tls};

const NOTHING: (Option<common::id::Epoch>, u64, BTreeMap<common::id::RoomId, common::id::Seq>) =
    (None, 0, BTreeMap::new());

async fn encrypted() -> (Server, TlsFiles) {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let given = files.clone();
    (Server::start_in(data, move |config| config.tls = Some(given)).await, files)
}

/// Comes in over an encrypted HTTP/1.1, and connects over another.
async fn enter(server: &Server, files: &TlsFiles, name: &str) -> Client<Box<TlsStream<TcpStream>>> {
    let address = server.address;
    let mut stream = tls::connect(address, files, &["http/1.1"]).await;
    let body = format!(r#"{{"name":"{name}"}}"#);
    let text = http::text(address, "POST /api/v1/guests", &["Content-Type: application/json"], &body);
    let answer = http::ask(&mut stream, &text).await;
    let cookie = answer.cookie();
    assert!(cookie.starts_with("__Host-readyroom_session="), "{cookie}");
    assert!(answer.header("set-cookie").contains("Secure"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    let stream = tls::connect(address, files, &["http/1.1"]).await;
    let ws = soon("a handshake", open_over(stream, address, &cookie)).await.unwrap();
    Client::greet(ws, address, (name, &cookie), NOTHING).await
}

#[tokio::test]
async fn an_encrypted_chat_is_the_same_chat() {
    let (server, files) = encrypted().await;
    let mut alice = enter(&server, &files, "Alice").await;
    // Both of one connection's people: the one who asked for HTTP/2 gets it.
    let stream = tls::connect(server.address, &files, &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut http2 = Http2::begin(stream, server.address, "https").await;
    let cookie = http2.come_in("Bob").await;
    let mut bob = Client::greet(http2.socket("/ws", &cookie).await, server.address, ("Bob", &cookie), NOTHING).await;
    let long = "x".repeat(3_900);
    for i in 0..30 {
        alice.says(&format!("{i} {long}")).await;
        bob.says(&format!("{i} {long}")).await;
    }
    // Each client checks that nothing is missing and nothing comes twice.
    bob.sees(&format!("29 {long}")).await;
    alice.says("last").await;
    bob.sees("last").await;

    server.begin_stop();
    let (left, right) = tokio::join!(alice.closed(), bob.closed());
    assert_eq!((left.0, right.0), (close::GOING_AWAY, close::GOING_AWAY));
    drop((alice, bob, http2));
    server.stop().await;
}

#[tokio::test]
async fn many_sockets_share_a_connection() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut http2 = Http2::begin(stream, server.address, "http").await;
    let mut clients = Vec::new();
    for i in 0..20 {
        let name = format!("Guest {i}");
        let cookie = http2.come_in(&name).await;
        let ws = http2.socket("/ws", &cookie).await;
        clients.push(Client::greet(ws, server.address, (&name, &cookie), NOTHING).await);
    }
    clients[7].says("to all of you").await;
    for client in &mut clients {
        client.sees("to all of you").await;
    }
    // One that ends is none of the others' business, however it ends.
    let mut leaving = clients.pop().unwrap();
    let mut lost = clients.pop().unwrap();
    leaving.close(close::NORMAL).await;
    assert_eq!(leaving.closed().await.0, close::NORMAL);
    lost.stream().send.send_reset(h2::Reason::CANCEL);
    drop(lost);
    clients[0].says("still here").await;
    clients[1].sees("still here").await;
    // Nor does HTTP stop for them.
    assert_eq!(http2.ask(Method::GET, "/readyz", &[], "").await.0.status(), 200);
    drop((clients, http2));
    server.stop().await;
}

#[tokio::test]
async fn a_tunnel_is_opened_or_refused_as_in_http_1() {
    let server = Server::start().await;
    let address = server.address;
    let stream = TcpStream::connect(address).await.unwrap();
    let mut http2 = Http2::begin(stream, address, "http").await;
    let cookie = http2.come_in("Alice").await;
    let good = [("cookie", cookie.as_str()), ("sec-websocket-version", "13")];
    let status = async |http2: &mut Http2, path, protocol, changes: &[(&str, &str)]| {
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let headers: Vec<_> = kept.chain(changes).filter(|(_, value)| !value.is_empty()).copied().collect();
        http2.connect(path, protocol, &headers).await.0.status().as_u16()
    };
    let websocket = Some("websocket");
    assert_eq!(status(&mut http2, "/ws", websocket, &[]).await, 200);
    let (answer, _stream) =
        http2.connect("/ws", websocket, &[good[0], good[1], ("sec-websocket-protocol", "chat, readyroom.v1")]).await;
    assert_eq!(answer.headers()["sec-websocket-protocol"], "readyroom.v1");
    for name in ["sec-websocket-accept", "upgrade", "connection", "content-length"] {
        assert!(!answer.headers().contains_key(name), "{name}");
    }
    let own = format!("http://{address}");
    for (path, protocol, changes, expected) in [
        ("/ws", websocket, ("origin", own.as_str()), 200),
        ("/ws", websocket, ("origin", "https://evil.example"), 403),
        ("/labs/echo", websocket, ("origin", "https://evil.example"), 403),
        ("/labs/echo", websocket, ("cookie", ""), 200),
        ("/ws", websocket, ("cookie", ""), 401),
        ("/ws", websocket, ("sec-websocket-version", "8"), 400),
        ("/ws", websocket, ("sec-websocket-version", ""), 400),
        ("/ws", websocket, ("sec-websocket-protocol", "chat"), 400),
        ("/ws", websocket, ("host", "evil.example"), 400),
        ("/ws", Some("connect-udp"), ("x", "y"), 501),
        ("/healthz", websocket, ("x", "y"), 405),
        ("/labs/other", websocket, ("x", "y"), 404),
    ] {
        assert_eq!(status(&mut http2, path, protocol, &[changes]).await, expected, "{path} {changes:?}");
    }
    let (get, _) = http2.ask(Method::GET, "/ws", &good, "").await;
    assert_eq!((get.status().as_u16(), get.headers()["allow"].as_bytes()), (405, &b"CONNECT"[..]));
    assert_eq!(http2.ask(Method::GET, "/healthz", &[], "").await.0.status(), 200, "the connection is as it was");
    drop(http2);

    // A name that somebody has pointed here.
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut requests, connection) = h2::client::handshake(stream).await.unwrap();
    let driven = tokio_util::task::TaskTracker::new().spawn(async move { drop(connection.await) });
    let request = axum::http::Request::get("http://evil.example/api/v1/me").body(()).unwrap();
    let (answer, _) = requests.send_request(request, true).unwrap();
    assert_eq!(soon("an answer", answer).await.unwrap().status(), 421);
    drop(requests);
    soon("the end of the connection", driven).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn who_speaks_plainly_to_an_encrypted_address_is_told() {
    let (server, files) = encrypted().await;
    let answer = http::get(server.address, "/", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (400, "this address speaks https\n"));
    // What comes before an encrypted page was fetched is no origin of its own.
    let mut stream = tls::connect(server.address, &files, &[]).await;
    let address = server.address;
    let headers = ["Content-Type: application/json", &format!("Origin: http://{address}")];
    let text = http::text(address, "POST /api/v1/guests", &headers, r#"{"name":"Eve"}"#);
    assert_eq!(http::ask(&mut stream, &text).await.status, 403);
    let mut stream = tls::connect(server.address, &files, &[]).await;
    let text = http::text(address, "GET /healthz", &["Host: localhost"], "");
    let answer = http::ask(&mut stream, &text).await;
    assert_eq!((answer.status, answer.header("strict-transport-security")), (200, ""), "others use this name too");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let TlsFiles { cert, key } = tls::certify(folder.path());
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let stranger = tls::certify(&other);
    let (empty, broken) = (folder.path().join("empty.pem"), folder.path().join("broken.pem"));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let missing = folder.path().join("missing.pem");
    for (cert, key, words) in [
        (&missing, &key, ["cannot read the certificate in ", "missing.pem: No such file"]),
        (&cert, &missing, ["cannot read the private key in ", "missing.pem: No such file"]),
        (&empty, &key, ["there is no certificate in ", "empty.pem: a PEM file"]),
        (&cert, &empty, ["there is no private key in ", "empty.pem: a PEM file"]),
        (&broken, &key, ["the certificate in ", "broken.pem is not valid: "]),
        (&cert, &cert, ["there is no private key in ", "cert.pem"]),
        (&key, &key, ["there is no certificate in ", "key.pem"]),
        (&cert, &stranger.key, ["does not belong to the certificate in ", "cert.pem"]),
    ] {
        let args = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
        let (code, said) = run(command(&folder.path().join("data"), &args)).await;
        assert_eq!((code, said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.starts_with("readyroom: ") && words.iter().all(|word| said.contains(word)), "{said}");
    }
    let (code, said) = run(command(folder.path(), &["--tls-cert", cert.to_str().unwrap()])).await;
    assert!(code == Some(1) && said.contains("tls_key: is not set, but tls_cert is"), "{said}");
}

#[tokio::test]
async fn a_client_that_breaks_off_tls_is_an_ordinary_end() {
    let (server, files) = encrypted().await;
    let mut alice = enter(&server, &files, "Alice").await;
    let bob = enter(&server, &files, "Bob").await;
    // No close_notify, no Close: as when somebody walks out of the tunnel's radio.
    drop(bob);
    alice.says("still here").await;
    // Garbage in the place of a record.
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&[22, 3, 1, 0xFF, 0xFF, 0, 0, 0]).await.unwrap();
    stream.write_all(&[0; 2048]).await.unwrap();
    let mut rest = Vec::new();
    drop(soon("the end", stream.read_to_end(&mut rest)).await);
    alice.says("and here").await;
    server.stop().await;
}

/// Reads until the end; how many pings came, and the code of the Close.
async fn listen(mut stream: impl AsyncRead + Unpin) -> (usize, u16) {
    let mut pings = 0;
    loop {
        match frames::next(&mut stream).await {
            (first, payload) if first == FIN | CLOSE => {
                return (pings, u16::from_be_bytes(payload[..2].try_into().unwrap()));
            }
            (first, _) if first == FIN | PING => pings += 1,
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_silent_in_a_tunnel_are_pinged_and_then_let_go() {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let given = files.clone();
    let server = Server::start_in(data, |config| {
        config.tls = Some(given);
        config.timings.patience.ping_ms = 100;
        config.timings.patience.silence_ms = 300;
    })
    .await;
    let address = server.address;
    let hello = frame(FIN | TEXT, br#"{"op":"hello"}"#);

    let mut http2 = Http2::begin(tls::connect(address, &files, &["h2"]).await, address, "https").await;
    let cookie = http2.come_in("Alice").await;
    let headers = [("sec-websocket-version", "13"), ("cookie", cookie.as_str())];
    let (_, mut within) = http2.connect("/ws", Some("websocket"), &headers).await;
    let mut around = tls::connect(address, &files, &[]).await;
    frames::upgrade(&mut around, address, &Way::Chat(cookie.clone()), "").await;
    within.write_all(&hello).await.unwrap();
    around.write_all(&hello).await.unwrap();
    let (within, around) = tokio::join!(listen(within), listen(around));
    for (pings, code) in [within, around] {
        assert!(pings >= 1 && code == close::STALLED, "{pings} pings, {code}");
    }
    // The connection around a tunnel is not the tunnel's.
    assert_eq!(http2.ask(Method::GET, "/healthz", &[], "").await.0.status(), 200);
    drop(http2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tunnel_whose_reader_stalls_is_filled_in() {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let given = files.clone();
    let server = Server::start_in(data, |config| {
        config.tls = Some(given);
        config.timings.write_stall = Duration::from_millis(300);
    })
    .await;
    let mut alice = enter(&server, &files, "Alice").await;
    for i in 0..100 {
        alice.says(&format!("{i} {}", "x".repeat(3_900))).await;
    }
    let mut stalled = tls::connect(server.address, &files, &[]).await;
    frames::upgrade(&mut stalled, server.address, &Way::Chat(alice.cookie.clone()), "").await;
    stalled.write_all(&frame(FIN | TEXT, br#"{"op":"hello"}"#)).await.unwrap();
    // It asks for everything again and again, and reads none of it.
    let sync = frame(FIN | TEXT, br#"{"op":"sync","room":"r1","from":0,"to":500}"#);
    let asking = async { while stalled.write_all(&sync).await.is_ok() {} };
    soon("the end of the stalled connection", asking).await;
    alice.says("the others never noticed").await;
    server.stop().await;
}
