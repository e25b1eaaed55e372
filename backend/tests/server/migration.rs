//! A database of an older version is brought up to date, with everything in it.

use common::api::EventPage;
use common::client::ClientMsg;
use common::id::{Cid, Seq, UserId};
use common::model::EventKind;
use common::server::ErrorCode;
use common::text::Body;
use readyroom::store::events::{Act, Appended, Command};
use readyroom::store::{Durability, Store, events, rooms};
use rusqlite::{Connection, params};

use crate::support::client::LOBBY;
use crate::support::{Server, http};

/// A folder as the first version left it: the lobby, and Élodie, who has said two things in it.
fn old_folder() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let db = Connection::open(data.path().join("readyroom.db")).unwrap();
    db.execute_batch(include_str!("../../src/store/schema.sql")).unwrap();
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
    let message = |n, body: &str| EventKind::Message {
        n,
        body: body.to_owned(),
        mentions: Vec::new(),
        everyone: None,
        reply: None,
    };
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

/// A folder as the second version left it. In the lobby are Ann, who has said a hundred things with a pin after each
/// third, and Ben, who has read the first 45; Cho has been there and has left.
fn second_folder() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let db = Connection::open(data.path().join("readyroom.db")).unwrap();
    db.execute_batch(include_str!("../../src/store/schema.sql")).unwrap();
    db.execute_batch(include_str!("../../src/store/schema_2.sql")).unwrap();
    db.execute_batch(
        "INSERT INTO meta VALUES ('epoch', 'old');
         INSERT INTO user (id, name, folded, kind, created_at) VALUES (1, 'Readyroom', 'readyroom', 'system', 5),
             (2, 'Ann', 'ann', 'guest', 6), (3, 'Ben', 'ben', 'guest', 6), (4, 'Cho', 'cho', 'guest', 6);
         INSERT INTO room VALUES (1, 'lobby', 1, 1, zeroblob(16), 5);
         INSERT INTO room_head VALUES (1, 138, 100, 2);
         INSERT INTO member (room_id, user_id, since_seq, read_n) VALUES (1, 2, 2, 0), (1, 3, 3, 45);
         PRAGMA user_version = 2;",
    )
    .unwrap();
    let mut seq = 0_u8;
    let mut insert = |kind: u8, by: u8, n: Option<u8>, target: Option<u8>, body: Option<String>| {
        seq += 1;
        let columns = "room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions";
        db.prepare(&format!("INSERT INTO event ({columns}) VALUES (1, ?, ?, ?, ?, ?, ?, 7, ?, NULL)"))
            .unwrap()
            .execute(params![seq, kind, by, [seq; 16], n, target, body])
            .unwrap();
    };
    insert(1, 1, None, None, None);
    for (kind, by) in [(2, 2), (2, 3), (2, 4), (3, 4)] {
        insert(kind, by, None, None, None);
    }
    for n in 1..=100 {
        insert(0, 2, Some(n), None, Some(format!("line {n}")));
        if n % 3 == 0 {
            insert(8, 3, None, Some(6), None);
        }
    }
    data
}

/// All that a table of events says, in the order of its rows.
fn rows(data: &tempfile::TempDir) -> Vec<String> {
    let db = Connection::open(data.path().join("readyroom.db")).unwrap();
    let all = "SELECT id, room_id, seq, kind, sender_id, hex(client_id), n, target_seq, sent_at, body, mentions";
    let mut query = db.prepare(&format!("{all} FROM event ORDER BY id")).unwrap();
    let columns = query.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        (0..columns).map(|i| Ok(format!("{:?}", row.get_ref(i)?))).collect::<rusqlite::Result<Vec<_>>>()
    };
    query.query_map([], row).unwrap().map(|row| row.unwrap().join(" ")).collect()
}

#[tokio::test]
async fn what_the_second_version_knew_is_known_to_the_third() {
    let data = second_folder();
    let before = rows(&data);
    assert_eq!(before.len(), 138);
    let store = Store::open(data.path(), Durability::Relaxed, || {}).unwrap();
    assert_eq!(rows(&data), before);
    let [ann, ben, cho] = [2, 3, 4].map(UserId);
    let read = async |user| store.read(move |db| rooms::seen_by(db, LOBBY, user)).await.unwrap().unwrap().read_n;
    assert_eq!((read(ann).await, read(ben).await), (100, 45), "nobody writes unread");
    let does = async |by, cid: u8, act| {
        let command = Command { room: LOBBY, by, cid: Cid(uuid::Uuid::from_bytes([cid; 16])), act };
        store.write(move |db, now| events::append(db, &command, now)).await.unwrap()
    };
    let say = |n: u8| Act::Say { body: Body::new(&format!("line {n}")).unwrap(), after: None, reply_to: None };
    // The 6th event was the first line: its repeat is found, and under that name nothing else can be said.
    assert!(matches!(does(ann, 6, say(1)).await, Ok(Appended { fresh: false, event, .. }) if event.seq == Seq(6)));
    assert_eq!(does(ann, 6, say(2)).await.unwrap_err(), ErrorCode::CidReused);
    assert!(matches!(does(ben, 6, say(1)).await, Ok(Appended { fresh: true, event, .. }) if event.seq == Seq(139)));
    assert!(
        matches!(does(cho, 200, Act::Leave).await, Ok(Appended { fresh: false, event, .. }) if event.seq == Seq(5))
    );
    assert!(matches!(does(ann, 201, Act::Delete { target: Seq(6) }).await, Ok(Appended { fresh: true, .. })));
    store.close().await;
}
