//! The one thread that writes.
//!
//! It takes whatever has queued, at most [`BATCH`] changes, into one transaction, commits, and only then answers all of
//! them: group commit without a timer. Batches grow by themselves while the previous commit runs. A batch that fails is
//! carried out again one by one, so that a bad change harms only itself.
//!
//! Deliberately absent: what a change does.

use std::sync::Mutex;
use std::thread;

use common::id::Timestamp;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{Committed, StoreError};

/// Changes that may wait for the writer. Whoever brings one more waits.
pub(super) const QUEUE: usize = 1024;

/// Changes in one transaction: enough for most of what grouping can bring, few enough that a commit stays short.
const BATCH: usize = 256;

/// The queue's end of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Change>>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

/// A change that has queued, with its answer.
trait Change: Send {
    fn run(&mut self, db: &Connection, now: Timestamp) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, result: Result<(), StoreError>);
}

struct Queued<T, F> {
    change: F,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Change for Queued<T, F>
where
    T: Send,
    F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, db: &Connection, now: Timestamp) -> rusqlite::Result<()> {
        self.outcome = Some((self.change)(db, now)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), StoreError>) {
        let Self { outcome, reply, .. } = *self;
        let outcome = result.and_then(|()| outcome.ok_or(StoreError::Failed));
        // Who asked may have gone: the change is made all the same, and a repeat of it will find it.
        drop(reply.send(outcome));
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(db: Connection) -> std::io::Result<Self> {
        let (queue, changes) = mpsc::channel(QUEUE);
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("readyroom-writer".to_owned()).spawn(move || {
            serve(&db, changes);
            drop(db);
            drop(end);
        })?;
        Ok(Self { queue: Mutex::new(Some(queue)), ended: Mutex::new(Some(ended)) })
    }

    pub(super) async fn enqueue<T, F>(&self, change: F) -> Result<Committed<T>, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection, Timestamp) -> rusqlite::Result<T> + Send + 'static,
    {
        let queue = self.queue.lock().ok().and_then(|queue| queue.clone()).ok_or(StoreError::Closed)?;
        let (reply, committed) = oneshot::channel();
        let queued = Box::new(Queued { change, outcome: None, reply });
        queue.send(queued).await.map_err(|_closed| StoreError::Closed)?;
        Ok(committed)
    }

    /// Takes no more changes and waits until the queued ones are committed and the file is closed.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().ok().and_then(|mut queue| queue.take()));
        let ended = self.ended.lock().ok().and_then(|mut ended| ended.take());
        if let Some(ended) = ended {
            drop(ended.await);
        }
    }
}

fn serve(db: &Connection, mut changes: mpsc::Receiver<Box<dyn Change>>) {
    let mut batch = Vec::new();
    while let Some(change) = changes.blocking_recv() {
        batch.push(change);
        while batch.len() < BATCH {
            let Ok(change) = changes.try_recv() else { break };
            batch.push(change);
        }
        commit(db, &mut batch);
        // A burst must not keep its memory for ever.
        batch.shrink_to(16);
    }
}

/// Carries out a batch, answers all of it, and leaves it empty.
fn commit(db: &Connection, batch: &mut Vec<Box<dyn Change>>) {
    match transact(db, batch) {
        Ok(()) => batch.drain(..).for_each(|change| change.answer(Ok(()))),
        Err(error) => {
            tracing::warn!(%error, changes = batch.len(), "a batch of changes failed; trying them one by one");
            for mut change in batch.drain(..) {
                let result = transact(db, std::slice::from_mut(&mut change)).map_err(|error| {
                    tracing::error!(%error, "a change could not be written to the database");
                    StoreError::Failed
                });
                change.answer(result);
            }
        }
    }
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
        Writer::start(db).unwrap()
    }

    fn insert(x: i64) -> impl FnMut(&Connection, Timestamp) -> rusqlite::Result<i64> + Send {
        move |db, _| {
            db.execute("INSERT INTO t VALUES (?)", [x])?;
            db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        }
    }

    #[tokio::test]
    async fn a_bad_change_spoils_no_other_of_its_batch() {
        let writer = table();
        let mut answers = Vec::new();
        for x in [1, 2, 2, 3] {
            answers.push(writer.enqueue(insert(x)).await.unwrap());
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
        let answer = writer.enqueue(insert(1)).await.unwrap();
        writer.close().await;
        assert_eq!(answer.await.unwrap(), Ok(1));
        assert_eq!(writer.enqueue(insert(2)).await.err(), Some(StoreError::Closed));
    }
}
