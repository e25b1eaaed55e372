//! The decoder's rules, one by one. Every stream is decoded whole, in single bytes, and cut in two at every place: the
//! outcome is always the same.

use crate::{Closing, Decoder, Input, Message, Role, Rules, Violation, encode};

const SERVER: Rules = Rules { role: Role::Server, max_message: 1_000, max_fragments: 4 };
const CLIENT: Rules = Rules { role: Role::Client, ..SERVER };

/// What was heard, in words.
type Heard = (Vec<String>, Option<Violation>);

fn hear(rules: &Rules, pieces: &[&[u8]]) -> Heard {
    let mut decoder = Decoder::default();
    let mut heard = Vec::new();
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let mut input = Input::new(&mut bytes);
        loop {
            match decoder.next(rules, &mut input, None) {
                Ok(Some(message)) => heard.push(words(&message)),
                Ok(None) => break,
                Err(violation) => return (heard, Some(violation)),
            }
        }
        assert_eq!(input.rest(), b"");
    }
    (heard, None)
}

fn words(message: &Message<'_>) -> String {
    match message {
        Message::Text(text) => format!("text {text}"),
        Message::Binary(bytes) => format!("binary {bytes:x?}"),
        Message::Ping(bytes) => format!("ping {bytes:x?}"),
        Message::Pong(bytes) => format!("pong {bytes:x?}"),
        Message::Close(None) => "close".into(),
        Message::Close(Some(Closing { code, reason })) => format!("close {code} {reason}"),
    }
}

/// Decodes `bytes` however they are cut.
fn decode(rules: &Rules, bytes: &[u8]) -> Heard {
    let heard = hear(rules, &[bytes]);
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(hear(rules, &single), heard, "in single bytes");
    for cut in 0..=bytes.len() {
        let (before, after) = bytes.split_at(cut);
        assert_eq!(hear(rules, &[before, after]), heard, "cut at {cut}");
    }
    heard
}

fn heard(words: &[&str]) -> Heard {
    (words.iter().map(|&words| words.to_owned()).collect(), None)
}

fn broken(violation: Violation) -> Heard {
    (Vec::new(), Some(violation))
}

