//! The servers that are measured: the product, and others that send to all what one sends.
//!
//! Each runs in a process of its own, on an empty folder and a free port, kept on a processor of its own if that is
//! wanted, and ends with its [`Running`].

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

/// How long a start may take.
const START_WITHIN: Duration = Duration::from_secs(20);

/// A server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Subject {
    /// The product, at `READYROOM_BIN`.
    Readyroom,
    /// The kernel's cost: one `send` for each delivery and nothing else.
    Bare,
    /// npm `bun`.
    Bun,
    /// Axum's own `ws`.
    Axum,
    /// PyPI `socketify`, which is µWebSockets.
    Socketify,
    /// npm `ws`, on Node.
    Ws,
    /// npm `socket.io`, on Node.
    Socketio,
}

/// Where the servers' programs are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Programs {
    /// The product's binary
    #[arg(long, env = "READYROOM_BIN", value_name = "FILE", global = true)]
    pub(crate) binary: Option<PathBuf>,
    /// Folder with the peers' installations: npm/node_modules and venv
    #[arg(long, env = "BENCH_PEERS", value_name = "FOLDER", default_value = "target/peers", global = true)]
    pub(crate) peers_folder: PathBuf,
    /// A further argument for the product, such as --server-arg=--durability=relaxed
    #[arg(long, value_name = "ARG", allow_hyphen_values = true, global = true)]
    pub(crate) server_arg: Vec<String>,
}

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    address: SocketAddrV4,
    _data: TempDir,
}

impl Subject {
    /// Every peer, without the product.
    pub(crate) const PEERS: [Self; 6] = [Self::Bare, Self::Bun, Self::Axum, Self::Socketify, Self::Ws, Self::Socketio];

    /// Its name in results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Readyroom => "readyroom",
            Self::Bare => "bare send",
            Self::Bun => "Bun",
            Self::Axum => "Axum ws",
            Self::Socketify => "socketify",
            Self::Ws => "ws",
            Self::Socketio => "Socket.IO",
        }
    }

    /// Starts it, on these processors if some are named, and waits until it listens.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(self, programs: &Programs, processors: Option<&str>) -> anyhow::Result<Running> {
        let data = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let argv = self.argv(programs, port, data.path())?;
        let (program, args) = argv.split_first().context("there is no program")?;
        let mut command = match processors {
            Some(list) => {
                let mut taskset = Command::new("taskset");
                taskset.args(["--cpu-list", list]).arg(program);
                taskset
            }
            None => Command::new(program),
        };
        command
            .args(args)
            .current_dir(data.path())
            .env("NODE_PATH", std::path::absolute(programs.peers_folder.join("npm/node_modules"))?)
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        let child = command.spawn().with_context(|| format!("{} does not start", program.display()))?;
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let mut running = Running { child, address, _data: data };
        running.wait().with_context(|| format!("{} does not start", self.name()))?;
        Ok(running)
    }

    /// Program and arguments.
    fn argv(self, programs: &Programs, port: u16, data: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let peers = std::path::absolute(&programs.peers_folder)?;
        let npm = |path: &str| peers.join("npm/node_modules").join(path);
        let script = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name);
        let number = || PathBuf::from(port.to_string());
        let argv = match self {
            Self::Readyroom => {
                let binary = std::path::absolute(programs.binary.as_ref().context("READYROOM_BIN names no binary")?)?;
                let mut argv = vec![binary];
                let listen = format!("127.0.0.1:{port}");
                argv.extend(
                    ["serve", "--listen", &listen, "--log", "error", "--send-rate", "0", "--data"].map(Into::into),
                );
                argv.push(data.to_owned());
                argv.extend(programs.server_arg.iter().map(Into::into));
                argv
            }
            Self::Bare => vec![std::env::current_exe()?, "bare-server".into(), number()],
            Self::Axum => vec![std::env::current_exe()?.with_file_name("axum-peer"), number()],
            Self::Bun => vec![npm("bun/bin/bun.exe"), script("bun.js"), number()],
            Self::Ws => vec!["node".into(), script("ws.cjs"), number()],
            Self::Socketio => vec!["node".into(), script("socketio.cjs"), number()],
            Self::Socketify => vec![peers.join("venv/bin/python"), script("socketify_room.py"), number()],
        };
        Ok(argv)
    }
}

impl Running {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended: {status}");
            }
            ensure!(began.elapsed() < START_WITHIN, "it does not listen after {} s", START_WITHIN.as_secs());
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has nothing to lose: its folder goes with it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
