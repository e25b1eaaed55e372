//! The little HTTP that is needed: coming in as a guest, and reading a room's log back.
//!
//! One request for each connection. Deliberately absent: everything a general client has.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use common::api::EventPage;
use common::id::{RoomId, Seq};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::judge::Log;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Events in one page; the most that the server gives.
const PAGE: usize = 500;

/// Comes in as a guest. `via` is where to connect, `host` whom to ask. Gives the cookie.
///
/// # Errors
/// When the server does not answer with a cookie.
pub async fn come_in(via: SocketAddr, host: SocketAddr, name: &str) -> anyhow::Result<String> {
    let body = serde_json::json!({ "name": name }).to_string();
    let length = body.len();
    let request = format!(
        "POST /api/v1/guests HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let (head, body) = ask(via, &request).await?;
    ensure!(head.starts_with("HTTP/1.1 201"), "nobody can come in: {head} {body}");
    let cookie = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().unwrap_or_default().to_owned())
    });
    cookie.context("no cookie came with the guest")
}

/// Reads a room's whole log.
///
/// # Errors
/// When a page cannot be read.
pub async fn log(host: SocketAddr, cookie: &str, room: RoomId) -> anyhow::Result<Log> {
    let mut log = Log::default();
    loop {
        let after = log.events.last().map_or(Seq::ZERO, |event| event.seq).0;
        let request = format!(
            "GET /api/v1/rooms/{room}/events?after={after}&limit={PAGE} HTTP/1.1\r\nHost: {host}\r\n\
             Connection: close\r\nCookie: {cookie}\r\n\r\n"
        );
        let (head, body) = ask(host, &request).await?;
        ensure!(head.starts_with("HTTP/1.1 200"), "the log of {room} cannot be read: {head} {body}");
        let page: EventPage = serde_json::from_str(&body).context("a page of a log is no page")?;
        let last = page.events.len() < PAGE;
        log.head = page.head;
        log.events.extend(page.events);
        if last {
            return Ok(log);
        }
    }
}

/// The head and the body of the answer.
async fn ask(via: SocketAddr, request: &str) -> anyhow::Result<(String, String)> {
    let asked = async {
        let mut stream = TcpStream::connect(via).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let Ok(answer) = tokio::time::timeout(WITHIN, asked).await else {
        bail!("no answer within {} s", WITHIN.as_secs())
    };
    let answer = String::from_utf8(answer?).context("the answer is not UTF-8")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    Ok((head.to_owned(), body.to_owned()))
}
