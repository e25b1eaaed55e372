//! What the parser reads, in examples.

use super::work::steps_of;
use super::{Align, Block, Document, Inline, Item, parse, plain};
use Inline::{Break, Code, Mention, Strike, Text};

/// A tree in a notation as short as its text: what CommonMark's specification writes as HTML.
fn shown(text: &str) -> String {
    let mut out = String::new();
    blocks(&parse(text, &names()).blocks, &mut out);
    out
}

fn names() -> Vec<String> {
    ["maya", "maya okafor", "林一凡", "room", "here"].map(str::to_owned).to_vec()
}

fn blocks(all: &[Block], out: &mut String) {
    for block in all {
        match block {
            Block::Paragraph(words) => around("p", words, out),
            Block::Heading(level, words) => around(&format!("h{level}"), words, out),
            Block::Quote(inner) => {
                out.push_str("<quote>");
                blocks(inner, out);
                out.push_str("</quote>");
            }
            Block::List { start, items } => {
                out.push_str(&start.map_or("<ul>".to_owned(), |n| format!("<ol {n}>")));
                for Item { done, blocks: inner } in items {
                    out.push_str(match done {
                        None => "<li>",
                        Some(false) => "<li[ ]>",
                        Some(true) => "<li[x]>",
                    });
                    blocks(inner, out);
                }
                out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
            }
            Block::Code { lang, text } => out.push_str(&format!("<pre {lang}>{text}</pre>")),
            Block::Table { columns, rows } => {
                let sign = |align: &Align| match align {
                    Align::None => '-',
                    Align::Left => '<',
                    Align::Center => '^',
                    Align::Right => '>',
                };
                out.push_str(&format!("<table {}>", columns.iter().map(sign).collect::<String>()));
                for row in rows {
                    out.push_str("<tr>");
                    row.iter().for_each(|cell| around("td", cell, out));
                }
                out.push_str("</table>");
            }
            Block::Rule => out.push_str("<hr>"),
        }
    }
}

fn around(tag: &str, words: &[Inline], out: &mut String) {
    out.push_str(&format!("<{tag}>"));
    inlines(words, out);
    out.push_str(&format!("</{tag}>"));
}

