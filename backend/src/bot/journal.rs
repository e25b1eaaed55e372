//! How far a program has read, and what it has said that is not yet on the server's disk: a file, so that both outlast it.
//!
//! The file is replaced as a whole: written beside, synced, renamed. Whoever has it open holds a lock beside it. Deliberately
//! absent: when it has to be written, which is the desk's.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use common::id::{Cid, Epoch, RoomId, Seq, Timestamp};
use common::model::Person;
use common::text::Body;
use serde::{Deserialize, Serialize};

/// The form of the file; another one is not read.
const VERSION: u32 = 1;

/// What a bot remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    version: u32,
    /// Who the bot is, and the database that the rest speaks of; nobody before the first welcome.
    pub me: Option<Me>,
    /// The last event of each room that the program has been given, or that was nothing for it.
    pub given: BTreeMap<RoomId, Seq>,
    /// What is on its way, oldest first.
    pub sent: Vec<Sent>,
    /// What the program has said and has not gone out, oldest first.
    pub waiting: VecDeque<Waiting>,
}

/// Who a bot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The database.
    pub epoch: Epoch,
    /// The person.
    pub person: Person,
}

/// A message on its way. Sent again after a restart it has the same id, so that it is said once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its id.
    pub cid: Cid,
    /// Where.
    pub room: RoomId,
    /// What.
    pub text: Body,
    /// What it answers.
    pub reply_to: Option<Seq>,
    /// The message that was unanswered when this one was written.
    pub after: Option<Cid>,
    /// When it was written, by the bot's clock.
    pub at: Timestamp,
}

/// A message that has not gone out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where.
    pub room: RoomId,
    /// What.
    pub text: Body,
    /// What it answers.
    pub reply_to: Option<Seq>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { version: VERSION, me: None, given: BTreeMap::new(), sent: Vec::new(), waiting: VecDeque::new() }
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another bot has it.
    #[error("{}: another bot is using it", .0.display())]
    Taken(PathBuf),
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no journal, or not whole.
    #[error("{}: is damaged ({why}); put it elsewhere to begin from now on", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// The file of a journal, held as long as this lives.
#[derive(Debug)]
pub struct Shelf {
    path: PathBuf,
    _lock: File,
}

impl Shelf {
    /// Opens a journal, and makes the folders that it needs; a file that there is not is an empty journal.
    ///
    /// # Errors
    /// [`JournalError`], which names the file.
    pub fn open(path: &Path) -> Result<(Self, Journal), JournalError> {
        let failed = |source| JournalError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let lock = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(beside(path, "lock"));
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::Taken(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let journal = match fs::read(path) {
            Ok(bytes) => read(&bytes).map_err(|why| JournalError::Damaged { path: path.to_owned(), why })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Journal::default(),
            Err(error) => return Err(failed(error)),
        };
        Ok((Self { path: path.to_owned(), _lock: lock }, journal))
    }

    /// Writes a journal. Once this returns it outlasts the machine's power.
    ///
    /// # Errors
    /// [`JournalError`], which names the file; the file then is what it was.
    pub fn save(&self, journal: &Journal) -> Result<(), JournalError> {
        self.write(journal).map_err(|source| JournalError::Io { path: self.path.clone(), source })
    }

    fn write(&self, journal: &Journal) -> io::Result<()> {
        let new = beside(&self.path, "new");
        let bytes = serde_json::to_vec(journal)?;
        // Texts of private rooms may stand in it.
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        fs::rename(&new, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn read(bytes: &[u8]) -> Result<Journal, String> {
    let journal: Journal = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if journal.version != VERSION {
        return Err(format!("version: is {}, {VERSION} is known", journal.version));
    }
    Ok(journal)
}
