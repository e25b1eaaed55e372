//! The frames of the protocol, letter by letter. A change here is a change of the wire: old pages and old bots will
//! meet it.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on should stop, and a literal reads best where it is used"
)]

use std::collections::BTreeMap;

use common::api::{Problem, RoomEntry, RoomList};
use common::client::ClientMsg;
use common::codec;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{
    Event, EventKind, Everyone, Level, Person, Reply, Role, RoomInfo, RoomKind, RoomRole, UserEvent, UserEventKind,
};
use common::server::{ErrorCode, Limits, Refusal, ServerMsg};
use common::text::{Body, Draft, Emoji, RoomName, UserName};
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
    // The reader by hand and the derived one agree.
    assert_eq!(serde_json::from_str::<ServerMsg>(&frame).unwrap(), msg);
    frame
}

fn event(kind: EventKind) -> ServerMsg {
    let cid = matches!(kind, EventKind::Message { .. }).then(cid);
    ServerMsg::Event(Event {
        room: RoomId(7),
        seq: Seq(1204),
        at: AT,
        by: UserId(3),
        name: "林一凡".into(),
        bot: false,
        cid,
        kind,
    })
}

#[test]
fn a_client_says_hello_with_what_it_holds() {
    let rooms = BTreeMap::from([(RoomId(7), Seq(1203)), (RoomId(12), Seq(4))]);
    assert_snapshot!(
        client(ClientMsg::Hello { epoch: Some(Epoch("0199".into())), user_seq: 88, rooms }),
        @r#"{"op":"hello","epoch":"0199","user_seq":88,"rooms":{"r7":1203,"r12":4}}"#
    );
    let first = ClientMsg::Hello { epoch: None, user_seq: 0, rooms: BTreeMap::new() };
    assert_snapshot!(client(first.clone()), @r#"{"op":"hello","rooms":{}}"#);
    assert_eq!(codec::decode_client(r#"{"op":"hello"}"#).unwrap(), first);
}

#[test]
fn a_client_asks() {
    assert_snapshot!(
        client(ClientMsg::Send { cid: cid(), room: RoomId(7), body: "hi".into(), after: None, reply_to: None }),
        @r#"{"op":"send","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","body":"hi"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Send { cid: cid(), room: RoomId(7), body: "hi".into(), after: Some(cid()), reply_to: None }),
        @r#"{"op":"send","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","body":"hi","after":"0199f0a0-0000-7000-8000-000000000001"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Create { cid: cid(), name: "front-end".into(), private: false }),
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
fn a_client_changes_messages() {
    let (cid, room, target, emoji) = (cid(), RoomId(7), Seq(1204), || "👍".to_owned());
    assert_snapshot!(
        client(ClientMsg::Edit { cid, room, target, body: "hi!".into() }),
        @r#"{"op":"edit","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","target":1204,"body":"hi!"}"#
    );
    assert_snapshot!(
        client(ClientMsg::Delete { cid, room, target }),
        @r#"{"op":"delete","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","target":1204}"#
    );
    assert_snapshot!(
        client(ClientMsg::React { cid, room, target, emoji: emoji() }),
        @r#"{"op":"react","cid":"0199f0a0-0000-7000-8000-000000000001","room":"r7","target":1204,"emoji":"👍"}"#
    );
    assert!(client(ClientMsg::Unreact { cid, room, target, emoji: emoji() }).starts_with(r#"{"op":"unreact""#));
    assert!(client(ClientMsg::Pin { cid, room, target }).starts_with(r#"{"op":"pin""#));
    assert!(client(ClientMsg::Unpin { cid, room, target }).starts_with(r#"{"op":"unpin""#));
}

#[test]
fn a_client_tells_of_its_person() {
    let room = RoomId(7);
    assert_snapshot!(client(ClientMsg::Read { room, n: 975 }), @r#"{"op":"read","room":"r7","n":975}"#);
    assert_snapshot!(
        client(ClientMsg::Draft { room, text: "I think".into() }),
        @r#"{"op":"draft","room":"r7","text":"I think"}"#
    );
    assert_snapshot!(client(ClientMsg::Mute { room, muted: true }), @r#"{"op":"mute","room":"r7","muted":true}"#);
    assert_snapshot!(client(ClientMsg::Typing { room }), @r#"{"op":"typing","room":"r7"}"#);
}

#[test]
fn a_client_changes_rooms() {
    let (cid, room, user) = (cid(), RoomId(7), UserId(4));
    let head = |op: &str| format!(r#"{{"op":"{op}","cid":"0199f0a0-0000-7000-8000-000000000001""#);
    for (msg, op, rest) in [
        (
            ClientMsg::Create { cid, name: "plans".into(), private: true },
            "create",
            r#","name":"plans","private":true}"#,
        ),
        (ClientMsg::Direct { cid, people: vec![user, UserId(5)] }, "direct", r#","people":["u4","u5"]}"#),
        (ClientMsg::Rename { cid, room, name: "plans".into() }, "rename", r#","room":"r7","name":"plans"}"#),
        (ClientMsg::Topic { cid, room, topic: "tea".into() }, "topic", r#","room":"r7","topic":"tea"}"#),
        (ClientMsg::Archive { cid, room, archived: true }, "archive", r#","room":"r7","archived":true}"#),
        (ClientMsg::Announce { cid, room, on: false }, "announce", r#","room":"r7","on":false}"#),
        (ClientMsg::Invite { cid, room, user }, "invite", r#","room":"r7","user":"u4"}"#),
        (ClientMsg::Remove { cid, room, user }, "remove", r#","room":"r7","user":"u4"}"#),
        (
            ClientMsg::Appoint { cid, room, user, role: RoomRole::Moderator },
            "appoint",
            r#","room":"r7","user":"u4","role":"moderator"}"#,
        ),
        (
            ClientMsg::Send { cid, room, body: "hi".into(), after: None, reply_to: Some(Seq(9)) },
            "send",
            r#","room":"r7","body":"hi","reply_to":9}"#,
        ),
    ] {
        assert_eq!(client(msg), head(op) + rest);
    }
    assert_snapshot!(
        client(ClientMsg::Notify { room, level: Level::Nothing }),
        @r#"{"op":"notify","room":"r7","level":"nothing"}"#
    );
    assert_snapshot!(client(ClientMsg::Unread { room, n: 975 }), @r#"{"op":"unread","room":"r7","n":975}"#);
}

#[test]
fn a_server_tells_what_became_of_a_room_and_its_people() {
    let (user, who) = (UserId(4), || "Bob".to_owned());
    for (kind, words) in [
        (EventKind::Invited { user, who: who() }, r#""kind":"invited","user":"u4","who":"Bob""#),
        (EventKind::Removed { user, who: who() }, r#""kind":"removed","user":"u4","who":"Bob""#),
        (
            EventKind::Appointed { user, who: who(), role: RoomRole::Moderator },
            r#""kind":"appointed","user":"u4","who":"Bob","role":"moderator""#,
        ),
        (
            EventKind::Appointed { user, who: who(), role: RoomRole::Member },
            r#""kind":"appointed","user":"u4","who":"Bob","role":"member""#,
        ),
        (EventKind::Renamed { name_now: "plans".into() }, r#""kind":"renamed","name_now":"plans""#),
        (EventKind::TopicSet { topic: String::new() }, r#""kind":"topic_set","topic":"""#),
        (EventKind::Archived { archived: true }, r#""kind":"archived","archived":true"#),
        (EventKind::Announcing { on: false }, r#""kind":"announcing","on":false"#),
    ] {
        assert!(server(event(kind)).ends_with(&format!("{words}}}")), "{words}");
    }
    let calls =
        |everyone, reply| event(EventKind::Message { n: 1, body: "x".into(), mentions: vec![], everyone, reply });
    let reply = Some(Reply { to: Seq(5), root: Seq(3) });
    assert!(server(calls(Some(Everyone::Room), None)).ends_with(r#""n":1,"body":"x","everyone":"room"}"#));
    assert!(server(calls(Some(Everyone::Here), reply)).ends_with(r#""everyone":"here","reply":{"to":5,"root":3}}"#));
    for (level, word) in [(Level::All, "all"), (Level::Mentions, "mentions"), (Level::Nothing, "nothing")] {
        let kind = UserEventKind::Notify { level };
        let frame = server(ServerMsg::User(UserEvent { seq: 89, room: RoomId(7), kind }));
        assert_eq!(frame, format!(r#"{{"ev":"user","seq":89,"room":"r7","kind":"notify","level":"{word}"}}"#));
    }
}

#[test]
fn a_server_tells_what_a_room_is_like() {
    let info = RoomInfo {
        kind: RoomKind::Private,
        topic: "tea".into(),
        archived: true,
        announcements: true,
        role: RoomRole::Moderator,
        notify: Level::All,
        ..RoomInfo::new(RoomId(7), "plans")
    };
    assert_snapshot!(
        server(ServerMsg::Room(info)),
        @r#"{"ev":"room","id":"r7","name":"plans","head":0,"n":0,"members":0,"read_n":0,"mentions":0,"muted":false,"kind":"private","topic":"tea","archived":true,"announcements":true,"role":"moderator","notify":"all"}"#
    );
    let people = vec![Person { id: UserId(4), name: "Bob".into() }];
    let direct = RoomInfo { kind: RoomKind::Direct, people, ..RoomInfo::new(RoomId(8), "") };
    assert_snapshot!(
        server(ServerMsg::Room(direct)),
        @r#"{"ev":"room","id":"r8","name":"","head":0,"n":0,"members":0,"read_n":0,"mentions":0,"muted":false,"kind":"direct","people":[{"id":"u4","name":"Bob"}]}"#
    );
    for role in [Role::Guest, Role::Bot, Role::Member, Role::Admin, Role::Owner] {
        server(ServerMsg::Welcome {
            epoch: Epoch("0199".into()),
            me: Person { id: UserId(3), name: "Maya".into() },
            role,
            limits: Limits::default(),
            now: AT,
            user_seq: 0,
            rooms: Vec::new(),
        });
    }
}

#[test]
fn a_server_tells_of_the_person_and_of_the_others() {
    let user = |kind| ServerMsg::User(UserEvent { seq: 89, room: RoomId(7), kind });
    assert_snapshot!(
        server(user(UserEventKind::Read { n: 975, mentions: 1 })),
        @r#"{"ev":"user","seq":89,"room":"r7","kind":"read","n":975,"mentions":1}"#
    );
    assert_snapshot!(
        server(user(UserEventKind::Draft { text: "I think".into() })),
        @r#"{"ev":"user","seq":89,"room":"r7","kind":"draft","text":"I think"}"#
    );
    assert_snapshot!(
        server(user(UserEventKind::Muted { muted: true })),
        @r#"{"ev":"user","seq":89,"room":"r7","kind":"muted","muted":true}"#
    );
    let maya = || Person { id: UserId(3), name: "Maya".into() };
    assert_snapshot!(
        server(ServerMsg::Typing { room: RoomId(7), people: vec![maya()] }),
        @r#"{"ev":"typing","room":"r7","people":[{"id":"u3","name":"Maya"}]}"#
    );
    let presence =
        ServerMsg::Presence { room: RoomId(7), whole: true, here: 2, online: vec![maya()], offline: vec![UserId(4)] };
    assert_snapshot!(
        server(presence),
        @r#"{"ev":"presence","room":"r7","whole":true,"here":2,"online":[{"id":"u3","name":"Maya"}],"offline":["u4"]}"#
    );
}

#[test]
fn a_server_welcomes() {
    let info = RoomInfo {
        id: RoomId(7),
        name: "lobby".into(),
        head: Seq(1207),
        n: 981,
        members: 5,
        read_n: 975,
        mentions: 1,
        muted: false,
        ..RoomInfo::new(RoomId(1), "")
    };
    let welcome = ServerMsg::Welcome {
        epoch: Epoch("0199".into()),
        me: Person { id: UserId(3), name: "Maya".into() },
        limits: Limits::default(),
        now: AT,
        user_seq: 88,
        rooms: vec![info.clone()],
        role: common::model::Role::Member,
    };
    assert_snapshot!(
        server(welcome),
        @r#"{"ev":"welcome","epoch":"0199","me":{"id":"u3","name":"Maya"},"role":"member","limits":{"body_chars":4000,"frame_bytes":65536,"unanswered":32,"replay_events":500},"now":1763700000123,"user_seq":88,"rooms":[{"id":"r7","name":"lobby","head":1207,"n":981,"members":5,"read_n":975,"mentions":1,"muted":false}]}"#
    );
    assert_snapshot!(
        server(ServerMsg::Room(info)),
        @r#"{"ev":"room","id":"r7","name":"lobby","head":1207,"n":981,"members":5,"read_n":975,"mentions":1,"muted":false}"#
    );
    assert_snapshot!(server(ServerMsg::Left { room: RoomId(7) }), @r#"{"ev":"left","room":"r7"}"#);
}

#[test]
fn a_server_tells_what_happened() {
    assert_snapshot!(
        server(event(EventKind::Message { n: 981, body: "hi\n\"you\"".into(), mentions: vec![], everyone: None, reply: None })),
        @r#"{"ev":"event","room":"r7","seq":1204,"at":1763700000123,"by":"u3","name":"林一凡","cid":"0199f0a0-0000-7000-8000-000000000001","kind":"message","n":981,"body":"hi\n\"you\""}"#
    );
    assert_snapshot!(
        server(event(EventKind::Message { n: 981, body: "@Maya hi".into(), mentions: vec![UserId(3)], everyone: None, reply: None })),
        @r#"{"ev":"event","room":"r7","seq":1204,"at":1763700000123,"by":"u3","name":"林一凡","cid":"0199f0a0-0000-7000-8000-000000000001","kind":"message","n":981,"body":"@Maya hi","mentions":["u3"]}"#
    );
    let (target, emoji) = (Seq(1190), || "👍".to_owned());
    for (kind, words) in [
        (EventKind::Edited { target, body: "hi!".into() }, r#""kind":"edited","target":1190,"body":"hi!""#),
        (EventKind::Deleted { target }, r#""kind":"deleted","target":1190"#),
        (EventKind::Reacted { target, emoji: emoji() }, r#""kind":"reacted","target":1190,"emoji":"👍""#),
        (EventKind::Unreacted { target, emoji: emoji() }, r#""kind":"unreacted","target":1190,"emoji":"👍""#),
        (EventKind::Pinned { target }, r#""kind":"pinned","target":1190"#),
        (EventKind::Unpinned { target }, r#""kind":"unpinned","target":1190"#),
    ] {
        assert!(server(event(kind)).ends_with(&format!("{words}}}")));
    }
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
        server(ServerMsg::Pong { t: AT, now: AT, queued: 0, heads: BTreeMap::new() }),
        @r#"{"ev":"pong","t":1763700000123,"now":1763700000123,"queued":0}"#
    );
    assert_snapshot!(
        server(ServerMsg::Pong { t: AT, now: AT, queued: 0, heads: BTreeMap::from([(RoomId(7), Seq(1208))]) }),
        @r#"{"ev":"pong","t":1763700000123,"now":1763700000123,"queued":0,"heads":{"r7":1208}}"#
    );
}

#[test]
fn every_code_is_read_as_it_is_written() {
    for code in ErrorCode::ALL {
        let frame = server(ServerMsg::Error(Refusal::new(code, "why")));
        assert!(frame.contains(&format!("\"code\":\"{}\"", code.name())), "{frame}");
    }
    let newer = r#"{"ev":"error","code":"too_early","message":"why"}"#;
    assert!(matches!(codec::decode_server(newer), Ok(ServerMsg::Error(Refusal { code: ErrorCode::Unknown, .. }))));
}

#[test]
fn every_fault_of_a_text_is_read_as_it_is_written() {
    let texts = [Body::new(""), Body::new("a\u{0}b"), Body::new(&"x".repeat(4_001))].map(|body| body.unwrap_err());
    let names = [UserName::new(""), UserName::new(&format!("a{}", "\u{301}".repeat(9)))].map(|name| name.unwrap_err());
    let others =
        [RoomName::new("").unwrap_err(), Emoji::new("x").unwrap_err(), Draft::new(&"x".repeat(8_001)).unwrap_err()];
    for error in texts.into_iter().chain(names).chain(others) {
        server(ServerMsg::Error(error.into()));
    }
}

#[test]
fn what_is_missing_is_named() {
    let missing = codec::decode_server(r#"{"ev":"reset","room":"r7"}"#).unwrap_err();
    assert!(missing.starts_with("seq:"), "{missing}");
    assert!(codec::decode_server("[1]").is_err() && codec::decode_server("{").is_err());
    assert!(codec::decode_server(r#"{"ev":"room","id":"7","name":"x","head":1,"n":1,"members":1}"#).is_err());
}

#[test]
fn what_http_tells_is_read_as_it_is_written() {
    let person = Person { id: UserId(3), name: "Maya".into() };
    assert_eq!(codec::decode_person(&serde_json::to_string(&person).unwrap()).unwrap(), person);
    let rooms = RoomList {
        rooms: vec![RoomEntry {
            id: RoomId(7),
            name: "lobby".into(),
            members: 5,
            joined: true,
            topic: String::new(),
            archived: false,
        }],
    };
    assert_eq!(codec::decode_rooms(&serde_json::to_string(&rooms).unwrap()).unwrap(), rooms);
    let text = UserName::new("").unwrap_err();
    let problem = Problem {
        status: 422,
        title: "bad text".into(),
        detail: "name: is blank".into(),
        text: Some(text),
        field: Some("name".into()),
        code: None,
    };
    assert_eq!(codec::decode_problem(&serde_json::to_string(&problem).unwrap()).unwrap(), problem);
}
