//! Search: an index beside the log, behind its commits.
//!
//! The index is a file of its own (`search.db`, SQLite's FTS5 without the texts), so that writing to it never keeps the
//! log's writer waiting. A thread follows the log ([`follow`]); what it has not come to is found a moment later. After a
//! crash it goes on where it stopped, for what it has done and how far stands in the same transaction. Where the index
//! does not fit the log (another database, a log that ends earlier) it is made anew.
//!
//! A message that is deleted leaves the index before its deletion is committed, with the file's pages overwritten, so that
//! its words are gone when its text is. The index needs the text for that, so it happens within the deletion.
//!
//! Deliberately absent: the texts themselves, which are read from the log, and rights, which are decided there too.

mod excerpt;
mod find;
mod follow;
mod query;
mod rank;
mod terms;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use common::id::{Epoch, RoomId, Seq, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use super::events::{Act, Command};
use super::{Change, int, nat};

pub use find::{Asked, Cursor, Order, find};
pub(super) use follow::{Bell, Follower};
pub use query::{Query, QueryError};

/// What stands in the index. Another tokenizer or other terms need another number: the index is then made anew.
const VERSION: i64 = 1;

/// The index's end for those who write to it.
#[derive(Debug)]
pub(super) struct Index {
    db: Mutex<Connection>,
    /// Whether the follower lets others run within a batch: somebody may be waiting for the batch.
    yields: Arc<AtomicBool>,
    /// Messages that are being deleted, by the rows of their events: whoever has read their texts must not bring them.
    doomed: Mutex<HashSet<i64>>,
}

/// A message as the index sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Document {
    row: i64,
    room: RoomId,
    by: UserId,
    text: String,
    mentions: bool,
}

/// A message that is about to be deleted: its texts, oldest first, each with the row of its event.
#[derive(Debug, Clone)]
pub(super) struct Doomed {
    document: Document,
    texts: Vec<(i64, String)>,
}

/// Where the index of a database stands.
pub(super) fn file_in(folder: &Path) -> PathBuf {
    folder.join("search.db")
}

impl Index {
    /// Opens the index of a log, or makes one where there is none that fits.
    pub(super) fn open(folder: &Path, log: &Connection, epoch: &Epoch) -> rusqlite::Result<Self> {
        let file = file_in(folder);
        let fits = |db: &Connection| -> rusqlite::Result<bool> {
            let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if version != VERSION {
                return Ok(false);
            }
            let known: String = db.query_row("SELECT value FROM state WHERE key = 'epoch'", [], |row| row.get(0))?;
            // A log of relaxed durability may have lost its end where the index has not.
            Ok(known == epoch.0 && head(db)? <= newest(log)?)
        };
        let db = connect(&file).and_then(|db| fits(&db).map(|fits| fits.then_some(db)));
        let db = match db {
            Ok(Some(db)) => db,
            other => {
                if let Err(error) = other {
                    tracing::warn!(%error, "the search index cannot be read and is made anew");
                }
                make_anew(&file, epoch)?
            }
        };
        Self::of(db)
    }

    fn of(mut db: Connection) -> rusqlite::Result<Self> {
        let yields = Arc::default();
        follow::yield_within(&mut db, &yields)?;
        Ok(Self { db: Mutex::new(db), yields, doomed: Mutex::default() })
    }

    /// Nothing is left half done where a lock was poisoned: what was not committed is rolled back.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        let db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        if !db.is_autocommit()
            && let Err(error) = db.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the search index is stuck in a transaction");
        }
        db
    }

    fn doomed(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.doomed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message that is being deleted out of the index and its file, also where the deletion fails afterwards: who
    /// asked for it asks again.
    pub(super) fn erase(&self, doomed: &Doomed) -> rusqlite::Result<()> {
        self.yields.store(false, Ordering::Relaxed);
        let db = self.lock();
        self.doomed().insert(doomed.document.row);
        let head = head(&db)?;
        let indexed = doomed.texts.iter().rev().find(|(row, _)| *row <= head);
        if let Some((_, text)) = indexed.filter(|_| holds(&db, doomed.document.row).unwrap_or(true)) {
            let document = Document { text: text.clone(), ..doomed.document.clone() };
            remove(&db, &document)?;
            empty_wal(&db);
        }
        Ok(())
    }
}

/// What a change is about to delete.
pub(super) fn doomed(log: &Connection, change: &Change) -> rusqlite::Result<Option<Doomed>> {
    let Change::Command(Command { room, act: Act::Delete { target }, .. }) = change else { return Ok(None) };
    let found = log
        .prepare_cached(
            "SELECT id, sender_id, body, mentions IS NOT NULL OR everyone IS NOT NULL FROM event \
             WHERE room_id = ? AND seq = ? AND n IS NOT NULL AND body IS NOT NULL",
        )?
        .query_row([int(room.0), int(target.0)], |row| {
            let text: String = row.get(2)?;
            let (row, by, mentions) = (row.get(0)?, UserId(nat(row.get(1)?)), row.get(3)?);
            Ok(Document { row, room: *room, by, text, mentions })
        })
        .optional()?;
    let Some(document) = found else { return Ok(None) };
    let mut texts = vec![(document.row, document.text.clone())];
    texts.extend(edits(log, *room, *target)?);
    Ok(Some(Doomed { document, texts }))
}

