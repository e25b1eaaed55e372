//! `cargo xtask bench`: the product beside its peers, and what comes of it in `docs/benchmarks.md`.
//!
//! Builds the production binary without its page, which no measurement looks at, and the crate `bench`, which measures
//! and explains its own words (`bench compare --help`). The peers are installed into cargo's target folder, from the
//! registries, in exactly these versions; what cannot be installed is left out and named in the document.
//!
//! `cargo xtask bench pipe`: `readyroom pipe` beside Debian's websocketd, as a table on standard output (`bench pipe --help`).

use anyhow::Result;
use std::ffi::OsString;
use std::process::Command;

use crate::compat;
use crate::peers;
use crate::process;
use crate::project::Project;
use crate::report::{self, Steps};

/// From npm.
const NPM: [&str; 3] = ["ws@8.23.0", "socket.io@4.8.4", "bun@1.4.5"];

/// From PyPI.
const PIP: &str = "socketify==0.0.31";

/// Where the document goes, from the root.
const DOCUMENT: &str = "docs/benchmarks.md";

/// Installs, builds, measures.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    if let Some((word, args)) = args.split_first()
        && word == "pipe"
    {
        return pipe(project, args);
    }
    let mut steps = Steps::new(3);

    let step = steps.begin("the peers");
    for (name, installed) in [("npm's", peers::npm(project, "npm", &NPM).map(drop)), ("socketify", socketify(project))]
    {
        if let Err(error) = installed {
            report::note(&format!("{name} cannot be installed and will be left out: {error:#}"));
        }
    }
    step.done("ready");

    let step = steps.begin("the server, optimised as a whole, and the generator (some minutes)");
    let mut command = build(project)?;
    step.done("built");

    steps.begin("measuring");
    command
        .env("BENCH_PEERS", peers::folder(project))
        .args(["compare", "--write", DOCUMENT, "--results"])
        .arg(project.target.join("bench.jsonl"))
        .args(args);
    process::run(&mut command)
}

/// The pipe beside websocketd.
fn pipe(project: &Project, args: &[OsString]) -> Result<()> {
    let websocketd = compat::websocketd()?;
    process::run(build(project)?.arg("pipe").args(args).env("WEBSOCKETD", websocketd))
}

/// Builds the server without its page, and the generator, which is returned.
fn build(project: &Project) -> Result<Command> {
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    let server = ["build", "--profile", "dist", "--package", "readyroom", "--bin", "readyroom"];
    process::run(project.cargo().args(server))?;
    process::run(project.cargo().args(["build", "--release", "--package", "bench"]))?;
    let bench = project.target.join(format!("release/bench{}", std::env::consts::EXE_SUFFIX));
    let mut command = project.command(bench);
    command.env("READYROOM_BIN", project.server("dist"));
    Ok(command)
}

/// Makes a Python with socketify in it. It needs the system's libuv, so that it may be there and not work.
fn socketify(project: &Project) -> Result<()> {
    let python = peers::python(project, "venv", &[PIP])?;
    process::output(project.command(python).args(["-c", "import socketify"])).map(drop)
}
