//! The desk in a small world: a server that keeps a log, a disk, and a program that answers. It is killed between any two
//! steps.

use std::collections::{BTreeMap, BTreeSet};

use common::client::ClientMsg;
use common::id::Epoch;
use common::limits;
use common::model::{Reply, Role};
use common::server::{ErrorCode, Limits, Refusal, ServerMsg};
use proptest::prelude::*;

use super::*;

const LOBBY: RoomId = RoomId(1);
const ALICE: UserId = UserId(2);
const BOT: UserId = UserId(3);

/// A server with rooms, a disk, and a bot.
struct World {
    epoch: &'static str,
    rooms: BTreeMap<RoomId, (RoomInfo, Vec<Event>)>,
    answered: BTreeMap<Cid, Seq>,
    disk: String,
    desk: Desk,
    wanted: Vec<String>,
    online: bool,
    now: Timestamp,
    runs: u64,
    /// What programs were given, in all runs, and what the present one has not answered.
    given: Vec<String>,
    unread: Vec<String>,
    /// Steps until it is killed.
    fuel: Option<usize>,
    notes: Vec<String>,
}

struct Killed;

impl World {
    fn new(wanted: &[&str]) -> Self {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let journal = Journal::default();
        let mut world = Self {
            epoch: "one",
            rooms: BTreeMap::new(),
            answered: BTreeMap::new(),
            disk: serde_json::to_string(&journal).unwrap(),
            desk: Desk::new(journal, wanted.clone(), Style::Plain, 60_000, 0, Timestamp(0)),
            wanted,
            online: false,
            now: Timestamp(1_000_000),
            runs: 0,
            given: Vec::new(),
            unread: Vec::new(),
            fuel: None,
            notes: Vec::new(),
        };
        world.room(LOBBY, "lobby", RoomKind::Public);
        world
    }

    fn room(&mut self, id: RoomId, name: &str, kind: RoomKind) {
        let info = RoomInfo { kind, ..RoomInfo::new(id, name) };
        self.rooms.insert(id, (info, Vec::new()));
        self.append(id, ALICE, None, EventKind::Created);
    }

    fn append(&mut self, room: RoomId, by: UserId, cid: Option<Cid>, kind: EventKind) -> Event {
        let (info, log) = self.rooms.get_mut(&room).unwrap();
        info.head = info.head.next();
        let name = if by == BOT { "Bot" } else { "Alice" }.to_owned();
        let event = Event { room, seq: info.head, at: Timestamp(5), by, name, cid, kind };
        log.push(event.clone());
        event
    }

    fn message(&mut self, room: RoomId, by: UserId, cid: Option<Cid>, body: &str) -> Event {
        let (info, _) = self.rooms.get_mut(&room).unwrap();
        info.n += 1;
        let kind = EventKind::message(info.n, body);
        self.append(room, by, cid, kind)
    }

    fn alice_says(&mut self, room: RoomId, body: &str) {
        let event = self.message(room, ALICE, None, body);
        self.tell(ServerMsg::Event(event));
    }

    fn tell(&mut self, msg: ServerMsg) {
        if self.online {
            self.desk.handle(self.now, Input::Received(msg));
        }
    }

    /// A bot that was killed comes back with what is on disk.
    fn restart(&mut self) {
        self.runs += 1;
        self.online = false;
        self.unread.clear();
        let journal = serde_json::from_str(&self.disk).unwrap();
        self.desk = Desk::new(journal, self.wanted.clone(), Style::Plain, 60_000, self.runs, self.now);
    }

    fn connect(&mut self) {
        self.online = true;
        self.desk.handle(self.now, Input::Connect);
        self.desk.handle(self.now, Input::Opened);
    }

    fn disconnect(&mut self) {
        self.online = false;
        let closed = Closed { code: 1006, reason: String::new(), was_clean: false };
        self.desk.handle(self.now, Input::Closed(closed));
    }

