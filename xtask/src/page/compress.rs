//! Compressed copies beside the page's files, made once at the highest level, so that the server only picks one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Files up to this size fit into the first packets anyway.
const SMALL: u64 = 1024;

/// Types that are compressed already.
const COMPRESSED: &[&str] =
    &["avif", "br", "gif", "gz", "jpeg", "jpg", "mp3", "mp4", "ogg", "png", "webm", "webp", "woff", "woff2", "zip"];

/// Writes a `.br` and a `.gz` beside every file of the page that gains by it.
pub(super) fn beside(dir: &Path) -> Result<()> {
    for path in super::files(dir)? {
        if is_worth_it(&path, fs::metadata(&path)?.len()) {
            let bytes = fs::read(&path)?;
            fs::write(with_suffix(&path, "br"), brotli(&bytes)?)?;
            gzip(&bytes, &with_suffix(&path, "gz")).with_context(|| format!("cannot compress {}", path.display()))?;
        }
    }
    Ok(())
}

/// `index.html` and `br` make `index.html.br`.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Whether a file was made by `beside`.
pub(super) fn is_compressed_copy(path: &Path) -> bool {
    kind(path).is_some_and(|kind| kind == "br" || kind == "gz")
}

fn is_worth_it(path: &Path, bytes: u64) -> bool {
    bytes > SMALL && kind(path).is_none_or(|kind| !COMPRESSED.contains(&kind))
}

fn kind(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8], path: &Path) -> Result<()> {
    let mut file = GzEncoder::new(File::create(path)?, Compression::best());
    file.write_all(bytes)?;
    file.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn small_and_compressed_files_are_left_alone() {
        assert!(is_worth_it(Path::new("a.css"), 1025));
        assert!(is_worth_it(Path::new("LICENSE"), 5000));
        assert!(!is_worth_it(Path::new("a.css"), 1024));
        assert!(!is_worth_it(Path::new("a.woff2"), 50_000));
    }

    #[test]
    fn both_copies_give_the_file_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("page.css");
        let text = "a { color: red }\n".repeat(100);
        fs::write(&path, &text).unwrap();

        beside(dir.path()).unwrap();

        let mut unzipped = String::new();
        let file = File::open(with_suffix(&path, "gz")).unwrap();
        flate2::read::GzDecoder::new(file).read_to_string(&mut unzipped).unwrap();
        assert_eq!(unzipped, text);
        let mut unpacked = Vec::new();
        let copy = fs::read(with_suffix(&path, "br")).unwrap();
        brotli::BrotliDecompress(&mut &*copy, &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(copy.len() < text.len() / 10);
    }
}
