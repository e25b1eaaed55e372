//! Events reach everybody who follows a room, once and in order, however much their links take.

use super::client::run;
use super::*;

#[test]
fn events_reach_every_follower_in_every_shard_once() {
    let mut town = Driven::new(2);
    let mut clients: Vec<Client> = (0..4).map(|at| town.comes(at % 2, &format!("P{at}"))).collect();
    clients.iter_mut().for_each(|client| drop(client.hears()));
    let first = town.speaks(clients[0].user, "one").0;
    town.speaks(clients[1].user, "two");
    town.flow();
    for client in &mut clients {
        assert_eq!(client.hears(), run(first, first + 1));
    }
}

#[test]
fn a_run_of_events_is_one_write_and_an_answer_goes_with_it() {
    let mut town = Driven::new(1);
    let mut ann = town.comes(0, "Ann");
    let mut ben = town.comes(0, "Ben");
    ann.hears();
    ben.hears();
    for body in ["a", "b", "c"] {
        town.sends(&ann, body);
    }
    ann.pipe.writes();
    ben.pipe.writes();
    town.settle();
    let first = town.log().len() as u64 - 2;
    let events = run(first, first + 2);
    assert_eq!((ben.hears(), ben.pipe.writes()), (events.clone(), 1));
    let acks = format!("ack:{first} ack:{} ack:{}", first + 1, first + 2);
    assert_eq!((ann.hears(), ann.pipe.writes()), (format!("{events} {acks}"), 1));
}

