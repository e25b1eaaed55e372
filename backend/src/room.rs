//! A room's home: who is here, and who is writing.
//!
//! The log and its order are the store's; each shard brings a room's events to its own connections. What needs one place
//! in the server is who is here and who is writing, and that place is the room's home shard ([`crate::bus::home`]): the
//! other shards tell it who comes and goes, and it sends them what to say.
//!
//! Pure: time comes in as milliseconds of a clock that never goes back, and what goes out is [`Hints`] for shards.
//! Typing and presence are ephemera: they have no number, are kept for [`BATCH_MS`] and then sent as one frame of each
//! kind, encoded once for everybody. Who missed some gets the whole of presence later.
//!
//! Deliberately absent: the log, rights, connections, and what is to be known beyond this room.

mod presence;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::id::{RoomId, UserId};
use common::limits;
use common::model::Person;
use common::server::ServerMsg;

use crate::bus::ShardId;
use crate::bus::letter::{Here, Hints, SessionId, frame};
use presence::Presence;

/// Milliseconds for which ephemera are gathered: short enough that typing still says something.
pub const BATCH_MS: u64 = 1_000;

/// Milliseconds until those who could not be told who is here are tried again.
pub const RETRY_MS: u64 = 2_000;

/// What a room's home knows.
#[derive(Debug)]
pub struct Home {
    room: RoomId,
    presence: Presence,
    /// Who has been writing since the last flush; at most [`limits::TYPING_PEOPLE`], others are not told of.
    typing: BTreeMap<UserId, Arc<str>>,
    /// For each shard that has connections here, how many.
    shards: BTreeMap<ShardId, Followers>,
    /// When to send what has gathered.
    flush_at: Option<u64>,
}

#[derive(Debug, Default)]
struct Followers {
    sessions: usize,
    /// Whether some of them do not know who is here.
    lost: bool,
}

impl Home {
    /// A room with nobody in it. `grace` is for how many milliseconds somebody whose connection has ended still counts as
    /// here: [`limits::PRESENCE_GRACE_MS`], unless a test has less patience.
    #[must_use]
    pub fn new(room: RoomId, grace: u64) -> Self {
        Self { room, presence: Presence::new(grace), typing: BTreeMap::new(), shards: BTreeMap::new(), flush_at: None }
    }

    /// A connection follows the room. It will be told who is here.
    pub fn arrive(&mut self, now: u64, here: &Here) {
        self.presence.arrive(here.session, here.user, &here.name);
        let followers = self.shards.entry(here.shard).or_default();
        followers.sessions += 1;
        followers.lost = true;
        self.schedule(now, BATCH_MS);
    }

    /// A connection of a shard no longer follows the room. Its person counts as here for the grace.
    pub fn depart(&mut self, now: u64, (shard, session): (ShardId, SessionId), user: UserId) {
        if let Some(followers) = self.shards.get_mut(&shard) {
            followers.sessions = followers.sessions.saturating_sub(1);
            if followers.sessions == 0 {
                self.shards.remove(&shard);
            }
        }
        self.presence.depart(now, session, user);
    }

    /// Somebody is no member any more.
    pub fn left(&mut self, now: u64, user: UserId) {
        self.presence.remove(user);
        self.typing.remove(&user);
        self.schedule(now, BATCH_MS);
    }

    /// Somebody has said something, which itself says that they are done writing.
    pub fn said(&mut self, user: UserId) {
        self.typing.remove(&user);
    }

    /// Who is here, at most [`limits::EVERYONE_MAX`].
    #[must_use]
    pub fn people(&self) -> Vec<UserId> {
        self.presence.people().take(usize::try_from(limits::EVERYONE_MAX).unwrap_or(usize::MAX)).collect()
    }

    /// Somebody is writing. Of no interest from who is not here.
    pub fn typing(&mut self, now: u64, user: UserId) {
        let known = self.typing.contains_key(&user);
        if let Some(name) = self.presence.name(user)
            && (known || self.typing.len() < limits::TYPING_PEOPLE)
        {
            self.typing.insert(user, Arc::clone(name));
            self.schedule(now, BATCH_MS);
        }
    }

    /// Some of a shard's connections could not be told who is here.
    pub fn lost(&mut self, now: u64, shard: ShardId) {
        if let Some(followers) = self.shards.get_mut(&shard) {
            followers.lost = true;
            self.schedule(now, RETRY_MS);
        }
    }

    /// Does what is due, and gives what each shard is to say.
    pub fn tick(&mut self, now: u64) -> Vec<(ShardId, Arc<Hints>)> {
        if self.presence.expire(now) {
            self.schedule(now, BATCH_MS);
        }
        if self.flush_at.is_some_and(|at| at <= now) {
            self.flush_at = None;
            return self.flush();
        }
        Vec::new()
    }

    /// When the next [`Home::tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let flush = self.flush_at.filter(|_| !self.shards.is_empty());
        [flush, self.presence.next_expiry()].into_iter().flatten().min()
    }

    /// Whether there is nothing to know.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.presence.is_empty()
    }

    fn schedule(&mut self, now: u64, wait: u64) {
        self.flush_at.get_or_insert(now.saturating_add(wait));
    }

    fn flush(&mut self) -> Vec<(ShardId, Arc<Hints>)> {
        let people = std::mem::take(&mut self.typing).into_iter();
        let people: Vec<_> = people.map(|(id, name)| Person { id, name: name.to_string() }).collect();
        let room = self.room;
        let typing = (!people.is_empty()).then(|| frame(&ServerMsg::Typing { room, people }));
        let change = self.presence.take_change(room).map(|msg| frame(&msg));
        let mut whole = None;
        let mut to = Vec::with_capacity(self.shards.len());
        for (shard, followers) in &mut self.shards {
            let lost = std::mem::take(&mut followers.lost);
            let whole = lost.then(|| whole.get_or_insert_with(|| frame(&self.presence.whole(room))).clone());
            if typing.is_some() || change.is_some() || whole.is_some() {
                to.push((*shard, Arc::new(Hints { room, typing: typing.clone(), change: change.clone(), whole })));
            }
        }
        to
    }
}

#[cfg(test)]
mod tests;
