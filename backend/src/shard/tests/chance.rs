//! Whatever happens, in whatever order the letters allow: two shards, two rooms, clients that read slowly, lag, leave,
//! come back and break off.

use std::collections::{BTreeMap, BTreeSet};

use common::server::ServerMsg;
use proptest::prelude::*;

use super::client::Heard;
use super::*;

const ROOMS: [RoomId; 2] = [LOBBY, RoomId(2)];
const PEOPLE: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Move {
    /// Somebody who is in no shard says something.
    Speak { person: usize, room: usize, length: usize },
    /// A client says something.
    Send { client: usize, room: usize },
    /// A client leaves a room, or comes back.
    Toggle { client: usize, room: usize },
    /// A client asks for what is behind the end of the log: it has heard of that in another way.
    Sync { client: usize, room: usize },
    /// What was asked for is committed in one batch, and published.
    Commit,
    /// A look-up is carried out, not always the oldest.
    Look { which: usize },
    /// A shard reads letters.
    Read { shard: usize, letters: usize },
    /// A shard sends.
    Turn { shard: usize, sends: usize },
    /// A link takes more bytes.
    Widen { client: usize, bytes: usize },
    /// A connection breaks, and its client comes back with what it holds.
    Cut { client: usize },
    /// Time passes.
    Pass { ms: u64 },
}

fn a_move() -> impl Strategy<Value = Move> {
    let (client, room, shard) = (0..2 * PEOPLE, 0..ROOMS.len(), 0_usize..2);
    let (sends, bytes) = (1_usize..5, prop_oneof![1_usize..40, 100_usize..3_000]);
    let at = (client.clone(), room.clone());
    prop_oneof![
        6 => (0..PEOPLE, room, prop_oneof![9 => 0_usize..20, 1 => 500_usize..2_000])
            .prop_map(|(person, room, length)| Move::Speak { person, room, length }),
        3 => at.clone().prop_map(|(client, room)| Move::Send { client, room }),
        1 => at.clone().prop_map(|(client, room)| Move::Toggle { client, room }),
        1 => at.prop_map(|(client, room)| Move::Sync { client, room }),
        3 => Just(Move::Commit),
        5 => (0_usize..4).prop_map(|which| Move::Look { which }),
        6 => (shard.clone(), 1_usize..6).prop_map(|(shard, letters)| Move::Read { shard, letters }),
        6 => (shard, sends).prop_map(|(shard, sends)| Move::Turn { shard, sends }),
        5 => (client.clone(), bytes).prop_map(|(client, bytes)| Move::Widen { client, bytes }),
        1 => client.prop_map(|client| Move::Cut { client }),
        1 => (1_u64..3_000).prop_map(|ms| Move::Pass { ms }),
    ]
}

/// A client that checks what it is told.
struct Reader {
    client: Client,
    /// How far it is in the rooms that it follows; none where what comes next may be anything.
    rooms: BTreeMap<RoomId, Option<Seq>>,
    /// Rooms in which it was told to ask for the rest.
    lags: Vec<RoomId>,
    /// Rooms of which it has asked for something else than what comes: what was on its way comes in between.
    synced: BTreeSet<RoomId>,
    /// What it was sent of each room.
    events: BTreeMap<(RoomId, Seq), Event>,
    unanswered: usize,
}

impl Reader {
    fn new(client: Client, rooms: BTreeMap<RoomId, Option<Seq>>) -> Self {
        Self { client, rooms, lags: Vec::new(), synced: BTreeSet::new(), events: BTreeMap::new(), unanswered: 0 }
    }

