//! Colours for code: one small reader for many languages, which knows comments, strings, numbers, keywords and calls.
//!
//! It colours what is certain at a glance and leaves the rest. Neighbours: `languages` has the words. Deliberately
//! absent: grammars, which would be larger than the page.

mod languages;
#[cfg(test)]
mod tests;

use crate::letters::is_punctuation;
use languages::{Kind, Language};

/// What a piece of code is, as the style sheet colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A word of the language, a key, a tag.
    Keyword,
    /// A string; what a patch adds.
    Text,
    /// A number; what a patch removes.
    Number,
    /// What is called; an attribute.
    Function,
    /// A comment.
    Comment,
}

impl Class {
    /// Its name in the style sheet.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyword => "k",
            Self::Text => "s",
            Self::Number => "n",
            Self::Function => "f",
            Self::Comment => "c",
        }
    }
}

/// Cuts code into pieces that are the code again together. Of a language that is not known it is one piece.
#[must_use]
pub fn highlight<'a>(lang: &str, code: &'a str) -> Vec<(Option<Class>, &'a str)> {
    let Some(language) = languages::named(lang) else { return vec![(None, code)] };
    if language.kind == Kind::Patch {
        return code.split_inclusive('\n').map(|line| (patched(line), line)).collect();
    }
    let mut pieces = Vec::new();
    let (mut at, mut from) = (0, 0);
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        let (class, length) = piece(&language, before, rest);
        if class.is_some() {
            pieces.extend(code.get(from..at).filter(|words| !words.is_empty()).map(|words| (None, words)));
            pieces.extend(code.get(at..at + length).map(|words| (class, words)));
            from = at + length;
        }
        at += length;
    }
    pieces.extend(code.get(from..).filter(|words| !words.is_empty()).map(|words| (None, words)));
    pieces
}

/// A line of a patch.
fn patched(line: &str) -> Option<Class> {
    match line.bytes().next()? {
        b'+' => Some(Class::Text),
        b'-' => Some(Class::Number),
        b'@' => Some(Class::Function),
        b'd' | b'i' if line.starts_with("diff ") || line.starts_with("index ") => Some(Class::Comment),
        _ => None,
    }
}

/// What the rest of the code begins with, and how long that is in bytes: at least one character.
fn piece(language: &Language, before: Option<char>, rest: &str) -> (Option<Class>, usize) {
    let Some(first) = rest.chars().next() else { return (None, 0) };
    if let Some(length) = comment(language, before, rest) {
        return (Some(Class::Comment), length);
    }
    if let Some(length) = string(language, first, rest) {
        let is_key = language.kind == Kind::Data && is_key(rest.get(length..));
        return (Some(if is_key { Class::Keyword } else { Class::Text }), length);
    }
    if first.is_ascii_digit() {
        return (Some(Class::Number), number(rest));
    }
    if is_letter(first) {
        let dashed = matches!(language.kind, Kind::Data | Kind::Markup);
        let length = rest.find(|c| !(is_letter(c) || c.is_ascii_digit() || (dashed && c == '-'))).unwrap_or(rest.len());
        return (word(language, before, rest, length), length);
    }
    (None, first.len_utf8())
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$') || (!c.is_ascii() && !is_punctuation(c) && !c.is_whitespace())
}

fn comment(language: &Language, before: Option<char>, rest: &str) -> Option<usize> {
    if let Some((open, close)) = language.block
        && let Some(inner) = rest.strip_prefix(open)
    {
        return Some(inner.find(close).map_or(rest.len(), |at| open.len() + at + close.len()));
    }
    let sign = language.line.split(' ').find(|sign| !sign.is_empty() && rest.starts_with(sign))?;
    // Within a word `#` means other things in shells and addresses.
    let apart = sign != "#" || before.is_none_or(char::is_whitespace);
    apart.then(|| rest.find('\n').unwrap_or(rest.len()))
}

fn string(language: &Language, first: char, rest: &str) -> Option<usize> {
    if first == '\'' && !language.quotes.contains(first) {
        return character(rest).filter(|_| language.kind == Kind::Code);
    }
    if !language.quotes.contains(first) {
        return None;
    }
    let three = rest.get(..3).filter(|three| three.chars().all(|c| c == first));
    if let Some(inner) = three.and_then(|three| rest.strip_prefix(three)) {
        let end = three.and_then(|three| inner.find(three));
        return Some(end.map_or(rest.len(), |at| at + 6));
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if first != '`' => return Some(at),
            c if c == first => return Some(at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// A character between single quotes, where a single quote may mean something else.
fn character(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    let (_, first) = letters.next()?;
    let last = if first == '\\' { letters.skip(1).take(10).find(|(_, c)| *c == '\'') } else { letters.next() };
    last.filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}

fn number(rest: &str) -> usize {
    let mut letters = rest.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let point = c == '.' && letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if !(c.is_ascii_alphanumeric() || c == '_' || c == '%' || point) {
            return at;
        }
    }
    rest.len()
}

fn word(language: &Language, before: Option<char>, rest: &str, length: usize) -> Option<Class> {
    let (word, after) = rest.split_at_checked(length)?;
    match language.kind {
        Kind::Markup if matches!(before, Some('<' | '/')) => return Some(Class::Keyword),
        Kind::Markup => return after.starts_with('=').then_some(Class::Function),
        Kind::Data if is_key(Some(after)) => return Some(Class::Keyword),
        Kind::Data | Kind::Code | Kind::Anycase | Kind::Patch => {}
    }
    let lower = word.to_ascii_lowercase();
    let looked = if language.kind == Kind::Anycase { &lower } else { word };
    if language.words.iter().any(|words| words.split(' ').any(|known| known == looked)) {
        return Some(Class::Keyword);
    }
    let after = after.strip_prefix('!').unwrap_or(after);
    (language.kind != Kind::Data && after.starts_with('(')).then_some(Class::Function)
}

/// Whether what follows makes a key of what is before it.
fn is_key(after: Option<&str>) -> bool {
    after.is_some_and(|after| after.trim_start_matches(' ').starts_with([':', '=']))
}
