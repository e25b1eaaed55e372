//! Starts programs, each as the head of a process group of its own, and sees to it that every one ends.
//!
//! A program that needs nothing special is started by `posix_spawn`, which copies no page table; one with [limits], another
//! user or a terminal by the [`super::launcher`]. Every descriptor of ours is closed in it; SIGPIPE has its default, and
//! no signal is blocked.
//!
//! [limits]: super::limits

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::io::{copy, sink};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};

use super::Program;
use super::exit::Exit;
use super::ladder::Ladder;
use super::process::Process;
use super::stream::{Stdin, Stdout};
pub use super::trouble::SpawnError;
use crate::tasks::Tasks;

/// Runs programs. Clones share it.
#[derive(Debug, Clone)]
pub struct Runner(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// This program itself, for the [`super::launcher`] and the [`super::keeper`].
    _exe: PathBuf,
    /// Who sees programs off whose connections are gone.
    tasks: Tasks,
}

impl Runner {
    /// `exe` is this program itself; `tasks` is the group whose stop waits for the programs to end.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(exe: PathBuf, tasks: Tasks) -> io::Result<Self> {
        Ok(Self(Arc::new(Inner { _exe: exe, tasks })))
    }

    /// Starts a program.
    ///
    /// # Errors
    /// [`SpawnError`], which names the program and what is in the way.
    pub fn start(&self, program: &Program) -> Result<Child, SpawnError> {
        self.spawn(program).map_err(|source| SpawnError::new(program, source))
    }

    fn spawn(&self, program: &Program) -> io::Result<Child> {
        let mut command = Command::new(&program.path);
        command.args(&program.args).env_clear().envs(program.env.iter().map(|(name, value)| (name, value)));
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(folder) = &program.folder {
            command.current_dir(folder);
        }
        let mut process = command.spawn()?;
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidData)?;
        let mut child =
            Child { process: Some(Process::new(pid)), runner: self.clone(), stdin: None, stdout: None, stderr: None };
        let stream = |fd: OwnedFd| Stdout::new(fd);
        child.stdin = process.stdin.take().map(|stdin| Stdin::new(stdin.into())).transpose()?;
        child.stdout = process.stdout.take().map(|stdout| stream(stdout.into())).transpose()?;
        child.stderr = process.stderr.take().map(|stderr| stream(stderr.into())).transpose()?;
        Ok(child)
    }

    /// Ends a program that nobody listens to any more: its input is closed, its output thrown away, and it goes on with
    /// the ladder, which may have begun. What holds its output open climbs the ladder with it; at the end the whole group
    /// is killed. `hold` is given back only when all is over. The group of tasks waits for it.
    pub fn see_off(&self, mut child: Child, ladder: Ladder, hold: Option<OwnedSemaphorePermit>) {
        child.stdin = None;
        self.0.tasks.spawn(async move {
            climb(&mut child, ladder).await;
            drop(child);
            drop(hold);
        });
    }

    /// Waits for what was killed, out of sight.
    fn reap(&self, mut process: Process) {
        if Handle::try_current().is_err() {
            process.reap_now();
            return;
        }
        self.0.tasks.spawn(async move {
            std::future::poll_fn(|cx| process.poll_exited(cx)).await;
            process.reap();
        });
    }
}

/// Returns when the program has ended and its output too, or when the last signal was given and the program has ended.
async fn climb(child: &mut Child, mut ladder: Ladder) {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let drained = async { tokio::join!(drain(stdout), drain(stderr)) };
    tokio::pin!(drained);
    let (mut is_drained, mut has_ended) = (false, false);
    while !(has_ended && (is_drained || ladder.due().is_none())) {
        let due = ladder.due();
        tokio::select! {
            _ = child.exited(), if !has_ended => has_ended = true,
            _ = &mut drained, if !is_drained => is_drained = true,
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                if let Some(signal) = ladder.signal(Instant::now()) {
                    child.signal(signal);
                }
            }
        }
    }
}

async fn drain(stream: Option<Stdout>) {
    if let Some(mut stream) = stream {
        drop(copy(&mut stream, &mut sink()).await);
    }
}

/// A program that was started. Dropped, it and all of its group are killed, and it is reaped.
#[derive(Debug)]
pub struct Child {
    /// Taken only by the drop.
    process: Option<Process>,
    runner: Runner,
    /// Its input; taken or dropped, it reads its end.
    pub stdin: Option<Stdin>,
    /// Its output.
    pub stdout: Option<Stdout>,
    /// Its errors.
    pub stderr: Option<Stdout>,
}

impl Child {
    /// The number of its process, and of its group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, |process| process.pid().as_raw_nonzero().get().unsigned_abs())
    }

    /// Ready when the program has ended; what it has started may still run and hold its output open. Stays ready.
    pub fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<Exit> {
        self.process.as_mut().map_or(Poll::Pending, |process| process.poll_exited(cx))
    }

    /// Waits until the program has ended. May be given up and called again.
    pub async fn exited(&mut self) -> Exit {
        std::future::poll_fn(|cx| self.poll_exited(cx)).await
    }

    /// Gives a signal to the program and everything that it has started.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        process.signal(Signal::KILL);
        if !process.reap() {
            self.runner.reap(process);
        }
    }
}
