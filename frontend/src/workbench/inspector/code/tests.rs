//! Programs are written as their languages want them.

use super::*;

fn recipe<'a>(protocols: &'a [String], say: Say<'a>, close: Option<(u16, &'a str)>) -> Recipe<'a> {
    Recipe { url: "ws://localhost:8080/it's?a=1&b=2", protocols, binary_type: "arraybuffer", say, close }
}

#[test]
fn javascript_is_what_the_console_did() {
    let protocols = ["echo.v1".to_owned(), "json".to_owned()];
    let code = recipe(&protocols, Say::Text("{\"op\":\"echo\"}"), Some((3001, "bye"))).write(Tongue::JavaScript);
    assert_eq!(
        code,
        r#"const ws = new WebSocket(
  "ws://localhost:8080/it's?a=1&b=2",
  ["echo.v1", "json"]);
ws.binaryType = "arraybuffer";
ws.onopen = () => ws.send("{\"op\":\"echo\"}");
ws.onmessage = (e) => console.log(e.data);
ws.onclose = (e) =>
  console.log(e.code, e.reason, e.wasClean);
setTimeout(() => ws.close(3001, "bye"), 1000);
"#
    );
    let code = recipe(&[], Say::Bytes(&[0, 255]), None).write(Tongue::JavaScript);
    assert!(code.contains("ws.send(new Uint8Array([0x00, 0xff]));") && !code.contains("[]"), "{code}");
}

#[test]
fn the_shell_takes_quotes_lines_and_bytes_as_they_are() {
    let protocols = ["a".to_owned(), "b".to_owned()];
    let written = |say, close| recipe(&protocols, say, close).write(Tongue::Websocat);
    assert_eq!(
        written(Say::Text("it's $HOME"), None),
        "printf '%s\\n' 'it'\\''s $HOME' |\n  websocat -n --protocol 'a, b' 'ws://localhost:8080/it'\\''s?a=1&b=2'\n"
    );
    assert!(written(Say::Text("two\nlines"), None).starts_with("printf '%s\\0' 'two\nlines' |\n  websocat -0 -n "));
    assert!(written(Say::Bytes(b"\0\x89'%"), None).starts_with("printf '\\000\\211\\047\\045' |\n  websocat -b "));
    let closing = written(Say::Text("x"), Some((4001, "don't")));
    assert!(
        closing.starts_with("{ printf '%s\\n' 'x'; sleep 1; } |\n  websocat --close-status-code 4001"),
        "{closing}"
    );
    assert!(closing.contains(" --close-reason 'don'\\''t' "), "{closing}");
    assert_eq!(
        recipe(&protocols, Say::Text("hi"), None).write(Tongue::Wscat),
        "wscat -c 'ws://localhost:8080/it'\\''s?a=1&b=2' -s 'a' -s 'b' \\\n  -x 'hi' -w -1\n"
    );
}

#[test]
fn python_and_rust_are_whole_programs() {
    let protocols = ["json".to_owned()];
    let python = recipe(&protocols, Say::Bytes(&[1, 2]), Some((1000, ""))).write(Tongue::Python);
    assert!(python.contains("subprotocols=[\"json\"],\n    ) as ws:\n"), "{python}");
    assert!(python.contains("ws.send(bytes.fromhex(\"0102\"))") && python.contains("ws.close(1000)"), "{python}");
    let rust = recipe(&protocols, Say::Text("a\u{7}b"), Some((4001, "x"))).write(Tongue::Rust);
    assert!(rust.contains("WebSocket::open_with_protocols(\n") && rust.contains("&[\"json\"],\n    )?;"), "{rust}");
    assert!(rust.contains(r#"Message::Text("a\u{0007}b".into())"#), "{rust}");
    assert!(rust.contains(r#"ws.close(Some(4001), Some("x"))?;"#), "{rust}");
}

#[test]
fn what_cannot_be_seen_is_escaped_and_everything_else_stays() {
    assert_eq!(quoted("茶 \"é\" \\ 🚇\t\r\n", Escape::Four), r#""茶 \"é\" \\ 🚇\t\r\n""#);
    assert_eq!(quoted("\0\u{1f}\u{2028}\u{202e}\u{feff}", Escape::Four), r#""\u0000\u001f\u2028\u202e\ufeff""#);
    assert_eq!(quoted("\u{85}", Escape::Rust), r#""\u{0085}""#);
}

#[test]
fn colours_lose_nothing() {
    for (tongue, _) in TONGUES {
        for say in [Say::Text("a \"b\" 'c' \\ 茶"), Say::Bytes(&[1]), Say::Nothing] {
            let code = recipe(&["p".to_owned()], say, Some((1000, "it's"))).write(tongue);
            let whole: String = coloured(&code).iter().map(|(_, piece)| *piece).collect();
            assert_eq!(whole, code);
        }
    }
    let code = "ws.send(\"a\\\"b\"); const x";
    let all = coloured(code);
    assert!(all.contains(&("s", "\"a\\\"b\"")) && all.contains(&("f", "send")) && all.contains(&("k", "const")));
}
