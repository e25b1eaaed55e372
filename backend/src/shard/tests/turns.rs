//! Taking turns: rooms with each other, and a client with everybody else.

use super::client::run;
use super::*;

/// A room of one's own, whose only member is its maker.
fn makes_room(town: &mut Driven, client: &Client) -> RoomId {
    let (cid, name) = (town.cid(), format!("room{}", client.slot));
    town.says(client, &format!(r#"{{"op":"create","cid":"{cid}","name":"{name}"}}"#));
    town.settle();
    rooms::of(&town.db, client.user).unwrap().last().unwrap().id
}

#[test]
fn a_busy_room_of_many_does_not_keep_a_small_one_waiting() {
    let mut town = Driven::new(1);
    let mut crowd: Vec<Client> = (0..600)
        .map(|at| {
            let user = town.guest(&format!("P{at}"));
            town.flow();
            town.enter(0, user)
        })
        .collect();
    let mut ann = crowd.pop().unwrap();
    let room = makes_room(&mut town, &ann);
    let leave = town.cid();
    town.says(&ann, &format!(r#"{{"op":"leave","cid":"{leave}","room":"r1"}}"#));
    town.settle();
    ann.hears();
    ann.pipe.writes();
    crowd.iter_mut().for_each(|client| drop((client.hears(), client.pipe.writes())));
    // The large room never runs out of events, and still the small one has its turn.
    town.speaks(crowd[0].user, "noise");
    town.reads(0, usize::MAX);
    assert!(town.turn(0, 1), "there is more to send");
    town.writes(ann.user, room, Act::Say { body: Body::new("hi").unwrap(), after: None, reply_to: None });
    town.speaks(crowd[0].user, "noise");
    town.reads(0, usize::MAX);
    let mut sent = 0;
    while ann.pipe.writes() == 0 {
        assert!(town.turn(0, 1));
        sent += crowd.iter().map(|client| client.pipe.writes()).sum::<usize>();
        assert!(sent < 600, "not before the large room is through");
    }
    town.flow();
    assert_eq!(ann.hears(), run(2, 2));
    let last = town.log().len() as u64;
    assert!(crowd.iter_mut().all(|client| client.hears() == run(last - 1, last)));
}

#[test]
fn a_turn_sends_no_more_than_it_may() {
    let mut town = Driven::new(1);
    let crowd: Vec<Client> = (0..20).map(|at| town.comes(0, &format!("P{at}"))).collect();
    for client in &crowd {
        client.pipe.writes();
    }
    town.speaks(crowd[0].user, "hello");
    town.reads(0, usize::MAX);
    for turn in 1..=4 {
        assert!(town.turn(0, 5));
        assert_eq!(crowd.iter().filter(|client| client.pipe.writes() == 1).count(), 5, "turn {turn}");
    }
    assert!(!town.turn(0, 5));
}

#[test]
fn events_that_come_while_a_room_is_served_reach_everybody() {
    let mut town = Driven::new(1);
    let mut crowd: Vec<Client> = (0..20).map(|at| town.comes(0, &format!("P{at}"))).collect();
    crowd.iter_mut().for_each(|client| drop(client.hears()));
    let first = town.speaks(crowd[0].user, "a").0;
    town.reads(0, usize::MAX);
    town.turn(0, 7);
    let by = crowd[0].user;
    town.speaks(by, "b");
    town.speaks(by, "c");
    town.reads(0, usize::MAX);
    // Some go meanwhile, and somebody comes in their place.
    let now = town.now();
    for client in crowd.drain(10..12) {
        town.shards[0].on_gone(client.slot, now);
    }
    let late = town.guest("Late");
    let mut late = town.hello(0, late, Some(first + 2));
    assert!(town.looks.len() == 1 && town.look());
    town.reads(0, usize::MAX);
    while town.turn(0, 3) {}
    town.settle();
    for client in &mut crowd {
        assert_eq!(client.hears(), run(first, first + 3));
    }
    assert_eq!(late.hears(), format!("welcome {}", run(first + 3, first + 3)));
}

#[test]
fn who_does_not_read_their_answers_is_not_read() {
    let mut town = Driven::narrow(1);
    let mut ann = town.comes(0, "Ann");
    ann.hears();
    ann.pipe.narrow(0);
    let mut asked = 0;
    while town.shards[0].wants_messages(ann.slot) {
        town.says(&ann, r#"{"op":"ping","t":1}"#);
        town.flow();
        asked += 1;
        assert!(asked < 1_000);
    }
    // The driver is told when there is something to be read that was not wanted.
    ann.pipe.has_unread(true);
    let mut resumed = Vec::new();
    town.shards[0].swap_resumed(&mut resumed);
    resumed.clear();
    town.widen(&ann, 100_000);
    town.shards[0].swap_resumed(&mut resumed);
    assert!(resumed.contains(&ann.slot) && town.shards[0].wants_messages(ann.slot));
    assert_eq!(ann.takes().len(), asked);
}

#[test]
fn who_has_asked_for_enough_is_read_again_with_the_first_answer() {
    let mut town = Driven::new(1);
    let ann = town.comes(0, "Ann");
    for _ in 0..common::limits::UNANSWERED {
        town.sends(&ann, "x");
    }
    assert!(!town.shards[0].wants_messages(ann.slot));
    ann.pipe.has_unread(true);
    town.settle();
    let mut resumed = Vec::new();
    town.shards[0].swap_resumed(&mut resumed);
    assert!(resumed.contains(&ann.slot) && town.shards[0].wants_messages(ann.slot));
}

#[test]
fn who_waits_for_their_welcome_is_not_read() {
    let mut town = Driven::new(1);
    let user = town.guest("Ann");
    let ann = town.hello(0, user, None);
    assert!(!town.shards[0].wants_messages(ann.slot));
    ann.pipe.has_unread(true);
    town.settle();
    let mut resumed = Vec::new();
    town.shards[0].swap_resumed(&mut resumed);
    assert!(resumed.contains(&ann.slot) && town.shards[0].wants_messages(ann.slot));
}

#[test]
fn a_pong_says_how_much_waits() {
    let mut town = Driven::new(1);
    let mut ann = town.comes(0, "Ann");
    ann.hears();
    ann.pipe.narrow(0);
    for body in ["a", "b", "c"] {
        town.speaks(ann.user, body);
    }
    town.flow();
    town.says(&ann, r#"{"op":"ping","t":1}"#);
    town.flow();
    town.widen(&ann, 100_000);
    assert!(ann.hears().ends_with(" pong:3"));
}
