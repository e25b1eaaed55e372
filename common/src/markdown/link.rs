//! Which addresses are links: `http://`, `https://` and `mailto:` alone. Whatever else somebody writes is text.

use super::work::step;
use crate::letters::is_letter;

/// Parentheses within an address that may be open at once (CommonMark 0.31, section 6.3, leaves the bound to us).
const PARENS: usize = 8;

/// The length of the bare address that a text begins with. `bracketed` where a `]` would end the words of a link.
pub(super) fn bare(text: &str, bracketed: bool) -> Option<usize> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let scheme = text.len() - host.len();
    if !host.starts_with(|c: char| is_letter(c) || c == '[') {
        return None;
    }
    let ends = |c: char| {
        c.is_whitespace()
            || is_hidden(c)
            || "<>\"`{}|\\^，。；：！？、（）《》「」『』【】“”‘’".contains(c)
            || (bracketed && c == ']')
    };
    let mut link = host.get(..host.find(ends).unwrap_or(host.len()))?;
    step(link.len());
    let mut unbalanced = link.matches(')').count().saturating_sub(link.matches('(').count());
    // What ends a sentence or closes a bracket that was opened before belongs to the text.
    while let Some(last) = link.chars().next_back() {
        match last {
            ')' if unbalanced > 0 => unbalanced -= 1,
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | ']' | '*' | '_' | '~' => {}
            _ => break,
        }
        link = link.get(..link.len() - last.len_utf8())?;
    }
    Some(scheme + link.len())
}

/// Reads `address "title")` behind the `](` of a link: the address, and the length up to behind the `)`. The title is dropped.
pub(super) fn target(text: &str) -> Option<(String, usize)> {
    let rest = text.trim_start_matches(is_space);
    let (raw, rest) = match rest.strip_prefix('<') {
        Some(rest) => rest.split_at_checked(rest.find(['<', '>', '\n'])?)?,
        None => rest.split_at_checked(bare_target(rest)?)?,
    };
    step(text.len() - rest.len());
    let rest = rest.strip_prefix('>').unwrap_or(rest).trim_start_matches(is_space);
    let rest = match rest.chars().next()? {
        quote @ ('"' | '\'') => {
            let title = rest.get(1..)?;
            let end = title.find([quote, '\n'])?;
            step(end);
            title.get(end..)?.strip_prefix(quote)?.trim_start_matches(is_space)
        }
        _ => rest,
    };
    let rest = rest.strip_prefix(')')?;
    let href = unescaped(raw);
    is_safe(&href).then_some((href, text.len() - rest.len()))
}

/// Where an address without `<` and `>` ends: at white space, or at a parenthesis that was not opened in it.
fn bare_target(text: &str) -> Option<usize> {
    let (mut open, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        step(1);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' if open == PARENS => return None,
            '(' => open += 1,
            ')' if open == 0 => return Some(at),
            ')' => open -= 1,
            c if c.is_whitespace() => return Some(at),
            _ => {}
        }
    }
    None
}

/// Without the backslashes before punctuation.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c != '\\' || !letters.peek().is_some_and(char::is_ascii_punctuation) {
            plain.push(c);
        } else if let Some(c) = letters.next() {
            plain.push(c);
        }
    }
    plain
}

/// Whether an address may be followed. What is not spelled out as one of three schemes is not: browsers skip tabs, line
/// breaks and leading control characters in schemes (WHATWG URL, 4.4), which no spelling here holds.
fn is_safe(href: &str) -> bool {
    let after = |scheme: &str| {
        let (head, rest) = href.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let rest = after("https://").or_else(|| after("http://")).or_else(|| after("mailto:"));
    let named = rest.is_some_and(|rest| rest.starts_with(|c: char| is_letter(c) || c == '['));
    named && !href.contains(|c: char| c.is_whitespace() || is_hidden(c))
}

/// Control characters, and those that turn the writing direction or are drawn as nothing: an address shows what it is.
fn is_hidden(c: char) -> bool {
    c.is_control() || crate::text::is_invisible(c)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t')
}
