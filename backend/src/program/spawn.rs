//! Starts programs, each as the head of a process group of its own, and sees to it that every one ends.
//!
//! A program that needs nothing special is started by `posix_spawn`, which copies no page table; one with [limits], another
//! user or a terminal by the [`super::launcher`]. Every descriptor of ours is closed in it; every signal has its default where
//! nothing special is needed, SIGPIPE always, and no signal is blocked.
//!
//! [limits]: super::limits

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::future::poll_fn;
use std::io;
use std::iter::once;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::task::{Context, Poll};

use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::SigSet;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal};
use tokio::io::{copy, sink};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use super::exit::Exit;
use super::keeper::Keeper;
use super::ladder::Ladder;
use super::launcher::Streams;
use super::process::Process;
use super::pty::Terminal;
use super::stream::{Stdin, Stdout};
pub use super::trouble::SpawnError;
use super::{Program, launcher, runnable};
use crate::tasks::Tasks;

/// Runs programs. Clones share it.
#[derive(Debug, Clone)]
pub struct Runner(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// This program itself, for the [`launcher`].
    exe: PathBuf,
    /// Who sees programs off whose connections are gone.
    tasks: Tasks,
    keeper: Keeper,
}

impl Runner {
    /// `exe` is this program itself, such as [`own_exe`]; `tasks` is the group whose stop waits for the programs to end.
    ///
    /// # Errors
    /// Where `exe` is nothing that can be run.
    pub fn new(exe: PathBuf, tasks: Tasks) -> io::Result<Self> {
        runnable(&exe).map_err(io::Error::other)?;
        let keeper = Keeper::new(exe.clone());
        Ok(Self(Arc::new(Inner { exe, tasks, keeper })))
    }

    /// Starts a program. To be called where a task may be spawned.
    ///
    /// # Errors
    /// [`SpawnError`], which names the program and what is in the way.
    pub fn start(&self, program: &Program) -> Result<Child, SpawnError> {
        self.0.keeper.prepare();
        self.spawn(program).map_err(|source| SpawnError::new(program, source))
    }

    fn spawn(&self, program: &Program) -> io::Result<Child> {
        let (pid, ours) =
            if program.terminal { on_terminal(&self.0.exe, program)? } else { on_pipes(&self.0.exe, program)? };
        self.0.keeper.begins(pid);
        // From here on it is ended by its drop, whatever happens.
        let mut child =
            Child { process: Some(Process::new(pid)), runner: self.clone(), stdin: None, stdout: None, stderr: None };
        let [stdin, stdout, stderr] = ours;
        child.stdin = Some(if program.terminal { Stdin::terminal(stdin) } else { Stdin::new(stdin) }?);
        child.stdout = Some(Stdout::new(stdout)?);
        child.stderr = Some(Stdout::new(stderr)?);
        Ok(child)
    }

    /// Ends a program that nobody listens to any more: its input is closed, its output thrown away, and it goes on with
    /// the ladder, which may have begun. What holds its output open climbs the ladder with it; at the end the whole group
    /// is killed. `hold` is dropped only when all is over. The group of tasks waits for it.
    pub fn see_off<H: Send + 'static>(&self, mut child: Child, ladder: Ladder, hold: H) {
        self.0.tasks.spawn(async move {
            climb(&mut child, ladder).await;
            drop(child);
            drop(hold);
        });
    }

    /// Gives back the number of a process whose group was killed: now, or out of sight as soon as it has ended.
    fn reap(&self, mut process: Process) {
        if process.exit().is_some() {
            self.0.keeper.ends(process.pid());
            process.reap();
        } else if Handle::try_current().is_ok() {
            let runner = self.clone();
            self.0.tasks.spawn(async move {
                poll_fn(|cx| process.poll_exited(cx)).await;
                runner.0.keeper.ends(process.pid());
                process.reap();
            });
        } else {
            process.reap_now();
            self.0.keeper.ends(process.pid());
        }
    }
}

/// This program itself, also after its file was replaced.
///
/// # Errors
/// Those of the system.
pub fn own_exe() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// The ends of a program's input, output and errors that are ours.
type Ours = [OwnedFd; 3];

fn on_pipes(exe: &Path, program: &Program) -> io::Result<(Pid, Ours)> {
    let (stdin, our_stdin) = pipe_with(PipeFlags::CLOEXEC)?;
    let (our_stdout, stdout) = pipe_with(PipeFlags::CLOEXEC)?;
    let (our_stderr, stderr) = pipe_with(PipeFlags::CLOEXEC)?;
    let theirs = [stdin, stdout, stderr];
    let pid = if program.user.is_some() || program.limits.are_the_systems() {
        launcher::start(exe, program, theirs)?
    } else if program.folder.is_some() {
        in_folder(program, theirs)?
    } else {
        plainly(program, &theirs)?
    };
    Ok((pid, [our_stdin, our_stdout, our_stderr]))
}

