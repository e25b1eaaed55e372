//! The frames of the protocol, letter by letter. A change here is a change of the wire: old pages and old bots will
//! meet it.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on should stop, and a literal reads best where it is used"
)]

use std::collections::BTreeMap;

use common::client::ClientMsg;
use common::codec;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Person, RoomInfo};
use common::server::{ErrorCode, Limits, Refusal, ServerMsg};
use common::text::Body;
use insta::assert_snapshot;

const AT: Timestamp = Timestamp(1_763_700_000_123);

fn cid() -> Cid {
    Cid("0199f0a0-0000-7000-8000-000000000001".parse().unwrap())
}

/// The frame, after it was read back and found the same.
fn client(msg: ClientMsg) -> String {
    let frame = codec::encode_client(&msg);
    assert_eq!(codec::decode_client(&frame).unwrap(), msg);
    frame
}

fn server(msg: ServerMsg) -> String {
    let frame = codec::encode_server(&msg);
    assert_eq!(codec::decode_server(&frame).unwrap(), msg);
    frame
}

fn event(kind: EventKind) -> ServerMsg {
    let cid = matches!(kind, EventKind::Message { .. }).then(cid);
    ServerMsg::Event(Event {
        room: RoomId(7), seq: Seq(1204), at: AT, by: UserId(3), name: "林一凡".into(), cid, kind
    })
}

#[test]
fn a_client_says_hello_with_what_it_holds() {
    let rooms = BTreeMap::from([(RoomId(7), Seq(1203)), (RoomId(12), Seq(4))]);
    assert_snapshot!(
        client(ClientMsg::Hello { epoch: Some(Epoch("0199".into())), rooms }),
        @r#"{"op":"hello","epoch":"0199","rooms":{"r7":1203,"r12":4}}"#
    );
    let first = ClientMsg::Hello { epoch: None, rooms: BTreeMap::new() };
    assert_snapshot!(client(first.clone()), @r#"{"op":"hello","rooms":{}}"#);
    assert_eq!(codec::decode_client(r#"{"op":"hello"}"#).unwrap(), first);
}

#[test]
fn a_client_asks() {
    assert_snapshot!(
        client(ClientMsg::Send { cid: cid(), room: RoomId(7), body: "hi".into() }),
        @r#"{"op":"send","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","body":"hi"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Create { cid: cid(), name: "front-end".into() }),
        @r#"{"op":"create","cid":"0199f0a0-0000-7000-8000-000000000001","name":"front-end"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Join { cid: cid(), room: RoomId(7) }),
        @r#"{"op":"join","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Leave { cid: cid(), room: RoomId(7) }),
        @r#"{"op":"leave","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Sync { room: RoomId(7), from: Seq(3), to: Some(Seq(5)) }),
        @r#"{"op":"sync","room":"r7","from":3,"to":5}"#
    );
    assert_snapshot!(
        client(ClientMsg::Sync { room: RoomId(7), from: Seq(3), to: None }),
        @r#"{"op":"sync","room":"r7","from":3}"#
    );
    assert_snapshot!(client(ClientMsg::Ping { t: AT }), @r#"{"op":"ping","t":1763700000123}"#);
}

#[test]
fn a_server_welcomes() {
    let info = RoomInfo { id: RoomId(7), name: "lobby".into(), head: Seq(1207), n: 981, members: 5 };
    let welcome = ServerMsg::Welcome {
        epoch: Epoch("0199".into()),
        me: Person { id: UserId(3), name: "Maya".into() },
        limits: Limits::default(),
        now: AT,
        rooms: vec![info.clone()],
    };
    assert_snapshot!(
        server(welcome),
        @r#"{"ev":"welcome","epoch":"0199","me":{"id":"u3","name":"Maya"},"limits":{"body_chars":4000,"frame_bytes":65536,"unanswered":32,"replay_events":500},"now":1763700000123,"rooms":[{"id":"r7","name":"lobby","head":1207,"n":981,"members":5}]}"#
    );
    assert_snapshot!(
        server(ServerMsg::Room(info)),
        @r#"{"ev":"room","id":"r7","name":"lobby","head":1207,"n":981,"members":5}"#
    );
    assert_snapshot!(server(ServerMsg::Left { room: RoomId(7) }), @r#"{"ev":"left","room":"r7"}"#);
}

#[test]
fn a_server_tells_what_happened() {
    assert_snapshot!(
        server(event(EventKind::Message { n: 981, body: "hi\n\"you\"".into() })),
        @r#"{"ev":"event","room":"r7","seq":1204,"at":1763700000123,"by":"u3","name":"林一凡","cid":"0199f0a0-0000-7000-8000-000000000001","kind":"message","n":981,"body":"hi\n\"you\""}"#
    );
    for (kind, word) in [(EventKind::Created, "created"), (EventKind::Joined, "joined"), (EventKind::Left, "left")] {
        assert!(server(event(kind)).ends_with(&format!(r#""kind":"{word}"}}"#)));
    }
}

#[test]
fn an_event_of_a_newer_server_keeps_its_place() {
    let frame = r#"{"ev":"event","room":"r7","seq":5,"at":1,"by":"u3","name":"Maya","kind":"dance","steps":3}"#;
    let ServerMsg::Event(event) = codec::decode_server(frame).unwrap() else { panic!("not an event") };
    assert_eq!((event.seq, event.kind), (Seq(5), EventKind::Unknown));
}

#[test]
fn a_server_answers() {
    assert_snapshot!(
        server(ServerMsg::Ack { cid: cid(), room: RoomId(7), seq: Seq(1208), n: Some(982), at: AT }),
        @r#"{"ev":"ack","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","seq":1208,"n":982,"at":1763700000123}"#
    );
    let refusal = Refusal::new(ErrorCode::RateLimited, "slow down").about(cid()).within(RoomId(7)).retry(800);
    assert_snapshot!(
        server(ServerMsg::Error(refusal)),
        @r#"{"ev":"error","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","code":"rate_limited","message":"slow down","retry_ms":800}"#
    );
    let too_long = Refusal::from(Body::new(&"x".repeat(4_001)).unwrap_err());
    assert_snapshot!(
        server(ServerMsg::Error(too_long)),
        @r#"{"ev":"error","code":"bad_text","message":"body: has 4001 characters, 4000 are allowed","text":{"field":"body","fault":{"fault":"too_long","limit":4000,"found":4001}}}"#
    );
    assert_snapshot!(server(ServerMsg::Reset { room: RoomId(7), seq: Seq(9000) }), @r#"{"ev":"reset","room":"r7","seq":9000}"#);
    assert_snapshot!(server(ServerMsg::Lag { room: RoomId(7), seq: Seq(1300) }), @r#"{"ev":"lag","room":"r7","seq":1300}"#);
    assert_snapshot!(
        server(ServerMsg::Person(Person { id: UserId(3), name: "Maya".into() })),
        @r#"{"ev":"person","id":"u3","name":"Maya"}"#
    );
    assert_snapshot!(
        server(ServerMsg::Pong { t: AT, now: AT, queued: 0 }),
        @r#"{"ev":"pong","t":1763700000123,"now":1763700000123,"queued":0}"#
    );
}
