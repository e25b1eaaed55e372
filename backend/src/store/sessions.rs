//! Where people are signed in: a row for each browser, found by the digest of what its cookie holds.
//!
//! Deliberately absent: the tokens themselves, which only the browsers have.

use std::num::NonZeroU64;

use common::api::account::SessionEntry;
use common::id::{Timestamp, UserId};
use common::model::{Person, Role};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};

use super::people::{SYSTEM_ROLE, number, role};
use super::{int, nat};
use crate::token::TokenDigest;

/// Milliseconds without use after which a session has ended: 90 days. That of a bot, which nobody would sign in again, never
/// has.
pub const IDLE_MS: u64 = 90 * 24 * 60 * 60 * 1000;

/// Milliseconds within which the use of a session is not noted again.
pub const SEEN_EVERY_MS: u64 = 60 * 1000;

/// Characters that are kept of what a browser says of itself.
const AGENT_CHARS: usize = 200;

/// Names a place where somebody is signed in. No number is ever used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignInId(pub NonZeroU64);

impl FromSql for SignInId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = nat(i64::column_result(value)?);
        NonZeroU64::new(number).map(Self).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

impl ToSql for SignInId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(int(self.0.get()).into())
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Where.
    pub id: SignInId,
    /// Who.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// When it was used last, to the minute or so.
    pub seen_at: Timestamp,
}

/// Signs somebody in. `agent` is what the browser says of itself.
///
/// # Errors
/// Those of SQLite.
pub fn begin(
    db: &Connection,
    user: UserId,
    digest: &TokenDigest,
    agent: &str,
    now: Timestamp,
) -> rusqlite::Result<SignInId> {
    db.prepare_cached(
        "INSERT INTO session (digest, user_id, created_at, seen_at, agent) VALUES (?1, ?2, ?3, ?3, ?4) RETURNING id",
    )?
    .query_row(params![digest, int(user.0), int(now.0), short(agent)], |row| row.get(0))
}

/// Gives a session another token: the one before is no good any more.
///
/// # Errors
/// Those of SQLite.
pub fn rotate(db: &Connection, id: SignInId, digest: &TokenDigest, now: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE session SET digest = ?, created_at = ?3, seen_at = ?3 WHERE id = ?2")?
        .execute(params![digest, id, int(now.0)])
        .map(|_| ())
}

/// Who is signed in with a token, if it is one and was used lately enough; a bot may have been silent for longer.
///
/// # Errors
/// Those of SQLite.
pub fn find(db: &Connection, digest: &TokenDigest, now: Timestamp) -> rusqlite::Result<Option<SignedIn>> {
    db.prepare_cached(
        "SELECT s.id, u.id, u.name, u.role, s.seen_at FROM session s JOIN user u ON u.id = s.user_id \
         WHERE s.digest = ? AND (s.seen_at >= ? OR u.role = ?) AND u.role <> ?",
    )?
    .query_row(params![digest, int(now.0.saturating_sub(IDLE_MS)), number(Role::Bot), SYSTEM_ROLE], |row| {
        Ok(SignedIn {
            id: row.get(0)?,
            person: Person { id: UserId(nat(row.get(1)?)), name: row.get(2)? },
            role: role(row.get(3)?),
            seen_at: Timestamp(nat(row.get(4)?)),
        })
    })
    .optional()
}

/// Whether a session goes on.
///
/// # Errors
/// Those of SQLite.
pub fn goes_on(db: &Connection, id: SignInId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM session WHERE id = ?")?.exists([id])
}

/// Notes that a session is used.
///
/// # Errors
/// Those of SQLite.
pub fn touch(db: &Connection, id: SignInId, now: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE session SET seen_at = max(seen_at, ?) WHERE id = ?")?
        .execute(params![int(now.0), id])
        .map(|_| ())
}

/// Ends a session of somebody. Says whether there was one.
///
/// # Errors
/// Those of SQLite.
pub fn end(db: &Connection, user: UserId, id: SignInId) -> rusqlite::Result<bool> {
    let ended =
        db.prepare_cached("DELETE FROM session WHERE id = ? AND user_id = ?")?.execute(params![id, int(user.0)])?;
    Ok(ended > 0)
}

/// Ends all sessions of somebody but one. Gives those that have ended.
///
/// # Errors
/// Those of SQLite.
pub fn end_others(db: &Connection, user: UserId, but: Option<SignInId>) -> rusqlite::Result<Vec<SignInId>> {
    let mut query = db.prepare_cached("DELETE FROM session WHERE user_id = ? AND id <> ? RETURNING id")?;
    let but = but.map_or(0, |id| int(id.0.get()));
    query.query_map(params![int(user.0), but], |row| row.get(0))?.collect()
}

/// Ends what was not used for too long, but of bots. Gives whose and which.
///
/// # Errors
/// Those of SQLite.
pub fn prune(db: &Connection, now: Timestamp) -> rusqlite::Result<Vec<(UserId, SignInId)>> {
    let mut query = db.prepare_cached(
        "DELETE FROM session WHERE seen_at < ? AND user_id NOT IN (SELECT id FROM user WHERE role = ?) \
         RETURNING user_id, id",
    )?;
    let before = int(now.0.saturating_sub(IDLE_MS));
    query.query_map([before, number(Role::Bot)], |row| Ok((UserId(nat(row.get(0)?)), row.get(1)?)))?.collect()
}

/// Where somebody is signed in, the latest used first. `current` is where the one who asks is.
///
/// # Errors
/// Those of SQLite.
pub fn list(db: &Connection, user: UserId, current: SignInId, now: Timestamp) -> rusqlite::Result<Vec<SessionEntry>> {
    let mut query = db.prepare_cached(
        "SELECT id, created_at, seen_at, agent FROM session WHERE user_id = ? AND (seen_at >= ? OR id = ?) \
         ORDER BY seen_at DESC, id DESC LIMIT 100",
    )?;
    let rows = query.query_map(params![int(user.0), int(now.0.saturating_sub(IDLE_MS)), current], |row| {
        let id: SignInId = row.get(0)?;
        Ok(SessionEntry {
            id: id.0.get(),
            created_at: Timestamp(nat(row.get(1)?)),
            seen_at: Timestamp(nat(row.get(2)?)),
            agent: row.get(3)?,
            current: id == current,
        })
    })?;
    rows.collect()
}

/// What can be shown of what a browser says of itself.
fn short(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS).collect()
}
