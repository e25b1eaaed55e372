//! The key that signs cookies: 64 random bytes in the data folder, made on the first run, readable by the owner only.
//!
//! Deliberately absent: a key in the settings, where it would end up in backups of settings and in process lists.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use axum_extra::extract::cookie::Key;

const BYTES: usize = 64;

/// Reads the key from `folder`, or makes it.
///
/// # Errors
/// Those of the file system; `InvalidData` for a file of another length.
pub fn load(folder: &Path) -> io::Result<Key> {
    let path = folder.join("session.key");
    match fs::read(&path) {
        Ok(bytes) => from_bytes(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; BYTES];
            crate::random::fill(&mut bytes);
            // Written aside and renamed, so that a crash leaves no half a key.
            let part = folder.join("session.key.part");
            let mut file = private(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            from_bytes(&bytes)
        }
        Err(error) => Err(error),
    }
}

fn from_bytes(bytes: &[u8]) -> io::Result<Key> {
    if bytes.len() == BYTES {
        Ok(Key::from(bytes))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("session.key has {} bytes, not {BYTES}", bytes.len())))
    }
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(folder.path()).unwrap();
        assert_eq!(first.master(), load(folder.path()).unwrap().master());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("session.key")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn half_a_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("session.key"), [1; 32]).unwrap();
        assert_eq!(load(folder.path()).err().map(|error| error.kind()), Some(io::ErrorKind::InvalidData));
    }
}
