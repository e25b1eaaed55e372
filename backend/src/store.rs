//! The store: every room's log and the people, in one SQLite file.
//!
//! The only module that knows SQL. A [`Store`] is a cheap handle: writes queue for one writer thread (`writer`), which
//! commits whatever has queued as one transaction; reads run beside it on a few connections of their own (`reader`).
//! What a command does to the tables is decided inside its transaction, in [`events`], [`own`], [`rooms`] and [`people`].
//!
//! Deliberately absent: publishing (the rooms do that, after the commit), a trait for other databases (there is one),
//! and anything ordered by time.

pub mod accounts;
pub mod bots;
pub mod bulk;
pub mod confusable;
pub mod events;
pub mod history;
pub mod invites;
pub mod own;
pub mod people;
pub mod profiles;
pub mod rooms;
pub mod search;
pub mod second;
pub mod sessions;

mod open;
mod reader;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::EventKind;
use common::server::ErrorCode;
use common::text::RoomName;
use rusqlite::Connection;
use tokio::sync::oneshot;

use events::{Appended, Command};
use own::Noted;

pub use open::{OpenError, expect, in_memory};

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
    /// Beside the readers, so that nobody waits behind a search.
    searcher: reader::Readers,
    index: Arc<search::Index>,
    follower: search::Follower,
    /// Held for as long as the store is open, so that no second server uses the folder.
    _lock: open::Lock,
}

/// Why a command has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It breaks a rule.
    #[error("refused: {0:?}")]
    Refused(ErrorCode),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change that is about a room or a person's own log, for the writer.
#[derive(Debug, Clone)]
pub enum Change {
    /// A command about a room.
    Command(Command),
    /// A new room.
    Create {
        /// Whose.
        by: UserId,
        /// The command's name.
        cid: Cid,
        /// The room's name.
        name: RoomName,
        /// Whether only members shall see it.
        private: bool,
    },
    /// A conversation with people, new or as it is.
    Direct {
        /// Whose command it is.
        by: UserId,
        /// The command's name.
        cid: Cid,
        /// The others.
        people: Vec<UserId>,
    },
    /// These people were there when a message called everybody who is: what its home says of it.
    Called {
        /// The room.
        room: RoomId,
        /// The message.
        seq: Seq,
        /// Who was there.
        people: Vec<UserId>,
    },
    /// An entry of a person's own log.
    Own {
        /// Whose log.
        user: UserId,
        /// The room that it is about.
        room: RoomId,
        /// What changes.
        change: own::Change,
    },
}

/// What came of a [`Change`].
#[derive(Debug)]
pub enum Changed {
    /// An event, new or found again.
    Appended(Appended),
    /// An entry of somebody's own log.
    Noted(UserId, Noted),
}

impl Change {
    /// Carries the change out in a transaction of the caller's.
    ///
    /// # Errors
    /// Those of SQLite. A change that breaks a rule is no error: the [`ErrorCode`] says which.
    pub fn carry_out(&self, db: &Connection, now: Timestamp) -> rusqlite::Result<Result<Changed, ErrorCode>> {
        Ok(match self {
            Self::Command(command) => events::append(db, command, now)?.map(Changed::Appended),
            Self::Create { by, cid, name, private } => {
                rooms::create(db, (*by, *cid), name, *private, now)?.map(Changed::Appended)
            }
            Self::Direct { by, cid, people } => rooms::direct(db, (*by, *cid), people, now)?.map(Changed::Appended),
            Self::Called { room, seq, people } => events::call(db, *room, *seq, people)?.map(Changed::Appended),
            Self::Own { user, room, change } => {
                own::change(db, *user, *room, change)?.map(|noted| Changed::Noted(*user, noted))
            }
        })
    }
}

