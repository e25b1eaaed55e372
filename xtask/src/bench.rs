//! `cargo xtask bench`: the product beside its peers, and what comes of it in `docs/benchmarks.md`.
//!
//! Builds the production binary without its page, which no measurement looks at, and the crate `bench`, which measures
//! and explains its own words (`bench compare --help`). The peers are installed into cargo's target folder, from the
//! registries, in exactly these versions; what cannot be installed is left out and named in the document.

use anyhow::Result;
use std::ffi::OsString;

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
        .env("BENCH_PEERS", peers::folder(project))
        .args(["compare", "--write", DOCUMENT, "--results"])
        .arg(project.target.join("bench.jsonl"))
        .args(args);
    process::run(&mut command)
}

/// Makes a Python with socketify in it. It needs the system's libuv, so that it may be there and not work.
fn socketify(project: &Project) -> Result<()> {
    let python = peers::python(project, "venv", &[PIP])?;
    process::output(project.command(python).args(["-c", "import socketify"])).map(drop)
}
