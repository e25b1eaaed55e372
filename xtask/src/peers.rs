//! Programs of others that ours is measured beside and tested against, installed from the registries into cargo's target
//! folder, in exactly the versions that are named.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{packages, process};

/// Installs packages of npm into `<name>`, unless these versions are there. Returns the folder.
pub(crate) fn npm(project: &Project, name: &str, libraries: &[&str]) -> Result<PathBuf> {
    let folder = folder(project).join(name);
    install(&folder, libraries, || {
        if process::find_in(process::path_dirs(), "npm").is_none() {
            packages::install(&["nodejs", "npm"]).context("Node.js with npm is missing")?;
        }
        let mut command = project.command("npm");
        command.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).args(libraries);
        process::output(&mut command).map(drop)
    })?;
    Ok(folder)
}

/// Makes a Python of its own in `<name>`, with these packages. Returns its interpreter.
pub(crate) fn python(project: &Project, name: &str, libraries: &[&str]) -> Result<PathBuf> {
    let folder = folder(project).join(name);
    let python = folder.join("bin/python");
    install(&folder, libraries, || {
        if !process::succeeds(project.command("python3").args(["-c", "import ensurepip"])) {
            packages::install(&["python3", "python3-venv"]).context("Python 3 with venv is missing")?;
        }
        process::output(project.command("python3").args(["-m", "venv"]).arg(&folder))?;
        let mut pip = project.command(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(libraries);
        process::output(&mut pip).map(drop)
    })?;
    Ok(python)
}

/// Where all of them are.
pub(crate) fn folder(project: &Project) -> PathBuf {
    project.target.join("peers")
}

fn install(folder: &Path, packages: &[&str], run: impl FnOnce() -> Result<()>) -> Result<()> {
    let (stamp, wanted) = (folder.join("versions"), packages.join("\n"));
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    run()?;
    std::fs::write(stamp, wanted).context("cannot note what was installed")
}
