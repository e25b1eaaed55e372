//! People as they and others see them: profiles, who is seen by whom, who may give whom which role.

use common::api::account::{Me, MeChange};
use common::api::people::{PeopleList, Profile};
use common::id::UserId;
use common::model::Role;
use common::text::{Fault, Field, Status, TextError, UserName};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::people::{self, SYSTEM_ROLE, folded, number, role};
use super::{int, nat};

/// People in one list.
pub const PEOPLE: u64 = 100;

/// A change of one's own profile, checked. What is absent stays.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ProfileChange {
    /// Another name.
    pub name: Option<UserName>,
    /// Another status.
    pub status: Option<Status>,
    /// Another place of the IANA time zone database, or nothing.
    pub time_zone: Option<String>,
}

impl ProfileChange {
    /// Checks what somebody wants to change.
    ///
    /// # Errors
    /// [`TextError`] names the field.
    pub fn check(raw: &MeChange) -> Result<Self, TextError> {
        Ok(Self {
            name: raw.name.as_deref().map(|name| UserName::new(&super::confusable::nfc(name))).transpose()?,
            status: raw.status.as_deref().map(|status| Status::new(&super::confusable::nfc(status))).transpose()?,
            time_zone: raw.time_zone.as_deref().map(time_zone).transpose()?,
        })
    }
}

/// Characters in the name of a place: the longest of the database has 32.
const TIME_ZONE_CHARS: usize = 64;

/// A name as the IANA time zone database writes them (its file `theory.html`, "Timezone identifiers"), or nothing.
/// Whether there is such a place, the reader's browser knows; one it does not know is shown as no place.
fn time_zone(raw: &str) -> Result<String, TextError> {
    let error = |fault| TextError { field: Field::TimeZone, fault };
    let text = raw.trim();
    let found = text.chars().count();
    if found > TIME_ZONE_CHARS {
        return Err(error(Fault::TooLong { limit: TIME_ZONE_CHARS, found }));
    }
    if let Some(found) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '_' | '-' | '+')) {
        return Err(error(Fault::BadCharacter { found }));
    }
    let is_part = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.is_empty() || text.split('/').all(is_part) { Ok(text.to_owned()) } else { Err(error(Fault::Wrong)) }
}

/// Changes one's own profile, and gives what it is now.
///
/// # Errors
/// Those of SQLite. A name that is taken is no error: the [`TextError`] says so.
pub fn change(db: &Connection, id: UserId, change: &ProfileChange) -> rusqlite::Result<Result<Option<Me>, TextError>> {
    if let Some(name) = &change.name {
        if people::is_taken(db, name, Some(id))? {
            return Ok(Err(TextError { field: Field::UserName, fault: Fault::Taken }));
        }
        people::rename(db, id, name)?;
    }
    db.prepare_cached("UPDATE user SET status = ifnull(?, status), time_zone = ifnull(?, time_zone) WHERE id = ?")?
        .execute(params![change.status.as_ref().map(Status::as_str), change.time_zone, int(id.0)])?;
    me(db, id).map(Ok)
}

/// Somebody as they see themselves.
///
/// # Errors
/// Those of SQLite.
pub fn me(db: &Connection, id: UserId) -> rusqlite::Result<Option<Me>> {
    db.prepare_cached(
        "SELECT u.name, a.login, u.role, u.status, u.time_zone, ifnull(a.second_on, 0) FROM user u \
         LEFT JOIN account a ON a.user_id = u.id WHERE u.id = ? AND u.role <> ?",
    )?
    .query_row([int(id.0), SYSTEM_ROLE], |row| {
        Ok(Me {
            id,
            name: row.get(0)?,
            login: row.get(1)?,
            role: role(row.get(2)?),
            status: row.get(3)?,
            time_zone: row.get(4)?,
            two_factor: row.get(5)?,
        })
    })
    .optional()
}

/// Whom `?1` sees: guests those with whom they share a room, others everybody.
const SEEN: &str = "u.role <> 9 AND (?2 OR u.id = ?1 OR EXISTS (SELECT 1 FROM member a JOIN member b \
                    ON b.room_id = a.room_id WHERE a.user_id = ?1 AND b.user_id = u.id))";

/// A person as `by` sees them; `None` for whom they do not see.
///
/// # Errors
/// Those of SQLite.
pub fn seen_by(db: &Connection, id: UserId, (by, of): (UserId, Role)) -> rusqlite::Result<Option<Profile>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM user u WHERE {SEEN} AND u.id = ?3"))?
        .query_row(params![int(by.0), of > Role::Guest, int(id.0)], profile)
        .optional()
}

