//! `readyroom bot`: any program as somebody in a room. It gets each message as a line, and what it prints is said.
//!
//! [`args`] are what the command line says. [`client`] drives a bot: its [`desk`] decides, around the engine of `common::sync`;
//! `link` is its WebSocket, which [`dial`] opens; `host` runs its program, and `feed` knows what that has not read. [`mod@journal`] keeps how far the program has read
//! and what it has said, [`lines`] turn messages into lines and lines into messages, [`pace`] bounds how much is said.
//! [`programs`] are those of the server's own configuration.
//!
//! Programs are run by [`crate::program`]. Deliberately absent: the chat's rules, which are the server's and the engine's.

pub mod args;
pub mod client;
pub mod desk;
pub mod dial;
mod feed;
mod host;
pub mod journal;
pub mod lines;
mod link;
pub mod pace;
pub mod programs;

use std::ffi::OsString;
use std::future::Future;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use common::sync::backoff::Backoff;
use tokio::signal::unix::{SignalKind, signal};

use crate::program::spawn::{Runner, own_exe};
use crate::program::{Program, find};
use crate::tasks::Tasks;
use args::BotArgs;
use client::{Bot, Said};
use dial::{Hope, Outside};
use lines::Style;

/// What a shell reports for a program that Ctrl-C has ended: 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;

/// The variable that brings the token, which the program does not need.
const TOKEN: &str = "READYROOM_TOKEN";

/// Runs `readyroom bot`. Returns when it is stopped, or cannot go on.
///
/// # Errors
/// In words for whoever started it.
pub fn main(args: &BotArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    let code = runtime.block_on(run(args));
    runtime.shutdown_background();
    code
}

/// Until it has ended by itself or by a first signal; a second one does not wait.
async fn run(args: &BotArgs) -> anyhow::Result<ExitCode> {
    let (program, outside) = (program(&args.command)?, outside(args)?);
    let tasks = Tasks::new();
    let runner = Runner::new(own_exe().context("cannot start")?, tasks.clone())?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
    let signals = async {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tasks.stop();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    let work = async {
        let Some(journal) = journal(args, &outside, tasks.stopping()).await? else { return Ok(()) };
        let bot = Bot {
            rooms: args.room.clone(),
            style: if args.plain { Style::Plain } else { Style::Json },
            rate: args.rate,
            journal,
            program,
            log: Box::new(tell),
        };
        let ended = client::run(bot, &outside, &runner, tasks.stopping()).await;
        tasks.ended().await;
        ended
    };
    tokio::select! {
        ended = work => ended.map(|()| ExitCode::SUCCESS),
        () = signals => Ok(ExitCode::from(INTERRUPTED)),
    }
}

fn program(command: &[OsString]) -> anyhow::Result<Program> {
    let (name, args) = command.split_first().context("there is no program to run")?;
    let path = find(name, std::env::var_os("PATH").as_deref())?;
    let env = std::env::vars_os().filter(|(name, _)| name != TOKEN).collect();
    Ok(Program { args: args.to_vec(), env, ..Program::new(path) })
}

fn outside(args: &BotArgs) -> anyhow::Result<Outside> {
    Outside::new(&args.server, args.token.clone(), args.fingerprint.clone()).map_err(anyhow::Error::msg)
}

/// The journal's file, which is named after the server and the person where nobody has named it: so the server is asked
/// who the token belongs to, until it answers. None where the bot was stopped before.
async fn journal(args: &BotArgs, outside: &Outside, stop: impl Future<Output = ()>) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = &args.state {
        return Ok(Some(path.clone()));
    }
    let mut stop = std::pin::pin!(stop);
    let (mut backoff, mut rng, mut told) = (Backoff::default(), fastrand::Rng::with_seed(client::seed()), None);
    let me = loop {
        let refused = tokio::select! {
            me = outside.me() => match me {
                Ok(me) => break me,
                Err(refused) => refused,
            },
            () = stop.as_mut() => return Ok(None),
        };
        if refused.hope != Hope::Some {
            anyhow::bail!(refused);
        }
        if told.as_ref() != Some(&refused.why) {
            tell(Said::Note(&format!("{refused}; trying again")));
            told = Some(refused.why);
        }
        let wait = Duration::from_millis(backoff.wait(None, false, &mut rng));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.as_mut() => return Ok(None),
        }
    };
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    let state = std::env::var_os("XDG_STATE_HOME").filter(|state| !state.is_empty()).map(PathBuf::from).or_else(home);
    let state = state.context("there is no state folder: name a file with --state")?;
    let name = format!("{}-{}.json", outside.authority().replace(':', "_"), me.id);
    Ok(Some(state.join("readyroom").join("bots").join(name)))
}

/// Everything goes to standard error: our words behind our name, and the program's as they come.
fn tell(said: Said<'_>) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told where that cannot be written.
    drop(match said {
        Said::Note(note) => writeln!(stderr, "readyroom: {note}"),
        Said::Stderr(bytes) => stderr.write_all(bytes),
    });
}
