//! Rooms change: names, topics, archives, announcements, moderators.

use common::api::EventPage;
use common::client::ClientMsg;
use common::id::{Cid, RoomId, Seq};
use common::model::{EventKind, RoomKind, RoomRole};
use common::server::ErrorCode;

use crate::support::client::{Client, LOBBY};
use crate::support::{Server, http};

fn rename(room: RoomId, name: &str) -> impl FnOnce(Cid) -> ClientMsg + use<> {
    let name = name.to_owned();
    move |cid| ClientMsg::Rename { cid, room, name }
}

fn topic(room: RoomId, topic: &str) -> impl FnOnce(Cid) -> ClientMsg + use<> {
    let topic = topic.to_owned();
    move |cid| ClientMsg::Topic { cid, room, topic }
}

fn archive(room: RoomId, archived: bool) -> impl FnOnce(Cid) -> ClientMsg {
    move |cid| ClientMsg::Archive { cid, room, archived }
}

fn announce(room: RoomId, on: bool) -> impl FnOnce(Cid) -> ClientMsg {
    move |cid| ClientMsg::Announce { cid, room, on }
}

fn appoint(room: RoomId, who: &Client, role: RoomRole) -> impl FnOnce(Cid) -> ClientMsg + use<> {
    let user = who.me.id;
    move |cid| ClientMsg::Appoint { cid, room, user, role }
}

fn pin(room: RoomId, target: Seq) -> impl FnOnce(Cid) -> ClientMsg {
    move |cid| ClientMsg::Pin { cid, room, target }
}

#[tokio::test]
async fn a_room_changes_for_everybody_and_for_who_comes_later() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("garden", false).await;
    lin.joins(room).await.unwrap();
    assert_eq!(maya.enters(room).await.role, RoomRole::Moderator, "who makes a room moderates it");
    assert_eq!(lin.enters(room).await.role, RoomRole::Member);
    maya.does(rename(room, "Orchard")).await.unwrap();
    maya.does(topic(room, "  apples  and pears ")).await.unwrap();
    maya.does(announce(room, true)).await.unwrap();
    maya.does(appoint(room, &lin, RoomRole::Moderator)).await.unwrap();
    maya.does(archive(room, true)).await.unwrap();
    let user = lin.me.id;
    for expected in [
        EventKind::Renamed { name_now: "orchard".to_owned() },
        EventKind::TopicSet { topic: "apples and pears".to_owned() },
        EventKind::Announcing { on: true },
        EventKind::Appointed { user, who: "Lin".to_owned(), role: RoomRole::Moderator },
        EventKind::Archived { archived: true },
    ] {
        assert_eq!(lin.event(|event| event.room == room && event.kind == expected).await.by, maya.me.id);
    }
    let mut late = server.guest("Ann").await;
    late.joins(room).await.unwrap();
    let info = late.enters(room).await;
    assert_eq!((info.name.as_str(), info.topic.as_str(), info.kind), ("orchard", "apples and pears", RoomKind::Public));
    assert_eq!((info.announcements, info.archived, info.role), (true, true, RoomRole::Member));
    let again = lin.again().await;
    assert_eq!(again.rooms.iter().find(|info| info.id == room).unwrap().role, RoomRole::Moderator);
    server.stop().await;
}