/// People whose name has a word that begins like `q`, by name, from behind `after`; all for nothing.
///
/// # Errors
/// Those of SQLite.
pub fn list(
    db: &Connection,
    (by, of): (UserId, Role),
    q: &str,
    after: Option<UserId>,
    limit: u64,
) -> rusqlite::Result<PeopleList> {
    let (all, q) = (of > Role::Guest, folded(q.trim()));
    let wanted = format!("{SEEN} AND (?3 = '' OR instr(' ' || u.folded, ' ' || ?3) > 0)");
    let count = db
        .prepare_cached(&format!("SELECT count(*) FROM user u WHERE {wanted}"))?
        .query_row(params![int(by.0), all, q], |row| row.get(0).map(nat))?;
    let mut query = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM user u LEFT JOIN user f ON f.id = ?4 \
         WHERE {wanted} AND (f.id IS NULL OR (u.folded, u.id) > (f.folded, f.id)) ORDER BY u.folded, u.id LIMIT ?5"
    ))?;
    let after = after.map(|after| int(after.0));
    let rows = query.query_map(params![int(by.0), all, q, after, int(limit.min(PEOPLE))], profile)?;
    Ok(PeopleList { people: rows.collect::<Result<_, _>>()?, count })
}

const COLUMNS: &str = "u.id, u.name, u.role, u.status, u.time_zone";

fn profile(row: &Row<'_>) -> rusqlite::Result<Profile> {
    Ok(Profile {
        id: UserId(nat(row.get(0)?)),
        name: row.get(1)?,
        role: role(row.get(2)?),
        status: row.get(3)?,
        time_zone: row.get(4)?,
        room_role: None,
    })
}

/// Why a role is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotGiven {
    /// There is nobody of this id, or nobody who has an account.
    Nobody,
    /// The one who asks may not.
    Forbidden,
    /// The server would have no owner.
    LastOwner,
}

/// Gives somebody another role: admins make members and guests of those below them, owners anything of anybody. Nobody
/// becomes a bot, and who has no account stays a guest.
///
/// # Errors
/// Those of SQLite. What breaks a rule is no error: [`NotGiven`] says which.
pub fn give_role(db: &Connection, by: UserId, to: UserId, wanted: Role) -> rusqlite::Result<Result<(), NotGiven>> {
    let (Some(own), Some(present)) = (people::role_of(db, by)?, people::role_of(db, to)?) else {
        return Ok(Err(NotGiven::Nobody));
    };
    let allowed = own == Role::Owner || (own == Role::Admin && present < Role::Admin && wanted < Role::Admin);
    if !allowed || wanted == Role::Bot || present == Role::Bot {
        return Ok(Err(NotGiven::Forbidden));
    }
    give(db, to, (present, wanted))
}

/// The same for who runs the server, who may give any role but that of a bot.
///
/// # Errors
/// As [`give_role`].
pub fn give_role_freely(db: &Connection, to: UserId, wanted: Role) -> rusqlite::Result<Result<(), NotGiven>> {
    match people::role_of(db, to)? {
        Some(Role::Bot) => Ok(Err(NotGiven::Forbidden)),
        Some(_) if wanted == Role::Bot => Ok(Err(NotGiven::Forbidden)),
        Some(present) => give(db, to, (present, wanted)),
        None => Ok(Err(NotGiven::Nobody)),
    }
}

fn give(db: &Connection, to: UserId, (present, wanted): (Role, Role)) -> rusqlite::Result<Result<(), NotGiven>> {
    if wanted > Role::Guest && super::accounts::of(db, to)?.is_none() {
        return Ok(Err(NotGiven::Nobody));
    }
    let owners = "SELECT count(*) FROM user WHERE role = ?";
    if present == Role::Owner
        && wanted != Role::Owner
        && db.prepare_cached(owners)?.query_row([number(Role::Owner)], |row| row.get::<_, i64>(0))? <= 1
    {
        return Ok(Err(NotGiven::LastOwner));
    }
    people::set_role(db, to, wanted).map(Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_written_as_the_database_writes_them() {
        for good in ["", "UTC", "Pacific/Auckland", "America/Argentina/Buenos_Aires", "Etc/GMT+12", " Asia/Shanghai "] {
            assert_eq!(time_zone(good).as_deref(), Ok(good.trim()), "{good}");
        }
        for bad in ["/", "Pacific//Auckland", "../etc/passwd", "a b", "<b>", "+1", "Азия/Москва", &"x".repeat(65)]
        {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
    }
}
