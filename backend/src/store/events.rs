//! Events: carrying commands out, numbering what comes of them, and reading pages of a room's log.
//!
//! Rights, repeats and numbers are settled inside the writer's transaction, so that no two commands can disagree about
//! them: `decide` says whether a command may be carried out, `change` what it does to the tables beside the log,
//! `mentions` whom a text mentions. Neighbours: the rooms bring commands and publish the events.

mod change;
mod decide;
mod mentions;

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, UserEvent};
use common::server::ErrorCode;
use common::text::{Body, Emoji};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{int, nat};
use decide::Decision;

pub(super) use change::enter;
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
const EDITED: i64 = 4;
const DELETED: i64 = 5;
const REACTED: i64 = 6;
const UNREACTED: i64 = 7;
const PINNED: i64 = 8;
const UNPINNED: i64 = 9;

/// An event without its number.
pub(super) struct NewEvent<'a> {
    by: UserId,
    cid: Cid,
    kind: i64,
    target: Option<Seq>,
    body: Option<&'a str>,
    mentions: Vec<UserId>,
}

impl NewEvent<'static> {
    /// The first event of a room.
    pub(super) fn created(by: UserId, cid: Cid) -> Self {
        Self { by, cid, kind: CREATED, target: None, body: None, mentions: Vec::new() }
    }
}

/// The columns that [`event`] reads.
const EVENT: &str = "SELECT e.room_id, e.seq, e.sent_at, e.sender_id, u.name, e.client_id, e.kind, e.n, e.target_seq, \
     e.body, e.mentions FROM event e JOIN user u ON u.id = e.sender_id";

/// Carries a command out, or finds that it was carried out before.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn append(db: &Connection, command: &Command, now: Timestamp) -> rusqlite::Result<Verdict> {
    let Command { room, by, cid, act } = command;
    if let Some(event) =
        find(db, "e.sender_id = ?2 AND e.client_id = ?3", params![int(room.0), int(by.0), cid.0.as_bytes()])?
    {
        let same = decide::is_repeat(act, &event.kind);
        return Ok(if same { Ok(Appended::before(event)) } else { Err(ErrorCode::CidReused) });
    }
    match decide::decide(db, *room, *by, act)? {
        Decision::Refused(code) => return Ok(Err(code)),
        Decision::Settled(seq) => return settled(db, *room, seq),
        Decision::Go => {}
    }
    let mut new = act.event(*by, *cid);
    if let Act::Say { body, .. } = act {
        new.mentions = mentions::find(db, *room, body.as_str())?;
    }
    let event = insert(db, *room, &new, now)?;
    let noted = change::apply(db, act, &event)?;
    Ok(Ok(Appended { event, fresh: true, noted }))
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
            Self::Say { .. } | Self::Join | Self::Leave => None,
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
            Self::Join => JOINED,
            Self::Leave => LEFT,
        }
    }

    fn body(&self) -> Option<&str> {
        match self {
            Self::Say { body, .. } | Self::Edit { body, .. } => Some(body.as_str()),
            Self::React { emoji, .. } | Self::Unreact { emoji, .. } => Some(emoji.as_str()),
            Self::Delete { .. } | Self::Pin { .. } | Self::Unpin { .. } | Self::Join | Self::Leave => None,
        }
    }

    fn event(&self, by: UserId, cid: Cid) -> NewEvent<'_> {
        let (kind, target, body) = (self.kind(), self.target(), self.body());
        NewEvent { by, cid, kind, target, body, mentions: Vec::new() }
    }
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
        "INSERT INTO event (room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        int(room.0),
        seq,
        new.kind,
        int(new.by.0),
        new.cid.0.as_bytes(),
        n,
        new.target.map(|target| int(target.0)),
        int(now.0),
        new.body,
        mentions::write(&new.mentions)
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
        kind: kind_of(
            new.kind,
            n.map(nat),
            new.target.unwrap_or_default(),
            new.body.map(str::to_owned).unwrap_or_default(),
            new.mentions.clone(),
        ),
    })
}

/// The events of a room after `after`, up to and including `to`, oldest first, at most `limit` of them. What was erased
/// has no text.
///
/// # Errors
/// Those of SQLite.
pub fn page(db: &Connection, room: RoomId, after: Seq, to: Seq, limit: u64) -> rusqlite::Result<Vec<Event>> {
    let mut query =
        db.prepare_cached(&format!("{EVENT} WHERE e.room_id = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?"))?;
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
    Ok(event.map(Appended::before).ok_or(ErrorCode::NoSuchRoom))
}

fn find(db: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<Option<Event>> {
    db.prepare_cached(&format!("{EVENT} WHERE e.room_id = ?1 AND {which}"))?.query_row(values, event).optional()
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
        MESSAGE => EventKind::Message { n: n.unwrap_or_default(), body, mentions },
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
