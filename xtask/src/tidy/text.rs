//! How a file looks: it says what it is, it is short, and nothing in it was left for later or tied to one machine.

use super::{File, Finding, code, has_word};

const MOST_LINES: usize = 450;

/// Files that may be longer, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("backend/tests/server/relay.rs", "a page and a peer, and what is told of each way in which the peer can answer"),
    ("backend/src/session.rs", "the state machine's vocabulary and its ways in; what each leads to lies below it"),
    ("frontend/src/views/scroll.rs", "one component, with all that it keeps between two frames"),
];

/// Words for work that was put off, in two halves so that this file does not hold them.
const PUT_OFF: &[&str] = &[concat!("to", "do!"), concat!("unimple", "mented!"), concat!("FIX", "ME")];

/// Directories of one machine, in two halves for the same reason.
const MACHINE_PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];

/// Checks one file by itself.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |line, why: String| findings.push(Finding { path: file.path.clone(), line, why });

    if file.is_rust() {
        if !file.text.starts_with("//!") {
            find(1, "a module begins with `//!`: its role, its neighbours, what is deliberately absent".into());
        }
        let lines = file.text.lines().count();
        if lines > MOST_LINES && !LONG_FILES.iter().any(|(path, _)| *path == file.path) {
            find(lines, format!("{lines} lines: split it, or list it in xtask/src/tidy/text.rs with the reason"));
        }
        for line in sleeping_tests(file) {
            find(line, "a test waits for the event itself, never for time to pass".into());
        }
    }
    for (index, line) in file.text.lines().enumerate() {
        for word in PUT_OFF.iter().filter(|word| has_word(line, word)) {
            find(index + 1, format!("`{word}`: do it or write an issue"));
        }
        for path in MACHINE_PATHS.iter().filter(|path| line.contains(**path)) {
            find(index + 1, format!("`{path}` is a path of one machine"));
        }
    }
    findings
}

/// Exceptions that nothing needs any more.
pub(super) fn stale_exceptions(files: &[File]) -> Vec<Finding> {
    let is_short = |path: &str| files.iter().any(|file| file.path == path && file.text.lines().count() <= MOST_LINES);
    LONG_FILES
        .iter()
        .filter(|(path, _)| is_short(path))
        .map(|(path, _)| Finding {
            path: (*path).into(),
            line: 1,
            why: "is short enough: take it off the list in xtask/src/tidy/text.rs".into(),
        })
        .collect()
}

/// The lines on which a test sleeps.
fn sleeping_tests(file: &File) -> Vec<usize> {
    let inline = if is_test_file(&file.path) { Some(0) } else { inline_tests(&file.text) };
    let Some(first) = inline else { return Vec::new() };
    file.text
        .lines()
        .enumerate()
        .skip(first)
        .filter(|(_, line)| sleeps(&code(line)))
        .map(|(index, _)| index + 1)
        .collect()
}

fn sleeps(code: &str) -> bool {
    has_word(code, "sleep(") || has_word(code, "sleep_until(")
}

fn is_test_file(path: &str) -> bool {
    path.starts_with("journeys/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Where the test module at the end of a file begins. A module in a file of its own does not count.
fn inline_tests(text: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let opens = |window: &[&str]| {
        matches!(window, [attribute, module]
            if attribute.starts_with("#[cfg(") && attribute.contains("test")
                && module.starts_with("mod ") && module.ends_with('{'))
    };
    lines.windows(2).position(opens)
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const CLEAN: [usize; 0] = [];

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&file(path, text)).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_module_says_what_it_is() {
        assert_eq!(lines("a/src/b.rs", "//! Role.\n"), CLEAN);
        assert_eq!(lines("a/src/b.rs", "use std::fs;\n//! Late.\n"), [1]);
        assert_eq!(lines("a/style.css", "a {}\n"), CLEAN);
    }

    #[test]
    fn files_are_short() {
        let text = |lines: usize| format!("//! Role.\n{}", "\n".repeat(lines - 1));
        assert_eq!(lines("a.rs", &text(450)), CLEAN);
        assert_eq!(lines("a.rs", &text(451)), [451]);
        assert_eq!(lines("a.css", &text(451)), CLEAN);
    }

    #[test]
    fn nothing_is_put_off() {
        for word in PUT_OFF {
            assert_eq!(lines("docs/a.md", &format!("one\n{word} two\n")), [2]);
        }
    }

    #[test]
    fn no_machine_is_named() {
        for path in MACHINE_PATHS {
            assert_eq!(lines("Trunk.toml", &format!("dist = \"{path}x\"\n")), [1]);
        }
    }

    #[test]
    fn tests_do_not_sleep() {
        let body = "    tokio::time::sleep(SECOND).await;\n";
        assert_eq!(lines("backend/src/a.rs", &format!("//! Role.\nfn wait() {{\n{body}}}\n")), CLEAN);
        assert_eq!(lines("backend/tests/a.rs", &format!("//! Role.\nfn wait() {{\n{body}}}\n")), [3]);
        assert_eq!(lines("backend/src/a.rs", &format!("//! Role.\n#[cfg(test)]\nmod tests {{\n{body}}}\n")), [4]);
        let outside = format!("//! Role.\n#[cfg(test)]\nmod tests;\n{body}");
        assert_eq!(lines("backend/src/a.rs", &outside), CLEAN);
    }

    #[test]
    fn a_comment_about_sleep_is_no_sleep() {
        assert_eq!(lines("backend/tests/a.rs", "//! Role.\n// Not sleep(1): see the clock.\n"), CLEAN);
    }
}
