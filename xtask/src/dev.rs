//! `cargo xtask dev`: the server, and Trunk in front of it, which rebuilds the page when it is edited.
//!
//! Each runs in a process group of its own, so that Ctrl-C reaches this program alone and both end in good order.

use std::ffi::OsString;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::project::Project;
use crate::report::{self, Steps};
use crate::tools;

/// What can happen while both run.
enum Event {
    Interrupted,
    Ended(&'static str, std::io::Result<ExitStatus>),
}

/// Starts both and ends both. Arguments are the server's.
pub(crate) fn start(project: &Project, args: &[OsString]) -> Result<()> {
    let mut steps = Steps::new(3);
    let step = steps.begin("the tools: Rust's wasm32 target, wasm-bindgen, Trunk (the first time some minutes, once)");
    let tools = tools::for_page(project, || Ok(()))?;
    step.done("ready");

    let step = steps.begin("the server");
    std::fs::create_dir_all(project.page())?;
    process::run(project.cargo().args(["build", "--package", "readyroom"]))?;
    step.done("built");

    steps.begin("server at http://127.0.0.1:3000, page with hot reload at http://127.0.0.1:8080; Ctrl-C ends both");
    let (events, happened) = mpsc::sync_channel(4);
    let interrupted = events.clone();
    ctrlc::set_handler(move || {
        // A full channel means that the end has begun already.
        interrupted.try_send(Event::Interrupted).ok();
    })
    .context("cannot listen for Ctrl-C")?;

    let args = args.strip_prefix(&["--".into()]).unwrap_or(args);
    let mut server = Command::new(project.server("debug"));
    let mut trunk = project.command("trunk");
    tools.lend(&mut trunk);
    let mut groups = Vec::new();
    let mut begin = |name, command: &mut Command| {
        let mut child = spawn(command)?;
        groups.push(child.id());
        let events = events.clone();
        thread::spawn(move || events.send(Event::Ended(name, child.wait())).ok());
        Ok(())
    };
    let begun = begin("the server", server.arg("serve").args(args))
        .and_then(|()| begin("trunk serve", trunk.args(["serve", "--skip-version-check"])));
    let ended = match begun {
        Ok(()) => happened.recv()?,
        Err(error) => {
            groups.iter().for_each(|group| terminate(*group));
            return Err(error);
        }
    };
    groups.iter().for_each(|group| terminate(*group));
    let mut left = groups.len() - usize::from(matches!(ended, Event::Ended(..)));
    while left > 0 {
        left -= usize::from(matches!(happened.recv()?, Event::Ended(..)));
    }
    match ended {
        Event::Interrupted => Ok(()),
        Event::Ended(name, status) => bail!("{name} ended: {}", status?),
    }
}

/// Starts a program in its own process group, without the terminal's input.
fn spawn(command: &mut Command) -> Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let child = command.stdin(Stdio::null()).spawn();
    child.with_context(|| format!("cannot start {}", process::spelled(command)))
}

/// Asks a group of processes to end; one that has ended already does not mind.
fn terminate(group: u32) {
    let mut kill = if cfg!(windows) {
        let mut kill = Command::new("taskkill");
        kill.args(["/T", "/F", "/PID", &group.to_string()]);
        kill
    } else {
        let mut kill = Command::new("kill");
        kill.args(["-TERM", "--", &format!("-{group}")]);
        kill
    };
    if let Err(error) = kill.stdout(Stdio::null()).stderr(Stdio::null()).status() {
        report::note(&format!("cannot end process group {group}: {error}"));
    }
}
