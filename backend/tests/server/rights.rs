//! Who is no member gets nothing: of private rooms, of rooms that they were removed from, on any way.

use std::collections::BTreeMap;

use common::client::ClientMsg;
use common::id::{RoomId, Seq, UserId};
use common::model::{Level, RoomKind, RoomRole};
use common::server::{ErrorCode, ServerMsg};

use crate::support::client::{Client, LOBBY};
use crate::support::{Server, http};

/// Whether a message tells anything of a room.
fn tells(msg: &ServerMsg, of: RoomId) -> bool {
    match msg {
        ServerMsg::Event(event) => event.room == of,
        ServerMsg::Ack { room, .. }
        | ServerMsg::Reset { room, .. }
        | ServerMsg::Lag { room, .. }
        | ServerMsg::Typing { room, .. }
        | ServerMsg::Presence { room, .. } => *room == of,
        ServerMsg::Room(info) => info.id == of,
        ServerMsg::User(entry) => entry.room == of,
        _ => false,
    }
}

/// What a stranger can ask of a room over the socket, with every answer.
async fn tried(client: &mut Client, room: RoomId, other: UserId) -> Vec<ErrorCode> {
    let (target, body, name) = (Seq(3), || "x".to_owned(), || "mine".to_owned());
    let mut refused = Vec::new();
    for command in [
        |cid, room, _| ClientMsg::Join { cid, room },
        |cid, room, _| ClientMsg::Leave { cid, room },
        |cid, room, user| ClientMsg::Invite { cid, room, user },
        |cid, room, user| ClientMsg::Remove { cid, room, user },
        |cid, room, user| ClientMsg::Appoint { cid, room, user, role: RoomRole::Moderator },
        |cid, room, _| ClientMsg::Archive { cid, room, archived: true },
        |cid, room, _| ClientMsg::Announce { cid, room, on: true },
    ] {
        refused.push(client.does(|cid| command(cid, room, other)).await.unwrap_err());
    }
    refused.push(client.does(|cid| ClientMsg::Rename { cid, room, name: name() }).await.unwrap_err());
    refused.push(client.does(|cid| ClientMsg::Topic { cid, room, topic: body() }).await.unwrap_err());
    refused.push(client.does(|cid| ClientMsg::Pin { cid, room, target }).await.unwrap_err());
    refused.push(client.does(|cid| ClientMsg::Unpin { cid, room, target }).await.unwrap_err());
    refused.push(client.does(|cid| ClientMsg::Delete { cid, room, target }).await.unwrap_err());
    refused.push(client.does(|cid| ClientMsg::Edit { cid, room, target, body: body() }).await.unwrap_err());
    refused.push(client.answers(room, target, "x").await.unwrap_err());
    let cid = client.cid();
    refused.push(client.sends(cid, room, "x").await.unwrap_err());
    for msg in [
        ClientMsg::Read { room, n: 1 },
        ClientMsg::Unread { room, n: 1 },
        ClientMsg::Draft { room, text: body() },
        ClientMsg::Mute { room, muted: true },
        ClientMsg::Notify { room, level: Level::All },
        ClientMsg::Sync { room, from: Seq(0), to: Some(Seq(9)) },
        ClientMsg::Sync { room, from: Seq(0), to: None },
    ] {
        client.tell(&msg).await;
        let refusal = client.error().await;
        assert_eq!(refusal.room, Some(room));
        refused.push(refusal.code);
    }
    client.tell(&ClientMsg::Typing { room }).await;
    refused
}

#[tokio::test]
async fn a_private_room_is_like_none_at_all_for_everybody_else() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    server.appoint(&lin, 4);
    let room = maya.makes("plans", true).await;
    assert_eq!(maya.enters(room).await.kind, RoomKind::Private);
    maya.says_in(room, "secret").await;
    let (other, none) = (maya.me.id, RoomId(4_711));
    let (there, missing) = (tried(&mut lin, room, other).await, tried(&mut lin, none, other).await);
    assert_eq!(there, missing, "even an owner of the server cannot tell");
    assert!(there[..15].iter().all(|code| *code == ErrorCode::NoSuchRoom), "{there:?}");
    let all = lin.everything().await;
    assert!(!all.iter().any(|msg| tells(msg, room)), "{all:?}");

    let list = http::get(server.address, "/api/v1/rooms", &lin.cookie).await;
    assert!(!list.body.contains("plans") && list.body.contains("lobby"), "{}", list.body);
    for path in ["", "/members", "/events", "/messages"] {
        let get = async |room: RoomId| {
            let answer = http::get(server.address, &format!("/api/v1/rooms/{room}{path}"), &lin.cookie).await;
            (answer.status, answer.body)
        };
        assert_eq!(get(room).await, get(none).await, "{path}");
    }
    // What a client claims to hold makes no difference.
    let held = BTreeMap::from([(room, Seq(1))]);
    let epoch = Some(lin.epoch.clone());
    let mut claims = Client::resume(server.address, "Lin", &lin.cookie, epoch, held).await;
    assert!(claims.rooms.iter().all(|info| info.id != room));
    assert!(!claims.everything().await.iter().any(|msg| tells(msg, room)));
    server.stop().await;
}

