//! Opening the database: the folder, its lock, the pragmas, the migrations.
//!
//! Neighbours: [`super::Store::open`] calls it once. Deliberately absent: downgrades. A database of a newer version is
//! refused with both numbers.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use common::id::{Epoch, RoomId, UserId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};
use uuid::Uuid;

use super::{Durability, events, people, rooms};

/// The steps that bring a database from version `index` to version `index + 1`, in order.
const MIGRATIONS: &[fn(&Connection) -> rusqlite::Result<()>] = &[first, second, third, fourth];

/// Why the store could not be opened, in words for whoever started the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made, read or written.
    #[error("cannot use the data folder {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no database in it, and whoever asked would make none.
    #[error("there is no chat in the data folder {}; --data names another one", folder.display())]
    Absent {
        /// The folder.
        folder: PathBuf,
    },
    /// Another server has the folder open.
    #[error("cannot use the data folder {}: another Readyroom server uses it", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The file is no database, is damaged, or cannot be written.
    #[error("cannot open the database {}", file.display())]
    Database {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database was written by a newer program.
    #[error(
        "cannot open the database {}: it has version {found}, and this program knows versions up to {known}; \
         use a newer Readyroom",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version this program knows.
        known: usize,
    },
    /// The writer's thread could not be started.
    #[error("cannot start the thread that writes the database")]
    Thread {
        /// What the system said.
        source: io::Error,
    },
}

/// What [`open`] found or made.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) file: PathBuf,
    pub(super) epoch: Epoch,
    pub(super) lock: Lock,
}

/// What keeps other servers out of a folder.
///
/// It is given up in so many words: a process that was just begun and has not yet become its program holds a copy of each
/// descriptor, and with it a lock that is merely closed.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Where that fails, closing does it.
        self.0.unlock().ok();
    }
}

/// The database of a data folder.
fn file_in(folder: &Path) -> PathBuf {
    folder.join("readyroom.db")
}

/// Checks that there is a database in a folder, for whoever would not make one: a folder that is misspelt is else an empty chat.
///
/// # Errors
/// [`OpenError::Absent`].
pub fn expect(folder: &Path) -> Result<(), OpenError> {
    if file_in(folder).is_file() { Ok(()) } else { Err(OpenError::Absent { folder: folder.to_owned() }) }
}

/// Opens or makes the database in `folder`.
pub(super) fn open(folder: &Path, durability: Durability) -> Result<Opened, OpenError> {
    let unusable = |source| OpenError::Folder { folder: folder.to_owned(), source };
    make(folder).map_err(unusable)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("readyroom.lock"))
        .map_err(unusable)?;
    let lock = match lock.try_lock() {
        Ok(()) => Lock(lock),
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(unusable(source)),
    };
    let file = file_in(folder);
    let broken = |source| OpenError::Database { file: file.clone(), source };
    let mut connection = Connection::open(&file).map_err(broken)?;
    set_up(&connection, durability).map_err(broken)?;
    let found = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).map_err(broken)?;
    if usize::try_from(found).is_ok_and(|found| found > MIGRATIONS.len()) {
        return Err(OpenError::Newer { file, found, known: MIGRATIONS.len() });
    }
    migrate(&mut connection, found).map_err(broken)?;
    let epoch = connection
        .query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))
        .map(Epoch)
        .map_err(broken)?;
    Ok(Opened { connection, file, epoch, lock })
}

/// A database that is gone with its connection, with all its tables: for simulations, which bring their own disk.
///
/// # Errors
/// Those of SQLite.
pub fn in_memory() -> rusqlite::Result<Connection> {
    let mut db = Connection::open_in_memory()?;
    prepare_once(&db)?;
    migrate(&mut db, 0)?;
    Ok(db)
}

/// Makes a folder that only its owner can look into: it holds what people said.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn set_up(db: &Connection, durability: Durability) -> rusqlite::Result<()> {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Relaxed => "NORMAL",
    };
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", synchronous)?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    // What is deleted or erased is overwritten with zeros, in the page and in the pages that come free.
    db.pragma_update(None, "secure_delete", "ON")?;
    // KiB. Holds the pages that a full batch changes; the next one changes much the same. Half of it costs a tenth more.
    db.pragma_update(None, "cache_size", -512)?;
    // 4000 pages of 4 KiB: the write-ahead log stays about 16 MiB. A commit that finds more waits for a checkpoint, which
    // writes each page once, however often it was changed, and syncs the file: a quarter as often as with 1000, SQLite's
    // own number, in half the time. More saves little.
    db.pragma_update(None, "wal_autocheckpoint", 4000)?;
    prepare_once(db)
}

/// Keeps statements as they were first prepared. Without SQLite's guarantee of stable plans it prepares those anew, on
/// each run, whose plan might depend on the values: `LIMIT ?` is enough, and an index with a `WHERE`. That costs more than
/// running them.
pub(super) fn prepare_once(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn migrate(db: &mut Connection, found: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(found).unwrap_or_default();
    for (version, step) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step(&transaction)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The tables, the database's name, the system's own user and `#lobby`.
fn first(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(include_str!("schema.sql"))?;
    let now = crate::clock::now();
    db.execute("INSERT INTO meta (key, value) VALUES ('epoch', ?)", [crate::random::uuid().to_string()])?;
    db.execute(
        "INSERT INTO user (id, name, kind, created_at) VALUES (?, 'Readyroom', 'system', ?)",
        params![super::int(SYSTEM.0), super::int(now.0)],
    )?;
    let cid = common::id::Cid(Uuid::nil());
    // Written as the first version wrote it: `rooms` and `events` speak of columns that come later.
    db.execute(
        "INSERT INTO room (id, name, public, created_by, created_cid, created_at) VALUES (?, 'lobby', 1, ?, ?, ?)",
        params![super::int(LOBBY.0), super::int(SYSTEM.0), cid.0.as_bytes(), super::int(now.0)],
    )?;
    db.execute(
        "INSERT INTO room_head (room_id, last_seq, last_n, members) VALUES (?, 0, 0, 0)",
        [super::int(LOBBY.0)],
    )?;
    db.execute(
        "INSERT INTO event (room_id, seq, kind, sender_id, client_id, sent_at) VALUES (?, 1, ?, ?, ?, ?)",
        params![super::int(LOBBY.0), events::CREATED, super::int(SYSTEM.0), cid.0.as_bytes(), super::int(now.0)],
    )?;
    db.execute("UPDATE room_head SET last_seq = 1 WHERE room_id = ?", [super::int(LOBBY.0)]).map(|_| ())
}

/// Messages that change, mentions, and a log for each person.
fn second(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(include_str!("schema_2.sql"))?;
    people::fold_all(db)
}

/// Fewer pages for each commit.
fn third(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(include_str!("schema_3.sql"))
}

/// Accounts, rooms that are not for everybody, answers.
fn fourth(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(include_str!("schema_4.sql"))?;
    people::skeleton_all(db)?;
    rooms::skeletons(db)
}

/// The user that stands for the server itself.
pub(super) const SYSTEM: UserId = UserId(1);

/// The room that everybody starts in.
pub(super) const LOBBY: RoomId = RoomId(1);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_free_though_a_process_that_begins_holds_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(folder.path(), Durability::Relaxed).unwrap();
        let copy = opened.lock.0.try_clone().unwrap();
        assert!(matches!(open(folder.path(), Durability::Relaxed), Err(OpenError::InUse { .. })));
        drop(opened);
        assert!(open(folder.path(), Durability::Relaxed).is_ok());
        drop(copy);
    }
}
