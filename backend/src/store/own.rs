//! A person's own log: how far they have read, what they are writing, what they have muted, what they want
//! to be told of.
//!
//! All their devices agree on it. Only the newest entry for a room and a kind is kept, with its number, so that a device
//! that was away asks for what is newer than it has. Neighbours: sessions bring changes, and the answer goes to every
//! connection of the person in the order of the commits.
//!
//! Deliberately absent: which rooms a person is in, which is `rooms`' and reaches a client by its `welcome`.

use std::sync::LazyLock;

use common::id::{RoomId, UserId};
use common::model::{Level, UserEvent, UserEventKind};
use common::server::ErrorCode;
use common::text::Draft;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::events::is_public;
use super::rooms::level;
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
    /// Which messages of the room they are told of.
    Notify(Level),
    /// This message, and what came after it, count as unread again.
    Unread(u64),
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
/// member, `h` the head of the room. The search begins at a milestone, at most 32 events and one's own messages before
/// its end.
pub(super) const READ_N: &str = "CASE WHEN m.read_n >= h.last_n THEN h.last_n ELSE ifnull((SELECT e.n - 1 FROM event e \
     WHERE e.room_id = m.room_id AND e.seq > ifnull((SELECT s.seq FROM milestone s WHERE s.room_id = m.room_id \
     AND s.n <= m.read_n ORDER BY s.n DESC, s.seq DESC LIMIT 1), 0) AND e.n > m.read_n AND e.sender_id <> m.user_id \
     ORDER BY e.seq LIMIT 1), h.last_n) END";

/// How many unread messages mention the member `m`; `h` is the head of the room.
pub(super) const MENTIONS: &str = "CASE WHEN m.read_n >= h.last_n THEN 0 ELSE (SELECT count(*) FROM mention x \
     WHERE x.user_id = m.user_id AND x.room_id = m.room_id AND x.n > m.read_n) END";

const READ: i64 = 0;
const DRAFT: i64 = 1;
const MUTED: i64 = 2;
const NOTIFY: i64 = 3;

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
        Change::Notify(level) => notify(db, user, room, *level, &member)?,
        Change::Unread(n) => unread_from(db, user, room, n.saturating_sub(1).min(member.last_n), &member)?,
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
    let mut query = db.prepare_cached(&SINCE)?;
    let rows = query.query_map([int(user.0), int(after), int(limit)], entry)?;
    rows.collect()
}

static SINCE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT m.read_seq, m.room_id, {READ}, {READ_N}, {MENTIONS}, NULL FROM member m \
             JOIN room_head h ON h.room_id = m.room_id WHERE m.user_id = ?1 AND m.read_seq > ?2 \
         UNION ALL SELECT seq, room_id, {DRAFT}, 0, 0, text FROM draft WHERE user_id = ?1 AND seq > ?2 \
         UNION ALL SELECT muted_seq, room_id, {MUTED}, muted, 0, NULL FROM member WHERE user_id = ?1 AND muted_seq > ?2 \
         UNION ALL SELECT notify_seq, room_id, {NOTIFY}, notify, 0, NULL FROM member \
             WHERE user_id = ?1 AND notify_seq > ?2 \
         ORDER BY 1 LIMIT ?3"
    )
});

static UNREAD: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {READ_N}, {MENTIONS} FROM member m JOIN room_head h ON h.room_id = m.room_id \
         WHERE m.room_id = ? AND m.user_id = ?"
    )
});

struct Member {
    read_n: u64,
    read_seq: u64,
    muted: bool,
    muted_seq: u64,
    last_n: u64,
    notify: Level,
    notify_seq: u64,
}

