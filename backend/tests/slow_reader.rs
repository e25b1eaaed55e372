//! A reader that stalls harms only itself, and gets everything in the end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it knows"
)]

mod support;

use std::time::Duration;

use common::client::ClientMsg;
use common::id::Seq;
use common::server::ServerMsg;
use readyroom::bus::outbox::Bounds;
use support::Server;
use support::client::{LOBBY, seqs};

/// Long enough that a few hundred of them fill every buffer between the two ends.
fn long(i: u64) -> String {
    format!("{i} {}", "x".repeat(3_900))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_reader_harms_only_itself_and_catches_up() {
    let server = Server::start_with(|config| {
        config.timings.outbox = Bounds { items: 64, bytes: 64 * 1024 };
    })
    .await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    // From here on, Bob reads nothing at all.
    let mut last = Seq::ZERO;
    let began = tokio::time::Instant::now();
    for i in 0..4_000 {
        last = alice.says(&long(i)).await.seq;
        alice.forget();
    }
    assert!(began.elapsed() < Duration::from_secs(60), "others are not slowed: {:?}", began.elapsed());

    // Bob reads again. The client itself checks that there is no gap and no repeat up to the lag.
    let mut got = 0;
    let mut lags = 0;
    while bob.held.get(&LOBBY).copied().flatten() != Some(last) {
        match bob.next().await {
            ServerMsg::Event(_) => got += 1,
            ServerMsg::Lag { room, seq } => {
                lags += 1;
                let held = bob.held[&room].unwrap();
                assert!(seq > held, "{seq} was not queued, {held} was sent");
                // Here a real client says what it holds; it may be more than is replayed, which a reset tells.
                bob.tell(&ClientMsg::Sync { room, from: held, to: None }).await;
            }
            ServerMsg::Reset { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(lags >= 1 && got >= 100, "{lags} lags, {got} events");
    // And Bob is live again.
    alice.says("welcome back").await;
    bob.sees("welcome back").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lag_within_reach_is_made_good_exactly() {
    let server = Server::start_with(|config| config.timings.outbox = Bounds { items: 4, bytes: 1 << 20 }).await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    let mut sent = 0;
    let mut held = Vec::new();
    while sent < 400 {
        let mut cids = Vec::new();
        for _ in 0..30 {
            let cid = alice.cid();
            alice.tell(&ClientMsg::Send { cid, room: LOBBY, body: long(sent), after: None }).await;
            cids.push(cid);
            sent += 1;
        }
        for cid in cids {
            alice.answer(cid).await.unwrap();
        }
        let lag = |msg: &ServerMsg| matches!(msg, ServerMsg::Lag { .. });
        for msg in bob.everything().await {
            if lag(&msg) {
                let from = bob.held[&LOBBY].unwrap();
                bob.tell(&ClientMsg::Sync { room: LOBBY, from, to: None }).await;
            }
            held.push(msg);
        }
    }
    let last = alice.says("last").await.seq;
    loop {
        let msg = bob.next().await;
        if matches!(msg, ServerMsg::Lag { .. }) {
            let from = bob.held[&LOBBY].unwrap();
            bob.tell(&ClientMsg::Sync { room: LOBBY, from, to: None }).await;
        }
        held.push(msg);
        if bob.held[&LOBBY] == Some(last) {
            break;
        }
    }
    assert_eq!(seqs(&held), (1..=last.0).collect::<Vec<_>>(), "no reset, no gap, no repeat");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_makes_no_progress_is_let_go() {
    let server = Server::start_with(|config| {
        config.timings.write_stall = Duration::from_millis(200);
        config.timings.linger = Duration::from_millis(100);
    })
    .await;
    let mut alice = server.guest("Alice").await;
    let cookie = alice.cookie.clone();
    let mut stalled = support::client::open(server.address, &cookie).await.unwrap();
    let hello = r#"{"op":"hello"}"#;
    futures_util::SinkExt::send(&mut stalled, hello.into()).await.unwrap();
    for i in 0..300 {
        alice.says(&long(i)).await;
    }
    // It asks for the whole log again and again and reads none of it, until the server has had enough.
    let sync = r#"{"op":"sync","room":"r1","from":0,"to":500}"#;
    let gone = async {
        loop {
            if futures_util::SinkExt::send(&mut stalled, sync.into()).await.is_err() {
                return;
            }
        }
    };
    support::soon("the end of the stalled connection", gone).await;
    alice.says("the others never noticed").await;
    server.stop().await;
}
