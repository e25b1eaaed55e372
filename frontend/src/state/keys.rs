//! The keyboard: which keys mean what outside of forms.
//!
//! Deliberately absent: keys of a form, which belong to the form, and combinations that input methods own.

use super::{Action, Over, Overlay, Touch};

/// A key that was pressed, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Press<'a> {
    /// `KeyboardEvent.key`
    pub key: &'a str,
    pub alt: bool,
    /// Control, meta, or shift with it, unless the key is written with shift.
    pub other: bool,
    /// Whether the keyboard writes into a field at this moment, or an input method composes.
    pub in_text: bool,
    /// Whether a dialog is open, which has the keyboard for itself.
    pub in_dialog: bool,
}

/// What a key means.
pub(crate) fn meaning(press: Press<'_>) -> Option<Action> {
    if press.in_dialog || press.other {
        return None;
    }
    match (press.key, press.alt) {
        ("ArrowUp", true) => Some(Action::Step(-1)),
        ("ArrowDown", true) => Some(Action::Step(1)),
        ("Escape", false) => Some(Action::Dismiss),
        ("?", false) if !press.in_text => Some(Action::Touch(Touch::Open(Over::Keys))),
        ("w" | "W", false) if !press.in_text => Some(Action::Toggle(Overlay::Wire)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: Press<'_> = Press { key: "w", alt: false, other: false, in_text: false, in_dialog: false };

    #[test]
    fn w_toggles_the_wire_outside_text_only() {
        assert_eq!(meaning(BARE), Some(Action::Toggle(Overlay::Wire)));
        assert_eq!(meaning(Press { in_text: true, ..BARE }), None);
        assert_eq!(meaning(Press { other: true, ..BARE }), None);
        assert_eq!(meaning(Press { in_dialog: true, ..BARE }), None);
    }

    #[test]
    fn alt_and_an_arrow_change_the_room_even_in_text() {
        let press = Press { key: "ArrowUp", alt: true, in_text: true, ..BARE };
        assert_eq!(meaning(press), Some(Action::Step(-1)));
        assert_eq!(meaning(Press { alt: false, ..press }), None);
    }
}
