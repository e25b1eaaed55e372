//! What a machine runs out of: space on the disk, and file descriptors. Nothing is lost, and it mends by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use common::api::EventPage;
use common::client::ClientMsg;
use common::id::{Cid, Seq};
use common::limits;
use common::model::{Event, EventKind, UserEventKind};
use common::server::{ErrorCode, Refusal, ServerMsg};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::client::{Client, LOBBY};
use crate::support::frames::{self, FIN, PING, frame};
use crate::support::http2::Http2;
use crate::support::process::Process;
use crate::support::{http, soon, tls};

/// The whole log of the lobby.
async fn log(address: SocketAddr, cookie: &str) -> Vec<Event> {
    let mut log: Vec<Event> = Vec::new();
    loop {
        let path = format!("/api/v1/rooms/r1/events?after={}&limit=500", log.len());
        let page = http::get(address, &path, cookie).await.json::<EventPage>();
        log.extend(page.events);
        if log.len() as u64 >= page.head.0 {
            return log;
        }
    }
}

fn body(cid: Cid) -> String {
    format!("{cid} {}", "x".repeat(3_000))
}

/// Sends a message under a fresh id and gives what came of it.
async fn send(alice: &mut Client) -> (Cid, Result<Seq, Refusal>) {
    let cid = alice.cid();
    alice.tell(&ClientMsg::Send { cid, room: LOBBY, body: body(cid), after: None, reply_to: None }).await;
    let answer = alice.wait(|msg| match msg {
        ServerMsg::Ack { cid: of, seq, .. } if *of == cid => Some(Ok(*seq)),
        ServerMsg::Error(refusal) if refusal.cid == Some(cid) => Some(Err(refusal.clone())),
        _ => None,
    });
    (cid, answer.await)
}

/// Fills the disk, looks around, makes space, and counts.
async fn fill_and_mend(words: &str) {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start_under(words, data.path()).await;
    let cookie = http::come_in(server.address, "Alice").await;
    let mut alice = Client::connect(server.address, "Alice", &cookie).await;
    let mut acked: BTreeMap<Cid, Seq> = BTreeMap::new();
    let mut refused = Vec::new();
    while refused.len() < 20 {
        assert!(acked.len() < 5_000, "the disk never fills");
        match send(&mut alice).await {
            (cid, Ok(seq)) => drop(acked.insert(cid, seq)),
            (cid, Err(refusal)) => {
                assert_eq!((refusal.code, refusal.room), (ErrorCode::Storage, Some(LOBBY)));
                assert!(refusal.retry_ms.is_some());
                refused.push(cid);
            }
        }
    }
    // More pages than a message needs: what was too little for one may be enough for a short draft.
    let text = "😀".repeat(limits::DRAFT_CHARS);
    alice.tell(&ClientMsg::Draft { room: LOBBY, text }).await;
    let refusal = alice.error().await;
    assert_eq!((refusal.code, refusal.room), (ErrorCode::Storage, Some(LOBBY)));

    // Whoever reads goes on: over HTTP, on this connection, and on a new one.
    let head = Seq(2 + acked.len() as u64);
    assert_eq!(log(server.address, &cookie).await.last().unwrap().seq, head);
    alice.forget();
    alice.held.clear();
    alice.tell(&ClientMsg::Sync { room: LOBBY, from: Seq(head.0 - 10), to: Some(head) }).await;
    alice.until(LOBBY, head).await;
    let mut reader = Client::connect(server.address, "Alice", &cookie).await;
    assert_eq!(reader.rooms[0].head, head);
    reader.until(LOBBY, head).await;

    // There is space again, and nobody has to do anything about it.
    let pid = server.child.id().unwrap().to_string();
    let mut lift = tokio::process::Command::new("prlimit");
    assert!(lift.args(["--pid", &pid, "--fsize=unlimited:unlimited"]).status().await.unwrap().success());
    for _ in 0..600 {
        let (cid, answer) = send(&mut alice).await;
        acked.insert(cid, answer.unwrap());
    }
    alice.tell(&ClientMsg::Read { room: LOBBY, n: 1 }).await;
    alice.own(|event| matches!(event.kind, UserEventKind::Read { .. })).await;
    server.kill().await;

    let server = Process::start(data.path()).await;
    let log = log(server.address, &cookie).await;
    for (i, event) in (1..).zip(&log) {
        assert_eq!(event.seq, Seq(i), "gapless");
    }
    let said = log.iter().filter(|event| matches!(event.kind, EventKind::Message { .. }));
    let stored: BTreeMap<_, _> = said.clone().map(|event| (event.cid.unwrap(), event.seq)).collect();
    assert_eq!(said.count(), acked.len(), "each once");
    assert_eq!(stored, acked, "what was acknowledged is where it was said to be, and nothing refused is stored");
    server.kill().await;
}

