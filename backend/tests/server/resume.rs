//! Coming back: exactly what was missed, or an open word that it is not.

use std::collections::BTreeMap;

use common::client::ClientMsg;
use common::id::{Epoch, Seq};
use common::server::ServerMsg;

use crate::support::Server;
use crate::support::client::{Client, LOBBY, seqs};

/// A server whose lobby has this many events, and one who wrote most of them.
async fn lobby_with(events: u64) -> (Server, Client) {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut cids = Vec::new();
    for i in 2..events {
        let cid = alice.cid();
        alice.tell(&ClientMsg::Send { cid, room: LOBBY, body: i.to_string(), after: None, reply_to: None }).await;
        cids.push(cid);
    }
    for cid in cids {
        alice.answer(cid).await.unwrap();
    }
    (server, alice)
}

/// What somebody gets who comes back holding everything up to `held`.
async fn comes_back(server: &Server, alice: &Client, epoch: &Epoch, held: Option<u64>) -> Vec<ServerMsg> {
    let held: BTreeMap<_, _> = held.map(|seq| (LOBBY, Seq(seq))).into_iter().collect();
    let mut client = Client::resume(server.address, "Alice", &alice.cookie, Some(epoch.clone()), held).await;
    let head = client.rooms[0].head;
    if *epoch == client.epoch && client.held.get(&LOBBY) == Some(&Some(head)) {
        return client.everything().await;
    }
    client.until(LOBBY, head).await
}

#[tokio::test]
async fn what_was_missed_is_replayed_exactly() {
    let (server, alice) = lobby_with(450).await;
    let epoch = alice.epoch.clone();
    let missed = comes_back(&server, &alice, &epoch, Some(7)).await;
    assert_eq!(seqs(&missed), (8..=450).collect::<Vec<_>>());
    assert_eq!(missed.len(), 443, "and nothing else");
    assert!(comes_back(&server, &alice, &epoch, Some(450)).await.is_empty());
    assert_eq!(seqs(&comes_back(&server, &alice, &epoch, Some(0)).await), (1..=450).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test]
async fn who_is_too_far_behind_or_ahead_starts_over() {
    let (server, alice) = lobby_with(520).await;
    let page = (421..=520).collect::<Vec<_>>();
    let other = Epoch("another".to_owned());
    for (epoch, held) in
        [(&alice.epoch, Some(19)), (&alice.epoch, Some(521)), (&alice.epoch, None), (&other, Some(500))]
    {
        let got = comes_back(&server, &alice, epoch, held).await;
        assert_eq!(got[0], ServerMsg::Reset { room: LOBBY, seq: Seq(520) }, "{held:?}");
        assert_eq!(seqs(&got), page, "{held:?}");
    }
    let got = comes_back(&server, &alice, &alice.epoch, Some(20)).await;
    assert_eq!(seqs(&got), (21..=520).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test]
async fn a_short_log_needs_no_reset() {
    let (server, alice) = lobby_with(100).await;
    assert_eq!(seqs(&comes_back(&server, &alice, &alice.epoch, None).await), (1..=100).collect::<Vec<_>>());
    server.stop().await;
}

#[tokio::test]
async fn a_replay_in_a_busy_room_has_no_hole() {
    let (server, mut alice) = lobby_with(400).await;
    let mut last = Seq::ZERO;
    for i in 0..10 {
        // Messages are on their way while somebody comes in.
        let mut cids = Vec::new();
        for j in 0..30 {
            let cid = alice.cid();
            alice
                .tell(&ClientMsg::Send { cid, room: LOBBY, body: format!("{i} {j}"), after: None, reply_to: None })
                .await;
            cids.push(cid);
        }
        let held = BTreeMap::from([(LOBBY, Seq(400 - i))]);
        let epoch = Some(alice.epoch.clone());
        // The client itself checks that there is no gap and no repeat.
        let mut back = Client::resume(server.address, "Alice", &alice.cookie, epoch, held).await;
        for cid in cids {
            last = alice.answer(cid).await.unwrap().seq;
        }
        let got = back.until(LOBBY, last).await;
        assert_eq!(seqs(&got), (401 - i..=last.0).collect::<Vec<_>>());
    }
    server.stop().await;
}

#[tokio::test]
async fn sync_brings_a_range_or_the_rest() {
    let (server, mut alice) = lobby_with(300).await;
    alice.everything().await;
    alice.held.clear();
    alice.tell(&ClientMsg::Sync { room: LOBBY, from: Seq(10), to: Some(Seq(250)) }).await;
    assert_eq!(seqs(&alice.until(LOBBY, Seq(250)).await), (11..=250).collect::<Vec<_>>());
    alice.held.clear();
    alice.tell(&ClientMsg::Sync { room: LOBBY, from: Seq(290), to: None }).await;
    assert_eq!(seqs(&alice.until(LOBBY, Seq(300)).await), (291..=300).collect::<Vec<_>>());
    // What lies in the future was never kept.
    alice.tell(&ClientMsg::Sync { room: LOBBY, from: Seq(10_000), to: None }).await;
    let got = alice.until(LOBBY, Seq(300)).await;
    assert_eq!(
        (&got[0], seqs(&got)),
        (&ServerMsg::Reset { room: LOBBY, seq: Seq(300) }, (201..=300).collect::<Vec<_>>())
    );
    // And it stays live.
    assert_eq!(alice.says("on").await.seq, Seq(301));
    alice.sees("on").await;
    server.stop().await;
}