#[tokio::test]
async fn what_is_so_already_is_settled_and_a_repeat_is_the_first_answer() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("garden", false).await;
    let created = Seq(1);
    for already in [rename(room, "garden")] {
        assert_eq!(maya.does(already).await.unwrap().seq, created);
    }
    assert_eq!(maya.does(archive(room, false)).await.unwrap().seq, created);
    assert_eq!(maya.does(announce(room, false)).await.unwrap().seq, created);
    assert_eq!(maya.does(topic(room, "")).await.unwrap().seq, created);
    let invited = maya.invites(room, lin.me.id).await.unwrap();
    assert_eq!(maya.invites(room, lin.me.id).await.unwrap(), invited);
    assert_eq!(maya.does(appoint(room, &lin, RoomRole::Member)).await.unwrap(), invited, "as which they came in");
    let appointed = maya.does(appoint(room, &lin, RoomRole::Moderator)).await.unwrap();
    assert_eq!(maya.does(appoint(room, &lin, RoomRole::Moderator)).await.unwrap(), appointed);
    let renamed = maya.does(rename(room, "orchard")).await.unwrap();
    assert_eq!(lin.does(rename(room, "orchard")).await.unwrap(), renamed);
    let removed = maya.removes(room, lin.me.id).await.unwrap();
    assert_eq!(maya.removes(room, lin.me.id).await.unwrap(), removed);

    let cid = maya.cid();
    let again = async |maya: &mut Client, msg: ClientMsg| {
        maya.tell(&msg).await;
        maya.answer(cid).await
    };
    let set = |topic: &str| ClientMsg::Topic { cid, room, topic: topic.to_owned() };
    let first = again(&mut maya, set("one")).await.unwrap();
    maya.does(topic(room, "two")).await.unwrap();
    assert_eq!(again(&mut maya, set("one")).await.unwrap(), first, "a repeat does not set it back");
    assert_eq!(again(&mut maya, set("three")).await, Err(ErrorCode::CidReused));
    let other = ClientMsg::Archive { cid, room, archived: true };
    assert_eq!(again(&mut maya, other).await, Err(ErrorCode::CidReused));
    server.stop().await;
}

#[tokio::test]
async fn names_that_look_alike_are_one_name() {
    let server = Server::start().await;
    let mut maya = server.member("Maya").await;
    let room = maya.makes("general", false).await;
    let secret = maya.makes("plans", true).await;
    for alike in ["general", "GENERAL", "gеneral", "ｇｅｎｅｒａｌ", "plаns", "lobbу"] {
        let made = maya.does(|cid| ClientMsg::Create { cid, name: alike.to_owned(), private: false }).await;
        assert_eq!(made, Err(ErrorCode::NameTaken), "{alike}");
        let other = if alike == "plаns" { room } else { secret };
        assert_eq!(maya.does(rename(other, alike)).await, Err(ErrorCode::NameTaken), "{alike}");
    }
    // Its own name in another writing is another name.
    maya.does(rename(room, "gеneral")).await.unwrap();
    assert_eq!(maya.does(rename(room, "a b")).await, Err(ErrorCode::BadText));
    assert_eq!(maya.does(topic(room, &"x".repeat(251))).await, Err(ErrorCode::BadText));
    assert_eq!(maya.does(topic(room, "a\u{202E}b")).await, Err(ErrorCode::BadText));
    // A name that nobody has any more is free.
    maya.does(rename(secret, "ideas")).await.unwrap();
    maya.makes("plans", false).await;
    server.stop().await;
}

#[tokio::test]
async fn a_repeated_create_finds_its_room_whatever_it_is_called_now() {
    let server = Server::start().await;
    let mut maya = server.member("Maya").await;
    let cid = maya.cid();
    let create = |name: &str| ClientMsg::Create { cid, name: name.to_owned(), private: false };
    maya.tell(&create("garden")).await;
    let made = maya.answer(cid).await.unwrap();
    maya.tell(&create("orchard")).await;
    assert_eq!(maya.answer(cid).await, Err(ErrorCode::CidReused));
    maya.does(rename(made.room, "orchard")).await.unwrap();
    maya.tell(&create("garden")).await;
    assert_eq!(maya.answer(cid).await, Ok(made));
    server.stop().await;
}

#[tokio::test]
async fn an_archived_room_is_read_and_left_and_nothing_else() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("garden", false).await;
    lin.joins(room).await.unwrap();
    let said = lin.says_in(room, "one").await.seq;
    maya.does(archive(room, true)).await.unwrap();
    for client in [&mut maya, &mut lin] {
        let cid = client.cid();
        assert_eq!(client.sends(cid, room, "two").await, Err(ErrorCode::Archived));
        assert_eq!(client.does(pin(room, said)).await, Err(ErrorCode::Archived));
        let react = move |cid| ClientMsg::React { cid, room, target: said, emoji: "👍".to_owned() };
        assert_eq!(client.does(react).await, Err(ErrorCode::Archived));
    }
    let edit = move |cid| ClientMsg::Edit { cid, room, target: said, body: "uno".to_owned() };
    assert_eq!(lin.does(edit).await, Err(ErrorCode::Archived));
    let log = http::get(server.address, &format!("/api/v1/rooms/{room}/events"), &lin.cookie).await;
    assert_eq!(log.json::<EventPage>().events.last().unwrap().kind, EventKind::Archived { archived: true });
    lin.does(|cid| ClientMsg::Leave { cid, room }).await.unwrap();
    maya.does(archive(room, false)).await.unwrap();
    maya.says_in(room, "three").await;
    server.stop().await;
}

