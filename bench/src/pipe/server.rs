//! A pipe that is measured, as Linux sees it: its process, its programs, its memory and its descriptors.

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// How long a start may take.
const START_WITHIN: Duration = Duration::from_secs(20);

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Who {
    /// The product
    Readyroom,
    /// Debian's package
    Websocketd,
}

/// The programs, and where they run.
#[derive(Debug, Clone)]
pub(crate) struct Where {
    /// The product's binary.
    pub(crate) readyroom: PathBuf,
    /// websocketd's.
    pub(crate) websocketd: PathBuf,
    /// Processors, as taskset takes them.
    pub(crate) processors: Option<String>,
}

/// A server that runs a program for each connection. It ends with everything it has started.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddrV4,
}

impl Who {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Readyroom => "readyroom",
            Self::Websocketd => "websocketd",
        }
    }

    /// Where its errors go: websocketd's panics on connections that are cut would hide everything else.
    fn errors(self) -> Stdio {
        match self {
            Self::Readyroom => Stdio::inherit(),
            Self::Websocketd => Stdio::null(),
        }
    }

    /// Starts it in front of a program, and waits until it listens. It leads a session of its own, by which what it has
    /// started is found again.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(self, programs: &Where, flags: &[&str], command: &[&str]) -> anyhow::Result<Server> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut words: Vec<&OsStr> = Vec::new();
        if let Some(list) = &programs.processors {
            words.extend(["taskset", "--cpu-list", list].map(OsStr::new));
        }
        match self {
            Self::Readyroom => words.extend([programs.readyroom.as_os_str(), OsStr::new("pipe")]),
            Self::Websocketd => words.push(programs.websocketd.as_os_str()),
        }
        let child = Command::new("setsid")
            .args(words)
            .args([&format!("--port={port}"), "--address=127.0.0.1", "--maxforks=0"])
            .args(flags)
            .args(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.errors())
            .spawn()
            .with_context(|| format!("{} does not start", self.name()))?;
        let mut server = Server { child, address: SocketAddrV4::new(Ipv4Addr::LOCALHOST, port) };
        server.wait().with_context(|| format!("{} does not start", self.name()))?;
        Ok(server)
    }
}

impl Server {
    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddrV4 {
        self.address
    }

    /// Its process: `setsid` and `taskset` become what they start.
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

    /// What it holds in memory by itself.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let pid = self.pid();
        let status = read(&format!("/proc/{pid}/status"))?;
        let rollup = read(&format!("/proc/{pid}/smaps_rollup"))?;
        Ok(Memory {
            resident: kib(&status, "VmRSS:")? * 1_024,
            proportional: kib(&rollup, "Pss:")? * 1_024,
            highest: kib(&status, "VmHWM:")? * 1_024,
        })
    }

    /// Its descriptors.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) fn descriptors(&self) -> anyhow::Result<usize> {
        let folder = format!("/proc/{}/fd", self.pid());
        Ok(fs::read_dir(&folder).with_context(|| format!("cannot read {folder}"))?.count())
    }

    /// What it has started and what those have started: everything in its session but itself.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub(crate) fn started(&self) -> anyhow::Result<Started> {
        let mut started = Started::default();
        for entry in fs::read_dir("/proc")? {
            let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let Some((state, session)) = state_of(pid) else { continue };
            if pid == self.pid() || session != self.pid() {
                continue;
            }
            match state {
                'Z' => started.zombies += 1,
                _ => started.alive.push(pid),
            }
        }
        Ok(started)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let started = self.started().unwrap_or_default();
        self.child.kill().ok();
        self.child.wait().ok();
        for pid in started.alive {
            let Ok(pid) = i32::try_from(pid) else { continue };
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).ok();
        }
    }
}

/// What a process holds, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// `VmRSS`.
    pub(crate) resident: u64,
    /// `Pss`: pages that are shared count for each in part.
    pub(crate) proportional: u64,
    /// `VmHWM`: the most that it ever had.
    pub(crate) highest: u64,
}

/// Processes that a server has started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Started {
    /// Those that live.
    pub(crate) alive: Vec<u32>,
    /// Those that ended and were not waited for.
    pub(crate) zombies: usize,
}

/// A process's state and session; nothing when it is gone.
fn state_of(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    // The name in parentheses may hold anything, parentheses too.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(2)?.parse().ok()?))
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

fn kib(text: &str, name: &str) -> anyhow::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Its own session, for where tests run the leader of theirs may be in another namespace, which shows as 0.
    #[test]
    fn a_process_has_a_state_and_a_session() {
        let mut child = Command::new("setsid")
            .args(["sh", "-c", "echo; read _"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Its first line says that it is the leader by now.
        assert_eq!(child.stdout.take().unwrap().read(&mut [0]).unwrap(), 1);
        let (state, session) = state_of(child.id()).unwrap();
        assert!("RSD".contains(state), "{state}");
        assert_eq!(session, child.id());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(state_of(child.id()), None);
    }
}
