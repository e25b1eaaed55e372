//! Rooms: making one, and what one looks like to its members and in the list of all.

use std::sync::LazyLock;

use common::api::RoomEntry;
use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Person, RoomInfo};
use common::server::ErrorCode;
use common::text::RoomName;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::{self, Appended, Verdict};
use super::own::{MENTIONS, READ_N};
use super::people::Known;
use super::{int, nat, open};

/// The room that everybody starts in.
pub const LOBBY: RoomId = open::LOBBY;

/// Makes a public room with one member. Its first event, `created`, is also the one that made its maker a member.
/// `(by, cid)` names the command: a repeat finds the room that the first one made.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn create(
    db: &Connection,
    (by, cid): (UserId, Cid),
    name: &RoomName,
    private: bool,
    now: Timestamp,
) -> rusqlite::Result<Verdict> {
    let before = db
        .prepare_cached("SELECT id, name FROM room WHERE created_by = ? AND created_cid = ?")?
        .query_row(params![int(by.0), cid.0.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    if let Some((id, known)) = before {
        if known != name.as_str() {
            return Ok(Err(ErrorCode::CidReused));
        }
        let first = events::page(db, RoomId(nat(id)), Seq::ZERO, Seq(1), 1)?.into_iter().next();
        return Ok(first.map(Appended::before).ok_or(ErrorCode::NoSuchRoom));
    }
    let taken = db.prepare_cached("SELECT 1 FROM room WHERE name = ?")?.exists([name.as_str()])?;
    if taken {
        return Ok(Err(ErrorCode::NameTaken));
    }
    if events::rooms_of(db, by)? >= limits::ROOMS_PER_USER {
        return Ok(Err(ErrorCode::TooManyRooms));
    }
    let id = db.prepare_cached("SELECT ifnull(max(id), 0) + 1 FROM room")?.query_row([], |row| row.get::<_, i64>(0))?;
    let room = RoomId(nat(id));
    insert(db, room, name.as_str(), (by, cid), now)?;
    if private {
        db.prepare_cached("UPDATE room SET kind = 1 WHERE id = ?")?.execute([id])?;
    }
    events::create(db, room, (by, cid), now)
}

/// Begins a conversation with people, or finds the one with exactly these.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn direct(
    _db: &Connection,
    (_by, _cid): (UserId, Cid),
    _people: &[UserId],
    _now: Timestamp,
) -> rusqlite::Result<Verdict> {
    Ok(Err(ErrorCode::Forbidden))
}

/// Writes an empty public room.
pub(super) fn insert(
    db: &Connection,
    room: RoomId,
    name: &str,
    (by, cid): (UserId, Cid),
    now: Timestamp,
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO room (id, name, created_by, created_cid, created_at) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![int(room.0), name, int(by.0), cid.0.as_bytes(), int(now.0)])?;
    db.prepare_cached("INSERT INTO room_head (room_id, last_seq, last_n, members) VALUES (?, 0, 0, 0)")?
        .execute([int(room.0)])
        .map(|_| ())
}

/// Somebody, with all that they are welcomed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who they are.
    pub known: Known,
    /// The newest entry of their own log.
    pub user_seq: u64,
    /// Their rooms, in the order they joined them.
    pub rooms: Vec<RoomInfo>,
}

/// What [`info`] reads of a room, for the member `m`: its columns from the first.
static INFO: LazyLock<String> =
    LazyLock::new(|| format!("r.id, r.name, h.last_seq, h.last_n, h.members, {READ_N}, {MENTIONS}, m.muted"));

/// One statement, so that person and rooms are of one moment. The event `j` is the one that made them a member.
static GREETING: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, u.name, u.created_at, u.last_seq, j.id FROM user u LEFT JOIN member m ON m.user_id = u.id \
         LEFT JOIN room r ON r.id = m.room_id LEFT JOIN room_head h ON h.room_id = m.room_id \
         LEFT JOIN event j ON j.room_id = m.room_id AND j.seq = m.since_seq WHERE u.id = ?1 AND u.role <> 9",
        *INFO
    )
});

