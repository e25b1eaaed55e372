//! One connection's side of the conversation, as a state machine without I/O.
//!
//! In go frames, deliveries of the bus, and answers; out come [`Effect`]s. Whoever drives it, today the task in
//! [`crate::socket`], carries the effects out in their order and brings back what they lead to. `commands` takes requests
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

use common::client::ClientMsg;
use common::close::{self, CloseCode};
use common::codec;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::limits;
use common::model::{Event, EventKind, Person, RoomInfo};
use common::server::{ErrorCode, Refusal, ServerMsg};
use common::text::RoomName;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::bus::outbox::{Delivery, FeedId, Note};
use crate::room::CommandError;
use crate::store::events::{Appended, Command};
use crate::store::own::Change;
use feed::{Arrival, Feed};
use own::OwnLog;
use refusals::{names, refusal, refuse};
use throttle::Throttle;

pub use own::OWN_CHUNK;

/// Frames that break the protocol before a connection is closed.
const MALFORMED: u32 = 32;

/// Events that are read from the log at once.
pub const CHUNK: u64 = limits::PAGE_EVENTS;

/// Something that the driver shall do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Send a message.
    Send(Box<ServerMsg>),
    /// Send a message that is encoded already.
    Forward(Utf8Bytes),
    /// Subscribe to all rooms of the person, then read which they are: [`Session::on_greeting`].
    Greet {
        /// The name of the subscriptions.
        feed: FeedId,
    },
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

/// A read from a room's log: at most [`CHUNK`] events after one and up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The room.
    pub room: RoomId,
    /// The subscription that it is for; none for a client that asked for exactly this.
    pub feed: Option<FeedId>,
    /// Events after this one.
    pub after: Seq,
    /// The last one wanted.
    pub to: Seq,
}

/// Who somebody is and where.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// Who.
    pub me: Person,
    /// The newest entry of their own log.
    pub user_seq: u64,
    /// The rooms that are subscribed to.
    pub rooms: Vec<RoomInfo>,
}

/// A command that was carried out or not.
#[derive(Debug)]
pub struct Answered {
    /// The command.
    pub cid: Cid,
    /// The room that it named.
    pub room: Option<RoomId>,
    /// What became of it.
    pub result: Result<Appended, CommandError>,
}

/// What time it is.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// By the clock on the wall.
    pub clock: Timestamp,
    /// Milliseconds since the connection began.
    pub ms: u64,
}

/// What the driver is to do, in order.
pub type Effects = Vec<Effect>;

#[derive(Debug)]
enum Phase {
    Fresh,
    Greeting { cursors: BTreeMap<RoomId, Seq>, held: u64 },
    Ready,
}

/// The state machine.
#[derive(Debug)]
pub struct Session {
    me: UserId,
    epoch: Epoch,
    phase: Phase,
    feeds: BTreeMap<RoomId, Feed>,
    own: OwnLog,
    jobs: VecDeque<catchup::Job>,
    reading: bool,
    last_feed: FeedId,
    throttle: Throttle,
    malformed: u32,
    unanswered: usize,
}

