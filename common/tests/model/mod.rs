//! A small world for the engine: a server that keeps its promises, clients, and a network that does not.
//!
//! Time is a number, randomness a seed: the same story always ends the same way.

use std::collections::{BTreeMap, HashMap, VecDeque};

use common::client::ClientMsg;
use common::close;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Event, EventKind, Person, RoomInfo};
use common::server::{Limits, ServerMsg};
use common::sync::log::Item;
use common::sync::outbox::{Stage, What};
use common::sync::{Closed, Command, Effect, Engine, Input, Phase};
use common::text::Body;

pub(crate) const ROOMS: [RoomId; 2] = [RoomId(1), RoomId(2)];

/// One line of a story.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A client says its next line in a room.
    Say { client: usize, room: usize },
    /// The server reads the next message of a client.
    Serve { client: usize },
    /// A client reads the next message of the server.
    Read { client: usize },
    /// The next message to a client is lost.
    Lose { client: usize },
    /// The next message to a client comes twice.
    Double { client: usize },
    /// The next message to a client comes after the one behind it.
    Swap { client: usize },
    /// A client's connection breaks; what was under way is lost.
    Cut { client: usize },
    /// The server crashes and comes back: every connection breaks.
    Crash,
    /// Time passes.
    Pass { ms: u64 },
}

/// A client and its connection.
pub(crate) struct Client {
    pub(crate) engine: Engine,
    user: UserId,
    lines: u32,
    linked: bool,
    subscribed: bool,
    to_server: VecDeque<ClientMsg>,
    to_client: VecDeque<ServerMsg>,
}

/// The server, its clients and the time.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) logs: BTreeMap<RoomId, Vec<Event>>,
    pub(crate) clients: Vec<Client>,
    pub(crate) said: Vec<(UserId, RoomId, String)>,
    answers: HashMap<(RoomId, UserId, Cid), Seq>,
}

impl World {
    pub(crate) fn new(clients: usize, history: u64) -> Self {
        let clients = (0..clients).map(|i| Client {
            engine: Engine::new(i as u64 + 1),
            user: UserId(i as u64 + 1),
            lines: 0,
            linked: false,
            subscribed: false,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
        });
        let mut world = Self {
            now: Timestamp(1_763_700_000_000),
            logs: BTreeMap::new(),
            clients: clients.collect(),
            said: Vec::new(),
            answers: HashMap::new(),
        };
        for room in ROOMS {
            world.append(room, UserId(99), None, EventKind::Created);
            for n in 1..=history {
                world.append(
                    room,
                    UserId(99),
                    None,
                    EventKind::Message {
                        n,
                        body: format!("old {n}"),
                        mentions: Vec::new(),
                        everyone: None,
                        reply: None,
                    },
                );
            }
        }
        for client in 0..world.clients.len() {
            world.input(client, Input::Connect);
        }
        world
    }

    pub(crate) fn act(&mut self, act: &Act) {
        let of = |i: usize| i % self.clients.len();
        match *act {
            Act::Say { client, room } => self.say(of(client), ROOMS[room % 2]),
            Act::Serve { client } => self.serve(of(client)),
            Act::Read { client } => self.read(of(client)),
            Act::Lose { client } => {
                let i = of(client);
                // A lost greeting is a lost connection: on a real socket nothing is lost before a break.
                if !matches!(self.clients[i].to_client.front(), Some(ServerMsg::Welcome { .. })) {
                    self.clients[i].to_client.pop_front();
                }
            }
            Act::Double { client } => {
                let i = of(client);
                if let Some(msg) = self.clients[i].to_client.front().cloned() {
                    self.clients[i].to_client.push_front(msg);
                }
            }
            Act::Swap { client } => {
                let i = of(client);
                let welcome = matches!(self.clients[i].to_client.front(), Some(ServerMsg::Welcome { .. }));
                if self.clients[i].to_client.len() > 1 && !welcome {
                    self.clients[i].to_client.swap(0, 1);
                }
            }
            Act::Cut { client } => self.cut(of(client), close::ABNORMAL),
            Act::Crash => (0..self.clients.len()).for_each(|i| self.cut(i, close::ABNORMAL)),
            Act::Pass { ms } => self.pass(ms),
        }
    }

    /// Faults off: everything is delivered and time passes until nothing moves any more.
    pub(crate) fn settle(&mut self) {
        for _ in 0..200 {
            while self.deliver_one() {}
            let next = self.clients.iter().filter_map(|c| c.engine.deadline()).min();
            if self.is_settled() {
                return;
            }
            self.pass(next.map_or(1_000, |at| at.since(self.now)).max(1));
        }
        let phases: Vec<&Phase> = self.clients.iter().map(|c| c.engine.phase()).collect();
        panic!("the world does not come to rest: {phases:?}");
    }

    pub(crate) fn say(&mut self, client: usize, room: RoomId) {
        let sender = &mut self.clients[client];
        sender.lines += 1;
        let text = format!("{} says line {}", sender.user, sender.lines);
        self.said.push((sender.user, room, text.clone()));
        self.input(
            client,
            Input::Do(Command::Ask(What::Say { room, body: Body::new(&text).unwrap(), reply_to: None })),
        );
    }

    pub(crate) fn input(&mut self, client: usize, input: Input) {
        let effects = self.clients[client].engine.handle(self.now, input);
        for effect in effects {
            match effect {
                Effect::Open => {
                    let link = &mut self.clients[client];
                    link.to_server.clear();
                    link.to_client.clear();
                    link.linked = true;
                    link.subscribed = false;
                    self.input(client, Input::Opened);
                }
                Effect::Send(msg) => self.clients[client].to_server.push_back(msg),
                Effect::Close { code, .. } => self.cut(client, code),
                Effect::Keep(_) | Effect::Notice(_) => {}
            }
        }
    }

