//! Messages cut anywhere, in every framing.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Default, PartialEq, Eq)]
struct Heard(Vec<Result<String, Vec<u8>>>);

impl Sink for Heard {
    fn text(&mut self, text: &str) {
        self.0.push(Ok(text.to_owned()));
    }

    fn binary(&mut self, bytes: &[u8]) {
        self.0.push(Err(bytes.to_vec()));
    }
}

/// What comes of a stream that is read in these pieces, and whether its last message is a part.
fn split(mut splitter: Splitter, pieces: &[&[u8]]) -> (Vec<Result<String, Vec<u8>>>, bool) {
    let mut heard = Heard::default();
    for piece in pieces {
        splitter.feed(piece, &mut heard).unwrap();
    }
    let lost = splitter.end(&mut heard);
    assert_eq!(splitter.begun.capacity(), 0);
    (heard.0, lost)
}

fn texts(framing: Framing, pieces: &[&[u8]]) -> Vec<String> {
    split(Splitter::new(framing), pieces).0.into_iter().map(|text| text.unwrap()).collect()
}

#[test]
fn the_last_line_needs_no_line_break() {
    assert_eq!(texts(Framing::Lines, &[b"one\ntwo"]), ["one", "two"]);
    assert_eq!(texts(Framing::Lines, &[b"one\n", b"two\n"]), ["one", "two"]);
    assert_eq!(texts(Framing::Lines, &[b"one\r", b"\n\r\n\ntwo\r\n"]), ["one", "", "", "two"]);
}

#[test]
fn a_letter_that_two_reads_share_is_not_harmed() {
    let text = "好\nü\n".as_bytes();
    for at in 0..text.len() {
        let (a, b) = text.split_at(at);
        assert_eq!(texts(Framing::Lines, &[a, b]), ["好", "ü"], "{at}");
    }
}

#[test]
fn what_is_not_utf8_is_replaced_in_its_own_line_only() {
    assert_eq!(texts(Framing::Lines, &[b"a\nb\xff\xfec\nd\n\xe5\xa5"]), ["a", "b\u{fffd}\u{fffd}c", "d", "\u{fffd}"]);
}

#[test]
fn a_line_without_end_comes_in_pieces_and_whole() {
    let line = "好é\r".repeat(LINE / 3);
    let mut bytes = line.clone().into_bytes();
    bytes.extend_from_slice(b"\nnext\n");
    let pieces: Vec<&[u8]> = bytes.chunks(65_536).collect();
    let got = texts(Framing::Lines, &pieces);
    let (next, got) = got.split_last().unwrap();
    assert_eq!(next, "next");
    assert!(got.len() >= 2 && got.iter().all(|piece| piece.len() <= LINE));
    // The last `\r` belongs to the line break.
    assert!(got.concat() == line.strip_suffix('\r').unwrap());
}

#[test]
fn a_line_that_ends_where_it_was_cut_is_not_two() {
    let bytes = vec![b'x'; LINE + 1];
    let (first, last) = bytes.split_at(LINE);
    let got = texts(Framing::Lines, &[first, last, b"\n", b"y\n"]);
    assert_eq!(got.iter().map(String::len).collect::<Vec<_>>(), [LINE, 1, 1]);
    let mut bytes = vec![b'x'; LINE];
    bytes.push(b'\r');
    let got = texts(Framing::Lines, &[&bytes, b"\ny\n"]);
    assert_eq!(got.iter().map(String::len).collect::<Vec<_>>(), [LINE, 1]);
}

#[test]
fn json_lines_say_texts_bytes_and_themselves() {
    let lines = b"\"a\\nb\"\n{\"x\": 1}\n [1]\nno json\n\"open\n\n7\n";
    assert_eq!(texts(Framing::Json, &[lines]), ["a\nb", "{\"x\": 1}", " [1]", "no json", "\"open", "", "7"]);
    let lines: &[u8] =
        b"{\"binary\":\"AAH/\"}\n{ \"binary\" : \"\" }\n{\"binary\":\"?\"}\n{\"binary\":\"AA==\",\"x\":1}\n";
    let (got, _) = split(Splitter::new(Framing::Json), &[lines]);
    let as_it_is = |text: &str| Ok(text.to_owned());
    assert_eq!(
        got,
        [Err(vec![0, 1, 255]), Err(vec![]), as_it_is("{\"binary\":\"?\"}"), as_it_is("{\"binary\":\"AA==\",\"x\":1}")]
    );
}

