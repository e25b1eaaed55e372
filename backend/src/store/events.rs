//! Events: carrying commands out, numbering what comes of them, and reading pages of a room's log.
//!
//! Rights, repeats and numbers are settled inside the writer's transaction, so that no two commands can disagree about
//! them: `act` is what commands ask for, `decide` and `room` say whether they may be carried out, `change` what they do to
//! the tables beside the log, `mentions` whom a text mentions and `everyone` when that is all of them, `row` is how events
//! stand in the database. Neighbours: the rooms bring commands and publish the events.

mod act;
mod change;
mod decide;
mod everyone;
pub(super) mod mentions;
mod room;
mod row;

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, RoomRole, UserEvent};
use common::server::ErrorCode;
use rusqlite::{Connection, OptionalExtension};

use super::{int, nat};
use decide::Decision;
use row::{NewEvent, PAGE, event};

pub use act::{Act, Command};
pub use everyone::call;

pub(super) use decide::{is_public, rooms_of};
pub(super) use row::{CREATED, DELETED, EDITED, JOINED, MESSAGE, MILESTONE, PINNED, REACTED};

/// What became of a command.
#[derive(Debug, Clone)]
pub struct Appended {
    /// Its event; for a repeated command the one of the first time.
    pub event: Event,
    /// Whether the event is new. Only then is it published.
    pub fresh: bool,
    /// What it has put into people's own logs.
    pub noted: Vec<(UserId, UserEvent)>,
    /// Who became a member by it beside those that it names: the others of a new direct room.
    pub entered: Vec<UserId>,
}

impl Appended {
    /// What was carried out before.
    pub(super) fn before(event: Event) -> Self {
        Self { event, fresh: false, noted: Vec::new(), entered: Vec::new() }
    }
}

/// Either what became of a command, or why it was refused.
pub type Verdict = Result<Appended, ErrorCode>;

/// Carries a command out, or finds that it was carried out before.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn append(db: &Connection, command: &Command, now: Timestamp) -> rusqlite::Result<Verdict> {
    let Command { room, by, cid, act } = command;
    if let Some(row) = decide::carried_out(db, *room, *by, *cid)? {
        let event = row::by_row(db, row)?;
        let same = decide::is_repeat(act, &event.kind);
        return Ok(if same { Ok(Appended::before(event)) } else { Err(ErrorCode::CidReused) });
    }
    // What somebody says is never settled, and need not be looked for.
    if !matches!(act, Act::Say { .. })
        && let Some(seq) = decide::settled_by(db, (*room, *by), *cid)?
    {
        let event = row::by_seq(db, *room, seq)?;
        return Ok(event.map(Appended::before).ok_or(ErrorCode::NoSuchRoom));
    }
    let Some(standing) = decide::standing(db, *room, *by)? else { return Ok(Err(ErrorCode::NoSuchRoom)) };
    match decide::decide(db, (*room, *by), act, &standing)? {
        Decision::Refused(code) => return Ok(Err(code)),
        Decision::Settled(seq) => {
            decide::settle(db, (*room, *by), *cid, seq)?;
            let event = row::by_seq(db, *room, seq)?;
            return Ok(event.map(Appended::before).ok_or(ErrorCode::NoSuchRoom));
        }
        Decision::Go => {}
    }
    let mut new = act.event(*by, *cid);
    match act {
        Act::Say { body, reply_to, .. } => {
            new.reply = reply_to.map_or(Ok(None), |to| decide::thread(db, *room, to))?;
            let text = mentions::without_code(body.as_str());
            new.mentions = mentions::find(db, *room, &text)?;
            new.everyone = everyone::called(db, (*by, &text), &standing, now)?;
        }
        Act::Room(change) => new.subject = room::subject(db, change)?,
        Act::Edit { .. }
        | Act::Delete { .. }
        | Act::React { .. }
        | Act::Unreact { .. }
        | Act::Pin { .. }
        | Act::Unpin { .. }
        | Act::Join
        | Act::Leave => {}
    }
    let event = row::insert(db, *room, new, standing, now)?;
    let noted = change::apply(db, act, &event)?;
    Ok(Ok(Appended { event, fresh: true, noted, entered: Vec::new() }))
}

/// Writes the first event of a room, which makes who made it a member, and others with them.
pub(super) fn create(
    db: &Connection,
    room: RoomId,
    (by, cid): (UserId, Cid),
    others: &[UserId],
    now: Timestamp,
) -> rusqlite::Result<Verdict> {
    let Some(standing) = decide::standing(db, room, by)? else { return Ok(Err(ErrorCode::NoSuchRoom)) };
    let role = if others.is_empty() { RoomRole::Moderator } else { RoomRole::Member };
    let new = NewEvent { kind: CREATED, ..Act::Join.event(by, cid) };
    let event = row::insert(db, room, new, standing, now)?;
    change::enter(db, room, (by, role), event.seq)?;
    for user in others {
        change::enter(db, room, (*user, RoomRole::Member), event.seq)?;
    }
    Ok(Ok(Appended { event, fresh: true, noted: Vec::new(), entered: others.to_vec() }))
}

/// The events of a room after `after`, up to and including `to`, oldest first, at most `limit` of them. What was erased
/// has no text.
///
/// # Errors
/// Those of SQLite.
pub fn page(db: &Connection, room: RoomId, after: Seq, to: Seq, limit: u64) -> rusqlite::Result<Vec<Event>> {
    let mut query = db.prepare_cached(PAGE)?;
    let rows = query.query_map([int(room.0), int(after.0), int(to.0), int(limit)], event)?;
    rows.collect()
}

/// Whether a room once had another name.
pub(super) fn was_renamed(db: &Connection, room: RoomId) -> rusqlite::Result<bool> {
    row::newest(db, room, row::RENAMED, None).map(|seq| seq.is_some())
}

/// The event by which somebody who was a member of a room ceased to be one; `None` for a member, and for who never was.
///
/// # Errors
/// Those of SQLite.
pub fn removed_by(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Option<Seq>> {
    if member_since(db, room, user)?.is_some() { Ok(None) } else { decide::departure(db, room, user) }
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

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::in_memory;

    #[test]
    fn a_statement_is_prepared_once_whatever_its_values() {
        let db = in_memory().unwrap();
        for limit in 1..5 {
            assert_eq!(page(&db, RoomId(1), Seq::ZERO, Seq(9), limit).unwrap().len(), 1);
        }
        let query = db.prepare_cached(PAGE).unwrap();
        assert_eq!((query.get_status(StatementStatus::Run), query.get_status(StatementStatus::RePrepare)), (4, 0));
    }
}
