//! Rooms: making one, and what one looks like to its members and in the list of all.
//!
//! `direct` makes conversations of people. Deliberately absent: changing one, which is a matter of its log ([`events`]).

mod direct;
mod list;

use std::sync::LazyLock;

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Level, Person, Role, RoomInfo, RoomKind, RoomRole};
use common::server::ErrorCode;
use common::text::RoomName;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::{self, Appended, Verdict};
use super::own::{MENTIONS, READ_N};
use super::people::{self, Known};
use super::{confusable, int, nat, open};

pub use direct::direct;
pub use list::{list, members, view};

/// The room that everybody starts in.
pub const LOBBY: RoomId = open::LOBBY;

/// Makes a room with one member, who is its moderator. Its first event, `created`, is also the one that made its maker a
/// member. `(by, cid)` names the command: a repeat finds the room that the first one made.
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
    if let Some((room, known)) = made_before(db, (by, cid))? {
        return if was_named(db, room, &known, name.as_str())? {
            first_event(db, room)
        } else {
            Ok(Err(ErrorCode::CidReused))
        };
    }
    if is_taken(db, name, None)? {
        return Ok(Err(ErrorCode::NameTaken));
    }
    if events::rooms_of(db, by)? >= limits::ROOMS_PER_USER {
        return Ok(Err(ErrorCode::TooManyRooms));
    }
    let room = next_id(db)?;
    insert(db, room, (name.as_str(), i64::from(private)), (by, cid), now)?;
    events::create(db, room, (by, cid), &[], now)
}

/// The room that a command has made, and its present name.
fn made_before(db: &Connection, (by, cid): (UserId, Cid)) -> rusqlite::Result<Option<(RoomId, String)>> {
    db.prepare_cached("SELECT id, name FROM room WHERE created_by = ? AND created_cid = ?")?
        .query_row(params![int(by.0), cid.0.as_bytes()], |row| Ok((RoomId(nat(row.get(0)?)), row.get(1)?)))
        .optional()
}

/// Whether a room has a name, or may have had it: of one that was renamed nobody can tell any more.
fn was_named(db: &Connection, room: RoomId, known: &str, name: &str) -> rusqlite::Result<bool> {
    Ok(known == name || events::was_renamed(db, room)?)
}

/// The event that a room began with, as the answer to a command that finds it.
fn first_event(db: &Connection, room: RoomId) -> rusqlite::Result<Verdict> {
    let first = events::page(db, room, Seq::ZERO, Seq(1), 1)?.into_iter().next();
    Ok(first.map(Appended::before).ok_or(ErrorCode::NoSuchRoom))
}

fn next_id(db: &Connection) -> rusqlite::Result<RoomId> {
    db.prepare_cached("SELECT ifnull(max(id), 0) + 1 FROM room")?
        .query_row([], |row| row.get(0).map(|id| RoomId(nat(id))))
}

/// Whether another room than this one has a name, or one that people cannot tell from it.
pub(super) fn is_taken(db: &Connection, name: &RoomName, but: Option<RoomId>) -> rusqlite::Result<bool> {
    let but = but.map_or(0, |room| int(room.0));
    let has = |which: &str, value: &str| db.prepare_cached(which)?.exists(params![value, but]);
    Ok(has("SELECT 1 FROM room WHERE name = ? AND id <> ?", name.as_str())?
        || has("SELECT 1 FROM room WHERE skeleton = ? AND id <> ? AND kind < 2", &confusable::skeleton(name.as_str()))?)
}

/// Writes an empty room.
fn insert(
    db: &Connection,
    room: RoomId,
    (name, kind): (&str, i64),
    (by, cid): (UserId, Cid),
    now: Timestamp,
) -> rusqlite::Result<()> {
    let skeleton = if kind == direct::DIRECT { String::new() } else { confusable::skeleton(name) };
    db.prepare_cached(
        "INSERT INTO room (id, name, skeleton, kind, created_by, created_cid, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![int(room.0), name, skeleton, kind, int(by.0), cid.0.as_bytes(), int(now.0)])?;
    db.prepare_cached("INSERT INTO room_head (room_id, last_seq, last_n, members) VALUES (?, 0, 0, 0)")?
        .execute([int(room.0)])
        .map(|_| ())
}

/// Gives every room from before there were skeletons its own.
pub(super) fn skeletons(db: &Connection) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT id, name FROM room WHERE kind < 2")?;
    let rooms = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for (id, name) in rooms.collect::<Result<Vec<_>, _>>()? {
        let values = params![confusable::skeleton(&name), id];
        db.prepare_cached("UPDATE room SET skeleton = ? WHERE id = ?")?.execute(values)?;
    }
    Ok(())
}

