//! What a path of a request names below a folder, without a way out of it.

use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use tokio::fs;

/// Something that is there.
#[derive(Debug)]
pub(super) struct Place {
    /// Where it is: a whole path without symbolic links.
    pub(super) path: PathBuf,
    /// What the system says of it.
    pub(super) metadata: Metadata,
}

impl Place {
    /// Whether it is a file, which can be read without waiting for somebody who writes it.
    pub(super) fn is_file(&self) -> bool {
        self.metadata.is_file()
    }
}

/// Finds what a path of a request, still percent-encoded, names below a folder; nothing, where there is nothing, or where a
/// symbolic link leaves the folder.
pub(super) async fn find(folder: &Path, path: &str) -> Option<Place> {
    let folder = fs::canonicalize(folder).await.ok()?;
    let path = fs::canonicalize(folder.join(below(path)?)).await.ok()?;
    if !path.starts_with(&folder) {
        return None;
    }
    let metadata = fs::metadata(&path).await.ok()?;
    Some(Place { path, metadata })
}

/// The relative path that is meant: `..` goes up, but not beyond the top. None is meant with a NUL.
fn below(path: &str) -> Option<PathBuf> {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    if decoded.contains(&0) {
        return None;
    }
    let mut way = PathBuf::new();
    for name in decoded.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => drop(way.pop()),
            name => way.push(OsString::from_vec(name.to_vec())),
        }
    }
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_above_the_top() {
        let cases = [
            ("/", ""),
            ("/a/b", "a/b"),
            ("//a///b/", "a/b"),
            ("/../../etc/passwd", "etc/passwd"),
            ("/a/../../b", "b"),
            ("/%2e%2e/%2e%2e%2fetc", "etc"),
            ("/..%2f..%2fetc%2Fpasswd", "etc/passwd"),
            ("/a%20b", "a b"),
            ("/./.x", ".x"),
        ];
        for (path, meant) in cases {
            assert_eq!(below(path), Some(PathBuf::from(meant)), "{path}");
        }
        assert_eq!(below("/a%00b"), None);
    }

    #[tokio::test]
    async fn links_may_point_around_inside_and_not_out() {
        let (outside, inside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("secret"), "s").unwrap();
        std::fs::write(inside.path().join("file"), "f").unwrap();
        std::os::unix::fs::symlink(outside.path(), inside.path().join("out")).unwrap();
        std::os::unix::fs::symlink("file", inside.path().join("in")).unwrap();
        assert!(find(inside.path(), "/in").await.is_some_and(|place| place.is_file()));
        assert!(find(inside.path(), "/out").await.is_none());
        assert!(find(inside.path(), "/out/secret").await.is_none());
        assert!(find(inside.path(), "/none").await.is_none());
        assert!(find(inside.path(), "/").await.is_some_and(|place| !place.is_file()));
    }
}
