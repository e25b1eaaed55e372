//! Compression against miniz_oxide, which shares no code with what we use: what either compresses the other inflates.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests panic like tests")]

use miniz_oxide::DataFormat;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output};
use miniz_oxide::inflate::decompress_to_vec;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wire::deflate::{Deflater, Inflater};

/// What a flush ends with, and messages leave out.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// An empty block that ends the stream.
const END: [u8; 5] = [0x01, 0x00, 0x00, 0xff, 0xff];
const MOST: usize = 200_000;

/// A message: short and chatty, long and chatty, or noise.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![1 => Just(0_usize), 8 => 1..300_usize, 2 => 300..40_000_usize, 1 => 40_000..100_000_usize];
    (len, any::<u64>(), 1..=8_u32).prop_map(|(len, seed, bits)| {
        let mut chance = fastrand::Rng::with_seed(seed);
        let words: Vec<Vec<u8>> = (0..20)
            .map(|_| std::iter::repeat_with(|| chance.u8(..) >> (8 - bits)).take(1 + len % 17).collect())
            .collect();
        let mut bytes = Vec::new();
        while bytes.len() < len {
            bytes.extend(&words[chance.usize(..words.len())]);
            bytes.push(chance.u8(..));
        }
        bytes.truncate(len);
        bytes
    })
}

/// Inflates the payloads of messages as one stream.
fn they_inflate(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Vec::new();
    for payload in payloads {
        stream.extend([&payload[..], &TAIL].concat());
    }
    stream.extend(END);
    decompress_to_vec(&stream).unwrap()
}

/// Compresses with a compressor of theirs, block by block if wanted, and cuts the tail off.
fn they_deflate(compressor: &mut CompressorOxide, message: &[u8], blocks: usize) -> Vec<u8> {
    let mut payload = Vec::new();
    let pieces: Vec<_> = message.chunks(message.len() / blocks + 1).collect();
    for piece in pieces {
        let sink = |bytes: &[u8]| {
            payload.extend(bytes);
            true
        };
        let (status, read) = compress_to_output(compressor, piece, TDEFLFlush::Sync, sink);
        assert_eq!((status, read), (TDEFLStatus::Okay, piece.len()));
    }
    if message.is_empty() {
        return vec![0];
    }
    assert!(payload.ends_with(&TAIL));
    payload.truncate(payload.len() - TAIL.len());
    payload
}

fn compressor(level: u8) -> CompressorOxide {
    let mut compressor = CompressorOxide::new(0);
    compressor.set_format_and_level(DataFormat::Raw, level);
    compressor
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn what_we_deflate_they_and_we_inflate(
        messages in vec(message(), 1..6), bits in 9..=15_u8, level in 0..=9_u32, takeover in any::<bool>(),
    ) {
        let mut deflater = Deflater::new(bits, level);
        let mut inflater = Inflater::new(bits, takeover);
        let mut payloads = Vec::new();
        for message in &messages {
            let mut payload = Vec::new();
            deflater.message(message, &mut payload);
            if !takeover {
                deflater.reset();
                prop_assert_eq!(&they_inflate(std::slice::from_ref(&payload)), message);
            }
            prop_assert_eq!(inflater.message(&payload, MOST), Ok(message.as_slice()));
            payloads.push(payload);
        }
        prop_assert_eq!(they_inflate(&payloads), messages.concat());
    }

    #[test]
    fn what_they_deflate_we_inflate(
        messages in vec(message(), 1..6), level in 0..=10_u8, blocks in 1..4_usize, takeover in any::<bool>(),
    ) {
        let mut theirs = compressor(level);
        let mut inflater = Inflater::new(15, takeover);
        for message in &messages {
            let payload = they_deflate(&mut theirs, message, blocks);
            prop_assert_eq!(inflater.message(&payload, MOST), Ok(message.as_slice()));
            if !takeover {
                theirs = compressor(level);
            }
        }
    }

    #[test]
    fn final_blocks_are_read_wherever_they_stand(parts in vec((message(), any::<bool>()), 1..6), level in 1..=10_u8) {
        // One message of streams, each ended by a final block or flushed.
        let mut payload = Vec::new();
        for (part, ends) in &parts {
            if *ends {
                payload.extend(miniz_oxide::deflate::compress_to_vec(part, level));
            } else {
                payload.extend(they_deflate(&mut compressor(level), part, 1));
                payload.extend(TAIL);
            }
        }
        payload.push(0);
        let whole: Vec<u8> = parts.iter().flat_map(|(part, _)| part.clone()).collect();
        let mut inflater = Inflater::new(15, true);
        prop_assert_eq!(inflater.message(&payload, 600_000), Ok(whole.as_slice()));
        prop_assert_eq!(inflater.message(&payload, 600_000), Ok(whole.as_slice()));
    }

    #[test]
    fn noise_is_bounded_and_never_fatal(noise in vec(any::<u8>(), 0..300), most in 0..2_000_usize) {
        let mut inflater = Inflater::new(15, false);
        if let Ok(message) = inflater.message(&noise, most) {
            prop_assert!(message.len() <= most);
        }
        // Whatever came before, the next message is read.
        let mut hello = Vec::new();
        Deflater::new(15, 6).message(b"hello", &mut hello);
        prop_assert_eq!(inflater.message(&hello, 5), Ok(&b"hello"[..]));
    }
}
