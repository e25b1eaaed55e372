//! What a journey needs: the production binary ([`server`]) and browsers that a script can drive ([`browser`]), and
//! servers on other people's libraries ([`elsewhere`]); for the pipe, its server ([`pipe`]) and clients on other people's
//! libraries ([`talk`]).
//!
//! Run through `cargo xtask test`, which builds the binary and names it in `READYROOM_BIN`. Nothing here waits by
//! sleeping: pages are asked to answer when something has become true.

pub mod browser;
pub mod elsewhere;
pub mod pipe;
pub mod server;
pub mod talk;

use std::path::PathBuf;

use anyhow::Context;

/// The path that an environment variable names.
///
/// # Errors
/// When it is not set: journeys are never skipped in silence.
pub fn path_from(variable: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os(variable)
        .with_context(|| format!("{variable} is not set; run the journeys with `cargo xtask test`"))?;
    Ok(PathBuf::from(path))
}