fn member(db: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<Option<Member>> {
    db.prepare_cached(
        "SELECT m.read_n, m.read_seq, m.muted, m.muted_seq, h.last_n, m.notify, m.notify_seq \
         FROM member m JOIN room_head h ON h.room_id = m.room_id WHERE m.room_id = ? AND m.user_id = ?",
    )?
    .query_row([int(room.0), int(user.0)], |row| {
        Ok(Member {
            read_n: nat(row.get(0)?),
            read_seq: nat(row.get(1)?),
            muted: row.get(2)?,
            muted_seq: nat(row.get(3)?),
            last_n: nat(row.get(4)?),
            notify: level(row.get(5)?),
            notify_seq: nat(row.get(6)?),
        })
    })
    .optional()
}

fn read(db: &Connection, user: UserId, room: RoomId, n: u64, member: &Member) -> rusqlite::Result<Noted> {
    set_read(db, user, room, (n > member.read_n).then_some(n), member)
}

/// Everything behind the message `n` counts as unread again, but for one's own messages directly behind it.
fn unread_from(db: &Connection, user: UserId, room: RoomId, n: u64, member: &Member) -> rusqlite::Result<Noted> {
    set_read(db, user, room, (n != member.read_n).then_some(n), member)
}

fn set_read(db: &Connection, user: UserId, room: RoomId, n: Option<u64>, member: &Member) -> rusqlite::Result<Noted> {
    let mut seq = member.read_seq;
    if let Some(n) = n {
        seq = next(db, user)?;
        db.prepare_cached("UPDATE member SET read_n = ?, read_seq = ? WHERE room_id = ? AND user_id = ?")?
            .execute([int(n), int(seq), int(room.0), int(user.0)])?;
    }
    Ok(Noted { event: UserEvent { seq, room, kind: unread(db, user, room)? }, fresh: n.is_some() })
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
    db.prepare_cached(&UNREAD)?.query_row([int(room.0), int(user.0)], |row| {
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

fn notify(db: &Connection, user: UserId, room: RoomId, level: Level, member: &Member) -> rusqlite::Result<Noted> {
    let fresh = level != member.notify;
    let mut seq = member.notify_seq;
    if fresh {
        seq = next(db, user)?;
        let number = match level {
            Level::All => 0,
            Level::Mentions => 1,
            Level::Nothing => 2,
        };
        db.prepare_cached("UPDATE member SET notify = ?, notify_seq = ? WHERE room_id = ? AND user_id = ?")?
            .execute([number, int(seq), int(room.0), int(user.0)])?;
    }
    Ok(Noted { event: UserEvent { seq, room, kind: UserEventKind::Notify { level } }, fresh })
}

fn next(db: &Connection, user: UserId) -> rusqlite::Result<u64> {
    // Two statements are cheaper than one with RETURNING, for which SQLite makes a table.
    db.prepare_cached("UPDATE user SET last_seq = last_seq + 1 WHERE id = ?")?.execute([int(user.0)])?;
    head(db, user)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<UserEvent> {
    let kind = match row.get::<_, i64>(2)? {
        READ => UserEventKind::Read { n: nat(row.get(3)?), mentions: nat(row.get(4)?) },
        DRAFT => UserEventKind::Draft { text: row.get(5)? },
        NOTIFY => UserEventKind::Notify { level: level(row.get(3)?) },
        _ => UserEventKind::Muted { muted: row.get(3)? },
    };
    Ok(UserEvent { seq: nat(row.get(0)?), room: RoomId(nat(row.get(1)?)), kind })
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::wildcard_enum_match_arm, reason = "a test looks at what it knows")]
mod tests {
    use common::id::{Cid, Seq, Timestamp};
    use common::model::EventKind;
    use common::text::{Body, UserName};

    use super::*;
    use crate::store::events::{self, Act, Command};
    use crate::store::{in_memory, people, rooms};

    const NOW: Timestamp = Timestamp(1_763_700_000_000);

    /// What [`READ_N`] says, by going through the whole log.
    fn read_n(db: &Connection, user: UserId) -> u64 {
        let read = "SELECT read_n FROM member WHERE room_id = 1 AND user_id = ?";
        let read: u64 = db.query_row(read, [int(user.0)], |row| row.get(0).map(nat)).unwrap();
        let log = events::page(db, rooms::LOBBY, Seq::ZERO, Seq(u64::MAX), u64::MAX).unwrap();
        let messages = log.iter().filter_map(|event| match &event.kind {
            EventKind::Message { n, .. } => Some((*n, event.by)),
            _ => None,
        });
        let last = messages.clone().map(|(n, _)| n).max().unwrap_or_default();
        messages.clone().find(|(n, by)| *n > read && *by != user).map_or(last, |(n, _)| n - 1)
    }

    #[test]
    fn the_place_that_counts_as_read_is_found_among_events_of_all_kinds() {
        for seed in 0..20 {
            let db = in_memory().unwrap();
            let rng = &mut fastrand::Rng::with_seed(seed);
            let name = UserName::new("Somebody").unwrap();
            let users = [(); 3].map(|()| people::create_guest(&db, &name, NOW).unwrap().person.id);
            let mut act = |by, act| {
                let command = Command { room: rooms::LOBBY, by, cid: Cid::new(NOW, rng), act };
                events::append(&db, &command, NOW).unwrap().unwrap().event
            };
            let first = users.map(|user| act(user, Act::Join))[0].seq;
            let say = || Act::Say { body: Body::new("hi").unwrap(), after: None, reply_to: None };
            let target = act(users[0], say()).seq;
            let pin = |on| if on { Act::Pin { target } } else { Act::Unpin { target } };
            let mut rng = fastrand::Rng::with_seed(seed);
            // Runs of one kind, so that milestones stand among messages, between them and where nobody spoke for long.
            for _ in 0..12 {
                let (user, kind) = (users[rng.usize(..3)], rng.u8(..4));
                for i in 0..rng.u64(1..60) {
                    match kind {
                        0 => drop(act(user, pin(i % 2 == 0))),
                        1 => drop(act(users[rng.usize(..3)], say())),
                        _ => drop(act(user, say())),
                    }
                }
                let reader = users[rng.usize(..3)];
                let n = rng.u64(..400);
                change(&db, reader, rooms::LOBBY, &Change::Read(n)).unwrap().unwrap();
                for user in users {
                    let info = rooms::seen_by(&db, rooms::LOBBY, user).unwrap().unwrap();
                    assert_eq!(info.read_n, read_n(&db, user), "seed {seed}, from {first}, {} messages", info.n);
                }
            }
        }
    }
}
