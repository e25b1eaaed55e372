//! One connection's side of the conversation, as a state machine without I/O.
//!
//! In go frames, what the bus brings, and answers; out come [`Effect`]s. Whoever drives it, a [`crate::shard`],
//! carries the effects out in their order and brings back what they lead to. `commands` takes requests
//! and `refusals` refuses them, `feed` follows one room and `own` the person's own log, `catchup` brings both up to date,
//! [`throttle`] bounds the speed, [`liveness`] watches the silence.
//!
//! Deliberately absent: sockets, clocks, the store. Rights are the store's, with one exception: what concerns a room
//! that this connection does not follow is refused here.

pub mod liveness;
pub mod throttle;

mod catchup;
mod commands;
mod feed;
mod own;
mod refusals;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use common::client::ClientMsg;
use common::close::{self, CloseCode};
use common::codec;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Event, EventKind};
use common::server::{ErrorCode, Refusal, ServerMsg};
use common::text::RoomName;

use crate::bus::letter::{Answered, FeedId, Note};
use crate::store::CommandError;
use crate::store::events::Command;
use crate::store::own::Change;
use feed::Feed;
use own::OwnLog;
use refusals::{names, refusal, refuse};
use throttle::{Rate, Throttle};

pub use crate::bus::letter::{Greeting, Read};
pub use feed::Arrival;
pub use own::OWN_CHUNK;
pub use refusals::explain;

/// Frames that break the protocol before a connection is closed.
const MALFORMED: u16 = 32;

/// Events that are read from the log at once.
pub const CHUNK: u64 = limits::PAGE_EVENTS;

/// Something that the driver shall do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Send a message.
    Send(Box<ServerMsg>),
    /// Send a frame that is encoded already.
    Forward(Bytes),
    /// Find out who the person is and which rooms they are in, and subscribe to those: [`Session::on_greeting`].
    Greet,
    /// Subscribe to a room, then look at it: [`Session::on_opened`].
    Open {
        /// The room.
        room: RoomId,
        /// The name of the subscription.
        feed: FeedId,
    },
    /// Read from a room's log: [`Session::on_page`].
    Read(Read),
    /// Submit a command to its room: [`Session::on_answer`].
    Submit(Command),
    /// Make a room: [`Session::on_answer`].
    Create {
        /// The command.
        cid: Cid,
        /// The room's name.
        name: RoomName,
        /// Whether only members shall see it.
        private: bool,
    },
    /// Begin a conversation with people, or find it: [`Session::on_answer`].
    Direct {
        /// The command.
        cid: Cid,
        /// The others.
        people: Vec<UserId>,
    },
    /// Tell a room that this connection does not follow it after all.
    Depart {
        /// The room.
        room: RoomId,
    },
    /// Tell a room that the person is writing.
    Typing {
        /// The room.
        room: RoomId,
    },
    /// Change the person's own log, and leave the entry with all their connections: [`Session::on_noted`].
    Note {
        /// The room.
        room: RoomId,
        /// What changes.
        change: Change,
    },
    /// Read at most [`OWN_CHUNK`] entries of the person's own log: [`Session::on_own`].
    ReadOwn {
        /// Entries after this one.
        after: u64,
    },
    /// End the connection.
    Close(CloseCode, &'static str),
}

/// What time it is.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// By the clock on the wall.
    pub clock: Timestamp,
    /// Milliseconds of a clock that never goes back.
    pub ms: u64,
}

/// What the driver is to do, in order.
pub type Effects = Vec<Effect>;

/// What holds for all sessions of a server.
#[derive(Debug)]
pub struct Rules {
    /// The name of the database.
    pub epoch: Epoch,
    /// How fast one connection may speak.
    pub rate: Rate,
}

#[derive(Debug)]
enum Phase {
    Fresh,
    Greeting(Box<Waiting>),
    Ready,
}

/// What a client that waits for its welcome holds, and what came for it meanwhile.
#[derive(Debug)]
struct Waiting {
    cursors: BTreeMap<RoomId, Seq>,
    held: u64,
    notes: Vec<Note>,
    /// The newest entry of the own log.
    own: u64,
}