static SEEN_BY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM member m JOIN room r ON r.id = m.room_id JOIN room_head h ON h.room_id = r.id \
         WHERE m.user_id = ?1 AND m.room_id = ?2",
        *INFO
    )
});

/// Who somebody is and which rooms they are in; `None` for nobody. The system's own user is nobody.
///
/// # Errors
/// Those of SQLite.
pub fn greeting(db: &Connection, user: UserId) -> rusqlite::Result<Option<Arrival>> {
    let mut query = db.prepare_cached(&GREETING)?;
    let mut rows = query.query([int(user.0)])?;
    let mut arrival = None;
    let mut rooms = Vec::new();
    while let Some(row) = rows.next()? {
        if arrival.is_none() {
            let person = Person { id: user, name: row.get(8)? };
            arrival = Some((Known { person, since: Timestamp(nat(row.get(9)?)) }, nat(row.get(10)?)));
        }
        // Who is in no room has one row, without one.
        if row.get::<_, Option<i64>>(0)?.is_some() {
            rooms.push((row.get::<_, i64>(11)?, info(row)?));
        }
    }
    // Rows of `event` are in the order they were written.
    rooms.sort_unstable_by_key(|(joined, _)| *joined);
    let rooms = rooms.into_iter().map(|(_, room)| room).collect();
    Ok(arrival.map(|(known, user_seq)| Arrival { known, user_seq, rooms }))
}

/// The rooms somebody is in, in the order they joined them.
///
/// # Errors
/// Those of SQLite.
pub fn of(db: &Connection, user: UserId) -> rusqlite::Result<Vec<RoomInfo>> {
    Ok(greeting(db, user)?.map(|arrival| arrival.rooms).unwrap_or_default())
}

/// The ids of the rooms somebody is in, in no order: cheaper than all about them.
///
/// # Errors
/// Those of SQLite.
pub fn ids(db: &Connection, user: UserId) -> rusqlite::Result<Vec<RoomId>> {
    let mut query = db.prepare_cached("SELECT room_id FROM member WHERE user_id = ?")?;
    let rows = query.query_map([int(user.0)], |row| row.get(0).map(|id| RoomId(nat(id))))?;
    rows.collect()
}

/// One room, as one of its members sees it; `None` for everybody else.
///
/// # Errors
/// Those of SQLite.
pub fn seen_by(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Option<RoomInfo>> {
    db.prepare_cached(&SEEN_BY)?.query_row([int(user.0), int(room.0)], info).optional()
}

/// The public rooms, by name.
///
/// # Errors
/// Those of SQLite.
pub fn list(db: &Connection, user: UserId) -> rusqlite::Result<Vec<RoomEntry>> {
    let mut query = db.prepare_cached(
        "SELECT r.id, r.name, h.members, m.user_id IS NOT NULL \
         FROM room r JOIN room_head h ON h.room_id = r.id \
         LEFT JOIN member m ON m.room_id = r.id AND m.user_id = ? WHERE r.kind = 0 ORDER BY r.name",
    )?;
    let rows = query.query_map([int(user.0)], |row| {
        Ok(RoomEntry {
            id: RoomId(nat(row.get(0)?)),
            name: row.get(1)?,
            members: nat(row.get(2)?),
            joined: row.get(3)?,
            topic: String::new(),
            archived: false,
        })
    })?;
    rows.collect()
}

fn info(row: &Row<'_>) -> rusqlite::Result<RoomInfo> {
    Ok(RoomInfo {
        id: RoomId(nat(row.get(0)?)),
        name: row.get(1)?,
        head: Seq(nat(row.get(2)?)),
        n: nat(row.get(3)?),
        members: nat(row.get(4)?),
        read_n: nat(row.get(5)?),
        mentions: nat(row.get(6)?),
        muted: row.get(7)?,
        ..RoomInfo::new(RoomId(1), "")
    })
}
