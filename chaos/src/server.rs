//! The server as a process of its own, on a folder and a port that outlive it, and the ways to strike it.
//!
//! Neighbours: [`crate::round`] strikes. Deliberately absent: what the process is; its path comes in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};

/// How long a start may take: it opens the database and goes on from the write-ahead log, which is short.
const START_WITHIN: Duration = Duration::from_secs(10);

/// How long an orderly stop may take: the server's own bound is 5 s, and it says goodbye for another one.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A server that can be struck and started again.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    settings: Vec<String>,
    data: TempDir,
    address: SocketAddr,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Kept open: a server that logs to a closed pipe would be another test.
    _stdout: BufReader<ChildStdout>,
}

/// A signal that is not the end.
#[derive(Debug, Clone, Copy)]
pub enum Signal {
    /// Please stop.
    Term,
    /// Stand still.
    Stop,
    /// Go on.
    Cont,
}

impl Server {
    /// Starts the binary on an empty folder and a free port of this machine, with `settings` as its further arguments.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(binary: &Path, settings: &[&str]) -> anyhow::Result<Self> {
        // The port is free a moment later, and stays the same for every start.
        let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let mut server = Self {
            binary: binary.to_owned(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            data: tempfile::tempdir()?,
            address,
            running: None,
        };
        server.start_again().await?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.running.as_ref().and_then(|running| running.child.id())
    }

    /// Starts it on the same folder and port, and waits until it listens.
    ///
    /// # Errors
    /// When it does not.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let mut child = Command::new(&self.binary)
            .args(["serve", "--listen", &self.address.to_string(), "--log", "error", "--data"])
            .arg(self.data.path())
            .args(&self.settings)
            .current_dir(self.data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.binary.display()))?;
        let mut stdout = BufReader::new(child.stdout.take().context("the server has no standard output")?);
        let mut line = String::new();
        match tokio::time::timeout(START_WITHIN, stdout.read_line(&mut line)).await {
            Ok(read) => ensure!(read? > 0, "the server ended before it listened: {}", child.wait().await?),
            Err(_late) => bail!("the server does not listen after {} s", START_WITHIN.as_secs()),
        }
        self.running = Some(Running { child, _stdout: stdout });
        Ok(())
    }

    /// How it ended, if it did so by itself.
    ///
    /// # Errors
    /// When it is not running.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.running()?.child.try_wait()?)
    }

    /// SIGKILL: the process gets no chance to say or write anything.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.running()?.child.kill().await?;
        self.running = None;
        Ok(())
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    /// When it does not end in time, or not with exit code 0.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::Term).await?;
        let ended = tokio::time::timeout(STOP_WITHIN, self.running()?.child.wait()).await;
        let Ok(status) = ended else {
            self.kill().await?;
            bail!("the server did not stop within {} s", STOP_WITHIN.as_secs());
        };
        self.running = None;
        let status = status?;
        ensure!(status.success(), "the server stopped with {status}");
        Ok(())
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        let name = match signal {
            Signal::Term => "-TERM",
            Signal::Stop => "-STOP",
            Signal::Cont => "-CONT",
        };
        let id = self.running()?.child.id().context("the server has ended")?;
        let status = Command::new("kill").args([name, &id.to_string()]).status().await?;
        ensure!(status.success(), "the signal did not reach the server");
        Ok(())
    }

    fn running(&mut self) -> anyhow::Result<&mut Running> {
        self.running.as_mut().context("the server is not running")
    }
}
