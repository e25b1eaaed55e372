//! Compressed messages, as RFC 7692 has them and as they arrive.

use super::*;
use crate::{Decoder, Input, Message, Role, Rules, Violation};

const CLIENT: Rules = Rules { role: Role::Client, max_message: 1_000, max_fragments: 8 };

fn hear_with(inflater: &mut Inflater, pieces: &[&[u8]]) -> Result<Vec<String>, Violation> {
    let mut decoder = Decoder::default();
    let mut heard = Vec::new();
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let mut input = Input::new(&mut bytes);
        while let Some(message) = decoder.next(&CLIENT, &mut input, Some(inflater))? {
            heard.push(if let Message::Text(text) = message { text.to_owned() } else { format!("{message:x?}") });
        }
    }
    Ok(heard)
}

/// Decodes `bytes` whole, in single bytes, and cut in two anywhere.
fn hear(bytes: &[u8]) -> Result<Vec<String>, Violation> {
    let heard = hear_with(&mut Inflater::new(15, true), &[bytes]);
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(hear_with(&mut Inflater::new(15, true), &single), heard);
    for cut in 0..=bytes.len() {
        let (before, after) = bytes.split_at(cut);
        assert_eq!(hear_with(&mut Inflater::new(15, true), &[before, after]), heard, "cut at {cut}");
    }
    heard
}

/// One frame with this head and payload.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(payload.len()).unwrap()], payload].concat()
}

/// Bytes in which nothing repeats.
fn noise(len: usize) -> Vec<u8> {
    let mut chance = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| chance.u8(..)).take(len).collect()
}

#[test]
fn the_rfcs_examples_are_inflated() {
    // RFC 7692, section 7.2.3: one block, fragments, a shared window, a stored block, a final block, two blocks.
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(hear(&frame(0xc1, &hello)).unwrap(), ["Hello"]);
    let fragments = [frame(0x41, &hello[..3]), frame(0x80, &hello[3..])].concat();
    assert_eq!(hear(&fragments).unwrap(), ["Hello"]);
    let shared = [frame(0xc1, &hello), frame(0xc1, &[0xf2, 0x00, 0x11, 0x00, 0x00])].concat();
    assert_eq!(hear(&shared).unwrap(), ["Hello", "Hello"]);
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    assert_eq!(hear(&frame(0xc1, &stored)).unwrap(), ["Hello"]);
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    assert_eq!(hear(&frame(0xc1, &last)).unwrap(), ["Hello"]);
    let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(hear(&frame(0xc1, &two)).unwrap(), ["Hello"]);
}

