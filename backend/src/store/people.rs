//! People and their names. Neighbours: [`super::accounts`] has what they sign in with, [`super::sessions`] where they are
//! signed in.

use common::id::{Timestamp, UserId};
use common::model::{Person, Role};
use common::text::UserName;
use rusqlite::{Connection, OptionalExtension, params};

use super::confusable::skeleton;
use super::{int, nat};

/// The role of the server's own user, which is nobody's.
pub(super) const SYSTEM_ROLE: i64 = 9;

/// A role as the database has it.
pub(super) const fn number(role: Role) -> i64 {
    match role {
        Role::Guest => 0,
        Role::Bot => 1,
        Role::Member => 2,
        Role::Admin => 3,
        Role::Owner => 4,
    }
}

/// What [`number`] wrote. A number that no role has is the least of them.
pub(super) const fn role(number: i64) -> Role {
    match number {
        1 => Role::Bot,
        2 => Role::Member,
        3 => Role::Admin,
        4 => Role::Owner,
        _ => Role::Guest,
    }
}

/// A person with what ties a cookie to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The person.
    pub person: Person,
    /// When they came. A cookie names it too, so that it means nobody in another database that gave the same id away.
    pub since: Timestamp,
}

/// Makes a guest.
///
/// # Errors
/// Those of SQLite.
pub fn create_guest(db: &Connection, name: &UserName, now: Timestamp) -> rusqlite::Result<Known> {
    db.prepare_cached("INSERT INTO user (name, folded, skeleton, created_at) VALUES (?, ?, ?, ?)")?
        .execute(params![name.as_str(), folded(name.as_str()), skeleton(name.as_str()), int(now.0)])?;
    let id = UserId(nat(db.last_insert_rowid()));
    Ok(Known { person: Person { id, name: name.to_string() }, since: now })
}

/// Finds a person by id. The system's own user is nobody to find.
///
/// # Errors
/// Those of SQLite.
pub fn find(db: &Connection, id: UserId) -> rusqlite::Result<Option<Known>> {
    db.prepare_cached("SELECT name, created_at FROM user WHERE id = ? AND role <> 9")?
        .query_row([int(id.0)], |row| {
            let person = Person { id, name: row.get(0)? };
            Ok(Known { person, since: Timestamp(nat(row.get(1)?)) })
        })
        .optional()
}

/// Gives a person another name.
///
/// # Errors
/// Those of SQLite.
pub fn rename(db: &Connection, id: UserId, name: &UserName) -> rusqlite::Result<Person> {
    db.prepare_cached("UPDATE user SET name = ?, folded = ?, skeleton = ? WHERE id = ?")?.execute(params![
        name.as_str(),
        folded(name.as_str()),
        skeleton(name.as_str()),
        int(id.0)
    ])?;
    Ok(Person { id, name: name.to_string() })
}

/// What somebody may do on this server; `None` for nobody.
///
/// # Errors
/// Those of SQLite.
pub fn role_of(db: &Connection, id: UserId) -> rusqlite::Result<Option<Role>> {
    db.prepare_cached("SELECT role FROM user WHERE id = ? AND role <> ?")?
        .query_row([int(id.0), SYSTEM_ROLE], |row| row.get(0).map(role))
        .optional()
}

/// Gives somebody another role.
///
/// # Errors
/// Those of SQLite.
pub fn set_role(db: &Connection, id: UserId, role: Role) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE user SET role = ? WHERE id = ?")?.execute([number(role), int(id.0)]).map(|_| ())
}

/// Whether a name is that of somebody with an account, of a program or of the server itself, or looks like it. Guests may
/// share a name with guests. `by` is whoever wants to have it.
///
/// # Errors
/// Those of SQLite.
pub fn is_taken(db: &Connection, name: &UserName, by: Option<UserId>) -> rusqlite::Result<bool> {
    let by = by.map_or(0, |by| int(by.0));
    let (skeleton, folded) = (skeleton(name.as_str()), folded(name.as_str()));
    db.prepare_cached("SELECT 1 FROM user WHERE skeleton = ?1 AND role <> 0 AND id <> ?3 UNION ALL SELECT 1 FROM user WHERE folded = ?2 AND role <> 0 AND id <> ?3")?
        .exists(params![skeleton, folded, by])
}

/// Everybody who shares a room with somebody, themselves included.
///
/// # Errors
/// Those of SQLite.
pub fn acquaintances(db: &Connection, id: UserId) -> rusqlite::Result<Vec<UserId>> {
    let mut query = db.prepare_cached(
        "SELECT DISTINCT b.user_id FROM member a JOIN member b ON b.room_id = a.room_id WHERE a.user_id = ?1 \
         UNION SELECT ?1",
    )?;
    let rows = query.query_map([int(id.0)], |row| row.get(0).map(|id| UserId(nat(id))))?;
    rows.collect()
}

/// A name as mentions look for it: capitals make no difference. SQLite's own `lower` knows only ASCII.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// Gives everybody from before there were mentions their folded name.
pub(super) fn fold_all(db: &Connection) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT id, name FROM user")?;
    let people = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for person in people.collect::<Result<Vec<_>, _>>()? {
        let (id, name) = person;
        db.prepare_cached("UPDATE user SET folded = ? WHERE id = ?")?.execute(params![folded(&name), id])?;
    }
    Ok(())
}

/// Gives everybody from before there were accounts the skeleton of their name.
pub(super) fn skeleton_all(db: &Connection) -> rusqlite::Result<()> {
    let mut query = db.prepare("SELECT id, name FROM user")?;
    let people = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for person in people.collect::<Result<Vec<_>, _>>()? {
        let (id, name) = person;
        db.prepare_cached("UPDATE user SET skeleton = ? WHERE id = ?")?.execute(params![skeleton(&name), id])?;
    }
    Ok(())
}
