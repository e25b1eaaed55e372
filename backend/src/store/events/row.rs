//! Events as they stand in the database: reading and writing them.
//!
//! Deliberately absent: what events mean.

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Everyone, Person, Reply, Role, RoomRole};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::decide::Standing;
use super::mentions;
use crate::store::{int, nat, people};

// Numbers that stand in databases: they never change.
pub(in crate::store) const MESSAGE: i64 = 0;
pub(in crate::store) const CREATED: i64 = 1;
pub(in crate::store) const JOINED: i64 = 2;
pub(super) const LEFT: i64 = 3;
pub(in crate::store) const EDITED: i64 = 4;
pub(in crate::store) const DELETED: i64 = 5;
pub(in crate::store) const REACTED: i64 = 6;
pub(super) const UNREACTED: i64 = 7;
pub(in crate::store) const PINNED: i64 = 8;
pub(super) const UNPINNED: i64 = 9;
// From here on `event_by_act` has them.
pub(super) const INVITED: i64 = 10;
pub(super) const REMOVED: i64 = 11;
pub(super) const APPOINTED: i64 = 12;
pub(super) const RENAMED: i64 = 13;
pub(super) const TOPIC_SET: i64 = 14;
pub(super) const ARCHIVED: i64 = 15;
pub(super) const ANNOUNCING: i64 = 16;

/// What stands in `body` for yes and no, and for the roles.
pub(super) const YES: &str = "yes";
pub(super) const NO: &str = "no";
pub(super) const MEMBER: &str = "member";
pub(super) const MODERATOR: &str = "moderator";

/// Every so many events of a room there is a milestone.
pub(in crate::store) const MILESTONE: u64 = 32;

/// An event without its number.
pub(super) struct NewEvent<'a> {
    pub(super) by: UserId,
    pub(super) cid: Cid,
    pub(super) kind: i64,
    pub(super) target: Option<Seq>,
    pub(super) body: Option<&'a str>,
    pub(super) mentions: Vec<UserId>,
    pub(super) everyone: Option<Everyone>,
    pub(super) reply: Option<Reply>,
    pub(super) subject: Option<Person>,
}

/// What an event says, column by column.
#[derive(Default)]
struct Columns {
    kind: i64,
    n: Option<u64>,
    target: Seq,
    body: String,
    mentions: Vec<UserId>,
    everyone: Option<Everyone>,
    reply: Option<Reply>,
    subject: Option<Person>,
}

/// A query whose rows [`event`] reads.
macro_rules! select_event {
    ($which:literal) => {
        concat!(
            "SELECT e.room_id, e.seq, e.sent_at, e.sender_id, u.name, e.client_id, e.kind, e.n, e.target_seq, e.body, \
             e.mentions, e.everyone, e.reply_seq, e.root_seq, e.subject_id, \
             (SELECT s.name FROM user s WHERE s.id = e.subject_id), u.role \
             FROM event e JOIN user u ON u.id = e.sender_id WHERE ",
            $which
        )
    };
}

pub(super) const PAGE: &str = select_event!("e.room_id = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?");

/// Gives an event the number behind the room's last one and writes it.
pub(super) fn insert(
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
        "INSERT INTO event (room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions, everyone, \
         reply_seq, root_seq, subject_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
        mentions::write(&new.mentions),
        new.everyone.map(everyone_number),
        new.reply.map(|reply| int(reply.to.0)),
        new.reply.map(|reply| int(reply.root.0)),
        new.subject.as_ref().map(|subject| int(subject.id.0)),
    ])?;
    if seq.is_multiple_of(MILESTONE) {
        db.prepare_cached("INSERT INTO milestone (room_id, n, seq) VALUES (?, ?, ?)")?.execute([
            int(room.0),
            int(n),
            int(seq),
        ])?;
    }
    Ok(Event {
        room,
        seq: Seq(seq),
        at: now,
        by: new.by,
        name: standing.name,
        bot: standing.role == Role::Bot,
        cid: Some(new.cid),
        kind: kind_of(Columns {
            kind: new.kind,
            n: message.then_some(n),
            target: new.target.unwrap_or_default(),
            body: new.body.map(str::to_owned).unwrap_or_default(),
            mentions: new.mentions,
            everyone: new.everyone,
            reply: new.reply,
            subject: new.subject,
        }),
    })
}

