//! Events: deciding what a command does to a room's log, and reading pages of it.
//!
//! Rights, repeats and numbers are settled here, inside the writer's transaction, so that no two commands can disagree
//! about them. Neighbours: the rooms bring commands and publish the events.

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Event, EventKind};
use common::server::ErrorCode;
use common::text::Body;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{int, nat};

/// A command of a person about a room.
#[derive(Debug, Clone)]
pub struct Command {
    /// Where.
    pub room: RoomId,
    /// Whose command it is.
    pub by: UserId,
    /// Its author's own id for it.
    pub cid: Cid,
    /// What is to be done.
    pub act: Act,
}

/// What a [`Command`] does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Says something. For members.
    Say(Body),
    /// Becomes a member. Who is one already gets the event that made them one, and nothing is changed.
    Join,
    /// Stops being a member. Who has left already gets the event by which they left, and nothing is changed.
    Leave,
}

/// What became of a command.
#[derive(Debug, Clone)]
pub struct Appended {
    /// Its event; for a repeated command the one of the first time.
    pub event: Event,
    /// Whether the event is new. Only then is it published.
    pub fresh: bool,
}

/// Either what became of a command, or why it was refused.
pub type Verdict = Result<Appended, ErrorCode>;

pub(super) const MESSAGE: i64 = 0;
pub(super) const CREATED: i64 = 1;
const JOINED: i64 = 2;
const LEFT: i64 = 3;

/// An event without its number.
pub(super) struct NewEvent<'a> {
    pub(super) by: UserId,
    pub(super) cid: Cid,
    pub(super) kind: i64,
    pub(super) body: Option<&'a str>,
}

/// Carries a command out, or finds that it was carried out before.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn append(db: &Connection, command: &Command, now: Timestamp) -> rusqlite::Result<Verdict> {
    let Command { room, by, cid, act } = command;
    let (kind, body) = match act {
        Act::Say(body) => (MESSAGE, Some(body.as_str())),
        Act::Join => (JOINED, None),
        Act::Leave => (LEFT, None),
    };
    if let Some(event) =
        find(db, "e.sender_id = ?2 AND e.client_id = ?3", params![int(room.0), int(by.0), cid.0.as_bytes()])?
    {
        let same = kind_number(&event.kind) == kind && body == event_body(&event.kind);
        return Ok(if same { Ok(Appended { event, fresh: false }) } else { Err(ErrorCode::CidReused) });
    }
    let Some(public) = is_public(db, *room)? else { return Ok(Err(ErrorCode::NoSuchRoom)) };
    let since = member_since(db, *room, *by)?;
    match (act, since) {
        (Act::Join, None) if !public => return Ok(Err(ErrorCode::NoSuchRoom)),
        (Act::Join, None) if rooms_of(db, *by)? >= limits::ROOMS_PER_USER => return Ok(Err(ErrorCode::TooManyRooms)),
        (Act::Join, Some(since)) => return settled(db, *room, since),
        (Act::Leave, None) => {
            let left = last_left(db, *room, *by)?;
            return left.map_or(Ok(Err(ErrorCode::NotMember)), |seq| settled(db, *room, seq));
        }
        (Act::Say(_), None) => return Ok(Err(if public { ErrorCode::NotMember } else { ErrorCode::NoSuchRoom })),
        (Act::Join, None) | (Act::Leave | Act::Say(_), Some(_)) => {}
    }
    let event = insert(db, *room, &NewEvent { by: *by, cid: *cid, kind, body }, now)?;
    match act {
        Act::Say(_) => {}
        Act::Join => enter(db, *room, *by, event.seq)?,
        Act::Leave => remove(db, *room, *by)?,
    }
    Ok(Ok(Appended { event, fresh: true }))
}

/// Gives an event its number and writes it.
pub(super) fn insert(db: &Connection, room: RoomId, new: &NewEvent<'_>, now: Timestamp) -> rusqlite::Result<Event> {
    let messages = i64::from(new.kind == MESSAGE);
    let (seq, last_n) = db
        .prepare_cached(
            "UPDATE room_head SET last_seq = last_seq + 1, last_n = last_n + ?2 WHERE room_id = ?1 \
             RETURNING last_seq, last_n",
        )?
        .query_row(params![int(room.0), messages], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let n = (new.kind == MESSAGE).then_some(last_n);
    db.prepare_cached(
        "INSERT INTO event (room_id, seq, kind, sender_id, client_id, n, sent_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        int(room.0),
        seq,
        new.kind,
        int(new.by.0),
        new.cid.0.as_bytes(),
        n,
        int(now.0),
        new.body
    ])?;
    let name = db
        .prepare_cached("SELECT name FROM user WHERE id = ?")?
        .query_row([int(new.by.0)], |row| row.get::<_, String>(0))?;
    Ok(Event {
        room,
        seq: Seq(nat(seq)),
        at: now,
        by: new.by,
        name,
        cid: Some(new.cid),
        kind: kind_of(new.kind, n.map(nat), new.body.map(str::to_owned)),
    })
}

