//! Every word that people see, in every language, checked by the compiler.
//!
//! [`Catalogue`] names the messages; [`en`] and [`zh`] fill it in, and a message that is missing in one of them does
//! not compile. Messages with arguments are functions, so that each language orders its words as it likes.
//! Deliberately absent: names of states, headers and API members, which are never translated.

mod changes;
mod en;
mod talk;
mod writing;
mod zh;

use common::close::CloseCode;
use common::server::Refusal;
use common::text::TextError;

use crate::calendar::Local;
use crate::state::closing::CloseFault;
pub(crate) use changes::Changes;
pub(crate) use talk::Talk;
pub(crate) use writing::Writing;

/// A language of the page.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// Every language, in the order of the settings.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The BCP 47 tag, as `<html lang>` wants it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The language's own name for itself.
    #[must_use]
    pub const fn endonym(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "简体中文",
        }
    }

    /// The language that a tag of the browser or of the store asks for.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The words.
    pub(crate) const fn words(self) -> &'static Catalogue {
        match self {
            Self::En => &en::WORDS,
            Self::Zh => &zh::WORDS,
        }
    }
}

type Text = &'static str;

/// The messages of the page. Where a message takes arguments, the comment beside it names them.
pub(crate) struct Catalogue {
    // The frame.
    pub skip: Text,
    pub close: Text,
    pub people_and_rooms: Text,
    pub rooms: Text,
    pub add_room: Text,
    pub you: Text,
    pub settings: Text,
    pub theme_button: fn(Text) -> String, // present theme
    pub unread: fn(u64) -> String,        // mentions; spoken after the number
    pub muted: Text,
    pub mute: Text,
    pub pill: fn(&str) -> String, // what can be seen: state, round trip
    pub no_socket: Text,
    pub wire: Text,
    pub wire_toggle: Text,
    pub members: fn(u64) -> String,
    pub leave: Text,
    pub chat: Text,
    pub workbench: Text,
    pub open_in_workbench: Text,
    pub jump: Text,
    pub search: Text,
    pub room_settings: Text,

    // Rooms.
    pub no_room_title: Text,
    pub no_room_text: Text,
    pub browse: Text,
    pub outside_title: Text,
    pub outside_text: Text,
    pub join: Text,
    pub loading: Text,
    pub retry: Text,

    // The timeline.
    pub messages_in: fn(&str) -> String, // room
    pub empty_title: fn(&str) -> String, // room
    pub empty_text: Text,
    pub gap: fn(u64) -> String,
    pub gap_load: Text,
    pub new_messages: Text,
    pub to_latest: Text,
    pub sending: Text,
    pub waiting: fn(usize, usize) -> String, // place, of how many
    pub delete: Text,
    pub not_sent: fn(&Refusal) -> String,
    pub refusal: fn(&Refusal) -> String,
    pub text_error: fn(&TextError) -> String,

    // The composer.
    pub message_to: fn(&str) -> String, // room
    pub write_on: Text,
    pub new_line: Text,
    pub used: Text,
    pub over: fn(usize) -> String, // characters too many
    pub send: Text,

    // The connection.
    pub offline: fn(usize) -> String, // messages that wait
    pub queued: fn(usize) -> String,  // messages that wait
    pub cause: fn(CloseCode, &str) -> String,
    pub next_in: fn(u64) -> String,         // seconds
    pub attempt_if: fn(u32, u64) -> String, // attempt, longest wait after it in seconds
    pub stays_closed: Text,
    pub connect_now: Text,
    pub connect: Text,
    pub use_here: Text,
    pub reload: Text,
    pub stop: Text,

    // The wire.
    pub hide_wire: Text,
    pub up_for: fn(u64) -> String,   // seconds
    pub down_for: fn(u64) -> String, // seconds
    pub attempt: fn(u32) -> String,
    pub closing: Text,
    pub idle: Text,
    pub now: Text,
    pub none_agreed: Text,
    pub round_trip: Text,
    pub no_reading: Text,
    pub peak: fn(&str) -> String,
    pub buffered_spoken: fn(u32, &str) -> String, // bytes, peak
    pub frames: Text,
    pub frame_log: Text,
    pub filter: Text,
    pub filter_frames: Text,
    pub pause: Text,
    pub clear: Text,
    pub sent: Text,
    pub received: Text,
    pub no_detail: Text,
    pub cut_short: Text,
    pub close_form: Text,
    pub close_code: Text,
    pub close_reason: Text,
    pub reason: Text,
    pub close_verb: Text,
    pub close_fault: fn(&CloseFault) -> String,
    pub bytes_of: fn(usize, usize) -> String, // bytes used, allowed
    pub if_drops: Text,
    pub if_drops_text: Text,
    pub delays: Text,
    pub wait_close: Text,
    pub wait_close_text: Text,
    pub attempt_spread: fn(u32) -> String,
    pub seconds_spoken: fn(u64) -> String,
    pub if_fails: fn(u64) -> String, // seconds
    pub stopped: Text,
    pub stopped_text: Text,
    pub no_frames: Text,
    pub earlier: Text,

    // The first visit.
    pub welcome_title: Text,
    pub welcome_lead: Text,
    pub session_ended: Text,
    pub your_name: Text,
    pub name_hint: Text,
    pub enter: Text,
    pub own_server: Text,
    pub four_states: Text,
    pub caption: Text,
    pub state_text: [Text; 4],
    pub adjectives: &'static [Text],
    pub animals: &'static [Text],
    pub join_words: Text, // what stands between the two words of an offered name

