//! Finds out what a request asks for: a WebSocket, the status, the console, a CGI script, a file, or nothing.

use std::sync::Arc;

use super::counts::Counts;
use super::log::Log;
use super::pool::Pool;
use super::settings::Settings;
use super::share::Share;
use crate::program::spawn::Runner;
use crate::tasks::Tasks;

/// What every request is answered with. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// What the command line says.
    pub(super) settings: Arc<Settings>,
    /// Writes what happens.
    pub(super) log: Log,
    /// Runs programs.
    pub(super) runner: Runner,
    /// What the status tells.
    pub(super) counts: Arc<Counts>,
    /// The connections.
    pub(super) connections: Tasks,
    /// The process that all clients share.
    pub(super) share: Option<Share>,
    /// Processes that wait for clients.
    pub(super) pool: Option<Pool>,
}
