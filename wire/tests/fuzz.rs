//! The checks of the fuzz targets, on their corpus and on what chance makes of it. The same every time; to look for
//! what nobody has thought of, `cargo +nightly fuzz run decode_server` in `wire/fuzz`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests panic like tests")]

#[path = "../fuzz/checks.rs"]
#[allow(unreachable_pub, reason = "a module of another crate too")]
mod checks;

use std::path::Path;

/// Inputs that are made of the corpus for each check.
const TURNS: u64 = 10_000;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Parts of one or two inputs, with some bytes changed.
fn mix(chance: &mut fastrand::Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = chance.choice(corpus).unwrap().clone();
    if chance.bool() {
        let other = chance.choice(corpus).unwrap();
        bytes.truncate(chance.usize(..=bytes.len()));
        bytes.extend(&other[chance.usize(..=other.len())..]);
    }
    for _ in 0..chance.u8(..4) {
        let place = chance.usize(..bytes.len().max(1));
        match chance.u8(..4) {
            0 if !bytes.is_empty() => drop(bytes.remove(place)),
            1 if !bytes.is_empty() => bytes.insert(place, chance.u8(..)),
            2 if !bytes.is_empty() => bytes[place] = chance.u8(..),
            _ if !bytes.is_empty() => bytes[place] ^= 1 << chance.u8(..8),
            _ => bytes.push(chance.u8(..)),
        }
    }
    bytes
}

fn check(name: &str, check: fn(&[u8])) {
    let corpus = corpus(name);
    corpus.iter().for_each(|bytes| check(bytes));
    let mut chance = fastrand::Rng::with_seed(11);
    for _ in 0..TURNS {
        check(&mix(&mut chance, &corpus));
    }
}

#[test]
fn a_server_decodes_anything() {
    check("decode_server", checks::decode_server);
}

#[test]
fn a_client_decodes_anything() {
    check("decode_client", checks::decode_client);
}

#[test]
fn anything_is_deflated_and_inflated() {
    check("deflate", checks::deflate);
}

#[test]
fn anything_is_negotiated() {
    check("negotiate", checks::negotiation);
}
