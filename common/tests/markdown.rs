//! Markdown against another reader of it, and against anything at all.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at what it knows")]

use common::markdown::{self, Block, Inline};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The words of a line with the marks that both readers understand, in one notation.
fn ours(text: &str) -> String {
    let mut out = String::new();
    for block in markdown::parse(text, &[]).blocks {
        match block {
            Block::Paragraph(words) => inlines(&words, &mut out),
            other => out.push_str(&format!("{other:?}")),
        }
    }
    out
}

fn inlines(all: &[Inline], out: &mut String) {
    let around = |sign: &str, inner: &[Inline], out: &mut String| {
        out.push_str(&format!("<{sign}>"));
        inlines(inner, out);
        out.push_str(&format!("</{sign}>"));
    };
    for inline in all {
        match inline {
            Inline::Text(text) | Inline::Mention(text) => out.push_str(text),
            Inline::Strong(inner) => around("b", inner, out),
            Inline::Emphasis(inner) => around("i", inner, out),
            Inline::Strike(inner) => around("s", inner, out),
            Inline::Code(text) => out.push_str(&format!("<c>{text}</c>")),
            Inline::Link { href, text } => {
                out.push_str(&format!("<a {href}>"));
                inlines(text, out);
                out.push_str("</a>");
            }
            Inline::Break => out.push('\n'),
        }
    }
}

fn theirs(text: &str) -> String {
    let mut out = String::new();
    for event in Parser::new_ext(text, Options::empty()) {
        match event {
            Event::Text(text) => out.push_str(&text),
            Event::Code(text) => out.push_str(&format!("<c>{text}</c>")),
            Event::Start(Tag::Strong) => out.push_str("<b>"),
            Event::End(TagEnd::Strong) => out.push_str("</b>"),
            Event::Start(Tag::Emphasis) => out.push_str("<i>"),
            Event::End(TagEnd::Emphasis) => out.push_str("</i>"),
            Event::Start(Tag::Link { dest_url, .. }) => out.push_str(&format!("<a {dest_url}>")),
            Event::End(TagEnd::Link) => out.push_str("</a>"),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
            Event::SoftBreak | Event::HardBreak => out.push('\n'),
            other => out.push_str(&format!("{other:?}")),
        }
    }
    out
}

/// The texts of a tree, and how deep it is.
fn depth(blocks: &[Block]) -> usize {
    let words = |all: &[Inline]| inline_depth(all);
    blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(all) | Block::Heading(_, all) => words(all),
            Block::Quote(inner) => 1 + depth(inner),
            Block::List { items, .. } => 1 + items.iter().map(|item| depth(&item.blocks)).max().unwrap_or_default(),
            Block::Table { rows, .. } => rows.iter().flatten().map(|cell| words(cell)).max().unwrap_or_default(),
            Block::Code { .. } | Block::Rule => 0,
        })
        .max()
        .unwrap_or_default()
}

fn inline_depth(all: &[Inline]) -> usize {
    let inner = |inline: &Inline| match inline {
        Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Strike(inner) | Inline::Link { text: inner, .. } => {
            1 + inline_depth(inner)
        }
        Inline::Text(_) | Inline::Code(_) | Inline::Mention(_) | Inline::Break => 0,
    };
    all.iter().map(inner).max().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// A line of words, emphasis, code and links reads as CommonMark has it. It begins with a letter, so that it is a
    /// paragraph; nesting stays below our bound.
    #[test]
    fn a_line_is_read_as_another_reader_reads_it(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "b c", " ", "*", "*", "**", "***", "_", "_", "__", "`", "``", "\\*", "\\", "(", ")", ".", "[l](mailto:l@x.example)", "é", "1", "\"",
        ]), 0..14),
    ) {
        let text = format!("x{}", parts.concat());
        let text = text.trim_end();
        prop_assume!(!text.ends_with('\\'));
        prop_assert_eq!(ours(text), theirs(text), "{:?}", text);
    }

    /// Whatever somebody writes is read, into a tree of bounded depth, and its words can be told.
    #[test]
    fn anything_is_read(text in "[-*_~`>#|\\[\\]()@:<!\\\\ \\n\\ta-c0-2.中。é]{0,400}") {
        let names = ["a".to_owned(), "b c".to_owned()];
        let document = markdown::parse(&text, &names);
        prop_assert!(depth(&document.blocks) <= 2 * markdown::DEPTH);
        prop_assert!(markdown::plain(&text).len() <= text.len() * 2 + 2);
        prop_assert!(markdown::plain::line(&text, 40).chars().count() <= 41);
    }

    /// Code that is coloured is the same code.
    #[test]
    fn coloured_code_is_the_same_code(code in "\\PC{0,200}", lang in prop::sample::select(vec!["rust", "js", "py", "sql", "json", "html", "sh", "diff"])) {
        let pieces = markdown::highlight::highlight(lang, &code);
        prop_assert_eq!(pieces.iter().map(|(_, text)| *text).collect::<String>(), code);
    }
}

#[test]
fn ten_thousand_deep_is_read_and_told() {
    for sign in [">", "- ", "*a ", "[", "**_", "> - "] {
        let text = sign.repeat(10_000) + "x";
        assert!(depth(&markdown::parse(&text, &[]).blocks) <= 2 * markdown::DEPTH, "{sign}");
        assert!(markdown::plain(&text).ends_with('x'));
    }
}
