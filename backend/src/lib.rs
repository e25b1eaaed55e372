//! Readyroom's server, as a library: the binary and the tests both start it through [`serve()`].
//!
//! `use` runs one way: [`http`] ─▶ [`session`] ─▶ [`room`] ─▶ [`store`], and nothing points back.
//!
//! - [`config`] reads the settings, once, before anything is opened.
//! - [`server`] is the life cycle: open, serve, drain, close. [`listen`] accepts connections, as many as [`descriptors`]
//!   allow.
//! - [`http`] answers what is asked once, guards the door, and lets sockets in.
//! - [`socket`] moves the bytes of one connection; [`session`] decides what they mean, without I/O.
//! - [`room`] is the single writer of each room and the fan-out to its readers; [`bus`] holds the queues to them.
//! - [`store`] is the log: the only module that knows SQL.
//! - [`tasks`] is the only place that starts tasks; [`clock`] and [`random`] are the only other ways out.
//!
//! Deliberately absent: the protocol, which is `common`'s, and the page, which is `frontend`'s.

pub mod bus;
pub mod clock;
pub mod config;
pub mod descriptors;
pub mod http;
pub mod listen;
pub mod random;
pub mod room;
pub mod server;
pub mod session;
pub mod socket;
pub mod store;
pub mod tasks;

pub use server::{ServeError, bind, serve};
