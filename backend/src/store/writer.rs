//! The one thread that writes.
//!
//! It takes whatever has queued, at most [`BATCH`] changes, into one transaction, commits, and only then answers all of
//! them, in their order: group commit without a timer. Batches grow by themselves while the previous commit runs. A batch
//! that fails is carried out again one by one, so that a bad change harms only itself; where it is the disk that fails,
//! the rest is refused without another try, and the next batch finds out by itself whether there is space again.
//!
//! A text that was erased is overwritten in its page by the commit, and stays in the write-ahead log until the checkpoint
//! that follows at once: that empties the log. Where a reader is in the way of it for longer than [`CHECKPOINT_WAIT`], it
//! follows the next commit, at the latest the last one. So an erased text is gone from the files when the answer arrives,
//! or a commit later; a backup made before has it still.
//!
//! Deliberately absent: what a change does.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use common::id::Timestamp;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// Changes that may wait for the writer. Whoever brings one more waits.
pub(super) const QUEUE: usize = 1024;

/// Changes in one transaction: enough for most of what grouping can bring, few enough that a commit stays short.
const BATCH: usize = 256;

/// How long the checkpoint behind an erasure waits for readers: they read a page and are done.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(100);

/// How long anything else waits for a lock; nothing else holds one for long.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The queue's end of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Change>>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

/// A change that has queued, with its answer.
trait Change: Send {
    fn run(&mut self, db: &Connection, now: Timestamp) -> rusqlite::Result<()>;
    /// Whether texts were erased; known once it has run.
    fn erases(&self) -> bool;
    fn answer(self: Box<Self>, result: Result<(), StoreError>);
}

struct Queued<T, F, A> {
    change: F,
    erases: fn(&T) -> bool,
    outcome: Option<T>,
    answer: A,
}

impl<T, F, A> Change for Queued<T, F, A>
where
    T: Send,
    F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send,
    A: FnOnce(Result<T, StoreError>) + Send,
{
    fn erases(&self) -> bool {
        self.outcome.as_ref().is_some_and(self.erases)
    }

    fn run(&mut self, db: &Connection, now: Timestamp) -> rusqlite::Result<()> {
        self.outcome = Some((self.change)(db, now)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), StoreError>) {
        let Self { outcome, answer, .. } = *self;
        answer(result.and_then(|()| outcome.ok_or(StoreError::Failed)));
    }
}

/// A place in the queue that was free.
pub(super) struct Place(mpsc::OwnedPermit<Box<dyn Change>>);

impl Place {
    /// Queues a change. `erases` says whether what came of it took texts out of the database, so that they shall be gone
    /// from its files. `answer` is told what came of it once that is on disk, in the order of the commits; it runs on the
    /// writer's thread and must not wait.
    pub(super) fn take<T, F, A>(self, change: F, erases: fn(&T) -> bool, answer: A)
    where
        T: Send + 'static,
        F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send + 'static,
        A: FnOnce(Result<T, StoreError>) + Send + 'static,
    {
        drop(self.0.send(Box::new(Queued { change, erases, outcome: None, answer })));
    }
}

impl Writer {
    /// Starts the thread. `told` is called whenever a batch has been answered.
    pub(super) fn start(db: Connection, told: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (queue, changes) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("readyroom-writer".to_owned()).spawn(move || {
            serve(&db, changes, &told);
            drop(db);
            drop(end);
        })?;
        Ok(Self { queue: Mutex::new(Some(queue)), ended: Mutex::new(Some(ended)) })
    }

    /// Waits for a place in the queue.
    pub(super) async fn place(&self) -> Result<Place, StoreError> {
        self.queue()?.reserve_owned().await.map(Place).map_err(|_closed| StoreError::Closed)
    }

    /// A place in the queue; none while it is full.
    pub(super) fn free_place(&self) -> Result<Option<Place>, StoreError> {
        match self.queue()?.try_reserve_owned() {
            Ok(permit) => Ok(Some(Place(permit))),
            Err(mpsc::error::TrySendError::Full(_)) => Ok(None),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(StoreError::Closed),
        }
    }

    /// Takes no more changes and waits until the queued ones are committed and the file is closed.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().ok().and_then(|mut queue| queue.take()));
        let ended = self.ended.lock().ok().and_then(|mut ended| ended.take());
        if let Some(ended) = ended {
            drop(ended.await);
        }
    }

    fn queue(&self) -> Result<mpsc::Sender<Box<dyn Change>>, StoreError> {
        self.queue.lock().ok().and_then(|queue| queue.clone()).ok_or(StoreError::Closed)
    }
}

/// What the writer remembers from batch to batch.
#[derive(Debug)]
struct Standing {
    /// Whether an erased text may still be in the write-ahead log.
    erased: bool,
    /// Whether the disk failed the last time.
    failing: bool,
}