/// Notes that wait for a welcome, which takes milliseconds.
const NOTES: usize = 64;

/// The rooms that a connection follows, in order. A sorted list: most people are in a few, and thousands are connected.
type Feeds = Vec<(RoomId, Feed)>;

/// The state machine.
#[derive(Debug)]
pub struct Session {
    me: UserId,
    rules: Arc<Rules>,
    phase: Phase,
    feeds: Feeds,
    own: OwnLog,
    /// What is to be read from the log; none while it is up to date.
    #[expect(clippy::box_collection, reason = "most sessions have none, and there are thousands")]
    jobs: Option<Box<VecDeque<catchup::Job>>>,
    reading: bool,
    last_feed: FeedId,
    throttle: Throttle,
    malformed: u16,
    unanswered: u16,
}

impl Session {
    /// A connection of `me` that begins now and has said nothing yet.
    #[must_use]
    pub fn new(me: UserId, rules: Arc<Rules>, now_ms: u64) -> Self {
        let throttle = Throttle::new(rules.rate, now_ms);
        Self {
            me,
            rules,
            phase: Phase::Fresh,
            feeds: Feeds::new(),
            own: OwnLog::default(),
            jobs: None,
            reading: false,
            last_feed: FeedId(0),
            throttle,
            malformed: 0,
            unanswered: 0,
        }
    }

    /// Whether another frame may be read. Not while a `hello` is being answered, nor while as many requests are
    /// unanswered as may be: the client is slowed, not refused.
    #[must_use]
    pub fn wants_frames(&self) -> bool {
        !matches!(self.phase, Phase::Greeting(_)) && usize::from(self.unanswered) < limits::UNANSWERED
    }

    /// Whose connection it is.
    #[must_use]
    pub fn me(&self) -> UserId {
        self.me
    }

