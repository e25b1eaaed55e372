//! A person's own log reaches all their connections, in its order.

use super::*;

/// What mutes the lobby, or no longer.
fn mute(muted: bool) -> String {
    format!(r#"{{"op":"mute","room":"r1","muted":{muted}}}"#)
}

#[test]
fn an_entry_reaches_every_connection_of_its_person_and_nobody_else() {
    let mut town = Driven::new(2);
    let (mut desk, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    let mut phone = town.enter(1, desk.user);
    desk.hears();
    phone.hears();
    ben.hears();
    town.says(&desk, &mute(true));
    town.settle();
    assert_eq!((desk.hears(), phone.hears(), ben.hears()), ("user:1".into(), "user:1".into(), String::new()));
    // What is so already is told to who asked.
    town.says(&phone, &mute(true));
    town.settle();
    assert_eq!((desk.hears(), phone.hears()), (String::new(), "user:1".to_owned()));
    assert_eq!(town.shards[1].conns[phone.slot as usize].session().unwrap().unanswered(), 0);
}

#[test]
fn a_mention_is_told_behind_the_message() {
    let mut town = Driven::new(2);
    let (ann, mut ben) = (town.comes(0, "Ann"), town.comes(1, "Ben"));
    ben.hears();
    town.sends(&ann, "hello @Ben");
    town.settle();
    let heard = ben.takes();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard.contains(&"user:1".to_owned()) && heard.contains(&format!("#{}", town.log().len())));
}

#[test]
fn entries_that_do_not_fit_are_read_in_their_order_once_they_do() {
    let mut town = Driven::narrow(2);
    let (ann, desk) = (town.comes(1, "Ann"), town.comes(0, "Ben"));
    let mut phone = town.enter(1, desk.user);
    town.pass(10_000);
    phone.hears();
    phone.pipe.narrow(0);
    let seq = town.speaks(ann.user, &"x".repeat(1_000)).0;
    town.flow();
    for muted in [true, false, true] {
        town.says(&desk, &mute(muted));
        town.settle();
    }
    town.says(&desk, r#"{"op":"draft","room":"r1","text":"so"}"#);
    town.settle();
    town.widen(&phone, 10_000);
    assert_eq!(phone.hears(), format!("#{seq}"));
    // While that is read, another one comes, and waits for its turn.
    town.says(&desk, r#"{"op":"draft","room":"r1","text":"so be it"}"#);
    town.commit();
    town.flow();
    assert_eq!(phone.hears(), "");
    town.settle();
    // Only the newest of a kind is kept.
    assert_eq!(phone.hears(), "user:3 user:5");
    town.says(&desk, &mute(false));
    town.settle();
    assert_eq!(phone.hears(), "user:6");
}