/// Makes somebody a member as of an event.
pub(super) fn enter(db: &Connection, room: RoomId, user: UserId, since: Seq) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO member (room_id, user_id, since_seq) VALUES (?, ?, ?)")?.execute([
        int(room.0),
        int(user.0),
        int(since.0),
    ])?;
    count(db, room, 1)
}

fn remove(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM member WHERE room_id = ? AND user_id = ?")?.execute([int(room.0), int(user.0)])?;
    count(db, room, -1)
}

fn count(db: &Connection, room: RoomId, by: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE room_head SET members = members + ?2 WHERE room_id = ?1")?
        .execute([int(room.0), by])
        .map(|_| ())
}

/// The events of a room after `after`, up to and including `to`, oldest first, at most `limit` of them.
///
/// # Errors
/// Those of SQLite.
pub fn page(db: &Connection, room: RoomId, after: Seq, to: Seq, limit: u64) -> rusqlite::Result<Vec<Event>> {
    let mut query = db.prepare_cached(
        "SELECT e.room_id, e.seq, e.sent_at, e.sender_id, u.name, e.client_id, e.kind, e.n, e.body \
         FROM event e JOIN user u ON u.id = e.sender_id \
         WHERE e.room_id = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?",
    )?;
    let rows = query.query_map([int(room.0), int(after.0), int(to.0), int(limit)], event)?;
    rows.collect()
}

/// When somebody became a member of a room; `None` for who is none.
///
/// # Errors
/// Those of SQLite.
pub fn member_since(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT since_seq FROM member WHERE room_id = ? AND user_id = ?")?
        .query_row([int(room.0), int(user.0)], |row| row.get(0).map(|seq| Seq(nat(seq))))
        .optional()
}

fn settled(db: &Connection, room: RoomId, seq: Seq) -> rusqlite::Result<Verdict> {
    let event = find(db, "e.seq = ?2", params![int(room.0), int(seq.0)])?;
    Ok(event.map(|event| Appended { event, fresh: false }).ok_or(ErrorCode::NoSuchRoom))
}

fn find(db: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<Option<Event>> {
    db.prepare_cached(&format!(
        "SELECT e.room_id, e.seq, e.sent_at, e.sender_id, u.name, e.client_id, e.kind, e.n, e.body \
         FROM event e JOIN user u ON u.id = e.sender_id WHERE e.room_id = ?1 AND {which}"
    ))?
    .query_row(values, event)
    .optional()
}

fn is_public(db: &Connection, room: RoomId) -> rusqlite::Result<Option<bool>> {
    db.prepare_cached("SELECT public FROM room WHERE id = ?")?.query_row([int(room.0)], |row| row.get(0)).optional()
}

/// In how many rooms somebody is.
pub(super) fn rooms_of(db: &Connection, user: UserId) -> rusqlite::Result<usize> {
    db.prepare_cached("SELECT count(*) FROM member WHERE user_id = ?")?
        .query_row([int(user.0)], |row| row.get::<_, i64>(0))
        .map(|n| usize::try_from(n).unwrap_or_default())
}

fn last_left(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT max(seq) FROM event WHERE room_id = ? AND sender_id = ? AND kind = ?")?
        .query_row([int(room.0), int(user.0), LEFT], |row| row.get::<_, Option<i64>>(0))
        .map(|seq| seq.map(|seq| Seq(nat(seq))))
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let cid: [u8; 16] = row.get(5)?;
    Ok(Event {
        room: RoomId(nat(row.get(0)?)),
        seq: Seq(nat(row.get(1)?)),
        at: Timestamp(nat(row.get(2)?)),
        by: UserId(nat(row.get(3)?)),
        name: row.get(4)?,
        cid: Some(Cid(uuid::Uuid::from_bytes(cid))),
        kind: kind_of(row.get(6)?, row.get::<_, Option<i64>>(7)?.map(nat), row.get(8)?),
    })
}

fn kind_of(kind: i64, n: Option<u64>, body: Option<String>) -> EventKind {
    match kind {
        MESSAGE => EventKind::Message { n: n.unwrap_or_default(), body: body.unwrap_or_default() },
        CREATED => EventKind::Created,
        JOINED => EventKind::Joined,
        LEFT => EventKind::Left,
        _ => EventKind::Unknown,
    }
}

fn kind_number(kind: &EventKind) -> i64 {
    match kind {
        EventKind::Message { .. } => MESSAGE,
        EventKind::Created => CREATED,
        EventKind::Joined => JOINED,
        EventKind::Left => LEFT,
        EventKind::Unknown => -1,
    }
}

fn event_body(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::Message { body, .. } => Some(body),
        EventKind::Created | EventKind::Joined | EventKind::Left | EventKind::Unknown => None,
    }
}
