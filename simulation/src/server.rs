//! The server, with its real tables, sessions, rooms and queues, driven one step at a time.
//!
//! What the product does in tasks and threads is a list here that the story works off in its own order: frames that a
//! session has not taken, look-ups that are on their way, changes that the writer has queued, commits that no room has
//! published. Deliberately absent: sockets and the writer's thread, which `cargo xtask chaos` is for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use common::client::ClientMsg;
use common::close::{self, CloseCode};
use common::codec;
use common::id::{Epoch, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Event, RoomInfo};
use common::server::ServerMsg;
use readyroom::bus::outbox::{Bounds, Delivery, FeedId, Note, Outbox};
use readyroom::room::core::Core;
use readyroom::room::{CommandError, SessionId, Subscriber};
use readyroom::session::throttle::{Rate, Throttle};
use readyroom::session::{Answered, CHUNK, Effect, Effects, Greeting, Now, OWN_CHUNK, Read, Session};
use readyroom::store::events::{Appended, Command};
use readyroom::store::own::{Change, Noted};
use readyroom::store::{StoreError, events, own, people, rooms};
use rusqlite::Connection;

/// No bound: a story says how fast things go.
const RATE: Rate = Rate { per_second: 0, burst: 1 };

/// A connection, from the server's side and on the wire.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: usize,
    user: UserId,
    session: Session,
    outbox: Arc<Outbox>,
    /// Frames from the client that the session has not taken.
    pub(crate) up: VecDeque<String>,
    /// Messages to the client that have not arrived.
    pub(crate) down: VecDeque<ServerMsg>,
    looks: VecDeque<Look>,
    /// What this connection got of each room, to find holes and repeats.
    stream: BTreeMap<RoomId, Option<Seq>>,
    /// Rooms of which the client asked for more than it was sent, which may come in between.
    synced: BTreeSet<RoomId>,
    epoch: Epoch,
}

/// Something that a session wants to know, and how far the answer has come.
#[derive(Debug)]
enum Look {
    Rooms(FeedId),
    Subscribe(FeedId, Vec<RoomInfo>),
    Greeting(Vec<RoomInfo>),
    SubscribeTo(RoomId, FeedId),
    Opened(RoomId, FeedId),
    Page(Read),
    Own(u64),
}

#[derive(Debug)]
enum Queued {
    Command(SessionId, Command),
    Own(SessionId, UserId, RoomId, Change),
}

#[derive(Debug)]
enum Committed {
    Command(SessionId, Box<Command>, Result<Appended, CommandError>),
    Own(SessionId, RoomId, Result<(), CommandError>),
}

/// The server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) db: Connection,
    pub(crate) epoch: Epoch,
    bounds: Bounds,
    pub(crate) links: BTreeMap<SessionId, Link>,
    cores: BTreeMap<RoomId, Core>,
    queue: VecDeque<Queued>,
    committed: VecDeque<Committed>,
    sessions: u64,
}

/// What a step led to that the world must know.
#[derive(Debug)]
pub(crate) enum Told {
    /// An event is on disk.
    Stored(Event),
    /// The server ended a connection.
    Closed(usize, CloseCode),
}

impl Server {
    pub(crate) fn new(db: Connection, epoch: Epoch, queue: usize) -> Self {
        Self {
            db,
            epoch,
            bounds: Bounds { items: queue, bytes: 1 << 20 },
            links: BTreeMap::new(),
            cores: BTreeMap::new(),
            queue: VecDeque::new(),
            committed: VecDeque::new(),
            sessions: 0,
        }
    }

    /// A connection begins.
    pub(crate) fn accept(&mut self, client: usize, user: UserId) -> SessionId {
        self.sessions += 1;
        let id = SessionId(self.sessions);
        let link = Link {
            client,
            user,
            session: Session::new(user, self.epoch.clone(), Throttle::new(RATE, 0)),
            outbox: Arc::new(Outbox::new(self.bounds)),
            up: VecDeque::new(),
            down: VecDeque::new(),
            looks: VecDeque::new(),
            stream: BTreeMap::new(),
            synced: BTreeSet::new(),
            epoch: self.epoch.clone(),
        };
        self.links.insert(id, link);
        id
    }

