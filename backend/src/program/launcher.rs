//! The hidden command that becomes a program, after what only the new process can do for itself.

use std::ffi::OsString;
use std::process::ExitCode;

/// How this program is called to be a launcher.
pub const COMMAND: &str = "__launch";

/// Becomes the program that stands behind it on the command line. Returns only where it cannot.
#[must_use]
pub fn main(_args: &[OsString]) -> ExitCode {
    ExitCode::FAILURE
}
