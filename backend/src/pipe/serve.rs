//! The life of the server: listen, serve, stop.

use std::process::ExitCode;

use super::settings::Settings;

/// Serves until a signal stops it.
#[must_use]
pub fn run(_settings: Settings) -> ExitCode {
    ExitCode::FAILURE
}
