//! Who is here and who is writing: it may be lost, and is mended; it takes no space from events.

use super::*;
use crate::room::{BATCH_MS, RETRY_MS};

#[test]
fn who_comes_and_goes_is_told_across_shards() {
    let mut town = Driven::new(2);
    let mut ann = town.comes(0, "Ann");
    assert_eq!(ann.hears(), "all:1");
    let mut ben = town.comes(1, "Ben");
    assert_eq!((ann.hears(), ben.hears()), (format!("#{} here:2", town.log().len()), "all:2".to_owned()));
    town.says(&ben, r#"{"op":"typing","room":"r1"}"#);
    town.pass(2 * BATCH_MS);
    assert_eq!((ann.hears(), ben.hears()), ("typing:Ben".to_owned(), "typing:Ben".to_owned()));
    let now = town.now();
    town.shards[1].on_gone(ben.slot, now);
    town.pass(2 * BATCH_MS);
    assert_eq!(ann.hears(), "", "they may come back");
    town.pass(common::limits::PRESENCE_GRACE_MS);
    assert!(ann.hears().ends_with("here:1"));
}

#[test]
fn who_has_something_waiting_is_told_later_and_then_everything() {
    let mut town = Driven::narrow(2);
    let (mut ann, mut ben) = (town.comes(0, "Ann"), town.comes(1, "Ben"));
    ann.hears();
    ben.hears();
    ben.pipe.narrow(0);
    town.speaks(ann.user, &"x".repeat(1_000));
    town.flow();
    let cho = town.comes(0, "Cho");
    town.says(&cho, r#"{"op":"typing","room":"r1"}"#);
    town.pass(2 * BATCH_MS);
    let (seq, waits) = (town.log().len() as u64, town.shards[1].conns[ben.slot as usize].backlog.bytes());
    assert!(waits < 1_500, "two events wait, nothing else: {waits}");
    town.widen(&ben, 100_000);
    assert_eq!(ben.hears(), super::client::run(seq - 1, seq));
    town.pass(RETRY_MS + BATCH_MS);
    assert_eq!(ben.hears(), "all:3");
    // Once is enough.
    town.pass(10 * RETRY_MS);
    assert_eq!(ben.hears(), "");
}

#[test]
fn who_lagged_learns_who_is_here_once_they_are_back() {
    let mut town = Driven::narrow(1);
    let (ann, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    ben.pipe.narrow(0);
    ben.hears();
    for body in ["x".repeat(1_500), "y".repeat(1_500)] {
        town.speaks(ann.user, &body);
        town.flow();
    }
    town.widen(&ben, 100_000);
    let heard = ben.hears();
    assert!(heard.contains("lag"), "{heard}");
    // It has not asked for the rest yet, and somebody comes.
    let _cho = town.comes(0, "Cho");
    assert_eq!(ben.hears(), "");
    let held = town.log().len() - 2;
    town.says(&ben, &format!(r#"{{"op":"sync","room":"r1","from":{held}}}"#));
    town.settle();
    ben.hears();
    town.pass(RETRY_MS + BATCH_MS);
    assert_eq!(ben.hears(), "all:3");
}

#[test]
fn a_home_forgets_rooms_that_nobody_is_in() {
    let mut town = Driven::new(2);
    let clients: Vec<Client> = (0..4).map(|at| town.comes(at % 2, &format!("P{at}"))).collect();
    let home = town.bus.home(LOBBY).0;
    assert!(town.shards[home].homes.deadline().is_none());
    let now = town.now();
    for client in &clients {
        town.shards[client.shard].on_gone(client.slot, now);
    }
    town.gather();
    town.pass(common::limits::PRESENCE_GRACE_MS + 2 * BATCH_MS);
    for shard in &town.shards {
        assert!(shard.homes.is_empty() && shard.rooms.is_empty() && shard.is_empty());
        assert_eq!(shard.next_tick(), None, "nothing to wait for");
    }
}
