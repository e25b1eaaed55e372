//! A made-up chat is one that the server itself could have written, and can be read, searched and gone on with.

use std::path::Path;

use common::api::RoomList;
use common::api::messages::MessagePage;
use common::api::search::SearchPage;
use common::client::ClientMsg;
use common::id::RoomId;
use rusqlite::Connection;

use crate::support::process::{command, run};
use crate::support::{Server, http};

async fn seed(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut all = vec!["seed", "--rooms", "8", "--people", "30", "--messages", "3000"];
    all.extend(args);
    run(command(folder, &all)).await
}

/// What every database must fulfil: a query that finds what does not.
const RULES: [(&str, &str); 9] = [
    (
        "events are counted without gaps",
        "SELECT room_id FROM event GROUP BY room_id HAVING max(seq) <> count(*) OR min(seq) <> 1",
    ),
    (
        "messages are counted without gaps",
        "SELECT room_id FROM event WHERE n IS NOT NULL GROUP BY room_id HAVING max(n) <> count(*)",
    ),
    (
        "heads are right",
        "SELECT h.room_id FROM room_head h WHERE last_seq <> (SELECT max(seq) FROM event e WHERE e.room_id = h.room_id) \
      OR last_n <> (SELECT ifnull(max(n), 0) FROM event e WHERE e.room_id = h.room_id) \
      OR members <> (SELECT count(*) FROM member m WHERE m.room_id = h.room_id)",
    ),
    (
        "milestones are where they belong",
        "SELECT e.room_id FROM event e LEFT JOIN milestone s ON s.room_id = e.room_id AND s.seq = e.seq \
      WHERE (e.seq % 32 = 0) <> (s.n IS NOT NULL) OR s.n <> (SELECT ifnull(max(x.n), 0) FROM event x WHERE x.room_id = e.room_id AND x.seq <= e.seq)",
    ),
    ("time rises", "SELECT a.id FROM event a JOIN event b ON b.id = a.id + 1 WHERE b.sent_at < a.sent_at AND a.id > 1"),
    (
        "people speak in their rooms",
        "SELECT e.id FROM event e LEFT JOIN member m ON m.room_id = e.room_id AND m.user_id = e.sender_id \
      WHERE m.user_id IS NULL AND e.id > 1",
    ),
    (
        "what is named is there",
        "SELECT e.id FROM event e WHERE e.target_seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM event t \
      WHERE t.room_id = e.room_id AND t.seq = e.target_seq AND t.n IS NOT NULL) OR e.reply_seq >= e.seq OR e.root_seq > e.reply_seq",
    ),
    (
        "nobody has read what was not said",
        "SELECT m.user_id FROM member m JOIN room_head h ON h.room_id = m.room_id WHERE m.read_n > h.last_n",
    ),
    (
        "names are somebody's own",
        "SELECT skeleton FROM user WHERE skeleton <> '' GROUP BY skeleton HAVING count(*) > 1",
    ),
];

#[tokio::test]
async fn a_seeded_chat_is_whole_and_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let (code, said) = seed(data.path(), &[]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("3000 messages of 30 people are written"), "{said}");
    let db = Connection::open(data.path().join("readyroom.db")).unwrap();
    for (rule, query) in RULES {
        let broken = db.prepare(query).unwrap().exists([]).unwrap();
        assert!(!broken, "{rule}");
    }
    let count =
        |what: &str| db.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("event WHERE n IS NOT NULL"), 3_000);
    assert_eq!(count("room WHERE kind < 2"), 8);
    for some in
        ["event WHERE kind = 4", "reaction", "event WHERE root_seq IS NOT NULL", "mention", "room WHERE kind = 2"]
    {
        assert!(count(some) > 0, "{some}");
    }
    drop(db);

    let server = Server::start_in(data, |_| {}).await;
    let mut alice = server.guest("Alice").await;
    let rooms: RoomList = http::get(server.address, "/api/v1/rooms", &alice.cookie).await.json();
    assert!(rooms.rooms.len() > 5 && rooms.rooms.iter().any(|room| room.name == "engineering"));
    let room = rooms.rooms.iter().find(|room| room.name == "general").unwrap().id;
    alice.does(|cid| ClientMsg::Join { cid, room }).await.unwrap();
    alice.says_in(room, "Good morning").await;
    let page: MessagePage =
        http::get(server.address, &format!("/api/v1/rooms/{room}/messages?limit=2"), &alice.cookie).await.json();
    assert_eq!((page.messages.len(), page.messages[1].body.as_str()), (2, "Good morning"));
    let found = http::get(server.address, "/api/v1/search?q=server+deploy&limit=5", &alice.cookie).await;
    assert_eq!(found.json::<SearchPage>().hits.len(), 5);
    server.stop().await;
}

/// What was said in a room, without what a database has for itself.
fn texts(folder: &Path, room: RoomId) -> Vec<(i64, i64, Option<String>)> {
    let db = Connection::open(folder.join("readyroom.db")).unwrap();
    let mut query = db.prepare("SELECT seq, sender_id, body FROM event WHERE room_id = ? AND seq > 1").unwrap();
    let rows =
        query.query_map([i64::try_from(room.0).unwrap()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_chat_and_another_gives_another() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for (folder, seed_) in folders.iter().zip(["7", "7", "8"]) {
        assert_eq!(seed(folder.path(), &["--seed", seed_]).await.0, Some(0));
    }
    let [one, two, other] = folders.each_ref().map(|folder| texts(folder.path(), RoomId(2)));
    assert!(one.len() > 300);
    assert_eq!(one, two);
    assert_ne!(one, other);
}

#[tokio::test]
async fn a_folder_with_people_or_a_server_is_left_alone() {
    let server = Server::start().await;
    let (code, said) = seed(server.data.path(), &[]).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("another Readyroom server uses it"), "{said}");
    server.guest("Alice").await;
    let data = server.stop().await;
    let (code, said) = seed(data.path(), &[]).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("has people or messages already"), "{said}");
    for (args, word) in
        [(["--rooms", "0"], "rooms"), (["--people", "1"], "people"), (["--messages", "many"], "messages")]
    {
        let (code, said) = run(command(data.path(), &["seed", args[0], args[1]])).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
}
