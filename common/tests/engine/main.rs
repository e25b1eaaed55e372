//! What a client says and when: order, patience, who sends for a device; `own` is what all devices agree on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on should stop"
)]

mod own;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::client::ClientMsg;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Level, Person, Role, RoomInfo, RoomKind, RoomRole, UserEvent, UserEventKind};
use common::server::{ErrorCode, Limits, Refusal, ServerMsg};
use common::sync::keep::{Keep, KeptDraft, Me, Restored, Shared};
use common::sync::outbox::{Pending, Stage};
use common::sync::{Closed, Command, Effect, Engine, Input, Notice, Phase, RoomChange, What};
use common::text::{Body, RoomName, Topic};

const LOBBY: RoomId = RoomId(1);
const ME: UserId = UserId(2);
const START: Timestamp = Timestamp(1_763_700_000_000);

/// An engine and what it said.
struct Client {
    engine: Engine,
    now: Timestamp,
    kept: Vec<Keep>,
    notices: Vec<Notice>,
}

impl Client {
    fn new() -> Self {
        Self { engine: Engine::new(7), now: START, kept: Vec::new(), notices: Vec::new() }
    }

    /// A client that has been welcomed into a room with this head, of which `n` messages are told.
    fn welcomed(head: u64) -> Self {
        let mut client = Self::new();
        client.gets(Input::Connect);
        client.gets(Input::Opened);
        client.hears(welcome(head));
        (1..=head).for_each(|seq| drop(client.hears(message(seq, UserId(9), "old"))));
        client
    }

    fn gets(&mut self, input: Input) -> Vec<ClientMsg> {
        let mut said = Vec::new();
        for effect in self.engine.handle(self.now, input) {
            match effect {
                Effect::Send(msg) => said.push(msg),
                Effect::Keep(keep) => self.kept.push(keep),
                Effect::Notice(notice) => self.notices.push(notice),
                Effect::Open | Effect::Close { .. } => {}
            }
        }
        said
    }

    fn hears(&mut self, msg: ServerMsg) -> Vec<ClientMsg> {
        self.gets(Input::Received(msg))
    }

    fn does(&mut self, command: Command) -> Vec<ClientMsg> {
        self.gets(Input::Do(command))
    }

    fn says(&mut self, text: &str) -> Vec<ClientMsg> {
        self.does(Command::Ask(What::Say { room: LOBBY, body: Body::new(text).unwrap(), reply_to: None }))
    }

    /// Lets time pass until the next deadline, and gives what is said then.
    fn waits(&mut self) -> Vec<ClientMsg> {
        self.now = self.engine.deadline().unwrap();
        self.gets(Input::Tick)
    }
}

fn welcome(head: u64) -> ServerMsg {
    welcome_to("first", head)
}

fn welcome_to(epoch: &str, head: u64) -> ServerMsg {
    let info = RoomInfo {
        id: LOBBY,
        name: "lobby".into(),
        head: Seq(head),
        n: head,
        members: 2,
        read_n: 0,
        mentions: 0,
        muted: false,
        ..RoomInfo::new(RoomId(1), "")
    };
    ServerMsg::Welcome {
        epoch: Epoch(epoch.into()),
        me: Person { id: ME, name: "Maya".into() },
        limits: Limits::default(),
        now: START,
        user_seq: 0,
        rooms: vec![info],
        role: common::model::Role::Member,
    }
}

fn event(seq: u64, by: UserId, cid: Option<Cid>, kind: EventKind) -> Event {
    Event { room: LOBBY, seq: Seq(seq), at: START, by, name: by.to_string(), bot: false, cid, kind }
}

fn message(seq: u64, by: UserId, body: &str) -> ServerMsg {
    ServerMsg::Event(event(
        seq,
        by,
        None,
        EventKind::Message { n: seq, body: body.into(), mentions: Vec::new(), everyone: None, reply: None },
    ))
}

