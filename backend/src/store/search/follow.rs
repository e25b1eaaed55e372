//! The thread that follows the log: it reads what has been committed, and puts it into the index, a batch at a time.
//!
//! It comes when the writer rings, and then waits a moment before it comes again: a batch costs a segment of the index, so
//! many small ones cost more than a few large ones. It yields to everything else that the system has to do.
//!
//! Deliberately absent: the writer's thread. It rings and does not wait.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::id::{RoomId, Seq, UserId};
use rusqlite::{Connection, params};

use super::{Document, Index, edits, head, holds, insert, newest, remove};
use crate::store::events::{DELETED, EDITED, MESSAGE};
use crate::store::{int, nat, reader};

/// Events in one batch while others work: a deletion waits for one at most.
const BESIDE: u64 = 512;

/// Events in one batch where nobody waits.
pub(super) const ALONE: u64 = 20_000;

/// How long messages gather before the next batch: a fifth of a second is not noticed by who searches.
const GATHER: Duration = Duration::from_millis(200);

/// How long it waits after a batch that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// How long it works without letting others run. The system would give it a few milliseconds at a time, whatever its
/// priority, and everybody whose message comes just then would wait for as long.
const STRETCH: Duration = Duration::from_micros(250);

/// Steps of SQLite's virtual machine between two looks at the time: about a page that is written, or a message.
const STEPS: i32 = 10;

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Done {
    /// Events that were looked at.
    pub(super) events: u64,
    /// The row of the last one.
    pub(super) head: i64,
}

/// Says that there is something new.
#[derive(Debug, Default)]
pub(in crate::store) struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rung: bool,
    closed: bool,
}

impl Bell {
    /// Says that something was committed. Does not wait.
    pub(in crate::store) fn ring(&self) {
        self.change(|state| state.rung = true);
    }

    fn close(&self) {
        self.change(|state| state.closed = true);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until it rings; says whether it did, and not the end came.
    fn heard(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(state, |state| !state.rung && !state.closed);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.rung = false;
        !state.closed
    }

    /// Waits for a time, or for the end; says whether that came.
    fn closed_within(&self, time: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, time, |state| !state.closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }
}

/// The thread's handle.
#[derive(Debug)]
pub(in crate::store) struct Follower {
    bell: Arc<Bell>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Follower {
    /// Starts the thread. It begins with what it has missed.
    pub(in crate::store) fn start(index: Arc<Index>, log: &Path, bell: Arc<Bell>) -> std::io::Result<Self> {
        let (log, heard) = (log.to_owned(), Arc::clone(&bell));
        heard.ring();
        let thread = std::thread::Builder::new().name("readyroom-index".to_owned()).spawn(move || {
            yield_to_others();
            serve(&index, &log, &heard);
        })?;
        Ok(Self { bell, thread: Mutex::new(Some(thread)) })
    }

    /// Waits until the thread has ended; it does not finish what there is to do. Blocks for a batch at most.
    pub(in crate::store) fn end(&self) {
        self.bell.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes the search index broke off");
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.bell.close();
    }
}

/// Lets every other thread go first.
fn yield_to_others() {
    // Of a thread on Linux, of nothing elsewhere: there it would be the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::debug!(%error, "the search index cannot be written at a low priority");
    }
}

/// Has whoever writes to an index let others run after each [`STRETCH`], while `yields` is set.
pub(super) fn yield_within(db: &mut Connection, yields: &Arc<AtomicBool>) -> rusqlite::Result<()> {
    let yields = Arc::clone(yields);
    let mut last = Instant::now();
    let handler = move || {
        if yields.load(Ordering::Relaxed) && last.elapsed() >= STRETCH {
            std::thread::yield_now();
            last = Instant::now();
        }
        // Nothing is broken off.
        false
    };
    db.progress_handler(STEPS, Some(handler))
}

fn serve(index: &Index, log: &Path, bell: &Bell) {
    let mut connection = None;
    let mut failing = false;
    while bell.heard() {
        let wait = match rounds(index, log, &mut connection, bell) {
            Ok(()) => {
                failing = false;
                GATHER
            }
            Err(error) => {
                connection = None;
                bell.ring();
                if !std::mem::replace(&mut failing, true) {
                    tracing::error!(%error, "the search index cannot be written; what is new is not found until it can");
                }
                AFTER_FAILURE
            }
        };
        if bell.closed_within(wait) {
            break;
        }
    }
}

/// Puts into the index whatever there is.
fn rounds(index: &Index, file: &Path, log: &mut Option<Connection>, bell: &Bell) -> rusqlite::Result<()> {
    let log = match log {
        Some(log) => log,
        None => log.insert(reader::open(file, None)?),
    };
    // Who is far behind takes the time that the system gives: it has to catch up.
    let mut is_behind = false;
    loop {
        index.yields.store(!is_behind, Ordering::Relaxed);
        let done = index.catch_up(log, BESIDE)?;
        if done.events == 0 {
            break;
        }
        is_behind = done.events == BESIDE;
        if bell.closed_within(Duration::ZERO) {
            break;
        }
    }
    Ok(())
}

impl Index {
    /// Puts the next `limit` events of the log into the index.
    pub(super) fn catch_up(&self, log: &Connection, limit: u64) -> rusqlite::Result<Done> {
        let db = self.lock();
        let begin = head(&db)?;
        if newest(log)? <= begin {
            return Ok(Done { events: 0, head: begin });
        }
        log.execute_batch("BEGIN")?;
        let batch = Batch::read(log, begin, limit);
        log.execute_batch("COMMIT")?;
        let batch = batch?;
        db.execute_batch("BEGIN IMMEDIATE")?;
        let written = self.write(&db, &batch);
        if let Err(error) = written {
            db.execute_batch("ROLLBACK")?;
            return Err(error);
        }
        db.execute_batch("COMMIT")?;
        self.doomed().retain(|row| !batch.deleted.contains(row));
        Ok(Done { events: batch.events, head: batch.end })
    }

