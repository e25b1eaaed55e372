//! Stopping and dying: what was acknowledged is there afterwards, once, where it was said to be.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use common::api::EventPage;
use common::client::ClientMsg;
use common::close;
use common::codec;
use common::id::{Cid, Seq, Timestamp};
use common::model::EventKind;
use common::server::ServerMsg;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use crate::support::client::{LOBBY, open};
use crate::support::process::{self, Process};
use crate::support::{PATIENCE, Server, http, soon};

const KILLS: usize = 20;
const SENDERS: usize = 4;

#[tokio::test]
async fn a_stop_answers_what_was_sent_and_says_when_to_come_back() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut idle = server.guest("Bob").await;
    let mut cids = Vec::new();
    for i in 0..20 {
        let cid = alice.cid();
        alice.tell(&ClientMsg::Send { cid, room: LOBBY, body: i.to_string(), after: None, reply_to: None }).await;
        cids.push(cid);
    }
    // The first answer says that the server is in the middle of them.
    alice.answer(cids[0]).await.unwrap();
    server.begin_stop();
    let (code, reason) = idle.closed().await;
    assert_eq!((code, close::retry_ms(&reason)), (close::GOING_AWAY, Some(2_000)));
    let mut acked = BTreeMap::new();
    while let Some(msg) = alice.try_next().await {
        if let ServerMsg::Ack { cid, seq, .. } = msg {
            acked.insert(cid, seq);
        }
    }
    let server = server.restart().await;
    let page = http::get(server.address, "/api/v1/rooms/r1/events", &alice.cookie).await.json::<EventPage>();
    // What was read was answered, and nothing was stored without an answer.
    let stored = page.events.iter().filter(|event| matches!(event.kind, EventKind::Message { .. })).count();
    assert_eq!(stored, acked.len() + 1);
    for (cid, seq) in acked {
        assert!(page.events.iter().any(|event| event.cid == Some(cid) && event.seq == seq));
    }
    server.stop().await;
}

#[test]
fn a_server_that_nobody_waits_for_does_not_keep_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, alice) = runtime.block_on(async {
        let server = Server::start().await;
        let alice = server.guest("Alice").await;
        (server, alice)
    });
    let (ended, has_ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(runtime);
        ended.send(()).unwrap();
    });
    has_ended.recv_timeout(PATIENCE).unwrap();
    drop((server, alice));
}

