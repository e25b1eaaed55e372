//! The keyboard: which keys mean what outside of forms.
//!
//! Deliberately absent: keys of a form, which belong to the form, and combinations that input methods own.

use super::{Action, Look, Overlay};
use crate::annex::port::Open;

/// A key that was pressed, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Press<'a> {
    /// `KeyboardEvent.key`
    pub key: &'a str,
    pub alt: bool,
    /// Shift with it, unless the key is written with shift.
    pub shift: bool,
    /// Control or meta with it.
    pub other: bool,
    /// Whether single letters are commands.
    pub single: bool,
    /// Whether the keyboard writes into a field at this moment, or an input method composes.
    pub in_text: bool,
    /// Whether a dialog is open, which has the keyboard for itself.
    pub in_dialog: bool,
    /// Whether the chat has given its place to the Workbench, which has keys of its own.
    pub beside: bool,
}

/// What a key means.
pub(crate) fn meaning(press: Press<'_>) -> Option<Action> {
    if press.in_dialog {
        return None;
    }
    if press.other {
        let switches = matches!(press.key, "k" | "K") && !press.alt && !press.shift;
        return switches.then_some(Action::Open(Open::Switcher));
    }
    if press.beside {
        return None;
    }
    let outside = press.single && !press.in_text;
    match (press.key, press.alt, press.shift) {
        ("ArrowUp", true, false) => Some(Action::Step(-1)),
        ("ArrowDown", true, false) => Some(Action::Step(1)),
        ("ArrowUp", true, true) => Some(Look::StepUnread(-1).into()),
        ("ArrowDown", true, true) => Some(Look::StepUnread(1).into()),
        ("Escape", false, false) => Some(Action::Dismiss),
        ("Escape", false, true) => Some(Look::ReadAll.into()),
        ("?", false, false) if outside => Some(Action::Open(Open::Shortcuts)),
        ("/", false, false) if outside => Some(Action::Open(Open::Search { query: String::new(), room: None })),
        ("w" | "W", false, false) if outside => Some(Action::Toggle(Overlay::Wire)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: Press<'_> = Press {
        key: "w",
        alt: false,
        shift: false,
        other: false,
        single: true,
        in_text: false,
        in_dialog: false,
        beside: false,
    };

    #[test]
    fn beside_the_chat_only_the_switcher_has_a_key() {
        let there = Press { beside: true, ..BARE };
        assert_eq!([meaning(there), meaning(Press { key: "Escape", ..there })], [None, None]);
        let switcher = Press { key: "k", other: true, ..there };
        assert_eq!(meaning(switcher), Some(Action::Open(Open::Switcher)));
    }

    #[test]
    fn w_toggles_the_wire_outside_text_only() {
        assert_eq!(meaning(BARE), Some(Action::Toggle(Overlay::Wire)));
        assert_eq!(meaning(Press { in_text: true, ..BARE }), None);
        assert_eq!(meaning(Press { other: true, ..BARE }), None);
        assert_eq!(meaning(Press { in_dialog: true, ..BARE }), None);
        assert_eq!(meaning(Press { shift: true, ..BARE }), None);
        assert_eq!(meaning(Press { single: false, ..BARE }), None, "who speaks to the page has turned them off");
    }

    #[test]
    fn shift_steps_over_what_is_read_and_reads_everything() {
        let press = Press { key: "ArrowDown", alt: true, shift: true, in_text: true, ..BARE };
        assert_eq!(meaning(press), Some(Look::StepUnread(1).into()));
        assert_eq!(meaning(Press { key: "Escape", alt: false, ..press }), Some(Look::ReadAll.into()));
    }

    #[test]
    fn the_switcher_opens_from_everywhere_and_the_search_outside_text() {
        let switch = Press { key: "k", other: true, in_text: true, ..BARE };
        assert_eq!(meaning(switch), Some(Action::Open(Open::Switcher)));
        assert_eq!(meaning(Press { shift: true, ..switch }), None, "browsers have that");
        let search = Press { key: "/", ..BARE };
        assert!(matches!(meaning(search), Some(Action::Open(Open::Search { .. }))));
        assert_eq!(meaning(Press { in_text: true, ..search }), None);
    }

    #[test]
    fn alt_and_an_arrow_change_the_room_even_in_text() {
        let press = Press { key: "ArrowUp", alt: true, in_text: true, ..BARE };
        assert_eq!(meaning(press), Some(Action::Step(-1)));
        assert_eq!(meaning(Press { alt: false, ..press }), None);
    }
}
