//! The production binary as a child process, on a data folder and a port of its own that outlive a restart.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use tempfile::TempDir;

/// A server that can be stopped, killed and started again.
#[derive(Debug)]
pub struct Server {
    data: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Server {
    /// Starts a server on an empty data folder and a free port.
    ///
    /// # Errors
    /// When the binary cannot be started or does not become ready.
    pub fn start() -> anyhow::Result<Self> {
        // The port is free a moment later, and stays the same for every restart.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { data: tempfile::tempdir()?, port, child: None };
        server.restart()?;
        Ok(server)
    }

    /// Starts a server on a data folder in which `readyroom` has carried out a command before, with this on its standard
    /// input.
    ///
    /// # Errors
    /// When the command fails, and as [`Server::start`].
    pub fn prepared(command: &[&str], input: &str) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { data: tempfile::tempdir()?, port, child: None };
        let mut child = Command::new(crate::path_from("READYROOM_BIN")?)
            .args(command)
            .arg("--data")
            .arg(server.data.path())
            .env("READYROOM_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("the command does not start")?;
        child.stdin.take().context("the command has no stdin")?.write_all(input.as_bytes())?;
        let status = child.wait()?;
        ensure!(status.success(), "{command:?} ended with {status}");
        server.restart()?;
        Ok(server)
    }

    /// Starts the server again, on the same data and the same port.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let mut child = Command::new(crate::path_from("READYROOM_BIN")?)
            .args(["serve", "--listen", &format!("127.0.0.1:{}", self.port), "--data"])
            .arg(self.data.path())
            .env("READYROOM_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("the server does not start")?;
        let stdout = child.stdout.take().context("the server has no stdout")?;
        self.child = Some(child);
        // The first line says that it listens; the rest is the log, which must be read so that it cannot block.
        let mut lines = BufReader::new(stdout).lines();
        lines.next().context("the server ended before it listened")??;
        std::thread::spawn(move || lines.for_each(drop));
        ensure!(self.get("/readyz")?.starts_with("HTTP/1.1 200"), "the server is not ready");
        Ok(())
    }

    /// Asks the server to stop, as an operator would, and waits until it has.
    ///
    /// # Errors
    /// When it does not end with exit code 0.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.signal("-TERM")?;
        let mut child = self.child.take().context("the server is not running")?;
        let status = child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Stops the server's clock: it takes connections and answers nobody. It can still be killed.
    ///
    /// # Errors
    /// When it is not running.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal("-STOP")
    }

    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let child = self.child.as_ref().context("the server is not running")?;
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status()?;
        ensure!(sent.success(), "the signal did not reach the server");
        Ok(())
    }

    /// Kills the server as a power cut would.
    ///
    /// # Errors
    /// When it is not running.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the server is not running")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// The address of a page.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The whole answer to a plain GET.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // The test is over; whether the child was already gone does not matter.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