/// Who may see a room, as it stands in the database.
pub(super) const fn kind_of(number: i64) -> RoomKind {
    match number {
        0 => RoomKind::Public,
        1 => RoomKind::Private,
        _ => RoomKind::Direct,
    }
}

/// Somebody, with all that they are welcomed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who they are.
    pub known: Known,
    /// What they may do on the server.
    pub role: Role,
    /// The newest entry of their own log.
    pub user_seq: u64,
    /// Their rooms, in the order they joined them.
    pub rooms: Vec<RoomInfo>,
}

/// What [`info`] reads of a room, for the member `m`, who is `u`: its columns from the first. The others in a direct room
/// are a line each.
static INFO: LazyLock<String> = LazyLock::new(|| {
    format!(
        "r.id, r.name, h.last_seq, h.last_n, h.members, {READ_N}, {MENTIONS}, m.muted, r.kind, r.topic, r.archived, \
         r.announcements, m.role, m.notify, u.role, CASE WHEN r.kind = 2 THEN (SELECT group_concat(o.id || ' ' || o.name, \
         char(10)) FROM member p JOIN user o ON o.id = p.user_id WHERE p.room_id = r.id AND p.user_id <> m.user_id) END"
    )
});

/// How many columns that is.
const INFO_COLUMNS: usize = 16;

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
         JOIN user u ON u.id = m.user_id WHERE m.user_id = ?1 AND m.room_id = ?2",
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
            let person = Person { id: user, name: row.get(INFO_COLUMNS)? };
            let known = Known { person, since: Timestamp(nat(row.get(INFO_COLUMNS + 1)?)) };
            arrival = Some((known, people::role(row.get(14)?), nat(row.get(INFO_COLUMNS + 2)?)));
        }
        // Who is in no room has one row, without one.
        if row.get::<_, Option<i64>>(0)?.is_some() {
            rooms.push((row.get::<_, i64>(INFO_COLUMNS + 3)?, info(row)?));
        }
    }
    // Rows of `event` are in the order they were written.
    rooms.sort_unstable_by_key(|(joined, _)| *joined);
    let rooms = rooms.into_iter().map(|(_, room)| room).collect();
    Ok(arrival.map(|(known, role, user_seq)| Arrival { known, role, user_seq, rooms }))
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

fn info(row: &Row<'_>) -> rusqlite::Result<RoomInfo> {
    let kind = kind_of(row.get(8)?);
    let moderates =
        kind != RoomKind::Direct && (row.get::<_, i64>(12)? == 1 || people::role(row.get(14)?) >= Role::Admin);
    let people: Option<String> = row.get(15)?;
    Ok(RoomInfo {
        id: RoomId(nat(row.get(0)?)),
        name: if kind == RoomKind::Direct { String::new() } else { row.get(1)? },
        head: Seq(nat(row.get(2)?)),
        n: nat(row.get(3)?),
        members: nat(row.get(4)?),
        read_n: nat(row.get(5)?),
        mentions: nat(row.get(6)?),
        muted: row.get(7)?,
        kind,
        topic: row.get(9)?,
        archived: row.get(10)?,
        announcements: row.get(11)?,
        role: if moderates { RoomRole::Moderator } else { RoomRole::Member },
        notify: level(row.get(13)?),
        people: people.iter().flat_map(|people| people.lines()).filter_map(person).collect(),
    })
}

/// Reads `3 Maya`.
fn person(line: &str) -> Option<Person> {
    let (id, name) = line.split_once(' ')?;
    Some(Person { id: UserId(id.parse().ok()?), name: name.to_owned() })
}

/// Which messages somebody is told of, as it stands in the database.
pub(super) const fn level(number: i64) -> Level {
    match number {
        0 => Level::All,
        2 => Level::Nothing,
        _ => Level::Mentions,
    }
}
