//! Commands that change a room, or who is in it: whether they may be carried out, and what they do.
//!
//! Neighbours: `decide` and `change` call this for members. Deliberately absent: making rooms, which is `rooms`'.

use common::id::{RoomId, Seq, UserId};
use common::limits;
use common::model::{Event, EventKind, Person, Role, RoomKind, RoomRole};
use common::server::ErrorCode;
use common::sync::RoomChange;
use rusqlite::{Connection, OptionalExtension, params};

use super::act::{kind_of, subject_of};
use super::decide::{Decision, Standing, rooms_of};
use super::{change, row};
use crate::store::rooms::is_taken;
use crate::store::{confusable, int, nat, people};

use Decision::{Go, Refused, Settled};

/// Whether an event is what a change became.
pub(super) fn is_repeat(change: &RoomChange, kind: &EventKind) -> bool {
    match (change, kind) {
        (RoomChange::Rename(name), EventKind::Renamed { name_now }) => name.as_str() == name_now,
        (RoomChange::Topic(text), EventKind::TopicSet { topic }) => text.as_str() == topic,
        (RoomChange::Archive(on), EventKind::Archived { archived }) => on == archived,
        (RoomChange::Announce(set), EventKind::Announcing { on }) => set == on,
        (RoomChange::Invite(whom), EventKind::Invited { user, .. })
        | (RoomChange::Remove(whom), EventKind::Removed { user, .. }) => whom == user,
        (RoomChange::Appoint(whom, now), EventKind::Appointed { user, role, .. }) => whom == user && now == role,
        (_, _) => false,
    }
}

/// Decides about a member's change.
pub(super) fn decide(
    db: &Connection,
    (room, by): (RoomId, UserId),
    change: &RoomChange,
    standing: &Standing,
) -> rusqlite::Result<Decision> {
    if standing.kind == RoomKind::Direct {
        return Ok(Refused(ErrorCode::DirectRoom));
    }
    let may = match change {
        RoomChange::Topic(_) | RoomChange::Invite(_) => standing.role > Role::Guest,
        RoomChange::Rename(_)
        | RoomChange::Archive(_)
        | RoomChange::Announce(_)
        | RoomChange::Remove(_)
        | RoomChange::Appoint(..) => standing.moderates(),
    };
    if !may {
        return Ok(Refused(ErrorCode::Forbidden));
    }
    let is_so = |already: bool| if already { settled(db, room, change) } else { Ok(Go) };
    match change {
        RoomChange::Rename(name) if column::<String>(db, room, "name")? == name.as_str() => is_so(true),
        RoomChange::Rename(name) => {
            let taken = is_taken(db, name, Some(room))?;
            Ok(if taken { Refused(ErrorCode::NameTaken) } else { Go })
        }
        RoomChange::Topic(_) if standing.announcements && !standing.moderates() => {
            Ok(Refused(ErrorCode::AnnouncementsOnly))
        }
        RoomChange::Topic(topic) => is_so(column::<String>(db, room, "topic")? == topic.as_str()),
        RoomChange::Archive(on) => is_so(standing.archived == *on),
        RoomChange::Announce(on) => is_so(standing.announcements == *on),
        RoomChange::Invite(user) => invite(db, room, *user),
        RoomChange::Remove(user) => remove(db, (room, by), *user, standing),
        RoomChange::Appoint(user, role) => match member(db, room, *user)? {
            None => Ok(Refused(ErrorCode::NoSuchPerson)),
            Some(known) if known.room_role != *role => Ok(Go),
            Some(known) => {
                Ok(Settled(newest(db, room, change)?.filter(|seq| *seq > known.since).unwrap_or(known.since)))
            }
        },
    }
}

