//! The pure part of a room: who gets its events, who is here, who is writing.
//!
//! Time comes in as milliseconds of a clock that never goes back; what goes out goes into the subscribers' queues, which
//! nobody waits for. `subscribers` are the queues, `presence` the people. The room's actor drives it, and a simulation
//! can.
//!
//! Typing and presence are ephemera: they have no number, are kept for [`BATCH_MS`] and then sent as one frame of each
//! kind, encoded once for everybody, and never displace an event. Who missed some gets the whole of presence later.
//!
//! Deliberately absent: the log, rights, and what is to be known beyond this room.

mod presence;
mod subscribers;

use std::collections::BTreeMap;

use common::codec;
use common::id::{RoomId, UserId};
use common::limits;
use common::model::{Event, Person};
use common::server::ServerMsg;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{SessionId, Subscriber};
use crate::bus::outbox::Note;
use crate::store::events::Act;
use presence::Presence;
use subscribers::{Hints, Subscribers};

/// Milliseconds for which ephemera are gathered: short enough that typing still says something.
pub const BATCH_MS: u64 = 1_000;

/// Milliseconds until somebody who could not be told who is here is tried again.
pub const RETRY_MS: u64 = 2_000;

/// A room, as its readers share it.
#[derive(Debug)]
pub struct Core {
    room: RoomId,
    subscribers: Subscribers,
    presence: Presence,
    /// Who has been writing since the last flush; at most [`limits::TYPING_PEOPLE`], others are not told of.
    typing: BTreeMap<UserId, String>,
    /// When to send what has gathered.
    flush_at: Option<u64>,
}

impl Core {
    /// A room with nobody in it. `grace` is for how many milliseconds somebody whose connection has ended still counts as
    /// here: [`limits::PRESENCE_GRACE_MS`], unless a test has less patience.
    #[must_use]
    pub fn new(room: RoomId, grace: u64) -> Self {
        Self {
            room,
            subscribers: Subscribers::default(),
            presence: Presence::new(grace),
            typing: BTreeMap::new(),
            flush_at: None,
        }
    }

    /// Adds a connection; an earlier subscription of the same one ends. It will be told who is here.
    pub fn subscribe(&mut self, now: u64, subscriber: Subscriber) {
        self.presence.arrive(subscriber.session, &subscriber.person);
        self.subscribers.add(subscriber);
        self.schedule(now, BATCH_MS);
    }

    /// Forgets a connection that has ended. Its person counts as here for the grace.
    pub fn depart(&mut self, now: u64, session: SessionId) {
        self.subscribers.remove_session(session);
        self.presence.depart(now, session);
    }

    /// Offers a committed event to everybody, encoded once. Gives what all connections of a person are to know of it.
    pub fn committed(&mut self, now: u64, act: &Act, event: &Event) -> Option<(UserId, Note)> {
        match act {
            Act::Leave => {
                self.subscribers.remove(event.by);
                self.presence.remove(event.by);
                self.typing.remove(&event.by);
                self.schedule(now, BATCH_MS);
            }
            // The message itself says that they are done.
            Act::Say { .. } => drop(self.typing.remove(&event.by)),
            Act::Join
            | Act::Edit { .. }
            | Act::Delete { .. }
            | Act::React { .. }
            | Act::Unreact { .. }
            | Act::Pin { .. }
            | Act::Unpin { .. } => {}
        }
        for gone in self.subscribers.publish(event) {
            self.presence.depart(now, gone);
        }
        match act {
            Act::Join => Some((event.by, Note::Entered(self.room, event.seq))),
            Act::Leave => Some((event.by, Note::Left(self.room, event.seq))),
            Act::Say { .. }
            | Act::Edit { .. }
            | Act::Delete { .. }
            | Act::React { .. }
            | Act::Unreact { .. }
            | Act::Pin { .. }
            | Act::Unpin { .. } => None,
        }
    }

    /// Somebody is writing. Of no interest from who is not here.
    pub fn typing(&mut self, now: u64, person: Person) {
        let known = self.typing.contains_key(&person.id);
        if self.presence.is_here(person.id) && (known || self.typing.len() < limits::TYPING_PEOPLE) {
            self.typing.insert(person.id, person.name);
            self.schedule(now, BATCH_MS);
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: u64) {
        if self.presence.expire(now) {
            self.schedule(now, BATCH_MS);
        }
        if self.flush_at.is_some_and(|at| at <= now) {
            self.flush_at = None;
            self.flush(now);
        }
    }

    /// When the next [`Core::tick`] is due; never for a room that nobody listens to.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        if self.subscribers.is_empty() {
            return None;
        }
        [self.flush_at, self.presence.next_expiry()].into_iter().flatten().min()
    }

    /// Forgets connections that ended without a word.
    pub fn sweep(&mut self, now: u64) {
        for gone in self.subscribers.closed() {
            self.depart(now, gone);
        }
    }

    /// Whether nobody listens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subscribers.is_empty()
    }

    fn schedule(&mut self, now: u64, wait: u64) {
        self.flush_at.get_or_insert(now.saturating_add(wait));
    }

    fn flush(&mut self, now: u64) {
        let people = std::mem::take(&mut self.typing).into_iter();
        let people: Vec<_> = people.map(|(id, name)| Person { id, name }).collect();
        let room = self.room;
        let typing = (!people.is_empty()).then(|| encode(&ServerMsg::Typing { room, people }));
        let change = self.presence.take_change(room).map(|msg| encode(&msg));
        let presence = &self.presence;
        let hints = Hints { typing, change, whole: &|| encode(&presence.whole(room)) };
        let told = self.subscribers.hint(room, &hints);
        for gone in told.gone {
            self.depart(now, gone);
        }
        if told.missed {
            self.schedule(now, RETRY_MS);
        }
    }
}

fn encode(msg: &ServerMsg) -> Utf8Bytes {
    Utf8Bytes::from(codec::encode_server(msg))
}

#[cfg(test)]
mod tests;