/// The texts of a message's edits, oldest first, with the rows of their events.
fn edits(log: &Connection, room: RoomId, target: Seq) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut query = log.prepare_cached(
        "SELECT id, body FROM event WHERE room_id = ? AND target_seq = ? AND kind = 4 AND body IS NOT NULL ORDER BY id",
    )?;
    let rows = query.query_map([int(room.0), int(target.0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(file)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // What a power failure takes is indexed again: the log has it.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "secure_delete", "ON")?;
    // KiB.
    db.pragma_update(None, "cache_size", -2048)?;
    super::open::prepare_once(&db)?;
    Ok(db)
}

/// Throws an index away and makes an empty one.
fn make_anew(file: &Path, epoch: &Epoch) -> rusqlite::Result<Connection> {
    for end in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::error!(%error, "an old search index cannot be removed");
            }
            _ => {}
        }
    }
    let db = connect(file)?;
    db.execute_batch("BEGIN IMMEDIATE")?;
    db.execute_batch(include_str!("search/schema.sql"))?;
    db.execute("INSERT INTO state (key, value) VALUES ('epoch', ?), ('head', '0')", [&epoch.0])?;
    db.pragma_update(None, "user_version", VERSION)?;
    db.execute_batch("COMMIT")?;
    Ok(db)
}

/// The row of the last event that the index has come to.
fn head(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT CAST(value AS INTEGER) FROM state WHERE key = 'head'")?.query_row([], |row| row.get(0))
}

/// The row of the newest event of a log.
fn newest(log: &Connection) -> rusqlite::Result<i64> {
    log.prepare_cached("SELECT ifnull(max(id), 0) FROM event")?.query_row([], |row| row.get(0))
}

/// Whether the index has a message.
fn holds(db: &Connection, row: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM words_docsize WHERE id = ?")?.exists([row])
}

fn insert(db: &Connection, document: &Document) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO words (rowid, terms) VALUES (?, ?)")?
        .execute(params![document.row, document.terms()])
        .map(|_| ())
}

/// Takes a message out: its terms must be those that it was put in with.
fn remove(db: &Connection, document: &Document) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO words (words, rowid, terms) VALUES ('delete', ?, ?)")?
        .execute(params![document.row, document.terms()])
        .map(|_| ())
}

/// Writes the write-ahead log into the file and empties it. Where a reader is in the way, the next erasure does it, or
/// the end.
fn empty_wal(db: &Connection) {
    let emptied = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    if !matches!(emptied, Ok(0)) {
        tracing::debug!(?emptied, "the search index's write-ahead log could not be emptied");
    }
}

impl Document {
    /// What stands in the index for it.
    fn terms(&self) -> String {
        let mut all = format!("r:{} f:{}", self.room.0, self.by.0);
        let contains = [
            (["http://", "https://", "www."].iter().any(|begin| self.text.contains(begin)), " h:link"),
            (self.text.matches('`').nth(1).is_some() || self.text.contains("~~~"), " h:code"),
            (self.mentions, " h:mention"),
        ];
        all.extend(contains.into_iter().filter(|(is_so, _)| *is_so).map(|(_, term)| term));
        for term in terms::terms(&self.text) {
            all.push(' ');
            all.push_str(&term.text);
        }
        all
    }
}

/// Makes the index of the database in a folder anew. Blocks; no server may use the folder. `told` hears how many events
/// are done, and how many there are.
///
/// # Errors
/// [`super::OpenError`], in words for whoever asked.
pub fn reindex(folder: &Path, mut told: impl FnMut(u64, u64)) -> Result<u64, super::OpenError> {
    super::open::expect(folder)?;
    let opened = super::open::open(folder, super::Durability::Full)?;
    let file = file_in(folder);
    let broken = |source| super::OpenError::Database { file: file.clone(), source };
    let db = make_anew(&file, &opened.epoch).map_err(broken)?;
    // Nobody waits for it, and what fails is made anew.
    db.pragma_update(None, "synchronous", "OFF").map_err(broken)?;
    db.pragma_update(None, "cache_size", -64 * 1024).map_err(broken)?;
    let index = Index::of(db).map_err(broken)?;
    let end = newest(&opened.connection).map_err(broken)?;
    loop {
        let done = index.catch_up(&opened.connection, follow::ALONE).map_err(broken)?;
        told(nat(done.head), nat(end));
        if done.events == 0 {
            break;
        }
    }
    let db = index.lock();
    empty_wal(&db);
    let held = db.query_row("SELECT count(*) FROM words_docsize", [], |row| row.get(0)).map_err(broken)?;
    Ok(nat(held))
}

/// A moment far in the future.
const NEVER: Timestamp = Timestamp(i64::MAX as u64);
