//! Lists: the public rooms, the members of a room, and a room as those see it who may.

use common::api::RoomEntry;
use common::api::people::{PeopleList, Profile};
use common::api::rooms::RoomView;
use common::id::{RoomId, UserId};
use common::model::{Role, RoomKind, RoomRole};
use rusqlite::{Connection, OptionalExtension, params};

use super::kind_of;
use crate::store::{int, nat, people};

/// The public rooms whose name or topic has this in it, by name.
///
/// # Errors
/// Those of SQLite.
pub fn list(db: &Connection, user: UserId, q: &str) -> rusqlite::Result<Vec<RoomEntry>> {
    let mut query = db.prepare_cached(
        "SELECT r.id, r.name, h.members, m.user_id IS NOT NULL, r.topic, r.archived \
         FROM room r JOIN room_head h ON h.room_id = r.id \
         LEFT JOIN member m ON m.room_id = r.id AND m.user_id = ?1 \
         WHERE r.kind = 0 AND (instr(r.name, ?2) > 0 OR instr(lower(r.topic), ?2) > 0) ORDER BY r.name",
    )?;
    let rows = query.query_map(params![int(user.0), q.to_lowercase()], |row| {
        Ok(RoomEntry {
            id: RoomId(nat(row.get(0)?)),
            name: row.get(1)?,
            members: nat(row.get(2)?),
            joined: row.get(3)?,
            topic: row.get(4)?,
            archived: row.get(5)?,
        })
    })?;
    rows.collect()
}

/// A room, as somebody sees it who may: a member, and everybody where it is public.
///
/// # Errors
/// Those of SQLite.
pub fn view(db: &Connection, room: RoomId, user: UserId) -> rusqlite::Result<Option<RoomView>> {
    db.prepare_cached(
        "SELECT r.name, r.kind, r.topic, r.archived, r.announcements, h.members, h.last_n, m.user_id IS NOT NULL \
         FROM room r JOIN room_head h ON h.room_id = r.id \
         LEFT JOIN member m ON m.room_id = r.id AND m.user_id = ?2 \
         WHERE r.id = ?1 AND (r.kind = 0 OR m.user_id IS NOT NULL)",
    )?
    .query_row([int(room.0), int(user.0)], |row| {
        let kind = kind_of(row.get(1)?);
        Ok(RoomView {
            id: room,
            name: if kind == RoomKind::Direct { String::new() } else { row.get(0)? },
            kind,
            topic: row.get(2)?,
            archived: row.get(3)?,
            announcements: row.get(4)?,
            members: nat(row.get(5)?),
            messages: nat(row.get(6)?),
            joined: row.get(7)?,
        })
    })
    .optional()
}

/// The members of a room whose name has a word that begins like `q`, by name, from behind `after`; all for nothing. Who may
/// see them has been settled before.
///
/// # Errors
/// Those of SQLite.
pub fn members(
    db: &Connection,
    room: RoomId,
    q: &str,
    (after, limit): (Option<UserId>, u64),
) -> rusqlite::Result<PeopleList> {
    const WANTED: &str = "m.room_id = ?1 AND (?2 = '' OR instr(' ' || u.folded, ' ' || ?2) > 0)";
    let q = people::folded(q.trim());
    let count = db
        .prepare_cached(&format!("SELECT count(*) FROM member m JOIN user u ON u.id = m.user_id WHERE {WANTED}"))?
        .query_row(params![int(room.0), q], |row| row.get(0).map(nat))?;
    let mut query = db.prepare_cached(&format!(
        "SELECT u.id, u.name, u.role, u.status, u.time_zone, m.role, r.kind \
         FROM member m JOIN user u ON u.id = m.user_id JOIN room r ON r.id = m.room_id LEFT JOIN user f ON f.id = ?3 \
         WHERE {WANTED} AND (f.id IS NULL OR (u.folded, u.id) > (f.folded, f.id)) ORDER BY u.folded, u.id LIMIT ?4"
    ))?;
    let after = after.map(|after| int(after.0));
    let rows = query.query_map(params![int(room.0), q, after, int(limit)], |row| {
        let role = people::role(row.get(2)?);
        let direct = kind_of(row.get(6)?) == RoomKind::Direct;
        let moderates = !direct && (row.get::<_, i64>(5)? == 1 || role >= Role::Admin);
        Ok(Profile {
            id: UserId(nat(row.get(0)?)),
            name: row.get(1)?,
            role,
            status: row.get(3)?,
            time_zone: row.get(4)?,
            room_role: Some(if moderates { RoomRole::Moderator } else { RoomRole::Member }),
        })
    })?;
    Ok(PeopleList { people: rows.collect::<rusqlite::Result<_>>()?, count })
}
