//! The command line, read as websocketd reads it (Go's `flag`): `-port 80`, `--port 80`, `--port=80`; a switch may have
//! `=true` or `=false`; flags end at the first word that is none, or at `--`.

use std::ffi::OsString;

use super::settings::Settings;

/// What the command line asks for.
#[derive(Debug)]
pub enum Wish {
    /// To serve.
    Serve(Box<Settings>),
    /// To show this on standard output, and to end with this status.
    Say(String, u8),
    /// To show this on standard error, and to end with this status.
    Complain(String, u8),
}

/// Reads the command line. `name` is how the program was called.
#[must_use]
pub fn read(name: &str, _args: &[OsString]) -> Wish {
    Wish::Complain(format!("{name}: no flag is known yet\n"), 1)
}
