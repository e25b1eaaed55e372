//! The file of a journal.

use common::id::UserId;

use super::*;

fn full() -> Journal {
    let text = Body::new("line\nbreak").unwrap();
    Journal {
        me: Some(Me { epoch: Epoch("e".into()), person: Person { id: UserId(3), name: "Echo".into() } }),
        given: [(RoomId(1), Seq(12))].into(),
        sent: vec![Sent {
            cid: Cid::new(Timestamp(1), &mut fastrand::Rng::with_seed(1)),
            room: RoomId(1),
            text: text.clone(),
            reply_to: Some(Seq(11)),
            after: None,
            at: Timestamp(1),
        }],
        waiting: [Waiting { room: RoomId(1), text, reply_to: None }].into(),
        ..Journal::default()
    }
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/bot.json");
    let (shelf, journal) = Shelf::open(&path).unwrap();
    assert_eq!(journal, Journal::default());
    shelf.save(&full()).unwrap();
    drop(shelf);
    assert_eq!(Shelf::open(&path).unwrap().1, full());
}

#[test]
fn two_bots_do_not_share_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.json");
    let (shelf, _) = Shelf::open(&path).unwrap();
    let error = Shelf::open(&path).unwrap_err().to_string();
    assert!(error.contains("bot.json") && error.contains("another bot"), "{error}");
    drop(shelf);
    Shelf::open(&path).unwrap();
}

#[test]
fn a_damaged_one_is_named_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.json");
    let whole = serde_json::to_vec(&full()).unwrap();
    let another = br#"{"version":9,"me":null,"given":{},"sent":[],"waiting":[]}"#;
    for bytes in [&b""[..], b"{}", b"\xff", &whole[..whole.len() - 1], another] {
        fs::write(&path, bytes).unwrap();
        let error = Shelf::open(&path).unwrap_err().to_string();
        assert!(error.contains("bot.json: is damaged"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn what_was_left_half_written_is_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bot.json");
    let (shelf, _) = Shelf::open(&path).unwrap();
    shelf.save(&full()).unwrap();
    drop(shelf);
    fs::write(folder.path().join("bot.json.new"), b"{\"vers").unwrap();
    let (shelf, journal) = Shelf::open(&path).unwrap();
    assert_eq!(journal, full());
    shelf.save(&Journal::default()).unwrap();
    drop(shelf);
    assert_eq!(Shelf::open(&path).unwrap().1, Journal::default());
}