    fn reads(&mut self) {
        for heard in self.client.receives() {
            let Heard::Msg(msg) = heard else { panic!("a frame that is no text") };
            match *msg {
                ServerMsg::Welcome { rooms, .. } => {
                    // A room that it has not heard of begins anywhere; one that is gone is not followed.
                    let known = std::mem::take(&mut self.rooms);
                    let cursor = |room: &RoomId| known.get(room).copied().flatten();
                    self.rooms = rooms.iter().map(|room| (room.id, cursor(&room.id))).collect();
                }
                ServerMsg::Event(event) => self.read(event),
                ServerMsg::Reset { room, .. } => *self.rooms.get_mut(&room).unwrap() = None,
                ServerMsg::Lag { room, seq } => {
                    let synced = self.synced.contains(&room);
                    assert!(synced || self.rooms[&room].is_none_or(|held| held < seq), "{seq} has come");
                    assert!(synced || !self.lags.contains(&room), "told twice");
                    self.lags.push(room);
                }
                ServerMsg::Room(info) => drop(self.rooms.insert(info.id, None)),
                ServerMsg::Left { room } => {
                    // Who entered and left before it was looked at has not heard of it.
                    self.rooms.remove(&room);
                    self.lags.retain(|lags| *lags != room);
                }
                ServerMsg::Ack { .. } => self.unanswered -= 1,
                ServerMsg::Error(refusal) => self.unanswered -= usize::from(refusal.cid.is_some()),
                ServerMsg::User(_) | ServerMsg::Presence { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn read(&mut self, event: Event) {
        let held = self.rooms.get_mut(&event.room).expect("an event of a room that is not followed");
        if !self.synced.contains(&event.room) {
            assert!(!self.lags.contains(&event.room), "{} comes behind the lag", event.seq);
            assert!(held.is_none_or(|held| event.seq == held.next()), "{} comes behind {held:?}", event.seq);
        }
        *held = Some(held.unwrap_or_default().max(event.seq));
        self.events.insert((event.room, event.seq), event);
    }
}

/// Everything: the server and six clients, two of each person, in both shards.
struct Chance {
    town: Driven,
    people: Vec<UserId>,
    readers: Vec<Reader>,
}

impl Chance {
    fn new() -> Self {
        let timings = Timings { backlog: 1_500, ..Timings::default() };
        let mut town = Driven::with(2, timings);
        let people: Vec<UserId> = (0..PEOPLE).map(|at| town.guest(&format!("P{at}"))).collect();
        let (cid, name) = (town.cid(), common::text::RoomName::new("garden").unwrap());
        let conn = ConnId { slot: 99, generation: 1 };
        town.changes.push_back((ShardId(0), conn, Change::Create { by: people[0], cid, name, private: false }));
        town.commit();
        people[1..].iter().for_each(|user| town.writes(*user, ROOMS[1], Act::Join));
        let mut chance = Self { town, people, readers: Vec::new() };
        for at in 0..2 * PEOPLE {
            let client = chance.hello(at, &BTreeMap::new());
            chance.readers.push(Reader::new(client, BTreeMap::new()));
        }
        chance
    }

    fn hello(&mut self, at: usize, rooms: &BTreeMap<RoomId, Option<Seq>>) -> Client {
        self.town.packing = [Packing::Plain, Packing::Alone, Packing::Building(None)][at % 3];
        let client = self.town.connect(at % 2, self.people[at % PEOPLE]);
        client.pipe.narrow(400);
        let cursor = |(room, held): (&RoomId, &Option<Seq>)| held.map(|held| format!(r#""{room}":{}"#, held.0));
        let cursors: Vec<String> = rooms.iter().filter_map(cursor).collect();
        self.town.says(&client, &format!(r#"{{"op":"hello","epoch":"now","rooms":{{{}}}}}"#, cursors.join(",")));
        client
    }

    fn does(&mut self, what: Move) {
        match what {
            Move::Speak { person, room, length } => {
                let body = Body::new(&format!("spoken {}", "x".repeat(length))).unwrap();
                self.town.writes(self.people[person], ROOMS[room], Act::Say { body, after: None, reply_to: None });
            }
            Move::Send { client, room } => self.asks(client, |cid| {
                format!(r#"{{"op":"send","cid":"{cid}","room":"{}","body":"from {client}"}}"#, ROOMS[room])
            }),
            Move::Toggle { client, room } => {
                let op = if self.readers[client].rooms.contains_key(&ROOMS[room]) { "leave" } else { "join" };
                self.asks(client, |cid| format!(r#"{{"op":"{op}","cid":"{cid}","room":"{}"}}"#, ROOMS[room]));
            }
            Move::Sync { client, room } => self.claims(client, ROOMS[room]),
            Move::Commit => drop(self.town.commit()),
            Move::Look { which } => {
                // The order of one connection's look-ups is chance as well.
                let len = self.town.looks.len().max(1);
                self.town.looks.rotate_left(which % len);
                self.town.look();
            }
            Move::Read { shard, letters } => self.town.reads(shard, letters),
            Move::Turn { shard, sends } => drop(self.town.turn(shard, sends)),
            Move::Widen { client, bytes } => self.town.widen(&self.readers[client].client, bytes),
            Move::Cut { client } => self.cut(client),
            Move::Pass { ms } => {
                self.town.ms += ms;
                let now = self.town.now();
                self.town.shards.iter_mut().for_each(|shard| shard.tick(now));
                self.town.gather();
            }
        }
        self.read();
    }

    /// A client asks for something, if the server listens.
    fn asks(&mut self, client: usize, text: impl Fn(Cid) -> String) {
        let cid = self.town.cid();
        let reader = &mut self.readers[client];
        if self.town.shards[reader.client.shard].wants_messages(reader.client.slot) {
            reader.unanswered += 1;
            self.town.says(&reader.client, &text(cid));
        }
    }

    fn claims(&mut self, client: usize, room: RoomId) {
        let head = self.head(room);
        let reader = &mut self.readers[client];
        if reader.rooms.contains_key(&room) && self.town.shards[reader.client.shard].wants_messages(reader.client.slot)
        {
            reader.rooms.insert(room, Some(head));
            reader.synced.insert(room);
            self.town.says(&reader.client, &format!(r#"{{"op":"sync","room":"{room}","from":{}}}"#, head.0));
        }
    }

    fn head(&self, room: RoomId) -> Seq {
        rooms::seen_by(&self.town.db, room, self.people[0]).unwrap().map_or(Seq(1), |info| info.head)
    }

    /// Every client reads what has come, and asks for what it lacks.
    fn read(&mut self) {
        for reader in &mut self.readers {
            reader.reads();
            let (shard, slot) = (reader.client.shard, reader.client.slot);
            if let Some(room) = reader.lags.first().copied()
                && self.town.shards[shard].wants_messages(slot)
            {
                reader.lags.remove(0);
                let held = reader.rooms[&room].unwrap_or_default();
                self.town.says(&reader.client, &format!(r#"{{"op":"sync","room":"{room}","from":{}}}"#, held.0));
            }
        }
    }

    fn cut(&mut self, at: usize) {
        let reader = &self.readers[at];
        let (now, shard, slot) = (self.town.now(), reader.client.shard, reader.client.slot);
        let rooms = reader.rooms.clone();
        self.town.shards[shard].on_gone(slot, now);
        self.town.gather();
        let client = self.hello(at, &rooms);
        let events = std::mem::take(&mut self.readers[at].events);
        self.readers[at] = Reader { events, ..Reader::new(client, rooms) };
    }

    /// Everything is delivered.
    fn settles(&mut self) {
        for _ in 0..50 {
            for at in 0..self.readers.len() {
                self.town.widen(&self.readers[at].client, 1_000_000);
            }
            self.town.settle();
            self.read();
        }
    }

    fn is_complete(&self) {
        for room in ROOMS {
            let log = events::page(&self.town.db, room, Seq::ZERO, Seq(1 << 40), 1 << 40).unwrap();
            for reader in &self.readers {
                let member = events::member_since(&self.town.db, room, reader.client.user).unwrap().is_some();
                assert_eq!(reader.rooms.contains_key(&room), member);
                assert!(!member || reader.rooms[&room] == log.last().map(|event| event.seq), "the end of {room}");
                assert!(reader.lags.is_empty() && reader.unanswered == 0);
                for event in &log {
                    let read = reader.events.get(&(room, event.seq));
                    assert!(read.is_none_or(|read| read == event), "{read:?} is not {event:?}");
                }
            }
        }
        for shard in &self.town.shards {
            assert!(shard.conns.iter().all(|(_, conn)| conn.backlog.is_empty()));
            assert!(shard.published.is_empty() && shard.greeting == 0 && shard.answers.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    /// Every client's stream of each room has no hole and no repeat, says what the log says, and reaches its end.
    #[test]
    fn every_stream_is_gapless_and_complete(moves in prop::collection::vec(a_move(), 0..250)) {
        let mut chance = Chance::new();
        moves.into_iter().for_each(|what| chance.does(what));
        chance.settles();
        chance.is_complete();
    }
}
