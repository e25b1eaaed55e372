//! Where things are: the checkout, cargo and its target directory, the built page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The checkout this command was started from.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever its configuration puts it.
    pub(crate) target: PathBuf,
    cargo: OsString,
}

impl Project {
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("xtask has no parent directory")?.to_owned();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut project = Self { target: root.join("target"), root, cargo };
        let metadata = project.metadata(&["--no-deps"])?;
        if let Some(target) = metadata.get("target_directory").and_then(Value::as_str) {
            project.target = target.into();
        }
        Ok(project)
    }

    /// `cargo`, started in the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        self.command(&self.cargo)
    }

    /// Any program, started in the root of the checkout.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// What `cargo metadata` says of the workspace.
    pub(crate) fn metadata(&self, args: &[&str]) -> Result<Value> {
        let mut command = self.cargo();
        command.args(["metadata", "--format-version", "1"]).args(args);
        serde_json::from_str(&process::output(&mut command)?).context("cargo metadata is not JSON")
    }

    /// The built page, where the server's build picks it up.
    pub(crate) fn page(&self) -> PathBuf {
        self.root.join("target/page")
    }

    /// The server's executable as a profile's directory holds it.
    pub(crate) fn server(&self, profile_dir: &str) -> PathBuf {
        self.target.join(profile_dir).join(format!("readyroom{}", std::env::consts::EXE_SUFFIX))
    }

    /// The text of a file of the checkout.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        std::fs::read_to_string(self.root.join(path)).with_context(|| format!("cannot read {path}"))
    }
}
