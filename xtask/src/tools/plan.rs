//! What to do about a tool, given what was found. Pure: looking is done by `found`, doing by `install`.

use std::path::{Path, PathBuf};

use super::Tool;
use super::found::{Found, Homes};

/// What is to be done about one tool.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Use what is in this directory.
    Use(PathBuf),
    /// Install it under this root; its programs then lie in `bin`.
    Install(PathBuf),
}

impl Plan {
    /// Where to install the tool, if that is the plan.
    pub(super) fn root(&self) -> Option<&Path> {
        match self {
            Self::Use(_) => None,
            Self::Install(root) => Some(root),
        }
    }

    /// Where the tool's programs are once the plan is carried out.
    pub(super) fn bin(&self) -> PathBuf {
        match self {
            Self::Use(dir) => dir.clone(),
            Self::Install(root) => root.join("bin"),
        }
    }
}

/// Prefers what is there, then cargo's own place, then a place where no other version is in the way.
pub(super) fn decide(tool: &Tool, found: &[Found], homes: &Homes) -> Plan {
    if let Some(right) = found.iter().find(|found| found.complete && suits(tool, &found.version)) {
        Plan::Use(right.dir.clone())
    } else if found.is_empty() {
        Plan::Install(homes.cargo.clone())
    } else {
        Plan::Install(versioned(tool, &homes.cache))
    }
}

/// Where the cache holds a tool of exactly this version.
pub(super) fn versioned(tool: &Tool, cache: &Path) -> PathBuf {
    cache.join(format!("{}-{}", tool.name, tool.version))
}

/// The version of a package in a `Cargo.lock`.
pub(super) fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| line.strip_prefix("name = ").is_some_and(|name| name.trim_matches('"') == package))?;
    Some(lines.next()?.strip_prefix("version = ")?.trim_matches('"'))
}

fn suits(tool: &Tool, version: &str) -> bool {
    if !tool.later_patch {
        return version == tool.version;
    }
    match (parts(version), parts(&tool.version)) {
        (Some((series, patch)), Some((wanted_series, wanted_patch))) => {
            series == wanted_series && patch >= wanted_patch
        }
        _ => false,
    }
}

/// Splits `0.21.14` into `0.21` and 14.
fn parts(version: &str) -> Option<(&str, u32)> {
    let (series, patch) = version.rsplit_once('.')?;
    Some((series, patch.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-futures"
version = "0.4.80"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
source = "registry"
"#;

    fn tool(later_patch: bool) -> Tool {
        Tool { name: "trunk", also: &[], version: "0.21.14".into(), later_patch, options: &[] }
    }

    fn homes() -> Homes {
        Homes { cargo: "/cargo".into(), cache: "/cache".into() }
    }

    fn found(dir: &str, version: &str) -> Found {
        Found { dir: dir.into(), version: version.into(), complete: true }
    }

    #[test]
    fn the_lock_files_version_is_found_by_the_whole_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn a_tool_of_the_right_version_is_used_where_it_is() {
        let there = [found("/usr/bin", "0.20.0"), found("/opt", "0.21.14")];
        assert_eq!(decide(&tool(false), &there, &homes()), Plan::Use("/opt".into()));
    }

    #[test]
    fn a_missing_tool_goes_to_cargos_place() {
        assert_eq!(decide(&tool(true), &[], &homes()), Plan::Install("/cargo".into()));
    }

    #[test]
    fn another_version_is_left_alone() {
        let there = [found("/usr/bin", "0.20.0")];
        assert_eq!(decide(&tool(true), &there, &homes()), Plan::Install("/cache/trunk-0.21.14".into()));
    }

    #[test]
    fn a_tool_with_a_missing_part_is_not_used() {
        let there = [Found { complete: false, ..found("/usr/bin", "0.21.14") }];
        assert_eq!(decide(&tool(true), &there, &homes()), Plan::Install("/cache/trunk-0.21.14".into()));
    }

    #[test]
    fn only_where_it_may_is_a_later_patch_release_used() {
        let there = [found("/usr/bin", "0.21.15")];
        assert_eq!(decide(&tool(true), &there, &homes()), Plan::Use("/usr/bin".into()));
        assert_eq!(decide(&tool(false), &there, &homes()), Plan::Install("/cache/trunk-0.21.14".into()));
        assert!(!suits(&tool(true), "0.21.9"));
        assert!(!suits(&tool(true), "0.22.0"));
        assert!(!suits(&tool(true), "0.21.15-beta"));
    }
}
