//! A process that was started: when it ends, and its group.
//!
//! The end is seen without reaping (`waitid` with `WNOWAIT`), so that the number of the process, which is that of its
//! group, belongs to nobody else until what is left of the group was killed; only then is it reaped. That a process has
//! ended is told by a descriptor of the process (pidfd, Linux 5.3), which is opened when somebody first waits, and where
//! there is none by SIGCHLD.
//!
//! A process that makes a session of its own (`setsid`) has left the group; [`super::strays`] says which of these are ended
//! with the program.

use std::io;
use std::task::{Context, Poll, ready};

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::Exit;
use super::strays::Strays;

/// A process of ours, and the head of its group.
#[derive(Debug)]
pub(super) struct Process {
    pid: Pid,
    exit: Option<Exit>,
    watch: Option<Watch>,
    strays: Strays,
    /// It was looked for them before its first signal.
    has_looked: bool,
    is_reaped: bool,
}

impl Process {
    pub(super) fn new(pid: Pid) -> Self {
        Self { pid, exit: None, watch: None, strays: Strays::default(), has_looked: false, is_reaped: false }
    }

    pub(super) const fn pid(&self) -> Pid {
        self.pid
    }

    /// How it has ended, if it has.
    pub(super) fn exit(&mut self) -> Option<Exit> {
        if self.exit.is_none() {
            self.exit = self.wait(WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT);
        }
        self.exit
    }

    /// Ready as soon as it has ended, again and again.
    pub(super) fn poll_exited(&mut self, cx: &mut Context<'_>) -> Poll<Exit> {
        loop {
            // It may have ended between the last look and the opening of the descriptor, which then can be read at once.
            if let Some(exit) = self.exit() {
                self.watch = None;
                return Poll::Ready(exit);
            }
            let pid = self.pid;
            ready!(self.watch.get_or_insert_with(|| Watch::new(pid)).poll(cx));
            if self.exit().is_none() && matches!(self.watch, Some(Watch::Descriptor(_))) {
                // It would say the same for ever; a new one speaks only of what is new.
                self.watch = None;
            }
        }
    }

    /// Whether it is about to end, which may take its time on a busy machine: its descriptors are closed before its status
    /// can be read. Not known elsewhere than on Linux.
    pub(super) fn is_ending(&self) -> bool {
        /// The flag of a process that exits, among those of its `stat` (proc(5); PF_EXITING of the kernel's `sched.h`).
        const EXITING: u32 = 0x4;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid.as_raw_nonzero())).unwrap_or_default();
        // Its name, which is in brackets, may be anything.
        let flags = stat.rsplit_once(") ").and_then(|(_, fields)| fields.split(' ').nth(6)?.parse::<u32>().ok());
        !self.is_reaped && flags.is_some_and(|flags| flags & EXITING != 0)
    }

    /// It is to end: what has left its group and is below it now will be ended with it.
    pub(super) fn is_to_end(&mut self) {
        if !self.has_looked {
            self.has_looked = true;
            self.look();
        }
    }

    fn look(&mut self) {
        // What has ended has no children.
        if !self.is_reaped && self.exit.is_none() {
            self.strays.look(self.pid);
        }
    }

    /// Gives a signal to the whole group, and to what has left it; to the process alone, where that has gone to another
    /// group.
    pub(super) fn signal(&mut self, signal: Signal) {
        self.look();
        if !self.is_reaped {
            let given = match kill_process_group(self.pid, signal) {
                Err(Errno::SRCH) => kill_process(self.pid, signal),
                other => other,
            };
            if let Err(error) = given {
                tracing::debug!(%error, ?signal, "a program was not signalled");
            }
        }
        // Behind the group: who leaves that meanwhile has got it or gets it now.
        self.strays.signal(self.pid, signal);
    }

    /// Reaps it, if it has ended. Its number may be somebody else's from now on.
    pub(super) fn reap(&mut self) -> bool {
        if !self.is_reaped && self.exit().is_some() {
            self.wait(WaitIdOptions::NOHANG);
            self.is_reaped = true;
        }
        self.is_reaped
    }

    /// Waits for it where no task can, and reaps it. Only for what was killed.
    pub(super) fn reap_now(&mut self) {
        if !self.is_reaped {
            self.exit = self.wait(WaitIdOptions::empty());
            self.is_reaped = true;
        }
    }

    fn wait(&mut self, options: WaitIdOptions) -> Option<Exit> {
        match retry_on_intr(|| waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | options)) {
            Ok(status) => status.as_ref().map(Exit::from),
            Err(error) => {
                // Whoever started us has it that children are reaped by themselves (SIGCHLD ignored).
                tracing::debug!(%error, "how a program ended is not known");
                self.is_reaped = true;
                Some(Exit::Signal(0))
            }
        }
    }
}

/// What tells that a process may have ended.
#[derive(Debug)]
enum Watch {
    /// A descriptor of the process, which can be read when it has ended.
    Descriptor(Receiver),
    /// The signal that comes when any child has ended.
    Signal(tokio::signal::unix::Signal),
    /// Neither could be had: look at every turn.
    Nothing,
}

impl Watch {
    fn new(pid: Pid) -> Self {
        descriptor(pid).map(Self::Descriptor).unwrap_or_else(|error| {
            tracing::debug!(%error, "a program has no descriptor");
            signal(SignalKind::child()).map_or(Self::Nothing, Self::Signal)
        })
    }

    /// Ready when it is time to look.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Descriptor(descriptor) => descriptor.poll_read_ready(cx).map(drop),
            Self::Signal(signal) => signal.poll_recv(cx).map(drop),
            Self::Nothing => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn descriptor(pid: Pid) -> io::Result<Receiver> {
    use rustix::process::{PidfdFlags, pidfd_open};
    Receiver::from_owned_fd_unchecked(pidfd_open(pid, PidfdFlags::NONBLOCK)?)
}

#[cfg(not(target_os = "linux"))]
fn descriptor(_pid: Pid) -> io::Result<Receiver> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;

    fn cat() -> (std::process::Child, Process) {
        let child = Command::new("cat").process_group(0).stdin(Stdio::piped()).spawn().unwrap();
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
        (child, Process::new(pid))
    }

    #[tokio::test]
    async fn its_end_is_seen_however_it_is_told() {
        for watch in [None, Some(Watch::Signal(signal(SignalKind::child()).unwrap())), Some(Watch::Nothing)] {
            let (mut child, mut process) = cat();
            process.watch = watch;
            assert!(poll_fn(|cx| Poll::Ready(process.poll_exited(cx))).await.is_pending());
            assert!(!process.reap());
            drop(child.stdin.take());
            assert_eq!(poll_fn(|cx| process.poll_exited(cx)).await, Exit::Code(0));
            assert!(process.reap() && process.reap());
            assert_eq!(poll_fn(|cx| process.poll_exited(cx)).await, Exit::Code(0));
        }
    }

    #[tokio::test]
    async fn who_was_reaped_is_not_signalled() {
        let (_child, mut process) = cat();
        process.signal(Signal::KILL);
        process.reap_now();
        assert_eq!(process.exit(), Some(Exit::Signal(9)));
        process.signal(Signal::KILL);
        assert!(process.reap());
    }

    #[tokio::test]
    async fn whom_somebody_else_has_reaped_has_ended_all_the_same() {
        let (mut child, mut process) = cat();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(process.exit(), Some(Exit::Signal(0)));
        assert!(process.reap());
    }
}
