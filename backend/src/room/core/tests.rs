//! A room under a clock that is set by hand.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test fails on what it does not know")]

use std::sync::Arc;

use common::id::{Seq, Timestamp};
use common::model::EventKind;
use common::text::Body;

use super::*;
use crate::bus::outbox::{Bounds, Delivery, FeedId, Outbox};

const ROOM: RoomId = RoomId(7);

fn person(id: u64) -> Person {
    Person { id: UserId(id), name: format!("P{id}") }
}

fn subscriber(session: u64, user: u64) -> Subscriber {
    bounded(session, user, Bounds::default())
}

fn bounded(session: u64, user: u64, bounds: Bounds) -> Subscriber {
    let (session, person, outbox) = (SessionId(session), person(user), Arc::new(Outbox::new(bounds)));
    Subscriber { session, person, feed: FeedId(1), outbox }
}

fn event(seq: u64, by: u64) -> Event {
    let (by, name, kind) = (UserId(by), String::new(), EventKind::Joined);
    Event { room: ROOM, seq: Seq(seq), at: Timestamp(0), by, name, cid: None, kind }
}

fn say() -> Act {
    Act::Say { body: Body::new("hi").unwrap(), after: None }
}

/// What somebody was told, in short: `#3` for event 3, `here 2 +1 -4` for who is here, `all` where it is the whole.
fn told(subscriber: &Subscriber) -> Vec<String> {
    let short = |delivery: Delivery| match delivery {
        Delivery::Event { seq, .. } => seq.to_string(),
        Delivery::Lag { .. } => "lag".to_owned(),
        Delivery::Hint { frame, .. } => match codec::decode_server(&frame).unwrap() {
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
        },
        Delivery::Note(note) => panic!("{note:?}"),
    };
    subscriber.outbox.take(1_000, 1 << 20).into_iter().map(short).collect()
}

/// Lets time pass up to and including `until`, doing what is due when it is due.
fn pass(core: &mut Core, until: u64) {
    while let Some(at) = core.deadline().filter(|at| *at <= until) {
        core.tick(at);
    }
}

#[test]
fn who_subscribes_is_told_who_is_here_and_then_only_what_changes() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let (ann, bob) = (subscriber(1, 1), subscriber(2, 2));
    core.subscribe(0, ann.clone());
    pass(&mut core, 1_000);
    assert_eq!(told(&ann), ["all 1 +1"]);
    core.subscribe(5_000, bob.clone());
    pass(&mut core, 5_999);
    assert!(told(&ann).is_empty() && told(&bob).is_empty(), "it is gathered first");
    pass(&mut core, 6_000);
    assert_eq!((told(&ann), told(&bob)), (vec!["here 2 +2".to_owned()], vec!["all 2 +1 +2".to_owned()]));
    assert_eq!(core.deadline(), None, "a quiet room needs no clock");
}

#[test]
fn who_returns_within_the_grace_was_never_gone() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let (ann, bob) = (subscriber(1, 1), subscriber(2, 2));
    core.subscribe(0, ann.clone());
    core.subscribe(0, bob.clone());
    pass(&mut core, 1_000);
    drop(told(&ann));
    core.depart(2_000, SessionId(2));
    pass(&mut core, 31_999);
    core.subscribe(31_999, subscriber(3, 2));
    pass(&mut core, 100_000);
    assert!(told(&ann).is_empty());
}

#[test]
fn who_does_not_return_is_gone_after_the_grace() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let (ann, bob) = (subscriber(1, 1), subscriber(2, 2));
    core.subscribe(0, ann.clone());
    core.subscribe(0, bob.clone());
    pass(&mut core, 1_000);
    drop(told(&ann));
    core.depart(2_000, SessionId(2));
    pass(&mut core, 2_000 + limits::PRESENCE_GRACE_MS + BATCH_MS - 1);
    assert!(told(&ann).is_empty());
    pass(&mut core, 2_000 + limits::PRESENCE_GRACE_MS + BATCH_MS);
    assert_eq!(told(&ann), ["here 1 -2"]);
}

