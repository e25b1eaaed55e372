//! Direct rooms: conversations of people, each of which there is once.
//!
//! Deliberately absent: adding people to one. Others are another conversation.

use std::collections::BTreeSet;

use common::id::{Cid, RoomId, Timestamp, UserId};
use common::limits;
use common::model::Role;
use common::server::ErrorCode;
use rusqlite::{Connection, OptionalExtension};

use super::{first_event, insert, made_before, next_id};
use crate::store::events::{self, Verdict};
use crate::store::{int, nat, people};

/// The number of this kind of room in the database.
pub(super) const DIRECT: i64 = 2;

/// Begins a conversation with people, or finds the one with exactly these: who is named twice, or is oneself, counts once.
/// All of them are members from its first event on. A guest may begin one with those only with whom they share a room.
///
/// # Errors
/// Those of SQLite. A command that breaks a rule is no error: the [`Verdict`] says so.
pub fn direct(
    db: &Connection,
    (by, cid): (UserId, Cid),
    people: &[UserId],
    now: Timestamp,
) -> rusqlite::Result<Verdict> {
    let others: BTreeSet<UserId> = people.iter().copied().filter(|user| *user != by).collect();
    if !(1..=limits::DIRECT_PEOPLE).contains(&others.len()) {
        return Ok(Err(ErrorCode::PeopleCount));
    }
    let name = name(&others, by);
    if let Some((room, known)) = made_before(db, (by, cid))? {
        return if known == name { first_event(db, room) } else { Ok(Err(ErrorCode::CidReused)) };
    }
    let Some(own_role) = role(db, by)? else { return Ok(Err(ErrorCode::NoSuchPerson)) };
    for user in &others {
        let known = role(db, *user)?.is_some() && (own_role > Role::Guest || share_a_room(db, by, *user)?);
        if !known {
            return Ok(Err(ErrorCode::NoSuchPerson));
        }
    }
    if let Some(room) = find(db, &name)? {
        return first_event(db, room);
    }
    for user in others.iter().chain([&by]) {
        if events::rooms_of(db, *user)? >= limits::ROOMS_PER_USER {
            return Ok(Err(ErrorCode::TooManyRooms));
        }
    }
    let room = next_id(db)?;
    insert(db, room, (&name, DIRECT), (by, cid), now)?;
    let others: Vec<UserId> = others.into_iter().collect();
    events::create(db, room, (by, cid), &others, now)
}

/// The name of a direct room, which says who is in it.
fn name(others: &BTreeSet<UserId>, by: UserId) -> String {
    let mut all = others.clone();
    all.insert(by);
    let numbers: Vec<String> = all.iter().map(|user| user.0.to_string()).collect();
    format!("direct:{}", numbers.join(":"))
}

fn find(db: &Connection, name: &str) -> rusqlite::Result<Option<RoomId>> {
    db.prepare_cached("SELECT id FROM room WHERE name = ?")?
        .query_row([name], |row| row.get(0).map(|id| RoomId(nat(id))))
        .optional()
}

fn role(db: &Connection, user: UserId) -> rusqlite::Result<Option<Role>> {
    db.prepare_cached("SELECT role FROM user WHERE id = ? AND role <> 9")?
        .query_row([int(user.0)], |row| row.get(0).map(people::role))
        .optional()
}

fn share_a_room(db: &Connection, one: UserId, other: UserId) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT 1 FROM member a JOIN member b ON b.room_id = a.room_id AND b.user_id = ?2 WHERE a.user_id = ?1",
    )?
    .exists([int(one.0), int(other.0)])
}