fn inlines(all: &[Inline], out: &mut String) {
    for inline in all {
        match inline {
            Text(text) => out.push_str(text),
            Inline::Strong(inner) => around("strong", inner, out),
            Inline::Emphasis(inner) => around("em", inner, out),
            Strike(inner) => around("del", inner, out),
            Code(text) => out.push_str(&format!("<code>{text}</code>")),
            Inline::Link { href, text } => {
                out.push_str(&format!("<a {href}>"));
                inlines(text, out);
                out.push_str("</a>");
            }
            Mention(text) => out.push_str(&format!("<at>{text}</at>")),
            Break => out.push_str("<br>"),
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(shown(text), *expected, "{text:?}");
    }
}

/// Examples of CommonMark 0.31.2 by their numbers, as far as the subset goes; a paragraph for a paragraph.
const SPECIFICATION: &[(&str, &str)] = &[
    ("*foo bar*", "<p><em>foo bar</em></p>"),                                  // 350
    ("a * foo bar*", "<p>a * foo bar*</p>"),                                   // 351
    ("a*\"foo\"*", "<p>a*\"foo\"*</p>"),                                       // 352
    ("*\u{a0}a\u{a0}*", "<p>*\u{a0}a\u{a0}*</p>"),                             // 353
    ("foo*bar*", "<p>foo<em>bar</em></p>"),                                    // 355
    ("5*6*78", "<p>5<em>6</em>78</p>"),                                        // 356
    ("_foo bar_", "<p><em>foo bar</em></p>"),                                  // 357
    ("foo_bar_", "<p>foo_bar_</p>"),                                           // 360
    ("5_6_78", "<p>5_6_78</p>"),                                               // 361
    ("пристаням_стремятся_", "<p>пристаням_стремятся_</p>"),                   // 362
    ("foo-_(bar)_", "<p>foo-<em>(bar)</em></p>"),                              // 364
    ("_foo*", "<p>_foo*</p>"),                                                 // 365
    ("*(*foo)", "<p>*(*foo)</p>"),                                             // 368
    ("*(*foo*)*", "<p><em>(<em>foo</em>)</em></p>"),                           // 369
    ("**foo bar**", "<p><strong>foo bar</strong></p>"),                        // 378
    ("foo**bar**", "<p>foo<strong>bar</strong></p>"),                          // 381
    ("**foo, *bar*, baz**", "<p><strong>foo, <em>bar</em>, baz</strong></p>"), // 397-like
    ("*foo**bar**baz*", "<p><em>foo<strong>bar</strong>baz</em></p>"),         // 410
    ("*foo**bar*", "<p><em>foo**bar</em></p>"),                                // 411
    ("***foo** bar*", "<p><em><strong>foo</strong> bar</em></p>"),             // 412
    ("foo***bar***baz", "<p>foo<em><strong>bar</strong></em>baz</p>"),         // 415
    ("foo ***", "<p>foo ***</p>"),                                             // 436
    ("foo *\\**", "<p>foo <em>*</em></p>"),                                    // 437
    ("**foo*", "<p>*<em>foo</em></p>"),                                        // 442
    ("***foo***", "<p><em><strong>foo</strong></em></p>"),                     // 466
    ("*foo _bar* baz_", "<p><em>foo _bar</em> baz_</p>"),                      // 468
    ("*[bar*](https://u.example)", "<p>*<a https://u.example>bar*</a></p>"),   // 473
    ("`foo`", "<p><code>foo</code></p>"),                                      // 328
    ("`` foo ` bar ``", "<p><code>foo ` bar</code></p>"),                      // 329
    ("` `` `", "<p><code>``</code></p>"),                                      // 330
    ("` a`", "<p><code> a</code></p>"),                                        // 332
    ("`foo\\`bar`", "<p><code>foo\\</code>bar`</p>"),                          // 338
    ("*foo`*`", "<p>*foo<code>*</code></p>"),                                  // 341
    ("```foo``", "<p>```foo``</p>"),                                           // 347
    ("`foo``bar``", "<p>`foo<code>bar</code></p>"),                            // 349
    ("\\*not emphasized*", "<p>*not emphasized*</p>"),                         // 14
    ("\\\\*emphasis*", "<p>\\<em>emphasis</em></p>"),                          // 15
    ("[link](<https://b.example)c>)", "<p><a https://b.example)c>link</a></p>"), // 494
    ("[l](https://a.example/(b)c \"t\")", "<p><a https://a.example/(b)c>l</a></p>"), // 496, 506
    ("[link] (https://u.example)", "<p>[link] (<a https://u.example>https://u.example</a>)</p>"), // 513
    (
        "[link *foo **bar***](https://u.example)",
        "<p><a https://u.example>link <em>foo <strong>bar</strong></em></a></p>",
    ), // 516
    ("[foo`](https://u.example)`", "<p>[foo<code>](https://u.example)</code></p>"), // 525
    ("# foo", "<h1>foo</h1>"),                                                 // 62
    ("####### foo", "<p>####### foo</p>"),                                     // 63
    ("#5 bolt", "<p>#5 bolt</p>"),                                             // 64
    ("## foo ##", "<h2>foo</h2>"),                                             // 71
    ("# foo#", "<h1>foo#</h1>"),                                               // 75
    ("***\n---\n___", "<hr><hr><hr>"),                                         // 43
    ("--\n**\n__", "<p>--<br>**<br>__</p>"),                                   // 46
    ("_ _ _ _ a", "<p>_ _ _ _ a</p>"),                                         // 55
    ("- foo\n***\n- bar", "<ul><li><p>foo</p></ul><hr><ul><li><p>bar</p></ul>"), // 57
    ("```\n<\n >\n```", "<pre ><\n ></pre>"),                                  // 119
    ("````\naaa\n```\n``````", "<pre >aaa\n```</pre>"),                        // 124
    ("```\n\n  \n```", "<pre >\n  </pre>"),                                    // 129
    ("  ```\naaa\n  aaa\n  ```", "<pre >aaa\naaa</pre>"),                      // 132
    ("```ruby\ndef foo(x)\nend\n```", "<pre ruby>def foo(x)\nend</pre>"),      // 142
    ("> # Foo\n> bar", "<quote><h1>Foo</h1><p>bar</p></quote>"),               // 228
    ("> > > foo", "<quote><quote><quote><p>foo</p></quote></quote></quote>"),  // 250-like
    ("-one\n\n2.two", "<p>-one</p><p>2.two</p>"),                              // 261
    ("- foo\n\n\n  bar", "<ul><li><p>foo</p><p>bar</p></ul>"),                 // 262
    ("123456789. ok", "<ol 123456789><li><p>ok</p></ol>"),                     // 265
    ("1234567890. not ok", "<p>1234567890. not ok</p>"),                       // 266
    ("- foo\n  - bar\n    - baz", "<ul><li><p>foo</p><ul><li><p>bar</p><ul><li><p>baz</p></ul></ul></ul>"), // 294
    ("- - foo", "<ul><li><ul><li><p>foo</p></ul></ul>"),                       // 298
    ("- foo\n+ bar", "<ul><li><p>foo</p></ul><ul><li><p>bar</p></ul>"),        // 301
    ("The number is\n14.  The number", "<p>The number is<br>14.  The number</p>"), // 304
    ("- a\n\n- b", "<ul><li><p>a</p><li><p>b</p></ul>"),                       // 306
];

#[test]
fn the_examples_of_the_specification_hold() {
    check(SPECIFICATION);
}

/// Examples of GitHub Flavored Markdown 0.29.
#[test]
fn the_examples_of_the_extensions_hold() {
    check(&[
        (
            "| foo | bar |\n| --- | --- |\n| baz | bim |",
            "<table --><tr><td>foo</td><td>bar</td><tr><td>baz</td><td>bim</td></table>",
        ),
        (
            "| abc | def |\n| :-: | --: |\nbar | baz",
            "<table ^>><tr><td>abc</td><td>def</td><tr><td>bar</td><td>baz</td></table>",
        ),
        (
            "| f\\|oo |\n| ------ |\n| b `\\|` az |",
            "<table -><tr><td>f|oo</td><tr><td>b <code>|</code> az</td></table>",
        ),
        ("| abc | def |\n| --- |\n| bar |", "<p>| abc | def |<br>| --- |<br>| bar |</p>"),
        (
            "| a | b |\n|---|:--|\n| c | d | e |\n\nf",
            "<table -<><tr><td>a</td><td>b</td><tr><td>c</td><td>d</td></table><p>f</p>",
        ),
        ("~~Hi~~ Hello, ~there~ world!", "<p><del>Hi</del> Hello, ~there~ world!</p>"),
        ("This will ~~~not~~~ strike.", "<p>This will ~~~not~~~ strike.</p>"),
        ("- [ ] foo\n- [x] bar", "<ul><li[ ]><p>foo</p><li[x]><p>bar</p></ul>"),
        ("see (https://a.example/b_(c)).", "<p>see (<a https://a.example/b_(c)>https://a.example/b_(c)</a>).</p>"),
        ("**https://a.example/**", "<p><strong><a https://a.example/>https://a.example/</a></strong></p>"),
        ("<https://a.example/?b=c>", "<p><a https://a.example/?b=c>https://a.example/?b=c</a></p>"),
    ]);
}

#[test]
fn chat_is_read_as_people_mean_it() {
    check(&[
        ("one\ntwo  \nthree", "<p>one<br>two<br>three</p>"),
        ("> quote\nanswer", "<quote><p>quote</p></quote><p>answer</p>"),
        ("这是**重点**。", "<p>这是<strong>重点</strong>。</p>"),
        ("**注意：**请看", "<p><strong>注意：</strong>请看</p>"),
        ("他说**“好”**了", "<p>他说<strong>“好”</strong>了</p>"),
        ("**「中文」**是", "<p><strong>「中文」</strong>是</p>"),
        ("好的~~好的~", "<p>好的~~好的~</p>"),
        ("# ", "<p>#</p>"),
        (">", "<p>></p>"),
        ("-", "<p>-</p>"),
        ("<b>bold</b> &amp; <script>", "<p><b>bold</b> &amp; <script></p>"),
        ("  indented\n      more", "<p>  indented<br>      more</p>"),
        (
            "Look:\n| a | b |\n|--|--|\n| c | d |",
            "<p>Look:</p><table --><tr><td>a</td><td>b</td><tr><td>c</td><td>d</td></table>",
        ),
        ("```rust\nunclosed *x*", "<pre rust>unclosed *x*</pre>"),
        ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
        ("![pic](https://a.example/p.png)", "<p>!<a https://a.example/p.png>pic</a></p>"),
        (
            "[see https://a.example now](https://evil.example)",
            "<p>[see <a https://a.example>https://a.example</a> now](<a https://evil.example>https://evil.example</a>)</p>",
        ),
    ]);
}

#[test]
fn a_mention_is_a_known_name_that_stands_alone() {
    check(&[
        ("hi @Maya Okafor!", "<p>hi <at>@Maya Okafor</at>!</p>"),
        ("@maya, look", "<p><at>@maya</at>, look</p>"),
        ("你好@林一凡请看", "<p>你好<at>@林一凡</at>请看</p>"),
        ("a@maya.example @Mayas @nobody", "<p>a@maya.example @Mayas @nobody</p>"),
        ("**@room** `@here`", "<p><strong><at>@room</at></strong> <code>@here</code></p>"),
    ]);
}

#[test]
fn an_action_is_told_apart() {
    assert_eq!(
        parse("/me waves", &[]),
        Document { action: true, blocks: vec![Block::Paragraph(vec![Text("waves".into())])] }
    );
    assert!(!parse("/me ", &[]).action && !parse("/men", &[]).action);
}

/// Ways in which people have tried to get script into links (OWASP's cheat sheet on the evasion of filters, and others).
const DISGUISES: [&str; 30] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\\\nscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&#106;avascript:alert(1)",
    "javascript\\:alert(1)",
    "<javascript:alert(1)>",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "blob:https://a.example/1",
    "file:///etc/passwd",
    "about:blank",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:javascript:1",
    "https:/\\evil.example",
    "https://",
    "https://\u{202e}evil.example",
    "https://a.example/\u{200b}",
    "view-source:https://a.example",
    "feed:javascript:alert(1)",
    "\u{feff}javascript:alert(1)",
    "ｊavascript:alert(1)",
];

