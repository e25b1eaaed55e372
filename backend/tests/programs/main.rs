//! What runs programs of others: the pipe, the bots, and `program`, on which both stand.
//!
//! One program of tests, as `server` is, and with the same rule: what belongs to a process is changed in a process of its own.

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

mod bot_examples;
mod bot_ways;
mod bots;
mod bots_accounts;
mod hosted;
mod pipe_bad_input;
mod pipe_cgi;
mod pipe_defects;
mod pipe_door;
mod pipe_pump;
mod pipe_share;
mod pipe_web;
mod program;
