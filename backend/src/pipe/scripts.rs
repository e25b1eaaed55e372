//! Which file of a folder a path names.
//!
//! Folder after folder, the first name that is no folder is the program; what stands behind it is its PATH_INFO. Nothing
//! outside of the folder is run: neither by `..` nor by a symbolic link. Deliberately absent: whether the file can be
//! run, which its start tells.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A program of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    /// The file.
    pub(super) file: PathBuf,
    /// The part of the path that names it.
    pub(super) name: OsString,
    /// The part of the path behind it; empty, or with a slash at its beginning.
    pub(super) rest: OsString,
}

/// Finds the program that a path names; none where there is none, or where it is not the folder's.
pub(super) fn find(folder: &Path, path: &OsStr) -> Option<Script> {
    let mut file = folder.to_owned();
    let mut name = Vec::new();
    let mut segments = path.as_bytes().strip_prefix(b"/")?.split(|byte| *byte == b'/');
    while let Some(segment) = segments.next() {
        if segment == b"." || segment == b".." {
            return None;
        }
        name.push(b'/');
        name.extend_from_slice(segment);
        if !segment.is_empty() {
            file.push(OsStr::from_bytes(segment));
        }
        if std::fs::metadata(&file).ok()?.is_dir() {
            continue;
        }
        let rest: Vec<u8> = segments.flat_map(|segment| std::iter::once(&b'/').chain(segment)).copied().collect();
        let is_inside = file.canonicalize().ok()?.starts_with(folder.canonicalize().ok()?);
        return is_inside.then(|| Script { file, name: OsString::from_vec(name), rest: OsString::from_vec(rest) });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a path names below a folder with `a`, `sub/b`, and links in and out; its name and what is behind it.
    fn found(path: &str) -> Option<(String, String)> {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("folder");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        for file in ["a", "sub/b", "../secret"] {
            std::fs::write(folder.join(file), "").unwrap();
        }
        std::os::unix::fs::symlink("../secret", folder.join("out")).unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        std::os::unix::fs::symlink("sub/b", folder.join("in")).unwrap();
        find(&folder, OsStr::new(path)).map(|script| {
            assert!(script.file.is_file());
            (script.name.into_string().unwrap(), script.rest.into_string().unwrap())
        })
    }

    #[test]
    fn the_first_file_runs_and_the_rest_is_its() {
        for (path, name, rest) in [
            ("/a", "/a", ""),
            ("/a/", "/a", "/"),
            ("/a/b/c", "/a", "/b/c"),
            ("/a//c", "/a", "//c"),
            ("/sub/b", "/sub/b", ""),
            ("/sub/b/x", "/sub/b", "/x"),
            ("//a", "//a", ""),
            ("/in", "/in", ""),
            ("/a/../b", "/a", "/../b"),
        ] {
            assert_eq!(found(path), Some((name.to_owned(), rest.to_owned())), "{path}");
        }
    }

    #[test]
    fn what_is_not_in_the_folder_is_not_found() {
        for path in [
            "",
            "/",
            "/none",
            "/sub",
            "/sub/",
            "/sub/none",
            "/../secret",
            "/sub/../a",
            "/./a",
            "/out",
            "/up/secret",
            "/up/folder/../secret",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
