//! Chromium and its driver, for the tests that need a real browser: found, or installed where that is possible.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::report;

/// A browser and the driver that steers it.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

const HOW_TO: &str = "the tests need Chromium and chromedriver of the same version; \
    install both (Debian: `apt-get install chromium chromium-driver`; \
    Ubuntu: `snap install chromium`; Fedora: `dnf install chromium chromedriver`; \
    Arch: `pacman -S chromium`; macOS: `brew install --cask chromium chromedriver`) \
    or name them in CHROMIUM and CHROMEDRIVER";

/// Finds the browser. Where a Debian package manager may be used without a question, it is installed.
pub(crate) fn ready() -> Result<Browser> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let Some(mut apt) = apt_get() else { bail!(HOW_TO) };
    report::note("Chromium is missing: installing the packages chromium and chromium-driver");
    let installed =
        process::run(apt.args(["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]));
    match (installed, find()) {
        (Ok(()), Some(browser)) => Ok(browser),
        (Err(error), _) => bail!("{error:#}; {HOW_TO}"),
        (Ok(()), None) => bail!(HOW_TO),
    }
}

fn find() -> Option<Browser> {
    let chromium = named("CHROMIUM").or_else(|| {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let on_mac = ["Chromium", "Google Chrome"]
            .map(|name| PathBuf::from(format!("/Applications/{name}.app/Contents/MacOS/{name}")));
        names
            .iter()
            .find_map(|name| process::find_in(process::path_dirs(), name))
            .or_else(|| on_mac.into_iter().find(|path| path.is_file()))
    })?;
    let driver = named("CHROMEDRIVER").or_else(|| {
        let mut dirs = process::path_dirs();
        // GitHub's machines name a directory; Debian and snap keep the driver beside the browser.
        dirs.extend(std::env::var_os("CHROMEWEBDRIVER").map(PathBuf::from));
        dirs.extend(["/usr/lib/chromium", "/usr/lib/chromium-browser", "/snap/bin"].map(PathBuf::from));
        process::find_in(dirs.clone(), "chromedriver").or_else(|| process::find_in(dirs, "chromium.chromedriver"))
    })?;
    Some(Browser { chromium, driver })
}

/// A program that an environment variable names, if it is there.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
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
