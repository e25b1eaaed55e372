//! Whatever the network does, every client ends with the same timeline, and everything said is in it once.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on should stop"
)]

mod model;

use common::close;
use common::id::Seq;
use common::limits;
use common::model::EventKind;
use common::sync::log::Item;
use common::sync::{Command, Input, Phase};
use model::{Act, ROOMS, World};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn act() -> impl Strategy<Value = Act> {
    let client = 0_usize..3;
    prop_oneof![
        6 => (client.clone(), 0_usize..2).prop_map(|(client, room)| Act::Say { client, room }),
        8 => client.clone().prop_map(|client| Act::Serve { client }),
        8 => client.clone().prop_map(|client| Act::Read { client }),
        2 => client.clone().prop_map(|client| Act::Lose { client }),
        2 => client.clone().prop_map(|client| Act::Double { client }),
        2 => client.clone().prop_map(|client| Act::Swap { client }),
        1 => client.prop_map(|client| Act::Cut { client }),
        1 => Just(Act::Crash),
        3 => (1_u64..12_000).prop_map(|ms| Act::Pass { ms }),
    ]
}

/// What a client shows of a room is the end of the server's log, without a hole.
fn assert_same_timeline(world: &World, client: usize) {
    for room in ROOMS {
        let shown = world.timeline(client, room);
        let events: Vec<_> = shown
            .iter()
            .map(|item| match item {
                Item::Event(event) => event.as_ref().clone(),
                Item::Gap(gap) => panic!("client {client} is left with the gap {gap:?} in {room}"),
            })
            .collect();
        let log = &world.logs[&room];
        assert!(!events.is_empty());
        assert_eq!(events, log[log.len() - events.len()..], "client {client} in {room}");
    }
}

fn assert_said_once_and_in_order(world: &World) {
    for room in ROOMS {
        for client in &world.clients {
            let user = client.engine.me().unwrap().id;
            let stored: Vec<&str> = world.logs[&room]
                .iter()
                .filter(|event| event.by == user)
                .filter_map(|event| match &event.kind {
                    EventKind::Message { body, .. } => Some(body.as_str()),
                    _ => None,
                })
                .collect();
            let said: Vec<&str> =
                world.said.iter().filter(|s| s.0 == user && s.1 == room).map(|s| s.2.as_str()).collect();
            assert_eq!(stored, said, "{user} in {room}");
        }
    }
}

proptest! {
    // The same cases each time: what they find, they find for everybody. `cargo xtask simulate` looks for more.
    #![proptest_config(ProptestConfig { cases: 1_000, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_network_does_everybody_ends_with_the_same_timeline(
        acts in proptest::collection::vec(act(), 0..160),
        history in prop_oneof![Just(0_u64), Just(30), Just(700)],
    ) {
        let mut world = World::new(3, history);
        for act in &acts {
            world.act(act);
        }
        world.settle();
        for client in 0..3 {
            assert_same_timeline(&world, client);
        }
        assert_said_once_and_in_order(&world);
    }
}

#[test]
fn a_quiet_world_needs_no_mending() {
    let mut world = World::new(2, 10);
    world.settle();
    for _ in 0..5 {
        world.say(0, ROOMS[0]);
        world.say(1, ROOMS[0]);
        world.settle();
    }
    for client in 0..2 {
        assert_same_timeline(&world, client);
        let tally = world.clients[client].engine.tally();
        assert_eq!((tally.gaps_found, tally.duplicates, tally.connections), (0, 0, 1));
    }
}

#[test]
fn what_is_written_while_away_goes_out_once_and_in_order_after_the_return() {
    let mut world = World::new(2, 0);
    world.settle();
    world.cut(0, close::GOING_AWAY);
    for _ in 0..50 {
        world.say(0, ROOMS[0]);
    }
    assert_eq!(world.clients[0].engine.outbox().waiting(), 50);
    world.settle();
    assert_said_once_and_in_order(&world);
    assert_same_timeline(&world, 1);
}

#[test]
fn who_was_away_too_long_sees_a_gap_and_fills_it_on_demand() {
    let mut world = World::new(2, 0);
    world.settle();
    let far = limits::REPLAY_EVENTS * 2;
    // Client 0 comes back only when everything has been said.
    world.input(0, Input::Disconnect { code: close::NORMAL, reason: String::new() });
    for _ in 0..far {
        world.say(1, ROOMS[0]);
        while world.logs[&ROOMS[0]].len() as u64 != world.said.len() as u64 + 1 {
            world.act(&Act::Serve { client: 1 });
            world.act(&Act::Read { client: 1 });
        }
    }
    assert_eq!(*world.clients[0].engine.phase(), Phase::Stopped);
    world.input(0, Input::Connect);
    world.settle();
    let gap = |world: &World| world.clients[0].engine.rooms()[&ROOMS[0]].log.gaps().next();
    let first = gap(&world).expect("too much was missed to be replayed unasked");
    assert_eq!(*first.start(), Seq(2));
    let mut wishes = 0;
    while let Some(missing) = gap(&world) {
        world.input(0, Input::Do(Command::FillGap { room: ROOMS[0], upto: *missing.end() }));
        world.settle();
        wishes += 1;
        assert!(wishes < 20);
    }
    assert_same_timeline(&world, 0);
}

#[test]
fn older_pages_load_on_demand_down_to_the_first_event() {
    let mut world = World::new(1, 350);
    world.settle();
    let room = |world: &World| world.clients[0].engine.rooms()[&ROOMS[0]].clone();
    assert_eq!(room(&world).log.len() as u64, limits::PAGE_EVENTS);
    while room(&world).has_older() {
        world.input(0, Input::Do(Command::LoadOlder { room: ROOMS[0] }));
        assert!(room(&world).is_loading());
        world.settle();
    }
    assert_eq!(room(&world).log.len(), 351);
    assert_same_timeline(&world, 0);
}

#[test]
fn an_answer_that_never_comes_is_asked_for_again() {
    let mut world = World::new(1, 0);
    world.settle();
    world.say(0, ROOMS[0]);
    world.act(&Act::Serve { client: 0 });
    world.act(&Act::Lose { client: 0 });
    world.act(&Act::Lose { client: 0 });
    world.settle();
    assert_eq!(world.clients[0].engine.tally().connections, 1);
    assert_same_timeline(&world, 0);
    assert_said_once_and_in_order(&world);
}

#[test]
fn a_peer_that_does_not_answer_is_given_up_with_4000() {
    let mut world = World::new(1, 0);
    world.settle();
    world.input(0, Input::Wake);
    world.act(&Act::Pass { ms: limits::PING_TIMEOUT_MS });
    assert!(matches!(world.clients[0].engine.phase(), Phase::Waiting { .. }));
    assert_eq!(world.clients[0].engine.last_closed().unwrap().code, close::NO_PONG);
}

#[test]
fn a_kick_ends_it_and_a_person_may_ask_again() {
    let mut world = World::new(1, 0);
    world.settle();
    world.cut(0, close::KICKED);
    assert_eq!(*world.clients[0].engine.phase(), Phase::Stopped);
    assert_eq!(world.clients[0].engine.deadline(), None);
    world.input(0, Input::Connect);
    world.settle();
    assert_same_timeline(&world, 0);
}