    /// Whether the client has been welcomed.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready)
    }

    /// Whether the `hello` came.
    #[must_use]
    pub fn is_greeted(&self) -> bool {
        !matches!(self.phase, Phase::Fresh)
    }

    /// How many requests are unanswered.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        usize::from(self.unanswered)
    }

    /// A text frame came, while `queued` deliveries wait.
    pub fn on_frame(&mut self, text: &str, now: Now, queued: usize, out: &mut Effects) {
        match codec::decode_client(text) {
            Ok(msg) => match self.throttle.take(self.rules.rate, now.ms) {
                Ok(()) => self.on_msg(msg, now, queued, out),
                Err(ms) => {
                    let refusal = Refusal::new(ErrorCode::RateLimited, "you send faster than allowed").retry(ms);
                    refuse(names(&msg), refusal, out);
                }
            },
            Err(refusal) => {
                send(ServerMsg::Error(refusal), out);
                self.malformed += 1;
                if self.malformed >= MALFORMED {
                    out.push(Effect::Close(close::POLICY, "malformed"));
                }
            }
        }
    }

    /// The name of the subscriptions that the greeting brings.
    #[must_use]
    pub fn greeted_feed(&self) -> FeedId {
        self.last_feed
    }

    /// The greeting is ready, and its rooms are subscribed to. `seen` is the newest event of a room that was published
    /// since it was asked for, if any was.
    pub fn on_greeting(&mut self, greeting: Greeting, now: Timestamp, seen: &dyn Fn(RoomId) -> Seq, out: &mut Effects) {
        let waiting = match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Greeting(waiting) => waiting,
            Phase::Fresh | Phase::Ready => return,
        };
        let Greeting { me, role, user_seq, rooms } = greeting;
        let (epoch, limits) = (self.rules.epoch.clone(), common::server::Limits::default());
        send(ServerMsg::Welcome { epoch, me, limits, now, user_seq, rooms: rooms.clone(), role }, out);
        self.own = OwnLog::new(waiting.held, user_seq);
        self.own.postpone(waiting.own);
        self.jobs().push_back(catchup::Job::Own);
        self.feeds.reserve_exact(rooms.len());
        for info in rooms {
            let cursor = waiting.cursors.get(&info.id).copied();
            let mut feed = Feed::opening(self.last_feed, cursor, info.head);
            feed.arrive(seen(info.id), seen(info.id));
            self.insert(info.id, feed);
            self.start(&info, out);
        }
        self.pump(out);
        waiting.notes.into_iter().for_each(|note| self.on_note(note, out));
    }

    /// Events of a room, all from `first` to `last`, are to be sent under a subscription.
    pub fn on_events(&mut self, room: RoomId, feed: FeedId, (first, last): (Seq, Seq)) -> Arrival {
        match self.feed_mut(room) {
            Some(present) if present.id == feed => present.arrive(first, last),
            Some(_) | None => Arrival::Drop,
        }
    }

    /// Something ephemeral of a room. Gives it back to be sent now; else it waits for the room's announcement, or the
    /// client has no use for it.
    pub fn on_hint(&mut self, room: RoomId, feed: FeedId, frame: Bytes) -> Option<Bytes> {
        self.feed_mut(room).filter(|present| present.id == feed)?.hint(frame)
    }

    /// Something that every connection of the person should know.
    pub fn on_note(&mut self, note: Note, out: &mut Effects) {
        match (&mut self.phase, note) {
            (Phase::Fresh, _) => {}
            (Phase::Greeting(waiting), Note::Own(event)) => waiting.own = waiting.own.max(event.seq),
            (Phase::Greeting(waiting), _) if waiting.notes.len() >= NOTES => {
                // It would no longer know which rooms it is in: a new connection starts from the whole truth.
                out.push(Effect::Close(close::STALLED, "behind"));
            }
            (Phase::Greeting(waiting), note) => waiting.notes.push(note),
            (Phase::Ready, Note::Entered(room, seq)) => {
                if self.feed(room).is_none() {
                    self.enter(room, seq, None, out);
                }
            }
            (Phase::Ready, Note::Left(room, seq)) => self.leave(room, seq, out),
            (Phase::Ready, Note::Renamed(person)) => send(ServerMsg::Person(person), out),
            (Phase::Ready, Note::Own(event)) => {
                if self.own.arrive(event.seq) {
                    send(ServerMsg::User(event), out);
                }
            }
        }
    }

    /// An entry of the person's own log cannot be sent now: [`Session::catch_up`] will bring it.
    pub fn postpone(&mut self, seq: u64) {
        match &mut self.phase {
            Phase::Greeting(waiting) => waiting.own = waiting.own.max(seq),
            Phase::Fresh | Phase::Ready => self.own.postpone(seq),
        }
    }

    /// What was postponed can be sent.
    pub fn catch_up(&mut self, out: &mut Effects) {
        self.jobs().push_front(catchup::Job::Own);
        self.pump(out);
    }

    /// A change to the person's own log was carried out or not. Where it was, the entry itself is the answer.
    pub fn on_noted(&mut self, room: RoomId, result: Result<(), CommandError>, out: &mut Effects) {
        self.unanswered = self.unanswered.saturating_sub(1);
        if let Err(error) = result {
            refuse((None, Some(room)), refusal(error), out);
        }
    }

    /// The rooms that this connection follows.
    pub fn rooms(&self) -> impl Iterator<Item = RoomId> {
        self.feeds.iter().map(|(room, _)| *room)
    }

    /// A command was carried out or not.
    pub fn on_answer(&mut self, answered: Answered, out: &mut Effects) {
        let Answered { cid, room, result } = answered;
        let (published, fresh) = match result {
            Ok(stored) => stored,
            Err(error) => {
                self.unanswered = self.unanswered.saturating_sub(1);
                refuse((Some(cid), room), refusal(error), out);
                return;
            }
        };
        let event = &published.event;
        let ack = ack(cid, event);
        match event.kind {
            EventKind::Joined | EventKind::Created => match self.feed_mut(event.room) {
                None => return self.enter(event.room, event.seq, Some(ack), out),
                Some(feed) if !feed.is_settled() => {
                    feed.owe(Some(ack));
                    return;
                }
                Some(_) => {}
            },
            EventKind::Left if fresh => self.leave(event.room, event.seq, out),
            EventKind::Left
            | EventKind::Message { .. }
            | EventKind::Edited { .. }
            | EventKind::Deleted { .. }
            | EventKind::Reacted { .. }
            | EventKind::Unreacted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Unpinned { .. }
            | EventKind::Invited { .. }
            | EventKind::Removed { .. }
            | EventKind::Appointed { .. }
            | EventKind::Renamed { .. }
            | EventKind::TopicSet { .. }
            | EventKind::Archived { .. }
            | EventKind::Announcing { .. }
            | EventKind::Unknown => {}
        }
        self.unanswered = self.unanswered.saturating_sub(1);
        send(ack, out);
    }

    fn on_msg(&mut self, msg: ClientMsg, now: Now, queued: usize, out: &mut Effects) {
        match (&self.phase, msg) {
            (Phase::Fresh, ClientMsg::Hello { epoch, user_seq, rooms }) => {
                self.hello(epoch.as_ref(), user_seq, rooms, out);
            }
            (Phase::Fresh | Phase::Greeting(_), msg) => commands::hello_first(names(&msg), out),
            (Phase::Ready, msg) => self.on_request(msg, now, queued, out),
        }
    }

    fn hello(&mut self, epoch: Option<&Epoch>, user_seq: u64, rooms: BTreeMap<RoomId, Seq>, out: &mut Effects) {
        if rooms.len() > limits::ROOMS_PER_USER {
            let why = format!("rooms: {} are named, {} are allowed", rooms.len(), limits::ROOMS_PER_USER);
            return refuse((None, None), Refusal::new(ErrorCode::Malformed, why), out);
        }
        let known = epoch == Some(&self.rules.epoch);
        let (cursors, held) = if known { (rooms, user_seq) } else { (BTreeMap::new(), 0) };
        self.phase = Phase::Greeting(Box::new(Waiting { cursors, held, notes: Vec::new(), own: 0 }));
        self.next_feed();
        out.push(Effect::Greet);
    }

    fn feed(&self, room: RoomId) -> Option<&Feed> {
        let at = self.feeds.binary_search_by_key(&room, |(room, _)| *room).ok()?;
        self.feeds.get(at).map(|(_, feed)| feed)
    }

    fn feed_mut(&mut self, room: RoomId) -> Option<&mut Feed> {
        let at = self.feeds.binary_search_by_key(&room, |(room, _)| *room).ok()?;
        self.feeds.get_mut(at).map(|(_, feed)| feed)
    }

    fn insert(&mut self, room: RoomId, feed: Feed) {
        match self.feeds.binary_search_by_key(&room, |(room, _)| *room) {
            Ok(at) => {
                if let Some(known) = self.feeds.get_mut(at) {
                    known.1 = feed;
                }
            }
            Err(at) => self.feeds.insert(at, (room, feed)),
        }
    }

    fn next_feed(&mut self) -> FeedId {
        self.last_feed = FeedId(self.last_feed.0.wrapping_add(1));
        self.last_feed
    }
}

fn send(msg: ServerMsg, out: &mut Effects) {
    out.push(Effect::Send(Box::new(msg)));
}

fn ack(cid: Cid, event: &Event) -> ServerMsg {
    let n = match event.kind {
        EventKind::Message { n, .. } => Some(n),
        EventKind::Edited { .. }
        | EventKind::Deleted { .. }
        | EventKind::Reacted { .. }
        | EventKind::Unreacted { .. }
        | EventKind::Pinned { .. }
        | EventKind::Unpinned { .. }
        | EventKind::Created
        | EventKind::Joined
        | EventKind::Left
        | EventKind::Invited { .. }
        | EventKind::Removed { .. }
        | EventKind::Appointed { .. }
        | EventKind::Renamed { .. }
        | EventKind::TopicSet { .. }
        | EventKind::Archived { .. }
        | EventKind::Announcing { .. }
        | EventKind::Unknown => None,
    };
    ServerMsg::Ack { cid, room: event.room, seq: event.seq, n, at: event.at }
}

#[cfg(test)]
mod tests;
