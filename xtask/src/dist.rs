//! `cargo xtask dist`: the page and the server in the one production binary.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::page;
use crate::process;
use crate::project::Project;
use crate::report::{self, Steps};
use crate::tools;

/// Builds the binary and says what became of it.
pub(crate) fn start(project: &Project, _args: &[OsString]) -> Result<()> {
    build(project, &[])?;
    Ok(())
}

/// Builds the binary and returns where it is. With it come the programs of `others`: what they share with the server is
/// compiled once, and the rest side by side.
pub(crate) fn build(project: &Project, others: &[&str]) -> Result<PathBuf> {
    let mut steps = Steps::new(3);

    let step = steps.begin("the tools: Rust's wasm32 target, wasm-bindgen, Trunk (the first time some minutes, once)");
    let tools = tools::for_page(project, || page::compile(project))?;
    step.done("ready");

    let step = steps.begin("the page (a minute or two the first time)");
    let how = page::build(project, &tools)?;
    step.done(how);

    let step = steps.begin("the server, optimised as a whole (some minutes)");
    let mut cargo = project.cargo();
    cargo.args(["build", "--profile", "dist", "--package", "readyroom"]);
    process::run(cargo.args(others.iter().flat_map(|other| ["--package", other])))?;
    step.done("built");

    let binary = project.server("dist");
    report::line(&format!("{}  {}", binary.display(), report::size(fs::metadata(&binary)?.len())));
    let sent = page::assets(project)?.iter().map(|asset| asset.sent).sum();
    report::line(&format!("the page in it, as browsers load it (Brotli): {}", report::size(sent)));
    Ok(binary)
}
