//! `cargo xtask simulate`: stories of everything that can go wrong, in virtual time (`simulation`).
//!
//! Words after the command are the program's own: `--seeds 100000 --from 0`.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::project::Project;

/// Stories that every run of the tests tells.
const SEEDS: &str = "10000";

/// `cargo xtask simulate`.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    run(project, args)
}

/// The stories that belong to the tests. They are the same each time: what they find, they find for everybody.
pub(crate) fn check(project: &Project) -> Result<()> {
    run(project, &["--seeds".into(), SEEDS.into()])
}

fn run(project: &Project, args: &[OsString]) -> Result<()> {
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    // The profile of the production binary, which is built for the journeys anyway.
    let mut cargo = project.cargo();
    cargo.args(["run", "--profile", "dist", "--package", "simulation", "--"]).args(args);
    process::run(&mut cargo)
}
