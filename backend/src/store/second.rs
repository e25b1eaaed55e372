//! The second factor of an account: its secret, the last time step that was used, the codes that replace it.
//!
//! Deliberately absent: what a code looks like and when it is right, which is HTTP's.

use common::id::UserId;
use rusqlite::{Connection, params};

use super::int;
use crate::token::TokenDigest;

/// Keeps a secret that is not asked for yet. Says whether it did: not where a second factor is on.
///
/// # Errors
/// Those of SQLite.
pub fn begin(db: &Connection, user: UserId, secret: &[u8]) -> rusqlite::Result<bool> {
    let begun = db
        .prepare_cached("UPDATE account SET second_secret = ?, second_step = 0 WHERE user_id = ? AND second_on = 0")?
        .execute(params![secret, int(user.0)])?;
    Ok(begun > 0)
}

/// From now on the second factor is asked for. `step` is the time step of the code that showed that it works, `codes` the
/// digests of those that replace it. Says whether it did: not where it was on, or `secret` is not the one that was begun.
///
/// # Errors
/// Those of SQLite.
pub fn confirm(
    db: &Connection,
    user: UserId,
    (secret, step): (&[u8], u64),
    codes: &[TokenDigest],
) -> rusqlite::Result<bool> {
    let confirmed = db
        .prepare_cached(
            "UPDATE account SET second_on = 1, second_step = ? \
             WHERE user_id = ? AND second_on = 0 AND second_secret = ?",
        )?
        .execute(params![int(step), int(user.0), secret])?;
    if confirmed == 0 {
        return Ok(false);
    }
    db.prepare_cached("DELETE FROM recovery WHERE user_id = ?")?.execute([int(user.0)])?;
    for code in codes {
        db.prepare_cached("INSERT INTO recovery (user_id, digest) VALUES (?, ?)")?
            .execute(params![int(user.0), code])?;
    }
    Ok(true)
}

/// Takes the second factor off.
///
/// # Errors
/// Those of SQLite.
pub fn remove(db: &Connection, user: UserId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM recovery WHERE user_id = ?")?.execute([int(user.0)])?;
    db.prepare_cached("UPDATE account SET second_secret = NULL, second_on = 0, second_step = 0 WHERE user_id = ?")?
        .execute([int(user.0)])
        .map(|_| ())
}

/// Uses a time step up. Says whether it was still good: each counts once, and none before one that was used.
///
/// # Errors
/// Those of SQLite.
pub fn use_step(db: &Connection, user: UserId, step: u64) -> rusqlite::Result<bool> {
    let used = db
        .prepare_cached(
            "UPDATE account SET second_step = ?1 WHERE user_id = ?2 AND second_on = 1 AND second_step < ?1",
        )?
        .execute(params![int(step), int(user.0)])?;
    Ok(used > 0)
}

/// Uses up a code that replaces the second factor. Says whether there was such a one.
///
/// # Errors
/// Those of SQLite.
pub fn use_code(db: &Connection, user: UserId, code: &TokenDigest) -> rusqlite::Result<bool> {
    let used = db
        .prepare_cached("DELETE FROM recovery WHERE user_id = ? AND digest = ?")?
        .execute(params![int(user.0), code])?;
    Ok(used > 0)
}