#[test]
fn script_in_every_disguise_stays_text() {
    for disguise in DISGUISES {
        for text in
            [format!("[x]({disguise})"), format!("[x](<{disguise}>)"), format!("<{disguise}>"), disguise.to_owned()]
        {
            let shown = shown(&text);
            for href in shown.split("<a ").skip(1) {
                assert!(href.starts_with("https://a.example"), "{text:?} gives {shown}");
            }
        }
    }
    for good in ["HTTPS://a.example", "mailto:a@b.example", "http://[::1]/"] {
        assert_eq!(shown(&format!("[x]({good})")), format!("<p><a {good}>x</a></p>"));
    }
}

#[test]
fn what_is_nested_too_deep_is_text() {
    for sign in [">", "- ", "> - ", "*a ", "**a _b ", "[", "![", "`", "~~a", "(", "\\", "1. ", "<", "[a](", "|", "# "] {
        let deep = sign.repeat(10_000);
        for text in [
            deep.clone(),
            format!("{deep}x"),
            format!("{deep}{}", sign.chars().rev().collect::<String>().repeat(10_000)),
        ] {
            let document = parse(&text, &[]);
            assert_eq!(document.clone(), document);
            assert!(!document.blocks.is_empty());
        }
    }
}

/// What parsers have stumbled over when it is repeated.
const UNITS: &[&str] = &[
    ">",
    "> ",
    "- ",
    "* ",
    "1. ",
    "*a",
    "a*",
    "**a ",
    "a** ",
    "_a ",
    "*a_ ",
    "***a",
    "~~a",
    "a~~ ",
    "[",
    "]",
    "[a](",
    "](",
    "[a](<b",
    "[a](b \"",
    "[a](b '",
    "`",
    "``a",
    "`a``b```c",
    "|",
    "|-",
    "|a\n|-\n",
    "<",
    "<http://",
    "http://",
    "http://.",
    "https://a)",
    "https://a.b](",
    "@",
    "@maya ",
    "\\",
    "\\\n",
    "\n",
    "> a\n",
    "- a\n",
    " - a\n",
    "- a\n\n",
    "  \n",
    "```\n",
    "~~~a\n",
    "# a #",
    "#",
    "([](",
    "*_",
    "a**b__c",
    "a*b_c",
    "![a",
    "\t- a\n",
    "[x](https://a.example) ",
    "**[*a](https://b.example)",
    "1) a\n",
    "> - ",
    "/me ",
];

