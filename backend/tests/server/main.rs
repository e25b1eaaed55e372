//! The server, by what it promises: a module for each subject.
//!
//! All of them are one program, since each program of tests is linked with the whole server. Tests run beside each other in one
//! process, so none changes what belongs to a process: its folder, its environment, its limits, its signals. Who needs that starts
//! the real binary (`support::process`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::large_futures,
    reason = "a test fails by panicking, and looks at what it knows"
)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod answers;
mod attacks;
mod attacks_frames;
mod attacks_http2;
mod changes;
mod chat;
mod config;
mod direct;
mod ephemera;
mod erasure;
mod guessing;
mod history;
mod http;
mod http_rooms;
mod invites;
mod labs;
mod labs_faults;
mod labs_race;
mod labs_tap;
mod malformed;
mod migration;
mod own;
mod relay;
mod relay_tls;
mod restart;
mod resume;
mod rights;
mod rooms;
mod scarce;
mod search;
mod secure;
mod seed;
mod sessions;
mod slow_reader;
mod two_factor;
mod users;
