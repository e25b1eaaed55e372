//! The binary: arguments → settings → log → serve → exit code; or one of the commands beside the chat.
//!
//! Standard output gets one line, the address to open, once the server is ready; everything else goes to standard
//! error. Deliberately absent: everything else.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use readyroom::config::Config;
use readyroom::config::args::{self, ArgsError, Command};
use readyroom::pipe;
use readyroom::program::{keeper, launcher};
use readyroom::progress::Progress;
use readyroom::seed::Plan;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Keeps small things close together, and gives the memory of a burst back a second later: ten thousand idle connections
/// take half of what they take with glibc's. How it is set stands in `.cargo/config.toml`.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What a shell reports for a program that Ctrl-C has ended: 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;

/// What the pipe calls itself in its messages.
const PIPE: &str = "readyroom pipe";

/// The name that makes the whole program a pipe.
const WEBSOCKETD: &str = "websocketd";

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = beside(&words) {
        return code;
    }
    let (command, config) = match args::read(words) {
        Ok(read) => read,
        Err(ArgsError::CommandLine(error)) => error.exit(),
        Err(error @ ArgsError::Config(_)) => return fail(&error.into()),
    };
    let result = match command {
        Command::Config => print(&config.to_toml()).map(|()| ExitCode::SUCCESS),
        Command::Serve => serve(config),
        Command::Reindex => reindex(&config),
        Command::User(user) => readyroom::admin::run(&config, &user, &mut std::io::stdin().lock())
            .and_then(|text| print(&text))
            .map(|()| ExitCode::SUCCESS),
        Command::Seed(plan) => seed(&config, &plan),
        Command::Pipe { args } => Ok(pipe::main(PIPE, &args)),
        Command::Bot(bot) => readyroom::bot::main(&bot),
    };
    result.unwrap_or_else(|error| fail(&error))
}

/// What has a command line of its own, and none of the chat's settings.
fn beside(words: &[OsString]) -> Option<ExitCode> {
    let (own, words) = words.split_first()?;
    let (command, rest) = words.split_first().map_or((None, words), |(command, rest)| (command.to_str(), rest));
    // A copy that is called websocketd calls itself by that name.
    match command {
        Some(launcher::COMMAND) => return Some(launcher::main(rest)),
        Some(keeper::COMMAND) => return Some(keeper::main()),
        Some(_) | None => {}
    }
    if Path::new(own).file_name().is_some_and(|name| name == WEBSOCKETD) {
        return Some(pipe::main(WEBSOCKETD, words));
    }
    (command == Some("pipe")).then(|| pipe::main(PIPE, rest))
}

fn serve(config: Config) -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&config.log))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let code = runtime.block_on(run(config));
    runtime.shutdown_background();
    code
}

async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for signals")?;
    let stop = CancellationToken::new();
    let listener = readyroom::bind(&config).await?;
    let signals = async {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        stop.cancel();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    let shown = config.clone();
    let ready = |address| {
        readyroom::descriptors::raise();
        // Whoever started the server may not read its output.
        drop(print(&format!("{}\n", readyroom::server::url(&shown, address))));
    };
    tokio::select! {
        served = readyroom::serve(config, listener, ready, stop.cancelled()) => Ok(served.map(|()| ExitCode::SUCCESS)?),
        () = signals => Ok(ExitCode::from(INTERRUPTED)),
    }
}

/// Makes the search index anew, and says how far it is.
fn reindex(config: &Config) -> anyhow::Result<ExitCode> {
    let mut progress = Progress::new("events indexed");
    let held = readyroom::store::search::reindex(&config.data, |done, of| progress.tell(done, of))?;
    progress.end(&format!("{held} messages can be searched"));
    Ok(ExitCode::SUCCESS)
}

/// Fills a folder with a made-up chat, and says how far it is.
fn seed(config: &Config, plan: &Plan) -> anyhow::Result<ExitCode> {
    let mut progress = Progress::new("messages written");
    readyroom::seed::seed(&config.data, plan, |done, of| progress.tell(done, of))?;
    progress.end(&format!("{} messages of {} people are written", plan.messages, plan.people));
    reindex(config)
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes()).context("cannot write to standard output")
}

/// One line with the error and what led to it.
fn fail(error: &anyhow::Error) -> ExitCode {
    let line = format!("{error:#}").replace('\n', " ");
    drop(writeln!(std::io::stderr(), "readyroom: {line}"));
    ExitCode::FAILURE
}
