//! Messages change: edits, deletes, reactions and pins, live and replayed, by those who may.

use std::path::Path;

use common::api::EventPage;
use common::client::ClientMsg;
use common::id::{Cid, RoomId, Seq};
use common::limits;
use common::model::{Event, EventKind};
use common::server::{ErrorCode, Refusal, ServerMsg};

use crate::support::client::{Client, LOBBY};
use crate::support::{Server, http};

const ROOM: RoomId = LOBBY;

fn edit(target: Seq, body: &str) -> impl FnOnce(Cid) -> ClientMsg + use<> {
    let body = body.to_owned();
    move |cid| ClientMsg::Edit { cid, room: ROOM, target, body }
}

fn delete(target: Seq) -> impl FnOnce(Cid) -> ClientMsg {
    move |cid| ClientMsg::Delete { cid, room: ROOM, target }
}

fn react(target: Seq, emoji: &str) -> impl FnOnce(Cid) -> ClientMsg + use<> {
    let emoji = emoji.to_owned();
    move |cid| ClientMsg::React { cid, room: ROOM, target, emoji }
}

fn unreact(target: Seq, emoji: &str) -> impl FnOnce(Cid) -> ClientMsg + use<> {
    let emoji = emoji.to_owned();
    move |cid| ClientMsg::Unreact { cid, room: ROOM, target, emoji }
}

fn pin(target: Seq) -> impl FnOnce(Cid) -> ClientMsg {
    move |cid| ClientMsg::Pin { cid, room: ROOM, target }
}

fn unpin(target: Seq) -> impl FnOnce(Cid) -> ClientMsg {
    move |cid| ClientMsg::Unpin { cid, room: ROOM, target }
}

/// The lobby's log, as somebody gets it who reads it now.
async fn log(server: &Server, reader: &Client) -> Vec<Event> {
    let path = "/api/v1/rooms/r1/events?limit=500";
    http::get(server.address, path, &reader.cookie).await.json::<EventPage>().events
}

#[tokio::test]
async fn every_change_is_seen_live_and_replayed_alike() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let said = alice.says("frist").await.seq;
    let changes = [
        alice.does(edit(said, "first")).await.unwrap().seq,
        bob.does(react(said, "👍")).await.unwrap().seq,
        alice.does(react(said, "👍")).await.unwrap().seq,
        bob.does(unreact(said, "👍")).await.unwrap().seq,
        bob.does(pin(said)).await.unwrap().seq,
        alice.does(unpin(said)).await.unwrap().seq,
        alice.does(delete(said)).await.unwrap().seq,
    ];
    assert_eq!(changes.map(|seq| seq.0 - said.0), [1, 2, 3, 4, 5, 6, 7]);

    let emoji = || "👍".to_owned();
    let mut expected = vec![
        EventKind::Edited { target: said, body: "first".to_owned() },
        EventKind::Reacted { target: said, emoji: emoji() },
        EventKind::Reacted { target: said, emoji: emoji() },
        EventKind::Unreacted { target: said, emoji: emoji() },
        EventKind::Pinned { target: said },
        EventKind::Unpinned { target: said },
        EventKind::Deleted { target: said },
    ];
    for (kind, seq) in expected.iter().zip(changes) {
        assert_eq!(bob.event(|event| event.seq == seq).await.kind, *kind, "live");
    }
    // Who comes later gets the same events, but for the texts that are erased by now.
    expected[0] = EventKind::Edited { target: said, body: String::new() };
    let log = log(&server, &bob).await;
    let replayed = log.iter().filter(|event| event.seq > said).map(|event| event.kind.clone());
    assert_eq!(replayed.collect::<Vec<_>>(), expected);
    let message = log.iter().find(|event| event.seq == said).unwrap();
    assert_eq!(
        message.kind,
        EventKind::Message { n: 1, body: String::new(), mentions: Vec::new(), everyone: None, reply: None }
    );
    server.stop().await;
}

