//! `cargo xtask bench`: the product beside its peers, and what comes of it in `docs/benchmarks.md`.
//!
//! Builds the production binary without its page, which no measurement looks at, and the crate `bench`, which measures
//! and explains its own words (`bench compare --help`). The peers are installed into cargo's target folder, from the
//! registries, in exactly these versions; what cannot be installed is left out and named in the document.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;
use crate::report::{self, Steps};

/// From npm.
const NPM: [&str; 3] = ["ws@8.23.0", "socket.io@4.8.4", "bun@1.4.5"];

/// From PyPI. It needs the system's libuv.
const PIP: &str = "socketify==0.0.31";

/// Where the document goes, from the root.
const DOCUMENT: &str = "docs/benchmarks.md";

/// Installs, builds, measures.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    let mut steps = Steps::new(3);
    let peers = project.target.join("peers");

    let step = steps.begin("the peers");
    for (name, installed) in [("npm's", npm(project, &peers)), ("socketify", socketify(project, &peers))] {
        if let Err(error) = installed {
            report::note(&format!("{name} cannot be installed and will be left out: {error:#}"));
        }
    }
    step.done("ready");

    let step = steps.begin("the server, optimised as a whole, and the generator (some minutes)");
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    let server = ["build", "--profile", "dist", "--package", "readyroom", "--bin", "readyroom"];
    process::run(project.cargo().args(server))?;
    process::run(project.cargo().args(["build", "--release", "--package", "bench"]))?;
    step.done("built");

    steps.begin("measuring");
    let bench = project.target.join(format!("release/bench{}", std::env::consts::EXE_SUFFIX));
    let mut command = project.command(bench);
    command
        .env("READYROOM_BIN", project.server("dist"))
        .env("BENCH_PEERS", &peers)
        .args(["compare", "--write", DOCUMENT, "--results"])
        .arg(project.target.join("bench.jsonl"))
        .args(args);
    process::run(&mut command)
}

/// Installs the packages of npm, unless these versions are there.
fn npm(project: &Project, peers: &Path) -> Result<()> {
    let folder = peers.join("npm");
    let stamp = folder.join("versions");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == NPM.join("\n")) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let mut command = project.command("npm");
    command.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).args(NPM);
    process::output(&mut command)?;
    std::fs::write(stamp, NPM.join("\n")).context("cannot note what was installed")
}

/// Makes a Python of its own with socketify in it.
fn socketify(project: &Project, peers: &Path) -> Result<()> {
    let folder = peers.join("venv");
    let python = folder.join("bin/python");
    if process::succeeds(project.command(&python).args(["-c", "import socketify"])) {
        return Ok(());
    }
    process::output(project.command("python3").args(["-m", "venv"]).arg(&folder))?;
    process::output(project.command(&python).args(["-m", "pip", "install", "--quiet", PIP]))?;
    process::output(project.command(&python).args(["-c", "import socketify"])).map(|_imported| ())
}