#[test]
fn the_rfcs_examples_are_written() {
    let mut deflater = Deflater::new(15, 6);
    let mut write = |text: &str| {
        let mut out = Vec::new();
        deflater.message(text.as_bytes(), &mut out);
        out
    };
    assert_eq!(write("Hello"), [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    assert_eq!(write("Hello"), [0xf2, 0x00, 0x11, 0x00, 0x00]);
    assert_eq!(write(""), [0x00]);
    assert_eq!(write(""), [0x00]);
    deflater.reset();
    let mut out = vec![1];
    deflater.message(b"Hello", &mut out);
    assert_eq!(out, [1, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
}

#[test]
fn a_final_block_ends_the_stream_and_not_the_message() {
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    // Without the byte behind it, with another stream behind it, and with a message that refers to this one.
    assert_eq!(hear(&frame(0xc1, &last)).unwrap(), ["Hello"]);
    assert_eq!(hear(&frame(0xc1, &[&last[..], &last, &[0]].concat())).unwrap(), ["HelloHello"]);
    let next = frame(0xc1, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    assert_eq!(hear(&[frame(0xc1, &[&last[..], &[0]].concat()), next].concat()).unwrap(), ["Hello", "Hello"]);
}

#[test]
fn empty_messages_are_messages() {
    let next = frame(0xc1, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    for empty in [&[0x00][..], &[], &[0x02, 0x00], &[0x00, 0x00, 0x00, 0xff, 0xff, 0x00]] {
        assert_eq!(hear(&[frame(0xc1, empty), next.clone()].concat()).unwrap(), ["", "Hello"], "{empty:x?}");
    }
    let binary = hear(&frame(0xc2, &[0])).unwrap();
    assert_eq!(binary, ["Binary([])"]);
}

#[test]
fn messages_that_are_not_compressed_come_in_between() {
    let hello = frame(0xc1, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    let again = frame(0xc1, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    let bytes = [hello, frame(0x81, b"plain"), frame(0x89, b""), again].concat();
    assert_eq!(hear(&bytes).unwrap(), ["Hello", "plain", "Ping([])", "Hello"]);
}

#[test]
fn without_takeover_nothing_is_referred_to() {
    let hello = frame(0xc1, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    let again = frame(0xc1, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    let mut inflater = Inflater::new(15, false);
    assert_eq!(hear_with(&mut inflater, &[&hello, &hello]).unwrap(), ["Hello", "Hello"]);
    assert_eq!(hear_with(&mut inflater, &[&hello, &again]), Err(Violation::DEFLATE));
    // It serves others all the same.
    assert_eq!(hear_with(&mut inflater, &[&hello]).unwrap(), ["Hello"]);
}

#[test]
fn the_bit_stands_on_the_first_frame_of_a_message() {
    for first in [0xc8, 0xc9, 0xca, 0xc0, 0x40] {
        assert_eq!(hear(&[first, 0]), Err(Violation::RESERVED_BITS), "{first:x}");
    }
    assert_eq!(hear(&[0x41, 0, 0xc0, 0]), Err(Violation::RESERVED_BITS));
    assert_eq!(hear(&[0xd1, 0]), Err(Violation::RESERVED_BITS));
}

#[test]
fn what_cannot_be_inflated_is_refused() {
    // A block of the reserved type, a stored block that contradicts itself, a distance beyond the beginning.
    for payload in [&[0x07][..], &[0x00, 0x05, 0x00, 0x00, 0x00], &[0xf2, 0x00, 0x11, 0x00, 0x00]] {
        assert_eq!(hear(&frame(0xc1, payload)), Err(Violation::DEFLATE), "{payload:x?}");
    }
    let mut payload = Vec::new();
    Deflater::new(15, 6).message(&[0xff], &mut payload);
    assert_eq!(hear(&frame(0xc1, &payload)), Err(Violation::UTF8));
    assert_eq!(hear(&frame(0xc2, &payload)).unwrap(), ["Binary([ff])"]);
}

#[test]
fn a_window_is_not_written_wider_than_agreed() {
    let far = noise(600);
    let write = |bits| {
        let mut deflater = Deflater::new(bits, 9);
        [&far, &far].map(|message| {
            let mut out = Vec::new();
            deflater.message(message, &mut out);
            out
        })
    };
    let read = |bits, payloads: &[Vec<u8>]| {
        let mut inflater = Inflater::new(bits, true);
        payloads.iter().all(|payload| inflater.message(payload, 1_000) == Ok(&far[..]))
    };
    let (wide, narrow) = (write(10), write(9));
    assert!(wide[1].len() < 50 && narrow[1].len() > 600, "{} and {} bytes", wide[1].len(), narrow[1].len());
    assert!(read(15, &wide) && read(10, &wide) && read(9, &narrow) && read(8, &narrow));
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let mut bomb = Vec::new();
    Deflater::new(15, 9).message(&vec![0; 10_000_000], &mut bomb);
    assert!(bomb.len() < 11_000);
    let mut inflater = Inflater::new(15, true);
    assert_eq!(inflater.message(&bomb, 100_000), Err(Violation::TOO_BIG));
    assert!(inflater.capacity() <= 2 * 100_001);
    assert_eq!(Inflater::new(15, true).message(&bomb, 10_000_000).map(<[u8]>::len), Ok(10_000_000));
    assert_eq!(Inflater::new(15, true).message(&bomb, 9_999_999), Err(Violation::TOO_BIG));
    assert_eq!(Inflater::new(15, true).message(&bomb, 0), Err(Violation::TOO_BIG));
    assert_eq!(Inflater::new(15, true).message(&[0], 0), Ok(&[][..]));
}

#[test]
fn what_does_not_get_shorter_may_be_as_long_as_it_may_be() {
    // Noise of 1,000 bytes takes more than that when it is compressed, and is no bigger a message for it.
    let noise = noise(1_000);
    let mut payload = Vec::new();
    Deflater::new(15, 0).message(&noise, &mut payload);
    assert!(payload.len() > 1_000);
    let declared = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let bytes = [&[0xc2, 126], &declared[..], &payload].concat();
    assert_eq!(hear(&bytes).unwrap(), [format!("Binary({noise:x?})")]);
    // There is a limit for compressed bytes too, and it is told from the head.
    assert_eq!(hear(&[0xc2, 126, 0x04, 0xa6]), Err(Violation::TOO_BIG));
}

#[test]
fn a_context_can_be_given_to_both_ends() {
    let context = br#"{"ev":"event","room":"general","by":"Ada"}"#;
    let text = br#"{"ev":"event","room":"general","by":"Bob"}"#;
    for bits in 9..=15 {
        let (mut writer, mut reader) = (Deflater::new(bits, 6), Inflater::new(bits, true));
        let mut alone = Vec::new();
        writer.message(text, &mut alone);
        writer.reset();
        writer.prime(context);
        let mut payload = Vec::new();
        writer.message(text, &mut payload);
        assert!(payload.len() * 2 < alone.len(), "{} of {} bytes", payload.len(), alone.len());
        // A context that was sent is worth the same as one that was given.
        let mut sent = Vec::new();
        Deflater::new(bits, 6).message(context, &mut sent);
        reader.message(&sent, 1_000).unwrap();
        assert_eq!(reader.message(&payload, 1_000), Ok(&text[..]));
        let mut primed = Inflater::new(bits, true);
        primed.prime(context);
        assert_eq!(primed.message(&payload, 1_000), Ok(&text[..]));
    }
}

#[test]
fn a_long_message_leaves_no_memory_behind() {
    let mut payload = Vec::new();
    Deflater::new(15, 6).message(&vec![b'a'; 100_000], &mut payload);
    let mut inflater = Inflater::new(15, true);
    inflater.message(&payload, 100_000).unwrap();
    assert!(inflater.capacity() >= 100_000);
    // A decoder that has used up its input does it.
    assert_eq!(hear_with(&mut inflater, &[]).unwrap(), [""; 0]);
    assert_eq!(Decoder::default().next(&CLIENT, &mut Input::new(&mut []), Some(&mut inflater)), Ok(None));
    assert!(inflater.capacity() <= 4 * 1024);
}
