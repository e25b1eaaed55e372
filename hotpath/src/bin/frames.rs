//! What a server does for every frame, as often as asked: `frames decode 2` decodes ten thousand frames twice.
//!
//! `cargo xtask instructions` runs it under valgrind and compares what a turn costs with the figures it keeps. Each
//! scenario does the same every time, so nothing here may depend on the clock, on chance or on a map's order.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use std::hint::black_box;

use wire::deflate::{Deflater, Inflater};
use wire::encode::{self, Header};
use wire::{Decoder, Input, Opcode, Role, Rules};

const RULES: Rules = Rules { role: Role::Server, max_message: 1 << 16, max_fragments: 64 };

/// What a client sends most: 200 bytes.
const COMMAND: &str = r#"{"op":"send","cid":"0197f3a2-2222-7cc3-98c4-5dbb2b1f1a07","room":"0197f3a2-6a51-7cc3-98c4-5dbb2b1f1a07","body":"Could somebody please look at the numbers of last week? They look wrong. – Ada"}"#;

/// What a server sends most: 370 bytes.
const EVENT: &str = r#"{"ev":"event","room":"0197f3a2-6a51-7cc3-98c4-5dbb2b1f1a07","seq":120431,"at":1763700000123,"by":{"id":"0197f3a2-1111-7cc3-98c4-5dbb2b1f1a07","name":"Ada"},"kind":"message","n":98122,"cid":"0197f3a2-2222-7cc3-98c4-5dbb2b1f1a07","body":"I have put the minutes of yesterday's meeting into the usual place. Who is missing from the list, please say so by noon."}"#;

fn main() {
    let mut args = std::env::args().skip(1);
    let (scenario, turns) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let turns: u32 = turns.parse().unwrap();
    match scenario.as_str() {
        "decode" => decode(turns, usize::MAX),
        "decode-cut" => decode(turns, 150),
        "encode" => encode(turns),
        "deflate" => deflate(turns),
        "inflate" => inflate(turns),
        other => panic!("no scenario is called {other}"),
    }
}

/// Ten thousand commands of a client, eight in a buffer, each of which arrives in pieces of this size.
///
/// Larger buffers would be copied by an instruction that valgrind counts once for each byte.
fn decode(turns: u32, size: usize) {
    let mut frames = Vec::new();
    for i in 0..8_u32 {
        let key = i.wrapping_mul(0x9e37_79b9).to_ne_bytes();
        encode::frame(&mut frames, Header::new(Opcode::Text).masked(key), COMMAND.as_bytes());
    }
    let mut buffer = frames.clone();
    for _ in 0..1_250 * turns {
        buffer.copy_from_slice(&frames);
        let mut decoder = Decoder::default();
        for piece in buffer.chunks_mut(size) {
            let mut input = Input::new(piece);
            while let Some(message) = decoder.next(&RULES, &mut input, None).unwrap() {
                black_box(message);
            }
        }
    }
}

/// Ten thousand events.
fn encode(turns: u32) {
    let mut out = Vec::with_capacity(100 * (EVENT.len() + 4));
    for _ in 0..100 * turns {
        out.clear();
        (0..100).for_each(|_| encode::text(&mut out, black_box(EVENT)));
        black_box(&out);
    }
}

/// A thousand events, each referring to those before it. (To forget them is to clear 128 KiB of memory, which valgrind
/// counts byte by byte; everything else would vanish beside it.)
fn deflate(turns: u32) {
    let words: Vec<&str> = EVENT.split(' ').collect();
    let events: Vec<String> = (0..words.len())
        .map(|i| {
            let (before, after) = words.split_at(i);
            [after, before].concat().join(" ").replace("120431", &(120_431 + 7_919 * i).to_string())
        })
        .collect();
    let mut deflater = Deflater::new(15, 1);
    let mut out = Vec::with_capacity(1_000);
    for event in events.iter().cycle().take(1_000 * turns as usize) {
        out.clear();
        deflater.message(black_box(event).as_bytes(), &mut out);
        black_box(&out);
    }
}

/// A thousand commands, inflated without takeover.
fn inflate(turns: u32) {
    let mut payload = Vec::new();
    Deflater::new(15, 6).message(COMMAND.as_bytes(), &mut payload);
    let mut inflater = Inflater::new(15, false);
    for _ in 0..1_000 * turns {
        black_box(inflater.message(black_box(&payload), 1 << 16).unwrap());
    }
}
