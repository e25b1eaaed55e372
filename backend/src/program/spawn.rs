//! Starts programs, each as the head of a process group of its own, and sees to it that every one ends.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, sink};
use tokio::time::Instant;

use super::Program;
use super::exit::Exit;
use super::ladder::Ladder;
use super::stream::{Stdin, Stdout};
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

/// Why a program cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {}: {source}", program.display())]
pub struct SpawnError {
    /// The program.
    pub program: PathBuf,
    /// What the system said.
    pub source: io::Error,
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
    /// [`SpawnError`], which names the program and what the system says.
    pub fn start(&self, program: &Program) -> Result<Child, SpawnError> {
        self.spawn(program).map_err(|source| SpawnError { program: program.path.clone(), source })
    }

    fn spawn(&self, program: &Program) -> io::Result<Child> {
        let mut command = std::process::Command::new(&program.path);
        command.args(&program.args).env_clear().envs(program.env.iter().map(|(name, value)| (name, value)));
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(folder) = &program.folder {
            command.current_dir(folder);
        }
        let mut process = tokio::process::Command::from(command).spawn()?;
        let group = process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let stdin = process.stdin.take().map(|stdin| Stdin::new(stdin.into_owned_fd()?)).transpose()?;
        let stdout = process.stdout.take().map(|stdout| Stdout::new(stdout.into_owned_fd()?)).transpose()?;
        let stderr = process.stderr.take().map(|stderr| Stdout::new(stderr.into_owned_fd()?)).transpose()?;
        Ok(Child { process, group, stdin, stdout, stderr })
    }

    /// Ends a program that nobody listens to any more: its input is closed, its output thrown away, and it climbs the
    /// ladder. The group of tasks waits for it.
    pub fn see_off(&self, mut child: Child, extra: Duration) {
        child.stdin = None;
        self.0.tasks.spawn(async move {
            let mut ladder = Ladder::new(Instant::now(), extra);
            let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
            let drained = async { tokio::join!(drain(stdout), drain(stderr)) };
            tokio::pin!(drained);
            let mut is_drained = false;
            loop {
                let due = ladder.due();
                let wait = async {
                    match due {
                        Some(due) => tokio::time::sleep_until(due).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = child.exited() => break,
                    _ = &mut drained, if !is_drained => is_drained = true,
                    () = wait => {
                        if let Some(signal) = ladder.signal(Instant::now()) {
                            child.signal(signal);
                        }
                    }
                }
            }
        });
    }
}

async fn drain(stream: Option<Stdout>) {
    if let Some(mut stream) = stream {
        drop(tokio::io::copy(&mut (&mut stream).take(u64::MAX), &mut sink()).await);
    }
}

/// A program that runs. Dropped, it and all of its group are killed.
#[derive(Debug)]
pub struct Child {
    process: tokio::process::Child,
    group: Option<Pid>,
    /// Its input; taken or dropped, it reads its end.
    pub stdin: Option<Stdin>,
    /// Its output.
    pub stdout: Option<Stdout>,
    /// Its errors; none where it has a terminal.
    pub stderr: Option<Stdout>,
}

impl Child {
    /// The number of its process, and of its group.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.group.map(|group| group.as_raw_nonzero().get().unsigned_abs())
    }

    /// Waits until it has ended. May be given up and called again.
    pub async fn exited(&mut self) -> Exit {
        self.process.wait().await.map_or(Exit::Signal(0), Exit::from)
    }

    /// Gives a signal to the program and everything that it has started.
    pub fn signal(&self, signal: Signal) {
        if let Some(group) = self.group
            && let Err(error) = kill_process_group(group, signal)
        {
            tracing::debug!(%error, ?signal, "a program was not signalled");
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
