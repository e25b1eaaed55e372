//! What a program has started that has left its process group (`setsid`) and is still below it.
//!
//! A group is signalled as one, but `setsid sleep 1000 &` is in none of ours. As long as the process that has started it
//! lives, the system says that it is its child; so all below the program are looked for when it is to end and whenever it
//! gets a signal, and those of them that are not in its group when a signal is given get that too. A number may be somebody
//! else's by the time it is used: a descriptor of the process (pidfd) stands for each.
//!
//! What has made itself independent, by letting who has started it end first, is no child of the program any more and stays:
//! that is what daemons do. Deliberately absent: adopting those (`PR_SET_CHILD_SUBREAPER`), since nothing says whose they
//! were, and all that is adopted would have to be reaped here. Elsewhere than on Linux nothing is found.

use rustix::process::{Pid, Signal};

/// The processes that were found below a program, also those that have not left its group yet.
#[derive(Debug, Default)]
pub(super) struct Strays(#[cfg(target_os = "linux")] Vec<(Pid, std::os::fd::OwnedFd)>);

#[cfg(target_os = "linux")]
impl Strays {
    /// How many processes are looked at below one program, each of which may hold a descriptor.
    const MOST: usize = 100;

    /// Looks for them below a program that has not been reaped, the head of its group.
    pub(super) fn look(&mut self, program: Pid) {
        let mut above = vec![program];
        let mut seen = 0;
        while let Some(parent) = above.pop() {
            for child in children(parent) {
                seen += 1;
                if seen > Self::MOST {
                    return;
                }
                above.push(child);
                self.note(child, parent);
            }
        }
    }

    /// Keeps a process. A number that was given to somebody else meanwhile is no child any more.
    fn note(&mut self, child: Pid, parent: Pid) {
        use rustix::process::{PidfdFlags, pidfd_open};
        let is_known = self.0.iter().any(|(pid, _)| *pid == child);
        if !is_known
            && let Ok(process) = pidfd_open(child, PidfdFlags::empty())
            && children(parent).contains(&child)
        {
            self.0.push((child, process));
        }
    }

    /// Gives a signal to each that is not in the program's group, which gets it as a whole.
    pub(super) fn signal(&self, program: Pid, signal: Signal) {
        let has_left = |pid| rustix::process::getpgid(Some(pid)) != Ok(program);
        for (_, process) in self.0.iter().filter(|(pid, _)| has_left(*pid)) {
            rustix::process::pidfd_send_signal(process, signal).ok();
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Strays {
    /// Nothing is found.
    pub(super) fn look(&mut self, _program: Pid) {}

    /// Nobody gets it.
    pub(super) fn signal(&self, _program: Pid, _signal: Signal) {}
}

/// The children of a process, as far as its first thread has started them: the others of those few programs that start
/// processes from several threads are not worth a look at every thread.
#[cfg(target_os = "linux")]
fn children(parent: Pid) -> Vec<Pid> {
    let number = parent.as_raw_nonzero();
    let listed = std::fs::read_to_string(format!("/proc/{number}/task/{number}/children")).unwrap_or_default();
    listed.split_ascii_whitespace().filter_map(|number| number.parse().ok().and_then(Pid::from_raw)).collect()
}
