//! Which entries are shown: by kind, by a text or by a regular expression.
//!
//! The browser's own regular expressions look for both; a text is an expression that means itself. Outside a browser, where
//! the pure parts are tested, a text is looked for as it is.

use super::super::relay;
use super::super::socket::{Event, Payload};
use super::{Kind, What, payload};
use crate::i18n::Lang;
use crate::lean::text::hex;

/// Bytes that one frame looks through, and entries: both together take less than 8 ms on a slow machine.
pub(super) const SLICE: u64 = 1 << 20;

/// What an entry counts for in a slice besides its bytes.
pub(super) const ENTRY: u64 = 250;

/// Which entries are shown.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// A bit for each [`Kind`] that is shown; 0 for all.
    pub kinds: u8,
    /// What is looked for.
    pub text: String,
    /// Whether that is a regular expression.
    pub regex: bool,
    /// What the browser says about an expression that is none.
    pub refused: Option<String>,
    test: Option<Test>,
}

#[cfg(target_arch = "wasm32")]
type Test = js_sys::RegExp;
#[cfg(not(target_arch = "wasm32"))]
type Test = String;

impl Filter {
    /// Whether anything is left out.
    pub(super) const fn is_on(&self) -> bool {
        self.kinds != 0 || self.test.is_some()
    }

    /// Makes an expression of what is written.
    pub(super) fn compile(&mut self) {
        self.test = None;
        self.refused = None;
        if self.text.is_empty() {
            return;
        }
        let expression = if self.regex { self.text.clone() } else { meaning_itself(&self.text) };
        match expression_of(&expression) {
            Ok(test) => self.test = Some(test),
            Err(refused) => self.refused = Some(refused),
        }
    }

    /// Whether an entry is shown; `head` are the first bytes where it carries bytes and they are known.
    pub(super) fn admits(&self, what: &What, head: &[u8]) -> bool {
        if self.kinds != 0 && self.kinds & super::kind(what).bit() == 0 {
            return false;
        }
        let Some(test) = &self.test else { return true };
        match what {
            What::Sent(Payload::Text(text)) | What::Heard(Event::Message(Payload::Text(text))) => tests(test, text),
            What::Sent(payload) | What::Heard(Event::Message(payload)) => {
                tests(test, &payload::label(payload))
                    || tests(test, &payload::spaced(head))
                    || tests(test, &hex(head))
                    || tests(test, &payload::ascii(head))
            }
            What::Begun { url, .. } => tests(test, url),
            What::Heard(Event::Open { protocol, .. }) => tests(test, protocol),
            What::Heard(Event::Close { code, reason, .. }) => tests(test, &(code.to_string() + " " + reason)),
            What::Heard(Event::Refused(name, message)) => tests(test, name) || tests(test, message),
            What::Heard(Event::Error) => tests(test, Kind::Error.name()),
            What::Heard(Event::Relay(seen)) => tests(test, &relay::describe(seen, Lang::En)),
            What::Noted(text) => tests(test, text),
        }
    }
}

/// The expression that is a text itself.
fn meaning_itself(text: &str) -> String {
    let mut expression = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\^$.|?*+()[]{}/".contains(letter) {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

#[cfg(target_arch = "wasm32")]
fn expression_of(expression: &str) -> Result<Test, String> {
    use crate::lean::json;
    use wasm_bindgen::JsCast;

    let class: js_sys::Function = json::member(&js_sys::global(), "RegExp").unchecked_into();
    js_sys::Reflect::construct(&class, &js_sys::Array::of2(&expression.into(), &"i".into()))
        .map(JsCast::unchecked_into)
        .map_err(|error| json::text(&error, "message"))
}

#[cfg(target_arch = "wasm32")]
fn tests(test: &Test, text: &str) -> bool {
    test.test(text)
}

#[cfg(not(target_arch = "wasm32"))]
fn expression_of(expression: &str) -> Result<Test, String> {
    if expression.ends_with('(') && !expression.ends_with("\\(") {
        return Err("Unterminated group".to_owned());
    }
    Ok(expression.replace('\\', "").to_lowercase())
}

#[cfg(not(target_arch = "wasm32"))]
fn tests(test: &Test, text: &str) -> bool {
    text.to_lowercase().contains(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, regex: bool, kinds: u8) -> Filter {
        let mut filter = Filter { kinds, text: text.into(), regex, ..Filter::default() };
        filter.compile();
        filter
    }

    fn says(text: &str) -> What {
        What::Heard(Event::Message(Payload::Text(text.into())))
    }

    #[test]
    fn texts_are_found_whatever_their_case() {
        assert!(of("ECHO", false, 0).admits(&says("{\"op\":\"echo\"}"), &[]));
        assert!(!of("echo!", false, 0).admits(&says("echo"), &[]));
        assert!(of("a.b(", false, 0).admits(&says("xa.B("), &[]), "no expression, but itself");
    }

    #[test]
    fn bytes_are_found_as_hex_and_as_ascii() {
        let bytes = b"\x89PNG";
        let what = What::Sent(Payload::bytes(bytes));
        for text in ["89 50", "8950", "png", "arraybuffer(4)"] {
            assert!(of(text, false, 0).admits(&what, bytes), "{text}");
        }
        assert!(!of("8951", false, 0).admits(&what, bytes));
    }

    #[test]
    fn addresses_and_reasons_are_looked_through() {
        let begun = What::Begun { url: "ws://a.example/live".into(), protocols: Vec::new() };
        assert!(of("live", false, 0).admits(&begun, &[]));
        let close = What::Heard(Event::Close { code: 1013, reason: "try later".into(), was_clean: true });
        assert!(of("1013 try", false, 0).admits(&close, &[]));
    }

    #[test]
    fn only_the_chosen_kinds_are_shown() {
        let filter = of("", false, Kind::Sent.bit() | Kind::Close.bit());
        assert!(filter.is_on());
        assert!(filter.admits(&What::Sent(Payload::Text("a".into())), &[]));
        assert!(!filter.admits(&says("a"), &[]));
    }

    #[test]
    fn a_wrong_expression_is_told_and_leaves_nothing_out() {
        let filter = of("(", true, 0);
        assert!(filter.refused.is_some() && !filter.is_on());
        assert!(filter.admits(&says("anything"), &[]));
        assert!(of("(", false, 0).refused.is_none(), "a text is no expression");
    }
}
