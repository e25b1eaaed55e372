//! A fault of the program, or of a link, in one connection: it ends, and nobody else notices.

use super::client::run;
use super::*;
use crate::session::Effect;

#[test]
fn a_fault_in_a_session_ends_its_connection_and_no_other() {
    let mut town = Driven::new(1);
    let (mut ann, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    ann.hears();
    ben.hears();
    let now = town.now();
    town.shards[0].with_session(ann.slot, now, |_, out| {
        out.push(Effect::Close(close::POLICY, "never carried out"));
        panic!("a fault that this test is about")
    });
    let seq = town.speaks(ben.user, "still here").0;
    town.settle();
    assert_eq!(ann.hears(), "close:1011:fault");
    assert_eq!(ben.hears(), run(seq, seq));
    assert_eq!(town.shards[0].rooms[&LOBBY].followers().len(), 1, "it follows nothing any more");
    town.hands(&ann, &Message::Close(None));
    assert_eq!(town.shards[0].len(), 1);
}

#[test]
fn a_link_that_fails_is_gone_wherever_it_fails() {
    type Writes = fn(&mut Driven, &Client, UserId);
    let ways: [(&str, Writes); 4] = [
        ("an event", |town, _, ben| {
            town.speaks(ben, "hello");
        }),
        ("an answer", |town, ann, _| town.says(ann, r#"{"op":"ping","t":1}"#)),
        ("a pong", |town, ann, _| town.hands(ann, &Message::Ping(b""))),
        ("what waits", |town, ann, ben| {
            ann.pipe.narrow(0);
            town.speaks(ben, "hello");
            town.flow();
            town.widen(ann, 1_000);
        }),
    ];
    for (what, writes) in ways {
        let mut town = Driven::new(1);
        let (ann, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
        ben.hears();
        ann.pipe.breaks();
        writes(&mut town, &ann, ben.user);
        town.settle();
        assert_eq!(town.shards[0].len(), 1, "{what}");
        assert!(ann.pipe.is_dropped(), "{what}");
        ben.hears();
        let seq = town.speaks(ben.user, "still here").0;
        town.settle();
        assert_eq!(ben.hears(), run(seq, seq), "{what}");
    }
}

#[test]
fn a_link_that_fails_among_many_harms_none_of_them() {
    let mut town = Driven::new(1);
    let mut crowd: Vec<Client> = (0..9).map(|at| town.comes(0, &format!("P{at}"))).collect();
    crowd.iter_mut().for_each(|client| drop(client.hears()));
    for broken in [0, 4, 8] {
        crowd[broken].pipe.breaks();
    }
    let seq = town.speaks(crowd[1].user, "hello").0;
    town.flow();
    for (at, client) in crowd.iter_mut().enumerate().filter(|(at, _)| at % 4 != 0) {
        assert_eq!(client.hears(), run(seq, seq), "{at}");
    }
    assert_eq!(town.shards[0].len(), 6);
}
