//! The system's own packages, where a Debian package manager may be used without a question.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::report;

/// Installs packages.
///
/// # Errors
/// Where there is no such package manager, or it may not be used, or it fails.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let mut apt = apt_get().context("there is no apt-get that may be used without a password")?;
    report::note(&format!("installing what is missing: {}", packages.join(", ")));
    process::run(apt.args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// `apt-get`, if it exists and can be used without a password.
fn apt_get() -> Option<Command> {
    let apt = process::find_in(process::path_dirs(), "apt-get")?;
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if is_root {
        Command::new(apt)
    } else if process::succeeds(Command::new("sudo").args(["--non-interactive", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args([Path::new("--non-interactive"), &apt]);
        sudo
    } else {
        return None;
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Some(command)
}
