//! Runs stories: `simulation --seeds 10000 [--from 0]`. At the first that fails it prints the shortest one that does.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::Parser;
use simulation::story::Story;
use simulation::{Tally, run, shrink};

/// Runs stories of everything that can go wrong, and checks that nothing does.
#[derive(Debug, Parser)]
struct Args {
    /// How many stories.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The seed of the first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
}

#[expect(clippy::print_stdout, reason = "a program that reports")]
fn main() -> ExitCode {
    let Args { seeds, from } = Args::parse();
    let began = Instant::now();
    let next = AtomicU64::new(from);
    let end = from.saturating_add(seeds);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let worker = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return Ok(tally);
            }
            let story = Story::of(seed);
            match run(&story) {
                Ok(of) => tally.add(&of),
                Err(broken) => {
                    next.store(end, Ordering::Relaxed);
                    return Err((story, broken));
                }
            }
        }
    };
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut tally = Tally::default();
    for result in results {
        match result {
            Ok(Ok(of)) => tally.add(&of),
            Ok(Err((story, broken))) => {
                let (short, why) = shrink::shortest(&story, broken, |story| run(story).map(drop));
                println!("seed {} breaks: {why}", story.seed);
                println!(
                    "the shortest story that shows it ({} messages before, queues of {}):",
                    short.history, short.queue
                );
                for act in &short.acts {
                    println!("  {act}");
                }
                return ExitCode::FAILURE;
            }
            Err(_) => return ExitCode::FAILURE,
        }
    }
    println!("{seeds} stories in {:.1} s, nothing broken: {tally}", began.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