// The shell counts the largest file that may be written in blocks of 512 bytes.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_is_sent_and_nothing_else() {
    // 1.5 MiB: the write-ahead log is full before anything has gone into the database.
    fill_and_mend("trap '' XFSZ; ulimit -S -f 3072").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_while_the_database_grows_loses_nothing_either() {
    // 6 MiB: the first checkpoints succeed, then one does not, then the write-ahead log is full.
    fill_and_mend("trap '' XFSZ; ulimit -S -f 12288").await;
}

#[tokio::test]
async fn the_limit_of_descriptors_is_raised_as_far_as_it_may_be() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start_under("ulimit -S -n 48; ulimit -H -n 500", data.path()).await;
    assert_eq!(server.descriptor_limits(), ["500", "500"]);
    server.kill().await;
}

#[tokio::test]
async fn who_finds_no_file_descriptor_left_is_served_later() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start_under("ulimit -n 48", data.path()).await;
    let cookie = http::come_in(server.address, "Alice").await;
    let mut alice = Client::connect(server.address, "Alice", &cookie).await;
    let mut crowd = Vec::new();
    for _ in 0..100 {
        crowd.push(soon("a connection", TcpStream::connect(server.address)).await.unwrap());
    }
    // Who is in is served all the while.
    alice.says("still here").await;
    drop(crowd);
    let answer = http::get(server.address, "/healthz", "").await;
    assert_eq!(answer.status, 200);
    alice.says("and here").await;
    server.kill().await;
}

#[tokio::test]
async fn who_finds_no_descriptors_for_a_tunnel_is_refused_and_nobody_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let files = tls::certify(data.path());
    let args = ["--tls-cert", files.cert.to_str().unwrap(), "--tls-key", files.key.to_str().unwrap()];
    let server = Process::start_under_with("ulimit -n 64", data.path(), &args).await;
    let address = server.address;
    let mut http2 = Http2::begin(tls::connect(address, &files, &["h2"]).await, address, "https").await;
    let cookie = http2.come_in("Alice").await;
    let headers = [("sec-websocket-version", "13"), ("cookie", cookie.as_str())];
    let mut tunnels = Vec::new();
    // All within one connection, so that it is the tunnels that take the descriptors.
    let refused = loop {
        let (answer, stream) = http2.connect("/ws", Some("websocket"), &headers).await;
        if answer.status() != 200 {
            break answer;
        }
        tunnels.push(stream);
        assert!(tunnels.len() < 64, "descriptors never run out");
    };
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (503, &b"2"[..]));
    for tunnel in &mut tunnels {
        tunnel.write_all(&frame(FIN | PING, b"still here")).await.unwrap();
        assert_eq!(frames::next(tunnel).await, (FIN | 10, b"still here".to_vec()));
    }
    // One that ends makes room for another.
    drop(tunnels.pop());
    soon("room for a tunnel", async {
        let mut pace = tokio::time::interval(std::time::Duration::from_millis(20));
        while http2.connect("/ws", Some("websocket"), &headers).await.0.status() != 200 {
            pace.tick().await;
        }
    })
    .await;
    server.kill().await;
}
