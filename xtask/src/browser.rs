//! Chromium and its driver, for the tests that need a real browser: found, or installed where that is possible.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{packages, process};

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
    match (packages::install(&["chromium", "chromium-driver"]), find()) {
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
