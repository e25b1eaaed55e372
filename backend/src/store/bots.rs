//! Bots: programs with an account, which has a token in place of a password.
//!
//! Neighbours: [`super::accounts`] has what people sign in with, [`super::sessions`] what a token finds. Deliberately absent:
//! the tokens themselves, which only the programs have.

use common::api::bots::BotEntry;
use common::id::{Timestamp, UserId};
use common::model::Role;
use common::text::{Login, TextError, UserName};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::{self, NewAccount};
use super::people::number;
use super::sessions::{self, SignInId};
use super::{int, nat};
use crate::token::{Token, TokenDigest};

/// What the session of a token says of itself.
const BY_TOKEN: &str = "token";

/// What the session of a program of the server's own says of itself. Nobody has its token.
const BY_SERVER: &str = "program of the server";

const COLUMNS: &str = "SELECT u.id, u.name, a.login, a.created_at, (SELECT max(s.seen_at) FROM session s WHERE s.user_id = u.id) \
                       FROM user u JOIN account a ON a.user_id = u.id WHERE u.role = ?1";

/// Makes a bot. One that was taken away comes back by its name, with all that it has said.
///
/// # Errors
/// Those of SQLite. Names that are taken are no error: the [`TextError`] says which.
pub fn make(
    db: &Connection,
    login: &Login,
    name: &UserName,
    now: Timestamp,
) -> rusqlite::Result<Result<UserId, TextError>> {
    let former = db
        .prepare_cached(
            "SELECT u.id FROM user u LEFT JOIN account a ON a.user_id = u.id \
             WHERE u.role = ? AND u.name = ? AND a.user_id IS NULL",
        )?
        .query_row(params![number(Role::Bot), name.as_str()], |row| row.get(0).map(|id| UserId(nat(id))))
        .optional()?;
    let (login, name) = (login.clone(), name.clone());
    accounts::create(db, former, &NewAccount { login, name, password: String::new(), role: Role::Bot }, now)
}

/// Gives a bot a token; the ones before are no good any more. Gives the sessions that have ended; `None` where there is no
/// such bot.
///
/// # Errors
/// Those of SQLite.
pub fn give_token(
    db: &Connection,
    user: UserId,
    digest: &TokenDigest,
    now: Timestamp,
) -> rusqlite::Result<Option<Vec<SignInId>>> {
    if find(db, user)?.is_none() {
        return Ok(None);
    }
    let mut query = db.prepare_cached("DELETE FROM session WHERE user_id = ? AND agent <> ? RETURNING id")?;
    let ended = query.query_map(params![int(user.0), BY_SERVER], |row| row.get(0))?.collect::<Result<_, _>>()?;
    sessions::begin(db, user, digest, BY_TOKEN, now)?;
    Ok(Some(ended))
}

/// Where a program of the server's own is signed in. It comes in by no token.
///
/// # Errors
/// Those of SQLite.
pub fn seat(db: &Connection, user: UserId, now: Timestamp) -> rusqlite::Result<SignInId> {
    let held = db
        .prepare_cached("SELECT id FROM session WHERE user_id = ? AND agent = ?")?
        .query_row(params![int(user.0), BY_SERVER], |row| row.get(0))
        .optional()?;
    match held {
        Some(held) => Ok(held),
        None => sessions::begin(db, user, &Token::new().digest(), BY_SERVER, now),
    }
}

/// Takes a bot's account away: nobody comes in by it any more. What it has said stays, under its name. Gives the sessions
/// that have ended; `None` where there is no such bot.
///
/// # Errors
/// Those of SQLite.
pub fn remove(db: &Connection, user: UserId) -> rusqlite::Result<Option<Vec<SignInId>>> {
    if find(db, user)?.is_none() {
        return Ok(None);
    }
    db.prepare_cached("DELETE FROM account WHERE user_id = ?")?.execute([int(user.0)])?;
    sessions::end_others(db, user, None).map(Some)
}

/// A bot; `None` for whoever is none.
///
/// # Errors
/// Those of SQLite.
pub fn find(db: &Connection, user: UserId) -> rusqlite::Result<Option<BotEntry>> {
    db.prepare_cached(&format!("{COLUMNS} AND u.id = ?2"))?
        .query_row([number(Role::Bot), int(user.0)], entry)
        .optional()
}

/// All bots, by login.
///
/// # Errors
/// Those of SQLite.
pub fn list(db: &Connection) -> rusqlite::Result<Vec<BotEntry>> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} ORDER BY a.login"))?;
    query.query_map([number(Role::Bot)], entry)?.collect()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<BotEntry> {
    Ok(BotEntry {
        id: UserId(nat(row.get(0)?)),
        name: row.get(1)?,
        login: row.get(2)?,
        created_at: Timestamp(nat(row.get(3)?)),
        seen_at: row.get::<_, Option<i64>>(4)?.map(|ms| Timestamp(nat(ms))),
    })
}
