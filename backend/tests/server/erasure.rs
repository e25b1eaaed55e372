//! What is erased is gone from the file, however full the pages were that it stood in.

use std::collections::BTreeSet;
use std::path::Path;

use common::id::{Cid, RoomId, Seq, Timestamp};
use common::text::{Body, RoomName, UserName};
use readyroom::store::events::{self, Act, Command};
use readyroom::store::{Durability, Store, people, rooms};
use rusqlite::Connection;

const NOW: Timestamp = Timestamp(1_763_700_000_000);
const ROOMS: u64 = 8;
const MESSAGES: usize = 1_500;

/// A text that begins like no other, most often short and sometimes longer than a page.
fn text(i: usize, rng: &mut fastrand::Rng) -> String {
    let length = if rng.u8(..) < 16 { rng.usize(..3_900) } else { rng.usize(..400) };
    format!("<{i:06}>{}", "x".repeat(length))
}

/// The numbers of the texts that have left a trace in a file.
fn traces(file: &Path) -> BTreeSet<usize> {
    let bytes = std::fs::read(file).unwrap();
    let marks = bytes.windows(8).filter(|mark| mark[0] == b'<' && mark[7] == b'>');
    marks.filter_map(|mark| std::str::from_utf8(&mark[1..7]).ok()?.parse().ok()).collect()
}

/// Lets somebody talk in several rooms in turn and take much of it back. Gives what stays and what is gone.
fn talk(db: &Connection, rng: &mut fastrand::Rng) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let ann = people::create_guest(db, &UserName::new("Ann").unwrap(), NOW).unwrap().person.id;
    let mut there: Vec<(usize, RoomId, Seq)> = Vec::new();
    let mut gone = BTreeSet::new();
    let mut cids = rng.fork();
    let mut does = |by, room, act| {
        let cid = Cid::new(NOW, &mut cids);
        events::append(db, &Command { room, by, cid, act }, NOW).unwrap().unwrap().event.seq
    };
    does(ann, rooms::LOBBY, Act::Join);
    for i in 2..=ROOMS {
        let name = RoomName::new(&format!("room-{i}")).unwrap();
        rooms::create(db, (ann, Cid::new(NOW, rng)), &name, false, NOW).unwrap().unwrap();
    }
    for i in 0..MESSAGES {
        let room = RoomId(rng.u64(1..=ROOMS));
        let body = Body::new(&text(i, rng)).unwrap();
        there.push((i, room, does(ann, room, Act::Say { body, after: None, reply_to: None })));
        while rng.u8(..) < 110 && !there.is_empty() {
            let (i, room, target) = there.swap_remove(rng.usize(..there.len()));
            does(ann, room, Act::Delete { target });
            gone.insert(i);
        }
    }
    (there.into_iter().map(|(i, ..)| i).collect(), gone)
}

#[tokio::test]
async fn no_copy_of_an_erased_text_stays_anywhere_in_the_file() {
    for seed in 0..4 {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path(), Durability::Relaxed, || {}).unwrap();
        let talk = store.write(move |db, _now| Ok(talk(db, &mut fastrand::Rng::with_seed(seed))));
        let (there, gone) = talk.await.unwrap();
        store.close().await;
        let traces = traces(&data.path().join("readyroom.db"));
        assert!(gone.len() > MESSAGES / 2 && there.is_subset(&traces), "seed {seed}: the search finds what is there");
        assert_eq!(traces.intersection(&gone).collect::<Vec<_>>(), [&0; 0], "seed {seed}");
    }
}
