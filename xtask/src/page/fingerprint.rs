//! Whether the page would come out the same: one number over everything it is made from.
//!
//! Not a matter of trust, so a plain 64-bit FNV-1a will do; it is the same on every machine and toolchain.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::project::Project;

/// What goes into the page. Tests lie in the same directories and do not.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "common/Cargo.toml",
    "common/src",
    "frontend/Cargo.toml",
    "frontend/src",
    "frontend/style",
    "frontend/sw.js",
    "index.html",
    "rust-toolchain.toml",
    "xtask/src/page",
    "xtask/src/page.rs",
];

/// The fingerprint of the page that the checkout and these tools would make.
pub(super) fn of(project: &Project, tools: &[String]) -> Result<String> {
    let mut hash = Fnv::default();
    for input in INPUTS {
        add(&mut hash, &project.root, &project.root.join(input))?;
    }
    for tool in tools {
        hash.add(tool.as_bytes());
    }
    Ok(format!("{:016x}\n", hash.0))
}

fn add(hash: &mut Fnv, root: &Path, input: &Path) -> Result<()> {
    let files = if input.is_dir() { super::files(input)? } else { vec![input.to_owned()] };
    for file in files {
        hash.add(file.strip_prefix(root)?.to_string_lossy().as_bytes());
        hash.add(&fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(())
}

/// FNV-1a over pieces, each of which counts as one: moving bytes from a piece to the next changes the sum.
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, piece: &[u8]) {
        let length = (piece.len() as u64).to_le_bytes();
        for byte in piece.iter().chain(&length) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// The fingerprint of one piece, for a file's name.
pub(super) fn of_bytes(piece: &[u8]) -> String {
    let mut hash = Fnv::default();
    hash.add(piece);
    format!("{:016x}", hash.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(pieces: &[&[u8]]) -> u64 {
        let mut hash = Fnv::default();
        pieces.iter().for_each(|piece| hash.add(piece));
        hash.0
    }

    #[test]
    fn every_byte_and_every_boundary_counts() {
        assert_eq!(sum(&[b"ab", b"c"]), sum(&[b"ab", b"c"]));
        assert_ne!(sum(&[b"ab", b"c"]), sum(&[b"a", b"bc"]));
        assert_ne!(sum(&[b"ab", b"c"]), sum(&[b"ab", b"d"]));
        assert_ne!(sum(&[b"ab"]), sum(&[b"ab", b""]));
    }

    #[test]
    fn a_renamed_file_changes_the_fingerprint() {
        let dir = tempfile::tempdir().unwrap();
        let one = |name: &str| {
            let file = dir.path().join(name);
            fs::write(&file, "text").unwrap();
            let mut hash = Fnv::default();
            add(&mut hash, dir.path(), &file).unwrap();
            hash.0
        };
        assert_ne!(one("a"), one("b"));
    }
}
