//! Messages as they stand now: pages by number, one, a thread, earlier texts, pins, and places to go to.
//!
//! A room's messages are found by their number from the milestone before it, at most 32 events away, and what became of
//! them since by what names them as its target: a page takes as long in a large room as in a small one.
//!
//! Deliberately absent: rights. Whoever asks comes in by [`as_member`].

mod fold;

use common::api::messages::{EditView, MessageView, Place};
use common::id::{RoomId, Seq, Timestamp, UserId};
use common::model::{Everyone, Role, RoomInfo};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::mentions;
use super::{int, nat, people, rooms};

/// Which messages of a room a page has. Numbers are those of messages, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The newest.
    Newest,
    /// Those right before a number.
    Before(u64),
    /// Those right after a number.
    After(u64),
    /// Those around a number; the page is full where the room has as many.
    Around(u64),
    /// Those from the first one of this moment or later.
    At(Timestamp),
}

/// What [`view`] reads of an event `e` and its author `u`.
macro_rules! select_message {
    ($which:literal) => {
        concat!(
            "SELECT e.room_id, e.seq, e.n, e.sent_at, e.sender_id, u.name, e.body, e.mentions, e.everyone, e.reply_seq, \
             e.root_seq, u.role FROM event e CROSS JOIN user u ON u.id = e.sender_id WHERE e.room_id = ?1 AND ",
            $which
        )
    };
}

/// The newest milestone before the message `?2`, as a condition on the room's events `e`.
macro_rules! from_milestone {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " e.seq > ifnull((SELECT s.seq FROM milestone s WHERE s.room_id = ?1 AND s.n < ?2 \
             ORDER BY s.n DESC, s.seq DESC LIMIT 1), 0) AND ",
            $rest
        )
    };
}

const RANGE: &str = from_milestone!(
    "SELECT e.room_id, e.seq, e.n, e.sent_at, e.sender_id, u.name, e.body, e.mentions, e.everyone, e.reply_seq, \
     e.root_seq, u.role FROM event e CROSS JOIN user u ON u.id = e.sender_id WHERE e.room_id = ?1 AND",
    "e.n >= ?2 AND e.n <= ?3 ORDER BY e.seq LIMIT ?3 - ?2 + 1"
);

const NUMBERED: &str =
    from_milestone!("SELECT e.seq, e.sent_at FROM event e WHERE e.room_id = ?1 AND", "e.n = ?2 ORDER BY e.seq LIMIT 1");

/// Reads about a room for one of its members, who gets told what it looks like; `None` for everybody else.
///
/// # Errors
/// Those of SQLite.
pub fn as_member<T>(
    db: &Connection,
    room: RoomId,
    user: UserId,
    read: impl FnOnce(&RoomInfo) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    // The head first: what comes while the rest is read is not promised.
    rooms::seen_by(db, room, user)?.map(|info| read(&info)).transpose()
}

/// A page of a room that has `last` messages, oldest first, with at most `limit` of them.
///
/// # Errors
/// Those of SQLite.
pub fn page(db: &Connection, room: RoomId, last: u64, which: Which, limit: u64) -> rusqlite::Result<Vec<MessageView>> {
    let (first, end) = match which {
        Which::Newest => (last.saturating_sub(limit) + 1, last),
        Which::Before(n) => (n.saturating_sub(limit).max(1), n.saturating_sub(1).min(last)),
        Which::After(n) => (n.saturating_add(1), n.saturating_add(limit)),
        // One behind the last one is where somebody stands who has read all.
        Which::Around(n) if n == 0 || n > last.saturating_add(1) => return Ok(Vec::new()),
        Which::Around(n) => {
            let newest = last.saturating_sub(limit) + 1;
            let first = n.saturating_sub(limit / 2).min(newest).max(1);
            (first, first.saturating_add(limit - 1))
        }
        Which::At(moment) => {
            let first = first_at(db, room, last, moment)?;
            (first, first.saturating_add(limit - 1))
        }
    };
    range(db, room, first.max(1), end.min(last))
}

/// The messages with these numbers, both included.
fn range(db: &Connection, room: RoomId, first: u64, end: u64) -> rusqlite::Result<Vec<MessageView>> {
    if first > end {
        return Ok(Vec::new());
    }
    let mut query = db.prepare_cached(RANGE)?;
    let rows = query.query_map([int(room.0), int(first), int(end)], view)?;
    let mut messages = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    fold::together(db, room, &mut messages)?;
    Ok(messages)
}

/// One message, by the event that created it.
///
/// # Errors
/// Those of SQLite.
pub fn message(db: &Connection, room: RoomId, seq: Seq) -> rusqlite::Result<Option<MessageView>> {
    let found = db
        .prepare_cached(select_message!("e.seq = ?2 AND e.n IS NOT NULL"))?
        .query_row([int(room.0), int(seq.0)], view)
        .optional()?;
    let Some(mut message) = found else { return Ok(None) };
    fold::together(db, room, std::slice::from_mut(&mut message))?;
    Ok(Some(message))
}

/// The answers of a thread after one of them, oldest first, by the message that it began with.
///
/// # Errors
/// Those of SQLite.
pub fn answers(db: &Connection, room: RoomId, root: Seq, after: Seq, limit: u64) -> rusqlite::Result<Vec<MessageView>> {
    let mut query = db.prepare_cached(select_message!("e.root_seq = ?2 AND e.seq > ?3 ORDER BY e.seq LIMIT ?4"))?;
    let rows = query.query_map([int(room.0), int(root.0), int(after.0), int(limit)], view)?;
    let mut messages = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    fold::apart(db, room, &mut messages)?;
    Ok(messages)
}

