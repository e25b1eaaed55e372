//! English.

use super::Words;

/// The words.
pub(super) static WORDS: Words = Words {
    close: "Close",
    settings: "Settings",
    sections: [
        "Profile",
        "Account",
        "Two-factor sign-in",
        "Sessions",
        "Notifications",
        "Appearance",
        "Keyboard",
        "Invites",
    ],

    theme: "Theme",
    theme_names: ["Match the system", "Light", "Dark"],
    language: "Language",
    wire: "Wire panel",
    wire_hint: "Show it beside every room",

    single_keys: "Single keys",
    single_keys_hint: "/ W ? and the keys on a message, outside of texts",
    keys: &[
        ("Ctrl/⌘ K", "Jump to a room or a person"),
        ("Alt ↑ ↓", "Previous or next room"),
        ("Alt Shift ↑ ↓", "Previous or next unread room"),
        ("Enter", "Send"),
        ("Shift Enter", "New line"),
        ("↑", "In an empty composer: edit your last message"),
        ("Esc", "Close what lies on top, else cancel the reply or edit, else mark the room read"),
        ("↑ ↓", "On a message: move"),
        ("R  E  +  F  Del", "On a message: reply, edit, react, show its frame, delete"),
        ("/", "Search"),
        ("W", "Wire panel"),
        ("?", "This list"),
    ],
};
