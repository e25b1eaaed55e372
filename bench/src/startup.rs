//! How long a start takes, and what the idle process holds.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

const RUNS: usize = 20;

/// Seconds that the process is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(5);

pub(crate) fn measure() -> anyhow::Result<()> {
    let binary = journeys::path_from("READYROOM_BIN")?;
    let mut starts = Vec::with_capacity(RUNS);
    let mut resident = Vec::with_capacity(3);
    for run in 0..RUNS {
        let data = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let start = Instant::now();
        let mut child = spawn(&binary, data.path(), port)?;
        let ready = until_ready(port, start);
        starts.push(start.elapsed().as_secs_f64() * 1_000.0);
        if run < 3 {
            idle();
            resident.push(resident_mb(child.id())?);
        }
        child.kill()?;
        child.wait()?;
        ready?;
    }
    crate::print_spread("start until /readyz is 200", starts);
    print_memory(&resident);
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "letting time pass is what is measured here")]
fn idle() {
    std::thread::sleep(IDLE);
}

#[allow(clippy::print_stdout, reason = "a measurement's figures are its output")]
fn print_memory(resident: &[f64]) {
    println!("resident memory after {} s of idling: {resident:.1?} MB", IDLE.as_secs());
}

fn spawn(binary: &Path, data: &Path, port: u16) -> anyhow::Result<Child> {
    Command::new(binary)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("the server does not start")
}

fn until_ready(port: u16, start: Instant) -> anyhow::Result<()> {
    while !is_ready(port) {
        ensure!(start.elapsed() < Duration::from_secs(10), "the server is not ready after 10 s");
        std::thread::yield_now();
    }
    Ok(())
}

fn is_ready(port: u16) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

/// `VmRSS` of a process, in units of 10⁶ bytes.
fn resident_mb(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("only Linux tells this way")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1_024.0 / 1e6)
}
