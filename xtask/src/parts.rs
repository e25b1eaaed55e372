//! A command made of parts that are all tried: a failure is reported, the others still run, and the end tells all.
//!
//! Words after the command choose parts by how they begin: `cargo xtask test page` runs one of three.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::report;

/// How one part ended, with what there is to say of it.
pub(crate) enum Outcome {
    Passed(String),
    /// Nothing was found out, and nobody is to blame.
    Skipped(String),
    Failed(String),
}

impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Self::Passed(String::new())
    }
}

impl From<String> for Outcome {
    fn from(says: String) -> Self {
        Self::Passed(says)
    }
}

/// The parts so far.
pub(crate) struct Parts {
    command: &'static str,
    /// The beginnings of the parts to run; none means all of them.
    chosen: Vec<String>,
    done: Vec<(&'static str, Outcome, Duration)>,
}

impl Parts {
    pub(crate) fn new(command: &'static str, chosen: &[OsString]) -> Self {
        let chosen = chosen.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Self { command, chosen, done: Vec::new() }
    }

    /// Runs a part, if it is among the chosen, and reports at once if it fails. What it returns is shown in the
    /// summary.
    pub(crate) fn run<T: Into<Outcome>>(&mut self, name: &'static str, part: impl FnOnce() -> Result<T>) {
        if !self.chosen.is_empty() && !self.chosen.iter().any(|beginning| name.starts_with(beginning.as_str())) {
            return;
        }
        report::line(&format!("\n── {name}"));
        let started = Instant::now();
        let outcome = match part() {
            Ok(says) => says.into(),
            Err(error) => {
                report::line(&format!("error: {error:#}"));
                Outcome::Failed(format!("{error:#}"))
            }
        };
        self.done.push((name, outcome, started.elapsed()));
    }

    /// Prints the summary. One failed part fails the command.
    pub(crate) fn finish(self) -> Result<()> {
        report::line(&format!("\n── cargo xtask {}", self.command));
        for line in self.summary() {
            report::line(&line);
        }
        let failed = self.done.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))).count();
        match failed {
            0 if self.done.is_empty() => bail!("no part begins with {}", self.chosen.join(" or ")),
            0 => Ok(()),
            _ => bail!("{failed} of {} parts failed", self.done.len()),
        }
    }

    fn summary(&self) -> Vec<String> {
        let width = self.done.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
        let line = |(name, outcome, time): &(&str, Outcome, Duration)| {
            let (word, says) = match outcome {
                Outcome::Passed(says) => ("passed", says.as_str()),
                Outcome::Skipped(why) => ("skipped", why.as_str()),
                Outcome::Failed(why) => ("FAILED", why.lines().next().unwrap_or_default()),
            };
            format!("{word:<7}  {name:<width$}  {:>12}  {says}", report::spell(*time)).trim_end().to_owned()
        };
        self.done.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_parts_run_after_a_failure_and_the_whole_fails() {
        let mut parts = Parts::new("test", &[]);
        parts.run("first", || -> Result<()> { bail!("broken\nin two lines") });
        parts.run("second", || Ok("fine".to_owned()));

        let summary = parts.summary();
        assert!(summary[0].starts_with("FAILED   first") && summary[0].ends_with("broken"), "{summary:?}");
        assert!(summary[1].starts_with("passed   second") && summary[1].ends_with("fine"), "{summary:?}");
        assert_eq!(parts.finish().unwrap_err().to_string(), "1 of 2 parts failed");
    }

    #[test]
    fn parts_are_chosen_by_their_beginning_and_a_slip_is_noticed() {
        let mut parts = Parts::new("test", &["pa".into(), "zz".into()]);
        parts.run("page", || Ok(()));
        parts.run("host", || -> Result<()> { bail!("not chosen") });
        assert_eq!(parts.summary().len(), 1);
        assert!(parts.finish().is_ok());
        assert!(Parts::new("test", &["zz".into()]).finish().is_err());
    }

    #[test]
    fn what_is_skipped_is_no_failure() {
        let mut parts = Parts::new("ci", &[]);
        parts.run("only", || Ok(()));
        parts.run("offline", || Ok(Outcome::Skipped("no network".into())));
        assert!(parts.finish().is_ok());
    }
}
