//! What all devices of a person agree on: what is read, who is mentioned, drafts, mutes.

use std::collections::BTreeMap;

use common::client::ClientMsg;
use common::id::{Epoch, RoomId};
use common::limits;
use common::model::{EventKind, RoomInfo, UserEvent, UserEventKind};
use common::server::{ErrorCode, ServerMsg};

use crate::support::client::{Client, LOBBY};
use crate::support::{Server, http};

fn read(n: u64) -> ClientMsg {
    ClientMsg::Read { room: LOBBY, n }
}

fn draft(text: &str) -> ClientMsg {
    ClientMsg::Draft { room: LOBBY, text: text.to_owned() }
}

/// Whether nothing of the own log is among what comes to somebody.
async fn hears_nothing_own(client: &mut Client) -> bool {
    !client.everything().await.iter().any(|msg| matches!(msg, ServerMsg::User(_)))
}

fn is_read(event: &UserEvent) -> bool {
    matches!(event.kind, UserEventKind::Read { .. })
}

/// What stands on the lobby for somebody who connects now: messages, read, mentions.
async fn counts(client: &Client) -> (u64, u64, u64) {
    let RoomInfo { n, read_n, mentions, .. } = client.again().await.rooms[0].clone();
    (n, read_n, mentions)
}

/// Whom the next message of somebody mentions.
async fn mentioned(client: &mut Client, body: &str) -> Vec<u64> {
    client.says(body).await;
    let EventKind::Message { mentions, .. } = client.sees(body).await.kind else { unreachable!() };
    mentions.into_iter().map(|user| user.0).collect()
}

#[tokio::test]
async fn what_is_read_on_one_device_is_read_on_the_other() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let mut phone = bob.again().await;
    for text in ["one", "two for @bob", "three for @BOB!"] {
        alice.says(text).await;
    }
    assert_eq!(counts(&bob).await, (3, 0, 2));
    for device in [&mut bob, &mut phone] {
        for mentions in [1, 2] {
            assert_eq!(device.own(is_read).await.kind, UserEventKind::Read { n: 0, mentions }, "a mention is told");
        }
    }
    bob.tell(&read(2)).await;
    for device in [&mut bob, &mut phone] {
        let event = device.own(is_read).await;
        assert_eq!((event.room, event.kind), (LOBBY, UserEventKind::Read { n: 2, mentions: 1 }));
    }
    assert_eq!(counts(&bob).await, (3, 2, 1));
    // The author's own messages are no news to her.
    assert_eq!(counts(&alice).await, (3, 3, 0));
    server.stop().await;
}

#[tokio::test]
async fn reading_never_goes_back_and_never_beyond_the_room() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    alice.says("one").await;
    alice.says("two").await;
    bob.tell(&read(1_000)).await;
    let first = bob.own(is_read).await;
    assert_eq!((first.seq, &first.kind), (1, &UserEventKind::Read { n: 2, mentions: 0 }));
    for n in [0, 1, 2, u64::MAX >> 11] {
        bob.tell(&read(n)).await;
        assert_eq!(bob.own(is_read).await, first, "answered as it stands, and nothing is written");
    }
    alice.says("three").await;
    assert_eq!(counts(&bob).await, (3, 2, 0));
    server.stop().await;
}

#[tokio::test]
async fn ones_own_messages_behind_the_last_read_one_are_read() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    alice.says("one").await;
    bob.says("two").await;
    bob.says("three").await;
    assert_eq!(counts(&bob).await, (3, 0, 0), "the first is not read");
    assert_eq!(counts(&alice).await, (3, 1, 0));
    bob.tell(&read(1)).await;
    assert_eq!(bob.own(is_read).await.kind, UserEventKind::Read { n: 3, mentions: 0 });
    assert_eq!(counts(&bob).await, (3, 3, 0));
    server.stop().await;
}

#[tokio::test]
async fn who_comes_new_has_read_what_was_before() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    alice.says("long ago").await;
    let bob = server.guest("Bob").await;
    assert_eq!((bob.rooms[0].n, bob.rooms[0].read_n, bob.rooms[0].muted), (1, 1, false));
    server.stop().await;
}

