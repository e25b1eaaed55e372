//! Splits the page's module in two: what is needed until somebody can type, and the rest, which is loaded when that is
//! drawn.
//!
//! Both have the same memory and the same tables, so that nothing in Rust knows of it but [`LATER`], which says by their
//! names what comes later, and the page's `effects::parts`, which asks for it. What is called before it is there is fetched
//! while everything stands still, which a page that is patient for a moment never needs. `read` reads the module,
//! `plan` decides, `write` writes, `loader.js` is what the loader gets to know.
//! Deliberately absent: texts and tables of constants, which all stay in the first module.

mod plan;
mod read;
mod write;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::report;

/// What the second module is called before its name follows its contents.
const FILE: &str = "readyroom-rest_bg.wasm";

/// What comes later: parts of functions' names, as the compiler writes them. In order: the panel of the socket, threads,
/// dialogs and the menu of a room; what is done to messages and to the socket; what is said to the annex and heard from it
/// and the Workbench; answers that only those ask for; words of errors and of the panel.
///
/// Nothing of this may be needed for the first drawing: a journey sees to that.
const LATER: &[&str] = &[
    "::views::wire::",
    "::views::thread::",
    "::views::over::",
    "::views::bar::menu",
    "::state::trace::",
    "State>::chain",
    "State>::probe",
    "State>::said",
    "State>::touch",
    "::annex::post::tell",
    "::codec::read::views::",
    "::json::Layout",
    "::slice_error_fail",
    "::escape_debug",
    "::views::modal::",
    "::error::ErrorCode as core",
    "::codec::read::text_error",
    "::i18n::en::note",
    "::i18n::zh::note",
    "State>::context",
    ">>::receive",
    "::annex::post::listen",
    "::lean::port::listen",
    "::i18n::en::refusal",
    "::i18n::zh::refusal",
    "::i18n::en::text_error",
    "::i18n::zh::text_error",
    "::messages::MessageView",
    "Message>::of_view",
    "::effects::errands::show_frame",
    "::effects::errands::written",
    "::effects::errands::insert",
    "::fmt::Debug>::fmt",
    "::parse_exponent",
    "::position_of_index",
    "::composer::reference",
    "Field>::wrap",
    "State>::offer",
    "::state::offers::people",
];

/// Where the loader names what it gives the module.
const IMPORTS: &str = "const import0 = {";

/// Splits the page's module and tells its loader and the page of the second one.
pub(super) fn page(dir: &Path) -> Result<()> {
    let (wasm, loader) = files(dir)?;
    let bytes = fs::read(&wasm)?;
    let module = read::Module::read(&bytes)?;
    let plan = plan::decide(&module, |name| LATER.iter().any(|part| name.contains(part)))?;
    ensure!(module.others.is_empty(), "the page's module imports something else than functions");
    ensure!(!plan.later.is_empty(), "no function of the page's module has a name that comes later");
    let (first, rest) = write::modules(&module, &plan)?;
    for written in [&first, &rest] {
        wasmparser::validate(written).context("a part of the page's module is no module")?;
    }
    report::note(&format!(
        "split: {} and {} of {}, with {} doors",
        report::size(first.len() as u64),
        report::size(rest.len() as u64),
        report::size(bytes.len() as u64),
        plan.doors.len()
    ));
    fs::write(&wasm, first)?;
    fs::write(dir.join(FILE), rest)?;

    let script = fs::read_to_string(&loader)?;
    ensure!(script.contains(IMPORTS), "the loader of the page no longer names its imports as it did");
    let known = format!("{IMPORTS}\n{}: () => restNow(),", write::WANTED);
    fs::write(&loader, format!("{}\n{}", script.replacen(IMPORTS, &known, 1), include_str!("split/loader.js")))?;

    let index = dir.join("index.html");
    let page = fs::read_to_string(&index)?;
    let named = format!("<meta name=rest content=/{FILE}></head>");
    ensure!(page.contains("</head>"), "index.html has no head that ends");
    fs::write(index, page.replacen("</head>", &named, 1))?;
    Ok(())
}

/// The page's module and its loader.
fn files(dir: &Path) -> Result<(PathBuf, PathBuf)> {
    let is_page = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("readyroom-page") && name.ends_with("_bg.wasm")
        })
    };
    let wasm = super::files(dir)?.into_iter().find(is_page).context("the page has no module")?;
    let loader = super::bindings::loader_of(&wasm);
    Ok((wasm, loader))
}

#[cfg(test)]
mod tests;
