//! What costs memory and what does not, counted by the allocator of this program.

#![allow(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

use allocation_counter::{AllocationInfo, measure};
use wire::deflate::{Deflater, Inflater};
use wire::encode::{self, Header};
use wire::{Decoder, Input, Message, Opcode, Role, Rules};

const RULES: Rules = Rules { role: Role::Server, max_message: 1 << 20, max_fragments: 64 };
const TEXT: &str =
    r#"{"op":"send","cid":"0197f3a2-6a51-7cc3-98c4-5dbb2b1f1a07","room":"general","body":"Grüße, who is here?"}"#;
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Decodes everything, and counts the messages.
fn decode(decoder: &mut Decoder, bytes: &mut [u8], mut inflater: Option<&mut Inflater>) -> usize {
    let mut input = Input::new(bytes);
    let mut count = 0;
    while let Some(message) = decoder.next(&RULES, &mut input, inflater.as_deref_mut()).unwrap() {
        assert!(matches!(message, Message::Ping(_) | Message::Text(TEXT)));
        count += 1;
    }
    count
}

fn frames(count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..count {
        encode::frame(&mut bytes, Header::new(Opcode::Text).masked(KEY), TEXT.as_bytes());
        encode::frame(&mut bytes, Header::new(Opcode::Ping).masked(KEY), b"");
    }
    bytes
}

fn nothing(info: &AllocationInfo) -> bool {
    info.count_total == 0
}

#[test]
fn whole_frames_are_decoded_without_memory() {
    let mut bytes = frames(500);
    let info = measure(|| assert_eq!(decode(&mut Decoder::default(), &mut bytes, None), 1_000));
    assert!(nothing(&info), "{info:?}");
}

#[test]
fn frames_are_encoded_into_what_is_there() {
    let mut out = Vec::with_capacity(200_000);
    let info = measure(|| {
        for _ in 0..500 {
            encode::text(&mut out, TEXT);
            encode::pong(&mut out, b"payload");
            encode::frame(&mut out, Header::new(Opcode::Text).masked(KEY), TEXT.as_bytes());
        }
    });
    assert!(nothing(&info), "{info:?}");
}

#[test]
fn compression_needs_no_memory_beyond_the_first_message() {
    let (mut deflater, mut out) = (Deflater::new(15, 6), Vec::with_capacity(1_000_000));
    deflater.message(TEXT.as_bytes(), &mut out);
    let mut frames = Vec::new();
    let info = measure(|| {
        for _ in 0..500 {
            out.clear();
            deflater.message(TEXT.as_bytes(), &mut out);
            deflater.reset();
        }
    });
    assert!(nothing(&info), "{info:?}");
    deflater.message(TEXT.as_bytes(), &mut Vec::new());
    deflater.reset();
    out.clear();
    deflater.message(TEXT.as_bytes(), &mut out);
    for _ in 0..500 {
        encode::frame(&mut frames, Header::new(Opcode::Text).compressed().masked(KEY), &out);
    }
    let mut inflater = Inflater::new(15, false);
    inflater.message(&out, 1_000).unwrap();
    let info = measure(|| {
        assert_eq!(decode(&mut Decoder::default(), &mut frames, Some(&mut inflater)), 500);
    });
    assert!(nothing(&info), "{info:?}");
}

#[test]
fn what_was_collected_is_given_back() {
    let mut decoder = Decoder::default();
    let bytes = frames(1);
    for cut in 1..bytes.len() {
        let (mut before, mut after) = (bytes.clone(), Vec::new());
        after.extend(before.drain(cut..));
        let info = measure(|| {
            let count = decode(&mut decoder, &mut before, None) + decode(&mut decoder, &mut after, None);
            assert_eq!(count, 2);
        });
        assert_eq!(info.count_current, 0, "cut at {cut}");
        assert!(decoder.is_idle());
    }
}

#[test]
fn a_head_costs_no_more_than_itself() {
    let mut decoder = Decoder::default();
    let declared = u64::try_from(RULES.max_message).unwrap().to_be_bytes();
    let mut head = [&[0x82, 0xff][..], &declared, &KEY, &[1, 2, 3]].concat();
    let info = measure(|| assert_eq!(decode(&mut decoder, &mut head, None), 0));
    assert!((1..300).contains(&info.bytes_current), "{info:?}");
    assert!(!decoder.is_idle());
}

#[test]
fn contexts_are_as_large_as_they_say() {
    let mut kept = None;
    let info = measure(|| kept = Some(Inflater::new(15, true)));
    assert!((32 * 1024..48 * 1024).contains(&info.bytes_current), "{info:?}");
    drop(kept);
    let mut kept = None;
    let info = measure(|| kept = Some(Deflater::new(15, 6)));
    assert!((256 * 1024..400 * 1024).contains(&info.bytes_current), "{info:?}");
    drop(kept);
    let mut kept = None;
    let info = measure(|| kept = Some(Deflater::new(9, 6)));
    assert!((128 * 1024..256 * 1024).contains(&info.bytes_current), "{info:?}");
    drop(kept);
}
