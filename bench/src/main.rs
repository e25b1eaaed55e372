//! Measures the production binary that `READYROOM_BIN` names, and prints what it finds.
//!
//! `startup`: from the start of the process until `/readyz` answers 200, on an empty data folder, and the memory of the
//! idle process. `pages`: from the Enter key in one browser until the message stands in another. Speed is measured
//! here and nowhere asserted.

mod pages;
mod startup;

use std::process::ExitCode;

fn main() -> ExitCode {
    let measured = match std::env::args().nth(1).as_deref() {
        Some("startup") => startup::measure(),
        Some("pages") => pages::measure(),
        _ => Err(anyhow::anyhow!("usage: bench startup|pages")),
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
#[allow(clippy::print_stdout, reason = "a measurement's figures are its output")]
fn print_spread(what: &str, mut ms: Vec<f64>) {
    ms.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a share of a short list")]
        let index = ((ms.len().saturating_sub(1)) as f64 * share).round() as usize;
        ms.get(index).copied().unwrap_or(f64::NAN)
    };
    println!("{what}: n={} min={:.1} p50={:.1} p95={:.1} max={:.1} ms", ms.len(), at(0.0), at(0.5), at(0.95), at(1.0));
}
