//! Measures the production binary that `READYROOM_BIN` names, and prints what it finds.
//!
//! `startup`: from the start of the process until `/readyz` answers 200, on an empty data folder, and the memory of the
//! idle process. `pages`: from the Enter key in one browser until the message stands in another. `stalled`: how much one
//! reader who does not read slows a hundred others down. `restart`: from the end of the server until a thousand clients
//! are back. `catchup`: from an open socket until 500 missed events are held; `missed`: until they stand in a page.
//! `reload`: until a page that was here before shows the last known room. Speed is measured here and nowhere asserted.

mod catchup;
mod crowd;
mod device;
mod pages;
mod restart;
mod stalled;
mod startup;

use std::process::ExitCode;

fn main() -> ExitCode {
    let measured = match std::env::args().nth(1).as_deref() {
        Some("startup") => startup::measure(),
        Some("pages") => pages::measure(),
        Some("stalled") => stalled::measure(),
        Some("restart") => restart::measure(),
        Some("catchup") => catchup::measure(),
        Some("reload") => device::reload(),
        Some("missed") => device::missed(),
        _ => Err(anyhow::anyhow!("usage: bench startup|pages|stalled|restart|catchup|reload|missed")),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
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