#[test]
fn the_rfcs_examples_are_read() {
    // RFC 6455, section 5.7.
    assert_eq!(decode(&CLIENT, &[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]), heard(&["text Hello"]));
    let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(decode(&SERVER, &masked), heard(&["text Hello"]));
    let fragments = [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f];
    assert_eq!(decode(&CLIENT, &fragments), heard(&["text Hello"]));
    assert_eq!(decode(&CLIENT, &[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]), heard(&["ping [48, 65, 6c, 6c, 6f]"]));
    let pong = [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(decode(&SERVER, &pong), heard(&["pong [48, 65, 6c, 6c, 6f]"]));
    for (len, head) in [(256, &[0x82, 0x7e, 0x01, 0x00][..]), (65_536, &[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0])] {
        let bytes = [head, &vec![7; len]].concat();
        let rules = Rules { max_message: len, ..CLIENT };
        assert_eq!(hear(&rules, &[&bytes]), heard(&[&format!("binary {:x?}", vec![7; len])]));
    }
}

#[test]
fn reserved_bits_and_opcodes_are_refused() {
    for bits in [0x10, 0x20, 0x40, 0x70] {
        assert_eq!(decode(&CLIENT, &[0x81 | bits, 0x00]), broken(Violation::RESERVED_BITS), "{bits:x}");
    }
    for opcode in [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf] {
        assert_eq!(decode(&CLIENT, &[0x80 | opcode, 0x00]), broken(Violation::RESERVED_OPCODE), "{opcode:x}");
    }
}

#[test]
fn clients_mask_and_servers_do_not() {
    assert_eq!(decode(&SERVER, &[0x81, 0x00]), broken(Violation::UNMASKED));
    assert_eq!(decode(&CLIENT, &[0x81, 0x80, 1, 2, 3, 4]), broken(Violation::MASKED));
    // A key of zeros is a mask too.
    assert_eq!(decode(&SERVER, &[0x81, 0x81, 0, 0, 0, 0, b'a']), heard(&["text a"]));
}

#[test]
fn control_frames_are_whole_and_short() {
    for opcode in [8, 9, 10] {
        assert_eq!(decode(&CLIENT, &[opcode, 0x00]), broken(Violation::CONTROL_FRAGMENTED));
        // Nothing of the payload has to arrive.
        assert_eq!(decode(&CLIENT, &[0x80 | opcode, 126]), broken(Violation::CONTROL_TOO_LONG));
        assert_eq!(decode(&CLIENT, &[0x80 | opcode, 127]), broken(Violation::CONTROL_TOO_LONG));
    }
    let longest = [&[0x89, 125][..], &[0xff; 125]].concat();
    assert_eq!(decode(&CLIENT, &longest), heard(&[&format!("ping {:x?}", [0xff; 125])]));
}

#[test]
fn control_frames_come_between_fragments() {
    let bytes = [0x01, 1, b'a', 0x89, 1, b'p', 0x00, 0, 0x8a, 0, 0x80, 1, b'b', 0x81, 1, b'c'];
    assert_eq!(decode(&CLIENT, &bytes), heard(&["ping [70]", "pong []", "text ab", "text c"]));
}

#[test]
fn fragments_follow_each_other() {
    assert_eq!(decode(&CLIENT, &[0x80, 0x00]), broken(Violation::CONTINUES_NOTHING));
    assert_eq!(decode(&CLIENT, &[0x00, 0x00]), broken(Violation::CONTINUES_NOTHING));
    for next in [0x81, 0x82, 0x01, 0x02] {
        assert_eq!(decode(&CLIENT, &[0x01, 0x00, next, 0x00]), broken(Violation::INTERRUPTED));
    }
    // The message before is ended.
    assert_eq!(
        decode(&CLIENT, &[0x01, 0, 0x80, 0, 0x80, 0]),
        (vec!["text ".into()], Some(Violation::CONTINUES_NOTHING))
    );
}

#[test]
fn fragments_are_counted_empty_ones_too() {
    let most = [0x02, 0, 0x00, 0, 0x00, 0, 0x80, 0];
    assert_eq!(decode(&CLIENT, &most), heard(&["binary []"]));
    let more = [0x02, 0, 0x00, 0, 0x00, 0, 0x00, 0, 0x80];
    assert_eq!(decode(&CLIENT, &more), broken(Violation::FRAGMENTS));
    assert_eq!(decode(&Rules { max_fragments: 1, ..CLIENT }, &[0x02, 0, 0x80]), broken(Violation::FRAGMENTS));
    assert_eq!(decode(&Rules { max_fragments: 1, ..CLIENT }, &[0x82, 0]), heard(&["binary []"]));
}

#[test]
fn lengths_are_in_their_shortest_form() {
    assert_eq!(decode(&CLIENT, &[0x82, 126, 0, 125]), broken(Violation::LONG_LENGTH));
    assert_eq!(decode(&CLIENT, &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), broken(Violation::LONG_LENGTH));
    assert_eq!(decode(&CLIENT, &[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), broken(Violation::NEGATIVE_LENGTH));
    let shortest = [&[0x82, 126, 0, 126][..], &[0; 126]].concat();
    assert_eq!(decode(&CLIENT, &shortest), heard(&[&format!("binary {:x?}", [0; 126])]));
}

#[test]
fn a_message_too_big_is_refused_by_its_head() {
    assert_eq!(decode(&CLIENT, &[0x82, 126, 0x03, 0xe9]), broken(Violation::TOO_BIG));
    assert_eq!(decode(&CLIENT, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), broken(Violation::TOO_BIG));
    assert_eq!(decode(&CLIENT, &[0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]), broken(Violation::TOO_BIG));
    // Before the key of the mask.
    assert_eq!(decode(&SERVER, &[0x82, 0xfe, 0x03, 0xe9]), broken(Violation::TOO_BIG));
    let all = [&[0x82, 126, 0x03, 0xe8][..], &[0; 1_000]].concat();
    assert_eq!(hear(&CLIENT, &[&all]).1, None);
    // Fragments add up, and a head alone says enough.
    let fragments = [&[0x02, 100][..], &[0; 100], &[0x80, 126, 0x03, 0x85]].concat();
    assert_eq!(decode(&CLIENT, &fragments), broken(Violation::TOO_BIG));
    let fitting = [&[0x02, 100][..], &[0; 100], &[0x80, 126, 0x03, 0x84], &[0; 900]].concat();
    assert_eq!(hear(&CLIENT, &[&fitting]).1, None);
    // Control frames between them do not count.
    let none = Rules { max_message: 0, ..CLIENT };
    assert_eq!(decode(&none, &[0x89, 1, 0, 0x82, 0]), heard(&["ping [0]", "binary []"]));
}

#[test]
fn a_close_says_nothing_or_why() {
    assert_eq!(decode(&CLIENT, &[0x88, 0]), heard(&["close"]));
    assert_eq!(decode(&CLIENT, &[0x88, 4, 0x03, 0xe8, b'o', b'k']), heard(&["close 1000 ok"]));
    assert_eq!(decode(&CLIENT, &[0x88, 1, 3]), broken(Violation::CLOSE_OF_ONE_BYTE));
    assert_eq!(decode(&CLIENT, &[0x88, 2, 0x03, 0xed]), broken(Violation::CLOSE_CODE));
    assert_eq!(decode(&CLIENT, &[0x88, 3, 0x03, 0xe8, 0xff]), broken(Violation::UTF8));
}

#[test]
fn nothing_is_decoded_behind_an_end() {
    assert_eq!(decode(&CLIENT, &[0x88, 0, 0x81, 1, b'a', 0xff, 0xff]), heard(&["close"]));
    let mut decoder = Decoder::default();
    let mut bytes = [0xff, 0x81, 1, b'a'];
    let mut input = Input::new(&mut bytes);
    assert_eq!(decoder.next(&CLIENT, &mut input, None), Err(Violation::RESERVED_BITS));
    assert_eq!(decoder.next(&CLIENT, &mut input, None), Ok(None));
    assert_eq!(input.rest(), b"");
}

#[test]
fn texts_are_utf8_and_other_bytes_need_not_be() {
    assert_eq!(decode(&CLIENT, &[0x81, 3, 0xe2, 0x82, 0xac]), heard(&["text €"]));
    assert_eq!(decode(&CLIENT, &[0x01, 1, 0xe2, 0x00, 1, 0x82, 0x80, 1, 0xac]), heard(&["text €"]));
    assert_eq!(decode(&CLIENT, &[0x81, 2, 0xc3, 0x28]), broken(Violation::UTF8));
    assert_eq!(decode(&CLIENT, &[0x01, 1, 0xe2, 0x80, 0]), broken(Violation::UTF8));
    assert_eq!(decode(&CLIENT, &[0x82, 1, 0xff]), heard(&["binary [ff]"]));
}

#[test]
fn a_text_fails_with_its_first_impossible_byte() {
    // Autobahn's 6.4: κόσμε, then a byte that makes U+110000 of the last character, then more that never has to come.
    let begun = [0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5, 0xf4];
    let frame = [&[0x81, 100][..], &begun].concat();
    assert_eq!(decode(&CLIENT, &frame), heard(&[]));
    assert_eq!(decode(&CLIENT, &[&frame[..], &[0x90]].concat()), broken(Violation::UTF8));
    let fragment = [&[0x01, 12][..], &begun, &[0x00, 100, 0x90]].concat();
    assert_eq!(decode(&CLIENT, &fragment), broken(Violation::UTF8));
}

#[test]
fn an_idle_decoder_holds_nothing() {
    assert!(size_of::<Decoder>() <= 16);
    let mut decoder = Decoder::default();
    let mut feed = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let mut input = Input::new(&mut bytes);
        while decoder.next(&CLIENT, &mut input, None).unwrap().is_some() {}
        assert_eq!(decoder.is_idle(), decoder.collecting.is_none());
        decoder.is_idle()
    };
    assert!(feed(&[0x81, 1, b'a']));
    assert!(!feed(&[0x81]));
    assert!(!feed(&[2, b'a']));
    assert!(feed(b"b"));
    assert!(!feed(&[0x01, 0]));
    assert!(!feed(&[0x89, 0]));
    assert!(feed(&[0x80, 0]));
    assert!(!feed(&[0x89, 1]));
    assert!(feed(&[7]));
}

#[test]
fn a_declared_length_takes_no_memory() {
    let mut decoder = Decoder::default();
    let rules = Rules { max_message: 1 << 30, ..CLIENT };
    let mut bytes = [0x82, 127, 0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff, 1, 2, 3];
    assert_eq!(decoder.next(&rules, &mut Input::new(&mut bytes), None), Ok(None));
    assert!(decoder.collecting.unwrap().capacity() < 64);
}

#[test]
fn what_we_write_is_what_we_read() {
    let mut bytes = Vec::new();
    encode::text(&mut bytes, "é");
    encode::binary(&mut bytes, &[1; 126]);
    encode::ping(&mut bytes, &[2; 200]);
    encode::pong(&mut bytes, b"");
    encode::close(&mut bytes, Some(1000), &"é".repeat(100));
    let expected = [
        "text é".to_owned(),
        format!("binary {:x?}", [1; 126]),
        format!("ping {:x?}", [2; 125]),
        "pong []".to_owned(),
        format!("close 1000 {}", "é".repeat(61)),
    ];
    assert_eq!(hear(&CLIENT, &[&bytes]), (expected.to_vec(), None));
}
