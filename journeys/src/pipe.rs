//! `readyroom pipe`, and websocketd where it is installed, as child processes in front of a program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// How long a start or an end may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whose pipe it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The product's, at `READYROOM_BIN`.
    Ours,
    /// websocketd, at `WEBSOCKETD`.
    Websocketd,
}

/// A pipe that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Pipe {
    child: Child,
    port: u16,
    log: Arc<Mutex<Vec<String>>>,
}

impl Whose {
    /// Those that are here: ours, and websocketd where `WEBSOCKETD` names it.
    #[must_use]
    pub fn here() -> &'static [Self] {
        match websocketd() {
            Some(_) => &[Self::Ours, Self::Websocketd],
            None => &[Self::Ours],
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "readyroom pipe",
            Self::Websocketd => "websocketd",
        }
    }
}

fn websocketd() -> Option<PathBuf> {
    std::env::var_os("WEBSOCKETD").map(PathBuf::from).filter(|path| path.is_file())
}

impl Pipe {
    /// Starts it in a folder, on a free port of 127.0.0.1, with these flags and what stands behind them.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start<S: AsRef<std::ffi::OsStr>>(whose: Whose, folder: &Path, words: &[S]) -> anyhow::Result<Self> {
        // The port is free a moment later.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = match whose {
            Whose::Ours => Command::new(std::path::absolute(crate::path_from("READYROOM_BIN")?)?),
            Whose::Websocketd => Command::new(websocketd().context("WEBSOCKETD names no program")?),
        };
        if whose == Whose::Ours {
            command.arg("pipe");
        }
        let mut child = command
            .arg(format!("--port={port}"))
            .arg("--address=127.0.0.1")
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{} does not start", whose.name()))?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let (stdout, kept) = (child.stdout.take().context("it has no stdout")?, Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let mut pipe = Self { child, port, log };
        pipe.listens().with_context(|| format!("{} does not start", whose.name()))?;
        Ok(pipe)
    }

    fn listens(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended: {status}");
            }
            ensure!(began.elapsed() < PATIENCE, "it does not listen");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }

    /// The address of its WebSocket.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// The address of a page.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The body that a plain GET is answered with.
    ///
    /// It is asked for by HTTP/1.0, whose answers have no chunks.
    ///
    /// # Errors
    /// When it cannot be reached, or the answer is no 200.
    pub fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no head")?;
        ensure!(head.starts_with("HTTP/1.0 200"), "{head}");
        Ok(body.to_owned())
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The programs that it has started and that were not waited for yet. What ends them when the server is killed is
    /// none.
    ///
    /// # Errors
    /// When it has ended.
    pub fn programs(&self) -> anyhow::Result<Vec<u32>> {
        let mut all = Vec::new();
        // Each thread has those that it has started.
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let children = std::fs::read_to_string(task?.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        let words = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        all.retain(|pid| !words(pid).starts_with("readyroom-keeper"));
        Ok(all)
    }

    /// Waits until something is true of it.
    ///
    /// # Errors
    /// When it does not become true in time.
    pub fn until(&self, what: &str, is_true: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while !is_true(self) {
            ensure!(
                began.elapsed() < PATIENCE,
                "{what}: not in {} s; the log:\n{}",
                PATIENCE.as_secs(),
                self.log().join("\n")
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Asks it to stop, and waits until it has. Its exit status.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&mut self) -> anyhow::Result<std::process::ExitStatus> {
        ensure!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?.success(), "no signal");
        Ok(self.child.wait()?)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // The test is over; whether it was already gone does not matter.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
