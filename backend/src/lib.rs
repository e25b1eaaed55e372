//! Readyroom's server, as a library: the binary and the tests both start it through [`serve()`].
//!
//! `use` runs one way: [`http`] ─▶ [`socket`] ─▶ [`shard`] ─▶ [`session`], [`room`] ─▶ [`bus`] ─▶ [`store`], and
//! nothing points back.
//!
//! - [`config`] reads the settings, once, before anything is opened.
//! - [`server`] is the life cycle: open, serve, drain, close. [`listen`] accepts connections, as many as [`descriptors`]
//!   allow.
//! - [`admin`] manages accounts while nothing is served.
//! - [`http`] answers what is asked once, guards the door, and lets sockets in.
//! - [`labs`] are sockets to learn from, which have nothing to do with the chat.
//! - [`socket`] moves the bytes of a shard's connections; [`shard`] holds them as plain data and sends each room's events
//!   to those who follow it; [`session`] decides what one connection's messages mean, without I/O.
//! - [`publish`] brings changes into the store and the news of them onto the [`bus`], which has a box for each shard.
//! - [`relay`] connects members to the WebSockets of other servers.
//! - [`room`] knows who is in a room, and who is writing.
//! - [`store`] is the log: the only module that knows SQL.
//! - [`seed`] makes up a chat for trials; [`progress`] says how far a command is.
//! - [`passwords`] hashes them, [`tries`] slows who guesses, [`token`] is what a cookie or a link holds.
//! - [`tasks`] is the only place that starts tasks; [`clock`] and [`random`] are the only other ways out.
//!
//! Deliberately absent: the protocol, which is `common`'s, and the page, which is `frontend`'s.

pub mod admin;
pub mod bot;
pub mod bus;
pub mod clock;
pub mod config;
pub mod descriptors;
pub mod http;
pub mod labs;
pub mod listen;
pub mod passwords;
pub mod pipe;
pub mod program;
pub mod progress;
pub mod publish;
pub mod random;
pub mod relay;
pub mod room;
pub mod seed;
pub mod server;
pub mod session;
pub mod shard;
pub mod socket;
pub mod store;
pub mod tasks;
pub mod token;
pub mod tries;

pub use server::{ServeError, bind, serve};
