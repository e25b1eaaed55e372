//! Where on the machine something runs and what it costs there, as Linux tells it in `/proc`.
//!
//! Processor time is that of `schedstat`, in nanoseconds: `utime` counts ticks of 10 ms and misses who sleeps at each.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

/// What a thread or a process has had from the scheduler, in nanoseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    /// On a processor.
    pub(crate) ran: u64,
    /// Ready to run, but waiting for a processor: others had it.
    pub(crate) waited: u64,
}

impl Share {
    /// What has been added since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self { ran: self.ran.saturating_sub(before.ran), waited: self.waited.saturating_sub(before.waited) }
    }

    fn plus(self, other: Self) -> Self {
        Self { ran: self.ran + other.ran, waited: self.waited + other.waited }
    }
}

/// The calling thread's share.
///
/// # Errors
/// Where there is no `/proc`.
pub(crate) fn own_share() -> anyhow::Result<Share> {
    share_in(Path::new("/proc/thread-self/schedstat"))
}

/// The share of all threads of a process that are alive. Threads that have ended are not in it: servers keep theirs.
///
/// # Errors
/// When the process is gone.
pub(crate) fn share_of(pid: u32) -> anyhow::Result<Share> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("process {pid} is gone"))?;
    let mut sum = Share::default();
    for task in tasks {
        // A thread may end between being listed and being asked.
        if let Ok(share) = share_in(&task?.path().join("schedstat")) {
            sum = sum.plus(share);
        }
    }
    Ok(sum)
}

fn share_in(path: &Path) -> anyhow::Result<Share> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut numbers = text.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(ran)), Some(Ok(waited))) => Ok(Share { ran, waited }),
        _ => anyhow::bail!("{} is not understood: {text:?}", path.display()),
    }
}

/// What a process holds in memory, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// `VmRSS`: pages that are in memory.
    pub(crate) resident: u64,
    /// `RssAnon`: those that are no file's.
    pub(crate) anonymous: u64,
}

/// Reads what a process holds.
///
/// # Errors
/// When the process is gone.
pub(crate) fn memory_of(pid: u32) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("process {pid} is gone"))?;
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        anyhow::Ok(kib * 1_024)
    };
    Ok(Memory { resident: of("VmRSS:")?, anonymous: of("RssAnon:")? })
}

/// Keeps the calling thread, and those that it starts, on these processors.
///
/// # Errors
/// When there is no such processor.
pub(crate) fn stay_on(processors: &[usize]) -> anyhow::Result<()> {
    ensure!(!processors.is_empty(), "no processor is named");
    let mut set = CpuSet::new();
    for processor in processors {
        set.set(*processor)?;
    }
    sched_setaffinity(Pid::from_raw(0), &set).with_context(|| format!("cannot run on processors {processors:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_charged_for_it() {
        let before = own_share().unwrap();
        let mut sum = 0_u64;
        while own_share().unwrap().since(before).ran < 1_000_000 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(share_of(std::process::id()).unwrap().ran >= 1_000_000);
    }

    #[test]
    fn a_process_holds_memory() {
        let memory = memory_of(std::process::id()).unwrap();
        assert!(memory.resident > memory.anonymous && memory.anonymous > 0);
    }
}
