//! What a command that is carried out does to the tables beside the log.
//!
//! A message that is deleted loses its text, and so do all its edits. `secure_delete` overwrites the bytes in the page;
//! that page is in the write-ahead log until the writer's next checkpoint, which follows the commit (see `writer`).
//!
//! Deliberately absent: rights, which `decide` has settled by now.

use common::id::{RoomId, Seq, UserId};
use common::model::{Event, EventKind, Everyone, RoomRole, UserEvent};
use rusqlite::{Connection, params};

use super::row::EDITED;
use super::{Act, everyone, room as of_room};
use crate::store::{int, nat, own};

/// Carries out what the event says. Gives the entries that it puts into people's own logs.
pub(super) fn apply(db: &Connection, act: &Act, event: &Event) -> rusqlite::Result<Vec<(UserId, UserEvent)>> {
    let (room, by, seq) = (event.room, event.by, event.seq);
    let concerned = match act {
        Act::Say { .. } => mention(db, event)?,
        Act::Delete { target } => erase(db, room, *target)?,
        Act::Edit { .. }
        | Act::React { .. }
        | Act::Unreact { .. }
        | Act::Pin { .. }
        | Act::Unpin { .. }
        | Act::Join
        | Act::Leave => {
            mark(db, act, (room, by, seq))?;
            Vec::new()
        }
        Act::Room(change) => {
            of_room::apply(db, change, event)?;
            Vec::new()
        }
    };
    concerned.into_iter().map(|user| Ok((user, own::recount(db, user, room)?))).collect()
}

fn mark(db: &Connection, act: &Act, (room, by, seq): (RoomId, UserId, Seq)) -> rusqlite::Result<()> {
    match act {
        Act::Say { .. } | Act::Edit { .. } | Act::Delete { .. } | Act::Room(_) => Ok(()),
        Act::React { target, emoji } => db
            .prepare_cached("INSERT INTO reaction (room_id, target_seq, emoji, user_id, seq) VALUES (?, ?, ?, ?, ?)")?
            .execute(params![int(room.0), int(target.0), emoji.as_str(), int(by.0), int(seq.0)])
            .map(|_| ()),
        Act::Unreact { target, emoji } => db
            .prepare_cached("DELETE FROM reaction WHERE room_id = ? AND target_seq = ? AND emoji = ? AND user_id = ?")?
            .execute(params![int(room.0), int(target.0), emoji.as_str(), int(by.0)])
            .map(|_| ()),
        Act::Pin { target } => db
            .prepare_cached("INSERT INTO pin (room_id, target_seq, seq) VALUES (?, ?, ?)")?
            .execute([int(room.0), int(target.0), int(seq.0)])
            .map(|_| ()),
        Act::Unpin { target } => delete(db, "pin WHERE room_id = ? AND target_seq = ?", int(room.0), int(target.0)),
        Act::Join => enter(db, room, (by, RoomRole::Member), seq),
        Act::Leave => remove(db, room, by, seq),
    }
}

/// Makes somebody a member as of an event. What was said before counts as read.
pub(super) fn enter(
    db: &Connection,
    room: RoomId,
    (user, role): (UserId, RoomRole),
    since: Seq,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO member (room_id, user_id, since_seq, read_n, role) \
         SELECT room_id, ?2, ?3, last_n, ?4 FROM room_head WHERE room_id = ?1",
    )?
    .execute([int(room.0), int(user.0), int(since.0), of_room::role_number(role)])?;
    count(db, room, 1)
}

/// Ends a membership by an event, with what the person's own log has about the room.
pub(super) fn remove(db: &Connection, room: RoomId, user: UserId, by: Seq) -> rusqlite::Result<()> {
    for table in ["member", "draft", "mention"] {
        delete(db, &format!("{table} WHERE room_id = ? AND user_id = ?"), int(room.0), int(user.0))?;
    }
    db.prepare_cached("INSERT OR REPLACE INTO departure (room_id, user_id, seq) VALUES (?, ?, ?)")?.execute([
        int(room.0),
        int(user.0),
        int(by.0),
    ])?;
    count(db, room, -1)
}

fn count(db: &Connection, room: RoomId, by: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE room_head SET members = members + ?2 WHERE room_id = ?1")?
        .execute([int(room.0), by])
        .map(|_| ())
}

/// Remembers whom a message mentions, and gives them. Who mentions themselves need not be told.
fn mention(db: &Connection, event: &Event) -> rusqlite::Result<Vec<UserId>> {
    let EventKind::Message { n, mentions, everyone, .. } = &event.kind else { return Ok(Vec::new()) };
    if *everyone == Some(Everyone::Room) {
        return everyone::mention_all(db, event.room, *n, event.by);
    }
    let concerned: Vec<UserId> = mentions.iter().filter(|user| **user != event.by).copied().collect();
    for user in &concerned {
        remember(db, *user, event.room, *n)?;
    }
    Ok(concerned)
}

/// Remembers that a message mentions somebody. Says whether that is new.
pub(super) fn remember(db: &Connection, user: UserId, room: RoomId, n: u64) -> rusqlite::Result<bool> {
    db.prepare_cached("INSERT OR IGNORE INTO mention (user_id, room_id, n) VALUES (?, ?, ?)")?
        .execute([int(user.0), int(room.0), int(n)])
        .map(|rows| rows > 0)
}

/// Takes a message's text, the texts it had after edits, and what hangs on it. The events stay. Gives whom it mentioned.
fn erase(db: &Connection, room: RoomId, target: Seq) -> rusqlite::Result<Vec<UserId>> {
    let (room, target) = (int(room.0), int(target.0));
    let mut mentions = db.prepare_cached(
        "DELETE FROM mention WHERE room_id = ?1 AND n = (SELECT n FROM event WHERE room_id = ?1 AND seq = ?2) \
         RETURNING user_id",
    )?;
    let concerned = mentions.query_map([room, target], |row| row.get(0).map(|user| UserId(nat(user))))?;
    let concerned = concerned.collect::<rusqlite::Result<Vec<UserId>>>()?;
    db.prepare_cached("UPDATE event SET body = NULL, mentions = NULL, everyone = NULL WHERE room_id = ? AND seq = ?")?
        .execute([room, target])?;
    db.prepare_cached("UPDATE event SET body = NULL WHERE room_id = ? AND target_seq = ? AND kind = ?")?
        .execute([room, target, EDITED])?;
    delete(db, "reaction WHERE room_id = ? AND target_seq = ?", room, target)?;
    delete(db, "pin WHERE room_id = ? AND target_seq = ?", room, target)?;
    Ok(concerned)
}

fn delete(db: &Connection, which: &str, one: i64, two: i64) -> rusqlite::Result<()> {
    db.prepare_cached(&format!("DELETE FROM {which}"))?.execute([one, two]).map(|_| ())
}
