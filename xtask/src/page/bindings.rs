//! Short names for what the module and its loader call each other, and a loader without indentation.
//!
//! wasm-bindgen puts 16 hexadecimal digits behind each of them, for the case that many modules are linked into one.
//! Digits do not compress, and each stands in both files. Names without digits stay.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, str};

use anyhow::{Context, Result, ensure};

use super::sections::{self, Section};

/// The numbers of the sections that hold names.
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// How many hexadecimal digits wasm-bindgen's hashes have.
const DIGITS: usize = 16;

/// Shortens the names in every module of the page and in the loader beside it.
pub(super) fn shorten(dir: &Path) -> Result<()> {
    for path in super::files(dir)?.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "wasm")) {
        let loader = loader_of(&path);
        // What was split off has no loader: the first module's knows it.
        if !loader.exists() {
            continue;
        }
        let script = fs::read_to_string(&loader).with_context(|| format!("cannot read {}", loader.display()))?;
        let (module, names) = rename(&fs::read(&path)?)?;
        fs::write(&loader, flush_left(&follow(&script, &names)?)?)?;
        fs::write(&path, module)?;
    }
    Ok(())
}

/// The loader that belongs to a module.
pub(super) fn loader_of(module: &Path) -> PathBuf {
    module.with_file_name(module.file_name().unwrap_or_default().to_string_lossy().replace("_bg.wasm", ".js"))
}

/// The short name of each long one.
type Names = BTreeMap<String, String>;

/// The module with short names, and what they were.
fn rename(module: &[u8]) -> Result<(Vec<u8>, Names)> {
    let mut names = Names::new();
    let renamed = sections::map(module, |section| {
        Ok(match section.id {
            IMPORTS => Some(entries(section, &mut names, 2)?),
            EXPORTS => Some(entries(section, &mut names, 1)?),
            _ => Some(section.body.to_vec()),
        })
    })?;
    Ok((renamed, names))
}

/// A section's entries: each begins with `texts` names, of which the last is shortened.
fn entries(section: &Section<'_>, names: &mut Names, texts: usize) -> Result<Vec<u8>> {
    let (count, mut rest) = sections::number(section.body)?;
    let mut renamed = sections::bytes_of(count);
    for _ in 0..count {
        for text in 1..=texts {
            let (length, after) = sections::number(rest)?;
            let (name, after) = after.split_at_checked(length).context("a name is cut short")?;
            let name = str::from_utf8(name)?;
            let short = if text == texts && is_hashed(name) { short(names, name) } else { name.to_owned() };
            renamed.extend(sections::bytes_of(short.len()));
            renamed.extend(short.bytes());
            rest = after;
        }
        let (described, after) =
            rest.split_at_checked(description(section.id, rest)?).context("an entry is cut short")?;
        renamed.extend(described);
        rest = after;
    }
    ensure!(rest.is_empty(), "a section of the module is longer than its entries");
    Ok(renamed)
}

/// How many bytes say what is imported or exported: a kind, and then a number or a type.
fn description(section: u8, bytes: &[u8]) -> Result<usize> {
    let (kind, mut rest) = bytes.split_first().context("an entry is cut short")?;
    let numbers = match (section, *kind) {
        (IMPORTS, kind @ (1 | 2)) => {
            // A table has its type before its limits. Limits say whether there are two of them.
            rest = rest.get(if kind == 1 { 1 } else { 0 }..).context("an entry is cut short")?;
            let (flags, after) = sections::number(rest)?;
            rest = after;
            1 + (flags & 1)
        }
        (EXPORTS, _) | (IMPORTS, 0) => 1,
        (_, kind) => anyhow::bail!("the module imports something of the kind {kind}"),
    };
    for _ in 0..numbers {
        rest = sections::number(rest)?.1;
    }
    Ok(bytes.len() - rest.len())
}

/// Whether a hash is part of the name. Two of the same hash are told apart by a number behind it.
fn is_hashed(name: &str) -> bool {
    let is_digits = |part: &str| part.len() == DIGITS && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split('_').rev().take(2).any(|part| is_digits(part) || part.strip_prefix('h').is_some_and(is_digits))
}

/// No name of the loader's own begins with a dollar.
fn short(names: &mut Names, name: &str) -> String {
    let next = format!("${}", names.len());
    names.entry(name.to_owned()).or_insert(next).clone()
}

/// The loader with the names that the module has now.
fn follow(script: &str, names: &Names) -> Result<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut followed = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find(is_part) {
        let (before, from) = rest.split_at(at);
        let (word, after) = from.split_at(from.find(|letter| !is_part(letter)).unwrap_or(from.len()));
        ensure!(!word.starts_with('$') || word == "$", "the loader has a name that begins with a dollar: {word}");
        followed.push_str(before);
        followed.push_str(names.get(word).map_or(word, String::as_str));
        rest = after;
    }
    followed.push_str(rest);
    Ok(followed)
}

/// A script without indentation and without lines that are comments.
fn flush_left(script: &str) -> Result<String> {
    let mut left = String::with_capacity(script.len());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
        ensure!(line.matches('`').count() % 2 == 0, "the loader has a text of many lines");
        left.push_str(line);
        left.push('\n');
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";

    fn text(text: &str) -> Vec<u8> {
        [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    fn section(id: u8, count: u8, entries: &[u8]) -> Vec<u8> {
        [&[id, u8::try_from(entries.len() + 1).unwrap(), count], entries].concat()
    }

    #[test]
    fn both_sides_have_the_same_short_names() {
        let module = |import: &str, export: &str| {
            let memory = [text("env"), text("memory"), vec![2, 1, 17, 0x80, 0x02]].concat();
            let table = [text("env"), text("table"), vec![1, 0x6f, 0, 4]].concat();
            let imports = [text("bg"), text(import), vec![0, 3], memory, table].concat();
            let exports = [text("main"), vec![0, 9], text(export), vec![0, 8]].concat();
            [HEAD, &section(2, 3, &imports), &section(3, 1, &[0]), &section(7, 2, &exports)].concat()
        };
        let (import, export) = ("__wbg_focus_0123456789abcdef", "invoke__h0123456789abcdef_3");
        let (renamed, names) = rename(&module(import, export)).unwrap();
        assert_eq!(renamed, module("$0", "$1"));
        let script = format!("{{ {import}: () => wasm.{export}(`${{a}}`), {export}0 }}");
        let followed = format!("{{ $0: () => wasm.$1(`${{a}}`), {export}0 }}");
        assert_eq!(follow(&script, &names).unwrap(), followed);
    }

    #[test]
    fn a_dollar_in_the_loader_is_refused() {
        assert!(follow("let $0 = 1;", &Names::new()).is_err());
    }

    #[test]
    fn a_text_of_many_lines_keeps_its_indentation_by_being_refused() {
        assert_eq!(flush_left("// why\n  a();\n\n  b(`c`);\n").unwrap(), "a();\nb(`c`);\n");
        assert!(flush_left("a = `\n  b`;\n").is_err());
    }
}
