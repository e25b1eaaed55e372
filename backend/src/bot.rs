//! `readyroom bot`: any program as somebody in a room. It gets each message as a line, and what it prints is said.
//!
//! [`args`] are what the command line says; [`client`] is the connection, the engine of `common::sync` over a WebSocket;
//! [`journal`] keeps how far the program has read and what it has said, [`lines`] turn messages into lines and lines
//! into messages, [`pace`] bounds how much is said. [`programs`] are those of the server's own configuration.
//!
//! Programs are run by [`crate::program`]. Deliberately absent: the chat's rules, which are the server's and the engine's.

pub mod args;
pub mod client;
pub mod journal;
pub mod lines;
pub mod pace;
pub mod programs;

use std::process::ExitCode;

use args::BotArgs;

/// Runs `readyroom bot`. Returns when it is stopped, or cannot go on.
///
/// # Errors
/// In words for whoever started it.
pub fn main(args: &BotArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("{} cannot be reached", args.server)
}
