//! `cargo xtask instructions`: how many instructions the hot path takes, held against what it took before.
//!
//! Time is different on every machine and in every run; instructions are not. A scenario is a program of the crate
//! `hotpath`, called with the scenario's name and a number of turns. It runs under valgrind for one turn and for two, and
//! the difference is the figure, so that starting up does not count. The figures are in `instructions.json`, a line for
//! each scenario: `"program scenario": instructions`. To watch another one is to add a line, with any number,
//! and to run `cargo xtask instructions --accept`, which writes down what was counted.
//!
//! Deliberately absent: time (the crates' `benches/`) and whatever waits for the kernel, which valgrind does not see.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use crate::parts::Outcome;
use crate::process;
use crate::project::Project;
use crate::report;

const FIGURES: &str = "xtask/instructions.json";

/// Percent that a scenario may cost more than its figure: more than another build of the same code differs by.
const TOLERANCE: u64 = 5;

/// `"program scenario"` and what a turn of it costs.
type Figures = BTreeMap<String, u64>;

/// `cargo xtask instructions`, with `--accept` to make the figures what they are now.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    let accept = args == ["--accept"];
    ensure!(accept || args.is_empty(), "the only word this understands is --accept");
    if let Some(why) = missing() {
        bail!("{why}");
    }
    let kept = figures(project)?;
    let counted = count(project, &kept)?;
    if !accept {
        return judge(&kept, &counted).map(|says| report::line(&says));
    }
    let text = serde_json::to_string_pretty(&counted)? + "\n";
    std::fs::write(project.root.join(FIGURES), text).with_context(|| format!("cannot write {FIGURES}"))?;
    report::line(&format!("{} figures are in {FIGURES}", counted.len()));
    Ok(())
}

/// Counts and compares, where that is possible.
pub(crate) fn check(project: &Project) -> Result<Outcome> {
    if let Some(why) = missing() {
        return Ok(Outcome::Skipped(why.into()));
    }
    let kept = figures(project)?;
    judge(&kept, &count(project, &kept)?).map(Outcome::Passed)
}

/// Why nothing can be counted here. Code is chosen by the processor, and valgrind knows no more than AVX2.
fn missing() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let is_known = std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let is_known = false;
    if !is_known {
        return Some("the figures are for x86-64 with AVX2");
    }
    process::find_in(process::path_dirs(), "valgrind").is_none().then_some("valgrind is not installed")
}

fn figures(project: &Project) -> Result<Figures> {
    serde_json::from_str(&project.read(FIGURES)?).with_context(|| format!("{FIGURES} does not hold figures"))
}

/// Builds the programs as the production binary is built, and counts every scenario.
fn count(project: &Project, kept: &Figures) -> Result<Figures> {
    process::run(project.cargo().args(["build", "--profile", "dist", "--package", "hotpath"]))?;
    let mut counted = Figures::new();
    for name in kept.keys() {
        let (program, scenario) = parts(name)?;
        let [one, two] = [1, 2].map(|turns| run(project, program, scenario, turns));
        let turn = two?.checked_sub(one?).with_context(|| format!("{name}: two turns cost less than one"))?;
        counted.insert(name.clone(), turn);
    }
    Ok(counted)
}

fn parts(name: &str) -> Result<(&str, &str)> {
    name.split_once(' ').with_context(|| format!("`{name}` is not a program and a scenario"))
}

/// Runs a scenario and returns how many instructions the program has executed.
fn run(project: &Project, program: &str, scenario: &str, turns: u32) -> Result<u64> {
    let program = project.target.join(format!("dist/{program}{}", std::env::consts::EXE_SUFFIX));
    let mut valgrind = project.command("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    valgrind.args([scenario, &turns.to_string()]).stdin(Stdio::null());
    let output = valgrind.output().context("cannot start valgrind")?;
    let says = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        report::line(says.trim_end());
        bail!("`{}` failed: {}", process::spelled(&valgrind), output.status);
    }
    collected(&says).context("valgrind did not say how many instructions it saw")
}

/// Reads `==123== Collected : 4567`.
fn collected(says: &str) -> Option<u64> {
    says.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

/// Says how each scenario has changed, and fails if one costs too much.
fn judge(kept: &Figures, counted: &Figures) -> Result<String> {
    let mut worse = Vec::new();
    for (name, (&before, &now)) in kept.iter().filter_map(|(name, before)| Some((name, (before, counted.get(name)?)))) {
        let change = change(before, now);
        report::note(&format!("{now:>12}  {change:>8}  {name}"));
        if now > before + before * TOLERANCE / 100 {
            worse.push(format!("{name} ({change})"));
        }
    }
    ensure!(
        worse.is_empty(),
        "more than {TOLERANCE} % more instructions: {}; if that is worth it, `cargo xtask instructions --accept`",
        worse.join(", ")
    );
    Ok(format!("{} scenarios within {TOLERANCE} %", counted.len()))
}

/// The difference in percent, with one decimal.
fn change(before: u64, now: u64) -> String {
    let sign = if now < before { '-' } else { '+' };
    let tenths = (u128::from(before.abs_diff(now)) * 1_000).checked_div(before.into()).unwrap_or_default();
    format!("{sign}{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(instructions: u64) -> Figures {
        Figures::from([("frames decode".to_owned(), instructions)])
    }

    #[test]
    fn five_percent_more_is_allowed_and_an_instruction_more_is_not() {
        assert!(judge(&one(1_000), &one(1_050)).is_ok());
        assert!(judge(&one(1_000), &one(1)).is_ok());
        let error = judge(&one(1_000), &one(1_051)).unwrap_err().to_string();
        assert!(error.contains("frames decode (+5.1 %)"), "{error}");
    }

    #[test]
    fn changes_are_told_in_percent() {
        assert_eq!(change(1_000, 1_000), "+0.0 %");
        assert_eq!(change(1_000, 925), "-7.5 %");
        assert_eq!(change(3, 4), "+33.3 %");
        assert_eq!(change(0, 4), "+0.0 %");
    }

    #[test]
    fn valgrinds_own_words_are_understood() {
        let says =
            "==7== Callgrind, a call-graph generating cache profiler\n==7== \n==7== Collected : 6911775\n==7== \n";
        assert_eq!(collected(says), Some(6_911_775));
        assert_eq!(collected("valgrind: failed to start"), None);
    }

    #[test]
    fn a_scenario_is_named_by_its_program_and_a_word() {
        assert_eq!(parts("frames decode").unwrap(), ("frames", "decode"));
        assert!(parts("decode").is_err());
    }
}
