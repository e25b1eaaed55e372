//! Building the page: Trunk, then what Trunk does not do, into `target/page`, from where the server embeds it.
//!
//! A page whose inputs did not change is not built again (`fingerprint`). A new one is made beside the old one and
//! takes its place when it is whole, so that a failed build never leaves half a page to be embedded.

mod bindings;
mod compress;
mod fingerprint;
mod names;
mod sections;
mod sheets;
mod split;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;
use crate::report;
use crate::tools::Toolbox;

/// A file of the page: as it is, and as it is sent to a browser that takes Brotli.
pub(crate) struct Asset {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sent: u64,
}

/// Compiles the page's crates the way Trunk will ask for them, so that they are ready when Trunk is.
pub(crate) fn compile(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    compiling(project, &mut cargo)
        .args([
            "build",
            "--target=wasm32-unknown-unknown",
            "--profile",
            "page",
            "--bin",
            "readyroom-page",
            "--bin",
            "readyroom-annex",
            "--bin",
            "readyroom-workbench",
            "--bin",
            "readyroom-lessons",
        ])
        .arg("--manifest-path")
        .arg(project.root.join("frontend/Cargo.toml"));
    process::quietly("the page's crates", &mut cargo)
}

/// Whether `build` would find nothing to do.
pub(crate) fn is_current(project: &Project, tools: &Toolbox) -> Result<bool> {
    let stamp = fs::read_to_string(stamp(project)).unwrap_or_default();
    Ok(project.page().join("index.html").is_file() && stamp == fingerprint::of(project, &tools.versions)?)
}

/// Builds the page unless what is there was made from the same inputs, and says how that went.
pub(crate) fn build(project: &Project, tools: &Toolbox) -> Result<&'static str> {
    if is_current(project, tools)? {
        return Ok("unchanged");
    }
    // Taken before the build: an edit made during it is then seen as a change the next time.
    let fingerprint = fingerprint::of(project, &tools.versions)?;
    remove(&stamp(project))?;

    let fresh = project.root.join("target/page-build");
    remove(&fresh)?;
    let mut trunk = project.command("trunk");
    // Trunk's minifier does not know all of today's JavaScript; it says so and leaves the loader as it is.
    trunk
        .args(["build", "--release", "--cargo-profile", "page", "--skip-version-check"])
        .args(["--log", "info,trunk::processing::minify=error", "--dist"])
        .arg(&fresh);
    process::run(tools.lend(compiling(project, &mut trunk))).context("the page does not build")?;
    split::page(&fresh)?;
    shrink(project, tools, &fresh)?;
    bindings::shorten(&fresh)?;
    sheets::join(&fresh)?;
    names::follow_contents(&fresh)?;
    compress::beside(&fresh)?;

    remove(&project.page())?;
    fs::rename(&fresh, project.page()).context("cannot put the new page into its place")?;
    fs::write(stamp(project), fingerprint)?;
    Ok("built")
}

/// Files that a browser asks for only when somebody opens what needs them.
const LATER: [&str; 1] = ["emoji.json"];

/// The files a browser loads to begin with, the largest first.
pub(crate) fn assets(project: &Project) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    for path in files(&project.page())? {
        if compress::is_compressed_copy(&path) {
            continue;
        }
        let bytes = fs::metadata(&path)?.len();
        let sent = fs::metadata(compress::with_suffix(&path, "br")).map_or(bytes, |copy| copy.len());
        let name = path.strip_prefix(project.page())?.to_string_lossy().replace('\\', "/");
        if LATER.contains(&name.as_str()) {
            continue;
        }
        assets.push(Asset { name, bytes, sent });
    }
    assets.sort_by_key(|asset| std::cmp::Reverse(asset.sent));
    Ok(assets)
}

/// What wasm-opt may use: what the compiler uses, which every browser of today knows. With all that it knows itself it writes
/// modules that they refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Takes the names out of the module, and lets wasm-opt at it where that is installed.
fn shrink(project: &Project, tools: &Toolbox, dir: &Path) -> Result<()> {
    for path in files(dir)?.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "wasm")) {
        let module = sections::without_names(&fs::read(&path)?)?;
        fs::write(&path, &module)?;
        let Some(wasm_opt) = &tools.wasm_opt else {
            report::note("wasm-opt would make it a little smaller: `npm install --global binaryen` brings it");
            continue;
        };
        process::run(project.command(wasm_opt).arg("-Oz").args(FEATURES).arg(&path).arg("-o").arg(&path))?;
        let (before, after) = (module.len() as u64, fs::metadata(&path)?.len());
        report::note(&format!("wasm-opt: {} instead of {}", report::size(after), report::size(before)));
    }
    Ok(())
}

/// How the page's crates are compiled. They have a target directory of their own: cargo names a directory after the
/// profile, and `target/page` is for the page alone. The module keeps its list of features for wasm-bindgen, and names
/// that say of what type something is for splitting it.
fn compiling<'a>(project: &Project, command: &'a mut Command) -> &'a mut Command {
    command
        .env("CARGO_TARGET_DIR", project.target.join("trunk"))
        .env("CARGO_PROFILE_PAGE_STRIP", "debuginfo")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-C symbol-mangling-version=v0")
}

/// The stamp lies beside the page, not in it: everything in it is embedded.
fn stamp(project: &Project) -> PathBuf {
    project.root.join("target/page.stamp")
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// All files below a directory, sorted, so that what is made of them does not depend on the file system.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                dirs.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