impl Store {
    /// Opens the database in a folder; makes both where they are missing. Blocks. `told` is called on the writer's thread
    /// whenever it has answered a batch.
    ///
    /// # Errors
    /// [`OpenError`], in words for whoever started the server.
    pub fn open(
        folder: &std::path::Path,
        durability: Durability,
        told: impl Fn() + Send + 'static,
    ) -> Result<Self, OpenError> {
        let opened = open::open(folder, durability)?;
        let file: PathBuf = opened.file;
        let index = search::Index::open(folder, &opened.connection, &opened.epoch)
            .map_err(|source| OpenError::Database { file: search::file_in(folder), source })?;
        let index = Arc::new(index);
        let bell = Arc::new(search::Bell::default());
        let rung = Arc::clone(&bell);
        let told = move || {
            told();
            rung.ring();
        };
        let thread = |source| OpenError::Thread { source };
        let writer = writer::Writer::start(opened.connection, told).map_err(thread)?;
        let follower = search::Follower::start(Arc::clone(&index), &file, bell).map_err(thread)?;
        let searcher = reader::Readers::new(file.clone(), Some(search::file_in(folder)));
        let reader = reader::Readers::new(file, None);
        let inner = Inner { epoch: opened.epoch, writer, reader, searcher, index, follower, _lock: opened.lock };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The name of the database.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.inner.epoch
    }

    /// Queues a change without waiting, and gives it back while the queue is full. Changes are carried out in the order
    /// they were queued. `answer` is told what came of it once that is on disk, in the order of the commits; it runs on
    /// the writer's thread and must not wait. A text that the change erases is gone from the files as well (see `writer`).
    ///
    /// # Errors
    /// The change, where there is no place for it now. Where the store is closed, `answer` is told so at once.
    pub fn try_change<A>(&self, change: Change, answer: A) -> Result<(), (Change, A)>
    where
        A: FnOnce(Result<Changed, CommandError>) + Send + 'static,
    {
        match self.inner.writer.free_place() {
            Ok(Some(place)) => carry_out(place, &self.inner.index, change, answer),
            Ok(None) => return Err((change, answer)),
            Err(error) => answer(Err(error.into())),
        }
        Ok(())
    }

    /// Queues a change once there is a place for it; else as [`Store::try_change`].
    pub async fn change<A>(&self, change: Change, answer: A)
    where
        A: FnOnce(Result<Changed, CommandError>) + Send + 'static,
    {
        match self.inner.writer.place().await {
            Ok(place) => carry_out(place, &self.inner.index, change, answer),
            Err(error) => answer(Err(error.into())),
        }
    }

    /// Carries out a change to the tables and waits until it is committed. `change` may run twice, in two transactions, if
    /// the first one fails.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed.
    pub async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, committed) = oneshot::channel();
        let place = self.inner.writer.place().await?;
        // Who asked may have gone: the change is made all the same.
        place.take(change, |_| false, move |result| drop(reply.send(result)));
        committed.await.map_err(|_closed| StoreError::Closed)?
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

    /// Searches: as [`Store::read`], with the index attached for [`search::find`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn search<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.inner.searcher.read(query).await
    }

    /// Commits what has queued, and closes the database. What is asked of the store afterwards gets
    /// [`StoreError::Closed`].
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.searcher.close().await;
        // Before the writer: a connection that reads keeps it from emptying its write-ahead log.
        self.inner.follower.end();
        self.inner.writer.close().await;
    }
}

/// Queues a change, and says afterwards what came of it.
fn carry_out(
    place: writer::Place,
    index: &Arc<search::Index>,
    change: Change,
    answer: impl FnOnce(Result<Changed, CommandError>) + Send + 'static,
) {
    let erases: fn(&Done) -> bool = |done| matches!(done, Ok(Changed::Appended(Appended { event, fresh: true, .. })) if matches!(event.kind, EventKind::Deleted { .. }));
    let index = Arc::clone(index);
    place.take(
        move |db, now| {
            let doomed = search::doomed(db, &change)?;
            let done = change.carry_out(db, now)?;
            // Within the transaction, for afterwards nobody knows the words any more.
            if let (Some(doomed), true) = (doomed, erases(&done)) {
                index.erase(&doomed)?;
            }
            Ok(done)
        },
        erases,
        move |done: Result<Done, StoreError>| {
            answer(done.map_err(CommandError::Store).and_then(|done| done.map_err(CommandError::Refused)));
        },
    );
}

type Done = Result<Changed, ErrorCode>;

/// SQLite keeps signed numbers; ours are never negative and never that large.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn nat(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
