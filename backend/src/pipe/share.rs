//! `--share`: one process for all clients.
//!
//! It is started with the server, not with the first client: what it says before somebody comes is what late ones are
//! given. Its environment is what a program without a request has. What it says goes to everybody who is connected,
//! encoded once ([`ring`]); who comes late gets the last messages first. What clients say goes into its input a whole
//! message at a time, by turns ([`turns`]); what others have said, a client hears only from the process. [`state`] is
//! what both sides share, [`client`] the connections' side and [`run`] the process's.
//!
//! Bounds, and who bears what:
//! - Clients are waited for only after each half mebibyte that the process says, so that it does not run away from those
//!   who read: until half have got it, some seconds at most, and then for the others as long as those took and a moment
//!   more. Who was waited for in vain is not waited for again before they have caught up. Who is more than a mebibyte
//!   behind is closed with 1013 `too slow`.
//! - A process that does not read keeps its clients waiting, each after 64 KiB, and takes from all by turns when it reads
//!   again. One that has closed its input is not waited for: what clients say is dropped.
//! - A client's leaving never ends the process's input.
//!
//! Where the process ends, all clients get the Close for that, and who comes later as well. With `--restart` they stay
//! connected, and it is started again, however it ended, after a wait ([`crate::program::backoff`]); what clients say
//! meanwhile waits as for a process that does not read. A message whose beginning the old process had been given is not
//! given to the new one.
//!
//! Without `--share` there is no `--restart`: a program of a client's own ends with a Close that says how it ended, and who
//! connects again gets another. A client that stayed would never learn of the end.
//!
//! Deliberately absent: compression, since what is encoded once is the same for all; and one process for each script of a
//! folder.

mod client;
mod ring;
mod run;
mod state;
mod turns;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::counts::Counts;
use super::far::Far;
use super::log::Log;
use super::settings::Settings;
use crate::program::Program;
use crate::program::frame::Framing;
use crate::program::spawn::Runner;
use crate::tasks::Tasks;
use client::Client;
use run::Keeper;
use state::State;

/// The process, and who is connected to it. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Share(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    framing: Framing,
    counts: Arc<Counts>,
}

/// What the process is run with.
#[derive(Debug)]
pub(super) struct Parts {
    /// What the command line says.
    pub(super) settings: Arc<Settings>,
    /// What is run, with its environment.
    pub(super) program: Program,
    /// Runs it.
    pub(super) runner: Runner,
    /// The group whose stop ends it.
    pub(super) tasks: Tasks,
    /// What the status tells.
    pub(super) counts: Arc<Counts>,
    /// Writes what happens.
    pub(super) log: Log,
}

impl Share {
    /// Starts the process.
    pub(super) fn start(parts: Parts) -> Self {
        let state = Mutex::new(State::new(parts.settings.share.unwrap_or_default()));
        let share = Self(Arc::new(Inner { state, framing: parts.settings.framing, counts: parts.counts.clone() }));
        let tasks = parts.tasks.clone();
        tasks.spawn(Keeper::new(share.clone(), parts).run());
        share
    }

    /// Connects a client; `log` has what its lines belong to.
    ///
    /// # Errors
    /// The Close, where the process has ended for good.
    pub(super) fn join(&self, log: &Log) -> Result<Box<dyn Far>, (u16, String)> {
        let key = self.state().join()?;
        Ok(Box::new(Client::new(self.clone(), key, log.clone())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
