//! Words that pass their checks, and those that do not.

use super::*;

fn fault<T: fmt::Debug>(result: Result<T, TextError>) -> Fault {
    result.unwrap_err().fault
}

#[test]
fn a_body_keeps_its_lines_and_loses_its_tail() {
    assert_eq!(Body::new("  fn main() {\r\n\t}\r\n\n").unwrap().as_str(), "  fn main() {\n\t}");
}

#[test]
fn a_blank_body_is_refused() {
    for raw in ["", " ", "\n\t\n", "\u{200B}\u{FEFF}", "\u{3000}"] {
        assert_eq!(fault(Body::new(raw)), Fault::Blank, "{raw:?}");
    }
}

#[test]
fn a_body_is_counted_in_characters() {
    assert!(Body::new(&"字".repeat(limits::BODY_CHARS)).is_ok());
    assert_eq!(fault(Body::new(&"字".repeat(limits::BODY_CHARS + 1))), Fault::TooLong { limit: 4_000, found: 4_001 });
}

#[test]
fn a_body_holds_no_control_characters() {
    assert_eq!(fault(Body::new("a\u{0}b")), Fault::BadCharacter { found: '\u{0}' });
    assert_eq!(fault(Body::new("a\u{1b}[31mb")), Fault::BadCharacter { found: '\u{1b}' });
}

#[test]
fn a_body_may_not_be_a_tower_of_marks() {
    assert!(Body::new(&format!("Z{}algo", "\u{0301}".repeat(limits::BODY_MARKS))).is_ok());
    for marks in [limits::BODY_MARKS + 1, 300] {
        let tower = format!("a{}", "\u{0301}".repeat(marks));
        assert_eq!(fault(Body::new(&tower)), Fault::TooManyMarks { limit: limits::BODY_MARKS });
    }
    // What scripts and emoji need is far below.
    for text in ["กี่", "שָׁלוֹם", "Việt Nam", "👩‍👩‍👧‍👦 ❤️‍🔥", "हिन्दी", "한글"]
    {
        assert!(Body::new(text).is_ok(), "{text}");
    }
}

#[test]
fn no_body_of_the_most_characters_has_more_than_the_most_bytes() {
    let body = Body::new(&"😀".repeat(limits::BODY_CHARS)).unwrap();
    assert_eq!(body.as_str().len(), limits::BODY_BYTES);
    const { assert!(limits::BODY_BYTES < limits::FRAME_BYTES) };
}

#[test]
fn what_turns_the_writing_direction_stays_in_a_body_and_goes_from_a_line() {
    let text = "\u{202E}gpj.exe \u{2066}x";
    assert_eq!(Body::new(text).unwrap().as_str(), text);
    assert_eq!(crate::markdown::plain::line(text, 99), "gpj.exe x");
    for bad in ["a\u{202E}b", "a\u{2067}b"] {
        assert_eq!(fault(Topic::new(bad)), Fault::BadCharacter { found: bad.chars().nth(1).unwrap() });
        assert!(matches!(fault(Status::new(bad)), Fault::BadCharacter { .. }));
        assert!(matches!(fault(RoomName::new(bad)), Fault::BadCharacter { .. }));
        assert!(matches!(fault(Login::new(bad)), Fault::BadCharacter { .. }));
    }
}

#[test]
fn a_topic_and_a_status_are_one_line_or_nothing() {
    assert_eq!(Topic::new(" on\tcall:  Maya ").unwrap_err().fault, Fault::BadCharacter { found: '\t' });
    assert_eq!(Topic::new(" on call:  Maya ").unwrap().as_str(), "on call: Maya");
    assert_eq!(Topic::new("  ").unwrap().as_str(), "");
    let long = |limit: usize| Fault::TooLong { limit, found: limit + 1 };
    assert_eq!(fault(Topic::new(&"字".repeat(limits::TOPIC_CHARS + 1))), long(limits::TOPIC_CHARS));
    assert_eq!(fault(Status::new(&"字".repeat(limits::STATUS_CHARS + 1))), long(limits::STATUS_CHARS));
    assert_eq!(fault(Draft::new(&"x".repeat(limits::DRAFT_CHARS + 1))), long(limits::DRAFT_CHARS));
    let marks = format!("a{}", "\u{0301}".repeat(limits::COMBINING_MARKS + 1));
    assert_eq!(fault(Topic::new(&marks)), Fault::TooManyMarks { limit: limits::COMBINING_MARKS });
}

#[test]
fn a_few_emoji_alone_are_large() {
    for text in ["🎉", "👍🏽 ❤️", "👨‍👩‍👧‍👦", "🇳🇿", "✅\n🚀"] {
        assert!(is_emoji_alone(text), "{text}");
    }
    let many = "🎉".repeat(17);
    for text in ["", " ", "→", "©", "12", "🎉 yes", "#", many.as_str()] {
        assert!(!is_emoji_alone(text), "{text}");
    }
}

#[test]
fn a_name_is_one_line_with_single_spaces() {
    assert_eq!(UserName::new("  Maya \u{3000} Okafor\n").unwrap().as_str(), "Maya Okafor");
    assert_eq!(UserName::new("林一凡").unwrap().as_str(), "林一凡");
}

#[test]
fn a_name_cannot_turn_the_writing_direction_or_hide() {
    for raw in ["a\u{202E}b", "a\u{2066}b", "a\u{200D}b", "a\u{0}b", "a\u{FEFF}b"] {
        assert!(matches!(fault(UserName::new(raw)), Fault::BadCharacter { .. }), "{raw:?}");
    }
}

#[test]
fn a_name_cannot_be_a_tower_of_marks() {
    assert!(matches!(fault(UserName::new(&format!("a{}", "\u{0301}".repeat(20)))), Fault::TooManyMarks { .. }));
    assert!(matches!(fault(UserName::new(&format!("a{}", "\u{0301}".repeat(300)))), Fault::TooLong { .. }));
}

#[test]
fn a_room_name_is_lower_case_without_spaces() {
    assert_eq!(RoomName::new(" #Front-End ").unwrap().as_str(), "front-end");
    assert_eq!(RoomName::new("中文").unwrap().as_str(), "中文");
    assert_eq!(fault(RoomName::new("two words")), Fault::BadCharacter { found: ' ' });
    assert_eq!(fault(RoomName::new("#")), Fault::Blank);
}

#[test]
fn an_emoji_is_one_picture() {
    for raw in ["👍", "👍🏽", "❤️", "🇳🇿", "👨‍👩‍👧‍👦", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", " 🎉 "]
    {
        assert_eq!(Emoji::new(raw).unwrap().as_str(), raw.trim());
    }
    assert_eq!(fault(Emoji::new("\u{FE0F}")), Fault::Blank);
    assert_eq!(fault(Emoji::new("lol")), Fault::BadCharacter { found: 'l' });
    assert_eq!(fault(Emoji::new("1")), Fault::BadCharacter { found: '1' });
    assert_eq!(fault(Emoji::new("👍\u{202E}")), Fault::BadCharacter { found: '\u{202E}' });
    assert_eq!(fault(Emoji::new(&"🎉".repeat(17))), Fault::TooLong { limit: 16, found: 17 });
}

#[test]
fn the_error_names_field_and_limit() {
    let error = UserName::new(&"x".repeat(33)).unwrap_err();
    assert_eq!(error.to_string(), "name: has 33 characters, 32 are allowed");
}
