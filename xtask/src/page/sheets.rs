//! One style sheet out of many: it compresses better, and is one request. What stands in a `<template>` is for a module
//! that is loaded later, and becomes a sheet of its own.
//!
//! The sources stay apart, in the order in which `index.html` names them, and so they are while the page is worked on.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::fingerprint;

/// Puts the style sheets that `index.html` names one after the other into one file, which it names instead; those of
/// each template into another one. A sheet may be named by several templates.
pub(super) fn join(dir: &Path) -> Result<()> {
    let index = dir.join("index.html");
    let page = fs::read_to_string(&index).context("cannot read index.html")?;
    let mut pieces = page.split("<template");
    let mut first = pieces.next().unwrap_or_default().to_owned();
    let (mut templates, mut joined) = (Vec::new(), Vec::new());
    for piece in pieces {
        let (template, after) = piece.split_once("</template>").context("a template of index.html does not end")?;
        templates.push(join_in(dir, template.to_owned(), &name_of(template)?, &mut joined)?);
        first.push('\0');
        first.push_str(after);
    }
    let first = join_in(dir, first, "style", &mut joined)?;
    joined.sort();
    joined.dedup();
    joined.iter().try_for_each(|sheet| fs::remove_file(dir.join(sheet)))?;
    let mut pieces = first.split('\0');
    let mut page = pieces.next().unwrap_or_default().to_owned();
    for (template, after) in templates.iter().zip(pieces) {
        page.extend(["<template", template, "</template>", after]);
    }
    fs::write(index, page).context("cannot write index.html")
}

/// What a template's sheet is called: its id is `<name>-sheets`.
fn name_of(template: &str) -> Result<String> {
    let attributes = template.split('>').next().unwrap_or_default().replace('"', "");
    let id = attributes.split_ascii_whitespace().find_map(|attribute| attribute.strip_prefix("id="));
    let name = id.and_then(|id| id.strip_suffix("-sheets"));
    name.map(str::to_owned).context("a template of index.html has no id that ends in -sheets")
}

/// The part of the page with one link in place of all that it has; what stood there is in `sources` then.
fn join_in(dir: &Path, mut page: String, name: &str, sources: &mut Vec<String>) -> Result<String> {
    let mut joined = String::new();
    let links: Vec<(String, String)> = links(&page).collect();
    for (_, name) in &links {
        let path = dir.join(name);
        joined.push_str(&fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    sources.extend(links.iter().map(|(_, source)| source.clone()));
    let Some(((last, _), others)) = links.split_last() else { return Ok(page) };
    let name = format!("{name}-{}.css", fingerprint::of_bytes(joined.as_bytes()));
    others.iter().for_each(|(link, _)| page = page.replace(link, ""));
    page = page.replace(last, &format!("<link href=/{name} rel=stylesheet>"));
    fs::write(dir.join(name), joined)?;
    Ok(page)
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
    fn what_stands_in_a_template_is_a_sheet_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let link = |name: &str| {
            fs::write(at(name), format!("{name}{{}}")).unwrap();
            format!("<link href=/{name} rel=stylesheet>")
        };
        let page = format!(
            "{}<template id=annex-sheets>{}{}</template>{}",
            link("a.css"),
            link("b.css"),
            link("c.css"),
            link("d.css")
        );
        fs::write(at("index.html"), page).unwrap();

        join(dir.path()).unwrap();

        let page = fs::read_to_string(at("index.html")).unwrap();
        let (template, first) = page.split_once("</template>").unwrap();
        let sheet = |page: &str| {
            let name = page.split("href=/").nth(1).unwrap().split(' ').next().unwrap();
            fs::read_to_string(at(name)).unwrap()
        };
        assert!(template.starts_with("<template id=annex-sheets><link href=/annex-"), "{page}");
        assert_eq!((sheet(template).as_str(), sheet(first).as_str()), ("b.css{}c.css{}", "a.css{}d.css{}"));
    }

    #[test]
    fn two_templates_may_name_the_same_sheet() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("a.css"), "a{}").unwrap();
        let template = |name| format!("<template id={name}-sheets><link href=/a.css rel=stylesheet></template>");
        fs::write(at("index.html"), template("one") + &template("two")).unwrap();

        join(dir.path()).unwrap();

        let page = fs::read_to_string(at("index.html")).unwrap();
        assert!(page.contains("href=/one-") && page.contains("href=/two-"), "{page}");
        assert!(!at("a.css").exists());
    }

    #[test]
    fn a_page_without_sheets_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("index.html"), "<title>a</title>").unwrap();
        join(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
