//! The size budgets, as the files are sent: what a visitor downloads before the page works, and what the annex brings
//! later.

use anyhow::{Result, ensure};

use crate::page::Asset;
use crate::report;

/// Bytes of module, loader and style sheets together, compressed with Brotli.
const BUDGET: u64 = 290_000;

/// The same of the annex.
const ANNEX_BUDGET: u64 = 300_000;

/// Prints every file and compares those that count with their budgets.
pub(super) fn check(assets: &[Asset]) -> Result<String> {
    for asset in assets {
        let counts = match (counts(asset), is_annex(asset)) {
            (false, _) => "  (not counted)",
            (true, false) => "",
            (true, true) => "  (annex)",
        };
        let (sent, bytes) = (report::size(asset.sent), report::size(asset.bytes));
        report::note(&format!("{sent:>9} sent, {bytes:>9} unpacked  {}{counts}", asset.name));
    }
    let total = |annex: bool| -> u64 {
        assets.iter().filter(|asset| counts(asset) && is_annex(asset) == annex).map(|asset| asset.sent).sum()
    };
    let (first, annex) = (total(false), total(true));
    let says = format!("{} of {}", report::size(first), report::size(BUDGET));
    let later = format!("{} of {}", report::size(annex), report::size(ANNEX_BUDGET));
    ensure!(first > 0, "the page has no files");
    ensure!(first <= BUDGET, "the page is over its budget: {says}");
    ensure!(annex <= ANNEX_BUDGET, "the annex is over its budget: {later}");
    Ok(format!("{says}; annex {later}"))
}

/// Whether it is loaded with the annex.
fn is_annex(asset: &Asset) -> bool {
    asset.name.starts_with("annex-") || asset.name.starts_with("readyroom-annex")
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
        assert!(check(&[asset("a.wasm", BUDGET - 50_000), asset("a.js", 50_000)]).is_ok());
        let error = check(&[asset("a.wasm", BUDGET - 50_000), asset("a.css", 50_001)]).unwrap_err();
        assert!(error.to_string().contains("over its budget"), "{error}");
    }

    #[test]
    fn the_annex_has_a_budget_of_its_own() {
        let annex =
            |sent| [asset("a.wasm", 250_000), asset("readyroom-annex-0_bg.wasm", sent), asset("annex-0.css", 1_000)];
        assert!(check(&annex(299_000)).is_ok());
        let error = check(&annex(299_001)).unwrap_err();
        assert!(error.to_string().contains("annex"), "{error}");
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
