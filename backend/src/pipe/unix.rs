//! A Unix socket that is listened on, from taking its path to giving it back.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Our file. Dropped, it is removed, if it is still ours.
#[derive(Debug)]
pub(super) struct Socket {
    path: PathBuf,
    /// Device and number.
    file: (u64, u64),
}

/// Listens at a path. What a server has left there that is gone is removed; one that answers is left alone, and so is
/// whatever is no socket.
///
/// # Errors
/// Those of the system, and `AddrInUse` with the reason.
pub(super) fn bind(path: &Path) -> io::Result<(UnixListener, Socket)> {
    let in_use = |why: &str| io::Error::new(io::ErrorKind::AddrInUse, format!("{} {why}", path.display()));
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.file_type().is_socket() => return Err(in_use("is there, and no socket")),
        Ok(_) if UnixStream::connect(path).is_ok() => return Err(in_use("is in use by another server")),
        Ok(_) => fs::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    let file = identity(path)?;
    Ok((listener, Socket { path: path.to_owned(), file }))
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

impl Drop for Socket {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|file| file == self.file)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "the socket was not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_path_is_taken_and_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let (listener, socket) = bind(&path).unwrap();
        let error = bind(&path).unwrap_err();
        assert!(error.to_string().contains("in use by another server"), "{error}");
        drop((listener, socket));
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn what_is_left_of_a_server_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let (_listener, _socket) = bind(&path).unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "mine").unwrap();
        assert!(bind(&file).unwrap_err().to_string().contains("no socket"));
        assert_eq!(fs::read(&file).unwrap(), b"mine");
    }

    #[tokio::test]
    async fn anothers_socket_at_our_path_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let (_listener, socket) = bind(&path).unwrap();
        // Made before ours is removed, so that it cannot have the same number.
        let other = folder.path().join("other");
        drop(std::os::unix::net::UnixListener::bind(&other).unwrap());
        fs::rename(&other, &path).unwrap();
        drop(socket);
        assert!(path.exists());
    }
}
