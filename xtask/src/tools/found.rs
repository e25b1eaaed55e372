//! Which tools are on this machine, and where new ones may go.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Tool, plan};
use crate::process;

/// The two places a tool can be installed to.
pub(super) struct Homes {
    /// Where `cargo install` puts programs.
    pub(super) cargo: PathBuf,
    /// The project's own cache, for versions that would get in somebody's way elsewhere.
    pub(super) cache: PathBuf,
}

impl Homes {
    pub(super) fn from_env() -> Result<Self> {
        let cargo = match env_path("CARGO_INSTALL_ROOT").or_else(|| env_path("CARGO_HOME")) {
            Some(root) => root,
            None => home()?.join(".cargo"),
        };
        Ok(Self { cargo, cache: cache_dir()? })
    }
}

/// A program that was found, with what it says of its version.
pub(super) struct Found {
    pub(super) dir: PathBuf,
    pub(super) version: String,
    /// Whether everything else the crate installs is beside it.
    pub(super) complete: bool,
}

/// The project's cache: `READYROOM_TOOLS`, or the place the system keeps for such things.
fn cache_dir() -> Result<PathBuf> {
    if let Some(dir) = env_path("READYROOM_TOOLS") {
        return std::path::absolute(dir).context("READYROOM_TOOLS is not a path");
    }
    let caches = match env_path("XDG_CACHE_HOME") {
        Some(dir) => dir,
        None if cfg!(target_os = "macos") => home()?.join("Library/Caches"),
        None if cfg!(windows) => env_path("LOCALAPPDATA").context("LOCALAPPDATA is not set")?,
        None => home()?.join(".cache"),
    };
    Ok(caches.join("readyroom").join("tools"))
}

/// Every copy of a tool on the `PATH`, in cargo's place and in the cache, in that order.
pub(super) fn all(tool: &Tool, homes: &Homes) -> Vec<Found> {
    let mut dirs = process::path_dirs();
    dirs.push(homes.cargo.join("bin"));
    dirs.push(plan::versioned(tool, &homes.cache).join("bin"));
    let mut found: Vec<Found> = Vec::new();
    for dir in dirs {
        if found.iter().any(|found| found.dir == dir) {
            continue;
        }
        if let Some(program) = process::find_in([dir.clone()], tool.program()) {
            let complete = tool.also.iter().all(|also| process::find_in([dir.clone()], also).is_some());
            found.push(Found { dir, version: version(&program).unwrap_or_default(), complete });
        }
    }
    found
}

/// wasm-opt with what it says of its version, wherever it may be. It makes the page smaller and is not required.
pub(super) fn wasm_opt(homes: &Homes) -> Option<(PathBuf, String)> {
    let mut dirs = process::path_dirs();
    dirs.push(homes.cache.join("binaryen/bin"));
    let program = process::find_in(dirs, "wasm-opt")?;
    let says = process::output(Command::new(&program).arg("--version")).ok()?;
    Some((program, says.trim().to_owned()))
}

/// What follows the name in the answer to `--version`.
fn version(program: &Path) -> Option<String> {
    let says = process::output(Command::new(program).arg("--version")).ok()?;
    says.split_whitespace().nth(1).map(str::to_owned)
}

fn home() -> Result<PathBuf> {
    std::env::home_dir().context("there is no home directory to keep tools in: set READYROOM_TOOLS and CARGO_HOME")
}

fn env_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(path: &Path, says: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn tool() -> Tool {
        Tool {
            name: "made-up-cli",
            also: &["made-up-runner"],
            version: "1.2.3".into(),
            later_patch: false,
            options: &[],
        }
    }

    #[test]
    fn copies_are_found_in_cargos_place_and_in_the_cache() {
        let dir = tempfile::tempdir().unwrap();
        let homes = Homes { cargo: dir.path().join("cargo"), cache: dir.path().join("cache") };
        program(&homes.cargo.join("bin/made-up"), "made-up 1.2.2 (a build)");
        program(&homes.cache.join("made-up-cli-1.2.3/bin/made-up"), "made-up 1.2.3");
        program(&homes.cache.join("made-up-cli-1.2.3/bin/made-up-runner"), "made-up-runner 1.2.3");

        let found = all(&tool(), &homes);

        let facts: Vec<_> = found.iter().map(|found| (found.version.as_str(), found.complete)).collect();
        assert_eq!(facts, [("1.2.2", false), ("1.2.3", true)]);
        let right = homes.cache.join("made-up-cli-1.2.3/bin");
        assert_eq!(plan::decide(&tool(), &found, &homes), plan::Plan::Use(right));
    }

    #[test]
    fn a_program_that_cannot_run_has_no_version() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made-up");
        program(&path, "");
        assert_eq!(version(&path), None);
    }
}
