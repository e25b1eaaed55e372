//! The size budgets, as the files are sent: what a visitor downloads before the page works, and what each module brings
//! that is loaded later.

use anyhow::{Result, ensure};

use crate::page::Asset;
use crate::report;

/// A module of the page with what it needs, and how many bytes it may be, compressed with Brotli.
struct Share {
    name: &'static str,
    budget: u64,
}

/// What a visitor downloads before the page works: what belongs to none of the others.
const FIRST: Share = Share { name: "first load", budget: 250_000 };

/// What comes later: the rest of the page's own module, and others, each with a loader, a module and a style sheet.
const LATER: [Share; 4] = [
    Share { name: "rest", budget: 52_000 },
    Share { name: "annex", budget: 300_000 },
    Share { name: "workbench", budget: 126_000 },
    Share { name: "lessons", budget: 84_000 },
];

/// Prints every file and compares those that count with their budgets.
pub(super) fn check(assets: &[Asset]) -> Result<String> {
    for asset in assets {
        let counts = if counts(asset) { share(asset).name } else { "not counted" };
        let (sent, bytes) = (report::size(asset.sent), report::size(asset.bytes));
        report::note(&format!("{sent:>9} sent, {bytes:>9} unpacked  {}  ({counts})", asset.name));
    }
    let mut says = Vec::new();
    for Share { name, budget } in [&FIRST].into_iter().chain(&LATER) {
        let counted = assets.iter().filter(|asset| counts(asset) && share(asset).name == *name);
        let sent: u64 = counted.map(|asset| asset.sent).sum();
        let part = format!("{name} {} of {}", report::size(sent), report::size(*budget));
        ensure!(sent <= *budget, "over its budget: {part}");
        ensure!(sent > 0 || *name != FIRST.name, "the page has no files");
        says.push(part);
    }
    Ok(says.join("; "))
}

/// What a file is loaded with.
fn share(asset: &Asset) -> &'static Share {
    let name = asset.name.strip_prefix("readyroom-").unwrap_or(&asset.name);
    LATER.iter().find(|share| name.starts_with(share.name)).unwrap_or(&FIRST)
}

fn counts(asset: &Asset) -> bool {
    [".wasm", ".js", ".css"].iter().any(|kind| asset.name.ends_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(name: &str, sent: u64) -> Asset {
        Asset { name: name.into(), bytes: sent * 3, sent }
    }

    #[test]
    fn the_budget_itself_is_allowed_and_a_byte_more_is_not() {
        assert!(check(&[asset("a.wasm", FIRST.budget - 50_000), asset("a.js", 50_000)]).is_ok());
        let error = check(&[asset("a.wasm", FIRST.budget - 50_000), asset("a.css", 50_001)]).unwrap_err();
        assert!(error.to_string().contains("over its budget"), "{error}");
    }

    #[test]
    fn what_comes_later_has_budgets_of_its_own() {
        let annex =
            |sent| [asset("a.wasm", 250_000), asset("readyroom-annex-0_bg.wasm", sent), asset("annex-0.css", 1_000)];
        assert!(check(&annex(299_000)).is_ok());
        let error = check(&annex(299_001)).unwrap_err();
        assert!(error.to_string().contains("annex"), "{error}");
        let workbench = [asset("a.wasm", 250_000), asset("readyroom-workbench-0.js", 126_001)];
        assert!(check(&workbench).unwrap_err().to_string().contains("workbench"));
    }

    #[test]
    fn pictures_and_the_html_do_not_count() {
        assert!(check(&[asset("a.wasm", 1), asset("index.html", 900_000), asset("a.png", 900_000)]).is_ok());
    }

    #[test]
    fn an_unbuilt_page_is_no_success() {
        assert!(check(&[]).is_err());
    }
}
