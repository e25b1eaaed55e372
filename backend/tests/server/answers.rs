//! Answers, mentions, calls of everybody, and what counts as unread.

use common::client::ClientMsg;
use common::id::{RoomId, Seq, UserId};
use common::limits;
use common::model::{Event, EventKind, Everyone, Level, Reply, UserEvent, UserEventKind};
use common::server::ErrorCode;

use crate::support::Server;
use crate::support::client::{Client, LOBBY};

fn reply(event: &Event) -> Option<Reply> {
    match &event.kind {
        EventKind::Message { reply, .. } => *reply,
        other => panic!("{other:?}"),
    }
}

fn calls(event: &Event) -> (Option<Everyone>, usize) {
    match &event.kind {
        EventKind::Message { everyone, mentions, .. } => (*everyone, mentions.len()),
        other => panic!("{other:?}"),
    }
}

/// The read entry of a room that comes next: how far, and how many mentions.
async fn read(client: &mut Client, of: RoomId) -> (u64, u64) {
    let entry =
        client.own(|entry: &UserEvent| entry.room == of && matches!(entry.kind, UserEventKind::Read { .. })).await;
    match entry.kind {
        UserEventKind::Read { n, mentions } => (n, mentions),
        other => panic!("{other:?}"),
    }
}

async fn says(client: &mut Client, room: RoomId, body: &str) -> Event {
    let seq = client.says_in(room, body).await.seq;
    client.event(|event| event.room == room && event.seq == seq).await
}

#[tokio::test]
async fn an_answer_knows_what_it_answers_and_where_its_thread_began() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.guest("Maya").await, server.guest("Lin").await);
    let first = maya.says("first").await.seq;
    let second = lin.answers(LOBBY, first, "second").await.unwrap().seq;
    let third = maya.answers(LOBBY, second, "third").await.unwrap().seq;
    assert_eq!(reply(&maya.sees("second").await), Some(Reply { to: first, root: first }));
    assert_eq!(reply(&lin.sees("third").await), Some(Reply { to: second, root: first }));
    assert_eq!(reply(&lin.sees("first").await), None);
    // What was answered may go; the thread goes on, but the message takes no new answer.
    maya.does(|cid| ClientMsg::Delete { cid, room: LOBBY, target: first }).await.unwrap();
    assert_eq!(lin.answers(LOBBY, first, "late").await, Err(ErrorCode::Deleted));
    let fourth = lin.answers(LOBBY, third, "fourth").await.unwrap().seq;
    assert_eq!(reply(&maya.sees("fourth").await), Some(Reply { to: third, root: first }));
    assert!(fourth > third);
    server.stop().await;
}

#[tokio::test]
async fn an_answer_is_to_a_message_of_the_room() {
    let server = Server::start().await;
    let mut maya = server.guest("Maya").await;
    let room = maya.makes("garden", false).await;
    let mut there = Seq::ZERO;
    for _ in 0..9 {
        there = maya.says_in(room, "there").await.seq;
    }
    for to in [Seq(1), Seq(2), there, Seq(0), Seq(u64::MAX)] {
        assert_eq!(maya.answers(LOBBY, to, "x").await, Err(ErrorCode::NoSuchMessage), "{to}");
    }
    let (cid, to) = (maya.cid(), maya.says("here").await.seq);
    let send = |reply_to| ClientMsg::Send { cid, room: LOBBY, body: "x".to_owned(), after: None, reply_to };
    maya.tell(&send(Some(to))).await;
    let first = maya.answer(cid).await.unwrap();
    maya.tell(&send(Some(to))).await;
    assert_eq!(maya.answer(cid).await.unwrap(), first);
    maya.tell(&send(None)).await;
    assert_eq!(maya.answer(cid).await, Err(ErrorCode::CidReused));
    server.stop().await;
}

#[tokio::test]
async fn everybody_is_called_by_who_may() {
    let server = Server::start().await;
    let (mut maya, mut lin, mut guest) =
        (server.member("Maya").await, server.member("Lin").await, server.guest("Gast").await);
    let room = maya.makes("garden", false).await;
    lin.joins(room).await.unwrap();
    guest.joins(room).await.unwrap();
    assert_eq!(calls(&says(&mut lin, room, "@room lunch").await), (Some(Everyone::Room), 0));
    assert_eq!((read(&mut maya, room).await, read(&mut guest, room).await), ((0, 1), (0, 1)));
    assert_eq!(calls(&says(&mut guest, room, "@room lunch").await), (None, 0), "guests call nobody");
    assert_eq!(calls(&says(&mut lin, room, "`@room` is how").await), (None, 0), "code calls nobody");
    assert_eq!(calls(&says(&mut lin, room, "```\n@room @Maya\n```").await), (None, 0));
    // What called is taken back with the message.
    let called = says(&mut maya, room, "@room @Lin").await;
    assert_eq!(calls(&called), (Some(Everyone::Room), 1));
    assert_eq!(read(&mut lin, room).await.1, 1);
    maya.does(|cid| ClientMsg::Delete { cid, room, target: called.seq }).await.unwrap();
    assert_eq!(read(&mut lin, room).await.1, 0);
    server.stop().await;
}