    /// A connection is gone.
    pub(crate) fn hang_up(&mut self, id: SessionId, now: Timestamp) {
        if let Some(link) = self.links.remove(&id) {
            link.outbox.close();
            self.cores.values_mut().for_each(|core| core.depart(now.0, id));
        }
    }

    /// The program ends: what was not committed is gone, and nobody hears of what was.
    pub(crate) fn crash(&mut self) {
        self.links.clear();
        self.cores.clear();
        self.queue.clear();
        self.committed.clear();
    }

    /// Takes a frame from a client.
    pub(crate) fn take_frame(&mut self, id: SessionId, now: Timestamp) -> rusqlite::Result<Option<Told>> {
        let Some(link) = self.links.get_mut(&id).filter(|link| link.session.wants_frames()) else { return Ok(None) };
        let Some(frame) = link.up.pop_front() else { return Ok(None) };
        link.note_frame(&frame);
        let mut out = Effects::new();
        let queued = link.outbox.len();
        link.session.on_frame(&frame, Now { clock: now, ms: now.0 }, queued, &mut out);
        Ok(self.perform(id, out, now))
    }

    /// Answers one look-up, or brings it one step on.
    pub(crate) fn look(&mut self, id: SessionId, now: Timestamp) -> rusqlite::Result<Option<Told>> {
        let Some(link) = self.links.get_mut(&id) else { return Ok(None) };
        let Some(look) = link.looks.pop_front() else { return Ok(None) };
        let user = link.user;
        let mut out = Effects::new();
        match look {
            Look::Rooms(feed) => {
                let before = rooms::of(&self.db, user)?;
                link.looks.push_front(Look::Subscribe(feed, before));
            }
            Look::Subscribe(feed, before) => {
                for room in &before {
                    self.subscribe(id, room.id, feed, now)?;
                }
                if let Some(link) = self.links.get_mut(&id) {
                    link.looks.push_front(Look::Greeting(before));
                }
            }
            Look::Greeting(before) => {
                if let Some(greeting) = greeting(&self.db, user, &before)? {
                    link.session.on_greeting(greeting, now, &mut out);
                }
            }
            Look::Own(after) => link.session.on_own(own::since(&self.db, user, after, OWN_CHUNK)?, &mut out),
            Look::SubscribeTo(room, feed) => {
                link.looks.push_front(Look::Opened(room, feed));
                self.subscribe(id, room, feed, now)?;
            }
            Look::Opened(room, feed) => {
                let info = rooms::seen_by(&self.db, room, user)?;
                link.session.on_opened(room, feed, info.as_ref(), &mut out);
            }
            Look::Page(read) => {
                let member = events::member_since(&self.db, read.room, user)?;
                let page = |_| events::page(&self.db, read.room, read.after, read.to, CHUNK);
                link.session.on_page(read, member.map(page).transpose()?, &mut out);
            }
        }
        Ok(self.perform(id, out, now))
    }

