//! The desk in a small world, where it is killed between any two steps.

mod world;

use std::collections::BTreeSet;

use common::limits;
use common::model::Reply;
use common::server::ServerMsg;
use proptest::prelude::*;

use super::*;
use world::{ALICE, BOT, LOBBY, World};

#[test]
fn what_was_said_before_the_first_start_is_not_given_and_what_comes_is() {
    let mut world = World::new(&["lobby"]);
    world.alice_says(LOBBY, "early");
    world.connect();
    world.run();
    world.alice_says(LOBBY, "now");
    world.run();
    assert_eq!(world.given, ["now"]);
    world.answer();
    world.run();
    assert_eq!(world.said_by_bot(LOBBY), ["echo now"]);
    assert_eq!(world.given, ["now"], "it does not hear itself");
    assert!(world.desk.is_idle());
}

#[test]
fn nothing_but_messages_is_given_and_each_as_it_stands() {
    let mut world = World::ready(&["lobby"]);
    world.disconnect();
    world.append(LOBBY, UserId(9), None, EventKind::Joined);
    world.alice_says(LOBBY, "first");
    let target = world.rooms[&LOBBY].0.head;
    world.append(LOBBY, ALICE, None, EventKind::Edited { target, body: "better".into() });
    world.alice_says(LOBBY, "");
    let target = world.rooms[&LOBBY].0.head;
    world.append(LOBBY, ALICE, None, EventKind::Deleted { target });
    world.connect();
    world.run();
    assert_eq!(world.given, ["better"]);
}

#[test]
fn whoever_was_away_for_long_gets_all_of_it_in_order() {
    let mut world = World::ready(&["lobby"]);
    world.disconnect();
    let all: Vec<String> = (0..1_777).map(|n| n.to_string()).collect();
    all.iter().for_each(|text| world.alice_says(LOBBY, text));
    world.restart();
    world.connect();
    world.run();
    assert_eq!(world.given, all);
    let held = world.desk.engine.rooms().get(&LOBBY).unwrap().log.len() as u64;
    assert!(held < 2 * HELD + limits::PAGE_EVENTS, "{held} events are still held");
}

#[test]
fn a_conversation_that_began_while_it_was_away_is_read_from_its_beginning() {
    let mut world = World::ready(&["lobby"]);
    world.disconnect();
    world.room(RoomId(7), "", RoomKind::Direct);
    world.alice_says(RoomId(7), "psst");
    world.connect();
    world.run();
    assert_eq!(world.given, ["psst"]);
    world.answer();
    world.run();
    assert_eq!(world.said_by_bot(RoomId(7)), ["echo psst"]);
}

#[test]
fn rooms_that_nobody_asked_for_are_not_given() {
    let mut world = World::new(&["#LOBBY"]);
    world.room(RoomId(2), "other", RoomKind::Public);
    world.connect();
    world.run();
    world.alice_says(RoomId(2), "elsewhere");
    world.alice_says(LOBBY, "here");
    world.run();
    assert_eq!(world.given, ["here"]);
    assert_eq!(world.desk.settled().unwrap().id, BOT);
}

#[test]
fn a_line_may_name_its_room() {
    let mut world = World::new(&["lobby", "r2"]);
    world.room(RoomId(2), "second", RoomKind::Public);
    world.desk.style = Style::Json;
    world.connect();
    world.run();
    for line in [r#"{"text":"a","room":"second"}"#, r#"{"text":"b","room":"r2"}"#, "c", r#"{"text":"d","room":"x"}"#] {
        world.desk.hear(Ok(line));
    }
    world.run();
    assert_eq!(
        (world.said_by_bot(LOBBY), world.said_by_bot(RoomId(2))),
        (vec!["c".into()], vec!["a".into(), "b".into()])
    );
    assert_eq!(world.notes, ["line 4 of the program is not said: room: the bot is not in 'x'"]);
}

#[test]
fn what_the_server_refuses_is_told_and_given_up() {
    let mut world = World::ready(&["lobby"]);
    world.desk.hear(Ok("forbidden"));
    world.desk.hear(Ok("fine"));
    world.run();
    assert_eq!(world.said_by_bot(LOBBY), ["fine"]);
    assert!(world.notes[0].contains("archived"), "{:?}", world.notes);
    assert!(world.desk.is_idle() && world.desk.journal().sent.is_empty());
}

#[test]
fn another_database_begins_anew() {
    let mut world = World::ready(&["lobby"]);
    world.alice_says(LOBBY, "old");
    world.run();
    world.disconnect();
    let (info, log) = world.rooms.get_mut(&LOBBY).unwrap();
    (info.head, info.n) = (Seq::ZERO, 0);
    log.clear();
    world.epoch = "two";
    world.alice_says(LOBBY, "restored");
    world.restart();
    world.connect();
    world.run();
    assert_eq!(world.given, ["old"]);
    world.alice_says(LOBBY, "new");
    world.run();
    assert_eq!(world.given, ["old", "new"]);
}

#[test]
fn a_log_that_has_lost_its_end_is_read_on() {
    let mut world = World::ready(&["lobby"]);
    (0..5).for_each(|n| world.alice_says(LOBBY, &n.to_string()));
    world.run();
    world.disconnect();
    let (info, log) = world.rooms.get_mut(&LOBBY).unwrap();
    (info.head, info.n) = (Seq(2), 1);
    log.truncate(2);
    world.restart();
    world.connect();
    world.run();
    world.alice_says(LOBBY, "on");
    world.run();
    assert_eq!(world.given.last().unwrap(), "on");
    assert_eq!(world.given.len(), 6);
}

