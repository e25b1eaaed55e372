//! Invites: links with which somebody makes an account. Of the link only a digest is kept.

use common::api::account::{InviteEntry, InviteFound};
use common::id::{Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{int, nat};
use crate::token::TokenDigest;

/// Invites that are shown.
const SHOWN: u32 = 200;

/// Makes an invite that may be used so often until then.
///
/// # Errors
/// Those of SQLite.
pub fn make(
    db: &Connection,
    by: UserId,
    digest: &TokenDigest,
    (uses, expires_at): (u32, Timestamp),
    now: Timestamp,
) -> rusqlite::Result<InviteEntry> {
    db.prepare_cached("INSERT INTO invite (digest, by_id, created_at, expires_at, uses) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![digest, int(by.0), int(now.0), int(expires_at.0), uses])?;
    let id = db.last_insert_rowid();
    db.prepare_cached(&format!("{COLUMNS} WHERE i.id = ?"))?.query_row([id], entry)
}

const COLUMNS: &str = "SELECT i.id, u.name, i.expires_at, i.uses, i.used FROM invite i JOIN user u ON u.id = i.by_id";

fn entry(row: &Row<'_>) -> rusqlite::Result<InviteEntry> {
    Ok(InviteEntry {
        id: nat(row.get(0)?),
        by: row.get(1)?,
        expires_at: Timestamp(nat(row.get(2)?)),
        uses: row.get(3)?,
        used: row.get(4)?,
    })
}

/// Those that still hold, the newest first.
///
/// # Errors
/// Those of SQLite.
pub fn list(db: &Connection, now: Timestamp) -> rusqlite::Result<Vec<InviteEntry>> {
    let mut query = db.prepare_cached(&format!(
        "{COLUMNS} WHERE i.expires_at > ? AND i.used < i.uses ORDER BY i.id DESC LIMIT {SHOWN}"
    ))?;
    query.query_map([int(now.0)], entry)?.collect()
}

/// Withdraws one. Says whether there was one.
///
/// # Errors
/// Those of SQLite.
pub fn withdraw(db: &Connection, id: u64) -> rusqlite::Result<bool> {
    Ok(db.prepare_cached("DELETE FROM invite WHERE id = ?")?.execute([int(id)])? > 0)
}

/// The invite of a link, if it holds.
///
/// # Errors
/// Those of SQLite.
pub fn find(db: &Connection, digest: &TokenDigest, now: Timestamp) -> rusqlite::Result<Option<InviteFound>> {
    let found = db
        .prepare_cached(&format!("{COLUMNS} WHERE i.digest = ? AND i.expires_at > ? AND i.used < i.uses"))?
        .query_row(params![digest, int(now.0)], entry)
        .optional()?;
    Ok(found.map(|entry| InviteFound { by: entry.by, expires_at: entry.expires_at }))
}

/// Uses an invite once. Says whether it held.
///
/// # Errors
/// Those of SQLite.
pub fn take(db: &Connection, digest: &TokenDigest, now: Timestamp) -> rusqlite::Result<bool> {
    let taken = db
        .prepare_cached("UPDATE invite SET used = used + 1 WHERE digest = ? AND expires_at > ? AND used < uses")?
        .execute(params![digest, int(now.0)])?;
    Ok(taken > 0)
}

/// Forgets those that have run out.
///
/// # Errors
/// Those of SQLite.
pub fn prune(db: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM invite WHERE expires_at <= ?")?.execute([int(now.0)]).map(|_| ())
}
