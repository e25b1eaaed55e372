//! The size budget: what a visitor downloads before the page works, as it is sent.

use anyhow::{Result, ensure};

use crate::page::Asset;
use crate::report;

/// Bytes of module, loader and style sheets together, compressed with Brotli.
const BUDGET: u64 = 250_000;

/// Prints every file and compares those that count with the budget.
pub(super) fn check(assets: &[Asset]) -> Result<String> {
    for asset in assets {
        let counts = if counts(asset) { "" } else { "  (not counted)" };
        let (sent, bytes) = (report::size(asset.sent), report::size(asset.bytes));
        report::note(&format!("{sent:>9} sent, {bytes:>9} unpacked  {}{counts}", asset.name));
    }
    let total: u64 = assets.iter().filter(|asset| counts(asset)).map(|asset| asset.sent).sum();
    let says = format!("{} of {}", report::size(total), report::size(BUDGET));
    ensure!(total > 0, "the page has no files");
    ensure!(total <= BUDGET, "the page is over its budget: {says}");
    Ok(says)
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
        assert!(check(&[asset("a.wasm", 200_000), asset("a.js", 50_000)]).is_ok());
        let error = check(&[asset("a.wasm", 200_000), asset("a.css", 50_001)]).unwrap_err();
        assert!(error.to_string().contains("250.0 KB of 250.0 KB"), "{error}");
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
