//! Ends what is left of the programs when the server itself is killed, which nothing in the server can do.
//!
//! A small process beside the server, started with the first program, reads from the server which groups begin and end.
//! When that pipe ends, the server is gone, however it went, and the keeper gives each group that is left SIGTERM and,
//! 850 ms later (when the [ladder] would), SIGKILL. It is in a session of its own, so that what is done to the server's
//! terminal or group does not reach it, and has nothing of the server's but that pipe. A start costs the server one small
//! write and no wait.
//!
//! What remains open: the microseconds between the start of a program and that write. A program that ends when its input
//! does, ends then too.
//!
//! [ladder]: super::ladder

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Command, ExitCode, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::io::{Errno, ioctl_fionbio};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, kill_process_group, setsid, test_kill_process_group};

use super::strays::Strays;

/// How this program is called to be a keeper.
pub const COMMAND: &str = "__keep";

/// What the keeper calls itself in a list of processes.
const NAME: &str = "readyroom-keeper";

/// How long a group has between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_millis(850);

/// How often the keeper looks: what the server has said, and, when that is gone, whether all groups are.
const LOOK: Duration = Duration::from_millis(10);

/// Bytes that are read at once: as many as a pipe holds.
const AT_ONCE: usize = 64 * 1024;

/// How many keepers may go before their time; after that there is something about this system that lets none live.
const MOST_STARTS: u32 = 4;

/// Bytes that may wait for a keeper; one that does not read them is stuck, and replaced.
const MOST_WAITING: usize = 1024 * 1024;

/// The server's side.
#[derive(Debug)]
pub(super) struct Keeper {
    exe: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The groups that run, by their numbers.
    groups: HashSet<i32>,
    /// The process, and the pipe that it reads.
    running: Option<(process::Child, OwnedFd)>,
    /// What the pipe had no room for.
    waiting: Vec<u8>,
    starts: u32,
}

impl Keeper {
    /// `exe` is this program itself. Nothing is started yet.
    pub(super) fn new(exe: PathBuf) -> Self {
        Self { exe, state: Mutex::default() }
    }

    /// Sees to it that a keeper runs, before there is a group to be kept.
    pub(super) fn prepare(&self) {
        let mut state = self.lock();
        if state.running.is_none() {
            state.start(&self.exe);
        }
    }

    /// A group has begun.
    pub(super) fn begins(&self, group: Pid) {
        let group = group.as_raw_nonzero().get();
        let mut state = self.lock();
        state.groups.insert(group);
        state.tell(&self.exe, '+', group);
    }

    /// A group has ended. To be called before its number can be somebody else's.
    pub(super) fn ends(&self, group: Pid) {
        let group = group.as_raw_nonzero().get();
        let mut state = self.lock();
        state.groups.remove(&group);
        state.tell(&self.exe, '-', group);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, exe: &PathBuf, sign: char, group: i32) {
        if self.running.is_none() {
            return;
        }
        // Writing into memory does not fail.
        writeln!(self.waiting, "{sign}{group}").ok();
        if self.flush().is_err() || self.waiting.len() > MOST_WAITING {
            self.end();
            self.start(exe);
        }
    }