#[tokio::test]
async fn only_its_author_edits_and_deletes_a_message() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let said = alice.says("mine").await.seq;
    assert_eq!(bob.does(edit(said, "yours")).await, Err(ErrorCode::NotAuthor));
    assert_eq!(bob.does(delete(said)).await, Err(ErrorCode::NotAuthor));
    assert_eq!(alice.does(edit(said, " ")).await, Err(ErrorCode::BadText));
    assert_eq!(alice.does(react(said, "lol")).await, Err(ErrorCode::BadText));
    let head = log(&server, &alice).await.last().unwrap().seq;
    assert_eq!(head, said, "nothing refused is stored");
    server.stop().await;
}

#[tokio::test]
async fn only_messages_of_the_room_can_be_changed() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let said = alice.says("hi").await.seq;
    let reacted = alice.does(react(said, "🎉")).await.unwrap().seq;
    // The room's beginning, its author's own joining, a reaction, the future, and nothing at all.
    for target in [Seq(1), Seq(2), reacted, Seq(99), Seq(0)] {
        for refused in [
            alice.does(edit(target, "x")).await,
            alice.does(delete(target)).await,
            alice.does(react(target, "🎉")).await,
            alice.does(unreact(target, "🎉")).await,
            alice.does(pin(target)).await,
            alice.does(unpin(target)).await,
        ] {
            assert_eq!(refused, Err(ErrorCode::NoSuchMessage), "{target}");
        }
    }
    let elsewhere =
        alice.does(|cid| ClientMsg::Create { cid, name: "garden".to_owned(), private: false }).await.unwrap().room;
    let there = alice.says_in(elsewhere, "elsewhere").await.seq;
    let mut bob = server.guest("Bob").await;
    let strangers = bob.does(move |cid| ClientMsg::Pin { cid, room: elsewhere, target: there }).await;
    assert_eq!(strangers, Err(ErrorCode::NotMember));
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_message_takes_nothing_more() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let said = alice.says("gone soon").await.seq;
    bob.does(react(said, "👍")).await.unwrap();
    bob.does(pin(said)).await.unwrap();
    let deleted = alice.does(delete(said)).await.unwrap();
    assert_eq!(alice.does(delete(said)).await.unwrap(), deleted, "deleting again is settled");
    assert_eq!(alice.does(edit(said, "back")).await, Err(ErrorCode::Deleted));
    assert_eq!(bob.does(react(said, "👍")).await, Err(ErrorCode::Deleted));
    assert_eq!(bob.does(pin(said)).await, Err(ErrorCode::Deleted));
    // What hung on it went with it.
    assert_eq!(bob.does(unreact(said, "👍")).await, Err(ErrorCode::Deleted));
    assert_eq!(bob.does(unpin(said)).await, Err(ErrorCode::Deleted));
    assert_eq!(log(&server, &bob).await.last().unwrap().seq, deleted.seq);
    server.stop().await;
}

#[tokio::test]
async fn what_is_so_already_is_settled_by_the_event_that_made_it_so() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let said = alice.says("hi").await.seq;
    assert_eq!(bob.does(unreact(said, "👍")).await, Err(ErrorCode::NoSuchMessage));
    assert_eq!(bob.does(unpin(said)).await, Err(ErrorCode::NoSuchMessage));
    let (reacted, pinned) = (bob.does(react(said, "👍")).await, bob.does(pin(said)).await);
    assert_eq!((bob.does(react(said, "👍")).await, alice.does(pin(said)).await), (reacted, pinned));
    let (unreacted, unpinned) = (bob.does(unreact(said, "👍")).await, alice.does(unpin(said)).await);
    assert_eq!((bob.does(unreact(said, "👍")).await, bob.does(unpin(said)).await), (unreacted, unpinned));
    assert_eq!(log(&server, &bob).await.last().unwrap().seq, unpinned.unwrap().seq);
    // And it can be done again.
    assert!(bob.does(react(said, "👍")).await.unwrap().seq > unpinned.unwrap().seq);
    server.stop().await;
}