#[test]
fn nothing_is_kept_for_connections_that_keep_up() {
    let mut town = Driven::new(1);
    let (ann, ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    for i in 0..20 {
        town.sends(&ann, &format!("{i}"));
        town.settle();
    }
    for client in [&ann, &ben] {
        let conn = &town.shards[0].conns[client.slot as usize];
        assert!(conn.backlog.is_empty() && !conn.expects && !conn.is_listed && !conn.greets && !conn.owes_own);
    }
    let shard = &town.shards[0];
    assert!(shard.answers.is_empty() && shard.writing.is_empty() && shard.sending.is_empty());
    assert!(shard.published.is_empty() && shard.asks.is_empty() && shard.greeting == 0);
}

#[test]
fn a_link_that_takes_a_byte_at_a_time_gets_every_byte() {
    let mut town = Driven::new(1);
    let mut ann = town.comes(0, "Ann");
    let mut ben = town.comes(0, "Ben");
    ann.hears();
    ben.hears();
    ben.pipe.narrow(1);
    let first = town.speaks(ann.user, "one").0;
    town.flow();
    town.speaks(ann.user, "two");
    town.flow();
    let mut heard = Vec::new();
    while heard.len() < 2 {
        town.widen(&ben, 1);
        heard.extend(ben.takes());
    }
    assert_eq!(heard.join(" "), run(first, first + 1));
    assert!(ben.is_whole() && town.shards[0].conns[ben.slot as usize].backlog.is_empty());
    // From here on it keeps up again.
    ben.pipe.widen(10_000);
    town.speaks(ann.user, "three");
    town.flow();
    assert_eq!(ben.hears(), run(first + 2, first + 2));
    assert_eq!(ann.hears(), run(first, first + 2));
}

#[test]
fn who_reads_too_slowly_is_told_once_behind_everything_that_waits() {
    let mut town = Driven::narrow(1);
    let (ann, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    ben.hears();
    ben.pipe.narrow(0);
    let first = town.speaks(ann.user, &"x".repeat(1_000)).0;
    for body in ["a", "b"] {
        town.speaks(ann.user, body);
        town.flow();
    }
    let last = town.speaks(ann.user, &"y".repeat(1_900)).0;
    town.flow();
    // It is told of no more, be it small enough.
    town.speaks(ann.user, "c");
    town.flow();
    assert_eq!(ben.hears(), "");
    town.widen(&ben, 100_000);
    assert_eq!(ben.hears(), format!("{} lag:{last}", run(first, last - 1)));
    town.says(&ben, &format!(r#"{{"op":"sync","room":"r1","from":{}}}"#, last - 1));
    town.settle();
    assert_eq!(ben.hears(), run(last, last + 1));
    town.speaks(ann.user, "d");
    town.flow();
    assert_eq!(ben.hears(), run(last + 2, last + 2));
}

#[test]
fn a_run_that_is_longer_than_the_bound_still_reaches_who_keeps_up() {
    let mut town = Driven::narrow(1);
    let mut ann = town.comes(0, "Ann");
    ann.hears();
    let first = town.speaks(ann.user, &"x".repeat(3_000)).0;
    town.flow();
    assert_eq!(ann.hears(), run(first, first));
    // Also where the link takes only a part of it.
    ann.pipe.narrow(100);
    town.speaks(ann.user, &"y".repeat(3_900));
    town.flow();
    town.widen(&ann, 100_000);
    assert_eq!(ann.hears(), run(first + 1, first + 1));
}

#[test]
fn an_answer_comes_behind_its_event_but_does_not_wait_for_a_large_room() {
    for (sends, expected) in [(5, "#7 ack:7"), (4, "ack:7 #7")] {
        let mut town = Driven::new(2);
        let mut crowd: Vec<Client> = (0..5).map(|at| town.comes(0, &format!("P{at}"))).collect();
        let mut ann = crowd.pop().unwrap();
        ann.hears();
        town.sends(&ann, "hello");
        town.commit();
        town.reads(0, usize::MAX);
        while town.turn(0, sends) {}
        assert_eq!(ann.hears(), expected);
    }
}

#[test]
fn a_command_that_was_refused_is_answered_and_nobody_else_hears_of_it() {
    let mut town = Driven::new(1);
    let (mut ann, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    ann.hears();
    ben.hears();
    town.sends(&ann, "hello");
    town.refuse();
    town.flow();
    assert_eq!((ann.hears().as_str(), ben.hears().as_str()), ("error:Storage", ""));
}

#[test]
fn a_command_that_is_repeated_is_answered_alike_and_published_once() {
    let mut town = Driven::new(1);
    let (mut ann, mut ben) = (town.comes(0, "Ann"), town.comes(0, "Ben"));
    ann.hears();
    ben.hears();
    let cid = town.sends(&ann, "hello");
    town.says(&ann, &format!(r#"{{"op":"send","cid":"{cid}","room":"r1","body":"hello"}}"#));
    town.settle();
    let seq = town.log().len();
    assert_eq!(ann.hears(), format!("#{seq} ack:{seq} ack:{seq}"));
    assert_eq!(ben.hears(), format!("#{seq}"));
}

#[test]
fn a_page_of_the_log_waits_until_what_was_read_before_is_written() {
    let mut town = Driven::new(1);
    let ann = town.guest("Ann");
    for _ in 0..150 {
        town.speaks(ann, &"x".repeat(1_000));
    }
    town.flow();
    let client = town.hello(0, ann, Some(2));
    client.pipe.narrow(0);
    town.settle();
    // A hundred events are more than may wait while the log is read.
    assert!(town.shards[0].conns[client.slot as usize].backlog.bytes() < 150_000);
    assert!(town.looks.is_empty());
    town.widen(&client, 50_000);
    assert!(town.looks.is_empty(), "some of it still waits");
    town.widen(&client, usize::MAX);
    assert_eq!(town.looks.len(), 1);
    town.settle();
    let mut client = client;
    assert_eq!(client.hears(), format!("welcome {}", run(3, 152)));
}

#[test]
fn what_is_passed_over_is_read_from_the_log() {
    let mut town = Driven::new(1);
    let mut ann = town.comes(0, "Ann");
    ann.hears();
    let first = town.speaks(ann.user, "a").0;
    // No shard does that; if one letter were ever lost, nobody would miss an event.
    town.boxes[0].clear();
    town.speaks(ann.user, "b");
    town.settle();
    assert_eq!(ann.hears(), run(first, first + 1));
    // Also within a run.
    town.speaks(ann.user, "c");
    town.speaks(ann.user, "d");
    town.boxes[0].remove(2);
    town.speaks(ann.user, "e");
    town.settle();
    assert_eq!(ann.hears(), run(first + 2, first + 4));
}