fn sends(said: &[ClientMsg]) -> Vec<(Cid, Option<Cid>)> {
    said.iter()
        .filter_map(|msg| match msg {
            ClientMsg::Send { cid, after, .. } => Some((*cid, *after)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_message_names_the_one_before_it_while_that_is_unanswered() {
    let mut client = Client::welcomed(0);
    let (first, second) = (sends(&client.says("one"))[0], sends(&client.says("two"))[0]);
    assert_eq!((first.1, second.1), (None, Some(first.0)));
    for (seq, cid) in [(1, first.0), (2, second.0)] {
        client.hears(ServerMsg::Ack { cid, room: LOBBY, seq: Seq(seq), n: Some(seq), at: START });
    }
    assert_eq!(sends(&client.says("three"))[0].1, None);
}

#[test]
fn what_a_full_disk_refused_goes_out_again_by_itself_and_in_order() {
    let mut client = Client::welcomed(0);
    let (first, second) = (sends(&client.says("one"))[0].0, sends(&client.says("two"))[0].0);
    let full = Refusal::new(ErrorCode::Storage, "the disk is full").about(first).within(LOBBY).retry(1_000);
    client.hears(ServerMsg::Error(full));
    client.hears(ServerMsg::Error(Refusal::new(ErrorCode::OutOfOrder, "").about(second).within(LOBBY).retry(0)));
    let why = |cid| client.engine.outbox().get(cid).unwrap().trouble.as_ref().map(|refusal| refusal.code);
    assert_eq!((why(first), why(second)), (Some(ErrorCode::Storage), None));
    assert!(client.gets(Input::Tick).is_empty(), "not before its time");
    let again = client.waits();
    assert_eq!((client.now, sends(&again)), (START.plus(1_000), vec![(first, None), (second, Some(first))]));
}

#[test]
fn the_last_event_that_was_lost_is_missed_at_the_next_pong() {
    let mut client = Client::welcomed(3);
    let heads = BTreeMap::from([(LOBBY, Seq(4))]);
    let said = client.hears(ServerMsg::Pong { t: START, now: START, queued: 0, heads });
    assert_eq!(said, [ClientMsg::Sync { room: LOBBY, from: Seq(3), to: None }]);
    assert!(client.notices.contains(&Notice::Missed { room: LOBBY, head: Seq(4) }));
}

#[test]
fn who_follows_sends_nothing_until_it_leads() {
    let mut client = Client::welcomed(0);
    client.gets(Input::Follow);
    assert!(client.says("mine").is_empty());
    let mine = client.engine.outbox().iter().next().unwrap().clone();
    assert!(client.kept.contains(&Keep::Pending(Box::new(mine.clone()))), "the one that leads learns of it");
    let mut other = Client::welcomed(0);
    other.now = START.plus(5);
    other.gets(Input::Follow);
    other.says("the other tab's");
    let theirs = other.engine.outbox().iter().next().unwrap().clone();
    let said = client.gets(Input::Lead(vec![theirs.clone(), mine.clone()]));
    assert_eq!(sends(&said), [(mine.cid, None)], "in the order in which they were written");
    let ack = ServerMsg::Ack { cid: mine.cid, room: LOBBY, seq: Seq(1), n: Some(1), at: START };
    assert_eq!(sends(&client.hears(ack)), [(theirs.cid, None)], "neither was written behind the other");
    other.gets(Input::Shared(Shared::Drop(theirs.cid)));
    assert_eq!(other.engine.outbox().waiting(), 0);
}

#[test]
fn who_asked_hears_the_answer_though_another_client_has_sent_it() {
    let mut client = Client::welcomed(0);
    client.gets(Input::Follow);
    let create = What::Create { name: RoomName::new("orchard").unwrap(), private: false };
    assert!(client.does(Command::Ask(create)).is_empty());
    let asked = client.engine.outbox().iter().next().unwrap().clone();
    let refusal = Refusal::new(ErrorCode::NameTaken, "").about(asked.cid);
    for shared in [
        Shared::Put(Box::new(Pending { stage: Stage::Failed(refusal.clone()), ..asked.clone() })),
        Shared::Drop(asked.cid),
    ] {
        let mut client = Client { engine: client.engine.clone(), now: client.now, kept: vec![], notices: vec![] };
        let said = client.gets(Input::Shared(shared));
        assert!(matches!(said[..], [ClientMsg::Create { cid, .. }] if cid == asked.cid), "{said:?}");
        assert!(client.gets(Input::Shared(Shared::Drop(asked.cid))).is_empty(), "it is under way");
        client.hears(ServerMsg::Error(refusal.clone()));
        assert_eq!(client.notices, [Notice::Refused(refusal.clone())]);
        client.gets(Input::Shared(Shared::Drop(asked.cid)));
        assert_eq!(client.engine.outbox().iter().count(), 0);
    }
}

#[test]
fn a_program_that_begins_anew_shows_and_sends_what_it_remembered() {
    let mut before = Client::welcomed(2);
    before.gets(Input::Disconnect { code: 1000, reason: String::new() });
    before.says("written offline");
    let mut client = Client::new();
    let restored = Restored {
        me: Some(Me { epoch: Epoch("first".into()), person: Person { id: ME, name: "Maya".into() }, user_seq: 4 }),
        rooms: vec![before.engine.rooms()[&LOBBY].info.clone()],
        events: before.engine.rooms()[&LOBBY].log.events().map(|event| Event::clone(event)).collect(),
        outbox: before.engine.outbox().iter().cloned().collect(),
        drafts: Vec::new(),
        wishes: Vec::new(),
    };
    client.gets(Input::Restored(Box::new(restored)));
    assert_eq!((client.engine.me().unwrap().id, client.engine.rooms()[&LOBBY].log.len()), (ME, 2));
    client.gets(Input::Connect);
    let hello = client.gets(Input::Opened);
    let rooms = BTreeMap::from([(LOBBY, Seq(2))]);
    assert_eq!(hello, [ClientMsg::Hello { epoch: Some(Epoch("first".into())), user_seq: 4, rooms }]);
    let said = client.hears(welcome(2));
    assert_eq!(sends(&said)[0].0, before.engine.outbox().iter().next().unwrap().cid);
    assert!(matches!(client.engine.phase(), Phase::Ready { .. }));
}

#[test]
fn a_deleted_text_is_gone_from_here_and_from_what_is_remembered() {
    let mut client = Client::welcomed(1);
    client.hears(ServerMsg::Event(event(2, UserId(9), None, EventKind::Edited { target: Seq(1), body: "new".into() })));
    client.hears(ServerMsg::Event(event(3, UserId(9), None, EventKind::Deleted { target: Seq(1) })));
    let log = &client.engine.rooms()[&LOBBY].log;
    for seq in [1, 2] {
        let wiped: Arc<Event> = Arc::clone(log.get(Seq(seq)).unwrap());
        assert!(
            matches!(&wiped.kind, EventKind::Message { body, .. } | EventKind::Edited { body, .. } if body.is_empty())
        );
        assert!(client.kept.contains(&Keep::Event(wiped)), "the copy that is remembered is wiped too");
    }
}

#[test]
fn a_room_and_its_people_follow_the_log_and_are_remembered() {
    let mut client = Client::welcomed(2);
    let mut hears = |seq, kind| drop(client.hears(ServerMsg::Event(event(seq, UserId(9), None, kind))));
    hears(3, EventKind::Renamed { name_now: "orchard".into() });
    hears(4, EventKind::TopicSet { topic: "pears".into() });
    hears(5, EventKind::Archived { archived: true });
    hears(6, EventKind::Announcing { on: true });
    hears(7, EventKind::Invited { user: UserId(4), who: "Ann".into() });
    hears(8, EventKind::Removed { user: UserId(5), who: "Bob".into() });
    hears(9, EventKind::Appointed { user: UserId(4), who: "Ann".into(), role: RoomRole::Moderator });
    let info = client.engine.rooms()[&LOBBY].info.clone();
    assert_eq!((info.name.as_str(), info.topic.as_str(), info.members), ("orchard", "pears", 2));
    assert_eq!((info.archived, info.announcements, info.role), (true, true, RoomRole::Member), "another one's role");
    client.hears(ServerMsg::Event(event(
        10,
        UserId(9),
        None,
        EventKind::Appointed { user: ME, who: "Maya".into(), role: RoomRole::Moderator },
    )));
    let info = client.engine.rooms()[&LOBBY].info.clone();
    assert_eq!(info.role, RoomRole::Moderator);
    let Some(Keep::Room(kept)) = client.kept.iter().rfind(|keep| matches!(keep, Keep::Room(_))) else { panic!() };
    assert_eq!(**kept, info);
    // What was lost and comes late does not undo what came behind it.
    let renamed =
        |seq, name: &str| ServerMsg::Event(event(seq, UserId(9), None, EventKind::Renamed { name_now: name.into() }));
    client.hears(renamed(12, "later"));
    client.hears(renamed(11, "earlier"));
    assert_eq!(client.engine.rooms()[&LOBBY].info.name, "later");
    // What had happened before the room was told of counts no second time.
    client.hears(ServerMsg::Event(event(1, UserId(9), None, EventKind::Renamed { name_now: "older".into() })));
    assert_eq!(client.engine.rooms()[&LOBBY].info.name, "later");
}

#[test]
fn who_runs_the_server_moderates_whatever_happens_in_the_room() {
    let mut client = Client::new();
    client.gets(Input::Connect);
    client.gets(Input::Opened);
    let ServerMsg::Welcome { epoch, me, limits, now, user_seq, mut rooms, .. } = welcome(1) else { panic!() };
    rooms[0].role = RoomRole::Moderator;
    client.hears(ServerMsg::Welcome { epoch, me, role: Role::Owner, limits, now, user_seq, rooms });
    assert_eq!(client.engine.role(), Role::Owner);
    let kind = EventKind::Appointed { user: ME, who: "Maya".into(), role: RoomRole::Member };
    client.hears(ServerMsg::Event(event(2, UserId(9), None, kind)));
    assert_eq!(client.engine.rooms()[&LOBBY].info.role, RoomRole::Moderator);
}

#[test]
fn a_direct_room_bears_the_present_names_of_its_people() {
    let mut client = Client::welcomed(1);
    let people = vec![Person { id: UserId(4), name: "Ann".into() }];
    let info = RoomInfo { kind: RoomKind::Direct, people, ..RoomInfo::new(RoomId(7), "") };
    client.hears(ServerMsg::Room(info));
    client.hears(ServerMsg::Person(Person { id: UserId(4), name: "Anna".into() }));
    assert_eq!(client.engine.rooms()[&RoomId(7)].info.people[0].name, "Anna");
    client.hears(ServerMsg::Left { room: RoomId(7) });
    assert!(!client.engine.rooms().contains_key(&RoomId(7)) && client.kept.contains(&Keep::NoRoom(RoomId(7))));
}

#[test]
fn changes_of_a_room_keep_their_order_with_what_is_said_there() {
    let mut client = Client::welcomed(1);
    let change = |change| Command::Ask(What::Room { room: LOBBY, change });
    let renamed = client.does(change(RoomChange::Rename(RoomName::new("orchard").unwrap())));
    let [ClientMsg::Rename { cid: first, room: LOBBY, name }] = &renamed[..] else { panic!("{renamed:?}") };
    assert_eq!(name, "orchard");
    assert!(client.does(change(RoomChange::Topic(Topic::new("pears").unwrap()))).is_empty());
    assert!(client.says("done").is_empty(), "nothing passes another");
    let elsewhere = Command::Ask(What::Direct { people: vec![UserId(4)] });
    assert!(matches!(client.does(elsewhere)[..], [ClientMsg::Direct { .. }]), "that is about another room");
    let ack = |cid| ServerMsg::Ack { cid, room: LOBBY, seq: Seq(2), n: None, at: START };
    let next = client.hears(ack(*first));
    let [ClientMsg::Topic { cid, .. }] = &next[..] else { panic!("{next:?}") };
    let refusal = Refusal::new(ErrorCode::Forbidden, "").about(*cid).within(LOBBY);
    assert_eq!(sends(&client.hears(ServerMsg::Error(refusal))).len(), 1, "what was refused holds nothing up");
}

#[test]
fn the_neighbourhood_of_a_message_is_loaded_on_demand() {
    let mut client = Client::new();
    client.gets(Input::Connect);
    client.gets(Input::Opened);
    client.hears(welcome(5_000));
    client.hears(ServerMsg::Reset { room: LOBBY, seq: Seq(5_000) });
    (4_901..=5_000).for_each(|seq| drop(client.hears(message(seq, UserId(9), "new"))));
    let around = |seq| Command::LoadAround { room: LOBBY, seq: Seq(seq) };
    let sync = |from, to| vec![ClientMsg::Sync { room: LOBBY, from: Seq(from), to: Some(Seq(to)) }];
    assert_eq!(client.does(around(1_000)), sync(949, 1_050));
    (950..=1_050).for_each(|seq| drop(client.hears(message(seq, UserId(9), "old"))));
    assert!(client.does(around(1_000)).is_empty(), "it is held");
    assert_eq!(client.does(around(1_020)), sync(1_050, 1_070));
    (1_051..=1_070).for_each(|seq| drop(client.hears(message(seq, UserId(9), "old"))));
    assert_eq!(client.does(around(u64::MAX)), [], "beyond the end there is nothing to load");
    assert_eq!(client.does(around(3)), sync(0, 53));
}