    pub(crate) fn timeline(&self, client: usize, room: RoomId) -> Vec<Item> {
        self.clients[client].engine.rooms().get(&room).map(|room| room.log.items()).unwrap_or_default()
    }

    pub(crate) fn cut(&mut self, client: usize, code: u16) {
        let link = &mut self.clients[client];
        if std::mem::take(&mut link.linked) {
            link.to_server.clear();
            link.to_client.clear();
            link.subscribed = false;
            self.input(client, Input::Closed(Closed { code, reason: String::new(), was_clean: false }));
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
        for client in 0..self.clients.len() {
            if self.clients[client].engine.deadline().is_some_and(|at| at <= self.now) {
                self.input(client, Input::Tick);
            }
        }
    }

    fn deliver_one(&mut self) -> bool {
        let busy = (0..self.clients.len()).find(|i| {
            let client = &self.clients[*i];
            client.linked && !(client.to_server.is_empty() && client.to_client.is_empty())
        });
        if let Some(i) = busy {
            self.serve(i);
            self.read(i);
        }
        busy.is_some()
    }

    fn is_settled(&self) -> bool {
        self.clients.iter().all(|client| {
            let ready = matches!(client.engine.phase(), Phase::Ready { .. });
            let sent = client.engine.outbox().iter().all(|p| matches!(p.stage, Stage::Failed(_)));
            let held = ROOMS.iter().all(|id| {
                let head = self.logs[id].len() as u64;
                client.engine.rooms().get(id).is_some_and(|r| r.log.cursor() == Seq(head) && !r.is_loading())
            });
            ready && sent && held
        })
    }

    fn read(&mut self, client: usize) {
        if let Some(msg) = self.clients[client].to_client.pop_front() {
            self.input(client, Input::Received(msg));
        }
    }

    // === The server ===

    fn serve(&mut self, client: usize) {
        let Some(msg) = self.clients[client].to_server.pop_front() else { return };
        match msg {
            ClientMsg::Hello { rooms, .. } => self.greet(client, &rooms),
            ClientMsg::Send { cid, room, body, .. } => self.commit(client, cid, room, body),
            ClientMsg::Sync { room, from, to: Some(to) } => {
                let to = to.0.min(from.0 + limits::REPLAY_EVENTS);
                self.replay(client, room, from.0, to);
            }
            ClientMsg::Sync { room, from, to: None } => self.bring_up(client, room, from),
            ClientMsg::Ping { t } => {
                let heads = self.logs.iter().map(|(room, log)| (*room, Seq(log.len() as u64))).collect();
                let pong = ServerMsg::Pong { t, now: self.now, queued: 0, heads };
                self.clients[client].to_client.push_back(pong);
            }
            _ => {}
        }
    }

    fn greet(&mut self, client: usize, cursors: &BTreeMap<RoomId, Seq>) {
        let rooms = ROOMS.map(|id| {
            let head = Seq(self.logs[&id].len() as u64);
            RoomInfo {
                id,
                name: id.to_string(),
                head,
                n: head.0 - 1,
                members: 3,
                read_n: 0,
                mentions: 0,
                muted: false,
                ..RoomInfo::new(RoomId(1), "")
            }
        });
        let link = &mut self.clients[client];
        link.subscribed = true;
        link.to_client.push_back(ServerMsg::Welcome {
            epoch: Epoch("first".into()),
            me: Person { id: link.user, name: link.user.to_string() },
            limits: Limits::default(),
            now: self.now,
            user_seq: 0,
            rooms: rooms.to_vec(),
            role: common::model::Role::Member,
        });
        for room in ROOMS {
            self.bring_up(client, room, cursors.get(&room).copied().unwrap_or_default());
        }
    }

    fn bring_up(&mut self, client: usize, room: RoomId, cursor: Seq) {
        let head = self.logs[&room].len() as u64;
        let near = cursor > Seq::ZERO && cursor.0 <= head && head - cursor.0 <= limits::REPLAY_EVENTS;
        if near {
            return self.replay(client, room, cursor.0, head);
        }
        self.clients[client].to_client.push_back(ServerMsg::Reset { room, seq: Seq(head) });
        self.replay(client, room, head.saturating_sub(limits::PAGE_EVENTS), head);
    }

    fn replay(&mut self, client: usize, room: RoomId, from: u64, to: u64) {
        let events = self.logs[&room].iter().filter(|e| e.seq.0 > from && e.seq.0 <= to).cloned();
        self.clients[client].to_client.extend(events.map(ServerMsg::Event));
    }

    fn commit(&mut self, client: usize, cid: Cid, room: RoomId, body: String) {
        let user = self.clients[client].user;
        let first = self.answers.get(&(room, user, cid)).copied();
        let seq = first.unwrap_or_else(|| {
            let n = self.logs[&room].len() as u64;
            let seq = self.append(
                room,
                user,
                Some(cid),
                EventKind::Message { n, body, mentions: Vec::new(), everyone: None, reply: None },
            );
            self.answers.insert((room, user, cid), seq);
            seq
        });
        let ack = ServerMsg::Ack { cid, room, seq, n: None, at: self.now };
        self.clients[client].to_client.push_back(ack);
    }

    fn append(&mut self, room: RoomId, by: UserId, cid: Option<Cid>, kind: EventKind) -> Seq {
        let log = self.logs.entry(room).or_default();
        let seq = Seq(log.len() as u64 + 1);
        let event = Event { room, seq, at: self.now, by, name: by.to_string(), bot: false, cid, kind };
        log.push(event.clone());
        for link in self.clients.iter_mut().filter(|link| link.subscribed) {
            link.to_client.push_back(ServerMsg::Event(event.clone()));
        }
        seq
    }
}
