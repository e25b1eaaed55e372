//! Names that change with the contents, so that a browser may keep a file for ever.
//!
//! Trunk names the module and its loader after the module as the compiler left it. wasm-bindgen and wasm-opt
//! change both afterwards, so they are named again here, and every mention of them follows. What is loaded
//! later, which Trunk takes for workers, it leaves without a hash; it gets one here.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::fingerprint;

/// The modules' names up to their hashes.
const MODULES: [&str; 5] =
    ["readyroom-page", "readyroom-rest", "readyroom-annex", "readyroom-workbench", "readyroom-lessons"];

/// Renames the modules, then the loaders that name them, then corrects the page that names all.
pub(super) fn follow_contents(dir: &Path) -> Result<()> {
    for kind in ["wasm", "js"] {
        for old in named_by_trunk(dir, kind)? {
            let new = renamed(&old, &fingerprint::of_bytes(&fs::read(dir.join(&old))?));
            fs::rename(dir.join(&old), dir.join(&new)).with_context(|| format!("cannot rename {old}"))?;
            correct_mentions(dir, &old, &new)?;
        }
    }
    Ok(())
}

/// `readyroom-page-<hash>_bg.wasm`, `readyroom-page-<hash>.js` and the like, at the top of the page.
fn named_by_trunk(dir: &Path, kind: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if MODULES.iter().any(|module| name.starts_with(module)) && name.ends_with(&format!(".{kind}")) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The name with this hash between the module's and what follows, in place of Trunk's where there is one.
fn renamed(old: &str, hash: &str) -> String {
    let base = MODULES.into_iter().find(|module| old.starts_with(module)).unwrap_or_default();
    let rest = old.strip_prefix(base).unwrap_or(old);
    let after =
        rest.strip_prefix('-').map_or(rest, |rest| rest.trim_start_matches(|letter: char| letter.is_ascii_hexdigit()));
    format!("{base}-{hash}{after}")
}

fn correct_mentions(dir: &Path, old: &str, new: &str) -> Result<()> {
    let mut mentioning = named_by_trunk(dir, "js")?;
    mentioning.push("index.html".into());
    for name in mentioning {
        let path = dir.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if text.contains(old) {
            fs::write(&path, text.replace(old, new))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_is_replaced() {
        assert_eq!(renamed("readyroom-page-9f86d081_bg.wasm", "00ff"), "readyroom-page-00ff_bg.wasm");
        assert_eq!(renamed("readyroom-page-9f86d081.js", "00ff"), "readyroom-page-00ff.js");
        assert_eq!(renamed("readyroom-annex_bg.wasm", "00ff"), "readyroom-annex-00ff_bg.wasm");
        assert_eq!(renamed("readyroom-annex.js", "00ff"), "readyroom-annex-00ff.js");
    }

    #[test]
    fn the_page_names_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("readyroom-page-0a_bg.wasm"), b"module").unwrap();
        fs::write(at("readyroom-page-0a.js"), "new URL('readyroom-page-0a_bg.wasm')").unwrap();
        fs::write(at("index.html"), "/readyroom-page-0a_bg.wasm /readyroom-page-0a.js").unwrap();

        follow_contents(dir.path()).unwrap();

        let page = fs::read_to_string(at("index.html")).unwrap();
        let (module, loader) = page.split_once(' ').unwrap();
        assert_eq!(fs::read(at(module.trim_start_matches('/'))).unwrap(), b"module");
        let loader = fs::read_to_string(at(loader.trim_start_matches('/'))).unwrap();
        assert!(loader.contains(module.trim_start_matches('/')), "{loader}");
        assert!(!page.contains("-0a"), "{page}");
    }

    #[test]
    fn the_service_worker_keeps_its_name() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("sw.js"), "worker").unwrap();
        follow_contents(dir.path()).unwrap();
        assert_eq!(fs::read(dir.path().join("sw.js")).unwrap(), b"worker");
    }

    #[test]
    fn another_module_gives_the_loader_another_name() {
        let names: Vec<String> = [&b"one"[..], b"two"]
            .into_iter()
            .map(|module| {
                let dir = tempfile::tempdir().unwrap();
                fs::write(dir.path().join("readyroom-page-0a_bg.wasm"), module).unwrap();
                fs::write(dir.path().join("readyroom-page-0a.js"), "readyroom-page-0a_bg.wasm").unwrap();
                fs::write(dir.path().join("index.html"), "").unwrap();
                follow_contents(dir.path()).unwrap();
                named_by_trunk(dir.path(), "js").unwrap().concat()
            })
            .collect();
        assert_ne!(names[0], names[1]);
    }
}
