//! Starting other programs: in the open, for their output, or quietly with a line now and then.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::report;

/// How often a quiet program says how far it is.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Lines kept of a quiet program, shown if it fails.
const KEPT_LINES: usize = 200;

/// Runs a program whose output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", spelled(command)))?;
    succeeded(command, status)
}

/// Runs a program and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", spelled(command)))?;
    if !output.status.success() {
        report::line(String::from_utf8_lossy(&output.stderr).trim_end());
    }
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("{} did not print UTF-8", spelled(command)))
}

/// Whether a program can be started and succeeds, whatever it prints.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
}

/// Runs a cargo command without its output, and says every few seconds how many crates are built. So two of them
/// can run side by side and still be followed. Its last lines are printed if it fails.
pub(crate) fn quietly(label: &str, command: &mut Command) -> Result<()> {
    let started = Instant::now();
    let mut child = command
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", spelled(command)))?;
    let stderr = child.stderr.take().context("no pipe to read from")?;
    let (lines, read) = mpsc::sync_channel(64);
    thread::spawn(move || send_lines(stderr, &lines));

    let mut kept = VecDeque::new();
    let mut progress = String::from("starting");
    let mut next = started + HEARTBEAT;
    loop {
        match read.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(line) => match crates_built(&line) {
                Some((built, all)) => progress = format!("{built} of {all} crates"),
                None if line.contains("[=") => {}
                None => keep(&mut kept, line),
            },
            Err(RecvTimeoutError::Timeout) => {
                report::note(&format!("{label}: {progress} ({})", report::spell(started.elapsed())));
                next += HEARTBEAT;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.wait()?;
    if status.success() {
        report::note(&format!("{label}: done ({})", report::spell(started.elapsed())));
    } else {
        kept.iter().for_each(|line| report::line(line));
    }
    succeeded(command, status)
}

/// The program as it would be typed.
pub(crate) fn spelled(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or_default();
    std::iter::once(name).chain(command.get_args()).map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// The first of `dirs` that holds an executable of this name.
pub(crate) fn find_in(dirs: impl IntoIterator<Item = PathBuf>, name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    dirs.into_iter().map(|dir| dir.join(&file)).find(|path| path.is_file())
}

/// The directories of `PATH`.
pub(crate) fn path_dirs() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed: {status}", spelled(command));
    }
    Ok(())
}

/// Sends each line, where a carriage return ends a line too, until the pipe or the receiver is closed.
fn send_lines(mut pipe: impl Read, lines: &SyncSender<String>) {
    let mut line = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut chunk) {
        for &byte in chunk.iter().take(length) {
            if byte != b'\n' && byte != b'\r' {
                line.push(byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            if !text.trim().is_empty() && lines.send(text).is_err() {
                return;
            }
        }
    }
    // The receiver may be gone by now, and then nobody misses the unfinished line.
    lines.send(String::from_utf8_lossy(&line).into_owned()).ok();
}

fn keep(kept: &mut VecDeque<String>, line: String) {
    if kept.len() == KEPT_LINES {
        kept.pop_front();
    }
    kept.push_back(line);
}

/// Reads cargo's progress bar: `Building [=====>   ] 45/233: syn, serde`.
fn crates_built(line: &str) -> Option<(u32, u32)> {
    let (before, after) = line.split_once("] ")?;
    if !before.trim_start().starts_with("Building [") {
        return None;
    }
    let (built, rest) = after.split_once('/')?;
    let all: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((built.parse().ok()?, all.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_progress_bar_is_understood() {
        assert_eq!(crates_built("    Building [====>    ] 45/233: syn, serde"), Some((45, 233)));
        assert_eq!(crates_built("    Building [=========] 233/233"), Some((233, 233)));
        assert_eq!(crates_built("   Compiling syn v2.0.1"), None);
        assert_eq!(crates_built("error: expected ] 3/4"), None);
    }

    #[test]
    fn lines_end_at_newlines_and_carriage_returns() {
        let (lines, read) = mpsc::sync_channel(8);
        send_lines(&b"one\r\rtwo\nthree, unfinished"[..], &lines);
        drop(lines);
        assert_eq!(read.into_iter().collect::<Vec<_>>(), ["one", "two", "three, unfinished"]);
    }

    #[test]
    fn a_failing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start no-such-program-here");
    }
}