    /// Commits what has queued, or fails to.
    pub(crate) fn commit(&mut self, changes: usize, full: bool, now: Timestamp) -> rusqlite::Result<Vec<Told>> {
        let mut told = Vec::new();
        let mut notes = Vec::new();
        let taken: Vec<Queued> = self.queue.drain(..changes.min(self.queue.len())).collect();
        if taken.is_empty() {
            return Ok(told);
        }
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        for change in taken {
            self.committed.push_back(match change {
                Queued::Command(session, command) => {
                    let result = if full {
                        failed()
                    } else {
                        events::append(&self.db, &command, now)?.map_err(CommandError::Refused)
                    };
                    if let Ok(Appended { event, fresh: true, noted }) = &result {
                        told.push(Told::Stored(event.clone()));
                        let noted = noted.iter().map(|(user, event)| (*user, event.clone()));
                        notes.extend(noted.map(|(user, event)| (session, user, Noted { event, fresh: true })));
                    }
                    Committed::Command(session, Box::new(command), result)
                }
                Queued::Own(session, user, room, change) => {
                    let result = if full {
                        failed()
                    } else {
                        own::change(&self.db, user, room, &change)?.map_err(CommandError::Refused)
                    };
                    Committed::Own(session, room, result.map(|noted| notes.push((session, user, noted))))
                }
            });
        }
        self.db.execute_batch("COMMIT")?;
        for (session, user, Noted { event, fresh }) in notes {
            let note = Note::Own(event);
            match self.links.get(&session) {
                Some(link) if !fresh => link.outbox.note(note),
                Some(_) | None if fresh => self.tell(user, &note),
                Some(_) | None => {}
            }
        }
        Ok(told)
    }

    /// A room publishes what was committed next, and its author hears of it.
    pub(crate) fn publish(&mut self, now: Timestamp) -> Option<Told> {
        let mut out = Effects::new();
        let session = match self.committed.pop_front()? {
            Committed::Command(session, command, result) => {
                if let Ok(Appended { event, fresh: true, .. }) = &result {
                    let note = self.core(command.room).committed(now.0, &command.act, event);
                    if let Some((user, note)) = note {
                        self.tell(user, &note);
                    }
                }
                let answered = Answered { cid: command.cid, room: Some(command.room), result };
                self.links.get_mut(&session)?.session.on_answer(answered, &mut out);
                session
            }
            Committed::Own(session, room, result) => {
                self.links.get_mut(&session)?.session.on_noted(room, result, &mut out);
                session
            }
        };
        self.perform(session, out, now)
    }

    /// A connection takes what waits in its queue.
    pub(crate) fn drain(&mut self, id: SessionId, items: usize, now: Timestamp) -> Option<Told> {
        let link = self.links.get_mut(&id).filter(|link| link.session.wants_deliveries())?;
        if link.outbox.is_overrun() {
            return self.close(id, close::STALLED, now);
        }
        let mut out = Effects::new();
        let deliveries: Vec<Delivery> = link.outbox.take(items, usize::MAX);
        for delivery in deliveries {
            link.session.on_delivery(delivery, &mut out);
        }
        self.perform(id, out, now)
    }

    /// Rooms do what is due.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        for core in self.cores.values_mut() {
            core.tick(now.0);
        }
    }

    /// Whether nothing is on its way, on this connection or to it.
    pub(crate) fn is_quiet(&self) -> bool {
        let quiet =
            |link: &Link| link.up.is_empty() && link.down.is_empty() && link.looks.is_empty() && link.outbox.is_empty();
        self.queue.is_empty() && self.committed.is_empty() && self.links.values().all(quiet)
    }

    fn subscribe(&mut self, id: SessionId, room: RoomId, feed: FeedId, now: Timestamp) -> rusqlite::Result<()> {
        let Some(link) = self.links.get(&id) else { return Ok(()) };
        let Some(known) = people::find(&self.db, link.user)? else { return Ok(()) };
        let subscriber = Subscriber { session: id, person: known.person, feed, outbox: Arc::clone(&link.outbox) };
        self.core(room).subscribe(now.0, subscriber);
        Ok(())
    }

    fn core(&mut self, room: RoomId) -> &mut Core {
        self.cores.entry(room).or_insert_with(|| Core::new(room, limits::PRESENCE_GRACE_MS))
    }

    fn tell(&self, user: UserId, note: &Note) {
        self.links.values().filter(|link| link.user == user).for_each(|link| link.outbox.note(note.clone()));
    }

    fn perform(&mut self, id: SessionId, effects: Effects, now: Timestamp) -> Option<Told> {
        for effect in effects {
            let link = self.links.get_mut(&id)?;
            match effect {
                Effect::Send(msg) => link.down.push_back(*msg),
                Effect::Forward(frame) => {
                    link.down.push_back(codec::decode_server(frame.as_str()).unwrap_or(ServerMsg::Unknown));
                }
                Effect::Greet { feed } => link.looks.push_back(Look::Rooms(feed)),
                Effect::ReadOwn { after } => link.looks.push_back(Look::Own(after)),
                Effect::Depart { room } => self.core(room).depart(now.0, id),
                Effect::Open { room, feed } => link.looks.push_back(Look::SubscribeTo(room, feed)),
                Effect::Read(read) => link.looks.push_back(Look::Page(read)),
                Effect::Submit(command) => self.queue.push_back(Queued::Command(id, command)),
                Effect::Note { room, change } => self.queue.push_back(Queued::Own(id, link.user, room, change)),
                Effect::Typing { room } => {
                    let user = link.user;
                    if let Ok(Some(known)) = people::find(&self.db, user) {
                        self.core(room).typing(now.0, known.person);
                    }
                }
                Effect::Create { .. } => {}
                Effect::Close(code, _) => return self.close(id, code, now),
            }
        }
        None
    }

    fn close(&mut self, id: SessionId, code: CloseCode, now: Timestamp) -> Option<Told> {
        let client = self.links.get(&id)?.client;
        self.hang_up(id, now);
        Some(Told::Closed(client, code))
    }
}

