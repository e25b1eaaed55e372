//! Servers on libraries that nobody here wrote, as child processes; see `peers/README.md`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::Context;

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    stdin: Option<ChildStdin>,
    port: u16,
    is_secure: bool,
}

/// A certificate and its key, in files.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, in PEM.
    pub cert: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
}

impl Peer {
    /// Starts one of the programs in `peers`, with TLS where there is a certificate.
    ///
    /// # Errors
    /// When Node.js or Python, which `NODE_PATH` and `PEER_PYTHON` speak of, or the library is missing.
    pub fn start(program: &str, tls: Option<&Certificate>) -> anyhow::Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(program);
        let mut command = if program.ends_with(".py") {
            Command::new(crate::path_from("PEER_PYTHON")?)
        } else {
            Command::new("node")
        };
        if let Some(Certificate { cert, key }) = tls {
            command.env("PEER_CERT", cert).env("PEER_KEY", key);
        }
        let mut child = command
            .arg(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let mut line = String::new();
        BufReader::new(stdout.context("the peer has no stdout")?).read_line(&mut line)?;
        let port = line.trim().parse().with_context(|| format!("{program} did not say where it listens: {line:?}"))?;
        Ok(Self { child, stdin, port, is_secure: tls.is_some() })
    }

    /// The address of its socket.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stdin = None;
        drop(self.child.wait());
    }
}