    fn write(&self, db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
        if batch.deleted.iter().any(|row| *row <= batch.begin && holds(db, *row).unwrap_or(true)) {
            // Its terms are not known any more. This takes a deletion that went past us, so it hardly ever happens.
            tracing::warn!("the search index holds a message that was deleted; it is made anew");
            db.execute_batch("INSERT INTO words (words) VALUES ('delete-all')")?;
            return db.execute("UPDATE state SET value = '0' WHERE key = 'head'", []).map(|_| ());
        }
        let doomed = self.doomed();
        for (old, new) in batch.edited.iter().filter(|(old, _)| !doomed.contains(&old.row)) {
            if holds(db, old.row)? {
                remove(db, old)?;
                insert(db, &Document { text: new.clone(), ..old.clone() })?;
            }
        }
        for document in batch.said.iter().filter(|document| !doomed.contains(&document.row)) {
            insert(db, document)?;
        }
        db.prepare_cached("UPDATE state SET value = ? WHERE key = 'head'")?.execute([batch.end.to_string()]).map(|_| ())
    }
}

/// What a batch of events does to the index. All lists rise, for that is how the index is quick.
#[derive(Debug, Default)]
struct Batch {
    events: u64,
    /// The row before the first one.
    begin: i64,
    /// The row of the last one.
    end: i64,
    /// Messages of the batch, each with the last text of it.
    said: Vec<Document>,
    /// Older messages with the texts that they had, and those that they have now.
    edited: Vec<(Document, String)>,
    /// Messages that were deleted.
    deleted: Vec<i64>,
}

impl Batch {
    fn read(log: &Connection, begin: i64, limit: u64) -> rusqlite::Result<Self> {
        let mut batch = Self { begin, end: begin, ..Self::default() };
        let mut query = log.prepare_cached(
            "SELECT id, room_id, seq, kind, sender_id, target_seq, body, mentions IS NOT NULL OR everyone IS NOT NULL \
             FROM event WHERE id > ? ORDER BY id LIMIT ?",
        )?;
        let mut rows = query.query([begin, int(limit)])?;
        let mut targets = Vec::new();
        while let Some(row) = rows.next()? {
            batch.events += 1;
            batch.end = row.get(0)?;
            let (room, by) = (RoomId(nat(row.get(1)?)), UserId(nat(row.get(4)?)));
            match (row.get::<_, i64>(3)?, row.get::<_, Option<String>>(6)?) {
                (MESSAGE, Some(text)) => {
                    batch.said.push(Document { row: batch.end, room, by, text, mentions: row.get(7)? });
                }
                (EDITED, Some(_)) | (DELETED, _) => targets.push((room, Seq(nat(row.get(5)?)), row.get::<_, i64>(3)?)),
                _ => {}
            }
        }
        drop(rows);
        targets.sort_unstable();
        targets.dedup();
        targets.into_iter().try_for_each(|target| batch.change(log, target))?;
        batch.edited.sort_unstable_by_key(|(old, _)| old.row);
        Ok(batch)
    }

    /// Takes in what became of a message.
    fn change(&mut self, log: &Connection, (room, seq, kind): (RoomId, Seq, i64)) -> rusqlite::Result<()> {
        let (row, by, text, mentions) = log
            .prepare_cached(
                "SELECT id, sender_id, body, mentions IS NOT NULL OR everyone IS NOT NULL FROM event \
                 WHERE room_id = ? AND seq = ?",
            )?
            .query_row(params![int(room.0), int(seq.0)], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?, row.get(3)?))
            })?;
        let Some(text) = text else {
            if kind == DELETED {
                self.deleted.push(row);
            }
            return Ok(());
        };
        let edits = edits(log, room, seq)?;
        let at = |end: i64| edits.iter().rev().find(|(row, _)| *row <= end).map(|(_, text)| text.clone());
        let Some(new) = at(self.end) else { return Ok(()) };
        if row <= self.begin {
            let old = at(self.begin).unwrap_or(text);
            self.edited.push((Document { row, room, by: UserId(nat(by)), text: old, mentions }, new));
        } else if let Ok(at) = self.said.binary_search_by_key(&row, |document| document.row)
            && let Some(document) = self.said.get_mut(at)
        {
            document.text = new;
        }
        Ok(())
    }
}