#[tokio::test]
async fn a_message_has_so_many_emoji_and_no_more() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let said = alice.says("hi").await.seq;
    let emoji = |i: usize| char::from_u32(0x1F600 + i as u32).unwrap().to_string();
    for i in 0..limits::REACTIONS {
        alice.does(react(said, &emoji(i))).await.unwrap();
    }
    assert_eq!(bob.does(react(said, "🎉")).await, Err(ErrorCode::TooManyReactions));
    bob.does(react(said, &emoji(3))).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_change_is_carried_out_once_and_its_id_is_used_up() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let said_cid = alice.cid();
    let said = alice.sends(said_cid, ROOM, "one").await.unwrap();
    let cid = alice.cid();
    let again = async |alice: &mut Client, msg: ClientMsg| {
        alice.tell(&msg).await;
        alice.answer(cid).await
    };
    let edit = |body: &str| ClientMsg::Edit { cid, room: ROOM, target: said.seq, body: body.to_owned() };
    let edited = again(&mut alice, edit("two")).await;
    assert_eq!(again(&mut alice, edit("two")).await, edited);
    assert_eq!(again(&mut alice, edit("three")).await, Err(ErrorCode::CidReused));
    let pin = ClientMsg::Pin { cid, room: ROOM, target: said.seq };
    assert_eq!(again(&mut alice, pin).await, Err(ErrorCode::CidReused));

    // Once the texts are erased, nobody can tell what they were: the repeat is the same command.
    alice.does(delete(said.seq)).await.unwrap();
    assert_eq!(again(&mut alice, edit("two")).await, edited);
    assert_eq!(alice.sends(said_cid, ROOM, "one").await, Ok(said));
    assert_eq!(log(&server, &alice).await.len(), 5, "created, joined, said, edited, deleted");
    server.stop().await;
}

#[tokio::test]
async fn a_message_is_stored_only_behind_the_one_it_follows() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    let (lost, first, second) = (alice.cid(), alice.cid(), alice.cid());
    let send = |cid, after| ClientMsg::Send { cid, room: ROOM, body: "x".to_owned(), after, reply_to: None };
    alice.tell(&send(second, Some(lost))).await;
    let refusal = alice
        .wait(|msg| match msg {
            ServerMsg::Error(refusal) => Some(refusal.clone()),
            _ => None,
        })
        .await;
    let Refusal { cid, room, code, retry_ms, .. } = refusal;
    assert_eq!((cid, room, code, retry_ms), (Some(second), Some(ROOM), ErrorCode::OutOfOrder, Some(0)));
    alice.tell(&send(first, None)).await;
    alice.tell(&send(second, Some(first))).await;
    let (one, two) = (alice.answer(first).await.unwrap(), alice.answer(second).await.unwrap());
    assert_eq!(two.seq, one.seq.next());
    // A repeat is answered like the first time, whatever it follows now.
    alice.tell(&send(second, Some(lost))).await;
    assert_eq!(alice.answer(second).await, Ok(two));
    // What somebody else sent is nothing to follow.
    let mut bob = server.guest("Bob").await;
    let cid = bob.cid();
    bob.tell(&send(cid, Some(first))).await;
    assert_eq!(bob.answer(cid).await, Err(ErrorCode::OutOfOrder));
    server.stop().await;
}

/// The files of a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = files.filter(|file| std::fs::read(file).is_ok_and(|bytes| holds(&bytes)));
    found.map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn a_deleted_text_is_gone_from_the_files() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    // Short ones that share a page, and long ones that have pages of their own.
    let secret = |i: usize| format!("secret {i} of mine {}", "x".repeat((i % 7) * 600));
    let mut said = Vec::new();
    for i in 0..50 {
        said.push(alice.says(&secret(i)).await.seq);
        alice.does(edit(said[i], &format!("edited {}", secret(i)))).await.unwrap();
    }
    assert!(!files_with(server.data.path(), "secret 7 of mine").is_empty(), "the search finds what is there");
    // Not in the order they were written, and some stay.
    for i in (0..50).filter(|i| i % 5 != 0).rev() {
        alice.does(delete(said[i])).await.unwrap();
    }
    let deleted = (0..50).filter(|i| i % 5 != 0).map(|i| format!("secret {i} of mine"));
    let deleted = deleted.collect::<Vec<_>>();
    for text in &deleted {
        assert_eq!(files_with(server.data.path(), text), [""; 0], "{text}, while the server runs");
    }
    let data = server.stop().await;
    for text in &deleted {
        assert_eq!(files_with(data.path(), text), [""; 0], "{text}, after the end");
    }
    assert_eq!(files_with(data.path(), "secret 5 of mine"), ["readyroom.db"], "what was not deleted is there");
}
