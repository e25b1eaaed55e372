//! A reader that stalls harms only itself, and gets everything in the end.

use std::time::Duration;

use common::client::ClientMsg;
use common::id::{Cid, Seq};
use common::limits;
use common::server::ServerMsg;

use crate::support::Server;
use crate::support::client::{LOBBY, seqs};

/// Messages that a reader may be behind and still gets all of them.
const BEHIND: u64 = limits::REPLAY_EVENTS - 20;

/// As long as a message can be, in characters of four bytes: some hundreds of them fill every buffer of the system between
/// the two ends, which are a few megabytes each.
fn long(i: u64) -> String {
    format!("{i} {}", "😀".repeat(3_900))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_reader_harms_only_itself_and_catches_up() {
    let server = Server::start_with(|config| {
        config.timings.backlog = 256 * 1024;
        // However long the others take.
        config.timings.write_stall = Duration::from_secs(600);
    })
    .await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    // From here on, Bob reads nothing at all.
    let mut last = Seq::ZERO;
    for i in 0..1_200 {
        // Others do not wait for him: this would not end.
        last = alice.says(&long(i)).await.seq;
        alice.forget();
    }

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
    let server = Server::start_with(|config| config.timings.backlog = 64 * 1024).await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    let mut held = Vec::new();
    let mut lags = 0;
    // Bob does not read, and then everything; what he missed is always within reach.
    for round in 0..3 {
        let cids: Vec<Cid> = (0..BEHIND).map(|_| alice.cid()).collect();
        for pipelined in cids.chunks(30) {
            for cid in pipelined {
                let send = ClientMsg::Send { cid: *cid, room: LOBBY, body: long(round), after: None, reply_to: None };
                alice.tell(&send).await;
            }
            for cid in pipelined {
                alice.answer(*cid).await.unwrap();
            }
        }
        alice.forget();
        let last = alice.says("the end of the round").await.seq;
        while bob.held.get(&LOBBY).copied().flatten() != Some(last) {
            let msg = bob.next().await;
            if matches!(msg, ServerMsg::Lag { .. }) {
                lags += 1;
                let from = bob.held[&LOBBY].unwrap();
                bob.tell(&ClientMsg::Sync { room: LOBBY, from, to: None }).await;
            }
            held.push(msg);
        }
    }
    assert!(lags >= 1, "the buffers of the system are larger than what was sent");
    let all = bob.held[&LOBBY].unwrap().0;
    assert_eq!(seqs(&held), (1..=all).collect::<Vec<_>>(), "no reset, no gap, no repeat");
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
    let mut stalled = crate::support::client::open(server.address, &cookie).await.unwrap();
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
    crate::support::soon("the end of the stalled connection", gone).await;
    alice.says("the others never noticed").await;
    server.stop().await;
}
