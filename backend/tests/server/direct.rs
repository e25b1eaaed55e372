//! Direct rooms: found by their people, joined by all of them at once, for good.

use common::client::ClientMsg;
use common::id::{RoomId, UserId};
use common::model::{Person, RoomKind, RoomRole};
use common::server::{ErrorCode, ServerMsg};

use crate::support::Server;
use crate::support::client::{Acked, Client};

async fn direct(client: &mut Client, people: &[UserId]) -> Result<Acked, ErrorCode> {
    let people = people.to_vec();
    client.does(|cid| ClientMsg::Direct { cid, people }).await
}

#[tokio::test]
async fn all_tabs_of_all_its_people_enter_at_once() {
    let server = Server::start().await;
    let (mut maya, mut lin, mut ann) =
        (server.member("Maya").await, server.member("Lin").await, server.member("Ann").await);
    let mut tab = lin.again().await;
    let people = [lin.me.id, ann.me.id];
    let made = direct(&mut maya, &people).await.unwrap();
    for (client, others) in [(&mut lin, ["Maya", "Ann"]), (&mut tab, ["Maya", "Ann"]), (&mut ann, ["Maya", "Lin"])] {
        let info = client.enters(made.room).await;
        assert_eq!((info.kind, info.name.as_str(), info.members), (RoomKind::Direct, "", 3));
        assert_eq!(info.people.iter().map(|of| of.name.as_str()).collect::<Vec<_>>(), others);
        assert_eq!(info.role, RoomRole::Member, "nobody moderates it");
    }
    maya.enters(made.room).await;
    maya.says_in(made.room, "hi").await;
    for client in [&mut lin, &mut tab, &mut ann] {
        client.sees("hi").await;
    }
    let again = lin.again().await;
    let info = again.rooms.iter().find(|info| info.id == made.room).unwrap();
    assert!(info.people.contains(&Person { id: maya.me.id, name: "Maya".to_owned() }));
    server.stop().await;
}

#[tokio::test]
async fn the_same_people_have_one_conversation() {
    let server = Server::start().await;
    let (mut maya, mut lin, ann) =
        (server.member("Maya").await, server.member("Lin").await, server.member("Ann").await);
    let (m, l, a) = (maya.me.id, lin.me.id, ann.me.id);
    let made = direct(&mut maya, &[l]).await.unwrap();
    assert_eq!(direct(&mut maya, &[l, l, m]).await.unwrap(), made, "named twice, and oneself");
    lin.enters(made.room).await;
    assert_eq!(direct(&mut lin, &[m]).await.unwrap(), made);
    assert_ne!(direct(&mut maya, &[l, a]).await.unwrap().room, made.room);
    let cid = maya.cid();
    for (people, expected) in [(vec![a], None), (vec![a], None), (vec![l], Some(ErrorCode::CidReused))] {
        maya.tell(&ClientMsg::Direct { cid, people }).await;
        assert_eq!(maya.answer(cid).await.err(), expected);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_is_for_one_to_nine_others_who_exist() {
    let server = Server::start().await;
    let mut maya = server.member("Maya").await;
    let me = maya.me.id;
    assert_eq!(direct(&mut maya, &[]).await, Err(ErrorCode::PeopleCount));
    assert_eq!(direct(&mut maya, &[me]).await, Err(ErrorCode::PeopleCount));
    let ten: Vec<UserId> = (100..110).map(UserId).collect();
    assert_eq!(direct(&mut maya, &ten).await, Err(ErrorCode::PeopleCount));
    assert_eq!(direct(&mut maya, &ten[..9]).await, Err(ErrorCode::NoSuchPerson));
    assert_eq!(direct(&mut maya, &[UserId(1)]).await, Err(ErrorCode::NoSuchPerson), "the server itself");
    assert_eq!(direct(&mut maya, &[UserId(1 << 40)]).await, Err(ErrorCode::NoSuchPerson));
    server.stop().await;
}

#[tokio::test]
async fn a_guest_talks_to_those_with_whom_they_share_a_room() {
    let server = Server::start().await;
    let (mut guest, mut lin) = (server.guest("Gast").await, server.member("Lin").await);
    let people = [lin.me.id];
    lin.does(|cid| ClientMsg::Leave { cid, room: crate::support::client::LOBBY }).await.unwrap();
    assert_eq!(direct(&mut guest, &people).await, Err(ErrorCode::NoSuchPerson));
    lin.joins(crate::support::client::LOBBY).await.unwrap();
    direct(&mut guest, &people).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_conversation_stays_as_it_is_and_is_nobody_elses() {
    let server = Server::start().await;
    let (mut maya, lin, mut ann) =
        (server.member("Maya").await, server.member("Lin").await, server.member("Ann").await);
    server.appoint(&ann, 4);
    let room: RoomId = direct(&mut maya, &[lin.me.id]).await.unwrap().room;
    let (user, other) = (lin.me.id, ann.me.id);
    for refused in [
        maya.does(|cid| ClientMsg::Rename { cid, room, name: "us".to_owned() }).await,
        maya.does(|cid| ClientMsg::Topic { cid, room, topic: "us".to_owned() }).await,
        maya.does(|cid| ClientMsg::Archive { cid, room, archived: true }).await,
        maya.does(|cid| ClientMsg::Announce { cid, room, on: true }).await,
        maya.does(|cid| ClientMsg::Appoint { cid, room, user, role: RoomRole::Moderator }).await,
        maya.invites(room, other).await,
        maya.removes(room, user).await,
        maya.does(|cid| ClientMsg::Leave { cid, room }).await,
    ] {
        assert_eq!(refused, Err(ErrorCode::DirectRoom));
    }
    let said = maya.says_in(room, "secret").await.seq;
    assert_eq!(ann.joins(room).await, Err(ErrorCode::NoSuchRoom));
    assert_eq!(ann.removes(room, user).await, Err(ErrorCode::NoSuchRoom));
    assert_eq!(ann.does(|cid| ClientMsg::Pin { cid, room, target: said }).await, Err(ErrorCode::NoSuchRoom));
    let all = ann.everything().await;
    assert!(!all.iter().any(|msg| matches!(msg, ServerMsg::Room(info) if info.id == room)));
    server.stop().await;
}
