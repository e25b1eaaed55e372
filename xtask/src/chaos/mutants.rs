//! Servers that are known to be wrong: the checkout with a patch from [`FOLDER`], built beside the real one.
//!
//! A patch begins with what it breaks and with the rules that shall be seen broken. The copies lie in `target/mutants`
//! and share one target directory, so that only the first one builds every dependency.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;

/// Where the patches are.
pub(crate) const FOLDER: &str = "chaos/mutants";

/// A wrong server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    pub(crate) name: String,
    /// What is wrong with it, in words.
    pub(crate) breaks: String,
    /// The rules of which one shall be seen broken.
    pub(crate) seen_as: Vec<String>,
}

/// All mutants, by name.
pub(crate) fn all(project: &Project) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for entry in fs::read_dir(project.root.join(FOLDER)).with_context(|| format!("cannot read {FOLDER}"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "patch") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let mutant = parse(&name, &text);
            mutants.push(mutant.with_context(|| format!("{name}: its header lacks `Breaks:` or `Seen as:`"))?);
        }
    }
    mutants.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(mutants)
}

/// Builds a mutant and gives its binary.
pub(crate) fn build(project: &Project, mutant: &Mutant) -> Result<PathBuf> {
    let Mutant { name, .. } = mutant;
    let mutants = project.target.join("mutants");
    let copy = mutants.join(name);
    copy_tracked(project, &copy)?;
    apply(&project.root, name, &copy)?;
    fs::create_dir_all(copy.join("target/page"))?;
    let built = mutants.join("target");
    let mut cargo = project.cargo();
    cargo.current_dir(&copy).args(["build", "--release", "--package", "readyroom", "--target-dir"]).arg(&built);
    process::run(&mut cargo).with_context(|| format!("the mutant {name} does not build"))?;
    // The next mutant is built into the same place.
    let suffix = std::env::consts::EXE_SUFFIX;
    let binary = mutants.join(format!("readyroom-{name}{suffix}"));
    fs::copy(built.join(format!("release/readyroom{suffix}")), &binary)?;
    Ok(binary)
}

/// Copies what git knows or would add, and leaves nothing of an earlier copy.
fn copy_tracked(project: &Project, copy: &Path) -> Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let names = process::output(project.command("git").args(listing))?;
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (project.root.join(name), copy.join(name));
        // What git lists may have been deleted.
        if from.is_file() {
            fs::create_dir_all(to.parent().unwrap_or(copy))?;
            fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
        }
    }
    Ok(())
}

/// Applies a mutant's patch to a folder.
fn apply(root: &Path, name: &str, folder: &Path) -> Result<()> {
    let mut git = git(root, name, folder);
    process::run(&mut git).with_context(|| format!("the mutant {FOLDER}/{name}.patch no longer applies: make it anew"))
}

fn git(root: &Path, name: &str, folder: &Path) -> Command {
    let mut git = Command::new("git");
    // Inside of a repository git would take the patch's paths to be those of the repository.
    let ceiling = folder.parent().unwrap_or(folder);
    git.current_dir(folder).env("GIT_CEILING_DIRECTORIES", ceiling).arg("apply");
    git.arg(root.join(FOLDER).join(format!("{name}.patch")));
    git
}

fn parse(name: &str, text: &str) -> Option<Mutant> {
    let header = || text.lines().take_while(|line| !line.starts_with("--- "));
    let field = |label: &str| header().find_map(|line| line.strip_prefix(label)).map(str::trim);
    let seen_as = field("Seen as:")?.split(',').map(|rule| rule.trim().to_owned()).collect();
    Some(Mutant { name: name.to_owned(), breaks: field("Breaks:")?.to_owned(), seen_as })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_says_what_it_breaks_and_how_that_is_seen() {
        let text = "Breaks: the order\nSeen as: lost, moved\n\n--- a/x.rs\n+++ b/x.rs\n";
        let mutant = parse("late", text).unwrap();
        assert_eq!(
            (mutant.breaks.as_str(), mutant.seen_as),
            ("the order", vec!["lost".to_owned(), "moved".to_owned()])
        );
        assert_eq!(parse("late", "Breaks: the order\n--- a/x.rs\nSeen as: lost\n"), None);
    }

    #[test]
    fn every_mutant_still_applies() {
        let project = Project::find().unwrap();
        let mutants = all(&project).unwrap();
        assert!(mutants.len() >= 4, "{mutants:?}");
        for Mutant { name, .. } in mutants {
            let checked = git(&project.root, &name, &project.root).arg("--check").output().unwrap();
            assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
        }
    }
}
