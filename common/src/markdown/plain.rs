//! What a text says without its marks: for search, notifications and quotes.

use super::{Block, Document, Inline, Item, parse};

/// The words of a text, its blocks, items and cells on lines of their own.
///
/// Addresses of links are left out where there are words in their place; code stays.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    blocks(&parse(text, &[]).blocks, &mut out);
    out.truncate(out.trim_end().len());
    out
}

/// The first words of a text on one line: at most so many characters, with an ellipsis where there are more.
#[must_use]
pub fn line(text: &str, chars: usize) -> String {
    // Out of its own paragraph a text must not turn what stands beside it (UAX #9, section 2).
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let words = plain(text).replace(turns, "");
    let mut words = words.split_whitespace();
    let mut out = String::new();
    let mut left = chars;
    let mut first = true;
    for word in words.by_ref() {
        if !first {
            out.push(' ');
            left = left.saturating_sub(1);
        }
        first = false;
        let length = word.chars().count();
        if length > left {
            out.extend(word.chars().take(left));
            return out.trim_end().to_owned() + "…";
        }
        out.push_str(word);
        left -= length;
    }
    out
}

/// Whether a text holds a link.
#[must_use]
pub fn has_link(text: &str) -> bool {
    // Most texts hold none, which a look tells.
    (text.contains("://") || text.contains("]("))
        && any(&parse(text, &[]), &|inline| matches!(inline, Inline::Link { .. }))
}

/// Whether a text holds code, in a line or as a block.
#[must_use]
pub fn has_code(text: &str) -> bool {
    if !text.contains('`') && !text.contains("~~~") {
        return false;
    }
    let document = parse(text, &[]);
    any(&document, &|inline| matches!(inline, Inline::Code(_)))
        || any_block(&document.blocks, &|block| matches!(block, Block::Code { .. }))
}

fn blocks(all: &[Block], out: &mut String) {
    for block in all {
        match block {
            Block::Paragraph(words) | Block::Heading(_, words) => inlines(words, out),
            Block::Quote(inner) => blocks(inner, out),
            Block::List { items, .. } => items.iter().for_each(|item| blocks(&item.blocks, out)),
            Block::Code { text, .. } => out.push_str(text),
            Block::Table { rows, .. } => rows.iter().for_each(|row| cells(row, out)),
            Block::Rule => continue,
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
}

fn cells(row: &[Vec<Inline>], out: &mut String) {
    for (at, cell) in row.iter().enumerate() {
        out.push_str(if at > 0 { "  " } else { "" });
        inlines(cell, out);
    }
    out.push('\n');
}

fn inlines(all: &[Inline], out: &mut String) {
    for inline in all {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Mention(text) => out.push_str(text),
            Inline::Strong(inner)
            | Inline::Emphasis(inner)
            | Inline::Strike(inner)
            | Inline::Link { text: inner, .. } => {
                inlines(inner, out);
            }
            Inline::Break => out.push('\n'),
        }
    }
}

fn any(document: &Document, is: &dyn Fn(&Inline) -> bool) -> bool {
    any_block(&document.blocks, &|block| match block {
        Block::Paragraph(words) | Block::Heading(_, words) => any_inline(words, is),
        Block::Table { rows, .. } => rows.iter().flatten().any(|cell| any_inline(cell, is)),
        Block::Quote(_) | Block::List { .. } | Block::Code { .. } | Block::Rule => false,
    })
}

fn any_block(all: &[Block], is: &dyn Fn(&Block) -> bool) -> bool {
    all.iter().any(|block| {
        is(block)
            || match block {
                Block::Quote(inner) => any_block(inner, is),
                Block::List { items, .. } => items.iter().any(|Item { blocks, .. }| any_block(blocks, is)),
                Block::Paragraph(_) | Block::Heading(..) | Block::Code { .. } | Block::Table { .. } | Block::Rule => {
                    false
                }
            }
    })
}

fn any_inline(all: &[Inline], is: &dyn Fn(&Inline) -> bool) -> bool {
    all.iter().any(|inline| {
        is(inline)
            || match inline {
                Inline::Strong(inner)
                | Inline::Emphasis(inner)
                | Inline::Strike(inner)
                | Inline::Link { text: inner, .. } => any_inline(inner, is),
                Inline::Text(_) | Inline::Code(_) | Inline::Mention(_) | Inline::Break => false,
            }
    })
}