    /// Writes what fits.
    fn flush(&mut self) -> Result<(), Errno> {
        let Some((_, pipe)) = &self.running else { return Ok(()) };
        while !self.waiting.is_empty() {
            match rustix::io::write(pipe, &self.waiting) {
                Ok(n) => drop(self.waiting.drain(..n)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn start(&mut self, exe: &PathBuf) {
        if self.starts == MOST_STARTS {
            return;
        }
        self.starts += 1;
        match launch(exe) {
            Ok(running) => self.running = Some(running),
            Err(error) => {
                self.starts = MOST_STARTS;
                tracing::warn!(%error, "programs will outlive this server, should it be killed: their keeper cannot start");
                return;
            }
        }
        self.waiting.clear();
        for group in &self.groups {
            writeln!(self.waiting, "+{group}").ok();
        }
        if let Err(error) = self.flush() {
            tracing::debug!(%error, "a keeper has ended at once");
        }
    }

    /// Ends a keeper that must not touch what it keeps.
    fn end(&mut self) {
        if let Some((mut process, _pipe)) = self.running.take() {
            process.kill().and_then(|()| process.wait()).ok();
        }
    }
}

/// Every program has ended by now, since each of them holds on to what holds the keeper: it ends by itself.
impl Drop for State {
    fn drop(&mut self) {
        if let Some((mut process, pipe)) = self.running.take() {
            drop(pipe);
            process.wait().ok();
        }
    }
}

fn launch(exe: &PathBuf) -> io::Result<(process::Child, OwnedFd)> {
    let (theirs, ours) = pipe_with(PipeFlags::CLOEXEC)?;
    ioctl_fionbio(&ours, true)?;
    let mut command = Command::new(exe);
    command.arg0(NAME).arg(COMMAND).env_clear().current_dir("/");
    let process = command.stdin(theirs).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    Ok((process, ours))
}

/// Keeps until standard input ends, then ends what is left.
#[must_use]
pub fn main() -> ExitCode {
    // Whoever started it by hand may have made it the head of a group already.
    setsid().ok();
    #[cfg(target_os = "linux")]
    rustix::thread::set_name(c"readyroom-keep").ok();
    end(listen(io::stdin()));
    ExitCode::SUCCESS
}

/// The groups that are left when the server says no more. It is heard a batch at a time: a busy server would wake its
/// keeper twice for each program.
fn listen(mut server: impl Read) -> HashSet<Pid> {
    let (mut groups, mut heard, mut batch) = (HashSet::new(), Vec::new(), [0; AT_ONCE]);
    loop {
        match server.read(&mut batch) {
            Ok(read @ 1..) => heard.extend_from_slice(batch.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return groups,
        }
        // What is cut off in the middle of a number is not ended by a line break.
        let whole = heard.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        for told in heard.drain(..whole).as_slice().split(|byte| *byte == b'\n') {
            hear(std::str::from_utf8(told).unwrap_or_default(), &mut groups);
        }
        nap();
    }
}

#[expect(clippy::disallowed_methods, reason = "a process of its own, with one thread, that nobody wakes")]
fn nap() {
    sleep(LOOK);
}

fn hear(told: &str, groups: &mut HashSet<Pid>) {
    let group = |number: &str| number.parse().ok().filter(|&number| number > 1).and_then(Pid::from_raw);
    if let Some(group) = told.strip_prefix('+').and_then(group) {
        groups.insert(group);
    } else if let Some(group) = told.strip_prefix('-').and_then(group) {
        groups.remove(&group);
    }
}

/// Signals only groups that are still there each time: a number that was given back may soon be somebody else's.
/// What has left its group gets the same, as far as it is seen.
fn end(mut groups: HashSet<Pid>) {
    let begin = Instant::now();
    let strays: Vec<(Pid, Strays)> = groups.iter().map(|&group| (group, below(group))).collect();
    groups.retain(|&group| kill_process_group(group, Signal::TERM).is_ok());
    strays.iter().for_each(|(group, strays)| strays.signal(*group, Signal::TERM));
    while !groups.is_empty() && begin.elapsed() < GRACE {
        nap();
        groups.retain(|&group| test_kill_process_group(group).is_ok());
    }
    for group in groups {
        kill_process_group(group, Signal::KILL).ok();
    }
    strays.iter().for_each(|(group, strays)| strays.signal(*group, Signal::KILL));
}

fn below(program: Pid) -> Strays {
    let mut strays = Strays::default();
    strays.look(program);
    strays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_begun_and_not_ended_is_left() {
        let told = "+10\n+11\n-10\n+12\n+x\n+0\n+1\n+-5\n+13";
        let left = listen(told.as_bytes());
        assert_eq!(left, [11, 12].into_iter().filter_map(Pid::from_raw).collect());
    }
}