fn invite(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Decision> {
    if let Some(known) = member(db, room, user)? {
        return Ok(Settled(known.since));
    }
    if person(db, user)?.is_none() {
        return Ok(Refused(ErrorCode::NoSuchPerson));
    }
    let full = rooms_of(db, user)? >= limits::ROOMS_PER_USER;
    Ok(if full { Refused(ErrorCode::TooManyRooms) } else { Go })
}

/// Nobody removes themselves, for that is leaving, nor somebody who runs the server and stands above them there.
fn remove(
    db: &Connection,
    (room, by): (RoomId, UserId),
    user: UserId,
    standing: &Standing,
) -> rusqlite::Result<Decision> {
    let Some(known) = member(db, room, user)? else {
        return Ok(super::decide::departure(db, room, user)?.map_or(Refused(ErrorCode::NoSuchPerson), Settled));
    };
    let above = known.role >= Role::Admin && standing.role < known.role;
    Ok(if user == by || above { Refused(ErrorCode::Forbidden) } else { Go })
}

/// The event that made it so, or the room's first one, for what was never otherwise.
fn settled(db: &Connection, room: RoomId, change: &RoomChange) -> rusqlite::Result<Decision> {
    Ok(Settled(newest(db, room, change)?.unwrap_or(Seq(1))))
}

fn newest(db: &Connection, room: RoomId, change: &RoomChange) -> rusqlite::Result<Option<Seq>> {
    row::newest(db, room, kind_of(change), subject_of(change))
}

/// Carries out what `decide` has let through.
pub(super) fn apply(db: &Connection, change: &RoomChange, event: &Event) -> rusqlite::Result<()> {
    let (room, seq) = (event.room, event.seq);
    match change {
        RoomChange::Rename(name) => db
            .prepare_cached("UPDATE room SET name = ?2, skeleton = ?3 WHERE id = ?1")?
            .execute(params![int(room.0), name.as_str(), confusable::skeleton(name.as_str())])
            .map(|_| ()),
        RoomChange::Topic(topic) => db
            .prepare_cached("UPDATE room SET topic = ?2 WHERE id = ?1")?
            .execute(params![int(room.0), topic.as_str()])
            .map(|_| ()),
        RoomChange::Archive(on) => db
            .prepare_cached("UPDATE room SET archived = ?2 WHERE id = ?1")?
            .execute(params![int(room.0), on])
            .map(|_| ()),
        RoomChange::Announce(on) => db
            .prepare_cached("UPDATE room SET announcements = ?2 WHERE id = ?1")?
            .execute(params![int(room.0), on])
            .map(|_| ()),
        RoomChange::Invite(user) => change::enter(db, room, (*user, RoomRole::Member), seq),
        RoomChange::Remove(user) => change::remove(db, room, *user, seq),
        RoomChange::Appoint(user, role) => db
            .prepare_cached("UPDATE member SET role = ?3 WHERE room_id = ?1 AND user_id = ?2")?
            .execute(params![int(room.0), int(user.0), role_number(*role)])
            .map(|_| ()),
    }
}

/// Whom a change is about.
pub(super) fn subject(db: &Connection, change: &RoomChange) -> rusqlite::Result<Option<Person>> {
    subject_of(change).map_or(Ok(None), |user| person(db, user))
}

/// How a role stands in the database.
pub(super) const fn role_number(role: RoomRole) -> i64 {
    match role {
        RoomRole::Member => 0,
        RoomRole::Moderator => 1,
    }
}

/// Somebody in a room.
struct Member {
    since: Seq,
    room_role: RoomRole,
    role: Role,
}

fn member(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Option<Member>> {
    db.prepare_cached(
        "SELECT m.since_seq, m.role, u.role FROM member m JOIN user u ON u.id = m.user_id \
         WHERE m.room_id = ? AND m.user_id = ?",
    )?
    .query_row([int(room.0), int(user.0)], |row| {
        Ok(Member {
            since: Seq(nat(row.get(0)?)),
            room_role: if row.get::<_, i64>(1)? == 0 { RoomRole::Member } else { RoomRole::Moderator },
            role: people::role(row.get(2)?),
        })
    })
    .optional()
}

/// Somebody by their id; the server itself is nobody.
fn person(db: &Connection, user: UserId) -> rusqlite::Result<Option<Person>> {
    db.prepare_cached("SELECT name FROM user WHERE id = ? AND role <> 9")?
        .query_row([int(user.0)], |row| Ok(Person { id: user, name: row.get(0)? }))
        .optional()
}

fn column<T: rusqlite::types::FromSql>(db: &Connection, room: RoomId, name: &str) -> rusqlite::Result<T> {
    db.prepare_cached(&format!("SELECT {name} FROM room WHERE id = ?"))?.query_row([int(room.0)], |row| row.get(0))
}
