//! The programs that building and checking need, found or installed: Rust's wasm32 target, Trunk, wasm-bindgen,
//! cargo-deny.
//!
//! A program of the right version is used where it is. A missing one goes where `cargo install` puts things, so
//! that it can be typed by hand as well. Where another version is in the way, ours goes into a cache of its own
//! that outlives the checkout. What is where is looked up in `found`, what is done about it is decided in `plan`.

mod found;
mod install;
mod plan;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::project::Project;
use crate::report;

/// A program that comes from crates.io.
struct Tool {
    /// The crate, and the program that tells its version.
    name: &'static str,
    /// Further programs of the same crate that are needed.
    also: &'static [&'static str],
    version: String,
    /// Whether a later patch release does as well.
    later_patch: bool,
    /// What `cargo install` is told besides the version.
    options: &'static [&'static str],
}

/// The programs, ready to be used by what is started next.
pub(crate) struct Toolbox {
    /// The `PATH` under which all of them are found.
    path: OsString,
    /// One line each; part of the page's fingerprint.
    pub(crate) versions: Vec<String>,
    pub(crate) wasm_opt: Option<PathBuf>,
}

impl Toolbox {
    /// Lets a program find the tools.
    pub(crate) fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("PATH", &self.path)
    }
}

/// What the page is built and tested with. If something is missing it is installed, and `meanwhile` is done beside
/// that.
pub(crate) fn for_page(project: &Project, meanwhile: impl FnOnce() -> Result<()> + Send) -> Result<Toolbox> {
    wasm_target(project)?;
    let homes = found::Homes::from_env()?;
    let mut toolbox = provide(project, &page_tools(&project.read("Cargo.lock")?)?, &homes, meanwhile)?;
    let wasm_opt = found::wasm_opt(&homes);
    toolbox.versions.push(wasm_opt.as_ref().map_or("no wasm-opt".into(), |(_, version)| version.clone()));
    toolbox.wasm_opt = wasm_opt.map(|(path, _)| path);
    Ok(toolbox)
}

/// What judges the dependencies.
pub(crate) fn for_supply(project: &Project) -> Result<Toolbox> {
    let deny =
        Tool { name: "cargo-deny", also: &[], version: "0.20.2".into(), later_patch: true, options: &["--locked"] };
    provide(project, &[deny], &found::Homes::from_env()?, || Ok(()))
}

fn provide(
    project: &Project,
    tools: &[Tool],
    homes: &found::Homes,
    meanwhile: impl FnOnce() -> Result<()> + Send,
) -> Result<Toolbox> {
    let plans: Vec<_> = tools.iter().map(|tool| plan::decide(tool, &found::all(tool, homes), homes)).collect();
    let missing: Vec<_> = tools.iter().zip(&plans).filter_map(|(tool, plan)| Some((tool, plan.root()?))).collect();
    if !missing.is_empty() {
        for (tool, root) in &missing {
            report::note(&format!("{} {} is missing: installing it into {}", tool.name, tool.version, root.display()));
        }
        thread::scope(|scope| {
            let beside = scope.spawn(meanwhile);
            let installed = install::all(project, &missing, homes);
            let done = beside.join().unwrap_or_else(|_| Err(anyhow!("the work beside the installation panicked")));
            installed.and(done)
        })?;
    }
    let dirs = plans.iter().map(plan::Plan::bin).chain(process::path_dirs());
    Ok(Toolbox {
        path: std::env::join_paths(dirs).context("a directory of PATH cannot be passed on")?,
        versions: tools.iter().map(|tool| format!("{} {}", tool.name, tool.version)).collect(),
        wasm_opt: None,
    })
}

/// wasm-bindgen must be of exactly the version the page is linked with.
fn page_tools(lock: &str) -> Result<[Tool; 2]> {
    let bindgen = plan::locked_version(lock, "wasm-bindgen").context("Cargo.lock does not name wasm-bindgen")?;
    Ok([
        Tool {
            name: "wasm-bindgen-cli",
            also: &["wasm-bindgen-test-runner"],
            version: bindgen.into(),
            later_patch: false,
            options: &[],
        },
        Tool {
            name: "trunk",
            also: &[],
            version: "0.21.14".into(),
            later_patch: true,
            options: &["--locked", "--no-default-features", "--features", "rustls"],
        },
    ])
}

impl Tool {
    /// The program that is asked for its version.
    fn program(&self) -> &'static str {
        self.name.strip_suffix("-cli").unwrap_or(self.name)
    }
}

/// Makes sure that Rust can compile for the browser.
fn wasm_target(project: &Project) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let libdir = process::output(project.command("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if PathBuf::from(libdir.trim()).is_dir() {
        return Ok(());
    }
    report::note(&format!("the target {TARGET} is missing: adding it"));
    process::run(project.command("rustup").args(["target", "add", TARGET]))
        .with_context(|| format!("Rust's target {TARGET} is needed: `rustup target add {TARGET}`"))
}
