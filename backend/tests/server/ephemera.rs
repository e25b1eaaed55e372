//! Typing, presence, and what a ping is told: never in the way of events.

use std::collections::BTreeMap;
use std::time::Duration;

use common::client::ClientMsg;
use common::id::{RoomId, Seq, Timestamp};
use common::server::ServerMsg;

use crate::support::Server;
use crate::support::client::{Client, LOBBY};

/// What a ping is told of the rooms.
async fn heads(client: &mut Client) -> BTreeMap<RoomId, Seq> {
    client.tell(&ClientMsg::Ping { t: Timestamp(7) }).await;
    client
        .wait(|msg| match msg {
            ServerMsg::Pong { heads, .. } => Some(heads.clone()),
            _ => None,
        })
        .await
}

/// The names of those who are here, once it is the whole and there are so many.
async fn whole(client: &mut Client, room: RoomId, count: u64) -> Vec<String> {
    client
        .hint(|msg| match msg {
            ServerMsg::Presence { room: of, whole: true, here, online, offline } if *of == room && *here == count => {
                assert!(offline.is_empty());
                Some(online.iter().map(|person| person.name.clone()).collect())
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn who_comes_is_told_who_is_here_and_the_others_hear_of_it() {
    let server = Server::start().await;
    let mut alice = server.guest("Alice").await;
    assert_eq!(whole(&mut alice, LOBBY, 1).await, ["Alice"]);
    let mut bob = server.guest("Bob").await;
    assert_eq!(whole(&mut bob, LOBBY, 2).await, ["Alice", "Bob"]);
    let came = alice.hint(|msg| match msg {
        ServerMsg::Presence { whole: false, here: 2, online, .. } => Some(online.clone()),
        _ => None,
    });
    assert_eq!(came.await, [bob.me.clone()]);
    // Leaving the room needs no grace.
    bob.does(|cid| ClientMsg::Leave { cid, room: LOBBY }).await.unwrap();
    let went = alice.hint(|msg| match msg {
        ServerMsg::Presence { whole: false, here: 1, offline, .. } => Some(offline.clone()),
        _ => None,
    });
    assert_eq!(went.await, [bob.me.id]);
    server.stop().await;
}

#[tokio::test]
async fn whose_connection_ends_is_gone_after_the_grace() {
    let server = Server::start_with(|config| config.timings.presence_grace = Duration::from_millis(100)).await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let mut phone = bob.again().await;
    whole(&mut phone, LOBBY, 2).await;
    whole(&mut bob, LOBBY, 2).await;
    let gone = |msg: &ServerMsg| match msg {
        ServerMsg::Presence { here, offline, .. } if !offline.is_empty() => Some((*here, offline.clone())),
        _ => None,
    };
    let me = bob.me.id;
    drop(bob);
    // The other device is still there, and hears of nobody's end.
    phone.tell(&ClientMsg::Typing { room: LOBBY }).await;
    let next = phone.hint(|msg| match msg {
        ServerMsg::Typing { people, .. } => Some(people.len()),
        other => panic!("{other:?}"),
    });
    assert_eq!(next.await, 1);
    drop(phone);
    assert_eq!(alice.hint(gone).await, (1, vec![me]));
    server.stop().await;
}

#[tokio::test]
async fn typing_reaches_the_room_and_nobody_else() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    let mut carol = server.guest("Carol").await;
    let room =
        alice.does(|cid| ClientMsg::Create { cid, name: "garden".to_owned(), private: false }).await.unwrap().room;
    bob.does(move |cid| ClientMsg::Join { cid, room }).await.unwrap();
    // Carol is not in that room: what she types there is nobody's business.
    carol.tell(&ClientMsg::Typing { room }).await;
    carol.everything().await;
    alice.tell(&ClientMsg::Typing { room }).await;
    let typing = |msg: &ServerMsg| match msg {
        ServerMsg::Typing { room, people } => Some((*room, people.clone())),
        _ => None,
    };
    let expected = (room, vec![alice.me.clone()]);
    assert_eq!(bob.hint(typing).await, expected);
    assert_eq!(alice.hint(typing).await, expected);
    // What comes to Carol next is what was typed in her own room later.
    bob.tell(&ClientMsg::Typing { room: LOBBY }).await;
    assert_eq!(carol.hint(typing).await, (LOBBY, vec![bob.me.clone()]));
    server.stop().await;
}

#[tokio::test]
async fn a_ping_is_told_what_was_sent_since_the_last_one() {
    let server = Server::start().await;
    let (mut alice, mut bob) = (server.guest("Alice").await, server.guest("Bob").await);
    bob.sees_all(LOBBY, bob.rooms[0].head).await;
    assert_eq!(heads(&mut bob).await, BTreeMap::from([(LOBBY, bob.rooms[0].head)]));
    assert!(heads(&mut bob).await.is_empty(), "nothing is new");
    let last = alice.says("hi").await.seq;
    bob.sees("hi").await;
    assert_eq!(heads(&mut bob).await, BTreeMap::from([(LOBBY, last)]));
    server.stop().await;
}
