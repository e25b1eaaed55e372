//! The project's own commands, started as `cargo xtask <command>`.
//!
//! This file only finds the command. Each one has a module of its own; below them lie the tools they install
//! (`tools`), the page they build (`page`) and the way they speak to whoever started them (`report`).

mod bench;
mod browser;
mod chaos;
mod ci;
mod compat;
mod dev;
mod dist;
mod instructions;
mod packages;
mod page;
mod parts;
mod peers;
mod process;
mod project;
mod report;
mod run;
mod simulate;
mod test;
mod tidy;
mod tools;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::project::Project;

/// One command: what is typed, what `cargo xtask` says of it, and what it does.
struct Command {
    name: &'static str,
    about: &'static str,
    start: fn(&Project, &[OsString]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command { name: "run", about: "install what is missing, build everything, start the server", start: run::start },
    Command { name: "test", about: "every test: host, page in Chromium, whole journeys", start: test::start },
    Command { name: "dev", about: "server and page with hot reload, at http://127.0.0.1:8080", start: dev::start },
    Command { name: "dist", about: "the one production binary, target/dist/readyroom", start: dist::start },
    Command {
        name: "ci",
        about: "format, lints, documentation, tidy, licences, budgets of size and instructions",
        start: ci::start,
    },
    Command {
        name: "chaos",
        about: "kill the server, spoil its network, and see that nothing is lost",
        start: chaos::start,
    },
    Command {
        name: "simulate",
        about: "ten thousand stories of what can go wrong, in virtual time",
        start: simulate::start,
    },
    Command {
        name: "instructions",
        about: "what the hot path takes, counted by valgrind and held against the figures kept",
        start: instructions::start,
    },
    Command {
        name: "bench",
        about: "measure the server beside others and write docs/benchmarks.md",
        start: bench::start,
    },
    Command {
        name: "compat",
        about: "websocketd's examples behind `readyroom pipe` and behind websocketd: the same comes out",
        start: compat::start,
    },
    Command { name: "tidy", about: "the project's own rules alone, in a second", start: tidy::start },
];

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let name = args.next().unwrap_or_default();
    let rest: Vec<OsString> = args.collect();
    if matches!(name.to_str(), Some("help" | "--help" | "-h")) {
        report::line(&usage());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| name == command.name) else {
        report::line(&usage());
        return ExitCode::from(2);
    };
    match Project::find().and_then(|project| (command.start)(&project, &rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::line(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <command>\n");
    for Command { name, about, .. } in COMMANDS {
        text.push_str(&format!("\n  {name:<12} {about}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_has_one_line_for_each_command() {
        let lines = usage().lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(lines, COMMANDS.len());
    }
}