    fn burn(&mut self) -> Result<(), Killed> {
        match &mut self.fuel {
            Some(0) => Err(Killed),
            Some(fuel) => {
                *fuel -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Turns as the driver makes them, until nothing moves any more, or the bot is killed.
    fn settle(&mut self) -> Result<(), Killed> {
        loop {
            self.desk.say(self.now);
            let mut lines = Vec::new();
            while let Some(line) = self.desk.give(self.now) {
                lines.push(line);
            }
            self.notes.extend(self.desk.notes());
            self.burn()?;
            if self.desk.dirty() == Dirty::Now {
                self.disk = serde_json::to_string(self.desk.journal()).unwrap();
                self.desk.saved();
                self.burn()?;
            }
            let wire = self.desk.wire();
            let moved = !wire.is_empty() || !lines.is_empty() || self.desk.dirty() == Dirty::Now;
            for line in lines {
                self.given.push(line.trim_end().to_owned());
                self.unread.push(line.trim_end().to_owned());
                self.burn()?;
            }
            for effect in wire {
                self.perform(effect)?;
            }
            if !moved {
                return Ok(());
            }
        }
    }

    fn perform(&mut self, effect: Effect) -> Result<(), Killed> {
        let Effect::Send(msg) = effect else { return Ok(()) };
        if !self.online {
            return Ok(());
        }
        let answers = self.serve(msg);
        self.burn()?;
        for answer in answers {
            self.tell(answer);
            self.burn()?;
        }
        Ok(())
    }

    fn page(&self, room: RoomId, from: Seq, to: Seq) -> Vec<ServerMsg> {
        let (_, log) = &self.rooms[&room];
        log.iter().filter(|event| event.seq > from && event.seq <= to).cloned().map(ServerMsg::Event).collect()
    }

    fn serve(&mut self, msg: ClientMsg) -> Vec<ServerMsg> {
        match msg {
            ClientMsg::Hello { epoch, rooms: held, .. } => {
                let mut said = vec![ServerMsg::Welcome {
                    epoch: Epoch(self.epoch.to_owned()),
                    me: Person { id: BOT, name: "Bot".into() },
                    role: Role::Bot,
                    limits: Limits::default(),
                    now: self.now,
                    user_seq: 0,
                    rooms: self.rooms.values().map(|(info, _)| info.clone()).collect(),
                }];
                let same = epoch.is_some_and(|epoch| epoch.0 == self.epoch);
                for (room, (info, _)) in &self.rooms {
                    let from = held.get(room).copied().filter(|_| same).unwrap_or_default();
                    let far = from > info.head || info.head.0 - from.0 > limits::REPLAY_EVENTS;
                    if far || from == Seq::ZERO {
                        let first = info.head.0.saturating_sub(limits::PAGE_EVENTS);
                        if far || first > 0 {
                            said.push(ServerMsg::Reset { room: *room, seq: info.head });
                        }
                        said.extend(self.page(*room, Seq(first), info.head));
                    } else {
                        said.extend(self.page(*room, from, info.head));
                    }
                }
                said
            }
            ClientMsg::Sync { room, from, to } => {
                self.page(room, from, to.unwrap_or(Seq(u64::MAX)).min(Seq(from.0 + limits::REPLAY_EVENTS)))
            }
            ClientMsg::Send { cid, room, body, .. } if body == "forbidden" => {
                vec![ServerMsg::Error(Refusal::new(ErrorCode::Archived, "archived").about(cid).within(room))]
            }
            ClientMsg::Send { cid, room, body, .. } => match self.answered.get(&cid) {
                Some(seq) => vec![ServerMsg::Ack { cid, room, seq: *seq, n: None, at: self.now }],
                None => {
                    let event = self.message(room, BOT, Some(cid), &body);
                    self.answered.insert(cid, event.seq);
                    let seq = event.seq;
                    vec![ServerMsg::Event(event), ServerMsg::Ack { cid, room, seq, n: None, at: self.now }]
                }
            },
            _ => Vec::new(),
        }
    }

    /// The program answers what it has read.
    fn answer(&mut self) {
        for line in std::mem::take(&mut self.unread) {
            self.desk.hear(Ok(&format!("echo {line}")));
        }
    }

    fn said_by_bot(&self, room: RoomId) -> Vec<String> {
        let body = |event: &Event| match &event.kind {
            EventKind::Message { body, .. } if event.by == BOT => Some(body.clone()),
            _ => None,
        };
        self.rooms[&room].1.iter().filter_map(body).collect()
    }

    fn ready(wanted: &[&str]) -> Self {
        let mut world = Self::new(wanted);
        world.connect();
        world.run();
        world
    }

    /// Until nothing moves, without being killed.
    fn run(&mut self) {
        self.fuel = None;
        assert!(self.settle().is_ok());
    }
}

impl World {
    /// Until everything is said, however long its pace makes that.
    fn rest(&mut self) {
        self.run();
        while !self.desk.is_idle() {
            self.now = self.now.plus(1);
            self.run();
        }
    }
}

#[test]
fn what_was_said_before_the_first_start_is_not_given_and_what_comes_is() {
    let mut world = World::new(&["lobby"]);
    world.alice_says(LOBBY, "early");
    world.connect();
    world.run();
    world.alice_says(LOBBY, "now");
    world.run();
    assert_eq!(world.given, ["now"]);
    world.answer();
    world.run();
    assert_eq!(world.said_by_bot(LOBBY), ["echo now"]);
    assert_eq!(world.given, ["now"], "it does not hear itself");
    assert!(world.desk.is_idle());
}

#[test]
fn nothing_but_messages_is_given_and_each_as_it_stands() {
    let mut world = World::ready(&["lobby"]);
    world.disconnect();
    world.append(LOBBY, UserId(9), None, EventKind::Joined);
    world.alice_says(LOBBY, "first");
    let target = world.rooms[&LOBBY].0.head;
    world.append(LOBBY, ALICE, None, EventKind::Edited { target, body: "better".into() });
    world.alice_says(LOBBY, "");
    let target = world.rooms[&LOBBY].0.head;
    world.append(LOBBY, ALICE, None, EventKind::Deleted { target });
    world.connect();
    world.run();
    assert_eq!(world.given, ["better"]);
}

#[test]
fn whoever_was_away_for_long_gets_all_of_it_in_order() {
    let mut world = World::ready(&["lobby"]);
    world.disconnect();
    let all: Vec<String> = (0..1_777).map(|n| n.to_string()).collect();
    all.iter().for_each(|text| world.alice_says(LOBBY, text));
    world.restart();
    world.connect();
    world.run();
    assert_eq!(world.given, all);
    let held = world.desk.engine.rooms().get(&LOBBY).unwrap().log.len() as u64;
    assert!(held < 2 * HELD + limits::PAGE_EVENTS, "{held} events are still held");
}

#[test]
fn a_conversation_that_began_while_it_was_away_is_read_from_its_beginning() {
    let mut world = World::ready(&["lobby"]);
    world.disconnect();
    world.room(RoomId(7), "", RoomKind::Direct);
    world.alice_says(RoomId(7), "psst");
    world.connect();
    world.run();
    assert_eq!(world.given, ["psst"]);
    world.answer();
    world.run();
    assert_eq!(world.said_by_bot(RoomId(7)), ["echo psst"]);
}

#[test]
fn rooms_that_nobody_asked_for_are_not_given() {
    let mut world = World::new(&["#LOBBY"]);
    world.room(RoomId(2), "other", RoomKind::Public);
    world.connect();
    world.run();
    world.alice_says(RoomId(2), "elsewhere");
    world.alice_says(LOBBY, "here");
    world.run();
    assert_eq!(world.given, ["here"]);
    assert_eq!(world.desk.settled().unwrap().id, BOT);
}

#[test]
fn a_line_may_name_its_room() {
    let mut world = World::new(&["lobby", "r2"]);
    world.room(RoomId(2), "second", RoomKind::Public);
    world.desk.style = Style::Json;
    world.connect();
    world.run();
    for line in [r#"{"text":"a","room":"second"}"#, r#"{"text":"b","room":"r2"}"#, "c", r#"{"text":"d","room":"x"}"#] {
        world.desk.hear(Ok(line));
    }
    world.run();
    assert_eq!(
        (world.said_by_bot(LOBBY), world.said_by_bot(RoomId(2))),
        (vec!["c".into()], vec!["a".into(), "b".into()])
    );
    assert_eq!(world.notes, ["line 4 of the program is not said: room: the bot is not in 'x'"]);
}

#[test]
fn what_the_server_refuses_is_told_and_given_up() {
    let mut world = World::ready(&["lobby"]);
    world.desk.hear(Ok("forbidden"));
    world.desk.hear(Ok("fine"));
    world.run();
    assert_eq!(world.said_by_bot(LOBBY), ["fine"]);
    assert!(world.notes[0].contains("archived"), "{:?}", world.notes);
    assert!(world.desk.is_idle() && world.desk.journal().sent.is_empty());
}

#[test]
fn another_database_begins_anew() {
    let mut world = World::ready(&["lobby"]);
    world.alice_says(LOBBY, "old");
    world.run();
    world.disconnect();
    let (info, log) = world.rooms.get_mut(&LOBBY).unwrap();
    (info.head, info.n) = (Seq::ZERO, 0);
    log.clear();
    world.epoch = "two";
    world.alice_says(LOBBY, "restored");
    world.restart();
    world.connect();
    world.run();
    assert_eq!(world.given, ["old"]);
    world.alice_says(LOBBY, "new");
    world.run();
    assert_eq!(world.given, ["old", "new"]);
}

#[test]
fn a_log_that_has_lost_its_end_is_read_on() {
    let mut world = World::ready(&["lobby"]);
    (0..5).for_each(|n| world.alice_says(LOBBY, &n.to_string()));
    world.run();
    world.disconnect();
    let (info, log) = world.rooms.get_mut(&LOBBY).unwrap();
    (info.head, info.n) = (Seq(2), 1);
    log.truncate(2);
    world.restart();
    world.connect();
    world.run();
    world.alice_says(LOBBY, "on");
    world.run();
    assert_eq!(world.given.last().unwrap(), "on");
    assert_eq!(world.given.len(), 6);
}

#[test]
fn a_room_that_is_not_there_ends_it_with_words() {
    let mut world = World::ready(&["lobby", "nowhere"]);
    assert_eq!(world.desk.missing(), ["nowhere"]);
    assert_eq!(world.desk.settled(), None);
    world.desk.found(world.now, "nowhere", None);
    assert!(world.desk.fatal().unwrap().0.contains("no room 'nowhere'"));
}

#[test]
fn whoever_is_put_out_of_all_rooms_ends() {
    let mut world = World::ready(&["lobby"]);
    world.tell(ServerMsg::Left { room: LOBBY });
    assert!(world.desk.fatal().is_some());
}

#[test]
fn the_journal_of_another_is_not_used() {
    let mut world = World::ready(&["lobby"]);
    world.disk = world.disk.replace("\"u3\"", "\"u8\"");
    world.restart();
    world.connect();
    world.run();
    assert!(world.desk.fatal().unwrap().0.contains("the journal is of Bot"), "{:?}", world.desk.fatal());
}

#[test]
fn what_waits_is_bounded_and_goes_out_at_its_pace() {
    let mut world = World::ready(&["lobby"]);
    world.desk.pace = Pace::new(60, world.now);
    for n in 0..1_000 {
        assert!(world.desk.has_room());
        world.desk.hear(Ok(&n.to_string()));
    }
    assert!(!world.desk.has_room());
    world.run();
    assert_eq!(world.said_by_bot(LOBBY).len(), 10);
    assert!(world.desk.has_room());
    world.restart();
    world.desk.pace = Pace::new(60_000, world.now);
    world.connect();
    while !world.desk.is_idle() {
        world.now = world.desk.deadline().unwrap().max(world.now.plus(1));
        world.run();
    }
    let all: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    assert_eq!(world.said_by_bot(LOBBY), all);
}

#[test]
fn an_answer_names_what_it_answers() {
    let mut world = World::ready(&["lobby"]);
    world.desk.style = Style::Json;
    let kind = EventKind::Message {
        n: 1,
        body: "hi".into(),
        mentions: vec![BOT],
        everyone: None,
        reply: Some(Reply { to: Seq(9), root: Seq(7) }),
    };
    let event = world.append(LOBBY, ALICE, None, kind);
    world.tell(ServerMsg::Event(event));
    world.run();
    let told: serde_json::Value = serde_json::from_str(&world.given[0]).unwrap();
    assert_eq!((&told["mentioned"], &told["reply_to"], &told["thread"]), (&true.into(), &9.into(), &7.into()));
}

#[derive(Debug, Clone)]
enum Act {
    Say,
    Answer,
    Run(usize),
    Cut,
    Kill,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Say),
        3 => Just(Act::Answer),
        4 => (0_usize..40).prop_map(Act::Run),
        1 => Just(Act::Cut),
        1 => Just(Act::Kill),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    /// Killed between any two steps, it gives no message twice and answers none twice; what it is given once it is left
    /// alone is answered.
    #[test]
    fn each_message_is_answered_at_most_once_wherever_it_is_killed(acts in acts()) {
        let mut world = World::ready(&["lobby"]);
        let mut said = 0;
        for act in acts {
            match act {
                Act::Say => {
                    said += 1;
                    world.alice_says(LOBBY, &format!("m{said}"));
                }
                Act::Answer => world.answer(),
                Act::Run(fuel) => {
                    world.fuel = Some(fuel);
                    if world.settle().is_err() {
                        world.restart();
                        world.connect();
                    }
                }
                Act::Cut => {
                    world.disconnect();
                    world.connect();
                }
                Act::Kill => {
                    world.restart();
                    world.connect();
                }
            }
        }
        world.rest();
        world.alice_says(LOBBY, "last");
        world.rest();
        world.answer();
        world.rest();
        let given: BTreeSet<_> = world.given.iter().collect();
        prop_assert_eq!(given.len(), world.given.len(), "given twice: {:?}", world.given);
        let answers = world.said_by_bot(LOBBY);
        let once: BTreeSet<_> = answers.iter().collect();
        prop_assert_eq!(once.len(), answers.len(), "said twice: {:?}", answers);
        prop_assert_eq!(answers.last().map(String::as_str), Some("echo last"));
    }

    /// Without kills nothing is lost either, however often the connection breaks.
    #[test]
    fn nothing_is_lost_while_it_lives(acts in acts()) {
        let mut world = World::ready(&["lobby"]);
        let mut said = Vec::new();
        for act in acts {
            match act {
                Act::Say => {
                    said.push(format!("m{}", said.len()));
                    world.alice_says(LOBBY, said.last().unwrap());
                }
                Act::Answer => world.answer(),
                Act::Run(_) => world.run(),
                Act::Cut | Act::Kill => {
                    world.disconnect();
                    world.connect();
                }
            }
        }
        world.rest();
        world.answer();
        world.rest();
        let answers: Vec<String> = said.iter().map(|text| format!("echo {text}")).collect();
        prop_assert_eq!(&world.given, &said);
        prop_assert_eq!(world.said_by_bot(LOBBY), answers);
    }
}
