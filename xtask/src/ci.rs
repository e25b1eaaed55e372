//! `cargo xtask ci`: what must hold besides the tests. The continuous integration runs this and nothing else.

mod budget;
mod supply;

use std::ffi::OsString;

use anyhow::Result;

use crate::instructions;
use crate::page;
use crate::parts::Parts;
use crate::process;
use crate::project::Project;
use crate::tidy;
use crate::tools;

/// Runs all parts, the quick ones first.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    let mut parts = Parts::new("ci", args);
    parts.run("format", || cargo(project, &["fmt", "--all", "--check"]));
    parts.run("tidy", || tidy::check(project));
    parts.run("licences, bans, sources", || supply::dependencies(project));
    parts.run("advisories", || supply::advisories(project));
    parts.run("lints, host", || cargo(project, &["clippy", "--workspace", "--all-targets", "--", "--deny=warnings"]));
    parts.run("lints, browser", || {
        let page = ["clippy", "--package=frontend", "--all-targets", "--target=wasm32-unknown-unknown"];
        cargo(project, &[&page[..], &["--", "--deny=warnings"]].concat())
    });
    parts.run("documentation", || documentation(project));
    parts.run("size budget", || {
        let tools = tools::for_page(project, || page::compile(project))?;
        page::build(project, &tools)?;
        budget::check(&page::assets(project)?)
    });
    parts.run("instructions", || instructions::check(project));
    parts.finish()
}

fn cargo(project: &Project, args: &[&str]) -> Result<()> {
    process::run(project.cargo().args(args))
}

fn documentation(project: &Project) -> Result<()> {
    let mut doc = project.cargo();
    doc.args(["doc", "--no-deps", "--workspace", "--document-private-items"]).env("RUSTDOCFLAGS", "--deny=warnings");
    process::run(&mut doc)
}