/// One event by the row that it stands in.
pub(super) fn by_row(db: &Connection, row: i64) -> rusqlite::Result<Event> {
    db.prepare_cached(select_event!("e.id = ?"))?.query_row([row], event)
}

/// One event by its place.
pub(super) fn by_seq(db: &Connection, room: RoomId, seq: Seq) -> rusqlite::Result<Option<Event>> {
    db.prepare_cached(select_event!("e.room_id = ? AND e.seq = ?"))?
        .query_row([int(room.0), int(seq.0)], event)
        .optional()
}

/// The newest event of a kind from [`INVITED`] on, about this person or about nobody.
pub(super) fn newest(db: &Connection, room: RoomId, kind: i64, about: Option<UserId>) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT max(seq) FROM event WHERE room_id = ? AND kind >= 10 AND kind = ? AND subject_id IS ?")?
        .query_row(params![int(room.0), kind, about.map(|user| int(user.0))], |row| row.get::<_, Option<i64>>(0))
        .map(|seq| seq.map(|seq| Seq(nat(seq))))
}

/// Reads what [`select_event`] selects.
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let cid: [u8; 16] = row.get(5)?;
    let mentions: Option<String> = row.get(10)?;
    let seq = |column| row.get::<_, Option<i64>>(column).map(|seq| seq.map(|seq| Seq(nat(seq))));
    Ok(Event {
        room: RoomId(nat(row.get(0)?)),
        seq: Seq(nat(row.get(1)?)),
        at: Timestamp(nat(row.get(2)?)),
        by: UserId(nat(row.get(3)?)),
        name: row.get(4)?,
        bot: people::role(row.get(16)?) == Role::Bot,
        cid: Some(Cid(uuid::Uuid::from_bytes(cid))),
        kind: kind_of(Columns {
            kind: row.get(6)?,
            n: row.get::<_, Option<i64>>(7)?.map(nat),
            target: seq(8)?.unwrap_or_default(),
            body: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            mentions: mentions.as_deref().map(mentions::read).unwrap_or_default(),
            everyone: row.get::<_, Option<i64>>(11)?.and_then(everyone_of),
            reply: seq(12)?.zip(seq(13)?).map(|(to, root)| Reply { to, root }),
            subject: row
                .get::<_, Option<i64>>(14)?
                .zip(row.get::<_, Option<String>>(15)?)
                .map(|(id, name)| Person { id: UserId(nat(id)), name }),
        }),
    })
}

fn kind_of(columns: Columns) -> EventKind {
    let Columns { kind, n, target, body, mentions, everyone, reply, subject } = columns;
    match (kind, subject) {
        (MESSAGE, _) => EventKind::Message { n: n.unwrap_or_default(), body, mentions, everyone, reply },
        (CREATED, _) => EventKind::Created,
        (JOINED, _) => EventKind::Joined,
        (LEFT, _) => EventKind::Left,
        (EDITED, _) => EventKind::Edited { target, body },
        (DELETED, _) => EventKind::Deleted { target },
        (REACTED, _) => EventKind::Reacted { target, emoji: body },
        (UNREACTED, _) => EventKind::Unreacted { target, emoji: body },
        (PINNED, _) => EventKind::Pinned { target },
        (UNPINNED, _) => EventKind::Unpinned { target },
        (INVITED, Some(Person { id, name })) => EventKind::Invited { user: id, who: name },
        (REMOVED, Some(Person { id, name })) => EventKind::Removed { user: id, who: name },
        (APPOINTED, Some(Person { id, name })) => {
            let role = if body == MODERATOR { RoomRole::Moderator } else { RoomRole::Member };
            EventKind::Appointed { user: id, who: name, role }
        }
        (RENAMED, _) => EventKind::Renamed { name_now: body },
        (TOPIC_SET, _) => EventKind::TopicSet { topic: body },
        (ARCHIVED, _) => EventKind::Archived { archived: body == YES },
        (ANNOUNCING, _) => EventKind::Announcing { on: body == YES },
        _ => EventKind::Unknown,
    }
}

const fn everyone_number(everyone: Everyone) -> i64 {
    match everyone {
        Everyone::Room => 0,
        Everyone::Here => 1,
    }
}

const fn everyone_of(number: i64) -> Option<Everyone> {
    match number {
        0 => Some(Everyone::Room),
        1 => Some(Everyone::Here),
        _ => None,
    }
}
