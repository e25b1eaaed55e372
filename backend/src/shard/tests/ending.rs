//! How connections end: what they still get, and what they do not.

use common::limits;
use wire::{Closing, Violation};

use super::*;
use crate::store::sessions;
use crate::token::Token;

const GOODBYE: Closing<'static> = Closing { code: 1000, reason: "bye" };

/// A server with somebody in it of whom nothing is awaited.
fn one() -> (Driven, Client) {
    let mut town = Driven::new(1);
    let mut ann = town.comes(0, "Ann");
    ann.hears();
    (town, ann)
}

/// Whether the shard has nothing left of a connection but what follows from its place being free.
fn is_forgotten(town: &Driven, client: &Client) -> bool {
    let shard = &town.shards[client.shard];
    let followed = shard.rooms.values().any(|room| room.followers().iter().any(|of| of.slot == client.slot));
    !shard.conns.contains(client.slot as usize) && client.pipe.is_dropped() && shard.people.is_empty() && !followed
}

#[test]
fn a_close_is_answered_by_a_close_and_then_all_is_thrown_away() {
    let (mut town, mut ann) = one();
    town.hands(&ann, &Message::Close(Some(GOODBYE)));
    town.flow();
    assert_eq!(ann.hears(), "close:1000:bye");
    assert!(ann.pipe.is_finished());
    let shard = &mut town.shards[0];
    assert!(shard.is_draining(ann.slot) && !shard.wants_messages(ann.slot));
    shard.on_discarded(ann.slot, 1_000);
    assert_eq!(shard.len(), 1);
    // Now the other side has closed it as well.
    let now = town.now();
    town.shards[0].on_gone(ann.slot, now);
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn a_close_without_a_code_is_answered_without_one() {
    let (mut town, mut ann) = one();
    town.hands(&ann, &Message::Close(None));
    town.flow();
    assert_eq!(ann.hears(), "close");
}

#[test]
fn who_goes_on_sending_behind_the_end_is_dropped() {
    let (mut town, ann) = one();
    town.hands(&ann, &Message::Close(None));
    town.flow();
    town.shards[0].on_discarded(ann.slot, 1024 * 1024);
    assert!(!is_forgotten(&town, &ann));
    town.shards[0].on_discarded(ann.slot, 1);
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn who_does_not_hang_up_is_dropped_in_time() {
    let (mut town, ann) = one();
    town.hands(&ann, &Message::Close(None));
    town.flow();
    town.pass(999);
    assert!(!is_forgotten(&town, &ann));
    town.pass(1 + town.shards[0].timings.beat());
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn a_violation_ends_with_its_code_behind_what_waits() {
    let (mut town, mut ann) = one();
    ann.pipe.narrow(0);
    let seq = town.speaks(ann.user, "before").0;
    town.flow();
    let now = town.now();
    town.shards[0].on_violation(ann.slot, &Violation { code: close::PROTOCOL, what: "reserved bits" }, now);
    town.speaks(ann.user, "behind");
    town.flow();
    assert!(!ann.pipe.is_finished());
    town.widen(&ann, 1_000);
    assert_eq!(ann.hears(), format!("#{seq} close:1002:reserved bits"));
    assert!(ann.pipe.is_finished() && town.shards[0].is_draining(ann.slot));
}

#[test]
fn a_binary_message_is_one_too_many() {
    let (mut town, mut ann) = one();
    town.hands(&ann, &Message::Binary(b"hi"));
    town.flow();
    assert_eq!(ann.hears(), "close:1003:binary");
}

#[test]
fn our_close_is_answered_and_that_is_the_end() {
    let (mut town, mut ann) = one();
    let now = town.now();
    town.shards[0].stop(now);
    town.flow();
    assert_eq!(ann.hears(), "close:1001:retry_ms=2000");
    // What comes before the answer is no longer heard.
    assert!(!ann.pipe.is_finished() && town.shards[0].wants_messages(ann.slot));
    town.hands(&ann, &Message::Text(r#"{"op":"ping","t":1}"#));
    town.hands(&ann, &Message::Ping(b"x"));
    town.flow();
    assert_eq!(ann.hears(), "");
    town.hands(&ann, &Message::Close(Some(GOODBYE)));
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn nonsense_instead_of_an_answer_is_the_end_as_well() {
    let (mut town, ann) = one();
    let now = town.now();
    town.shards[0].stop(now);
    town.flow();
    town.shards[0].on_violation(ann.slot, &Violation { code: close::PROTOCOL, what: "reserved bits" }, now);
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn who_does_not_answer_our_close_is_dropped_in_time() {
    let (mut town, ann) = one();
    let now = town.now();
    town.shards[0].stop(now);
    town.pass(2_000);
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn closes_that_cross_are_both_sent() {
    let (mut town, mut ann) = one();
    let now = town.now();
    town.shards[0].stop(now);
    // Theirs is here before ours is written.
    town.hands(&ann, &Message::Close(Some(GOODBYE)));
    town.flow();
    assert_eq!(ann.hears(), "close:1001:retry_ms=2000");
    assert!(ann.pipe.is_finished());
    let now = town.now();
    town.shards[0].on_gone(ann.slot, now);
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn a_stop_answers_first() {
    let (mut town, mut ann) = one();
    let mut ben = town.comes(0, "Ben");
    ann.hears();
    ben.hears();
    town.sends(&ann, "last words");
    let now = town.now();
    town.shards[0].stop(now);
    town.flow();
    assert_eq!((ann.hears().as_str(), ben.hears().as_str()), ("", "close:1001:retry_ms=2000"));
    assert!(!town.shards[0].wants_messages(ann.slot), "it has said its last");
    town.settle();
    let seq = town.log().len();
    assert_eq!(ann.hears(), format!("#{seq} ack:{seq} close:1001:retry_ms=2000"));
}

#[test]
fn a_stop_answers_whatever_was_asked_for() {
    let (mut town, mut ann) = one();
    let head = town.log().len();
    town.says(&ann, r#"{"op":"sync","room":"r1","from":0}"#);
    let now = town.now();
    town.shards[0].stop(now);
    town.settle();
    assert_eq!(ann.hears(), format!("{} close:1001:retry_ms=2000", super::client::run(1, head as u64)));
    let (mut town, mut ann) = one();
    town.says(&ann, r#"{"op":"sync","room":"r1","from":0,"to":1}"#);
    town.says(&ann, r#"{"op":"mute","room":"r1","muted":true}"#);
    let now = town.now();
    town.shards[0].stop(now);
    town.settle();
    let heard = ann.hears();
    assert!(heard.contains("#1") && heard.contains("user:1") && heard.ends_with("close:1001:retry_ms=2000"), "{heard}");
}

#[test]
fn who_comes_to_a_stop_is_sent_away() {
    let (mut town, _ann) = one();
    let ben = town.guest("Ben");
    let now = town.now();
    town.shards[0].stop(now);
    let mut ben = town.connect(0, ben);
    town.flow();
    assert_eq!(ben.hears(), "close:1001:retry_ms=2000");
}

#[test]
fn who_vanishes_is_forgotten_with_everything_that_is_on_its_way_to_them() {
    let mut town = Driven::new(1);
    let ann = town.comes(0, "Ann");
    town.sends(&ann, "hello");
    town.says(&ann, r#"{"op":"sync","room":"r1","from":0,"to":1}"#);
    town.says(&ann, r#"{"op":"mute","room":"r1","muted":true}"#);
    let now = town.now();
    town.shards[0].on_gone(ann.slot, now);
    assert!(is_forgotten(&town, &ann));
    // Somebody else gets their place, and none of their answers.
    let mut ben = town.comes(0, "Ben");
    assert_eq!(ben.slot, ann.slot);
    town.settle();
    let heard = ben.hears();
    assert!(!heard.contains("ack") && !heard.contains("user"), "{heard}");
    assert!(town.log().iter().any(|event| event.by == ann.user && event.seq.0 == 3), "what was asked for is done");
}

#[test]
fn who_is_not_known_any_more_has_to_come_anew() {
    let mut town = Driven::new(1);
    let me = common::model::Person { id: UserId(99), name: "Nobody".to_owned() };
    let now = town.now();
    let pipe = client::Pipe::default();
    let slot = town.shards[0].arrive(pipe.clone(), SessionId(9), Who(me, None, Packing::Plain), now);
    let mut nobody = Client::new((0, slot), UserId(99), pipe, false);
    town.says(&nobody, r#"{"op":"hello"}"#);
    town.settle();
    assert_eq!(nobody.hears(), "close:4001:");
}

#[test]
fn a_look_up_that_fails_ends_the_connection_and_a_closed_store_sends_it_elsewhere() {
    for (error, ending) in
        [(StoreError::Failed, "close:1011:storage"), (StoreError::Closed, "close:1001:retry_ms=2000")]
    {
        for ask in
            [None, Some(r#"{"op":"sync","room":"r1","from":0,"to":1}"#), Some(r#"{"op":"sync","room":"r1","from":0}"#)]
        {
            let (mut town, ann) = one();
            let mut client = match ask {
                None => town.hello(0, ann.user, None),
                Some(ask) => {
                    town.says(&ann, ask);
                    ann
                }
            };
            let (shard, conn, _, look) = town.looks.pop_front().unwrap();
            town.bus.post(shard, Letter::Found(conn, Box::new(lookup::failed(look, error))));
            town.gather();
            town.flow();
            assert_eq!(client.hears(), ending);
            assert_eq!((town.shards[0].greeting, town.shards[0].published.len()), (0, 0));
        }
    }
}

#[test]
fn who_says_no_hello_is_sent_away() {
    let mut town = Driven::new(1);
    let user = town.guest("Ann");
    let mut ann = town.connect(0, user);
    town.pass(limits::HELLO_WITHIN_MS - 1);
    assert_eq!(ann.hears(), "");
    town.pass(1 + town.shards[0].timings.beat());
    assert_eq!(ann.hears(), "close:1008:hello");
}

#[test]
fn who_is_silent_is_pinged_and_then_sent_away() {
    let (mut town, mut ann) = one();
    town.pass(limits::SILENCE_MS + town.shards[0].timings.beat());
    assert_eq!(ann.hears(), "ping ping close:4008:silence");
    let (mut town, mut ann) = one();
    town.pass(limits::SILENCE_MS / 2);
    town.hands(&ann, &Message::Pong(b""));
    town.pass(limits::SILENCE_MS / 2);
    assert_eq!(ann.hears(), "ping ping", "any sign of life will do");
}

#[test]
fn who_is_not_listened_to_is_not_called_silent() {
    let (mut town, mut ann) = one();
    for _ in 0..limits::UNANSWERED {
        town.sends(&ann, "x");
    }
    assert!(!town.shards[0].wants_messages(ann.slot));
    let changes = std::mem::take(&mut town.changes);
    town.pass(2 * limits::SILENCE_MS);
    assert_eq!(ann.hears(), "");
    town.changes = changes;
    town.settle();
    assert!(ann.hears().ends_with(&format!("ack:{}", town.log().len())));
}

#[test]
fn who_takes_nothing_is_let_go_without_a_word() {
    let (mut town, ann) = one();
    ann.pipe.narrow(0);
    town.speaks(ann.user, "hello");
    town.flow();
    town.pass(limits::WRITE_STALL_MS - 1);
    assert!(!is_forgotten(&town, &ann));
    town.pass(1 + town.shards[0].timings.beat());
    assert!(is_forgotten(&town, &ann));
}

#[test]
fn who_takes_a_little_now_and_then_stays() {
    let (mut town, ann) = one();
    ann.pipe.narrow(0);
    town.speaks(ann.user, "hello");
    town.flow();
    for _ in 0..4 {
        town.pass(limits::WRITE_STALL_MS / 2);
        town.widen(&ann, 1);
        // It answers its pings, which stand behind the rest.
        town.hands(&ann, &Message::Pong(b""));
    }
    assert!(!is_forgotten(&town, &ann));
}

#[test]
fn a_ping_is_answered_behind_what_waits() {
    let (mut town, mut ann) = one();
    ann.pipe.narrow(0);
    let seq = town.speaks(ann.user, "hello").0;
    town.flow();
    town.hands(&ann, &Message::Ping(b"there?"));
    town.flow();
    town.widen(&ann, 1_000);
    assert_eq!(ann.hears(), format!("#{seq} pong:there?"));
}

#[test]
fn who_leaves_a_room_hears_no_more_of_it() {
    let mut town = Driven::new(2);
    let (mut ann, mut ben) = (town.comes(0, "Ann"), town.comes(1, "Ben"));
    let mut phone = town.enter(1, ann.user);
    ann.hears();
    ben.hears();
    phone.hears();
    let cid = town.cid();
    town.says(&ann, &format!(r#"{{"op":"leave","cid":"{cid}","room":"r1"}}"#));
    town.commit();
    town.speaks(ben.user, "they are gone");
    town.settle();
    let seq = town.log().len() as u64;
    assert_eq!(ann.hears(), format!("left ack:{}", seq - 1));
    assert_eq!(phone.hears(), "left");
    assert_eq!(ben.hears(), super::client::run(seq - 1, seq));
    assert!(town.shards[0].rooms.is_empty(), "in the first shard nobody follows it");
    // And nothing of it comes later.
    town.says(&ann, r#"{"op":"sync","room":"r1","from":0}"#);
    town.says(&ann, r#"{"op":"typing","room":"r1"}"#);
    town.pass(10_000);
    assert_eq!(ann.hears(), "error:NotMember");
}

#[test]
fn a_place_where_somebody_is_no_longer_signed_in_hears_nothing_more() {
    let mut town = Driven::new(2);
    let ann = town.guest("Ann");
    let mut ben = town.comes(0, "Ben");
    let token = Token::new();
    let there = sessions::begin(&town.db, ann, &token.digest(), "", Timestamp(0)).unwrap();
    let here = sessions::begin(&town.db, ann, &Token::new().digest(), "", Timestamp(0)).unwrap();
    town.sign_in = Some(there);
    let mut ends = [0, 1].map(|shard| town.enter(shard, ann));
    town.sign_in = Some(here);
    let mut stays = town.enter(1, ann);
    ben.hears();
    assert!(sessions::end(&town.db, ann, there).unwrap());
    town.bus.end(ann, there);
    town.sends(&ben, "gone?");
    town.settle();
    for client in &mut ends {
        assert_eq!(client.hears(), "close:4001:");
    }
    assert_eq!((stays.hears().as_str(), ben.hears().as_str()), ("#4", "#4 ack:4"));
    // Who was on their way in when the session ended is told when they say hello.
    town.sign_in = Some(there);
    let mut late = town.hello(0, ann, None);
    town.settle();
    assert_eq!(late.hears(), "close:4001:");
}
