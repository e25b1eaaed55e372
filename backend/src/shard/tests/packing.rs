//! Events that are compressed: each client reads the same texts, however it takes them.

use common::model::EventKind;
use common::server::ServerMsg;

use super::client::Heard;
use super::*;

const WAYS: [Packing; 3] = [Packing::Plain, Packing::Alone, Packing::Building(None)];

/// A client that takes events this way, in the lobby.
fn packed(town: &mut Driven, name: &str, packing: Packing) -> Client {
    town.packing = packing;
    let mut client = town.comes(0, name);
    client.receives();
    client
}

/// The texts that a client was sent.
fn texts(client: &mut Client) -> Vec<String> {
    let text = |heard: Heard| match heard {
        Heard::Msg(msg) => match *msg {
            ServerMsg::Event(Event { kind: EventKind::Message { body, .. }, .. }) => Some(body),
            _ => None,
        },
        _ => None,
    };
    client.receives().into_iter().filter_map(text).collect()
}

#[test]
fn everybody_reads_the_same_and_compressed_is_shorter() {
    let mut town = Driven::new(1);
    let mut clients: Vec<Client> =
        WAYS.iter().enumerate().map(|(at, way)| packed(&mut town, &format!("P{at}"), *way)).collect();
    clients.iter_mut().for_each(|client| drop(client.receives()));
    let all: Vec<String> = (0..40).map(|i| format!("this is what was said as number {i}")).collect();
    for pair in all.chunks(2) {
        // Alone, and two in one run.
        for text in pair {
            town.speaks(clients[0].user, text);
        }
        town.flow();
    }
    let lengths: Vec<usize> = clients.iter().map(|client| client.pipe.waiting()).collect();
    assert!(lengths[2] * 2 < lengths[1] && lengths[1] < lengths[0], "{lengths:?}");
    for client in &mut clients {
        assert_eq!(texts(client), all);
    }
}

#[test]
fn the_events_of_several_rooms_do_not_build_on_each_other() {
    let mut town = Driven::new(1);
    let (mut ann, mut ben) = (packed(&mut town, "Ann", WAYS[2]), packed(&mut town, "Ben", WAYS[2]));
    let cid = town.cid();
    town.says(&ann, &format!(r#"{{"op":"create","cid":"{cid}","name":"garden"}}"#));
    town.settle();
    ann.receives();
    ben.receives();
    let mut said = (Vec::new(), Vec::new());
    for i in 0..30 {
        let text = format!("this is what was said as number {i}");
        // Of the room, Ben knows nothing.
        let room = if i % 7 < 3 { LOBBY } else { RoomId(2) };
        town.writes(ann.user, room, Act::Say { body: Body::new(&text).unwrap(), after: None, reply_to: None });
        if i % 3 != 0 {
            town.flow();
        }
        if room == LOBBY {
            said.1.push(text.clone());
        }
        said.0.push(text);
    }
    town.flow();
    let mut heard = texts(&mut ann);
    heard.sort();
    said.0.sort();
    assert_eq!((heard, texts(&mut ben)), said);
}

#[test]
fn who_comes_later_and_who_was_away_can_read_on() {
    let mut town = Driven::narrow(1);
    let mut ann = packed(&mut town, "Ann", WAYS[2]);
    for i in 0..5 {
        town.speaks(ann.user, &format!("this is what was said as number {i}"));
        town.flow();
    }
    let mut ben = packed(&mut town, "Ben", WAYS[2]);
    ben.receives();
    town.speaks(ann.user, "this is what was said when Ben was there");
    town.flow();
    assert_eq!(texts(&mut ben), ["this is what was said when Ben was there"]);
    ben.pipe.narrow(0);
    for i in 0..100 {
        town.speaks(ann.user, &format!("this is what was said as number {i} while Ben did not read"));
        town.flow();
    }
    town.widen(&ben, usize::MAX);
    let read = texts(&mut ben).len();
    assert!(read < 100);
    let held = town.log().len() - 100 + read;
    town.says(&ben, &format!(r#"{{"op":"sync","room":"r1","from":{held}}}"#));
    town.settle();
    town.speaks(ann.user, "this is what was said at last");
    town.flow();
    let rest = texts(&mut ben);
    assert_eq!((rest.len(), rest.last().unwrap().as_str()), (101 - read, "this is what was said at last"));
    assert_eq!(texts(&mut ann).len(), 107);
}

#[test]
fn who_knows_of_events_that_were_not_sent_can_read_on() {
    let mut town = Driven::new(1);
    let (mut ann, mut ben) = (packed(&mut town, "Ann", WAYS[2]), packed(&mut town, "Ben", WAYS[2]));
    ann.receives();
    ben.receives();
    for i in 0..60 {
        // So many that what they begin with is none that Ben has not got.
        town.speaks(ann.user, &format!("this is what was said at first, {i} times"));
        town.flow();
    }
    assert_eq!(texts(&mut ben).len(), 60);
    // Ben has heard of the next one in another way, before it was sent on this connection.
    let seq = town.speaks(ann.user, "and this is what was said after that").0;
    town.says(&ben, &format!(r#"{{"op":"sync","room":"r1","from":{seq}}}"#));
    town.look();
    let found = town.boxes[0].pop_back().unwrap();
    town.boxes[0].push_front(found);
    town.settle();
    town.speaks(ann.user, "and this is what was said after that, in the end");
    town.flow();
    assert_eq!(texts(&mut ben), ["and this is what was said after that, in the end"]);
    assert_eq!(texts(&mut ann).len(), 62);
}

#[test]
fn a_room_where_nothing_is_said_keeps_nothing_and_goes_on_all_the_same() {
    let mut town = Driven::new(1);
    let mut ann = packed(&mut town, "Ann", WAYS[2]);
    for text in ["first", "second"] {
        town.speaks(ann.user, text);
        town.flow();
    }
    assert!(!town.shards[0].rooms[&LOBBY].is_at_rest());
    for _ in 0..3 {
        town.pass(REST_MS);
        town.hands(&ann, &Message::Pong(b""));
    }
    assert!(town.shards[0].rooms[&LOBBY].is_at_rest());
    for text in ["third", "fourth"] {
        town.speaks(ann.user, text);
        town.flow();
    }
    assert_eq!(texts(&mut ann), ["first", "second", "third", "fourth"]);
}
