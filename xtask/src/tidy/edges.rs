//! Who may use whom. Between crates everything points to `common` and `wire`; inside the server
//! `http → socket → shard → session → bus → store` and nothing points back; the page's state knows no browser.

use std::collections::BTreeSet;

use super::{File, Finding, code, has_word};

/// Members of the workspace that a member may depend on. Other members are out of its reach.
const CRATES: &[(&str, &[&str])] = &[
    ("common", &[]),
    ("backend", &["common", "wire"]),
    ("frontend", &["common"]),
    ("bench", &["common", "readyroom", "journeys", "chaos", "wire"]),
    ("chaos", &["common", "wire"]),
    ("simulation", &["common", "readyroom", "wire"]),
    ("hotpath", &["common", "readyroom", "wire"]),
    ("journeys", &["common"]),
    ("wire", &[]),
    ("xtask", &[]),
];

/// Every member by the name it is depended on.
const MEMBERS: &[&str] =
    &["common", "readyroom", "frontend", "bench", "chaos", "hotpath", "journeys", "simulation", "wire", "xtask"];

/// What `common` and `wire` must not need, so that a browser and a simulator can link them.
const NOT_IN_PURE: &[&str] = &["tokio", "rusqlite", "web-sys", "js-sys", "wasm-bindgen", "axum", "yew"];

/// Modules of the server, and the modules each must not mention.
const SERVER: &[(&str, &[&str])] = &[
    ("store", &["bus", "publish", "room", "session", "shard", "socket", "http"]),
    ("bus", &["publish", "room", "session", "shard", "socket", "http"]),
    ("publish", &["room", "session", "shard", "socket", "http"]),
    ("room", &["publish", "session", "shard", "socket", "http"]),
    ("session", &["publish", "room", "shard", "socket", "http"]),
    ("shard", &["publish", "socket", "http"]),
    ("socket", &["http"]),
    // The labs have nothing of the chat.
    ("labs", &["store", "bus", "publish", "room", "socket", "http"]),
    ("relay", &["publish", "room", "session", "shard", "socket", "http"]),
    // Programs of others know of nobody; a pipe has nothing of the chat, and a bot only what a client has.
    (
        "program",
        &["store", "bus", "publish", "room", "session", "shard", "socket", "http", "pipe", "bot", "labs", "relay"],
    ),
    ("pipe", &["store", "bus", "publish", "room", "session", "shard", "socket", "bot", "relay"]),
];

/// Checks one file by itself.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let path = file.path.as_str();
    if let Some(member) = path.strip_suffix("/Cargo.toml") {
        return manifest(file, member);
    }
    if !file.is_rust() {
        return Vec::new();
    }
    if let Some(module) = path.strip_prefix("backend/src/") {
        // What only tests need is free.
        let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
        return if is_test { Vec::new() } else { server(file, top(module)) };
    }
    match path.strip_prefix("frontend/src/") {
        Some(module) if top(module) == "state" => page_state(file),
        _ => Vec::new(),
    }
}

fn manifest(file: &File, member: &str) -> Vec<Finding> {
    let Some((_, allowed)) = CRATES.iter().find(|(name, _)| *name == member) else { return Vec::new() };
    let is_wrong = |name: &str| {
        let foreign = MEMBERS.contains(&name) && !allowed.contains(&name);
        foreign || (["common", "wire"].contains(&member) && NOT_IN_PURE.contains(&name))
    };
    dependencies(&file.text)
        .into_iter()
        .filter(|(_, name)| is_wrong(name))
        .map(|(line, name)| finding(file, line, format!("{member} must not depend on {name}")))
        .collect()
}

/// The names under `[dependencies]` and its likes, with their lines. What only tests need is free.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut listing = false;
    let mut found = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            if let Some((_, name)) = header.rsplit_once("dependencies.") {
                listing = false;
                found.push((index, name));
            } else {
                listing = header.ends_with("dependencies") && !header.ends_with("dev-dependencies");
            }
        } else if listing && !line.is_empty() && !line.starts_with('#') {
            found.push((index, line.split(['.', ' ', '=']).next().unwrap_or_default()));
        }
    }
    found
}

fn server(file: &File, module: &str) -> Vec<Finding> {
    let Some((_, forbidden)) = SERVER.iter().find(|(name, _)| *name == module) else { return Vec::new() };
    let mut findings = Vec::new();
    for (line, name) in mentions(&file.text) {
        if forbidden.contains(&name.as_str()) {
            findings.push(finding(
                file,
                line,
                format!("{module} must not know {name}: http → socket → shard → session → bus → store"),
            ));
        }
    }
    findings
}

