//! Events: carrying commands out, numbering what comes of them, and reading pages of a room's log.
//!
//! Rights, repeats and numbers are settled inside the writer's transaction, so that no two commands can disagree about
//! them: `decide` says whether a command may be carried out, `change` what it does to the tables beside the log,
//! `mentions` whom a text mentions. Neighbours: the rooms bring commands and publish the events.

mod change;
mod decide;
pub(super) mod mentions;

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, UserEvent};
use common::server::ErrorCode;
use common::sync::RoomChange;
use common::text::{Body, Emoji};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{int, nat};
use decide::{Decision, Standing};

pub(super) use decide::{is_public, rooms_of};

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

/// What a [`Command`] does. All but joining and leaving is for members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Says something.
    Say {
        /// The text.
        body: Body,
        /// A command of the same author that must have been carried out before.
        after: Option<Cid>,
        /// The message of the room that it answers.
        reply_to: Option<Seq>,
    },
    /// Gives a message of one's own another text.
    Edit {
        /// The message.
        target: Seq,
        /// The new text.
        body: Body,
    },
    /// Erases a message of one's own. Where that was done before, its author gets the event of that time.
    Delete {
        /// The message.
        target: Seq,
    },
    /// Puts an emoji under a message. Who has done so already gets the event of that time.
    React {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
    },
    /// Takes one's own emoji back. Who has done so already gets the event of that time.
    Unreact {
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
    },
    /// Pins a message. Where it is pinned already, everybody gets the event that pinned it.
    Pin {
        /// The message.
        target: Seq,
    },
    /// Takes a pin off. Where that was done before, everybody gets the event of that time.
    Unpin {
        /// The message.
        target: Seq,
    },
    /// Changes the room, or who is in it.
    Room(RoomChange),
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
    /// What it has put into people's own logs.
    pub noted: Vec<(UserId, UserEvent)>,
}

impl Appended {
    /// What was carried out before.
    pub(super) fn before(event: Event) -> Self {
        Self { event, fresh: false, noted: Vec::new() }
    }
}

/// Either what became of a command, or why it was refused.
pub type Verdict = Result<Appended, ErrorCode>;

// Numbers that stand in databases: they never change.
const MESSAGE: i64 = 0;
pub(super) const CREATED: i64 = 1;
const JOINED: i64 = 2;
const LEFT: i64 = 3;
pub(super) const EDITED: i64 = 4;
const DELETED: i64 = 5;
const REACTED: i64 = 6;
const UNREACTED: i64 = 7;
const PINNED: i64 = 8;
const UNPINNED: i64 = 9;

/// An event without its number.
struct NewEvent<'a> {
    by: UserId,
    cid: Cid,
    kind: i64,
    target: Option<Seq>,
    body: Option<&'a str>,
    mentions: Vec<UserId>,
}

/// A query whose rows [`event`] reads.
macro_rules! select_event {
    ($which:literal) => {
        concat!(
            "SELECT e.room_id, e.seq, e.sent_at, e.sender_id, u.name, e.client_id, e.kind, e.n, e.target_seq, e.body, \
             e.mentions FROM event e JOIN user u ON u.id = e.sender_id WHERE ",
            $which
        )
    };
}

const PAGE: &str = select_event!("e.room_id = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?");

/// Every so many events of a room there is a milestone.
const MILESTONE: u64 = 32;

/// Carries a command out, or finds that it was carried out before.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn append(db: &Connection, command: &Command, now: Timestamp) -> rusqlite::Result<Verdict> {
    let Command { room, by, cid, act } = command;
    if let Some(row) = decide::carried_out(db, *room, *by, *cid)? {
        let event = db.prepare_cached(select_event!("e.id = ?"))?.query_row([row], event)?;
        let same = decide::is_repeat(act, &event.kind);
        return Ok(if same { Ok(Appended::before(event)) } else { Err(ErrorCode::CidReused) });
    }
    let Some(standing) = decide::standing(db, *room, *by)? else { return Ok(Err(ErrorCode::NoSuchRoom)) };
    match decide::decide(db, *room, *by, act, &standing)? {
        Decision::Refused(code) => return Ok(Err(code)),
        Decision::Settled(seq) => return settled(db, *room, seq),
        Decision::Go => {}
    }
    let mut new = act.event(*by, *cid);
    if let Act::Say { body, .. } = act {
        new.mentions = mentions::find(db, *room, body.as_str())?;
    }
    let event = insert(db, *room, new, standing, now)?;
    let noted = change::apply(db, act, &event)?;
    Ok(Ok(Appended { event, fresh: true, noted }))
}

/// Writes the first event of a room, which makes who made it a member.
pub(super) fn create(
    db: &Connection,
    room: RoomId,
    (by, cid): (UserId, Cid),
    now: Timestamp,
) -> rusqlite::Result<Verdict> {
    let Some(standing) = decide::standing(db, room, by)? else { return Ok(Err(ErrorCode::NoSuchRoom)) };
    let new = NewEvent { by, cid, kind: CREATED, target: None, body: None, mentions: Vec::new() };
    let event = insert(db, room, new, standing, now)?;
    change::enter(db, room, by, event.seq)?;
    Ok(Ok(Appended { event, fresh: true, noted: Vec::new() }))
}

