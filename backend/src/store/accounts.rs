//! Accounts: what people sign in with, and how a guest becomes a member.
//!
//! Neighbours: [`super::people`] has names and roles, [`super::second`] the second factor. Deliberately absent: hashing,
//! which takes too long for the writer's thread.

use common::id::{Timestamp, UserId};
use common::model::Role;
use common::text::{Fault, Field, Login, TextError, UserName};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::people::{self, number, role};
use super::{int, nat};

/// What somebody signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub user: UserId,
    /// The name that they sign in with.
    pub login: String,
    /// The password's hash, as a PHC string; empty for a bot, which has none.
    pub password: String,
    /// The secret of the second factor, where one was begun.
    pub secret: Option<Vec<u8>>,
    /// Whether the second factor is asked for.
    pub two_factor: bool,
}

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The name that they sign in with.
    pub login: Login,
    /// The name that others see.
    pub name: UserName,
    /// The password's hash, as a PHC string; empty for a bot, which has none.
    pub password: String,
    /// What they may do.
    pub role: Role,
}

impl Account {
    /// The hash of the password; a bot has none.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        (!self.password.is_empty()).then_some(self.password.as_str())
    }
}

const COLUMNS: &str = "SELECT user_id, login, password, second_secret, second_on FROM account";

/// The account with this login.
///
/// # Errors
/// Those of SQLite.
pub fn by_login(db: &Connection, login: &str) -> rusqlite::Result<Option<Account>> {
    db.prepare_cached(&format!("{COLUMNS} WHERE login = ?"))?.query_row([login], account).optional()
}

/// Somebody's account; guests have none.
///
/// # Errors
/// Those of SQLite.
pub fn of(db: &Connection, user: UserId) -> rusqlite::Result<Option<Account>> {
    db.prepare_cached(&format!("{COLUMNS} WHERE user_id = ?"))?.query_row([int(user.0)], account).optional()
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        user: UserId(nat(row.get(0)?)),
        login: row.get(1)?,
        password: row.get(2)?,
        secret: row.get(3)?,
        two_factor: row.get(4)?,
    })
}

/// Whether the server has an owner.
///
/// # Errors
/// Those of SQLite.
pub fn has_owner(db: &Connection) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM user WHERE role = ?")?.exists([number(Role::Owner)])
}

/// Why an account of this kind cannot be made.
///
/// # Errors
/// Those of SQLite.
pub fn refusal(
    db: &Connection,
    guest: Option<UserId>,
    login: &Login,
    name: &UserName,
) -> rusqlite::Result<Option<TextError>> {
    let taken = |field| Some(TextError { field, fault: Fault::Taken });
    if db.prepare_cached("SELECT 1 FROM account WHERE login = ?")?.exists([login.as_str()])? {
        return Ok(taken(Field::Login));
    }
    Ok(if people::is_taken(db, name, guest)? { taken(Field::UserName) } else { None })
}

/// Makes an account: for a guest, who keeps their id and all that is theirs, or for somebody new.
///
/// # Errors
/// Those of SQLite. Names that are taken are no error: the [`TextError`] says which.
pub fn create(
    db: &Connection,
    guest: Option<UserId>,
    new: &NewAccount,
    now: Timestamp,
) -> rusqlite::Result<Result<UserId, TextError>> {
    if let Some(refusal) = refusal(db, guest, &new.login, &new.name)? {
        return Ok(Err(refusal));
    }
    let user = match guest {
        Some(guest) => people::rename(db, guest, &new.name)?.id,
        None => people::create_guest(db, &new.name, now)?.person.id,
    };
    people::set_role(db, user, new.role)?;
    db.prepare_cached("INSERT INTO account (user_id, login, password, created_at) VALUES (?, ?, ?, ?)")?
        .execute(params![int(user.0), new.login.as_str(), new.password, int(now.0)])?;
    Ok(Ok(user))
}

/// Gives somebody another password.
///
/// # Errors
/// Those of SQLite.
pub fn set_password(db: &Connection, user: UserId, password: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE account SET password = ? WHERE user_id = ?")?
        .execute(params![password, int(user.0)])
        .map(|_| ())
}

/// An account in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Whose.
    pub user: UserId,
    /// The name that they sign in with.
    pub login: String,
    /// The name that others see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether signing in takes a second factor.
    pub two_factor: bool,
}

/// All accounts, by login.
///
/// # Errors
/// Those of SQLite.
pub fn list(db: &Connection) -> rusqlite::Result<Vec<Listed>> {
    let mut query = db.prepare(
        "SELECT a.user_id, a.login, u.name, u.role, a.second_on FROM account a JOIN user u ON u.id = a.user_id \
         ORDER BY a.login",
    )?;
    let rows = query.query_map([], |row| {
        Ok(Listed {
            user: UserId(nat(row.get(0)?)),
            login: row.get(1)?,
            name: row.get(2)?,
            role: role(row.get(3)?),
            two_factor: row.get(4)?,
        })
    })?;
    rows.collect()
}
