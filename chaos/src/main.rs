//! Runs seeds one after the other against the binary that `READYROOM_BIN` names, and prints what each one found.
//!
//! Exit code 0: every rule held, or, with `--expect`, one of the expected rules was seen broken. 1: it is not so. 2:
//! nothing was found out. Started by `cargo xtask chaos`, which builds the binary.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use chaos::round::{self, Outcome, Settings};
use chaos::rule::Rule;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Findings of one rule that are printed; one is enough to start from, and more show a pattern.
const SHOWN: usize = 3;

/// Treats the server badly and checks that nothing is lost, doubled, disordered or invented.
#[derive(Debug, Parser)]
#[command(name = "chaos", max_term_width = 100)]
struct Args {
    /// Seconds of trouble for each seed
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// How many seeds, from 1
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// This seed alone
    #[arg(long)]
    seed: Option<u64>,
    /// Rules of which one shall be seen broken: for servers that are known to break it
    #[arg(long, value_delimiter = ',')]
    expect: Vec<Rule>,
    /// The server's binary
    #[arg(long, env = "READYROOM_BIN")]
    binary: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let verdict = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")
        .and_then(|runtime| runtime.block_on(run_or_give_up(&args)));
    match verdict {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs until it is through or told to end. Then the server, which may just be frozen, ends as well.
async fn run_or_give_up(args: &Args) -> anyhow::Result<bool> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        verdict = run(args) => verdict,
        _ = terminate.recv() => anyhow::bail!("told to end"),
        _ = interrupt.recv() => anyhow::bail!("interrupted"),
    }
}

/// Whether all was as it should be.
async fn run(args: &Args) -> anyhow::Result<bool> {
    let binary = args.binary.canonicalize().with_context(|| format!("no binary at {}", args.binary.display()))?;
    let seeds = args.seed.map_or(1..=args.seeds, |seed| seed..=seed);
    let (mut acked, mut failed) = (0, Vec::new());
    for seed in seeds {
        let settings = Settings { binary: binary.clone(), seed, trouble: Duration::from_secs(args.seconds) };
        let outcome = round::run(&settings).await.with_context(|| format!("seed {seed}"))?;
        acked += outcome.figures.acked;
        tell(seed, &outcome);
        let broken: Vec<Rule> = outcome.broken.iter().map(|broken| broken.rule).collect();
        if args.expect.iter().any(|rule| broken.contains(rule)) {
            say(&format!("seed {seed} shows it"));
            return Ok(true);
        }
        if !broken.is_empty() {
            failed.push(seed);
        }
    }
    if !args.expect.is_empty() {
        say(&format!("no seed shows it; broken otherwise: {failed:?}"));
        return Ok(false);
    }
    say(&format!("{acked} messages acknowledged; seeds with something broken: {failed:?}"));
    Ok(failed.is_empty())
}

/// Prints what a run found: its figures, and the first of what broke each rule.
fn tell(seed: u64, outcome: &Outcome) {
    let held = if outcome.broken.is_empty() { "held" } else { "BROKEN" };
    say(&format!("seed {seed}: {held}; {}", outcome.figures));
    let mut rules: Vec<Rule> = outcome.broken.iter().map(|broken| broken.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let found: Vec<_> = outcome.broken.iter().filter(|broken| broken.rule == rule).collect();
        found.iter().take(SHOWN).for_each(|broken| say(&format!("  {broken}")));
        if found.len() > SHOWN {
            say(&format!("  {rule}: and {} more", found.len() - SHOWN));
        }
    }
    if outcome.unkept > 0 {
        say(&format!("  and {} contradictions more on the way", outcome.unkept));
    }
}

#[allow(clippy::print_stdout, reason = "what was found is the output of this program")]
fn say(line: &str) {
    println!("{line}");
}
