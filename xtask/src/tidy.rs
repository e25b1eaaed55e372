//! The project's own rules, checked like any other test: how files look (`text`) and who may use whom (`edges`).
//!
//! The rules are functions from the files' texts to findings; only this file touches the disk. The rules are for
//! what is in the repository, not for what lies beside it.

mod edges;
mod text;

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::process;
use crate::project::Project;
use crate::report;

/// A file of the repository.
pub(crate) struct File {
    /// From the root, with `/` on every system.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// A rule that is broken, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// Counted from one.
    line: usize,
    why: String,
}

/// `cargo xtask tidy`.
pub(crate) fn start(project: &Project, _args: &[OsString]) -> Result<()> {
    report::line(&check(project)?);
    Ok(())
}

/// Checks all files and prints what is wrong.
pub(crate) fn check(project: &Project) -> Result<String> {
    let files = files(project)?;
    ensure!(!files.is_empty(), "git lists no files");
    let findings = all(&files);
    for Finding { path, line, why } in &findings {
        report::note(&format!("{path}:{line}: {why}"));
    }
    ensure!(findings.is_empty(), "{} findings", findings.len());
    Ok(format!("{} files are tidy", files.len()))
}

fn all(files: &[File]) -> Vec<Finding> {
    let mut findings = text::stale_exceptions(files);
    for file in files {
        findings.extend(text::check(file));
        findings.extend(edges::check(file));
    }
    findings.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    findings
}

/// Everything git knows or would add, as far as it is text and still there.
fn files(project: &Project) -> Result<Vec<File>> {
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let names = process::output(project.command("git").args(listing))?;
    let read = |name: &str| {
        let text = std::fs::read_to_string(project.root.join(Path::new(name))).ok()?;
        Some(File { path: name.to_owned(), text })
    };
    Ok(names.split('\0').filter(|name| !name.is_empty()).filter_map(read).collect())
}

/// A line without its comment and without what its strings say. Strings over several lines are not followed.
fn code(line: &str) -> String {
    let mut code = String::new();
    let mut in_string = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if in_string => drop(letters.next()),
            '"' if in_string || !code.ends_with('\'') => in_string = !in_string,
            '/' if !in_string && letters.peek() == Some(&'/') => break,
            _ if in_string => {}
            _ => code.push(letter),
        }
    }
    code
}

/// Whether `word` stands in `text` and is not the end or the beginning of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        let goes_on = word.ends_with(part_of_name) && after.is_some_and(part_of_name);
        !goes_on && !before.is_some_and(part_of_name)
    })
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_names() {
        assert!(has_word("use web_sys::Window;", "web_sys"));
        assert!(!has_word("let my_web_sys = 1;", "web_sys"));
        assert!(!has_word("web_system()", "web_sys"));
        assert!(has_word("(sleep(1))", "sleep("));
        assert!(!has_word("no_sleep(1)", "sleep("));
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        assert_eq!(code("let a = 1; // and why"), "let a = 1; ");
        assert_eq!(code(r#"f("a // \" b", '"', c) // d"#), "f(, '\"', c) ");
    }

    #[test]
    fn findings_come_in_reading_order() {
        let files = [file("b.rs", "fn b() {}"), file("a.rs", "fn a() {}")];
        let paths: Vec<_> = all(&files).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["a.rs", "b.rs"]);
    }
}
