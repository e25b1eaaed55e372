//! One style sheet out of many: it compresses better, and is one request.
//!
//! The sources stay apart, in the order in which `index.html` names them, and so they are while the page is worked on.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::fingerprint;

/// Puts the style sheets that `index.html` names one after the other into one file, which it names instead.
pub(super) fn join(dir: &Path) -> Result<()> {
    let index = dir.join("index.html");
    let mut page = fs::read_to_string(&index).context("cannot read index.html")?;
    let mut joined = String::new();
    let links: Vec<(String, String)> = links(&page).collect();
    for (_, name) in &links {
        let path = dir.join(name);
        joined.push_str(&fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?);
        fs::remove_file(&path)?;
    }
    let Some(((last, _), others)) = links.split_last() else { return Ok(()) };
    let name = format!("style-{}.css", fingerprint::of_bytes(joined.as_bytes()));
    others.iter().for_each(|(link, _)| page = page.replace(link, ""));
    page = page.replace(last, &format!("<link href=/{name} rel=stylesheet>"));
    fs::write(dir.join(name), joined)?;
    fs::write(index, page).context("cannot write index.html")
}

/// Every link to a style sheet of the page's own, and the file it names, as Trunk writes them.
fn links(page: &str) -> impl Iterator<Item = (String, String)> {
    page.split('<').filter_map(|tag| {
        let link = tag.split_inclusive('>').next().filter(|link| link.starts_with("link "))?;
        let mut attributes = link.trim_end_matches(['>', '/']).split_ascii_whitespace();
        let unquoted = link.replace('"', "");
        let mut parts = unquoted.split(['=', ' ', '>']).map(|part| part.trim_matches('/'));
        let name = parts.find(|part| part.ends_with(".css"))?;
        let is_sheet = attributes.any(|attribute| attribute.replace('"', "") == "rel=stylesheet");
        is_sheet.then(|| (format!("<{link}"), name.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheets_are_joined_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("b-1.css"), "b{}").unwrap();
        fs::write(at("a-2.css"), "a{}").unwrap();
        let others = "<link href=/p.js rel=modulepreload><title>a</title>";
        let sheets = "<link href=/b-1.css rel=stylesheet><link rel=\"stylesheet\" href=\"/a-2.css\"/>";
        fs::write(at("index.html"), format!("<head>{sheets}{others}</head>")).unwrap();

        join(dir.path()).unwrap();

        let page = fs::read_to_string(at("index.html")).unwrap();
        let (name, rest) = page.strip_prefix("<head><link href=/").unwrap().split_once(' ').unwrap();
        assert_eq!(fs::read_to_string(at(name)).unwrap(), "b{}a{}");
        assert_eq!(rest, format!("rel=stylesheet>{others}</head>"));
        assert!(!at("b-1.css").exists() && !at("a-2.css").exists());
    }

    #[test]
    fn a_page_without_sheets_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("index.html"), "<title>a</title>").unwrap();
        join(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
