//! A database of the first version is brought up to date, with everything in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it knows"
)]

mod support;

use common::api::EventPage;
use common::client::ClientMsg;
use common::id::{Seq, UserId};
use common::model::EventKind;
use common::server::ErrorCode;
use rusqlite::{Connection, params};
use support::client::LOBBY;
use support::{Server, http};

/// A folder as the first version left it: the lobby, and Élodie, who has said two things in it.
fn old_folder() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let db = Connection::open(data.path().join("readyroom.db")).unwrap();
    db.execute_batch(include_str!("../src/store/schema.sql")).unwrap();
    db.execute_batch(
        "INSERT INTO meta VALUES ('epoch', 'old');
         INSERT INTO user VALUES (1, 'Readyroom', 'system', 5), (2, 'Élodie', 'guest', 6);
         INSERT INTO room VALUES (1, 'lobby', 1, 1, zeroblob(16), 5);
         INSERT INTO room_head VALUES (1, 4, 2, 1);
         INSERT INTO member VALUES (1, 2, 2);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    let mut insert = db
        .prepare("INSERT INTO event (room_id, seq, kind, sender_id, client_id, n, sent_at, body) VALUES (1, ?, ?, ?, ?, ?, 7, ?)")
        .unwrap();
    insert.execute(params![1, 1, 1, [1_u8; 16], None::<i64>, None::<&str>]).unwrap();
    insert.execute(params![2, 2, 2, [2_u8; 16], None::<i64>, None::<&str>]).unwrap();
    insert.execute(params![3, 0, 2, [3_u8; 16], 1, "from long ago"]).unwrap();
    insert.execute(params![4, 0, 2, [4_u8; 16], 2, "and this too"]).unwrap();
    data
}

#[tokio::test]
async fn the_messages_of_an_old_database_are_found_and_can_be_changed() {
    let server = Server::start_in(old_folder(), |_| {}).await;
    let mut bob = server.guest("Bob").await;
    assert_eq!(bob.epoch.0, "old");
    let page = http::get(server.address, "/api/v1/rooms/r1/events", &bob.cookie).await.json::<EventPage>();
    let kinds = page.events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>();
    let message = |n, body: &str| EventKind::Message { n, body: body.to_owned(), mentions: Vec::new() };
    let expected = [
        EventKind::Created,
        EventKind::Joined,
        message(1, "from long ago"),
        message(2, "and this too"),
        EventKind::Joined,
    ];
    assert_eq!(kinds, expected);
    bob.does(|cid| ClientMsg::Pin { cid, room: LOBBY, target: Seq(3) }).await.unwrap();
    let edit = |cid| ClientMsg::Edit { cid, room: LOBBY, target: Seq(3), body: "x".to_owned() };
    assert_eq!(bob.does(edit).await, Err(ErrorCode::NotAuthor));
    // Names from before are mentioned, whatever their letters.
    bob.says("hello @ÉLODIE").await;
    let seen = bob.sees("hello @ÉLODIE").await;
    assert!(matches!(seen.kind, EventKind::Message { n: 3, mentions, .. } if mentions == [UserId(2)]));
    let data = server.stop().await;

    let db = Connection::open(data.path().join("readyroom.db")).unwrap();
    let read: i64 = db.query_row("SELECT read_n FROM member WHERE user_id = 2", [], |row| row.get(0)).unwrap();
    assert_eq!(read, 2, "what was there before is not new to those who were there");
    // And it is not brought up to date twice.
    let server = Server::start_in(data, |_| {}).await;
    assert_eq!(server.guest("Carol").await.rooms[0].n, 3);
    server.stop().await;
}
