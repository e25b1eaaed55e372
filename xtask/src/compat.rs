//! `cargo xtask compat <folder>`: the examples of a checkout of websocketd's repository behind `readyroom pipe` and behind
//! websocketd, and whether the same comes out of both.
//!
//! What it drives them with is the program `compat` of the crate `journeys`. Here lies where websocketd comes from.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{browser, packages, process, test};

const HOW_TO: &str =
    "websocketd is missing; install it (Debian: `apt-get install websocketd`) or name it in WEBSOCKETD";

/// Builds, installs, and drives all examples.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    let Some((checkout, words)) = args.split_first() else {
        bail!("name the folder of a checkout of websocketd's repository; words behind it choose examples")
    };
    let checkout = std::path::absolute(checkout)?;
    let websocketd = websocketd()?;
    let browser = browser::ready()?;
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    process::run(project.cargo().args(["build", "--release", "--package", "readyroom"]))?;
    let mut compat = project.cargo();
    compat.args(["run", "--quiet", "--package", "journeys", "--bin", "compat", "--"]).arg(checkout).args(words);
    test::lend_peers(project, &mut compat, &browser)?;
    process::run(compat.env("READYROOM_BIN", project.server("release")).env("WEBSOCKETD", websocketd))
}

/// websocketd: the one that `WEBSOCKETD` names, or the one of the system, installed where a Debian package manager may be
/// used without a question.
pub(crate) fn websocketd() -> Result<PathBuf> {
    let find = || {
        let named = std::env::var_os("WEBSOCKETD").map(PathBuf::from).filter(|path| path.is_file());
        named.or_else(|| process::find_in(process::path_dirs(), "websocketd"))
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    packages::install(&["websocketd"]).context(HOW_TO)?;
    find().context(HOW_TO)
}
