//! The store: every room's log and the people, in one SQLite file.
//!
//! The only module that knows SQL. A [`Store`] is a cheap handle: writes queue for one writer thread (`writer`), which
//! commits whatever has queued as one transaction; reads run beside it on a few connections of their own (`reader`).
//! What a command does to the tables is decided inside its transaction, in [`events`], [`own`], [`rooms`] and [`people`].
//!
//! Deliberately absent: publishing (the rooms do that, after the commit), a trait for other databases (there is one),
//! and anything ordered by time.

pub mod events;
pub mod own;
pub mod people;
pub mod rooms;

mod open;
mod reader;
mod writer;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use common::id::{Epoch, RoomId, Timestamp, UserId};
use common::model::EventKind;
use common::server::ErrorCode;
use rusqlite::Connection;
use tokio::sync::oneshot;

use events::{Appended, Command, Verdict};
use own::Noted;
use writer::Manner;

pub use open::{OpenError, in_memory};

/// How far a commit has got when it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// On the disk: an acknowledged message survives a power failure. `synchronous = FULL`.
    #[default]
    Full,
    /// With the operating system: an acknowledged message survives the end of this program, but what was acknowledged
    /// since the system last wrote to the disk may be lost in a power failure: about 30 s on Linux
    /// (`vm.dirty_expire_centisecs`). What is left is a beginning of every log, in order. `synchronous = NORMAL`.
    Relaxed,
}

/// Why the store did not do what was asked. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database could not be read or written; the log of the server says why.
    #[error("the database cannot be read or written")]
    Failed,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

/// A handle to the store. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    epoch: Epoch,
    writer: writer::Writer,
    reader: reader::Readers,
    /// Held for as long as the store is open, so that no second server uses the folder.
    _lock: File,
}

/// The answer to a write, once its transaction is committed.
pub type Committed<T> = oneshot::Receiver<Result<T, StoreError>>;

impl Store {
    /// Opens the database in a folder; makes both where they are missing. Blocks.
    ///
    /// # Errors
    /// [`OpenError`], in words for whoever started the server.
    pub fn open(folder: &std::path::Path, durability: Durability) -> Result<Self, OpenError> {
        let opened = open::open(folder, durability)?;
        let file: PathBuf = opened.file;
        let writer = writer::Writer::start(opened.connection).map_err(|source| OpenError::Thread { source })?;
        let reader = reader::Readers::new(file);
        Ok(Self { inner: Arc::new(Inner { epoch: opened.epoch, writer, reader, _lock: opened.lock }) })
    }

    /// The name of the database.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.inner.epoch
    }

    /// Queues a change and gives the answer to wait for. Changes are carried out in the order they were queued; waits
    /// while `writer::QUEUE` of them do. `change` may run twice, in two transactions, if the first one fails.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub async fn enqueue<T, F>(&self, change: F) -> Result<Committed<T>, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send + 'static,
    {
        self.inner.writer.enqueue(change, Manner::default()).await
    }

    /// Queues a command about a room. As [`Store::enqueue`]; a text that it erases is gone from the files as well (see
    /// `writer`). `committed` is told what came of it, as in [`Store::note`]: entries of one person's log have one order,
    /// whatever they come from.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub async fn append(
        &self,
        command: Command,
        committed: impl FnOnce(&Verdict) + Send + 'static,
    ) -> Result<Committed<Verdict>, StoreError> {
        let erases = |verdict: &Verdict| matches!(verdict, Ok(Appended { event, fresh: true, .. }) if matches!(event.kind, EventKind::Deleted { .. }));
        let manner = Manner { erases, committed: Box::new(committed) };
        self.inner.writer.enqueue(move |db, now| events::append(db, &command, now), manner).await
    }

    /// Queues a change to a person's own log. As [`Store::enqueue`]; `committed` is told what came of it in the order of
    /// the commits, before the answer. It runs on the writer's thread and must not wait.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub async fn note(
        &self,
        (user, room): (UserId, RoomId),
        change: own::Change,
        committed: impl FnOnce(&Result<Noted, ErrorCode>) + Send + 'static,
    ) -> Result<Committed<Result<Noted, ErrorCode>>, StoreError> {
        let manner = Manner { committed: Box::new(committed), ..Manner::default() };
        self.inner.writer.enqueue(move |db, _now| own::change(db, user, room, &change), manner).await
    }

    /// Carries out a change and waits until it is committed.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed.
    pub async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send + 'static,
    {
        self.enqueue(change).await?.await.map_err(|_closed| StoreError::Closed)?
    }

    /// Reads from a snapshot that holds every change committed so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.inner.reader.read(query).await
    }

    /// Commits what has queued, and closes the database. What is asked of the store afterwards gets
    /// [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }
}

/// SQLite keeps signed numbers; ours are never negative and never that large.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn nat(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
