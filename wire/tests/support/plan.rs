//! Random conversations: what is said, in which fragments, and where the stream is cut.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use wire::deflate::Deflater;
use wire::encode::{self, Header};
use wire::{Opcode, is_sendable};

use super::Said;

/// A message, and how it is written.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) said: Said,
    /// Where a text or binary message is cut into fragments.
    pub(crate) cuts: Vec<Index>,
    /// Pings and pongs that are sent between the fragments.
    pub(crate) between: Vec<Said>,
    pub(crate) compressed: bool,
    pub(crate) key: [u8; 4],
}

/// Compression as the writer does it.
pub(crate) struct Writer {
    pub(crate) deflater: Deflater,
    pub(crate) takeover: bool,
}

/// A few messages, and perhaps a Close behind them.
pub(crate) fn conversation() -> impl Strategy<Value = Vec<Planned>> {
    let close = proptest::option::of((close(), any::<[u8; 4]>()));
    (vec(planned(), 0..10), close).prop_map(|(mut all, close)| {
        let close = close.map(|(said, key)| Planned { said, cuts: vec![], between: vec![], compressed: false, key });
        all.extend(close);
        all
    })
}

fn planned() -> impl Strategy<Value = Planned> {
    let said = prop_oneof![4 => data(), 1 => control()];
    let cuts = prop_oneof![2 => Just(Vec::new()), 1 => vec(any::<Index>(), 1..5)];
    (said, cuts, vec(control(), 0..3), any::<bool>(), any::<[u8; 4]>())
        .prop_map(|(said, cuts, between, compressed, key)| Planned { said, cuts, between, compressed, key })
}

/// Lengths around those at which the head changes are as likely as others.
fn len() -> impl Strategy<Value = Range<usize>> {
    prop_oneof![8 => Just(0..20), 4 => Just(120..130), 2 => Just(130..2_000), 1 => Just(65_530..65_540)]
}

fn data() -> impl Strategy<Value = Said> {
    // Long payloads grow out of a seed: to choose their bytes one by one takes the time of a thousand tests.
    (any::<bool>(), any::<u64>(), len().prop_flat_map(|len| len)).prop_map(|(is_text, seed, len)| {
        let mut chance = fastrand::Rng::with_seed(seed);
        if is_text { Said::Text(text(&mut chance, len)) } else { Said::Binary(bytes(&mut chance, len)) }
    })
}

/// Half noise, half something that repeats. What is long repeats in any case, and takes no time to make.
fn bytes(chance: &mut fastrand::Rng, len: usize) -> Vec<u8> {
    let letters = if chance.bool() { 255 } else { 3 };
    let verse: Vec<u8> = std::iter::repeat_with(|| chance.u8(..=letters)).take(len.min(997)).collect();
    verse.into_iter().cycle().take(len).collect()
}

/// A text of about `len` bytes, with characters of every length.
fn text(chance: &mut fastrand::Rng, len: usize) -> String {
    let mut verse = String::new();
    while verse.len() < len.min(997) {
        verse.push(match chance.u8(..12) {
            0 => 'é',
            1 => '€',
            2 => '😀',
            3 => chance.char(..),
            _ => chance.char('a'..'e'),
        });
    }
    verse.repeat(len.div_ceil(verse.len().max(1)))
}

fn control() -> impl Strategy<Value = Said> {
    (any::<bool>(), vec(any::<u8>(), 0..=125))
        .prop_map(|(ping, payload)| if ping { Said::Ping(payload) } else { Said::Pong(payload) })
}

fn close() -> impl Strategy<Value = Said> {
    let code = (1_000..5_000_u16).prop_filter("is sent", |code| is_sendable(*code));
    proptest::option::of((code, "[a-é]{0,40}")).prop_map(Said::Close)
}

/// Appends the message to the stream, and to `heard` what a reader hears of it, in its order.
pub(crate) fn write(
    planned: &Planned,
    masked: bool,
    writer: Option<&mut Writer>,
    out: &mut Vec<u8>,
    heard: &mut Vec<Said>,
) {
    let header = |opcode| if masked { Header::new(opcode).masked(planned.key) } else { Header::new(opcode) };
    let mut control = |said: &Said, out: &mut Vec<u8>| {
        let (opcode, payload) = match said {
            Said::Ping(payload) => (Opcode::Ping, payload.clone()),
            Said::Pong(payload) => (Opcode::Pong, payload.clone()),
            Said::Close(closing) => (Opcode::Close, close_payload(closing.as_ref())),
            Said::Text(_) | Said::Binary(_) => unreachable!("no control frame"),
        };
        encode::frame(out, header(opcode), &payload);
        heard.push(said.clone());
    };
    let (opcode, payload) = match &planned.said {
        Said::Text(text) => (Opcode::Text, text.as_bytes()),
        Said::Binary(bytes) => (Opcode::Binary, bytes.as_slice()),
        Said::Ping(_) | Said::Pong(_) | Said::Close(_) => return control(&planned.said, out),
    };
    let (payload, rsv1) = match writer {
        Some(writer) if planned.compressed => (writer.compress(payload), true),
        _ => (payload.to_vec(), false),
    };
    let fragments = cut(&payload, &planned.cuts);
    let last = fragments.len() - 1;
    for (i, fragment) in fragments.into_iter().enumerate() {
        let opcode = if i == 0 { opcode } else { Opcode::Continuation };
        let header = Header { fin: i == last, rsv1: rsv1 && i == 0, ..header(opcode) };
        encode::frame(out, header, fragment);
        if i < last
            && let Some(said) = planned.between.get(i)
        {
            control(said, out);
        }
    }
    heard.push(planned.said.clone());
}

fn close_payload(closing: Option<&(u16, String)>) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some((code, reason)) = closing {
        encode::close_payload(&mut payload, Some(*code), reason);
    }
    payload
}

impl Writer {
    pub(crate) fn compress(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.deflater.message(payload, &mut out);
        if !self.takeover {
            self.deflater.reset();
        }
        out
    }
}

/// `bytes` in pieces, of which some may be empty.
pub(crate) fn cut<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let (mut rest, mut start) = (bytes, 0);
    for place in places {
        let (piece, after) = rest.split_at(place - start);
        pieces.push(piece);
        (rest, start) = (after, place);
    }
    pieces.push(rest);
    pieces
}
