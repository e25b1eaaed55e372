//! Connections that only read, opened when they are first needed.
//!
//! A read runs on one of Tokio's blocking threads, so that a slow disk never stops the sockets. Deliberately absent:
//! transactions over several reads; each read is one snapshot.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::StoreError;
use super::open::prepare_once;

/// Connections that may read at the same time. Whoever wants one more waits.
const READERS: u32 = 2;

/// The connections.
#[derive(Debug)]
pub(super) struct Readers {
    file: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, permits: Arc::new(Semaphore::new(READERS as usize)), idle: Arc::default() }
    }

    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_closed| StoreError::Closed)?;
        let idle = Arc::clone(&self.idle);
        let file = self.file.clone();
        let task = tokio::task::spawn_blocking(move || {
            let db = match idle.lock().ok().and_then(|mut idle| idle.pop()) {
                Some(db) => db,
                None => open(&file)?,
            };
            let result = query(&db);
            if let Ok(mut idle) = idle.lock() {
                idle.push(db);
            }
            drop(permit);
            result
        });
        match task.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "the database could not be read");
                Err(StoreError::Failed)
            }
            Err(error) => {
                tracing::error!(%error, "a read was broken off");
                Err(StoreError::Failed)
            }
        }
    }

    /// Waits for the reads that run, begins no more, and closes the connections: one that is open keeps the writer from
    /// emptying the write-ahead log.
    pub(super) async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(READERS).await {
            all.forget();
        }
        self.permits.close();
        if let Ok(mut idle) = self.idle.lock() {
            idle.clear();
        }
    }
}

fn open(file: &std::path::Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    // Small: the operating system caches the file anyway.
    db.pragma_update(None, "cache_size", -512)?;
    prepare_once(&db)?;
    Ok(db)
}
