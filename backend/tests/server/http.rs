//! The HTTP side: who gets in, what every answer carries, and how refusals look.

use std::net::SocketAddr;

use common::api::Problem;
use common::model::Person;
use readyroom::config::Origin;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::http::{self, Answer};
use crate::support::{Server, soon};

const UPGRADE: [&str; 4] = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// A handshake in which lines that begin like one of `changes` are replaced by it.
async fn handshake(address: SocketAddr, cookie: &str, changes: &[&str]) -> Answer {
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let cookie = format!("Cookie: {cookie}");
    let mut headers = UPGRADE.to_vec();
    headers.push(&cookie);
    headers.retain(|line| !changes.iter().any(|change| name(change) == name(line)));
    // A line without a value leaves the header out.
    headers.extend(changes.iter().filter(|change| !change.ends_with(':')));
    http::request(address, "GET /ws", &headers, "").await
}

#[tokio::test]
async fn a_handshake_is_accepted_or_says_what_is_wrong() {
    let server = Server::start().await;
    let address = server.address;
    let cookie = http::come_in(address, "Alice").await;
    let shake = async |changes: &[&str]| handshake(address, &cookie, changes).await;

    let good = shake(&[]).await;
    assert_eq!((good.status, good.header("sec-websocket-accept")), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(good.header("sec-websocket-protocol"), "", "none was named");
    let ours = shake(&["Sec-WebSocket-Protocol: chat, readyroom.v1"]).await;
    assert_eq!((ours.status, ours.header("sec-websocket-protocol")), (101, "readyroom.v1"));
    assert_eq!(shake(&["Sec-WebSocket-Protocol: chat"]).await.status, 400);

    let plain = http::get(address, "/ws", &cookie).await;
    assert_eq!((plain.status, plain.header("upgrade")), (426, "websocket"));
    let old = shake(&["Sec-WebSocket-Version: 8"]).await;
    assert_eq!((old.status, old.header("sec-websocket-version")), (426, "13"));
    for bad in [
        "Connection: keep-alive",
        "Sec-WebSocket-Key: short",
        "Sec-WebSocket-Key:",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ] {
        assert_eq!(shake(&[bad]).await.status, 400, "{bad}");
    }
    assert_eq!(http::request(address, "POST /ws", &UPGRADE, "").await.status, 405);
    server.stop().await;
}

#[tokio::test]
async fn nobody_gets_in_without_a_valid_cookie() {
    let server = Server::start().await;
    let cookie = http::come_in(server.address, "Alice").await;
    let (name, value) = cookie.split_once('=').unwrap();
    let forged = format!("{name}={}AAA", &value[..value.len() - 3]);
    for bad in ["", "x=y", &forged, &format!("{name}=1.u2.1"), &format!("{name}="), &format!("{name}={value}A")] {
        assert_eq!(handshake(server.address, bad, &[]).await.status, 401, "{bad}");
        assert_eq!(http::get(server.address, "/api/v1/me", bad).await.status, 401, "{bad}");
    }
    // A cookie of one database is nobody's in another, even with the same ids.
    let data = server.stop().await;
    std::fs::remove_file(data.path().join("readyroom.db")).unwrap();
    let server = Server::start_in(data, |_| {}).await;
    http::come_in(server.address, "Mallory").await;
    assert_eq!(http::get(server.address, "/api/v1/me", &cookie).await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn pages_of_other_sites_do_not_get_in() {
    let server = Server::start_with(|config| {
        config.allowed_origins = vec![Origin::parse("http://dev.example:8080").unwrap()];
    })
    .await;
    let (address, port) = (server.address, server.address.port());
    let cookie = http::come_in(address, "Alice").await;
    for good in [format!("http://127.0.0.1:{port}"), "http://dev.example:8080".to_owned()] {
        assert_eq!(handshake(address, &cookie, &[&format!("Origin: {good}")]).await.status, 101, "{good}");
    }
    for evil in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://127.0.0.1:{port}@evil.example"),
        "http://127.0.0.1:1".to_owned(),
        format!("http://127.0.0.1:{port}\r\nOrigin: http://evil.example"),
    ] {
        assert_eq!(handshake(address, &cookie, &[&format!("Origin: {evil}")]).await.status, 403, "{evil}");
    }
    // Rebinding: a name of theirs that points here.
    let rebound = handshake(address, &cookie, &["Host: evil.example", "Origin: http://evil.example"]).await;
    assert_eq!(rebound.status, 421);
    let misdirected = http::request(address, "GET /api/v1/me", &["Host: evil.example"], "").await;
    assert_eq!((misdirected.status, misdirected.json::<Problem>().status), (421, 421));

    let json = "Content-Type: application/json";
    for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Origin: null"] {
        let answer = http::request(address, "POST /api/v1/guests", &[json, header], r#"{"name":"Eve"}"#).await;
        assert_eq!(answer.status, 403, "{header}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_answer_is_dressed() {
    let server = Server::start().await;
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/api/v1/me", 401), ("/api/x", 404), ("/x.js", 404)] {
        let answer = http::get(server.address, path, "").await;
        assert_eq!(answer.status, status, "{path}");
        let csp = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(csp.contains(part), "{path}: {part} in {csp}");
        }
        assert!(!csp.contains("unsafe-inline") && !csp.contains("'unsafe-eval'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(!answer.header("permissions-policy").is_empty());
        assert_eq!(answer.header("strict-transport-security"), "");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_cookie_is_for_this_site_alone() {
    let server = Server::start().await;
    let body = r#"{"name":"Alice"}"#;
    let answer = http::post(server.address, "POST /api/v1/guests", "", body).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("readyroom_session="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"));
    assert_eq!(answer.json::<Person>().name, "Alice");
    server.stop().await;

    let server = Server::start_with(|config| config.public_url = Origin::parse("https://chat.example").ok()).await;
    let headers = ["Host: chat.example", "Origin: https://chat.example", "Content-Type: application/json"];
    let answer = http::request(server.address, "POST /api/v1/guests", &headers, body).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-readyroom_session=") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_says_what_is_wrong() {
    let server = Server::start().await;
    let address = server.address;
    let refused = async |body: &str, kind: &str| {
        let answer = http::request(address, "POST /api/v1/guests", &[&format!("Content-Type: {kind}")], body).await;
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json::<Problem>();
        assert_eq!(problem.status, answer.status);
        (problem.status, problem.detail, problem.text)
    };
    let json = "application/json";
    assert_eq!(refused("name=x", "text/plain").await.0, 415);
    let (status, detail, _) = refused(r#"{"name":5}"#, json).await;
    assert!(status == 400 && detail.starts_with("name: "), "{detail}");
    let (status, detail, _) = refused("{}", json).await;
    assert_eq!((status, detail.as_str()), (400, "name: is missing"));
    assert_eq!(refused("{", json).await.0, 400);
    let (status, detail, text) = refused(r#"{"name":"  "}"#, json).await;
    assert_eq!((status, detail.as_str(), text.is_some()), (422, "name: is blank", true));
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(70_000));
    assert_eq!(refused(&large, json).await.0, 413);
    for (line, status) in [("GET /api/v2/x", 404), ("DELETE /api/v1/me", 405), ("GET /api", 404)] {
        let answer = http::request(address, line, &[], "").await;
        assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{line}");
    }
    server.stop().await;
}

#[tokio::test]
async fn guests_can_be_kept_out() {
    let server = Server::start_with(|config| config.guests = false).await;
    let answer = http::post(server.address, "POST /api/v1/guests", "", r#"{"name":"Alice"}"#).await;
    assert_eq!(answer.status, 403);
    server.stop().await;
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let server = Server::start_with(|config| config.timings.head = std::time::Duration::from_millis(100)).await;
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ").await.unwrap();
    let mut rest = Vec::new();
    soon("the deadline for heads", stream.read_to_end(&mut rest)).await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let huge = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(400_000));
    drop(stream.write_all(huge.as_bytes()).await);
    let mut answer = [0; 12];
    soon("an answer", stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
    server.stop().await;
}
