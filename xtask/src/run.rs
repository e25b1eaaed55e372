//! `cargo xtask run`: from a fresh clone to a server one can chat on.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::page;
use crate::process;
use crate::project::Project;
use crate::report::Steps;
use crate::tools;

/// Installs, builds, and becomes the server. What follows on the command line is the server's.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    let mut steps = Steps::new(4);

    let step = steps.begin("the tools: Rust's wasm32 target, wasm-bindgen, Trunk (the first time some minutes, once)");
    let tools = tools::for_page(project, || page::compile(project))?;
    step.done("ready");

    let step = steps.begin("the page (a minute or two the first time)");
    let how = page::build(project, &tools)?;
    step.done(how);

    let step = steps.begin("the server (some minutes the first time)");
    process::run(project.cargo().args(["build", "--release", "--package", "readyroom"]))?;
    step.done("built");

    steps.begin("starting; Ctrl-C ends it");
    let args = args.strip_prefix(&["--".into()]).unwrap_or(args);
    become_server(Command::new(project.server("release")).arg("serve").args(args))
}

/// Takes the server's place, so that Ctrl-C and every other signal go to it directly.
#[cfg(unix)]
fn become_server(server: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    let error = server.exec();
    Err(error).map_err(|error| anyhow::anyhow!("cannot start {}: {error}", process::spelled(server)))
}

#[cfg(not(unix))]
fn become_server(server: &mut Command) -> Result<()> {
    process::run(server)
}
