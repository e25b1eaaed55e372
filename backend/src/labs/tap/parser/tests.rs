//! The parser against the examples of RFC 6455, every cut of them, and what `wire` writes.

use proptest::prelude::*;
use wire::Opcode;
use wire::encode::{self, Header};

use super::*;

/// All that is found in these pieces, one after the other.
fn found<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> (Vec<Found>, Parser) {
    let (mut parser, mut all) = (Parser::default(), Vec::new());
    for mut piece in pieces {
        while let Some(found) = parser.next(&mut piece) {
            all.push(found);
        }
        assert!(piece.is_empty());
    }
    (all, parser)
}

fn frame(header: &[u8], len: u64, payload: &[u8]) -> Found {
    Found::Frame(Frame { header: header.to_owned(), len, payload: payload.to_owned() })
}

#[test]
fn the_rfcs_examples_are_found_wherever_they_are_cut() {
    // RFC 6455, section 5.7: "Hello" unmasked and masked, a fragment, an empty ping, 256 bytes.
    let mut bytes =
        b"\x81\x05Hello\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x01\x03Hel\x89\x00\x82\x7e\x01\x00".to_vec();
    bytes.extend([7; 256]);
    let expected = [
        frame(b"\x81\x05", 5, b"Hello"),
        frame(b"\x81\x85\x37\xfa\x21\x3d", 5, b"\x7f\x9f\x4d\x51\x58"),
        frame(b"\x01\x03", 3, b"Hel"),
        frame(b"\x89\x00", 0, b""),
        frame(b"\x82\x7e\x01\x00", 256, &[7; 256]),
    ];
    for cut in 0..=bytes.len() {
        let (all, parser) = found(<[_; 2]>::from(bytes.split_at(cut)));
        assert_eq!(all, expected, "cut at {cut}");
        assert!(!parser.is_within());
    }
    assert_eq!(found(bytes.chunks(1)).0, expected);
}

#[test]
fn all_forms_of_length_are_read_even_where_a_shorter_one_would_do() {
    let long = |header: &[u8], len: usize| {
        let bytes = [header, &vec![1; len], b"\x8a\x00"].concat();
        let expected = [frame(header, len as u64, &vec![1; len.min(TAP_PAYLOAD)]), frame(b"\x8a\x00", 0, b"")];
        for size in [1, 3, 255, 256, 257, bytes.len()] {
            assert_eq!(found(bytes.chunks(size)).0, expected, "{header:?} in pieces of {size}");
        }
    };
    long(b"\x82\x7d", 125);
    long(b"\x82\x7e\x00\x7e", 126);
    long(b"\x82\x7e\xff\xff", 65_535);
    long(b"\x82\x7f\0\0\0\0\0\x01\0\0", 65_536);
    long(b"\x82\xff\0\0\0\0\0\x01\0\0\x01\x02\x03\x04", 65_536);
    long(b"\x82\x7e\x00\x05", 5);
    long(b"\x82\x7f\0\0\0\0\0\0\0\x05", 5);
    long(b"\xf3\x02", 2);
}

#[test]
fn a_huge_frame_is_told_by_its_beginning_and_costs_no_memory() {
    let (all, mut parser) = found([&b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"[..], &[1; 300]]);
    assert_eq!(all, [frame(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", u64::MAX >> 1, &[1; 256])]);
    assert!(parser.is_within());
    assert_eq!(parser.next(&mut &vec![1; 1 << 20][..]), None);
    assert!(parser.payload.capacity() <= 2 * TAP_PAYLOAD);
}

#[test]
fn behind_a_length_that_is_none_nothing_is_found() {
    let header = b"\x82\xff\x80\0\0\0\0\0\0\0\x01\x02\x03\x04";
    let (all, parser) = found([&b"\x81\x00"[..], header, b"\x81\x00\x81\x00"]);
    assert_eq!(all, [frame(b"\x81\x00", 0, b""), Found::Unreadable(header.to_vec())]);
    assert!(!parser.is_within());
}

#[test]
fn a_close_is_read_masked_or_not() {
    let close = |bytes: &[u8]| match found([bytes]).0.pop() {
        Some(Found::Frame(frame)) => frame.close(),
        other => panic!("{other:?}"),
    };
    let mut bytes = Vec::new();
    encode::close(&mut bytes, Some(4001), "bye é");
    assert_eq!(close(&bytes), Some((Some(4001), "bye é".to_owned())));
    let mut masked = Vec::new();
    encode::frame(&mut masked, Header::new(Opcode::Close).masked([9, 8, 7, 6]), b"\x03\xe8done");
    assert_eq!(close(&masked), Some((Some(1000), "done".to_owned())));
    assert_eq!(close(b"\x88\x00"), Some((None, String::new())));
    assert_eq!(close(b"\x88\x01\x03"), Some((None, String::new())));
    assert_eq!(close(b"\x81\x00"), None);
}

proptest! {
    #[test]
    fn what_is_written_is_found(
        frames in proptest::collection::vec((any::<bool>(), 0usize..6, any::<Option<[u8; 4]>>(), any::<u8>()), 1..8),
        pieces in 1usize..400,
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for (fin, len, mask, fill) in frames {
            let len = [0, 1, 125, 126, 300, 66_000][len];
            let header = Header { fin, rsv1: false, opcode: Opcode::Binary, mask };
            let (before, mut head) = (bytes.len(), Vec::new());
            encode::header(&mut head, header, len);
            encode::frame(&mut bytes, header, &vec![fill; len]);
            let payload = &bytes[before + head.len()..];
            expected.push(frame(&head, len as u64, &payload[..len.min(TAP_PAYLOAD)]));
        }
        prop_assert_eq!(&found([&bytes[..]]).0, &expected);
        prop_assert_eq!(&found(bytes.chunks(pieces)).0, &expected);
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..600), pieces in 1usize..30) {
        prop_assert_eq!(found([&bytes[..]]).0, found(bytes.chunks(pieces)).0);
    }
}
