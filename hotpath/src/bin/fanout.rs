//! What a shard does to bring messages to a room, as often as asked: `fanout plain 2` says a hundred things twice, each
//! to a thousand members. `cargo xtask instructions` counts it.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

#[path = "../../../backend/benches/support/crowd.rs"]
mod crowd;

use crowd::Crowd;
use readyroom::shard::Packing;

fn main() {
    let mut args = std::env::args().skip(1);
    let (scenario, turns) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let turns: u64 = turns.parse().unwrap();
    match scenario.as_str() {
        "plain" => fan_out(turns, (100, 1), Packing::Plain),
        "batch" => fan_out(turns, (10, 16), Packing::Plain),
        "compressed" => fan_out(turns, (100, 1), Packing::Building(None)),
        other => panic!("no scenario is called {other}"),
    }
}

/// So many batches of so many messages.
fn fan_out(turns: u64, (batches, messages): (u64, u64), packing: Packing) {
    let mut crowd = Crowd::new(1_000, packing);
    (0..batches * turns).for_each(|_| crowd.say(messages));
}
