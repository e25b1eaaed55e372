//! Measures the production binary that `READYROOM_BIN` names, and prints what it finds.
//!
//! The small ones: `startup`: from the start of the process until `/readyz` answers 200, on an empty data folder, and the
//! memory of the idle process. `pages`: from the Enter key in one browser until the message stands in another. `stalled`:
//! how much one reader who does not read slows a hundred others down. `logins`: how much two hundred people who sign in at
//! once slow two who chat. `restart`: from the end of the server until a thousand clients are back. `catchup`: from an open
//! socket until 500 missed events are held; `missed`: until they stand in a page. `reload`: until a page that was here
//! before shows the last known room. `history`, `search`: how long pages and searches take in a large chat.
//! `workbench`: typing in the Workbench while a socket keeps it busy. `typing`: until a character is painted in a room of
//! 10,000 messages; `scroll`: how long frames take while 100,000 are scrolled through.
//!
//! Those under `load` are `scenario`s, and need Linux: they wait with its epoll and timers and read its `/proc`. Speed is
//! measured here and nowhere asserted.

#[cfg(target_os = "linux")]
mod bare;
mod catchup;
mod chat;
#[cfg(target_os = "linux")]
mod compare;
mod crowd;
mod device;
mod history;
#[cfg(target_os = "linux")]
mod load;
mod logins;
mod pages;
#[cfg(target_os = "linux")]
mod pipe;
mod reader;
mod restart;
#[cfg(target_os = "linux")]
mod scenario;
mod search;
#[cfg(target_os = "linux")]
mod stage;
mod stalled;
mod startup;
#[cfg(target_os = "linux")]
mod subject;
mod workbench;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::chat::Chosen;
#[cfg(target_os = "linux")]
use crate::compare::Comparison;
#[cfg(target_os = "linux")]
use crate::scenario::UnderLoad;
#[cfg(target_os = "linux")]
use crate::stage::Setting;

/// Measures Readyroom, and others beside it.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
    #[cfg(target_os = "linux")]
    #[command(flatten)]
    setting: Setting,
}

#[derive(Debug, Subcommand)]
enum What {
    /// From the start of the process until it is ready, and the memory of the idle process
    Startup,
    /// From the Enter key in one browser until the message stands in another
    Pages,
    /// How much one reader who does not read slows the others down
    Stalled,
    /// How much two hundred people who sign in at once slow those who chat
    Logins,
    /// From the end of the server until a thousand clients are back
    Restart,
    /// From an open socket until 500 missed events are held
    Catchup,
    /// Until a page that was here before shows the last known room
    Reload,
    /// Until 500 missed events stand in a page
    Missed,
    /// Typing in the Workbench while a socket keeps it busy
    Workbench,
    /// Typing in a room of 10,000 messages
    Typing,
    /// Scrolling through 100,000 messages
    Scroll,
    /// Pages of a large room over HTTP
    History(Chosen),
    /// Searches over HTTP
    Search(Chosen),
    #[cfg(target_os = "linux")]
    #[command(flatten)]
    UnderLoad(UnderLoad),
    /// `readyroom pipe` and websocketd in turns
    #[cfg(target_os = "linux")]
    Pipe(pipe::Pipe),
    /// The product and its peers in turns, and the document
    #[cfg(target_os = "linux")]
    Compare(Comparison),
    /// The server behind `--subject bare`
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    BareServer {
        /// Where it listens
        port: u16,
    },
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    match arguments.what {
        What::Startup => startup::measure(),
        What::Pages => pages::measure(),
        What::Stalled => stalled::measure(),
        What::Logins => logins::measure(),
        What::Restart => restart::measure(),
        What::Catchup => catchup::measure(),
        What::Reload => device::reload(),
        What::Missed => device::missed(),
        What::Workbench => workbench::measure(),
        What::Typing => reader::typing(),
        What::Scroll => reader::scroll(),
        What::History(ref chosen) => history::measure(chosen),
        What::Search(ref chosen) => search::measure(chosen),
        #[cfg(target_os = "linux")]
        What::BareServer { port } => bare::serve(std::net::TcpListener::bind(("127.0.0.1", port))?),
        #[cfg(target_os = "linux")]
        What::Pipe(ref pipe) => {
            arguments.setting.take_place()?;
            pipe::measure(pipe, &arguments.setting)
        }
        #[cfg(target_os = "linux")]
        What::Compare(ref comparison) => compare::compare(comparison, &arguments.setting),
        #[cfg(target_os = "linux")]
        What::UnderLoad(ref scenario) => {
            arguments.setting.take_place()?;
            scenario.measure(&arguments.setting)
        }
    }
}

/// Prints the spread of a series of milliseconds.
fn print_spread(what: &str, mut ms: Vec<f64>) {
    let [min, p50, p95, max] = [0.0, 0.5, 0.95, 1.0].map(|share| share_of(&mut ms, share));
    say(&format!("{what}: n={} min={min:.1} p50={p50:.1} p95={p95:.1} max={max:.1} ms", ms.len()));
}

/// Prints the head of a table of [`print_row`]s.
fn print_head(what: &str) {
    say(&format!("{what:<44} {:>9} {:>9} {:>9} {:>9}", "n", "p50 ms", "p99 ms", "max ms"));
}

/// Prints the spread of a series of milliseconds as a row.
fn print_row(what: &str, ms: &mut [f64]) {
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| share_of(ms, share));
    say(&format!("{what:<44} {:>9} {p50:>9.2} {p99:>9.2} {max:>9.2}", ms.len()));
}

/// The value below which this share of a series lies. Sorts it.
fn share_of(ms: &mut [f64], share: f64) -> f64 {
    ms.sort_by(f64::total_cmp);
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a share of a list's length")]
    let index = ((ms.len().saturating_sub(1)) as f64 * share).round() as usize;
    ms.get(index).copied().unwrap_or(f64::NAN)
}

#[allow(clippy::print_stdout, reason = "a measurement's figures are its output")]
fn say(line: &str) {
    println!("{line}");
}
