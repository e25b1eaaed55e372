//! What was measured on what: the processor, the system, and everybody's version.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::subject::{Programs, Subject};

/// All that a reader has to know to compare figures with their own.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) memory_gb: u64,
    pub(super) kernel: String,
    pub(super) date: String,
    pub(super) commit: String,
    pub(super) versions: Vec<(Subject, String)>,
}

/// Asks the system.
///
/// # Errors
/// Where there is no `/proc`.
pub(super) fn read(programs: &Programs, subjects: &[Subject]) -> anyhow::Result<Machine> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let count = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let model = field("model name").unwrap_or_default();
    let meminfo = fs::read_to_string("/proc/meminfo")?;
    let kib = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")).context("no MemTotal")?;
    let kib: u64 = kib.trim().trim_end_matches("kB").trim().parse()?;
    Ok(Machine {
        processor: format!("{count} × {model}"),
        memory_gb: (kib * 1_024).div_ceil(1 << 30),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
        date: output("date", &["-u", "+%F"]),
        commit: output("git", &["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "--short", "HEAD"]),
        versions: subjects.iter().map(|subject| (*subject, version(*subject, programs))).collect(),
    })
}

fn version(subject: Subject, programs: &Programs) -> String {
    let modules = programs.peers_folder.join("npm/node_modules");
    let node = || format!("Node {}", output("node", &["--version"]).trim_start_matches('v'));
    match subject {
        Subject::Readyroom => {
            let binary = programs.binary.clone().unwrap_or_default();
            output(&binary.to_string_lossy(), &["--version"]).replace("readyroom ", "")
        }
        Subject::Bare => "this commit".to_owned(),
        Subject::Bun => package(&modules.join("bun")),
        Subject::Ws => format!("{}, {}", package(&modules.join("ws")), node()),
        Subject::Socketio => format!("{}, {}", package(&modules.join("socket.io")), node()),
        Subject::Axum => locked("axum"),
        Subject::Socketify => {
            let python = programs.peers_folder.join("venv/bin/python");
            let ask = "import importlib.metadata as m, platform as p; \
                       print(m.version('socketify') + ', Python ' + p.python_version())";
            output(&python.to_string_lossy(), &["-c", ask])
        }
    }
}

/// The version of an npm package.
fn package(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    package.get("version").and_then(|version| version.as_str()).unwrap_or_default().to_owned()
}

/// The version of a crate that this workspace is built with.
fn locked(name: &str) -> String {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock")).unwrap_or_default();
    let head = format!("name = \"{name}\"\nversion = \"");
    let rest = lock.split_once(&head).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// What a program prints; nothing if it cannot be started.
fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_names_axums_version() {
        assert!(locked("axum").starts_with("0."), "{}", locked("axum"));
        assert_eq!(locked("no-such-crate"), "");
    }
}
