//! A person's own log: how far they have read, what they are writing, what they have muted.
//!
//! All their devices agree on it. Only the newest entry for a room and a kind is kept, with its number, so that a device
//! that was away asks for what is newer than it has. Neighbours: sessions bring changes, and the answer goes to every
//! connection of the person in the order of the commits.
//!
//! Deliberately absent: which rooms a person is in, which is `rooms`' and reaches a client by its `welcome`.

use common::id::{RoomId, UserId};
use common::model::{UserEvent, UserEventKind};
use common::server::ErrorCode;
use common::text::Draft;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::is_public;
use super::{int, nat};

/// Something that a person wants all their devices to know about a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Everything up to this message has been read. It never goes back, and never beyond the room's newest message.
    Read(u64),
    /// What stands in the composer.
    Draft(Draft),
    /// Whether the room is muted.
    Mute(bool),
}

/// What became of a [`Change`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The entry, as it is now.
    pub event: UserEvent,
    /// Whether it is new. Else it was so already, and only who asked is told.
    pub fresh: bool,
}

/// The last message that counts as read: one's own messages directly behind it do, for nobody writes unread. `m` is the
/// member, `h` the head of the room.
pub(super) const READ_N: &str = "ifnull((SELECT e.n - 1 FROM event e WHERE e.room_id = m.room_id AND e.n > m.read_n \
     AND e.sender_id <> m.user_id ORDER BY e.n LIMIT 1), h.last_n)";

/// How many unread messages mention the member `m`.
pub(super) const MENTIONS: &str =
    "(SELECT count(*) FROM mention x WHERE x.user_id = m.user_id AND x.room_id = m.room_id AND x.n > m.read_n)";

const READ: i64 = 0;
const DRAFT: i64 = 1;
const MUTED: i64 = 2;

/// Carries a change out.
///
/// # Errors
/// Those of SQLite. A change by somebody who is no member is no error: the inner result says so.
pub fn change(
    db: &Connection,
    user: UserId,
    room: RoomId,
    change: &Change,
) -> rusqlite::Result<Result<Noted, ErrorCode>> {
    let Some(member) = member(db, user, room)? else {
        let public = is_public(db, room)?.unwrap_or_default();
        return Ok(Err(if public { ErrorCode::NotMember } else { ErrorCode::NoSuchRoom }));
    };
    let noted = match change {
        Change::Read(n) => read(db, user, room, (*n).min(member.last_n), &member)?,
        Change::Draft(text) => draft(db, user, room, text.as_str())?,
        Change::Mute(muted) => mute(db, user, room, *muted, &member)?,
    };
    Ok(Ok(noted))
}

/// The newest entry of a person's log.
///
/// # Errors
/// Those of SQLite.
pub fn head(db: &Connection, user: UserId) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT last_seq FROM user WHERE id = ?")?.query_row([int(user.0)], |row| row.get(0).map(nat))
}

/// At most `limit` entries of a person's log that are newer than `after`, oldest first.
///
/// # Errors
/// Those of SQLite.
pub fn since(db: &Connection, user: UserId, after: u64, limit: u64) -> rusqlite::Result<Vec<UserEvent>> {
    let mut query = db.prepare_cached(&format!(
        "SELECT m.read_seq, m.room_id, {READ}, {READ_N}, {MENTIONS}, NULL FROM member m \
             JOIN room_head h ON h.room_id = m.room_id WHERE m.user_id = ?1 AND m.read_seq > ?2 \
         UNION ALL SELECT seq, room_id, {DRAFT}, 0, 0, text FROM draft WHERE user_id = ?1 AND seq > ?2 \
         UNION ALL SELECT muted_seq, room_id, {MUTED}, muted, 0, NULL FROM member WHERE user_id = ?1 AND muted_seq > ?2 \
         ORDER BY 1 LIMIT ?3"
    ))?;
    let rows = query.query_map([int(user.0), int(after), int(limit)], entry)?;
    rows.collect()
}

struct Member {
    read_n: u64,
    read_seq: u64,
    muted: bool,
    muted_seq: u64,
    last_n: u64,
}

