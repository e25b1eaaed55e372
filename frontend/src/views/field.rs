//! The field that somebody writes in: what stands where the cursor is, and changing it there.
//!
//! The browser counts in UTF-16, we in bytes of UTF-8. Neighbours: `composer` draws the field.

use web_sys::HtmlTextAreaElement;
use yew::{Callback, NodeRef};

use crate::state::Token;
use crate::state::offers;

/// The field, and who hears of its text.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub node: NodeRef,
    pub write: Callback<String>,
}

impl Field {
    /// Somebody has written.
    pub(super) fn written(&self) {
        if let Some(area) = self.area() {
            self.write.emit(area.value());
        }
    }

    /// What is being written that something can be offered for.
    pub(super) fn token(&self) -> Option<Token> {
        let area = self.area()?;
        let (from, to) = selection(&area)?;
        let text = area.value();
        (from == to).then(|| offers::token(&text, bytes(&text, to)).map(|(token, _)| token))?
    }

    /// Puts a text in the place of what is being written, and a space behind it.
    pub(super) fn take(&self, offer: &str) {
        let Some(area) = self.area() else { return };
        let text = area.value();
        let Some(caret) = selection(&area).map(|(_, to)| bytes(&text, to)) else { return };
        let Some((_, from)) = offers::token(&text, caret) else { return };
        let (before, after) = (text.get(..from).unwrap_or_default(), text.get(caret..).unwrap_or_default());
        let before = [before, offer, " "].concat();
        self.put(&area, &before, "", after.strip_prefix(' ').unwrap_or(after));
    }

    /// Puts a mark around what is selected, or takes it away where it is there.
    pub(super) fn wrap(&self, mark: &str) {
        let Some(area) = self.area() else { return };
        let text = area.value();
        let Some((from, to)) = selection(&area).map(|(from, to)| (bytes(&text, from), bytes(&text, to))) else {
            return;
        };
        let (Some(before), Some(inner), Some(after)) = (text.get(..from), text.get(from..to), text.get(to..)) else {
            return;
        };
        match (before.strip_suffix(mark), after.strip_prefix(mark)) {
            (Some(before), Some(after)) => self.put(&area, before, inner, after),
            _ => self.put(&area, &[before, mark].concat(), inner, &[mark, after].concat()),
        }
    }

    /// Gives the field another text, of which the middle is selected.
    fn put(&self, area: &HtmlTextAreaElement, before: &str, inner: &str, after: &str) {
        let text = [before, inner, after].concat();
        area.set_value(&text);
        let from = utf16(before);
        drop(area.focus());
        drop(area.set_selection_range(from, from + utf16(inner)));
        self.write.emit(text);
    }

    fn area(&self) -> Option<HtmlTextAreaElement> {
        self.node.cast()
    }
}

fn selection(area: &HtmlTextAreaElement) -> Option<(u32, u32)> {
    Some((area.selection_start().ok()??, area.selection_end().ok()??))
}

fn utf16(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The place in bytes of one in UTF-16.
fn bytes(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left < c.len_utf16() {
            return at;
        }
        left -= c.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_browsers_do() {
        let text = "aé字😀b";
        for (units, expected) in [(0, 0), (1, 1), (2, 3), (3, 6), (4, 6), (5, 10), (6, 11), (9, 11)] {
            assert_eq!(bytes(text, units), expected, "{units}");
        }
        assert_eq!(utf16(text), 6);
    }
}
