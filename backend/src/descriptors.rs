//! File descriptors: each connection takes one, and most systems give a program few before it asks for more.
//!
//! Deliberately absent: what happens when none is left, which is [`crate::listen`]'s.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are kept for the log, the store and the library.
const OWN: u64 = 64;

/// Raises the limit as far as the system lets this program, and logs what that is good for.
pub fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, "the limit of file descriptors cannot be raised");
    }
    match getrlimit(Resource::Nofile).current {
        Some(limit) => tracing::info!(limit, connections = connections(limit), "file descriptors"),
        None => tracing::info!("file descriptors are not limited"),
    }
}

/// How many connections so many descriptors allow. An encrypted one takes three: its own, and a pair that leads inside.
const fn connections(limit: u64) -> u64 {
    limit.saturating_sub(OWN)
}
