//! Programs of others: found, started, fed, listened to, and ended with everything they have started.
//!
//! What the [`crate::pipe`], the [`crate::bot`] and CGI share. A [`Program`] says what is to be run, [`spawn::Runner`]
//! runs it as the head of a process group of its own ([`process`]) or says why not ([`trouble`]), [`stream`] are the ends
//! of its standard streams, [`frame`] finds messages in what it writes, [`exit`] says how it ended, and [`ladder`] in which
//! order it is asked to. [`launcher`] becomes the program after what only the new process can do for itself ([`limits`],
//! another user, a [`pty`]); [`keeper`] ends what is left when the server itself is killed. [`backoff`] paces who starts a
//! program again.
//!
//! Deliberately absent: WebSockets, rooms, and what a message means.

pub mod backoff;
pub mod exit;
pub mod frame;
pub mod keeper;
pub mod ladder;
pub mod launcher;
pub mod limits;
mod process;
pub mod pty;
pub mod spawn;
mod strays;
pub mod stream;
mod trouble;

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use limits::Limits;

/// What is to be run, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The file, as [`find`] has found it.
    pub path: PathBuf,
    /// What stands behind its name on its command line.
    pub args: Vec<OsString>,
    /// Its whole environment: nothing of ours is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// The folder it works in; ours where none is named.
    pub folder: Option<PathBuf>,
    /// Whose rights it has; ours where nobody is named.
    pub user: Option<User>,
    /// What it may use up.
    pub limits: Limits,
    /// Whether it is to see a terminal, so that it writes at once what it would keep in a buffer.
    pub terminal: bool,
}

/// Somebody of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub uid: u32,
    /// The number of the user's first group.
    pub gid: u32,
}

impl Program {
    /// A program with nothing set: no arguments, an empty environment.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            args: Vec::new(),
            env: Vec::new(),
            folder: None,
            user: None,
            limits: Limits::default(),
            terminal: false,
        }
    }
}

/// Why a name is none of a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// There is no file of that name.
    #[error("there is no program '{0}'")]
    Missing(String),
    /// It is a folder, a socket, or something else that is no file.
    #[error("'{0}' is not a file")]
    NoFile(String),
    /// The file may not be executed.
    #[error("'{0}' is not executable; chmod +x makes it so")]
    NotExecutable(String),
}

/// Finds a program as a shell does: a name with a slash is a path, any other is looked for in the folders of `path`.
///
/// # Errors
/// [`NotFound`], which says what is in the way.
pub fn find(name: &OsStr, path: Option<&OsStr>) -> Result<PathBuf, NotFound> {
    let shown = name.to_string_lossy();
    if shown.contains('/') {
        return runnable(Path::new(name)).map(|()| PathBuf::from(name));
    }
    let folders: Vec<PathBuf> = path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    let mut hindrance = NotFound::Missing(shown.into_owned());
    for folder in folders {
        let file = folder.join(name);
        match runnable(&file) {
            Ok(()) => return Ok(file),
            Err(NotFound::Missing(_)) => {}
            Err(other) => hindrance = other,
        }
    }
    Err(hindrance)
}

/// Whether a file can be run.
///
/// # Errors
/// [`NotFound`], which says what is in the way.
pub fn runnable(file: &Path) -> Result<(), NotFound> {
    let shown = || file.display().to_string();
    let metadata = std::fs::metadata(file).map_err(|_error| NotFound::Missing(shown()))?;
    if !metadata.is_file() {
        return Err(NotFound::NoFile(shown()));
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err(NotFound::NotExecutable(shown()));
    }
    Ok(())
}