impl Session {
    /// A connection of `me` that has said nothing yet.
    #[must_use]
    pub fn new(me: UserId, epoch: Epoch, throttle: Throttle) -> Self {
        Self {
            me,
            epoch,
            phase: Phase::Fresh,
            feeds: BTreeMap::new(),
            own: OwnLog::default(),
            jobs: VecDeque::new(),
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
        !matches!(self.phase, Phase::Greeting { .. }) && self.unanswered < limits::UNANSWERED
    }

    /// Whether deliveries may be taken from the queue.
    #[must_use]
    pub fn wants_deliveries(&self) -> bool {
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
        self.unanswered
    }

    /// A text frame came, while `queued` deliveries wait.
    pub fn on_frame(&mut self, text: &str, now: Now, queued: usize, out: &mut Effects) {
        match codec::decode_client(text) {
            Ok(msg) => match self.throttle.take(now.ms) {
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

    /// The greeting is ready; its rooms are subscribed to.
    pub fn on_greeting(&mut self, greeting: Greeting, now: Timestamp, out: &mut Effects) {
        let (cursors, held) = match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Greeting { cursors, held } => (cursors, held),
            Phase::Fresh | Phase::Ready => return,
        };
        let Greeting { me, user_seq, rooms } = greeting;
        let (epoch, limits) = (self.epoch.clone(), common::server::Limits::default());
        send(ServerMsg::Welcome { epoch, me, limits, now, user_seq, rooms: rooms.clone() }, out);
        self.own = OwnLog::new(held, user_seq);
        self.jobs.push_back(catchup::Job::Own);
        for info in rooms {
            let cursor = cursors.get(&info.id).copied();
            self.feeds.insert(info.id, Feed::opening(self.last_feed, cursor, info.head));
            self.start(&info, out);
        }
        self.pump(out);
    }

    /// Something came from the bus.
    pub fn on_delivery(&mut self, delivery: Delivery, out: &mut Effects) {
        match delivery {
            Delivery::Event { room, feed, seq, frame } => {
                let Some(present) = self.feeds.get_mut(&room).filter(|present| present.id == feed) else { return };
                match present.arrive(seq) {
                    Arrival::Send => out.push(Effect::Forward(frame)),
                    Arrival::Drop => {}
                    Arrival::Replay => self.replay(room, out),
                }
            }
            Delivery::Lag { room, feed, seq } => self.lag(room, feed, seq, out),
            Delivery::Note(Note::Entered(room, seq)) => {
                if !self.feeds.contains_key(&room) {
                    self.enter(room, seq, None, out);
                }
            }
            Delivery::Note(Note::Left(room, seq)) => self.leave(room, seq, out),
            Delivery::Note(Note::Renamed(person)) => send(ServerMsg::Person(person), out),
            Delivery::Note(Note::Own(event)) => {
                if self.own.arrive(event.seq) {
                    send(ServerMsg::User(event), out);
                }
            }
            Delivery::Hint { room, feed, frame } => {
                let Some(present) = self.feeds.get_mut(&room).filter(|present| present.id == feed) else { return };
                out.extend(present.hint(frame).map(Effect::Forward));
            }
        }
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
        self.feeds.keys().copied()
    }

    /// A command was carried out or not.
    pub fn on_answer(&mut self, answered: Answered, out: &mut Effects) {
        let Answered { cid, room, result } = answered;
        let Appended { event, fresh, .. } = match result {
            Ok(appended) => appended,
            Err(error) => {
                self.unanswered = self.unanswered.saturating_sub(1);
                refuse((Some(cid), room), refusal(error), out);
                return;
            }
        };
        let ack = ack(cid, &event);
        match event.kind {
            EventKind::Joined | EventKind::Created => match self.feeds.get_mut(&event.room) {
                None => return self.enter(event.room, event.seq, Some(ack), out),
                Some(feed) if !feed.is_settled() => {
                    feed.acks.push(ack);
                    feed.owed += 1;
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
            (Phase::Fresh | Phase::Greeting { .. }, msg) => commands::hello_first(names(&msg), out),
            (Phase::Ready, msg) => self.on_request(msg, now, queued, out),
        }
    }

    fn hello(&mut self, epoch: Option<&Epoch>, user_seq: u64, rooms: BTreeMap<RoomId, Seq>, out: &mut Effects) {
        if rooms.len() > limits::ROOMS_PER_USER {
            let why = format!("rooms: {} are named, {} are allowed", rooms.len(), limits::ROOMS_PER_USER);
            return refuse((None, None), Refusal::new(ErrorCode::Malformed, why), out);
        }
        let known = epoch == Some(&self.epoch);
        let (cursors, held) = if known { (rooms, user_seq) } else { (BTreeMap::new(), 0) };
        self.phase = Phase::Greeting { cursors, held };
        out.push(Effect::Greet { feed: self.next_feed() });
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
        | EventKind::Unknown => None,
    };
    ServerMsg::Ack { cid, room: event.room, seq: event.seq, n, at: event.at }
}

#[cfg(test)]
mod tests;
