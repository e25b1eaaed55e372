//! `cargo xtask chaos`: treats the real binary badly, and with `--prove` shows that this finds what it should.
//!
//! Builds the server as `cargo xtask run` does and the crate `chaos`, which does the rest and explains its own words
//! (`cargo xtask chaos --help`). Neighbours: `mutants` makes servers that are known to be wrong.

mod mutants;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process;
use crate::project::Project;
use crate::report;

/// The trouble that the sound server must stand before the wrong ones are tried: one seed, in seconds.
const SOUND: [&str; 2] = ["--seconds", "40"];

/// Seconds of trouble, and seeds at most, in which a wrong server must be found out.
const PROOF: [&str; 4] = ["--seconds", "40", "--seeds", "3"];

/// Runs what the arguments ask for.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    process::run(project.cargo().args(["build", "--release", "--package", "readyroom"]))?;
    process::run(project.cargo().args(["build", "--release", "--package", "chaos"]))?;
    let chaos = project.target.join(format!("release/chaos{}", std::env::consts::EXE_SUFFIX));
    if args.iter().any(|arg| arg == "--prove") {
        return prove(project, &chaos, args);
    }
    process::run(against(&chaos, &project.server("release")).args(args))
}

fn against(chaos: &Path, server: &Path) -> Command {
    let mut command = Command::new(chaos);
    command.env("READYROOM_BIN", server);
    command
}

/// Shows that each mutant is found out, and that the sound server is not. Words beside `--prove` choose mutants by name.
fn prove(project: &Project, chaos: &Path, args: &[OsString]) -> Result<()> {
    let chosen: Vec<_> = args.iter().filter(|arg| *arg != "--prove").map(|arg| arg.to_string_lossy()).collect();
    let mutants: Vec<_> = mutants::all(project)?
        .into_iter()
        .filter(|mutant| chosen.is_empty() || chosen.iter().any(|name| *name == mutant.name))
        .collect();
    ensure!(!mutants.is_empty(), "there is no mutant of this name in {}", mutants::FOLDER);
    report::line("── the sound server, which must pass");
    process::run(against(chaos, &project.server("release")).args(SOUND))?;
    let mut missed = Vec::new();
    for mutant in &mutants {
        report::line(&format!("── {}: {}", mutant.name, mutant.breaks));
        let server: PathBuf = mutants::build(project, mutant)?;
        let found = process::run(against(chaos, &server).args(PROOF).arg("--expect").arg(mutant.seen_as.join(",")));
        if let Err(error) = found {
            report::line(&format!("error: {error:#}"));
            missed.push(mutant.name.as_str());
        }
    }
    ensure!(missed.is_empty(), "not found out: {}", missed.join(", "));
    report::line(&format!("{} wrong servers, each found out", mutants.len()));
    Ok(())
}
