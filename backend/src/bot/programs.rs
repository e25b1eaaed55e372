//! Programs of the server's configuration, each somebody in a room.
//!
//! `fit` looks whether what the settings say is there, `inside` is the way into the chat without a network or a token, `told`
//! brings what a program says beside its lines into the log. Each program is a bot like any other, on a thread of its own,
//! for it waits for its journal to be on disk.
//!
//! Deliberately absent: a way to start, stop or change one while the server runs. Whoever has an admin's session, or a hole
//! in the server, must not be able to run programs on the machine by it.

mod fit;
mod inside;
mod told;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::client::{self, Bot};
use super::lines::Style;
use crate::config::Config;
use crate::program::spawn::{Runner, own_exe};
use crate::socket::Sockets;
use crate::store::{Store, StoreError};
use crate::tasks::Tasks;
use fit::Fit;
use inside::Inside;

pub use fit::Unfit;

/// How long a program rests that cannot go on: its rooms may not have invited it yet.
const AGAIN: Duration = Duration::from_secs(30);

/// What programs need of the server.
#[derive(Debug, Clone)]
pub struct House {
    /// Who they are, and which rooms there are.
    pub store: Store,
    /// The way into the chat.
    pub sockets: Sockets,
    /// The group of what serves connections: while it stops nobody comes in.
    pub connections: Tasks,
}

/// Why the programs cannot be started, in words for whoever started the server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// One of them is not as it must be.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Programs cannot be run at all.
    #[error("cannot run programs")]
    Runner(#[from] io::Error),
}

/// Looks whether every program can be started, gives each its account, and runs them in `tasks` until those are stopped: then
/// they get the end of their input, and what they still say is said.
///
/// # Errors
/// [`StartError`] names the program and the key. None was started.
pub async fn start(config: &Config, house: House, tasks: &Tasks) -> Result<(), StartError> {
    if config.programs.is_empty() {
        return Ok(());
    }
    let runner = Runner::new(own_exe()?, tasks.clone())?;
    let mut ready = Vec::new();
    for entry in &config.programs {
        let fit = Fit::new(entry, &config.data)?;
        let inside = Inside::settle(entry, house.clone()).await?;
        ready.push((fit, inside));
    }
    for (fit, inside) in ready {
        let (runner, group, handle) = (runner.clone(), tasks.clone(), Handle::current());
        tasks.spawn_thread(move || handle.block_on(keep(&fit, &inside, &runner, &group)));
    }
    Ok(())
}

/// Runs a program until the server stops, and again where it could not go on.
async fn keep(fit: &Fit, inside: &Inside, runner: &Runner, tasks: &Tasks) {
    let name: Arc<str> = fit.entry.name.as_str().into();
    while let Err(error) = client::run(bot(fit, &name), inside, runner, tasks.stopping()).await {
        if inside.is_gone().await {
            tracing::warn!(program = %name, "its account was taken away; it does not run until the server is started anew");
            return;
        }
        tracing::error!(program = %name, "{error:#}; trying again in {} s", AGAIN.as_secs());
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = tasks.stopping() => return,
        }
    }
}

fn bot(fit: &Fit, name: &Arc<str>) -> Bot {
    Bot {
        rooms: fit.entry.rooms.clone(),
        style: if fit.entry.plain { Style::Plain } else { Style::Json },
        rate: fit.entry.rate_per_minute,
        journal: fit.journal.clone(),
        program: fit.program.clone(),
        log: told::log(Arc::clone(name)),
    }
}