#[tokio::test]
async fn who_is_here_is_called_and_who_is_not_is_not() {
    let server = Server::start().await;
    let (mut maya, mut lin, mut ann) =
        (server.member("Maya").await, server.member("Lin").await, server.member("Ann").await);
    let room = maya.makes("garden", false).await;
    for client in [&mut lin, &mut ann] {
        client.joins(room).await.unwrap();
    }
    // Ann is away: not for longer than somebody who reloads would be, but she left the room and came back by an invite.
    ann.close(common::close::NORMAL).await;
    ann.closed().await;
    maya.removes(room, ann.me.id).await.unwrap();
    maya.invites(room, ann.me.id).await.unwrap();
    assert_eq!(calls(&says(&mut maya, room, "who is @here?").await), (Some(Everyone::Here), 0));
    assert_eq!(read(&mut lin, room).await, (0, 1));
    let ann = ann.again().await;
    assert_eq!(ann.rooms.iter().find(|info| info.id == room).unwrap().mentions, 0);
    let lin = lin.again().await;
    assert_eq!(lin.rooms.iter().find(|info| info.id == room).unwrap().mentions, 1);
    server.stop().await;
}

#[tokio::test]
async fn nobody_calls_everybody_again_and_again() {
    let server = Server::start().await;
    let mut maya = server.member("Maya").await;
    let rooms = [maya.makes("one", false).await, maya.makes("two", true).await];
    let mut called = 0;
    for i in 0..8 {
        let event = says(&mut maya, rooms[i % 2], if i % 3 == 0 { "@here" } else { "@room" }).await;
        called += usize::from(calls(&event).0.is_some());
    }
    assert_eq!(called, 5);
    server.stop().await;
}

#[tokio::test]
async fn a_message_names_fifty_people_and_no_more() {
    let server = Server::start().await;
    let mut maya = server.member("Maya").await;
    let room = maya.makes("crowd", false).await;
    let db = rusqlite::Connection::open(server.data.path().join("readyroom.db")).unwrap();
    db.busy_timeout(crate::support::PATIENCE).unwrap();
    let mut text = String::new();
    for i in 0..60 {
        let name = format!("person{i}");
        db.execute("INSERT INTO user (name, folded, created_at, role) VALUES (?1, ?1, 1, 2)", [&name]).unwrap();
        let id = UserId(db.last_insert_rowid().unsigned_abs());
        maya.invites(room, id).await.unwrap();
        text = format!("{text}@{name} ");
    }
    assert_eq!(calls(&says(&mut maya, room, &text).await), (None, limits::MENTIONS));
    // More than may call freely; who made the room moderates it, and still may.
    let mut lin = server.member("Lin").await;
    lin.joins(room).await.unwrap();
    assert_eq!(calls(&says(&mut lin, room, "@room").await).0, None);
    assert_eq!(calls(&says(&mut maya, room, "@room").await).0, Some(Everyone::Room));
    server.stop().await;
}

#[tokio::test]
async fn what_was_read_can_be_unread_again() {
    let server = Server::start().await;
    let (mut maya, mut lin) = (server.member("Maya").await, server.member("Lin").await);
    for text in ["one", "two @Lin", "three"] {
        maya.says(text).await;
    }
    let mut tab = lin.again().await;
    lin.tell(&ClientMsg::Read { room: LOBBY, n: 3 }).await;
    assert_eq!(
        lin.own(|entry| matches!(entry.kind, UserEventKind::Read { n: 3, .. })).await.kind,
        UserEventKind::Read { n: 3, mentions: 0 }
    );
    lin.tell(&ClientMsg::Unread { room: LOBBY, n: 2 }).await;
    for client in [&mut lin, &mut tab] {
        let entry = client.own(|entry| matches!(entry.kind, UserEventKind::Read { n: 1, .. })).await;
        assert_eq!(entry.kind, UserEventKind::Read { n: 1, mentions: 1 });
    }
    for (n, read) in [(0, 0), (1, 0), (9, 3), (u64::MAX, 3)] {
        lin.tell(&ClientMsg::Unread { room: LOBBY, n }).await;
        lin.own(|entry| matches!(entry.kind, UserEventKind::Read { n, .. } if n == read)).await;
    }
    // One's own messages are never unread, and other people's rooms are not one's own.
    maya.tell(&ClientMsg::Unread { room: LOBBY, n: 1 }).await;
    maya.own(|entry| matches!(entry.kind, UserEventKind::Read { n: 3, .. })).await;
    maya.tell(&ClientMsg::Unread { room: RoomId(99), n: 1 }).await;
    assert_eq!(maya.error().await.code, ErrorCode::NoSuchRoom);
    server.stop().await;
}

#[tokio::test]
async fn what_somebody_is_told_of_follows_to_every_device() {
    let server = Server::start().await;
    let mut maya = server.guest("Maya").await;
    let mut tab = maya.again().await;
    maya.tell(&ClientMsg::Notify { room: LOBBY, level: Level::Nothing }).await;
    for client in [&mut maya, &mut tab] {
        let entry = client.own(|entry| matches!(entry.kind, UserEventKind::Notify { .. })).await;
        assert_eq!(entry.kind, UserEventKind::Notify { level: Level::Nothing });
    }
    let mut late = server.guest("Late").await;
    assert_eq!(late.rooms[0].notify, Level::Mentions);
    late.tell(&ClientMsg::Notify { room: RoomId(99), level: Level::All }).await;
    assert_eq!(late.error().await.code, ErrorCode::NoSuchRoom);
    let again = maya.again().await;
    assert_eq!(again.rooms[0].notify, Level::Nothing);
    server.stop().await;
}
