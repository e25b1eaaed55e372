//! `cargo xtask test`: every test there is, from pure functions to browsers on the production binary.
//!
//! Nothing is left out silently: what cannot run on this machine fails and says what it needs.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::num::NonZero;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::browser::{self, Browser};
use crate::compat;
use crate::dist;
use crate::page;
use crate::parts::Parts;
use crate::peers;
use crate::process;
use crate::project::Project;
use crate::report;
use crate::simulate;
use crate::tools;

/// The port on which the page's tests expect a WebSocket to talk to, unless they are told of another.
const PEER: &str = "4517";

/// How many tests run beside each other, for the programs of tests.
const THREADS: &str = "RUST_TEST_THREADS";

const HOST_TESTS: &[&str] = &["test", "--workspace", "--exclude", "journeys"];

const JOURNEYS: &[&str] = &["test", "--package", "journeys"];

/// Runs all parts, whatever becomes of the ones before.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    let mut parts = Parts::new("test", args);
    parts.run("host tests", || host(project));
    parts.run("page tests in Chromium", || page(project, &browser::ready()?));
    parts.run("journeys through the production binary", || journeys(project, &browser::ready()?));
    parts.run("simulation of ten thousand stories", || simulate::check(project));
    parts.finish()
}

/// Everything that runs without a browser, the page's pure modules among it.
fn host(project: &Project) -> Result<()> {
    // The server's build embeds the page, and an unbuilt one is an empty directory.
    std::fs::create_dir_all(project.page())?;
    let mut cargo = project.cargo();
    cargo.args(HOST_TESTS).arg("--no-fail-fast");
    // Most tests wait most of the time: for a disk, a program, a deadline.
    if std::env::var_os(THREADS).is_none() {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        cargo.env(THREADS, (cores * 2).to_string());
    }
    process::run(&mut cargo)
}

/// The page's own tests, compiled for the browser and run in one, with a real WebSocket at the other end.
fn page(project: &Project, browser: &Browser) -> Result<()> {
    let tools = tools::for_page(project, || page::compile(project))?;
    let peer = Peer::start(project)?;
    let mut cargo = project.cargo();
    cargo
        .args(["test", "--package", "frontend", "--target", "wasm32-unknown-unknown", "--no-fail-fast"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        // Modules that wasm-bindgen reads and Chromium loads once for each file of tests; a panic names its line without.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CHROMEDRIVER", &browser.driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "900");
    // It is compiled into the tests, so that it is said only where it has to be.
    if peer.port != PEER {
        cargo.env("READYROOM_PEER", format!("ws://127.0.0.1:{}/", peer.port));
    }
    process::run(tools.lend(&mut cargo))?;
    peer.stop()
}

/// Servers and clients that nobody here wrote.
const NPM: [&str; 5] = ["ws@8.23.0", "nodejs-websocket@1.7.2", "express@5.3.0", "express-ws@5.0.2", "socket.io@4.8.4"];

/// The same of Python.
const PIP: [&str; 1] = ["websockets==17.4"];

/// Whole journeys: the binary as it is shipped, with browsers as people use them. One at a time, for each has browsers
/// enough to keep a small machine busy. What a person would look at is left in `target/pictures`.
fn journeys(project: &Project, browser: &Browser) -> Result<()> {
    // The compiler spends minutes of the production build on one core: the journeys are compiled on the other. The
    // simulation, which is next, shares all but its last step with that build.
    let compiled = thread::scope(|scope| {
        let beside = scope.spawn(|| process::quietly("the journeys", project.cargo().args(JOURNEYS).arg("--no-run")));
        let binary = dist::build(project, &["simulation"]);
        let done = beside.join().unwrap_or_else(|_| Err(anyhow!("the work beside the build panicked")));
        binary.and_then(|binary| done.map(|()| binary))
    });
    let binary = compiled?;
    let mut tests = project.cargo();
    tests
        .args(JOURNEYS)
        .args(["--no-fail-fast", "--", "--test-threads=1"])
        .env("READYROOM_PICTURES", project.root.join("target/pictures"))
        .env("READYROOM_BIN", binary);
    lend_peers(project, &mut tests, browser)?;
    match compat::websocketd() {
        Ok(websocketd) => drop(tests.env("WEBSOCKETD", websocketd)),
        Err(error) => report::note(&format!("the pipe is not held against websocketd: {error:#}")),
    }
    process::run(&mut tests)
}

/// Installs the programs of others that journeys speak with, and says in the environment where they are.
pub(crate) fn lend_peers(project: &Project, command: &mut Command, browser: &Browser) -> Result<()> {
    let node = peers::npm(project, "elsewhere", &NPM).context("the journeys need Node.js with npm")?;
    let python = peers::python(project, "elsewhere-python", &PIP).context("the journeys need Python 3 with venv")?;
    command
        .env("NODE_PATH", node.join("node_modules"))
        .env("PEER_PYTHON", python)
        .env("CHROMEDRIVER", &browser.driver)
        .env("CHROMIUM", &browser.chromium);
    Ok(())
}

/// The other end of the page's WebSocket tests. It ends when its standard input is closed.
struct Peer {
    process: Child,
    stdin: Option<ChildStdin>,
    port: String,
}

impl Peer {
    /// Starts it and waits until it listens.
    fn start(project: &Project) -> Result<Self> {
        // The host tests bring the example with them. Asked for by itself it would be compiled with other features,
        // and half the server's dependencies with it.
        process::run(project.cargo().args(HOST_TESTS).args(["--quiet", "--no-run"]))?;
        let program = project.target.join(format!("debug/examples/ws_peer{}", std::env::consts::EXE_SUFFIX));
        let mut process = Command::new(program)
            .arg(PEER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the WebSocket peer")?;
        let stdin = process.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let port = line.trim_end().strip_prefix("listening ").unwrap_or_default().to_owned();
        let peer = Self { process, stdin, port };
        if peer.port.is_empty() {
            let status = peer.stop();
            bail!("the WebSocket peer does not listen: {status:?}")
        }
        Ok(peer)
    }

    fn stop(mut self) -> Result<()> {
        self.stdin = None;
        let status = self.process.wait()?;
        ensure!(status.success(), "the WebSocket peer failed: {status}");
        Ok(())
    }
}
