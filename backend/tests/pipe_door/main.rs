//! The pipe's door: its command line, where it listens, who comes in, and what programs are told of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    clippy::match_wildcard_for_single_variants,
    clippy::too_many_lines,
    reason = "a test that fails says where"
)]

#[path = "../support/mod.rs"]
mod support;

mod entry;
mod environment;
mod flags;
mod listening;
mod running;
mod tls;
