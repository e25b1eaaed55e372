//! Ends what is left of the programs when the server itself is killed.

use std::process::ExitCode;

/// How this program is called to be a keeper.
pub const COMMAND: &str = "__keep";

/// Keeps until standard input ends.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