#[test]
fn lines_can_be_told_with_their_stream() {
    let (got, _) = split(Splitter::tagged(Framing::Lines, "stderr"), &[b"a \"b\"\t\xff\nc"]);
    assert_eq!(
        got,
        [
            Ok("{\"stream\":\"stderr\",\"data\":\"a \\\"b\\\"\\t\u{fffd}\"}".to_owned()),
            Ok("{\"stream\":\"stderr\",\"data\":\"c\"}".to_owned())
        ]
    );
}

#[test]
fn a_message_is_as_long_as_it_says() {
    let stream = b"\0\0\0\x03abc\0\0\0\0\0\0\0\x01\n";
    for at in 0..stream.len() {
        let (a, b) = stream.split_at(at);
        let (got, lost) = split(Splitter::new(Framing::Length), &[a, b]);
        assert_eq!((got, lost), (vec![Err(b"abc".to_vec()), Err(vec![]), Err(b"\n".to_vec())], false), "{at}");
    }
    assert_eq!(split(Splitter::new(Framing::Length), &[b"\0\0\0\x03ab"]), (vec![], true));
    let too_long = Splitter::new(Framing::Length).feed(b"\xff\0\0\0", &mut Heard::default());
    assert_eq!(too_long, Err(TooLong(0xff00_0000)));
    assert_eq!(too_long.unwrap_err().to_string(), "a message of 4278190080 bytes is longer than 16777216");
}

#[test]
fn input_is_framed() {
    let put = |framing: Framing| {
        let mut input = Vec::new();
        framing.put_text("a\n\"", &mut input);
        framing.put_binary(b"\xff\0", &mut input);
        input
    };
    assert_eq!(put(Framing::Lines), b"a\n\"\n\xff\0\n");
    assert_eq!(put(Framing::Json), b"\"a\\n\\\"\"\n{\"binary\":\"/wA=\"}\n");
    assert_eq!(put(Framing::Length), b"\0\0\0\x03a\n\"\0\0\0\x02\xff\0");
    assert_eq!(put(Framing::Binary), b"a\n\"\xff\0");
}

proptest! {
    /// What a program gives back as it got it, a client gets back as it said it.
    #[test]
    fn cat_is_an_echo(messages in prop::collection::vec(any::<Result<String, Vec<u8>>>(), 0..6), cuts in prop::collection::vec(0usize..40, 0..20)) {
        for framing in [Framing::Json, Framing::Length] {
            let mut stream = Vec::new();
            for message in &messages {
                match message {
                    Ok(text) => framing.put_text(text, &mut stream),
                    Err(bytes) => framing.put_binary(bytes, &mut stream),
                }
            }
            let mut pieces = Vec::new();
            let mut rest = stream.as_slice();
            for cut in &cuts {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            pieces.push(rest);
            let (got, lost) = split(Splitter::new(framing), &pieces);
            let bytes = |message: &Result<String, Vec<u8>>| Err(match message {
                Ok(text) => text.clone().into_bytes(),
                Err(bytes) => bytes.clone(),
            });
            let expected = if framing == Framing::Json { messages.clone() } else { messages.iter().map(bytes).collect() };
            prop_assert_eq!((got, lost), (expected, false));
        }
    }

    /// However a stream is cut into reads, its lines are the same.
    #[test]
    fn cuts_change_nothing(stream in "[a\r\nü好]{0,60}", at in prop::collection::vec(0usize..100, 0..6)) {
        let stream = stream.as_bytes();
        let whole = texts(Framing::Lines, &[stream]);
        let mut pieces = Vec::new();
        let mut rest = stream;
        for cut in at {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(texts(Framing::Lines, &pieces), whole);
    }
}