/// The modules of the crate that are named after `crate::`, with their lines; a list in braces may span lines.
fn mentions(text: &str) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    let mut source = String::new();
    for line in text.lines() {
        source.push_str(&code(line));
        source.push('\n');
    }
    let mut pieces = source.split("crate::");
    let mut line = pieces.next().unwrap_or_default().matches('\n').count();
    for piece in pieces {
        let names = match piece.strip_prefix('{') {
            Some(list) => heads(list),
            None => vec![name_at_start(piece)],
        };
        found.extend(names.into_iter().map(|name| (line, name.to_owned())));
        line += piece.matches('\n').count();
    }
    found
}

/// The first name of each entry in `a::b, c::{d, e}}`, up to the brace that closes it.
fn heads(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut names = Vec::new();
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name_at_start(list.get(start..at).unwrap_or_default()));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

fn name_at_start(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn page_state(file: &File) -> Vec<Finding> {
    let knows_browser =
        |code: &str| ["web_sys", "js_sys", "gloo"].iter().any(|name| has_word(code, name)) || code.contains("gloo_");
    file.text
        .lines()
        .enumerate()
        .filter(|(_, line)| knows_browser(&code(line)))
        .map(|(index, _)| finding(file, index, "the page's state decides purely: no browser here".into()))
        .collect()
}

/// The module of a path below `src`: `store/users.rs` belongs to `store`.
fn top(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

fn finding(file: &File, index: usize, why: String) -> Finding {
    Finding { path: file.path.clone(), line: index + 1, why }
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
    fn the_store_knows_nobody_above_it() {
        assert_eq!(lines("backend/src/store.rs", "use crate::tasks::Tasks;\nuse crate::room::Room;\n"), [2]);
        assert_eq!(lines("backend/src/store/users.rs", "fn f() { crate::http::error(); }\n"), [1]);
        assert_eq!(lines("backend/src/room.rs", "use crate::{\n    store::Store,\n    bus,\n};\n"), CLEAN);
        assert_eq!(lines("backend/src/room/state.rs", "use crate::{store, session::Session};\n"), [1]);
        assert_eq!(lines("backend/src/session.rs", "use crate::bus::Bus;\nuse crate::room::Home;\n"), [2]);
        assert_eq!(lines("backend/src/http.rs", "use crate::session::Session;\n"), CLEAN);
        assert_eq!(lines("backend/src/labs/echo.rs", "use crate::tasks::Tasks;\nuse crate::bus::Bus;\n"), [2]);
    }

    #[test]
    fn names_are_read_out_of_nested_lists() {
        let names: Vec<_> = mentions("use crate::{a::{b, c}, d, e::f};\n\nuse crate::g;").into_iter().collect();
        let expected = [(0, "a"), (0, "d"), (0, "e"), (2, "g")].map(|(line, name)| (line, name.to_owned()));
        assert_eq!(names, expected);
    }

    #[test]
    fn comments_may_name_the_neighbours() {
        assert_eq!(lines("backend/src/store.rs", "//! Below [`crate::room`].\n"), CLEAN);
    }

    #[test]
    fn common_can_be_linked_into_a_browser() {
        assert_eq!(lines("common/Cargo.toml", "[dependencies]\nserde.workspace = true\ntokio.workspace = true\n"), [3]);
        assert_eq!(lines("common/Cargo.toml", "[dev-dependencies]\ntokio.workspace = true\n"), CLEAN);
        assert_eq!(lines("common/Cargo.toml", "[dependencies.rusqlite]\nversion = \"1\"\n"), [1]);
        assert_eq!(lines("backend/Cargo.toml", "[dependencies]\ntokio.workspace = true\n"), CLEAN);
    }

    #[test]
    fn the_wire_does_no_io() {
        assert_eq!(lines("wire/Cargo.toml", "[dependencies]\ntokio.workspace = true\n"), [2]);
        assert_eq!(lines("wire/Cargo.toml", "[dependencies]\ncommon.workspace = true\n"), [2]);
    }

    #[test]
    fn no_crate_reaches_across() {
        assert_eq!(lines("frontend/Cargo.toml", "[dependencies]\nreadyroom.workspace = true\n"), [2]);
        assert_eq!(lines("bench/Cargo.toml", "[dependencies]\nreadyroom = { workspace = true }\n"), CLEAN);
    }

    #[test]
    fn the_pages_state_knows_no_browser() {
        assert_eq!(lines("frontend/src/state.rs", "use web_sys::window;\n"), [1]);
        assert_eq!(lines("frontend/src/state/timeline.rs", "use gloo_net::http;\n"), [1]);
        assert_eq!(lines("frontend/src/state.rs", "// Not web_sys: see effects.\n"), CLEAN);
        assert_eq!(lines("frontend/src/socket.rs", "use web_sys::WebSocket;\n"), CLEAN);
        assert_eq!(lines("frontend/src/statement.rs", "use web_sys::window;\n"), CLEAN);
    }
}
