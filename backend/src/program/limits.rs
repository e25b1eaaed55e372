//! What a program may use up.
//!
//! Time and memory are the system's to watch: [`Limits::set`] says them, in the new process, to be inherited by whatever
//! the program starts, each process for itself. Output is watched by who reads it: a [`Flow`] says when to read again.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::time::Instant;

/// Bounds; where one is not set, the system's hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Seconds of the processor's time, of the program and each of its children (RLIMIT_CPU): SIGXCPU then, and SIGKILL a
    /// second later.
    pub cpu_seconds: Option<u64>,
    /// Bytes of address space, of the program and each of its children (RLIMIT_AS): it gets no more memory.
    pub memory: Option<u64>,
    /// Bytes that it may write in a second, sustained: who writes faster is read more slowly.
    pub output_per_second: Option<u64>,
}

impl Limits {
    /// Whether there is something that the system watches.
    #[must_use]
    pub const fn are_the_systems(&self) -> bool {
        self.cpu_seconds.is_some() || self.memory.is_some()
    }

    /// The watch over its output; none, where there is no bound.
    #[must_use]
    pub fn flow(&self, now: Instant) -> Option<Flow> {
        self.output_per_second.map(|per_second| Flow { per_second: per_second.max(1), next: now })
    }

    /// Sets them for this process and all that comes of it. A bound that holds already is not raised.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn set(&self) -> rustix::io::Result<()> {
        if let Some(seconds) = self.cpu_seconds {
            bound(Resource::Cpu, seconds, seconds.saturating_add(1))?;
        }
        if let Some(bytes) = self.memory {
            bound(Resource::As, bytes, bytes)?;
        }
        Ok(())
    }
}

fn bound(resource: Resource, soft: u64, hard: u64) -> rustix::io::Result<()> {
    let maximum = getrlimit(resource).maximum.map_or(hard, |holds| holds.min(hard));
    setrlimit(resource, Rlimit { current: Some(soft.min(maximum)), maximum: Some(maximum) })
}

/// How fast a program's output is read: what is read at once is paid for by a pause, so that a burst is as much as one
/// read and the rate holds over any longer time. Pure; the caller brings the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    per_second: u64,
    next: Instant,
}

impl Flow {
    /// When to read again, if not now.
    #[must_use]
    pub fn pause(&self, now: Instant) -> Option<Instant> {
        (self.next > now).then_some(self.next)
    }

    /// So many bytes were read.
    pub fn took(&mut self, bytes: usize, now: Instant) {
        let nanos =
            u128::try_from(bytes).unwrap_or(u128::MAX).saturating_mul(1_000_000_000) / u128::from(self.per_second);
        self.next = self.next.max(now) + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX / 4));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flow(per_second: u64, now: Instant) -> Flow {
        Limits { output_per_second: Some(per_second), ..Limits::default() }.flow(now).unwrap()
    }

    #[test]
    fn what_was_read_is_paid_for_by_a_pause() {
        let begin = Instant::now();
        let mut flow = flow(1000, begin);
        assert_eq!(flow.pause(begin), None);
        flow.took(500, begin);
        assert_eq!(flow.pause(begin), Some(begin + Duration::from_millis(500)));
        assert_eq!(flow.pause(begin + Duration::from_millis(500)), None);
    }

    #[test]
    fn without_a_bound_there_is_no_watch() {
        assert_eq!(Limits::default().flow(Instant::now()), None);
        assert!(!Limits { output_per_second: Some(1), ..Limits::default() }.are_the_systems());
    }

    proptest! {
        #[test]
        fn no_time_sees_more_than_the_rate_and_one_read(
            per_second in 1_u64..10_000_000, reads in prop::collection::vec((1_usize..65_536, 0_u64..50), 1..200),
        ) {
            let begin = Instant::now();
            let mut flow = flow(per_second, begin);
            let (mut now, mut read) = (begin, 0);
            for (bytes, pause) in reads {
                now = flow.pause(now).unwrap_or(now) + Duration::from_millis(pause);
                let allowed = u128::from(per_second) * (now - begin).as_nanos() / 1_000_000_000;
                // A nanosecond for each read is lost to rounding.
                prop_assert!(read <= allowed + u128::from(per_second).div_ceil(1_000_000));
                flow.took(bytes, now);
                read += bytes as u128;
            }
        }
    }
}
