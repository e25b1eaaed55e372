//! What a payload looks like: one line of it, its JSON in colours, its bytes.

use std::borrow::Cow;

use super::super::socket::Payload;
use crate::lean::dom::{Node, with_class};

/// Bytes of a line of a dump.
const LINE: usize = 16;

/// Letters of a text that a row has room for.
const ROW: usize = 240;

/// What the API calls it: `ArrayBuffer(32)`, `Blob(32)`, `File photo.jpg`; nothing for a text.
pub(super) fn label(payload: &Payload) -> String {
    match payload {
        Payload::Text(_) => String::new(),
        Payload::Buffer { len, .. } => call("ArrayBuffer", *len),
        Payload::Blob { len, name, .. } if name.is_empty() => call("Blob", *len),
        Payload::Blob { name, .. } => "File ".to_owned() + name,
    }
}

fn call(name: &str, len: u64) -> String {
    name.to_owned() + "(" + &len.to_string() + ")"
}

/// At most so many letters of a text, in one line.
pub(super) fn line(text: &str) -> String {
    let cut = text.char_indices().nth(ROW).map_or(text.len(), |(at, _)| at);
    let mut line = String::with_capacity(cut + 3);
    for letter in text.chars().take(ROW) {
        line.push(match letter {
            '\n' => '⏎',
            '\0'..=' ' | '\u{7f}' => ' ',
            letter => letter,
        });
    }
    if cut < text.len() {
        line.push('…');
    }
    line
}

/// The letters of printable ASCII, and dots.
pub(super) fn ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if (b' '..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect()
}

/// Two digits for each byte, with gaps.
pub(super) fn spaced(bytes: &[u8]) -> String {
    let digits = crate::lean::text::hex(bytes);
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 2 == 0 {
            text.push(' ');
            if at % LINE == 0 {
                text.push(' ');
            }
        }
        text.push(digit);
    }
    text
}

/// A dump: where each line begins, its bytes, and what they are in ASCII.
pub(super) fn dump<M>(bytes: &[u8]) -> Vec<Node<M>> {
    let mut nodes = Vec::new();
    for (at, part) in bytes.chunks(LINE).enumerate() {
        let mut digits = spaced(part);
        // Sixteen bytes have 32 digits, 15 gaps and a wider one in the middle.
        while digits.len() < 48 {
            digits.push(' ');
        }
        #[expect(clippy::cast_possible_truncation, reason = "a head is short")]
        let place = (at * LINE) as u16;
        let place = crate::lean::text::hex(&place.to_be_bytes());
        let end = if (at + 1) * LINE < bytes.len() { "\n" } else { "" };
        nodes.push(with_class("b", "").text(place).into());
        nodes.push(("  ".to_owned() + &digits + "  ").into());
        nodes.push(with_class("b", "").text(ascii(part)).into());
        nodes.push(end.into());
    }
    nodes
}

/// How many lines a dump of so many bytes has.
pub(super) const fn dump_lines(bytes: usize) -> usize {
    bytes.div_ceil(LINE)
}

/// Whether a text might be JSON with something in it.
pub(super) fn is_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// JSON, or the beginning of it, in colours. What is no JSON stays as it is.
pub(super) fn colours<M>(text: &str) -> Vec<Node<M>> {
    let mut nodes = Vec::new();
    let (bytes, mut plain, mut at) = (text.as_bytes(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        let (end, class) = match byte {
            b'"' => {
                let end = after_string(bytes, at);
                let next = bytes.iter().skip(end).find(|byte| !byte.is_ascii_whitespace());
                (end, if next == Some(&b':') { "k" } else { "s" })
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' => {
                let more = bytes.iter().skip(at).take_while(|byte| {
                    matches!(byte, b'-' | b'+' | b'.' | b'E') || byte.is_ascii_digit() || byte.is_ascii_lowercase()
                });
                (at + more.count(), "n")
            }
            _ => {
                at += 1;
                continue;
            }
        };
        piece(&mut nodes, text.get(plain..at));
        if let Some(part) = text.get(at..end) {
            nodes.push(with_class("span", class).text(Cow::Owned(part.to_owned())).into());
        }
        (plain, at) = (end, end);
    }
    piece(&mut nodes, text.get(plain..));
    nodes
}

fn piece<M>(nodes: &mut Vec<Node<M>>, part: Option<&str>) {
    if let Some(part) = part.filter(|part| !part.is_empty()) {
        nodes.push(part.to_owned().into());
    }
}

/// Where a string that begins there is over: behind its mark, or at the end of it all.
fn after_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(nodes: &[Node<()>]) -> String {
        let text: String = format!("{nodes:?}");
        text
    }

    #[test]
    fn a_row_has_one_line_of_a_text() {
        assert_eq!(line("a\nb\tc"), "a⏎b c");
        let long = line(&"茶".repeat(300));
        assert_eq!((long.chars().count(), long.ends_with('…')), (241, true));
    }

    #[test]
    fn bytes_are_written_in_two_halves() {
        assert_eq!(spaced(b"\x89PNG\r\n\x1a\n\0"), "89 50 4e 47 0d 0a 1a 0a  00");
        assert_eq!(ascii(b"\x89PNG\r\n"), ".PNG..");
        let nodes: Vec<Node<()>> = dump(&[0x41; 17]);
        assert_eq!(nodes.len(), 8);
        let text = shown(&nodes);
        assert!(
            text.contains("0010") && text.contains("  41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41  "),
            "{text}"
        );
    }

    #[test]
    fn keys_strings_and_numbers_have_colours() {
        let text = shown(&colours("{\"o\\\"p\":\"é\",\"n\":-1.5e3,\"t\":true}"));
        let marks: Vec<_> = ["\"k\"", "\"s\"", "\"n\""].iter().map(|mark| text.matches(mark).count()).collect();
        assert_eq!(marks, [3, 1, 2], "{text}");
        assert!(text.contains("-1.5e3"));
    }

    #[test]
    fn half_of_a_string_is_a_string() {
        let text = shown(&colours("{\"op\":\"ech"));
        assert!(text.contains("\\\"ech"), "{text}");
        assert!(shown(&colours("\"\\")).contains("\\\"\\\\"), "what ends in an escape does not run over");
    }

    #[test]
    fn blobs_buffers_and_files_are_told_apart() {
        assert_eq!(label(&Payload::bytes(&[0; 32])), "ArrayBuffer(32)");
        let blob = |name: &str| Payload::Blob { len: 7, name: name.into(), data: wasm_bindgen::JsValue::UNDEFINED };
        assert_eq!([label(&blob("")), label(&blob("photo.jpg"))], ["Blob(7)", "File photo.jpg"]);
    }
}
