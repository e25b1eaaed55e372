//! The database that a story begins with: two rooms, three people in both, some history, and a private room of two.
//!
//! Made once for each length of history by the product's own code, and copied for each story.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, Role};
use common::sync::RoomChange;
use common::text::{Body, RoomName, UserName};
use readyroom::store::events::{self, Act, Command};
use readyroom::store::{people, rooms};
use rusqlite::Connection;

use crate::Broken;

/// The rooms.
pub(crate) const ROOMS: [RoomId; 2] = [RoomId(1), RoomId(2)];

/// The room that not all are in. Ann made it, and Ben is in it.
pub(crate) const PRIVATE: RoomId = RoomId(3);

/// The people, by the ids that the database gives them.
pub(crate) const PEOPLE: [UserId; 3] = [UserId(2), UserId(3), UserId(4)];

const NAMES: [&str; 3] = ["Ann", "Ben", "Cho"];

/// The room of an index.
pub(crate) fn room(index: usize) -> RoomId {
    ROOMS.get(index).copied().unwrap_or(RoomId(1))
}

/// A database with this much history in every room.
pub(crate) fn database(history: u64) -> Result<Connection, Broken> {
    static MADE: OnceLock<Mutex<BTreeMap<u64, Vec<u8>>>> = OnceLock::new();
    let made = MADE.get_or_init(Mutex::default);
    let mut made = made.lock().map_err(|_poisoned| Broken::new("the templates are poisoned".to_owned()))?;
    if let Some(bytes) = made.get(&history) {
        return open(bytes);
    }
    let mut db = make(history)?;
    let bytes = db.serialize(rusqlite::MAIN_DB)?.to_vec();
    let copy = open(&bytes)?;
    made.insert(history, bytes);
    Ok(copy)
}

/// A database in memory, from a copy.
pub(crate) fn open(bytes: &[u8]) -> Result<Connection, Broken> {
    let mut db = Connection::open_in_memory()?;
    db.deserialize_read_exact(rusqlite::MAIN_DB, bytes, bytes.len(), false)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// Everything in a room's log.
pub(crate) fn history(db: &Connection, room: RoomId) -> Result<Vec<Event>, Broken> {
    Ok(events::page(db, room, Seq::ZERO, Seq(i64::MAX.unsigned_abs()), 1 << 40)?)
}

fn make(history: u64) -> Result<Connection, Broken> {
    let db = readyroom::store::in_memory()?;
    let now = Timestamp(1_763_699_000_000);
    let mut rng = fastrand::Rng::with_seed(history);
    let mut cid = || Cid::new(now, &mut rng);
    let text = |error: common::text::TextError| Broken::new(error.to_string());
    for name in NAMES {
        let known = people::create_guest(&db, &UserName::new(name).map_err(text)?, now)?;
        people::set_role(&db, known.person.id, Role::Member)?;
    }
    let [owner, other, ..] = PEOPLE;
    drop(rooms::create(&db, (owner, cid()), &RoomName::new("second").map_err(text)?, false, now)?);
    for room in ROOMS {
        for by in PEOPLE {
            drop(events::append(&db, &Command { room, by, cid: cid(), act: Act::Join }, now)?);
        }
        for line in 0..history {
            let body = Body::new(&format!("old line {line}")).map_err(text)?;
            let act = Act::Say { body, after: None, reply_to: None };
            drop(events::append(&db, &Command { room, by: owner, cid: cid(), act }, now)?);
        }
    }
    drop(rooms::create(&db, (owner, cid()), &RoomName::new("third").map_err(text)?, true, now)?);
    let act = Act::Room(RoomChange::Invite(other));
    drop(events::append(&db, &Command { room: PRIVATE, by: owner, cid: cid(), act }, now)?);
    Ok(db)
}