#[tokio::test]
async fn who_is_brought_into_a_room_gets_it_on_every_socket() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let mut tab = lin.again().await;
    let room = maya.makes("plans", true).await;
    let said = maya.says_in(room, "secret").await.seq;
    assert_eq!(maya.invites(room, UserId(4_711)).await, Err(ErrorCode::NoSuchPerson));
    assert_eq!(maya.invites(room, UserId(1)).await, Err(ErrorCode::NoSuchPerson));
    maya.invites(room, lin.me.id).await.unwrap();
    for client in [&mut lin, &mut tab] {
        assert_eq!((client.enters(room).await.kind, client.sees("secret").await.seq), (RoomKind::Private, said));
    }
    lin.says_in(room, "thanks").await;
    maya.sees("thanks").await;
    // Who left a private room has no way back but another invite.
    lin.does(|cid| ClientMsg::Leave { cid, room }).await.unwrap();
    assert_eq!(lin.joins(room).await, Err(ErrorCode::NoSuchRoom));
    maya.invites(room, lin.me.id).await.unwrap();
    lin.says_in(room, "back").await;
    server.stop().await;
}

#[tokio::test]
async fn who_is_removed_gets_nothing_more_on_any_socket_or_other_way() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("plans", true).await;
    maya.invites(room, lin.me.id).await.unwrap();
    lin.enters(room).await;
    let mut tabs = [lin.again().await, lin.again().await, lin];
    let said = tabs[2].says_in(room, "mine").await.seq;
    for tab in &mut tabs {
        tab.sees("mine").await;
    }
    let removed = maya.removes(room, tabs[0].me.id).await.unwrap().seq;
    maya.says_in(room, "about him @Lin @room").await;
    maya.tell(&ClientMsg::Typing { room }).await;
    for tab in &mut tabs {
        tab.is_out(room).await;
        tab.forget();
        let all = tab.everything().await;
        assert!(!all.iter().any(|msg| tells(msg, room)), "{all:?}");
        tab.tell(&ClientMsg::Sync { room, from: Seq(0), to: Some(removed) }).await;
        assert_eq!(tab.error().await.code, ErrorCode::NotMember);
        let cid = tab.cid();
        assert_eq!(tab.sends(cid, room, "x").await, Err(ErrorCode::NoSuchRoom));
        let edit = move |cid| ClientMsg::Edit { cid, room, target: said, body: "x".to_owned() };
        assert_eq!(tab.does(edit).await, Err(ErrorCode::NoSuchRoom));
    }
    for path in ["", "/members", "/events", "/messages"] {
        let answer = http::get(server.address, &format!("/api/v1/rooms/{room}{path}"), &tabs[0].cookie).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let again = tabs[0].again().await;
    assert!(again.rooms.iter().all(|info| info.id != room));
    // Who leaves what they are no member of is told since when; that is all.
    let left = tabs[0].does(|cid| ClientMsg::Leave { cid, room }).await.unwrap();
    assert_eq!(left.seq, removed);
    // The person is not there for the others either.
    let here = maya.hint(|msg| match msg {
        ServerMsg::Presence { room: of, here, .. } if *of == room && *here == 1 => Some(*here),
        _ => None,
    });
    assert_eq!(here.await, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_repeat_of_who_was_removed_is_answered_and_changes_nothing() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("garden", false).await;
    let (join, said) = (lin.cid(), lin.cid());
    lin.tell(&ClientMsg::Join { cid: join, room }).await;
    let joined = lin.answer(join).await.unwrap();
    let first = lin.sends(said, room, "one").await.unwrap();
    maya.removes(room, lin.me.id).await.unwrap();
    lin.is_out(room).await;
    lin.forget();
    assert_eq!(lin.sends(said, room, "one").await, Ok(first));
    lin.tell(&ClientMsg::Join { cid: join, room }).await;
    assert_eq!(lin.answer(join).await, Ok(joined));
    maya.says_in(room, "two").await;
    let all = lin.everything().await;
    assert!(!all.iter().any(|msg| tells(msg, room)), "{all:?}");
    let cid = lin.cid();
    assert_eq!(lin.sends(cid, room, "three").await, Err(ErrorCode::NotMember));
    lin.joins(room).await.unwrap();
    lin.sees("two").await;
    server.stop().await;
}

#[tokio::test]
async fn the_lobby_takes_who_was_removed_from_elsewhere() {
    let server = Server::start().await;
    let mut guest = server.guest("Gast").await;
    let room = guest.makes("mine", false).await;
    let mut other = server.guest("Other").await;
    other.joins(room).await.unwrap();
    guest.removes(room, other.me.id).await.unwrap();
    other.is_out(room).await;
    other.says("still here").await;
    assert_eq!(guest.sees("still here").await.room, LOBBY);
    server.stop().await;
}