    // Settings.
    pub theme_names: [Text; 3], // system, light, dark

    // Failures of HTTP.
    pub part_failed: Text,
    pub opening: Text,
    pub sign_in: Text,
    pub have_account: Text,
    pub unreachable: Text,
    pub http_failed: fn(u16) -> String,

    pub changes: Changes,
    pub talk: Talk,
    pub writing: Writing,

    // Days.
    pub day: fn(&Local, &Local) -> String, // the day, today
}

impl Catalogue {
    /// A refusal of something that goes out again by itself.
    pub(crate) fn troubled(&self, why: &Refusal) -> String {
        changes::troubled(self, why)
    }
}

/// A number with a comma between thousands: 1,380.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes and its unit: 96 B, 6.1 KB, 18 KB.
pub(crate) fn size(bytes: u64) -> (String, &'static str) {
    match bytes {
        0..1_024 => (bytes.to_string(), "B"),
        1_024..10_240 => (format!("{}.{}", bytes / 1_024, bytes % 1_024 * 10 / 1_024), "KB"),
        10_240..1_048_576 => ((bytes / 1_024).to_string(), "KB"),
        _ => (format!("{}.{}", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576), "MB"),
    }
}

/// The same in one text.
pub(crate) fn size_text(bytes: u64) -> String {
    let (number, unit) = size(bytes);
    format!("{number} {unit}")
}

/// A character that people can see, or its number.
fn shown(c: char) -> String {
    if c == ' ' {
        "“ ” (U+0020)".to_owned()
    } else if c.is_control() || c.is_whitespace() || !c.is_ascii() {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("“{c}”")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::close;
    use common::text::{Body, RoomName, UserName};

    #[test]
    fn a_tag_finds_its_language() {
        assert_eq!(Lang::from_tag("zh"), Lang::Zh);
        assert_eq!(Lang::from_tag("zh-TW"), Lang::Zh);
        assert_eq!(Lang::from_tag("ZH-cn"), Lang::Zh);
        assert_eq!(Lang::from_tag("de"), Lang::En);
        assert!(Lang::ALL.iter().all(|lang| Lang::from_tag(lang.tag()) == *lang));
    }

    #[test]
    fn numbers_are_grouped_and_sizes_have_units() {
        assert_eq!(
            ["0", "999", "1,000", "48,190", "1,000,000"],
            [0, 999, 1_000, 48_190, 1_000_000].map(grouped).as_slice()
        );
        assert_eq!(
            ["0 B", "1023 B", "1.0 KB", "6.1 KB", "18 KB", "1.5 MB"].as_slice(),
            [0, 1_023, 1_024, 6_300, 18_500, 1_600_000].map(size_text).as_slice()
        );
    }

    #[test]
    fn every_close_code_has_words_in_both_languages() {
        let codes = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 1015];
        let ours = [
            close::NO_PONG,
            close::SESSION_ENDED,
            close::KICKED,
            close::STALLED,
            close::TOO_MANY_PLACES,
            close::NEW_VERSION,
            4_444,
        ];
        for lang in Lang::ALL {
            let words: Vec<String> = codes.iter().chain(&ours).map(|code| (lang.words().cause)(*code, "")).collect();
            assert!(words.iter().zip(codes.iter().chain(&ours)).all(|(text, code)| text.contains(&code.to_string())));
            let mut unique = words.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), words.len(), "{words:?}");
        }
    }

    #[test]
    fn every_close_code_of_the_protocol_is_explained_in_both_languages() {
        let protocol = include_str!("../../docs/protocol.md");
        let (_, table) = protocol.split_once("## Close codes").unwrap();
        let (table, _) = table.split_once("\n## ").unwrap();
        let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
        let codes: Vec<u16> =
            cells.flat_map(|cell| cell.split(',')).filter_map(|code| code.trim().parse().ok()).collect();
        assert!(codes.len() >= 16 && codes.contains(&4_010), "{codes:?}");
        for lang in Lang::ALL {
            let unknown = (lang.words().cause)(4_999, "").replace("4999", "");
            for code in &codes {
                let words = (lang.words().cause)(*code, "");
                assert_ne!(words.replace(&code.to_string(), ""), unknown, "{code} has no words of its own");
            }
        }
    }

    #[test]
    fn a_foreign_code_shows_its_reason() {
        assert!((Lang::En.words().cause)(4_444, "out of tea").contains("out of tea"));
        assert!((Lang::Zh.words().cause)(4_444, "没茶了").contains("没茶了"));
    }

    #[test]
    fn a_text_error_names_its_limit_in_both_languages() {
        for lang in Lang::ALL {
            let words = |error| (lang.words().text_error)(&error);
            assert!(words(UserName::new(&"x".repeat(40)).unwrap_err()).contains("32"));
            assert!(words(RoomName::new("two words").unwrap_err()).contains("U+0020"));
            assert!(words(Body::new(&"x".repeat(4_001)).unwrap_err()).contains("4,000"));
            assert!(!words(Body::new(" ").unwrap_err()).is_empty());
        }
    }

    #[test]
    fn offered_names_are_valid_names() {
        for lang in Lang::ALL {
            let words = lang.words();
            for (adjective, animal) in words.adjectives.iter().flat_map(|a| words.animals.iter().map(move |b| (a, b))) {
                assert!(UserName::new(&format!("{adjective}{}{animal}", words.join_words)).is_ok());
            }
        }
    }
}