/// The pinned messages of a room, the latest pin first.
///
/// # Errors
/// Those of SQLite.
pub fn pins(db: &Connection, room: RoomId, limit: u64) -> rusqlite::Result<Vec<MessageView>> {
    let mut query = db.prepare_cached(
        "SELECT e.room_id, e.seq, e.n, e.sent_at, e.sender_id, u.name, e.body, e.mentions, e.everyone, e.reply_seq, \
         e.root_seq, u.role FROM pin p JOIN event e ON e.room_id = p.room_id AND e.seq = p.target_seq \
         JOIN user u ON u.id = e.sender_id WHERE p.room_id = ?1 ORDER BY p.seq DESC LIMIT ?2",
    )?;
    let rows = query.query_map([int(room.0), int(limit)], view)?;
    let mut messages = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    fold::apart(db, room, &mut messages)?;
    Ok(messages)
}

/// The texts that a message has had, oldest first; none for one that was deleted.
///
/// # Errors
/// Those of SQLite.
pub fn edits(db: &Connection, room: RoomId, seq: Seq) -> rusqlite::Result<Vec<EditView>> {
    let mut query = db.prepare_cached(
        "SELECT sent_at, body FROM event WHERE room_id = ?1 AND seq = ?2 AND body IS NOT NULL \
         UNION ALL SELECT * FROM (SELECT sent_at, body FROM event WHERE room_id = ?1 AND target_seq = ?2 AND kind = ?3 \
         AND body IS NOT NULL ORDER BY +seq)",
    )?;
    let rows = query.query_map(params![int(room.0), int(seq.0), super::events::EDITED], |row| {
        Ok(EditView { at: Timestamp(nat(row.get(0)?)), body: row.get(1)? })
    })?;
    rows.collect()
}

/// Whether somebody keeps order in a room: its moderators, and admins and owners of the server among its members.
///
/// # Errors
/// Those of SQLite.
pub fn is_moderator(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT 1 FROM member m JOIN user u ON u.id = m.user_id \
         WHERE m.room_id = ? AND m.user_id = ? AND (m.role = 1 OR u.role IN (3, 4))",
    )?
    .exists([int(room.0), int(user.0)])
}

/// The message of a number, or else the newest one of a room that has `last` messages.
///
/// # Errors
/// Those of SQLite.
pub fn place(db: &Connection, room: RoomId, last: u64, n: u64) -> rusqlite::Result<Place> {
    let n = n.clamp(last.min(1), last);
    let found = numbered(db, room, n)?;
    Ok(found.map_or(Place { seq: Seq::ZERO, n: 0 }, |(seq, _)| Place { seq, n }))
}

/// The number of the first message of a moment or later; one more than `last` where there is none. Where the server's
/// clock was put back it is one of those that could be meant.
///
/// # Errors
/// Those of SQLite.
pub fn first_at(db: &Connection, room: RoomId, last: u64, moment: Timestamp) -> rusqlite::Result<u64> {
    let (mut low, mut high) = (1, last.saturating_add(1));
    while low < high {
        let middle = low.midpoint(high);
        match numbered(db, room, middle)? {
            Some((_, at)) if at < moment => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The event of a message's number, and when that was.
fn numbered(db: &Connection, room: RoomId, n: u64) -> rusqlite::Result<Option<(Seq, Timestamp)>> {
    db.prepare_cached(NUMBERED)?
        .query_row([int(room.0), int(n)], |row| Ok((Seq(nat(row.get(0)?)), Timestamp(nat(row.get(1)?)))))
        .optional()
}

/// A message before what became of it.
fn view(row: &Row<'_>) -> rusqlite::Result<MessageView> {
    let body: Option<String> = row.get(6)?;
    let mentions: Option<String> = row.get(7)?;
    let seq = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(index)?.map(|seq| Seq(nat(seq))));
    Ok(MessageView {
        room: RoomId(nat(row.get(0)?)),
        seq: Seq(nat(row.get(1)?)),
        n: nat(row.get(2)?),
        at: Timestamp(nat(row.get(3)?)),
        by: UserId(nat(row.get(4)?)),
        name: row.get(5)?,
        bot: people::role(row.get(11)?) == Role::Bot,
        edited_at: None,
        deleted: body.is_none(),
        body: body.unwrap_or_default(),
        pinned: false,
        mentions: mentions.as_deref().map(mentions::read).unwrap_or_default(),
        everyone: row.get::<_, Option<i64>>(8)?.and_then(everyone),
        reply_to: seq(9)?,
        root: seq(10)?,
        replies: 0,
        reactions: Vec::new(),
    })
}

/// As it stands in the database.
const fn everyone(number: i64) -> Option<Everyone> {
    match number {
        0 => Some(Everyone::Room),
        1 => Some(Everyone::Here),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::in_memory;

    /// What SQLite says how it runs a statement.
    fn plan(sql: &str) -> String {
        let db = in_memory().unwrap();
        let mut query = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let count = query.parameter_count();
        let rows = query.query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get::<_, String>(3)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
    }

    #[test]
    fn a_page_is_found_without_a_walk_through_the_room() {
        for sql in [RANGE, NUMBERED] {
            let plan = plan(sql);
            assert!(plan.contains("event_by_place (room_id=? AND seq>?)"), "{plan}");
            assert!(plan.contains("milestone") || plan.contains("SEARCH s"), "{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
        for sql in fold::STATEMENTS {
            let plan = plan(sql);
            assert!(plan.contains("SEARCH") && !plan.contains("SCAN"), "{plan}");
        }
    }
}