impl Act {
    /// The message that it changes.
    #[must_use]
    pub const fn target(&self) -> Option<Seq> {
        match self {
            Self::Edit { target, .. }
            | Self::Delete { target }
            | Self::React { target, .. }
            | Self::Unreact { target, .. }
            | Self::Pin { target }
            | Self::Unpin { target } => Some(*target),
            Self::Say { .. } | Self::Room(_) | Self::Join | Self::Leave => None,
        }
    }

    fn kind(&self) -> i64 {
        match self {
            Self::Say { .. } => MESSAGE,
            Self::Edit { .. } => EDITED,
            Self::Delete { .. } => DELETED,
            Self::React { .. } => REACTED,
            Self::Unreact { .. } => UNREACTED,
            Self::Pin { .. } => PINNED,
            Self::Unpin { .. } => UNPINNED,
            Self::Room(_) | Self::Join => JOINED,
            Self::Leave => LEFT,
        }
    }

    fn body(&self) -> Option<&str> {
        match self {
            Self::Say { body, .. } | Self::Edit { body, .. } => Some(body.as_str()),
            Self::React { emoji, .. } | Self::Unreact { emoji, .. } => Some(emoji.as_str()),
            Self::Delete { .. } | Self::Pin { .. } | Self::Unpin { .. } | Self::Room(_) | Self::Join | Self::Leave => {
                None
            }
        }
    }

    fn event(&self, by: UserId, cid: Cid) -> NewEvent<'_> {
        let (kind, target, body) = (self.kind(), self.target(), self.body());
        NewEvent { by, cid, kind, target, body, mentions: Vec::new() }
    }
}

/// Gives an event the number behind the room's last one and writes it.
fn insert(
    db: &Connection,
    room: RoomId,
    new: NewEvent<'_>,
    standing: Standing,
    now: Timestamp,
) -> rusqlite::Result<Event> {
    let message = new.kind == MESSAGE;
    let seq = standing.last_seq + 1;
    let n = standing.last_n + u64::from(message);
    db.prepare_cached("UPDATE room_head SET last_seq = ?2, last_n = ?3 WHERE room_id = ?1")?.execute([
        int(room.0),
        int(seq),
        int(n),
    ])?;
    db.prepare_cached(
        "INSERT INTO event (room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        int(room.0),
        int(seq),
        new.kind,
        int(new.by.0),
        new.cid.0.as_bytes(),
        message.then(|| int(n)),
        new.target.map(|target| int(target.0)),
        int(now.0),
        new.body,
        mentions::write(&new.mentions)
    ])?;
    if seq.is_multiple_of(MILESTONE) {
        db.prepare_cached("INSERT INTO milestone (room_id, n, seq) VALUES (?, ?, ?)")?.execute([
            int(room.0),
            int(n),
            int(seq),
        ])?;
    }
    let body = new.body.map(str::to_owned).unwrap_or_default();
    Ok(Event {
        room,
        seq: Seq(seq),
        at: now,
        by: new.by,
        name: standing.name,
        cid: Some(new.cid),
        kind: kind_of(new.kind, message.then_some(n), new.target.unwrap_or_default(), body, new.mentions),
    })
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
    let event = db
        .prepare_cached(select_event!("e.room_id = ? AND e.seq = ?"))?
        .query_row([int(room.0), int(seq.0)], event)
        .optional()?;
    Ok(event.map(Appended::before).ok_or(ErrorCode::NoSuchRoom))
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let cid: [u8; 16] = row.get(5)?;
    let mentions: Option<String> = row.get(10)?;
    Ok(Event {
        room: RoomId(nat(row.get(0)?)),
        seq: Seq(nat(row.get(1)?)),
        at: Timestamp(nat(row.get(2)?)),
        by: UserId(nat(row.get(3)?)),
        name: row.get(4)?,
        cid: Some(Cid(uuid::Uuid::from_bytes(cid))),
        kind: kind_of(
            row.get(6)?,
            row.get::<_, Option<i64>>(7)?.map(nat),
            Seq(row.get::<_, Option<i64>>(8)?.map(nat).unwrap_or_default()),
            row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            mentions.as_deref().map(mentions::read).unwrap_or_default(),
        ),
    })
}

fn kind_of(kind: i64, n: Option<u64>, target: Seq, body: String, mentions: Vec<UserId>) -> EventKind {
    match kind {
        MESSAGE => EventKind::Message { n: n.unwrap_or_default(), body, mentions, everyone: None, reply: None },
        CREATED => EventKind::Created,
        JOINED => EventKind::Joined,
        LEFT => EventKind::Left,
        EDITED => EventKind::Edited { target, body },
        DELETED => EventKind::Deleted { target },
        REACTED => EventKind::Reacted { target, emoji: body },
        UNREACTED => EventKind::Unreacted { target, emoji: body },
        PINNED => EventKind::Pinned { target },
        UNPINNED => EventKind::Unpinned { target },
        _ => EventKind::Unknown,
    }
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