#[test]
fn a_room_that_is_not_there_ends_it_with_words() {
    let mut world = World::ready(&["lobby", "nowhere"]);
    assert_eq!(world.desk.missing(), ["nowhere"]);
    assert_eq!(world.desk.settled(), None);
    world.desk.found(world.now, "nowhere", None);
    assert!(world.desk.fatal().unwrap().0.contains("no room 'nowhere'"));
}

#[test]
fn whoever_is_put_out_of_all_rooms_ends() {
    let mut world = World::ready(&["lobby"]);
    world.tell(ServerMsg::Left { room: LOBBY });
    assert!(world.desk.fatal().is_some());
}

#[test]
fn the_journal_of_another_is_not_used() {
    let mut world = World::ready(&["lobby"]);
    world.disk = world.disk.replace("\"u3\"", "\"u8\"");
    world.restart();
    world.connect();
    world.run();
    assert!(world.desk.fatal().unwrap().0.contains("the journal is of Bot"), "{:?}", world.desk.fatal());
}

#[test]
fn what_waits_is_bounded_and_goes_out_at_its_pace() {
    let mut world = World::ready(&["lobby"]);
    world.desk.pace = Pace::new(60, world.now);
    for n in 0..1_000 {
        assert!(world.desk.has_room());
        world.desk.hear(Ok(&n.to_string()));
    }
    assert!(!world.desk.has_room());
    world.run();
    assert_eq!(world.said_by_bot(LOBBY).len(), 10);
    assert!(world.desk.has_room());
    world.restart();
    world.desk.pace = Pace::new(60_000, world.now);
    world.connect();
    while !world.desk.is_idle() {
        world.now = world.desk.deadline().unwrap().max(world.now.plus(1));
        world.run();
    }
    let all: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    assert_eq!(world.said_by_bot(LOBBY), all);
}

#[test]
fn an_answer_names_what_it_answers() {
    let mut world = World::ready(&["lobby"]);
    world.desk.style = Style::Json;
    let kind = EventKind::Message {
        n: 1,
        body: "hi".into(),
        mentions: vec![BOT],
        everyone: None,
        reply: Some(Reply { to: Seq(9), root: Seq(7) }),
    };
    let event = world.append(LOBBY, ALICE, None, kind);
    world.tell(ServerMsg::Event(event));
    world.run();
    let told: serde_json::Value = serde_json::from_str(&world.given[0]).unwrap();
    assert_eq!((&told["mentioned"], &told["reply_to"], &told["thread"]), (&true.into(), &9.into(), &7.into()));
}

#[derive(Debug, Clone)]
enum Act {
    Say,
    Answer,
    Run(usize),
    Cut,
    Kill,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Say),
        3 => Just(Act::Answer),
        4 => (0_usize..40).prop_map(Act::Run),
        1 => Just(Act::Cut),
        1 => Just(Act::Kill),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    /// Killed between any two steps, it gives no message twice and answers none twice; what it is given once it is left
    /// alone is answered.
    #[test]
    fn each_message_is_answered_at_most_once_wherever_it_is_killed(acts in acts()) {
        let mut world = World::ready(&["lobby"]);
        let mut said = 0;
        for act in acts {
            match act {
                Act::Say => {
                    said += 1;
                    world.alice_says(LOBBY, &format!("m{said}"));
                }
                Act::Answer => world.answer(),
                Act::Run(fuel) => {
                    world.fuel = Some(fuel);
                    if world.settle().is_err() {
                        world.restart();
                        world.connect();
                    }
                }
                Act::Cut => {
                    world.disconnect();
                    world.connect();
                }
                Act::Kill => {
                    world.restart();
                    world.connect();
                }
            }
        }
        world.rest();
        world.alice_says(LOBBY, "last");
        world.rest();
        world.answer();
        world.rest();
        let given: BTreeSet<_> = world.given.iter().collect();
        prop_assert_eq!(given.len(), world.given.len(), "given twice: {:?}", world.given);
        let answers = world.said_by_bot(LOBBY);
        let once: BTreeSet<_> = answers.iter().collect();
        prop_assert_eq!(once.len(), answers.len(), "said twice: {:?}", answers);
        prop_assert_eq!(answers.last().map(String::as_str), Some("echo last"));
    }

    /// Without kills nothing is lost either, however often the connection breaks.
    #[test]
    fn nothing_is_lost_while_it_lives(acts in acts()) {
        let mut world = World::ready(&["lobby"]);
        let mut said = Vec::new();
        for act in acts {
            match act {
                Act::Say => {
                    said.push(format!("m{}", said.len()));
                    world.alice_says(LOBBY, said.last().unwrap());
                }
                Act::Answer => world.answer(),
                Act::Run(_) => world.run(),
                Act::Cut | Act::Kill => {
                    world.disconnect();
                    world.connect();
                }
            }
        }
        world.rest();
        world.answer();
        world.rest();
        let answers: Vec<String> = said.iter().map(|text| format!("echo {text}")).collect();
        prop_assert_eq!(&world.given, &said);
        prop_assert_eq!(world.said_by_bot(LOBBY), answers);
    }
}
