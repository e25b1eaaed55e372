//! Where a text stops being JSON (RFC 8259), and JSON over several lines.
//!
//! What is sent is the text as it stands: nothing here reads numbers or names, so that none of them can change.

/// What may come next.
#[derive(Clone, Copy)]
enum Want {
    Value,
    /// A value, or the end of an array.
    First,
    Key,
    /// A name, or the end of an object.
    FirstKey,
    Colon,
    /// A comma or an end.
    After,
}

/// How many bytes of the text could begin JSON, where it is none.
#[must_use]
pub fn fault(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // The brackets that close what is open.
    let mut open = Vec::new();
    let (mut at, mut want) = (0, Want::Value);
    loop {
        at = skip(bytes, at, is_blank);
        let next = bytes.get(at).copied();
        want = match (want, next) {
            (Want::After, None) if open.is_empty() => return None,
            (Want::Value | Want::First, Some(b'{')) => {
                open.push(b'}');
                Want::FirstKey
            }
            (Want::Value | Want::First, Some(b'[')) => {
                open.push(b']');
                Want::First
            }
            (Want::First | Want::FirstKey | Want::After, Some(b'}' | b']')) if open.last().copied() == next => {
                open.pop();
                Want::After
            }
            (Want::After, Some(b',')) if !open.is_empty() => {
                if open.last() == Some(&b'}') {
                    Want::Key
                } else {
                    Want::Value
                }
            }
            (Want::Colon, Some(b':')) => Want::Value,
            (Want::Key | Want::FirstKey, Some(b'"')) | (Want::Value | Want::First, Some(_)) => {
                match scalar(bytes, at) {
                    Ok(end) => at = end - 1,
                    Err(place) => return Some(place),
                }
                if matches!(want, Want::Key | Want::FirstKey) { Want::Colon } else { Want::After }
            }
            (_, _) => return Some(at),
        };
        at += 1;
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

const fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn skip(bytes: &[u8], mut at: usize, what: fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|byte| what(*byte)) {
        at += 1;
    }
    at
}

/// Where a string, a number or a word ends; else where it is none.
fn scalar(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first() {
        Some(b'"') => string(bytes, at + 1),
        Some(b'-' | b'0'..=b'9') => number(bytes, at),
        _ => [&b"true"[..], b"false", b"null"]
            .into_iter()
            .find(|word| rest.starts_with(word))
            .map_or(Err(at), |word| Ok(at + word.len())),
    }
}

fn string(bytes: &[u8], mut at: usize) -> Result<usize, usize> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => {
                at += 1;
                match bytes.get(at) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                    Some(b'u') => {
                        let end = skip(bytes, at + 1, is_hex);
                        if end < at + 5 {
                            return Err(end);
                        }
                        at += 4;
                    }
                    _ => return Err(at),
                }
            }
            None | Some(0..=0x1f) => return Err(at),
            Some(_) => {}
        }
        at += 1;
    }
}

fn number(bytes: &[u8], mut at: usize) -> Result<usize, usize> {
    let digits = |at: usize| match skip(bytes, at, is_digit) {
        end if end > at => Ok(end),
        end => Err(end),
    };
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = if bytes.get(at) == Some(&b'0') { at + 1 } else { digits(at)? };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits(at)?;
    }
    Ok(at)
}

/// The line and the column, both from 1 and in characters, behind so many bytes.
#[must_use]
pub fn place(text: &str, bytes: usize) -> (usize, usize) {
    let (mut line, mut column) = (1, 1);
    for (_, letter) in text.char_indices().take_while(|(at, _)| *at < bytes) {
        (line, column) = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    (line, column)
}

/// The same JSON with a line for each value.
#[must_use]
pub fn pretty(text: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped, mut opened) = (0_usize, false, false, false);
    for letter in text.chars() {
        if quoted {
            quoted = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            out.push(letter);
            continue;
        }
        match letter {
            ' ' | '\n' | '\r' | '\t' => continue,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !opened {
                    line(&mut out, depth);
                }
            }
            _ if opened => line(&mut out, depth),
            _ => {}
        }
        opened = matches!(letter, '{' | '[');
        quoted = letter == '"';
        out.push(letter);
        match letter {
            '{' | '[' => depth += 1,
            ',' => line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    (0..depth).for_each(|_| out.push_str("  "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_no_fault() {
        for text in [
            "{}",
            " [ ] ",
            r#"{"op":"echo","n":[1,-0.5e+3,{"a":null}],"b":true,"c":false}"#,
            r#""\u00e9\n\"/\/""#,
            "0",
            "\n-12.5E7\t",
            r#"{"":{"":[[[]]]}}"#,
            "\"中\"",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_fault_has_a_place() {
        for (text, at) in [
            ("", 0),
            ("  ", 2),
            ("{", 1),
            (r#"{"a":}"#, 5),
            (r#"{"a" 1}"#, 5),
            (r#"{"a":1,}"#, 7),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("[1}", 2),
            ("{a:1}", 1),
            ("{'a':1}", 1),
            ("01", 1),
            ("1.", 2),
            ("-", 1),
            ("1e+", 3),
            ("truth", 0),
            ("\"a", 2),
            ("\"a\nb\"", 2),
            (r#""\x""#, 2),
            (r#""\u12g4""#, 5),
            ("{} {}", 3),
            ("]", 0),
        ] {
            assert_eq!(fault(text), Some(at), "{text}");
        }
    }

    #[test]
    fn the_judgement_is_that_of_a_parser() {
        for text in ["[[1],{\"a\":[]}]", "[,]", "{\"a\":1 \"b\":2}", "nul", "[1]]", "1 ", "\u{feff}1", "\"\\ud800\""] {
            let known = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            assert_eq!(fault(text).is_none(), known, "{text}");
        }
    }

    #[test]
    fn a_place_is_told_as_editors_do() {
        assert_eq!(place("{\n  \"é\": x", 10), (2, 8));
        assert_eq!(place("", 0), (1, 1));
    }

    #[test]
    fn formatting_changes_blanks_alone() {
        let text = r#"{"a": [1, 2.50, {}], "b,:{": "\"x\\", "big": 12345678901234567890, "e": [] }"#;
        let expected = "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b,:{\": \"\\\"x\\\\\",\n  \"big\": 12345678901234567890,\n  \"e\": []\n}";
        assert_eq!(pretty(text), expected);
        assert_eq!(pretty(expected), expected);
        assert_eq!(fault(expected), None);
    }
}
