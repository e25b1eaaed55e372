//! A room's home under a clock that is set by hand, with shards that listen.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test fails on what it does not know")]

use common::codec;
use wire::{Decoder, Input, Message};

use super::*;

const ROOM: RoomId = RoomId(7);
const ONE: ShardId = ShardId(0);
const TWO: ShardId = ShardId(1);

/// A room's home, and what the shards were told, in short: `here 2 +1 -4` for who is here, `all` where it is the whole,
/// `typing 2`.
struct Driven {
    home: Home,
    told: BTreeMap<ShardId, Vec<String>>,
}

impl Driven {
    fn new() -> Self {
        Self { home: Home::new(ROOM, limits::PRESENCE_GRACE_MS), told: BTreeMap::new() }
    }

    /// A room in which these people have been for a while, each with the connection of their own number, in shard one.
    fn with(people: &[u64]) -> Self {
        let mut driven = Self::new();
        people.iter().for_each(|user| driven.arrives(0, (ONE, *user), *user));
        driven.pass(BATCH_MS);
        driven.told.clear();
        driven
    }

    fn arrives(&mut self, now: u64, (shard, session): (ShardId, u64), user: u64) {
        let (session, user, name) = (SessionId(session), UserId(user), format!("P{user}").into());
        self.home.arrive(now, &Here { room: ROOM, shard, session, user, name });
    }

    fn departs(&mut self, now: u64, (shard, session): (ShardId, u64), user: u64) {
        self.home.depart(now, (shard, SessionId(session)), UserId(user));
    }

    /// Lets time pass up to and including `until`, doing what is due when it is due.
    fn pass(&mut self, until: u64) {
        while let Some(at) = self.home.deadline().filter(|at| *at <= until) {
            for (shard, hints) in self.home.tick(at) {
                let whole = hints.whole.as_ref().map(|frame| short(frame));
                let change = hints.change.as_ref().map(|frame| short(frame));
                let typing = hints.typing.as_ref().map(|frame| short(frame));
                assert_eq!(hints.room, ROOM);
                assert!(whole.is_some() || change.is_some() || typing.is_some(), "who is told is told something");
                self.told.entry(shard).or_default().extend([whole, change, typing].into_iter().flatten());
            }
        }
    }

    fn told(&mut self, shard: ShardId) -> Vec<String> {
        self.told.remove(&shard).unwrap_or_default()
    }
}

