//! Code of many languages, and what is coloured in it.

use super::*;

/// The code with the classes around what they colour.
fn shown(lang: &str, code: &str) -> String {
    let pieces = highlight(lang, code);
    assert_eq!(pieces.iter().map(|(_, text)| *text).collect::<String>(), code);
    let piece = |(class, text): &(Option<Class>, &str)| match class {
        Some(class) => format!("{}‹{text}›", class.name()),
        None => (*text).to_owned(),
    };
    pieces.iter().map(piece).collect()
}

#[test]
fn code_of_many_languages_is_coloured() {
    for (lang, code, expected) in [
        ("rust", r#"let c = '"'; f::<'a>(0..10) // x"#, r#"k‹let› c = s‹'"'›; f::<'a>(n‹0›..n‹10›) c‹// x›"#),
        ("rs", r#"println!("{}\"", 1.5e3)"#, r#"f‹println›!(s‹"{}\""›, n‹1.5e3›)"#),
        ("TypeScript", "const a = `x\ny` /* z", "k‹const› a = s‹`x\ny`› c‹/* z›"),
        ("py", "def f(x): # y\n\"\"\"a\n\"b\"\"\"", "k‹def› f‹f›(x): c‹# y›\ns‹\"\"\"a\n\"b\"\"\"›"),
        ("sql", "SELECT count(*) FROM t -- all", "k‹SELECT› f‹count›(*) k‹FROM› t c‹-- all›"),
        ("json", r#"{"a": "b", "c": 1, "d": null}"#, r#"{k‹"a"›: s‹"b"›, k‹"c"›: n‹1›, k‹"d"›: k‹null›}"#),
        ("yaml", "max-age: 10 # s", "k‹max-age›: n‹10› c‹# s›"),
        ("html", r#"<a href="x">it's</a><!-- c -->"#, r#"<k‹a› f‹href›=s‹"x"›>it's</k‹a›>c‹<!-- c -->›"#),
        ("diff", "@@ -1 @@\n+a\n-b\n c", "f‹@@ -1 @@\n›s‹+a\n›n‹-b\n› c"),
        ("bash", r#"echo "$x" a#b # c"#, r#"k‹echo› s‹"$x"› a#b c‹# c›"#),
        ("whatever", "let x = 1;", "let x = 1;"),
    ] {
        assert_eq!(shown(lang, code), expected, "{lang}");
    }
}

#[test]
fn nothing_is_lost_of_any_text() {
    let odd = "é'\\'字\"\n`'''\"\"\"/*<!--#--//1.2.3_@+-\u{1F600}$x";
    for lang in ["rust", "js", "go", "java", "c", "cs", "py", "sh", "sql", "json", "toml", "css", "html", "diff", ""] {
        for from in odd.char_indices().map(|(at, _)| at) {
            shown(lang, odd.get(from..).unwrap());
        }
    }
}
