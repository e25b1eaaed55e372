//! Chaos: the real binary, treated badly, and what must hold all the same.
//!
//! In reading order: [`rule`] names what must hold, [`ledger`] is what was written and seen, [`judge`] compares it with
//! the history in the end, [`stream`] looks at what one connection is sent; all of that is pure and tested by doctored
//! histories. [`plan`] decides from a seed what goes wrong when. At the rim, [`server`] starts and strikes the process,
//! [`proxy`] is the bad network, [`http`] and [`link`] speak to it, [`member`] is a client: the engine over a socket.
//! [`round`] puts one seed's run together, [`people`] are those who write and read in it.
//!
//! Deliberately absent: the server's library, for what is judged is the program that people run; and the power cut: what
//! a killed process wrote the kernel still has, so that nothing here can tell a commit that was synced from one that was
//! only written.

pub mod http;
pub mod judge;
pub mod ledger;
pub mod link;
pub mod member;
pub mod people;
pub mod plan;
pub mod proxy;
pub mod round;
pub mod rule;
pub mod server;
pub mod stream;

/// Now, by this machine's clock.
#[must_use]
pub fn now() -> common::id::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    common::id::Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