fn greeting(db: &Connection, user: UserId, before: &[RoomInfo]) -> rusqlite::Result<Option<Greeting>> {
    let Some(known) = people::find(db, user)? else { return Ok(None) };
    let mut rooms = rooms::of(db, user)?;
    rooms.retain(|room| before.iter().any(|subscribed| subscribed.id == room.id));
    Ok(Some(Greeting { me: known.person, user_seq: own::head(db, user)?, rooms }))
}

fn failed<T>() -> Result<T, CommandError> {
    Err(CommandError::Store(StoreError::Failed))
}

impl Link {
    fn note_frame(&mut self, frame: &str) {
        match codec::decode_client(frame) {
            Ok(ClientMsg::Hello { epoch, rooms, .. }) if epoch.as_ref() == Some(&self.epoch) => {
                self.stream = rooms.into_iter().map(|(room, cursor)| (room, Some(cursor))).collect();
            }
            Ok(ClientMsg::Sync { room, .. }) => {
                self.synced.insert(room);
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// The next message arrives at the client. What the protocol promises of each connection is checked here: a room's
    /// events come without a hole and without a repeat.
    ///
    /// # Errors
    /// What is broken, in words.
    pub(crate) fn arrive(&mut self) -> Option<Result<ServerMsg, String>> {
        let msg = self.down.pop_front()?;
        match &msg {
            ServerMsg::Reset { room, .. } | ServerMsg::Lag { room, .. } => {
                self.stream.insert(*room, None);
            }
            ServerMsg::Event(event) if !self.synced.contains(&event.room) => {
                let top = self.stream.entry(event.room).or_insert(None);
                match *top {
                    Some(seen) if event.seq > seen.next() => {
                        return Some(Err(format!("{} comes behind {seen} in {}: a hole", event.seq, event.room)));
                    }
                    Some(seen) if event.seq <= seen => {
                        return Some(Err(format!("{} comes behind {seen} in {}: a repeat", event.seq, event.room)));
                    }
                    Some(_) | None => *top = Some(event.seq),
                }
            }
            ServerMsg::Event(_)
            | ServerMsg::Welcome { .. }
            | ServerMsg::Ack { .. }
            | ServerMsg::Error(_)
            | ServerMsg::Room(_)
            | ServerMsg::Left { .. }
            | ServerMsg::Person(_)
            | ServerMsg::User(_)
            | ServerMsg::Typing { .. }
            | ServerMsg::Presence { .. }
            | ServerMsg::Pong { .. }
            | ServerMsg::Unknown => {}
        }
        Some(Ok(msg))
    }
}