#[test]
fn the_work_is_linear_in_the_length() {
    let whole = UNITS.concat() + "x";

    for unit in UNITS.iter().copied().chain([whole.as_str()]) {
        let work = |length: usize| {
            let text = unit.repeat(length / unit.len());
            steps_of(|| drop(parse(&text, &names())))
        };
        let (less, more) = (work(20_000), work(80_000));
        assert!(more <= 80_000 * 60, "{unit:?} takes {more} steps");
        assert!(more <= less * 5, "{unit:?} takes {less} steps, and four times of it {more}");
    }
}

#[test]
fn plain_text_has_the_words_and_not_the_marks() {
    for (text, expected) in [
        ("**a** _b_ ~~c~~ `d` [e](https://f.example)", "a b c d e"),
        (
            "# t\n- one\n- [x] two\n\n> q\n\n```rust\nlet x;\n```\n| a | b |\n|-|-|\n| c | d |",
            "t\none\ntwo\nq\nlet x;\na  b\nc  d",
        ),
        ("see https://a.example", "see https://a.example"),
        ("<b>x</b>", "<b>x</b>"),
        ("***", ""),
    ] {
        assert_eq!(plain(text), expected, "{text:?}");
    }
    assert_eq!(plain::line("one **two**\nthree four", 12), "one two thre…");
    assert_eq!(plain::line("one two", 12), "one two");
}

#[test]
fn links_and_code_are_found_in_every_place() {
    for text in ["https://a.example", "> - **[a](http://b.example)**", "| a |\n|-|\n| https://a.example |"] {
        assert!(plain::has_link(text), "{text}");
    }
    for text in ["`a`", "```\na\n```", "> - *`a`*", "~~~\na"] {
        assert!(plain::has_code(text), "{text}");
    }
    for text in ["a", "`https://a.example`", "[a](javascript:b)"] {
        assert!(!plain::has_link(text), "{text}");
    }
    assert!(!plain::has_code("a ` b") && !plain::has_code("~~a~~"));
}
