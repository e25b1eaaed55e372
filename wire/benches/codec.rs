//! How fast the codec is. One measured turn of `decode` and `encode` is a buffer of frames; the rate is per frame.

use std::hint::black_box;
use std::io::Cursor;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tungstenite::WebSocket;
use tungstenite::protocol::Role as TheirRole;
use wire::deflate::{Deflater, Inflater};
use wire::encode::{self, Header};
use wire::{Decoder, Input, Message, Opcode, Role, Rules};

const RULES: Rules = Rules { role: Role::Server, max_message: 1 << 20, max_fragments: 64 };

/// What a room says most: an event with a line of text.
const EVENT: &str = r#"{"ev":"event","room":"0197f3a2-6a51-7cc3-98c4-5dbb2b1f1a07","seq":120431,"at":1763700000123,"by":{"id":"0197f3a2-1111-7cc3-98c4-5dbb2b1f1a07","name":"Ada"},"kind":"message","n":98122,"cid":"0197f3a2-2222-7cc3-98c4-5dbb2b1f1a07","body":"I have put the minutes of yesterday's meeting into the usual place. Who is missing from the list of people, please say so by noon."}"#;

/// `count` masked texts of `len` bytes, each with a key of its own.
fn frames(text: &str, count: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for i in 0..count {
        let key = i.wrapping_mul(0x9e37_79b9).to_ne_bytes();
        encode::frame(&mut bytes, Header::new(Opcode::Text).masked(key), text.as_bytes());
    }
    bytes
}

fn text(len: usize) -> String {
    EVENT.chars().cycle().take(len).collect()
}

/// Decodes everything and adds up the lengths.
fn decode(bytes: &mut [u8], inflater: &mut Option<Inflater>) -> usize {
    let mut decoder = Decoder::default();
    let mut input = Input::new(bytes);
    let mut sum = 0;
    while let Ok(Some(message)) = decoder.next(&RULES, &mut input, inflater.as_mut()) {
        if let Message::Text(text) = message {
            sum += text.len();
        }
    }
    sum
}

fn decoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("decode");
    let accented: String = "Grüße aus der Küche, très bientôt! ".chars().cycle().take(186).collect();
    for (name, text, count) in [
        ("200 B", text(200), 300),
        ("200 B, accents", accented, 300),
        ("20 B", text(20), 300),
        ("64 KiB", text(65_536), 1),
    ] {
        let bytes = frames(&text, count);
        group.throughput(Throughput::Elements(count.into()));
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter_batched_ref(|| bytes.clone(), |bytes| decode(black_box(bytes), &mut None), BatchSize::SmallInput);
        });
    }
    // For comparison, without what it costs to set up a connection of its own.
    let bytes = frames(&text(200), 300);
    group.throughput(Throughput::Elements(300));
    group.bench_function("200 B, tungstenite", |b| {
        b.iter_batched_ref(|| theirs(&bytes), |socket| read_all(black_box(socket)), BatchSize::SmallInput);
    });
    group.finish();
}

fn theirs(bytes: &[u8]) -> WebSocket<Cursor<Vec<u8>>> {
    WebSocket::from_raw_socket(Cursor::new(bytes.to_vec()), TheirRole::Server, None)
}

/// Reads with tungstenite and adds up the lengths.
fn read_all(socket: &mut WebSocket<Cursor<Vec<u8>>>) -> usize {
    let mut sum = 0;
    while let Ok(message) = socket.read() {
        sum += message.len();
    }
    sum
}

/// Masking alone: what a client does to a binary message on its way out, and a server to one on its way in.
fn masking(c: &mut Criterion) {
    let mut group = c.benchmark_group("mask");
    for len in [200, 65_536] {
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(BenchmarkId::from_parameter(len), |b| {
            let mut out = Vec::with_capacity(len + 14);
            let payload = vec![7; len];
            b.iter(|| {
                out.clear();
                encode::frame(&mut out, Header::new(Opcode::Binary).masked([1, 2, 3, 4]), black_box(&payload));
                out.len()
            });
        });
    }
    group.finish();
}

fn encoding(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode");
    let text = text(200);
    group.throughput(Throughput::Elements(300));
    group.bench_function("200 B", |b| {
        let mut out = Vec::with_capacity(70_000);
        b.iter(|| {
            out.clear();
            for _ in 0..300 {
                encode::text(&mut out, black_box(&text));
            }
            out.len()
        });
    });
    group.finish();
}

fn deflate(deflater: &mut Deflater, takeover: bool, out: &mut Vec<u8>) -> usize {
    out.clear();
    deflater.message(black_box(EVENT.as_bytes()), out);
    if !takeover {
        deflater.reset();
    }
    out.len()
}

fn deflating(c: &mut Criterion) {
    let mut group = c.benchmark_group("deflate");
    group.throughput(Throughput::Elements(1));
    for (name, level, takeover) in [
        ("event, takeover, level 1", 1, true),
        ("event, takeover, level 6", 6, true),
        ("event, no takeover, level 1", 1, false),
        ("event, no takeover, level 6", 6, false),
    ] {
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            let mut deflater = Deflater::new(15, level);
            let mut out = Vec::with_capacity(1_000);
            b.iter(|| deflate(&mut deflater, takeover, &mut out));
        });
    }
    group.finish();
}

fn inflating(c: &mut Criterion) {
    let mut payload = Vec::new();
    Deflater::new(15, 6).message(EVENT.as_bytes(), &mut payload);
    let mut group = c.benchmark_group("inflate");
    group.throughput(Throughput::Elements(1));
    group.bench_function("event, no takeover", |b| {
        let mut inflater = Inflater::new(15, false);
        b.iter(|| inflater.message(black_box(&payload), 1 << 20).map(<[u8]>::len));
    });
    group.finish();
}

criterion_group!(codec, decoding, masking, encoding, deflating, inflating);
criterion_main!(codec);