#[test]
fn who_has_another_connection_stays() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let ann = subscriber(1, 1);
    core.subscribe(0, ann.clone());
    core.subscribe(0, subscriber(2, 2));
    core.subscribe(0, subscriber(3, 2));
    core.depart(2_000, SessionId(2));
    pass(&mut core, 100_000);
    assert_eq!(told(&ann), ["all 2 +1 +2"]);
}

#[test]
fn who_leaves_the_room_is_gone_without_grace() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let ann = subscriber(1, 1);
    core.subscribe(0, ann.clone());
    core.subscribe(0, subscriber(2, 2));
    pass(&mut core, 1_000);
    drop(told(&ann));
    let note = core.committed(2_000, &Act::Leave, &event(9, 2));
    assert!(matches!(note, Some((UserId(2), Note::Left(ROOM, Seq(9))))));
    pass(&mut core, 3_000);
    assert_eq!(told(&ann), ["#9", "here 1 -2"]);
}

#[test]
fn typing_is_gathered_and_sent_once_for_all() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let ann = subscriber(1, 1);
    core.subscribe(0, ann.clone());
    core.subscribe(0, subscriber(2, 2));
    core.subscribe(0, subscriber(3, 3));
    pass(&mut core, 1_000);
    drop(told(&ann));
    (0..9).for_each(|i| core.typing(2_000 + i * 100, person(2)));
    core.typing(2_500, person(3));
    core.typing(2_500, person(99));
    pass(&mut core, 60_000);
    assert_eq!(told(&ann), ["typing 2 3"]);
}

#[test]
fn who_has_said_it_is_no_longer_writing() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let ann = subscriber(1, 1);
    core.subscribe(0, ann.clone());
    core.subscribe(0, subscriber(2, 2));
    pass(&mut core, 1_000);
    drop(told(&ann));
    core.typing(2_000, person(2));
    assert!(core.committed(2_100, &say(), &event(1, 2)).is_none());
    pass(&mut core, 60_000);
    assert_eq!(told(&ann), ["#1"]);
}

#[test]
fn a_slow_reader_loses_ephemera_and_no_event_and_learns_later_who_is_here() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let slow = bounded(1, 1, Bounds { items: 8, bytes: 1 << 20 });
    core.subscribe(0, slow.clone());
    pass(&mut core, 1_000);
    drop(told(&slow));
    (1..=4).for_each(|seq| drop(core.committed(1_500, &say(), &event(seq, 2))));
    core.subscribe(2_000, subscriber(2, 2));
    core.typing(2_000, person(2));
    pass(&mut core, 3_000);
    assert_eq!(told(&slow), ["#1", "#2", "#3", "#4"]);
    // It reads again.
    pass(&mut core, 3_000 + RETRY_MS);
    assert_eq!(told(&slow), ["all 2 +1 +2"]);
    assert_eq!(core.deadline(), None);
}

#[test]
fn a_crowd_is_counted_and_not_named() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let crowd = 2 * limits::PRESENCE_PEOPLE as u64;
    let first = subscriber(1, 1);
    core.subscribe(0, first.clone());
    pass(&mut core, 1_000);
    drop(told(&first));
    (2..=crowd).for_each(|id| core.subscribe(1_000, subscriber(id, id)));
    pass(&mut core, 2_000);
    let texts = told(&first);
    assert_eq!(texts.len(), 1);
    assert!(texts[0].starts_with(&format!("here {crowd} ")));
    assert_eq!(texts[0].matches('+').count(), limits::PRESENCE_PEOPLE);
}

#[test]
fn a_room_that_nobody_listens_to_wants_no_clock() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    core.subscribe(0, subscriber(1, 1));
    core.depart(10, SessionId(1));
    assert!(core.is_empty() && core.deadline().is_none());
}

#[test]
fn a_connection_that_ended_without_a_word_is_found() {
    let mut core = Core::new(ROOM, limits::PRESENCE_GRACE_MS);
    let (ann, bob) = (subscriber(1, 1), subscriber(2, 2));
    core.subscribe(0, ann.clone());
    core.subscribe(0, bob.clone());
    pass(&mut core, 1_000);
    drop(told(&ann));
    bob.outbox.close();
    core.committed(2_000, &say(), &event(1, 1));
    pass(&mut core, 100_000);
    assert_eq!(told(&ann), ["#1", "here 1 -2"]);
}
