//! Why a program cannot be started, in words for whoever wanted it and for whoever runs the server.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::{NotFound, Program, runnable};

/// Bytes of the longest reason that fits into a Close (RFC 6455, section 5.5.1: 125 with the code).
const LONGEST: usize = 123;

/// Why a program cannot be started.
///
/// Shown, it names the file without its folder and is short enough for the reason of a Close; [`SpawnError::in_full`] is
/// for the log.
#[derive(Debug, thiserror::Error)]
pub struct SpawnError {
    /// The program.
    pub program: PathBuf,
    /// What is in the way, in words.
    reason: String,
    /// What the system said.
    pub source: io::Error,
}

impl SpawnError {
    /// What the system has said when this program was to be started.
    #[must_use]
    pub fn new(program: &Program, source: io::Error) -> Self {
        Self { program: program.path.clone(), reason: reason(program, &source), source }
    }

    /// With the whole path, and what the system said.
    #[must_use]
    pub fn in_full(&self) -> String {
        format!("cannot start {}: {} ({})", self.program.display(), self.reason, self.source)
    }
}

impl Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str()).to_string_lossy();
        let around = "cannot start : ".len() + self.reason.len();
        write!(f, "cannot start {}: {}", beginning(&name, LONGEST.saturating_sub(around)), self.reason)
    }
}

/// The beginning of a text, of at most so many bytes.
fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

fn reason(program: &Program, source: &io::Error) -> String {
    match Errno::from_io_error(source) {
        Some(Errno::NOENT | Errno::NOTDIR) => missing(program).to_owned(),
        Some(Errno::ACCESS | Errno::PERM) => forbidden(&program.path).to_owned(),
        Some(Errno::NOEXEC) => "exec format error".to_owned(),
        Some(Errno::TOOBIG) => "arguments and environment too long".to_owned(),
        Some(Errno::AGAIN) => "too many processes".to_owned(),
        Some(Errno::MFILE | Errno::NFILE) => "too many open files".to_owned(),
        Some(Errno::NOMEM) => "out of memory".to_owned(),
        Some(Errno::TXTBSY) => "the file is being written".to_owned(),
        Some(Errno::LOOP) => "too many symbolic links".to_owned(),
        _ => beginning(&source.to_string(), 60).to_owned(),
    }
}

/// What it is that is missing: the folder to work in, the file, or what its first line names (`#!`).
fn missing(program: &Program) -> &'static str {
    match &program.folder {
        Some(folder) if !folder.is_dir() => "no such folder to work in",
        _ if program.path.exists() => "its interpreter is missing",
        _ => "no such file",
    }
}

fn forbidden(path: &Path) -> &'static str {
    match runnable(path) {
        Err(NotFound::NoFile(_)) => "not a file",
        Err(NotFound::NotExecutable(_)) => "not executable",
        Ok(()) | Err(NotFound::Missing(_)) => "permission denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(path: &str, errno: Errno) -> SpawnError {
        SpawnError::new(&Program::new(path.into()), errno.into())
    }

    #[test]
    fn a_client_reads_the_name_and_the_log_the_path() {
        let error = error("/srv/programs/greeter", Errno::NOENT);
        assert_eq!(error.to_string(), "cannot start greeter: no such file");
        assert!(error.in_full().starts_with("cannot start /srv/programs/greeter: no such file ("));
    }

    #[test]
    fn the_reason_fits_into_a_close_whatever_the_name() {
        let error = error(&format!("/{}", "é".repeat(120)), Errno::TOOBIG);
        assert!(error.to_string().len() <= LONGEST);
        assert!(error.to_string().ends_with("é: arguments and environment too long"));
    }
}
