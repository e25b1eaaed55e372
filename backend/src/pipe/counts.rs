//! What the status page and the metrics tell: counters, which anybody may add to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// How many scripts of a folder are told apart; those that come later are in the sums alone.
const MOST_SCRIPTS: usize = 1000;

/// The counters of a server.
#[derive(Debug)]
pub struct Counts {
    /// When it began.
    pub began: Instant,
    /// WebSockets that were opened.
    pub connections: Count,
    /// WebSockets that are open.
    pub open: Count,
    /// Programs that were started.
    pub started: Count,
    /// Programs that run, until each has ended and was reaped.
    pub running: Count,
    /// Those of them that wait for a client.
    pub waiting: Count,
    /// Programs that ended with another status than 0, or by a signal that was not ours.
    pub failed: Count,
    /// Programs that could not be started.
    pub unstarted: Count,
    /// Handshakes that were refused.
    pub refused: Count,
    /// Messages of clients, and their bytes.
    pub heard: Count,
    /// Bytes of them.
    pub heard_bytes: Count,
    /// Messages to clients.
    pub said: Count,
    /// Bytes of them.
    pub said_bytes: Count,
    /// Clients that were dropped because they took nothing for too long.
    pub stalled: Count,
    /// The scripts of `--dir` that were started, by their names.
    scripts: Mutex<BTreeMap<String, Arc<Script>>>,
}

/// What is counted for each script of `--dir`.
#[derive(Debug, Default)]
pub struct Script {
    /// Programs of it that run.
    pub running: Count,
    /// Programs of it that were started.
    pub started: Count,
    /// Programs of it that failed.
    pub failed: Count,
}

impl Counts {
    /// What was counted for each script, by its name.
    #[must_use]
    pub fn scripts(&self) -> Vec<(String, Arc<Script>)> {
        self.lock().iter().map(|(name, script)| (name.clone(), Arc::clone(script))).collect()
    }

    fn script(&self, name: &str) -> Option<Arc<Script>> {
        let mut scripts = self.lock();
        if let Some(script) = scripts.get(name) {
            return Some(Arc::clone(script));
        }
        (scripts.len() < MOST_SCRIPTS).then(|| Arc::clone(scripts.entry(name.to_owned()).or_default()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Script>>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program that is counted as running until this is dropped.
#[derive(Debug)]
pub struct Running {
    counts: Arc<Counts>,
    script: Option<Arc<Script>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.counts.running.leave();
        if let Some(script) = &self.script {
            script.running.leave();
        }
    }
}

impl Running {
    /// One program more has been started, and runs: of this script, where it is one of `--dir`.
    #[must_use]
    pub fn begin(counts: &Arc<Counts>, script: Option<&str>) -> Self {
        counts.started.add(1);
        counts.running.add(1);
        let script = script.and_then(|name| counts.script(name));
        if let Some(script) = &script {
            script.started.add(1);
            script.running.add(1);
        }
        Self { counts: Arc::clone(counts), script }
    }

    /// It has ended otherwise than well, and not by a signal of ours.
    pub fn has_failed(&self) {
        self.counts.failed.add(1);
        if let Some(script) = &self.script {
            script.failed.add(1);
        }
    }
}

/// A number that goes up, and sometimes down.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// Takes one away.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// Is so much from now on.
    pub fn set(&self, n: usize) {
        self.0.store(u64::try_from(n).unwrap_or(u64::MAX), Relaxed);
    }

    /// How much it is.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            connections: Count::default(),
            open: Count::default(),
            started: Count::default(),
            running: Count::default(),
            waiting: Count::default(),
            failed: Count::default(),
            unstarted: Count::default(),
            refused: Count::default(),
            heard: Count::default(),
            heard_bytes: Count::default(),
            said: Count::default(),
            said_bytes: Count::default(),
            stalled: Count::default(),
            scripts: Mutex::default(),
        }
    }
}