fn serve(db: &Connection, mut changes: mpsc::Receiver<Box<dyn Change>>, told: &dyn Fn()) {
    let mut batch = Vec::new();
    // The server may have been killed between an erasure and its checkpoint.
    let mut standing = Standing { erased: true, failing: false };
    while let Some(change) = changes.blocking_recv() {
        batch.push(change);
        while batch.len() < BATCH {
            let Ok(change) = changes.try_recv() else { break };
            batch.push(change);
        }
        commit(db, &mut batch, &mut standing);
        told();
        // A burst must not keep its memory for ever.
        batch.shrink_to(16);
    }
    // Also where nothing was erased: whoever copies the file of a server that is stopped has all of it.
    if !checkpoint(db) {
        tracing::warn!("the write-ahead log could not be emptied; the next start goes on from it");
    }
}

/// Carries out a batch, answers all of it, and leaves it empty. Empties the write-ahead log where something was erased.
fn commit(db: &Connection, batch: &mut Vec<Box<dyn Change>>, standing: &mut Standing) {
    match transact(db, batch) {
        Ok(()) => succeed(db, batch, standing),
        Err(error) if is_disk(&error) => refuse(batch, &error, standing),
        Err(error) => {
            tracing::warn!(%error, changes = batch.len(), "a batch of changes failed; trying them one by one");
            one_by_one(db, batch, standing);
        }
    }
}

fn one_by_one(db: &Connection, batch: &mut Vec<Box<dyn Change>>, standing: &mut Standing) {
    let mut rest = std::mem::take(batch).into_iter();
    while let Some(mut change) = rest.next() {
        match transact(db, std::slice::from_mut(&mut change)) {
            Ok(()) => succeed(db, &mut vec![change], standing),
            Err(error) if is_disk(&error) => {
                batch.push(change);
                batch.extend(rest);
                return refuse(batch, &error, standing);
            }
            Err(error) => {
                tracing::error!(%error, "a change could not be written to the database");
                change.answer(Err(StoreError::Failed));
            }
        }
    }
}

/// Answers a batch that is committed, once what it erased is gone.
fn succeed(db: &Connection, batch: &mut Vec<Box<dyn Change>>, standing: &mut Standing) {
    if std::mem::take(&mut standing.failing) {
        tracing::info!("the database can be written again");
    }
    standing.erased |= batch.iter().any(|change| change.erases());
    if standing.erased {
        standing.erased = !checkpoint(db);
    }
    batch.drain(..).for_each(|change| change.answer(Ok(())));
}

/// Answers that nothing of a batch was stored. Clients try again and again: what is wrong is said once.
fn refuse(batch: &mut Vec<Box<dyn Change>>, error: &rusqlite::Error, standing: &mut Standing) {
    if !std::mem::replace(&mut standing.failing, true) {
        tracing::error!(%error, "the database cannot be written; what is sent is refused until it can");
    }
    batch.drain(..).for_each(|change| change.answer(Err(StoreError::Failed)));
}

/// Whether it is the disk that fails, and not the change: full, broken, or made read-only.
fn is_disk(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure | ReadOnly | CannotOpen))
}

/// Writes the whole write-ahead log into the database and empties it. Says whether that went well; nothing is lost where
/// it did not.
fn checkpoint(db: &Connection) -> bool {
    let emptied = || {
        db.busy_timeout(CHECKPOINT_WAIT)?;
        let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?;
        Ok(busy == 0)
    };
    let emptied = emptied().unwrap_or_else(|error: rusqlite::Error| {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
        false
    });
    if let Err(error) = db.busy_timeout(LOCK_WAIT) {
        tracing::warn!(%error, "the database does not take its settings");
    }
    emptied
}

fn transact(db: &Connection, batch: &mut [Box<dyn Change>]) -> rusqlite::Result<()> {
    let now = crate::clock::now();
    db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = batch
        .iter_mut()
        .try_for_each(|change| change.run(db, now))
        .and_then(|()| db.prepare_cached("COMMIT")?.execute([]).map(|_| ()));
    if done.is_err() && !db.is_autocommit() {
        // SQLite has already rolled back after some errors; is_autocommit says whether it did.
        db.execute_batch("ROLLBACK")?;
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Writer {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (x INTEGER UNIQUE)").unwrap();
        Writer::start(db, || {}).unwrap()
    }

    async fn insert(writer: &Writer, x: i64) -> Result<oneshot::Receiver<Result<i64, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let change = move |db: &Connection, _now| {
            db.execute("INSERT INTO t VALUES (?)", [x])?;
            db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        };
        writer.place().await?.take(change, |_| false, move |result| assert!(reply.send(result).is_ok()));
        Ok(answer)
    }

    #[tokio::test]
    async fn a_bad_change_spoils_no_other_of_its_batch() {
        let writer = table();
        let mut answers = Vec::new();
        for x in [1, 2, 2, 3] {
            answers.push(insert(&writer, x).await.unwrap());
        }
        let mut results = Vec::new();
        for answer in answers {
            results.push(answer.await.unwrap());
        }
        assert_eq!(results, [Ok(1), Ok(2), Err(StoreError::Failed), Ok(3)]);
    }

    #[tokio::test]
    async fn closing_carries_out_what_has_queued() {
        let writer = table();
        let answer = insert(&writer, 1).await.unwrap();
        writer.close().await;
        assert_eq!(answer.await.unwrap(), Ok(1));
        assert_eq!(insert(&writer, 2).await.err(), Some(StoreError::Closed));
    }
}
