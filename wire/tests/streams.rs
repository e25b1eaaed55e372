//! Whole streams: what one end writes the other reads, however it was cut; and what nobody should write is judged the
//! same, however it was cut.

#![allow(clippy::indexing_slicing, reason = "helpers of tests panic like tests")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use support::plan::{self, Planned, Writer};
use support::{hear, role, rules};
use wire::Role;
use wire::deflate::{Deflater, Inflater};

/// Window bits, level and takeover, if messages are compressed at all.
fn compression() -> impl Strategy<Value = Option<(u8, u32, bool)>> {
    proptest::option::of((9..=15_u8, 0..=9_u32, any::<bool>()))
}

/// One place of a stream that is changed.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    CutShort(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        4 => (place(), 0..8_u8).prop_map(|(place, bit)| Change::Flip(place, 1 << bit)),
        1 => (place(), any::<u8>()).prop_map(|(place, byte)| Change::Insert(place, byte)),
        1 => place().prop_map(Change::Remove),
        1 => place().prop_map(Change::CutShort),
    ]
}

fn spoil(bytes: &mut Vec<u8>, change: &Change) {
    let len = bytes.len();
    if len == 0 {
        return;
    }
    match change {
        Change::Flip(place, bit) => bytes[place.index(len)] ^= bit,
        Change::Insert(place, byte) => bytes.insert(place.index(len), *byte),
        Change::Remove(place) => drop(bytes.remove(place.index(len))),
        Change::CutShort(place) => bytes.truncate(place.index(len)),
    }
}

/// A stream to be read by `role`, and what is heard.
fn write(role: Role, all: &[Planned], compression: Option<(u8, u32, bool)>) -> (Vec<u8>, Vec<support::Said>) {
    let (mut bytes, mut heard) = (Vec::new(), Vec::new());
    let mut writer =
        compression.map(|(bits, level, takeover)| Writer { deflater: Deflater::new(bits, level), takeover });
    for planned in all {
        plan::write(planned, role == Role::Server, writer.as_mut(), &mut bytes, &mut heard);
    }
    (bytes, heard)
}

fn inflater(compression: Option<(u8, u32, bool)>) -> Option<Inflater> {
    compression.map(|(bits, _, takeover)| Inflater::new(bits, takeover))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_one_end_writes_the_other_reads(
        role in role(), all in plan::conversation(), compression in compression(), cuts in vec(any::<Index>(), 0..12),
    ) {
        let (bytes, said) = write(role, &all, compression);
        let heard = hear(&rules(role), plan::cut(&bytes, &cuts), inflater(compression).as_mut());
        prop_assert_eq!(heard.said, said);
        prop_assert_eq!(heard.violation, None);
        prop_assert!(heard.idle);
    }

    #[test]
    fn cuts_make_no_difference_to_what_is_broken(
        role in role(), all in plan::conversation(), compression in compression(),
        changes in vec(change(), 1..4), cuts in vec(any::<Index>(), 0..12),
    ) {
        let (mut bytes, _) = write(role, &all, compression);
        for change in &changes {
            spoil(&mut bytes, change);
        }
        let whole = hear(&rules(role), [bytes.as_slice()], inflater(compression).as_mut());
        let pieces = hear(&rules(role), plan::cut(&bytes, &cuts), inflater(compression).as_mut());
        prop_assert_eq!(&whole, &pieces);
        let single = hear(&rules(role), bytes.chunks(1), inflater(compression).as_mut());
        prop_assert_eq!(&whole, &single);
    }
}
