//! What a program may use up.

/// Bounds; where one is not set, the system's hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Seconds of the processor's time, of the program and each of its children (RLIMIT_CPU).
    pub cpu_seconds: Option<u64>,
    /// Bytes of address space, of the program and each of its children (RLIMIT_AS).
    pub memory: Option<u64>,
    /// Bytes that it may write in a second, sustained: who writes faster is read more slowly.
    pub output_per_second: Option<u64>,
}