#[tokio::test]
async fn in_an_announcement_room_moderators_write() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("news", false).await;
    lin.joins(room).await.unwrap();
    maya.does(announce(room, true)).await.unwrap();
    let (cid, said) = (lin.cid(), maya.says_in(room, "hear").await.seq);
    assert_eq!(lin.sends(cid, room, "hi").await, Err(ErrorCode::AnnouncementsOnly));
    assert_eq!(lin.answers(room, said, "hi").await, Err(ErrorCode::AnnouncementsOnly));
    assert_eq!(lin.does(topic(room, "mine")).await, Err(ErrorCode::AnnouncementsOnly));
    lin.does(move |cid| ClientMsg::React { cid, room, target: said, emoji: "👍".to_owned() }).await.unwrap();
    maya.does(appoint(room, &lin, RoomRole::Moderator)).await.unwrap();
    assert_eq!(lin.sends(cid, room, "hi").await.unwrap().n, Some(2));
    server.stop().await;
}

#[tokio::test]
async fn only_moderators_change_a_room_and_guests_not_even_its_topic() {
    let server = Server::start().await;
    let (mut maya, mut lin, mut guest) =
        (server.member("Maya").await, server.member("Lin").await, server.guest("Gast").await);
    let room = maya.makes("garden", false).await;
    for client in [&mut lin, &mut guest] {
        client.joins(room).await.unwrap();
    }
    let user = maya.me.id;
    for client in [&mut lin, &mut guest] {
        for refused in [
            client.does(rename(room, "mine")).await,
            client.does(archive(room, true)).await,
            client.does(announce(room, true)).await,
            client.removes(room, user).await,
            client.does(move |cid| ClientMsg::Appoint { cid, room, user, role: RoomRole::Member }).await,
        ] {
            assert_eq!(refused, Err(ErrorCode::Forbidden));
        }
    }
    lin.does(topic(room, "ours")).await.unwrap();
    assert_eq!(guest.does(topic(room, "mine")).await, Err(ErrorCode::Forbidden));
    assert_eq!(guest.invites(room, user).await, Err(ErrorCode::Forbidden));
    // Nobody removes themselves; who is not there cannot be appointed; admins are moderators where they are members.
    assert_eq!(maya.removes(room, maya.me.id).await, Err(ErrorCode::Forbidden));
    let admin = server.guest("Ada").await;
    assert_eq!(maya.does(appoint(room, &admin, RoomRole::Moderator)).await, Err(ErrorCode::NoSuchPerson));
    server.appoint(&admin, 3);
    let mut admin = admin.again().await;
    assert_eq!(admin.does(rename(room, "mine")).await, Err(ErrorCode::NotMember));
    admin.joins(room).await.unwrap();
    assert_eq!(admin.enters(room).await.role, RoomRole::Moderator);
    admin.does(rename(room, "adas")).await.unwrap();
    assert_eq!(maya.removes(room, admin.me.id).await, Err(ErrorCode::Forbidden));
    admin.removes(room, maya.me.id).await.unwrap();
    assert_eq!(maya.removes(LOBBY, lin.me.id).await, Err(ErrorCode::Forbidden), "the lobby is nobody's");
    server.stop().await;
}

#[tokio::test]
async fn a_moderator_deletes_what_others_said_and_edits_nothing() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    let room = maya.makes("garden", false).await;
    lin.joins(room).await.unwrap();
    let (hers, his) = (maya.says_in(room, "mine").await.seq, lin.says_in(room, "rude").await.seq);
    let delete = |target| move |cid| ClientMsg::Delete { cid, room, target };
    assert_eq!(lin.does(delete(hers)).await, Err(ErrorCode::NotAuthor));
    let edit = move |cid| ClientMsg::Edit { cid, room, target: his, body: "polite".to_owned() };
    assert_eq!(maya.does(edit).await, Err(ErrorCode::NotAuthor));
    let deleted = maya.does(delete(his)).await.unwrap();
    assert_eq!(lin.does(delete(his)).await.unwrap(), deleted);
    server.stop().await;
}
