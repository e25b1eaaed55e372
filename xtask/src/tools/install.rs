//! Installing tools from crates.io, the cheapest way: one build directory for all, so that what they share is
//! compiled once, and nothing the compiler would have to think about: no optimisation, no debug information, no
//! checks, no unwinding. That is a quarter less work than cargo's own debug build.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Tool;
use super::found::Homes;
use crate::process;
use crate::project::Project;
use crate::report;

/// Installs the missing tools one after the other; each build keeps the cores busy by itself.
pub(super) fn all(project: &Project, missing: &[(&Tool, &Path)], homes: &Homes) -> Result<()> {
    let build = homes.cache.join("build");
    for (tool, root) in missing {
        one(project, tool, root, &build)?;
    }
    if build.exists() {
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))?;
    }
    Ok(())
}

fn one(project: &Project, tool: &Tool, root: &Path, build: &Path) -> Result<()> {
    let package = format!("{}@{}", tool.name, tool.version);
    if process::find_in(process::path_dirs(), "cargo-binstall").is_some() {
        let mut binstall = project.cargo();
        binstall
            .args(["binstall", "--no-confirm", "--disable-strategies", "compile", "--root"])
            .arg(root)
            .arg(&package);
        match process::quietly(&format!("{package}, ready-made"), &mut binstall) {
            Ok(()) => return Ok(()),
            Err(error) => report::note(&format!("{error:#}; building it instead")),
        }
    }
    let mut install = project.cargo();
    install
        .args(["install", "--debug", "--force", "--root"])
        .arg(root)
        .args(tool.options)
        .arg(&package)
        .env("CARGO_TARGET_DIR", build)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
        .env("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false")
        .env("CARGO_PROFILE_DEV_PANIC", "abort")
        .env("CARGO_PROFILE_DEV_STRIP", "symbols");
    process::quietly(&package, &mut install).with_context(|| format!("cannot install {package}"))
}
