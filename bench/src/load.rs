//! The load generator: thousands of connections in one process, and messages on a schedule that waits for nobody.
//!
//! **Open loop.** The `i`th message is due at a time that is fixed before the run, whatever became of the ones before,
//! and carries that time in its text. Its latency counts from then until it is received, so a server that stands still
//! for a second is charged for every message that should have been said in that second (the "coordinated omission" of
//! closed loops hides it). One process has both ends, so there is one clock.
//!
//! A [`fleet`] is one thread with one epoll, one receive buffer, and its connections as plain data. What goes over a
//! connection is a [`dialect`]'s matter; [`frames`] finds the messages in the bytes and looks no closer than it must,
//! while a sample of the connections is read by `wire` with every check there is ([`check`]). A [`tally`] counts what
//! comes. [`guests`] come in over HTTP before. [`place`] says where on the machine things run, and what they cost.
//!
//! Deliberately absent: what is measured, which is [`crate::scenario`]'s matter; Tokio, whose tasks and timers would
//! cost more than what is measured.

pub(crate) mod body;
pub(crate) mod check;
pub(crate) mod clock;
mod conn;
pub(crate) mod dialect;
pub(crate) mod fleet;
pub(crate) mod frames;
pub(crate) mod guests;
mod packed;
pub(crate) mod place;
pub(crate) mod socket;
pub(crate) mod tally;