fn short(frame: &[u8]) -> String {
    let rules = wire::Rules { role: wire::Role::Client, max_message: 1 << 20, max_fragments: 1 };
    let (mut frame, mut decoder) = (frame.to_vec(), Decoder::default());
    let mut input = Input::new(&mut frame);
    let Ok(Some(Message::Text(text))) = decoder.next(&rules, &mut input, None) else { panic!("no text") };
    match codec::decode_server(text).unwrap() {
        ServerMsg::Typing { people, .. } => {
            people.iter().fold("typing".to_owned(), |text, person| format!("{text} {}", person.id.0))
        }
        ServerMsg::Presence { whole, here, online, offline, .. } => {
            let mut text = format!("{} {here}", if whole { "all" } else { "here" });
            online.iter().for_each(|person| text += &format!(" +{}", person.id.0));
            offline.iter().for_each(|user| text += &format!(" -{}", user.0));
            text
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_comes_is_told_who_is_here_and_the_others_only_what_changes() {
    let mut room = Driven::new();
    room.arrives(0, (ONE, 1), 1);
    room.pass(BATCH_MS);
    assert_eq!(room.told(ONE), ["all 1 +1", "here 1 +1"]);
    room.arrives(5_000, (TWO, 2), 2);
    room.pass(5_999);
    assert!(room.told.is_empty(), "it is gathered first");
    room.pass(6_000);
    assert_eq!(room.told(ONE), ["here 2 +2"]);
    assert_eq!(room.told(TWO), ["all 2 +1 +2", "here 2 +2"]);
    assert_eq!(room.home.deadline(), None, "a quiet room needs no clock");
}

#[test]
fn many_changes_are_one_message() {
    let mut room = Driven::with(&[1]);
    (2..=9).for_each(|user| room.arrives(2_000 + user, (TWO, user), user));
    (2..=4).for_each(|user| room.home.left(2_500, UserId(user)));
    room.pass(10_000);
    assert_eq!(room.told(ONE), ["here 6 +5 +6 +7 +8 +9"]);
}

#[test]
fn who_returns_within_the_grace_was_never_gone() {
    let mut room = Driven::with(&[1, 2]);
    room.departs(2_000, (ONE, 2), 2);
    room.pass(31_999);
    room.arrives(31_999, (TWO, 3), 2);
    room.pass(100_000);
    assert_eq!((room.told(ONE), room.told(TWO)), (Vec::new(), vec!["all 2 +1 +2".to_owned()]));
}

#[test]
fn who_does_not_return_is_gone_after_the_grace() {
    let mut room = Driven::with(&[1, 2]);
    room.departs(2_000, (ONE, 2), 2);
    room.pass(2_000 + limits::PRESENCE_GRACE_MS + BATCH_MS - 1);
    assert!(room.told.is_empty());
    room.pass(2_000 + limits::PRESENCE_GRACE_MS + BATCH_MS);
    assert_eq!(room.told(ONE), ["here 1 -2"]);
}

#[test]
fn who_has_another_connection_stays_be_it_in_another_shard() {
    for shard in [ONE, TWO] {
        let mut room = Driven::with(&[1, 2]);
        room.arrives(1_500, (shard, 3), 2);
        room.departs(2_000, (ONE, 2), 2);
        room.pass(100_000);
        assert!(room.told(ONE).iter().all(|told| !told.contains("-2")), "{shard:?}");
        room.departs(200_000, (shard, 3), 2);
        room.pass(300_000);
        assert_eq!(room.told(ONE), ["here 1 -2"]);
    }
}

#[test]
fn a_late_word_of_an_earlier_connection_does_no_harm() {
    let mut room = Driven::with(&[1, 2]);
    // Back by way of the other shard, whose word is here first.
    room.arrives(2_000, (TWO, 3), 2);
    room.departs(2_100, (ONE, 2), 2);
    room.pass(100_000);
    assert!(room.told(ONE).is_empty());
    // The one connection that is left counts.
    room.departs(100_000, (TWO, 3), 2);
    room.pass(200_000);
    assert_eq!(room.told(ONE), ["here 1 -2"]);
}

#[test]
fn who_leaves_the_room_is_gone_without_grace() {
    let mut room = Driven::with(&[1, 2]);
    room.home.left(2_000, UserId(2));
    room.departs(2_001, (ONE, 2), 2);
    room.pass(3_000);
    assert_eq!(room.told(ONE), ["here 1 -2"]);
    room.pass(100_000);
    assert!(room.told(ONE).is_empty(), "nobody goes twice");
}

#[test]
fn who_leaves_during_the_grace_goes_once() {
    let mut room = Driven::with(&[1, 2]);
    room.departs(2_000, (ONE, 2), 2);
    room.home.left(3_000, UserId(2));
    room.pass(100_000);
    assert_eq!(room.told(ONE), ["here 1 -2"]);
}

#[test]
fn a_new_name_is_told() {
    let mut room = Driven::with(&[1, 2]);
    let name = "Anna".into();
    room.home.arrive(2_000, &Here { room: ROOM, shard: ONE, session: SessionId(3), user: UserId(2), name });
    room.pass(10_000);
    assert_eq!(room.told(ONE), ["all 2 +1 +2", "here 2 +2"]);
}

#[test]
fn typing_is_gathered_and_told_once_for_all() {
    let mut room = Driven::with(&[1, 2, 3]);
    (0..9).for_each(|i| room.home.typing(2_000 + i * 100, UserId(2)));
    room.home.typing(2_500, UserId(3));
    room.home.typing(2_500, UserId(99));
    room.pass(60_000);
    assert_eq!(room.told(ONE), ["typing 2 3"], "who is not here is not writing");
}

#[test]
fn of_many_who_write_some_are_named() {
    let people: Vec<u64> = (1..=2 * limits::TYPING_PEOPLE as u64).collect();
    let mut room = Driven::with(&people);
    people.iter().for_each(|user| room.home.typing(2_000, UserId(*user)));
    room.pass(60_000);
    assert_eq!(room.told(ONE)[0].split(' ').count(), 1 + limits::TYPING_PEOPLE);
}

#[test]
fn who_has_said_it_or_is_gone_is_no_longer_writing() {
    let mut room = Driven::with(&[1, 2, 3]);
    room.home.typing(2_000, UserId(2));
    room.home.typing(2_000, UserId(3));
    room.home.said(UserId(2));
    room.home.left(2_100, UserId(3));
    room.pass(60_000);
    assert_eq!(room.told(ONE), ["here 2 -3"]);
}

#[test]
fn who_missed_something_is_told_everything_a_little_later() {
    let mut room = Driven::with(&[1]);
    room.arrives(2_000, (TWO, 2), 2);
    room.pass(3_000);
    room.told.clear();
    room.home.lost(3_100, TWO);
    // Of a shard that has nobody here it means nothing.
    room.home.lost(3_100, ShardId(9));
    room.pass(3_100 + RETRY_MS - 1);
    assert!(room.told.is_empty());
    room.pass(3_100 + RETRY_MS);
    assert_eq!((room.told(ONE), room.told(TWO)), (Vec::new(), vec!["all 2 +1 +2".to_owned()]));
    assert_eq!(room.home.deadline(), None);
}

#[test]
fn a_crowd_is_counted_and_not_named() {
    let mut room = Driven::with(&[1]);
    let crowd = 2 * limits::PRESENCE_PEOPLE as u64;
    (2..=crowd).for_each(|id| room.arrives(2_000, (TWO, id), id));
    room.pass(3_000);
    for (shard, messages) in [(ONE, 1), (TWO, 2)] {
        let told = room.told(shard);
        assert_eq!(told.len(), messages);
        for text in told {
            assert_eq!(text.split(' ').nth(1), Some(crowd.to_string().as_str()), "{text}");
            assert_eq!(text.matches('+').count(), limits::PRESENCE_PEOPLE);
        }
    }
    (2..=crowd).for_each(|id| room.departs(4_000, (TWO, id), id));
    room.pass(100_000);
    assert_eq!(room.told(ONE)[0].matches('-').count(), limits::PRESENCE_PEOPLE);
}

#[test]
fn a_room_that_nobody_listens_to_is_forgotten_after_the_grace() {
    let mut room = Driven::with(&[1]);
    room.departs(2_000, (ONE, 1), 1);
    assert_eq!(room.home.deadline(), Some(2_000 + limits::PRESENCE_GRACE_MS));
    assert!(!room.home.is_empty());
    room.pass(100_000);
    assert!(room.home.is_empty() && room.home.deadline().is_none() && room.told.is_empty());
}
