//! What passes while a greeting is read: it is in what is read, or remembered.

use super::client::run;
use super::*;

/// Somebody in the lobby whose hello is being answered, and how long the lobby's log is.
fn waits(town: &mut Driven) -> (Client, u64) {
    let user = town.guest("Ann");
    town.flow();
    let head = town.log().len() as u64;
    (town.hello(0, user, Some(head)), head)
}

#[test]
fn events_that_pass_before_the_look_are_found_by_it() {
    let mut town = Driven::new(1);
    let (mut ann, head) = waits(&mut town);
    town.speaks(ann.user, "a");
    town.flow();
    town.settle();
    assert_eq!(ann.hears(), format!("welcome {}", run(head + 1, head + 1)));
}

#[test]
fn events_that_pass_behind_the_look_are_remembered() {
    let mut town = Driven::new(1);
    let (mut ann, head) = waits(&mut town);
    town.look();
    let found = town.boxes[0].pop_back().unwrap();
    town.speaks(ann.user, "a");
    town.flow();
    town.boxes[0].push_back(found);
    town.settle();
    assert_eq!(ann.hears(), format!("welcome {}", run(head + 1, head + 1)));
    town.speaks(ann.user, "b");
    town.flow();
    assert_eq!(ann.hears(), run(head + 2, head + 2));
}

#[test]
fn an_event_that_waits_to_be_sent_meanwhile_comes_once() {
    let mut town = Driven::new(1);
    let ben = town.comes(0, "Ben");
    let (mut ann, head) = waits(&mut town);
    town.look();
    town.speaks(ben.user, "a");
    // Both letters are read before anything is sent: the event was committed behind the look.
    let found = town.boxes[0].pop_front().unwrap();
    town.boxes[0].push_back(found);
    town.reads(0, usize::MAX);
    town.settle();
    assert_eq!(ann.hears(), format!("welcome {}", run(head + 1, head + 1)));
}

#[test]
fn what_is_remembered_is_forgotten_when_nobody_waits() {
    let mut town = Driven::new(1);
    let (ann, _) = waits(&mut town);
    let ben = town.guest("Ben");
    let ben = town.hello(0, ben, None);
    town.speaks(ann.user, "a");
    town.reads(0, usize::MAX);
    assert!(!town.shards[0].published.is_empty());
    town.look();
    town.reads(0, usize::MAX);
    assert!(!town.shards[0].published.is_empty(), "somebody still waits");
    // The other one goes without having been greeted.
    let now = town.now();
    town.shards[0].on_gone(ben.slot, now);
    assert!(town.shards[0].published.is_empty());
    town.settle();
    town.speaks(ann.user, "b");
    town.reads(0, usize::MAX);
    assert!(town.shards[0].published.is_empty());
}

#[test]
fn who_is_fetched_into_a_room_meanwhile_follows_it() {
    let mut town = Driven::new(1);
    let (mut ann, _) = waits(&mut town);
    town.look();
    let found = town.boxes[0].pop_back().unwrap();
    // Another of their connections makes a room.
    let (cid, name) = (town.cid(), common::text::RoomName::new("garden").unwrap());
    let conn = ConnId { slot: 99, generation: 1 };
    town.changes.push_back((ShardId(0), conn, Change::Create { by: ann.user, cid, name, private: false }));
    town.commit();
    town.flow();
    town.boxes[0].push_back(found);
    town.settle();
    assert_eq!(ann.hears(), "welcome room #1");
    let room = RoomId(2);
    town.writes(ann.user, room, Act::Say { body: Body::new("hi").unwrap(), after: None, reply_to: None });
    town.flow();
    assert_eq!(ann.hears(), "#2");
}

#[test]
fn who_leaves_a_room_meanwhile_hears_no_more_of_it() {
    let mut town = Driven::new(1);
    let (mut ann, _) = waits(&mut town);
    let ben = town.guest("Ben");
    town.flow();
    town.look();
    let found = town.boxes[0].pop_back().unwrap();
    town.writes(ann.user, LOBBY, Act::Leave);
    town.flow();
    town.boxes[0].push_back(found);
    town.settle();
    town.speaks(ben, "they are gone");
    town.settle();
    let heard = ann.hears();
    assert!(heard.starts_with("welcome") && heard.ends_with("left"), "{heard}");
    assert!(town.shards[0].rooms.is_empty(), "nobody follows it");
}