#[tokio::test]
async fn a_mention_is_the_longest_name_of_a_member_in_any_case() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut ids = Vec::new();
    for name in ["Maya", "Maya Okafor", "林一凡", "Ödön"] {
        ids.push(server.guest(name).await.me.id.0);
    }
    let me = alice.me.id.0;
    for (body, expected) in [
        ("hi @maya", vec![ids[0]]),
        ("hi @MAYA okafor, and @alice", vec![ids[1], me]),
        ("你好@林一凡你好", vec![ids[2]]),
        ("(@ödön)", vec![ids[3]]),
        ("@Maya @maya @Maya", vec![ids[0]]),
        ("mail a@maya.example, @mayaa, @nobody, @ maya, @", vec![]),
        ("no at at all, Maya", vec![]),
    ] {
        assert_eq!(mentioned(&mut alice, body).await, expected, "{body}");
    }
    // Who is elsewhere is not mentioned.
    let made = alice.does(|cid| ClientMsg::Create { cid, name: "garden".to_owned(), private: false }).await.unwrap();
    alice.says_in(made.room, "@maya is not here").await;
    let event = alice.sees("@maya is not here").await;
    assert!(matches!(event.kind, EventKind::Message { mentions, .. } if mentions.is_empty()));
    server.stop().await;
}

#[tokio::test]
async fn mentions_are_replayed_and_go_with_the_message() {
    let server = Server::start().await;
    let (mut alice, bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let said = alice.says("hey @bob").await.seq;
    alice.does(|cid| ClientMsg::Edit { cid, room: LOBBY, target: said, body: "hey".to_owned() }).await.unwrap();
    let mut late = bob.again().await;
    let event = late.event(|event| event.seq == said).await;
    assert!(matches!(event.kind, EventKind::Message { mentions, .. } if mentions == [bob.me.id]));
    assert_eq!(late.rooms[0].mentions, 1, "an edit leaves them as they were");
    alice.does(|cid| ClientMsg::Delete { cid, room: LOBBY, target: said }).await.unwrap();
    assert_eq!(counts(&bob).await, (1, 0, 0));
    server.stop().await;
}

#[tokio::test]
async fn no_more_ats_are_looked_at_than_a_message_can_mention_people() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let id = alice.me.id.0;
    let ats = |count: usize| format!("{}@alice", "@x ".repeat(count));
    assert_eq!(mentioned(&mut alice, &ats(limits::MENTIONS - 1)).await, [id]);
    assert_eq!(mentioned(&mut alice, &ats(limits::MENTIONS)).await, [0; 0]);
    server.stop().await;
}

#[tokio::test]
async fn drafts_and_mutes_follow_to_every_device() {
    let server = Server::start().await;
    let mut desk = server.guest("Alice").await;
    let mut phone = desk.again().await;
    desk.tell(&draft("half a sen")).await;
    desk.tell(&draft("half a sentence")).await;
    desk.tell(&ClientMsg::Mute { room: LOBBY, muted: true }).await;
    let is_mute = |event: &UserEvent| event.kind == UserEventKind::Muted { muted: true };
    let is_draft = |event: &UserEvent| event.kind == UserEventKind::Draft { text: "half a sentence".to_owned() };
    for device in [&mut desk, &mut phone] {
        assert_eq!((device.own(is_draft).await.seq, device.own(is_mute).await.seq), (2, 3));
    }
    // One that comes new gets what stands; one that has it already gets nothing.
    let mut tablet = Client::connect(server.address, "Alice", &desk.cookie).await;
    assert!(tablet.rooms[0].muted);
    assert_eq!((tablet.own(is_draft).await.seq, tablet.own(is_mute).await.seq), (2, 3));
    let mut back = phone.again().await;
    assert!(hears_nothing_own(&mut back).await);

    // One that was away gets what has changed since, and only that.
    drop((phone, back));
    desk.tell(&draft("")).await;
    desk.own(|event| event.seq == 4).await;
    let mut again = tablet.again().await;
    let own = again.own(|_| true).await;
    assert_eq!((own.seq, own.kind), (4, UserEventKind::Draft { text: String::new() }));
    assert!(hears_nothing_own(&mut again).await);
    server.stop().await;
}