fn member(db: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<Option<Member>> {
    db.prepare_cached(
        "SELECT m.read_n, m.read_seq, m.muted, m.muted_seq, h.last_n \
         FROM member m JOIN room_head h ON h.room_id = m.room_id WHERE m.room_id = ? AND m.user_id = ?",
    )?
    .query_row([int(room.0), int(user.0)], |row| {
        Ok(Member {
            read_n: nat(row.get(0)?),
            read_seq: nat(row.get(1)?),
            muted: row.get(2)?,
            muted_seq: nat(row.get(3)?),
            last_n: nat(row.get(4)?),
        })
    })
    .optional()
}

fn read(db: &Connection, user: UserId, room: RoomId, n: u64, member: &Member) -> rusqlite::Result<Noted> {
    let fresh = n > member.read_n;
    let mut seq = member.read_seq;
    if fresh {
        seq = next(db, user)?;
        db.prepare_cached("UPDATE member SET read_n = ?, read_seq = ? WHERE room_id = ? AND user_id = ?")?
            .execute([int(n), int(seq), int(room.0), int(user.0)])?;
    }
    Ok(Noted { event: UserEvent { seq, room, kind: unread(db, user, room)? }, fresh })
}

/// Counts a member's mentions in a room anew, as an entry of their log.
pub(super) fn recount(db: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<UserEvent> {
    let seq = next(db, user)?;
    db.prepare_cached("UPDATE member SET read_seq = ? WHERE room_id = ? AND user_id = ?")?.execute([
        int(seq),
        int(room.0),
        int(user.0),
    ])?;
    Ok(UserEvent { seq, room, kind: unread(db, user, room)? })
}

fn unread(db: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<UserEventKind> {
    db.prepare_cached(&format!(
        "SELECT {READ_N}, {MENTIONS} FROM member m JOIN room_head h ON h.room_id = m.room_id \
         WHERE m.room_id = ? AND m.user_id = ?"
    ))?
    .query_row([int(room.0), int(user.0)], |row| {
        Ok(UserEventKind::Read { n: nat(row.get(0)?), mentions: nat(row.get(1)?) })
    })
}

fn draft(db: &Connection, user: UserId, room: RoomId, text: &str) -> rusqlite::Result<Noted> {
    let (known, mut seq) = db
        .prepare_cached("SELECT text, seq FROM draft WHERE user_id = ? AND room_id = ?")?
        .query_row([int(user.0), int(room.0)], |row| Ok((row.get::<_, String>(0)?, nat(row.get(1)?))))
        .optional()?
        .unwrap_or_default();
    let fresh = known != text;
    if fresh {
        seq = next(db, user)?;
        db.prepare_cached("INSERT OR REPLACE INTO draft (user_id, room_id, text, seq) VALUES (?, ?, ?, ?)")?
            .execute(params![int(user.0), int(room.0), text, int(seq)])?;
    }
    Ok(Noted { event: UserEvent { seq, room, kind: UserEventKind::Draft { text: text.to_owned() } }, fresh })
}

fn mute(db: &Connection, user: UserId, room: RoomId, muted: bool, member: &Member) -> rusqlite::Result<Noted> {
    let fresh = muted != member.muted;
    let mut seq = member.muted_seq;
    if fresh {
        seq = next(db, user)?;
        db.prepare_cached("UPDATE member SET muted = ?, muted_seq = ? WHERE room_id = ? AND user_id = ?")?
            .execute(params![muted, int(seq), int(room.0), int(user.0)])?;
    }
    Ok(Noted { event: UserEvent { seq, room, kind: UserEventKind::Muted { muted } }, fresh })
}

fn next(db: &Connection, user: UserId) -> rusqlite::Result<u64> {
    db.prepare_cached("UPDATE user SET last_seq = last_seq + 1 WHERE id = ? RETURNING last_seq")?
        .query_row([int(user.0)], |row| row.get(0).map(nat))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<UserEvent> {
    let kind = match row.get::<_, i64>(2)? {
        READ => UserEventKind::Read { n: nat(row.get(3)?), mentions: nat(row.get(4)?) },
        DRAFT => UserEventKind::Draft { text: row.get(5)? },
        _ => UserEventKind::Muted { muted: row.get(3)? },
    };
    Ok(UserEvent { seq: nat(row.get(0)?), room: RoomId(nat(row.get(1)?)), kind })
}
