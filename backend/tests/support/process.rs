//! The real binary, as a process of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::soon;

pub struct Process {
    pub address: SocketAddr,
    pub child: Child,
}

pub fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
    command.args(["--listen", "127.0.0.1:0", "--log", "warn", "--data"]).arg(data).args(args);
    command.current_dir(std::env::temp_dir()).kill_on_drop(true).stdin(Stdio::null());
    command
}

impl Process {
    /// Starts the binary on a free port; its first line says which.
    pub async fn start(data: &Path) -> Self {
        Self::spawn(command(data, &[])).await
    }

    /// Starts the binary behind some words to the shell, such as a limit; as [`Process::start`].
    pub async fn start_under(words: &str, data: &Path) -> Self {
        Self::start_under_with(words, data, &[]).await
    }

    /// The same with more arguments.
    pub async fn start_under_with(words: &str, data: &Path, args: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{words}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_readyroom")]);
        command.args(["--listen", "127.0.0.1:0", "--log", "off", "--data"]).arg(data).args(args);
        command.current_dir(std::env::temp_dir()).kill_on_drop(true).stdin(Stdio::null());
        Self::spawn(command).await
    }

    /// Starts a command that was made here.
    pub async fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = soon("the address", lines.next_line()).await.unwrap().expect("the server started");
        let address = url.split_once("://").unwrap().1.parse().unwrap();
        Self { address, child }
    }

    /// Bytes of memory that it holds just now (`VmRSS` in proc(5)).
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Descriptors that it has open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(self.proc("fd")).unwrap().count()
    }

    /// How many it may have: by its own limit, and by the one that it may raise that to.
    pub fn descriptor_limits(&self) -> [String; 2] {
        let limits = std::fs::read_to_string(self.proc("limits")).unwrap();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
        let mut words = line.split_whitespace().map(str::to_owned);
        [words.next().unwrap(), words.next().unwrap()]
    }

    fn proc(&self, what: &str) -> String {
        format!("/proc/{}/{what}", self.child.id().unwrap())
    }

    /// SIGKILL: the process gets no chance to say or write anything.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Runs the binary to its end: exit code, and what it wrote to standard error.
pub async fn run(mut command: Command) -> (Option<i32>, String) {
    let output = soon("the end of the process", command.stderr(Stdio::piped()).stdout(Stdio::null()).output()).await;
    let output = output.unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A file made by another process: one that this process has written could be held open by a program that is just being
/// started, and what is being written cannot be executed.
pub fn file(path: &Path, text: &str, mode: &str) {
    let made = std::process::Command::new("sh")
        .args(["-c", "printf %s \"$2\" > \"$1\" && chmod \"$3\" \"$1\"", "sh"])
        .arg(path)
        .args([text, mode])
        .status();
    assert!(made.unwrap().success());
}
