//! Text and binary: characters, UTF-16 units and bytes, and the same bytes sent in three shapes.

mod words;

use super::Node;
use super::parts::{Leads, bar, button, choice, log, mono, primary, table};
use super::state::{Lessons, Msg, Shape};
use crate::lean::dom::{el, with_class};
use crate::lean::text;
use crate::workbench::socket::BinaryType;
pub(super) use words::words;

/// What the lesson knows.
#[derive(Debug)]
pub(super) struct Binary {
    /// What is sent.
    pub text: String,
    /// How messages of bytes shall arrive.
    pub binary_type: BinaryType,
}

impl Default for Binary {
    fn default() -> Self {
        Self { text: "aé中😀".to_owned(), binary_type: BinaryType::default() }
    }
}

/// So many characters are taken apart.
const SHOWN: usize = 12;

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let (words, wire) = (words(lessons.lang()), lessons.wire(0));
    let Binary { text, binary_type } = &lessons.desks.binary;
    let input = with_class("input", "input grow")
        .attr("aria-label", words.text)
        .attr("maxlength", "200")
        .attr("value", text.clone())
        .on_input(Msg::Binary);
    let mut rows: Vec<Vec<Node>> = text.chars().take(SHOWN).map(taken_apart).collect();
    let units = text.encode_utf16().count().to_string();
    rows.push(vec![
        with_class("b", "strong").text(words.all).into(),
        mono(text.chars().count().to_string()),
        mono("length = ".to_owned() + &units),
        mono(text.len().to_string() + " B"),
    ]);
    let open = match wire.ready {
        Some(0 | 1) => button("close()", Msg::Close(0, Some(1000), String::new())),
        _ => primary(words.open, Msg::Open(0, "/labs/echo".to_owned(), Vec::new())),
    };
    let send = |label, shape| {
        let msg = Msg::Send(0, shape, text.clone());
        Node::from(button(label, msg).class("btn mono").flag("disabled", !wire.is_open()))
    };
    let types = [BinaryType::Blob, BinaryType::ArrayBuffer]
        .map(|kind| choice(kind.name(), *binary_type == kind, Msg::BinaryType(0, kind)));
    let kinds = with_class("span", "row")
        .child(el("span").text("binaryType"))
        .child(with_class("span", "seg").attr("role", "group").attr("aria-label", "binaryType").children(types));
    let bad = button("/labs/bad-utf8", Msg::Open(1, "/labs/bad-utf8".to_owned(), Vec::new()));
    let shared = super::words::words(lessons.lang());
    with_class("div", "live__body")
        .child(with_class("div", "live__bar").child(input))
        .child(table(&words.heads, rows))
        .child(bar([
            open.into(),
            send("send(text)", Shape::Text),
            send("send(blob)", Shape::Blob),
            send("send(buffer)", Shape::Buffer),
            kinds.into(),
            Leads::console(shared, "/labs/echo", "", "é中😀").into(),
        ]))
        .child(log(lessons, 0))
        .child(with_class("div", "live__bar").child(el("span").text(words.bad)).child(bad))
        .child(log(lessons, 1))
        .into()
}

/// A character, its code point, its UTF-16 units and its bytes.
fn taken_apart(letter: char) -> Vec<Node> {
    let mut units = String::new();
    for unit in letter.encode_utf16(&mut [0; 2]) {
        if !units.is_empty() {
            units.push(' ');
        }
        units += &text::hex(&unit.to_be_bytes());
    }
    let point = text::hex(&u32::from(letter).to_be_bytes());
    // At least four digits, as Unicode writes them.
    let zeros = point.bytes().take(4).take_while(|digit| *digit == b'0').count();
    let point = "U+".to_owned() + &point.get(zeros..).unwrap_or_default().to_ascii_uppercase();
    let bytes = text::hex(letter.encode_utf8(&mut [0; 4]).as_bytes());
    vec![letter.to_string().into(), mono(point), mono(units), mono(spaced(&bytes))]
}

/// Hexadecimal with a space behind each byte.
pub(super) fn spaced(hex: &str) -> String {
    let mut text = String::new();
    for (at, digit) in hex.chars().enumerate() {
        if at > 0 && at % 2 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_apart() {
        assert_eq!([spaced(""), spaced("f0"), spaced("f09f9880")], ["", "f0", "f0 9f 98 80"]);
    }
}