#[tokio::test]
async fn the_own_log_survives_a_restart_and_starts_over_in_another_database() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    alice.tell(&draft("kept")).await;
    alice.own(|event| event.seq == 1).await;
    let (cookie, epoch) = (alice.cookie.clone(), alice.epoch.clone());
    let server = server.restart().await;
    let mut kept = Client::connect(server.address, "Alice", &cookie).await;
    assert_eq!(kept.own(|_| true).await.kind, UserEventKind::Draft { text: "kept".to_owned() });
    let who = ("Alice", cookie.as_str());
    let mut same = Client::resume_with(server.address, who, Some(epoch), 1, BTreeMap::new()).await;
    let other = Epoch("another".to_owned());
    let mut moved = Client::resume_with(server.address, who, Some(other), 1, BTreeMap::new()).await;
    assert_eq!(moved.own(|_| true).await.seq, 1, "another database's number says nothing");
    assert!(hears_nothing_own(&mut same).await);
    server.stop().await;
}

#[tokio::test]
async fn a_refused_change_names_its_room() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let mut bob = server.guest("Bob").await;
    let garden =
        alice.does(|cid| ClientMsg::Create { cid, name: "garden".to_owned(), private: false }).await.unwrap().room;
    let long = "x".repeat(limits::DRAFT_CHARS + 1);
    for (msg, code, room) in [
        (ClientMsg::Draft { room: LOBBY, text: long }, ErrorCode::BadText, LOBBY),
        (ClientMsg::Read { room: garden, n: 1 }, ErrorCode::NotMember, garden),
        (ClientMsg::Draft { room: garden, text: "x".to_owned() }, ErrorCode::NotMember, garden),
        (ClientMsg::Mute { room: RoomId(99), muted: true }, ErrorCode::NoSuchRoom, RoomId(99)),
    ] {
        bob.tell(&msg).await;
        let refusal = bob.error().await;
        assert_eq!((refusal.code, refusal.room, refusal.cid), (code, Some(room), None), "{msg:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn many_changes_from_two_devices_come_to_both_in_one_order() {
    let server = Server::start().await;
    let mut desk = server.guest("Alice").await;
    let mut phone = desk.again().await;
    for i in 0..100 {
        desk.tell(&draft(&format!("desk {i}"))).await;
        phone.tell(&draft(&format!("phone {i}"))).await;
    }
    let mut seen = Vec::new();
    for device in [&mut desk, &mut phone] {
        let mut entries = vec![device.own(|_| true).await];
        while entries.last().is_some_and(|entry| entry.seq < 200) {
            entries.push(device.own(|_| true).await);
        }
        // Who does not keep up is spared what is out of date.
        assert!(entries.is_sorted_by(|one, two| one.seq < two.seq));
        seen.push(entries.pop().unwrap());
    }
    assert_eq!((seen[0].seq, &seen[0]), (200, &seen[1]));
    server.stop().await;
}

#[tokio::test]
async fn what_a_person_leaves_is_forgotten_with_its_draft() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    alice.tell(&draft("never sent")).await;
    alice.own(|event| event.seq == 1).await;
    alice.does(|cid| ClientMsg::Leave { cid, room: LOBBY }).await.unwrap();
    alice.does(|cid| ClientMsg::Join { cid, room: LOBBY }).await.unwrap();
    let mut fresh = Client::connect(server.address, "Alice", &alice.cookie).await;
    assert!(hears_nothing_own(&mut fresh).await);
    let renamed = http::post(server.address, "PATCH /api/v1/me", &alice.cookie, r#"{"name":"Ann"}"#).await;
    assert_eq!(renamed.status, 200);
    assert_eq!(mentioned(&mut alice, "@ann").await, [alice.me.id.0], "by the present name");
    server.stop().await;
}