/// Not by the library's `Command`, which has each of the 64 signals looked at in the new process before it is reset, and
/// copies the environment twice.
fn plainly(program: &Program, streams: &Streams) -> io::Result<Pid> {
    let path = text(file(program)?.into_os_string())?;
    let args: Vec<CString> =
        once(Ok(path.clone())).chain(program.args.iter().cloned().map(text)).collect::<io::Result<_>>()?;
    // Of those of the same name, the last holds.
    let env: BTreeMap<&OsString, &OsString> = program.env.iter().map(|(name, value)| (name, value)).collect();
    let env: Vec<CString> = env.into_iter().map(|(name, value)| variable(name, value)).collect::<io::Result<_>>()?;
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETPGROUP
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF
            | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK,
    )?;
    attributes.set_pgroup(nix::unistd::Pid::from_raw(0))?;
    attributes.set_sigdefault(&SigSet::all())?;
    attributes.set_sigmask(&SigSet::empty())?;
    let mut actions = PosixSpawnFileActions::init()?;
    for (theirs, number) in streams.iter().zip(0..) {
        actions.add_dup2(theirs.as_raw_fd(), number)?;
    }
    let pid = posix_spawn(path.as_c_str(), &actions, &attributes, &args, &env)?;
    Pid::from_raw(pid.as_raw()).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn variable(name: &OsStr, value: &OsStr) -> io::Result<CString> {
    let mut both = OsString::with_capacity(name.len() + value.len() + 2);
    both.extend([name, OsStr::new("="), value]);
    text(both)
}

fn text(text: OsString) -> io::Result<CString> {
    Ok(CString::new(text.into_vec())?)
}

/// Nothing is set here that `posix_spawn` has no word for: the library would fork instead.
fn in_folder(program: &Program, [stdin, stdout, stderr]: Streams) -> io::Result<Pid> {
    let mut command = Command::new(file(program)?);
    command.args(&program.args).env_clear().envs(program.env.iter().map(|(name, value)| (name, value)));
    command.process_group(0).stdin(stdin).stdout(stdout).stderr(stderr);
    if let Some(folder) = &program.folder {
        command.current_dir(folder);
    }
    launcher::pid(&command.spawn()?)
}

fn on_terminal(exe: &Path, program: &Program) -> io::Result<(Pid, Ours)> {
    let Terminal { ours, theirs } = Terminal::open()?;
    let (our_stderr, stderr) = pipe_with(PipeFlags::CLOEXEC)?;
    let pid = launcher::start(exe, program, [theirs.try_clone()?, theirs, stderr])?;
    Ok((pid, [ours.try_clone()?, ours, our_stderr]))
}

/// A path with a slash, so that it is not looked for, and whole where the program works in another folder.
pub(super) fn file(program: &Program) -> io::Result<PathBuf> {
    let has_slash = program.path.as_os_str().as_bytes().contains(&b'/');
    if program.path.is_absolute() || (has_slash && program.folder.is_none()) {
        return Ok(program.path.clone());
    }
    std::path::absolute(&program.path)
}

/// Returns when the program has ended and its output too, or when the last signal was given and the program has ended.
async fn climb(child: &mut Child, mut ladder: Ladder) {
    child.is_to_end();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let drained = async { tokio::join!(finish(stdin), drain(stdout), drain(stderr)) };
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

async fn finish(stream: Option<Stdin>) {
    if let Some(mut stream) = stream {
        poll_fn(|cx| stream.poll_end(cx)).await;
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
        poll_fn(|cx| self.poll_exited(cx)).await
    }

    /// Whether it has begun to end by itself: its status will be known in a moment.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.process.as_ref().is_some_and(Process::is_ending)
    }

    /// It is to end: to be said before its input is closed, so that what it has started elsewhere is still known.
    pub fn is_to_end(&mut self) {
        if let Some(process) = &mut self.process {
            process.is_to_end();
        }
    }

    /// Gives a signal to the program and everything that it has started.
    pub fn signal(&mut self, signal: Signal) {
        if let Some(process) = &mut self.process {
            process.signal(signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(Signal::KILL);
            self.runner.reap(process);
        }
    }
}
