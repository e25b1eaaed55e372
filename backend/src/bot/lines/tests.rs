//! Lines, both ways.

use common::id::UserId;
use proptest::prelude::*;

use super::*;

fn told<'a>(by: &'a Person, text: &'a str) -> Told<'a> {
    Told {
        room: "lobby",
        room_id: RoomId(1),
        seq: Seq(12),
        at: Timestamp(1_763_700_000_123),
        by,
        text,
        reply_to: None,
        thread: None,
        mentioned: true,
        direct: false,
    }
}

fn said(line: &str) -> Option<String> {
    saying(Style::Json, line).unwrap().map(|said| said.text.into())
}

#[test]
fn a_message_is_one_line_of_json() {
    let maya = Person { id: UserId(3), name: "Maya".into() };
    let message = Told { reply_to: Some(Seq(9)), thread: Some(Seq(7)), ..told(&maya, "two\nlines \"and\" 💬") };
    let expected = concat!(
        r#"{"room":"lobby","room_id":"r1","seq":12,"at":1763700000123,"by":{"id":"u3","name":"Maya"},"#,
        r#""text":"two\nlines \"and\" 💬","reply_to":9,"thread":7,"mentioned":true,"direct":false}"#,
        "\n"
    );
    assert_eq!(message.line(Style::Json), expected);
    assert_eq!(message.line(Style::Plain), "two lines \"and\" 💬\n");
}

#[test]
fn objects_texts_and_bare_lines_are_said() {
    assert_eq!(said(r#"{"text":"hi\nthere"}"#).as_deref(), Some("hi\nthere"));
    assert_eq!(said(r#""hi\nthere""#).as_deref(), Some("hi\nthere"));
    assert_eq!(said("hi there").as_deref(), Some("hi there"));
    assert_eq!(said(r#""hi" she said"#).as_deref(), Some(r#""hi" she said"#));
    assert_eq!(said("{broken").as_deref(), Some("{broken"));
    assert_eq!(said(r#"{"other":1}"#).as_deref(), Some(r#"{"other":1}"#));
    assert_eq!(said("7").as_deref(), Some("7"));
}

#[test]
fn a_reply_may_name_its_room_and_what_it_answers() {
    let full = saying(Style::Json, r#"{"text":"hi","room":"ui","reply_to":12}"#).unwrap().unwrap();
    assert_eq!((full.room.as_deref(), full.reply_to), (Some("ui"), Some(Seq(12))));
    let by_id = saying(Style::Json, r#"{"text":"hi","room":"","room_id":"r7","reply_to":null}"#).unwrap().unwrap();
    assert_eq!((by_id.room.as_deref(), by_id.reply_to), (Some("r7"), None));
}

#[test]
fn blank_lines_are_nothing() {
    for line in ["", "  ", "\t", r#""""#, r#"{"text":" "}"#] {
        assert_eq!(said(line), None, "{line:?}");
    }
}

#[test]
fn what_cannot_be_said_is_refused_with_the_field_and_the_limit() {
    let refused = |line: &str| saying(Style::Json, line).unwrap_err();
    assert_eq!(refused(r#"{"text":7}"#), "text: is not a text");
    assert_eq!(refused(r#"{"text":"a","room":7}"#), "room: is not a text");
    assert_eq!(refused(r#"{"text":"a","reply_to":"x"}"#), "reply_to: is not the number of a message");
    assert_eq!(refused(r#"{"text":"a","reply_to":0}"#), "reply_to: is not the number of a message");
    assert_eq!(refused(&"x".repeat(4_001)), "body: has 4001 characters, 4000 are allowed");
}

#[test]
fn plain_lines_are_what_they_are() {
    let plain = |line: &str| saying(Style::Plain, line).unwrap().map(|said| String::from(said.text));
    assert_eq!(plain(r#"{"text":"hi"}"#).as_deref(), Some(r#"{"text":"hi"}"#));
    assert_eq!(plain("   "), None);
}

fn split(pieces: &[&[u8]]) -> Vec<Result<String, usize>> {
    let (mut splitter, mut found) = (Splitter::default(), Vec::new());
    for piece in pieces {
        splitter.take(piece, |line| found.push(line.map(str::to_owned)));
    }
    splitter.end(|line| found.push(line.map(str::to_owned)));
    found
}

#[test]
fn a_line_that_is_too_long_is_told_and_the_next_one_found() {
    let long = [b'x'; 70_000];
    assert_eq!(split(&[&long, b"\nok\n"]), [Err(70_000), Ok("ok".to_owned())]);
    assert_eq!(split(&[b"a\r\nb"]), [Ok("a".to_owned()), Ok("b".to_owned())]);
    assert_eq!(split(&[b"\xff\n"]), [Ok("\u{fffd}".to_owned())]);
}

proptest! {
    #[test]
    fn lines_are_found_however_they_are_cut(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..200), cut in 1_usize..50) {
        let pieces: Vec<&[u8]> = bytes.chunks(cut).collect();
        prop_assert_eq!(split(&pieces), split(&[&bytes]));
    }

    #[test]
    fn no_line_makes_it_panic(line in any::<String>()) {
        for style in [Style::Json, Style::Plain] {
            drop(saying(style, &line));
        }
    }

    #[test]
    fn what_json_says_is_what_is_said(text in "[a-zA-Z \"\\\\{}\n💬]{1,40}") {
        prop_assume!(!text.trim().is_empty());
        let line = serde_json::json!({ "text": text }).to_string();
        prop_assert_eq!(said(&line), Some(String::from(Body::new(&text).unwrap())));
    }
}
