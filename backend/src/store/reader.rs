//! Threads that only read, each with a connection of its own.
//!
//! A read runs beside the sockets, so that a slow disk never stops them, and sees one snapshot, however many statements
//! it takes. Threads of our own cost less per read than Tokio's blocking ones, and keep their memory in one place.
//! Deliberately absent: what is read.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, oneshot};

use super::StoreError;
use super::open::prepare_once;

/// Reads that run at the same time.
const READERS: usize = 2;

/// Reads that may wait for a reader. Whoever brings one more waits before the queue: the permits are fair.
const QUEUE: usize = 1024;

/// The queue's end of the readers.
#[derive(Debug)]
pub(super) struct Readers {
    files: Files,
    queue: Arc<Queue>,
    permits: Semaphore,
}

/// What a reader opens.
#[derive(Debug, Clone)]
struct Files {
    log: PathBuf,
    /// The index beside it, for those who search.
    index: Option<PathBuf>,
}

/// A read that has queued, with its answer. It gets no connection where the database cannot be opened.
type Job = Box<dyn FnOnce(rusqlite::Result<&Connection>) + Send>;

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// The ends of the threads; none before the first read.
    threads: Vec<oneshot::Receiver<()>>,
    closed: bool,
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    /// There is a job, or there will be no more.
    changed: Condvar,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Queue {
    /// A lock is held for no call that could panic.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a job, if it takes any.
    fn push(self: &Arc<Self>, job: Job, files: &Files) -> Result<(), StoreError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(StoreError::Closed);
        }
        while waiting.threads.len() < READERS {
            waiting.threads.push(start(self, files)?);
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for the next job; `None` when there will be no more.
    fn pop(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            match waiting.jobs.pop_front() {
                Some(job) => return Some(job),
                None if waiting.closed => return None,
                None => waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Takes no more. Gives the ends of the threads.
    fn close(&self) -> Vec<oneshot::Receiver<()>> {
        let mut waiting = self.lock();
        waiting.closed = true;
        self.changed.notify_all();
        std::mem::take(&mut waiting.threads)
    }
}

impl Readers {
    /// Those of a log, and of the index beside it where there is one: it is attached as `search`.
    pub(super) fn new(log: PathBuf, index: Option<PathBuf>) -> Self {
        Self { files: Files { log, index }, queue: Arc::default(), permits: Semaphore::new(QUEUE) }
    }

    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let _permit = self.permits.acquire().await.map_err(|_closed| StoreError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |db: rusqlite::Result<&Connection>| {
            // Who asked may have gone.
            drop(reply.send(db.and_then(|db| snapshot(db, query))));
        });
        self.queue.push(job, &self.files)?;
        match answer.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "the database could not be read");
                Err(StoreError::Failed)
            }
            Err(_panicked) => Err(StoreError::Failed),
        }
    }

    /// Begins no more reads and waits for those that have queued, and until the connections are closed: one that is open
    /// keeps the writer from emptying the write-ahead log.
    pub(super) async fn close(&self) {
        self.permits.close();
        for ended in self.queue.close() {
            drop(ended.await);
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queue.close());
    }
}

/// Starts a thread, and gives its end.
fn start(queue: &Arc<Queue>, files: &Files) -> Result<oneshot::Receiver<()>, StoreError> {
    let (queue, files) = (Arc::clone(queue), files.clone());
    let (end, ended) = oneshot::channel();
    let begun = thread::Builder::new().name("readyroom-reader".to_owned()).spawn(move || {
        serve(&queue, &files);
        drop(end);
    });
    begun.map_err(|error| {
        tracing::error!(%error, "a thread that reads the database could not be started");
        StoreError::Failed
    })?;
    Ok(ended)
}

/// What a thread does until there is nothing more to come.
fn serve(queue: &Queue, files: &Files) {
    // At once, and not when it is needed: there may be no descriptor left then.
    let open = || open(&files.log, files.index.as_deref());
    let mut db = open().ok();
    while let Some(job) = queue.pop() {
        let connection = match db.take().map_or_else(open, Ok) {
            Ok(connection) => connection,
            Err(error) => {
                job(Err(error));
                continue;
            }
        };
        let done = catch_unwind(AssertUnwindSafe(|| job(Ok(&connection))));
        match done {
            // A connection that may be in the middle of something is not used again.
            Err(_panic) => tracing::error!("a read was broken off"),
            Ok(()) => db = Some(connection),
        }
    }
}

/// Runs a query in a transaction, so that all its statements see the same.
fn snapshot<T>(db: &Connection, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    db.prepare_cached("BEGIN")?.execute([])?;
    let result = query(db);
    db.prepare_cached("COMMIT")?.execute([])?;
    result
}

/// Opens a log for reading, with the index beside it where one is named.
pub(super) fn open(log: &Path, index: Option<&Path>) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(log, flags)?;
    // KiB. Small, for every commit empties it, and the operating system caches the file anyway.
    db.pragma_update(None, "cache_size", -128)?;
    if let Some(index) = index {
        db.execute("ATTACH ? AS search", [index.to_string_lossy()])?;
        db.pragma_update(Some("search"), "cache_size", -1024)?;
    }
    prepare_once(&db)?;
    Ok(db)
}