/// Sends one message after the other, each until it is acknowledged, until the connection breaks. Gives what was
/// acknowledged, and the message that was not.
async fn send_on(
    address: SocketAddr,
    cookie: String,
    mut unanswered: Option<Cid>,
    seed: u64,
) -> (Vec<(Cid, Seq)>, Option<Cid>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut acked = Vec::new();
    let Ok(mut ws) = open(address, &cookie).await else { return (acked, unanswered) };
    let hello = codec::encode_client(&ClientMsg::Hello { epoch: None, user_seq: 0, rooms: BTreeMap::new() });
    if ws.send(Message::text(hello)).await.is_err() {
        return (acked, unanswered);
    }
    loop {
        let cid = unanswered.unwrap_or_else(|| Cid::new(Timestamp(1_763_700_000_000), &mut rng));
        unanswered = Some(cid);
        let send = ClientMsg::Send { cid, room: LOBBY, body: format!("body of {cid}"), after: None, reply_to: None };
        if ws.send(Message::text(codec::encode_client(&send))).await.is_err() {
            return (acked, unanswered);
        }
        loop {
            let Some(Ok(message)) = soon("an ack", ws.next()).await else { return (acked, unanswered) };
            let Message::Text(text) = message else { continue };
            match codec::decode_server(&text).unwrap() {
                ServerMsg::Ack { cid: answered, seq, .. } if answered == cid => {
                    acked.push((cid, seq));
                    unanswered = None;
                    break;
                }
                ServerMsg::Error(refusal) => panic!("{refusal:?}"),
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills() {
    let data = tempfile::tempdir().unwrap();
    let mut acked: BTreeMap<Cid, Seq> = BTreeMap::new();
    let mut unanswered = [None; SENDERS];
    let mut cookies: Vec<String> = Vec::new();
    let mut killed_in_flight = 0;
    for kill in 0..KILLS {
        let server = Process::start(data.path()).await;
        while cookies.len() < SENDERS {
            cookies.push(http::come_in(server.address, "Sender").await);
        }
        let tasks = tokio_util::task::TaskTracker::new();
        let senders = (0..SENDERS)
            .map(|i| tasks.spawn(send_on(server.address, cookies[i].clone(), unanswered[i], (kill * 100 + i) as u64)))
            .collect::<Vec<_>>();
        // One who watches, so that the kill comes in the middle of things: after a number of events that varies.
        let mut watcher = crate::support::client::Client::connect(server.address, "Watcher", &cookies[0]).await;
        let until = watcher.rooms[0].head.0 + 20 + (kill as u64 * 7) % 50;
        watcher.until(LOBBY, Seq(until)).await;
        server.kill().await;
        for (i, sender) in senders.into_iter().enumerate() {
            let (done, rest) = sender.await.unwrap();
            acked.extend(done);
            killed_in_flight += usize::from(rest.is_some());
            unanswered[i] = rest;
        }
    }
    assert!(acked.len() > KILLS * 20 && killed_in_flight > KILLS, "{} acked, {killed_in_flight}", acked.len());

    let server = Process::start(data.path()).await;
    let mut log = Vec::new();
    loop {
        let after = log.len();
        let path = format!("/api/v1/rooms/r1/events?after={after}&limit=500");
        let page = http::get(server.address, &path, &cookies[0]).await.json::<EventPage>();
        log.extend(page.events);
        if log.len() as u64 == page.head.0 {
            break;
        }
    }
    for (i, event) in (1..).zip(&log) {
        assert_eq!(event.seq, Seq(i), "gapless");
    }
    for (cid, seq) in &acked {
        let found = log.iter().filter(|event| event.cid == Some(*cid)).collect::<Vec<_>>();
        assert_eq!(found.len(), 1, "{cid} once");
        assert_eq!(found[0].seq, *seq, "{cid} where it was said to be");
        let EventKind::Message { body, .. } = &found[0].kind else { panic!("{found:?}") };
        assert_eq!(*body, format!("body of {cid}"));
    }
    server.kill().await;
}

#[tokio::test]
async fn the_binary_stops_on_sigterm_with_code_0() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Process::start(data.path()).await;
    let cookie = http::come_in(server.address, "Alice").await;
    let mut alice = crate::support::client::Client::connect(server.address, "Alice", &cookie).await;
    let pid = server.child.id().unwrap().to_string();
    let kill = tokio::process::Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
    assert!(kill.success());
    assert_eq!(alice.closed().await.0, close::GOING_AWAY);
    drop(alice);
    let status = soon("the end", server.child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn relaxed_durability_is_said_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    for (durability, said) in [("relaxed", true), ("full", false)] {
        let mut command = process::command(data.path(), &["--durability", durability]);
        let mut child =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        // The address comes once everything that is to be said has been said.
        let mut address = [0; 7];
        let stdout = child.stdout.as_mut().unwrap();
        soon("the address", tokio::io::AsyncReadExt::read_exact(stdout, &mut address)).await.unwrap();
        child.kill().await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.contains("durability is relaxed"), said, "{stderr}");
    }
}

#[tokio::test]
async fn what_keeps_the_server_from_starting_is_one_clear_line() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path()).await;
    let address = server.address.to_string();
    let elsewhere = tempfile::tempdir().unwrap();

    let mut taken = tokio::process::Command::new(env!("CARGO_BIN_EXE_readyroom"));
    taken.args(["--listen", &address, "--data"]).arg(elsewhere.path());
    let twice = process::command(data.path(), &[]);
    let file = elsewhere.path().join("file");
    std::fs::write(&file, "").unwrap();
    let below_a_file = process::command(&file.join("data"), &[]);
    let newer = tempfile::tempdir().unwrap();
    rusqlite::Connection::open(newer.path().join("readyroom.db"))
        .and_then(|db| db.pragma_update(None, "user_version", 99))
        .unwrap();
    let newer = process::command(newer.path(), &[]);
    let no_database = tempfile::tempdir().unwrap();
    std::fs::write(no_database.path().join("readyroom.db"), "this is no database, but it is long enough").unwrap();
    let no_database = process::command(no_database.path(), &[]);

    for (command, words) in [
        (taken, &["cannot listen on", "in use", "--listen"][..]),
        (twice, &["another Readyroom server"]),
        (below_a_file, &["cannot use the data folder", "Not a directory"]),
        (newer, &["version 99", "up to 4"]),
        (no_database, &["cannot open the database", "not a database"]),
    ] {
        let (code, stderr) = process::run(command).await;
        assert_eq!(code, Some(1), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("readyroom: ") && words.iter().all(|word| stderr.contains(word)), "{stderr}");
    }
    server.kill().await;
}
