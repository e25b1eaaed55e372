//! Who is here: the members with a connection that follows the room, and those whose last one ended a moment ago.
//!
//! Changes gather until they are taken. Deliberately absent: queues and frames.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::id::{RoomId, UserId};
use common::limits;
use common::model::Person;
use common::server::ServerMsg;

use crate::bus::letter::SessionId;

/// The people.
#[derive(Debug)]
pub(super) struct Presence {
    /// Milliseconds for which somebody without a connection still counts as here.
    grace: u64,
    here: BTreeMap<UserId, Here>,
    /// When whom is to be counted as gone, unless they return.
    leaving: BTreeSet<(u64, UserId)>,
    came: BTreeSet<UserId>,
    went: BTreeSet<UserId>,
}

#[derive(Debug)]
struct Here {
    name: Arc<str>,
    how: How,
}

/// How somebody is here. Most people have one connection, and there may be thousands of people.
#[derive(Debug)]
enum How {
    One(SessionId),
    #[expect(clippy::box_collection, reason = "a list would make each of thousands of places a half larger")]
    Many(Box<Vec<SessionId>>),
    /// Without a connection, until the end of the grace.
    Leaving(u64),
}

impl Presence {
    /// Nobody is here.
    pub(super) fn new(grace: u64) -> Self {
        Self { grace, here: BTreeMap::new(), leaving: BTreeSet::new(), came: BTreeSet::new(), went: BTreeSet::new() }
    }

    /// Somebody is here with this connection.
    pub(super) fn arrive(&mut self, session: SessionId, user: UserId, name: &Arc<str>) {
        let here = self.here.entry(user).or_insert_with(|| {
            // Who went and came back before anybody was told is told of again: that does no harm.
            self.went.remove(&user);
            self.came.insert(user);
            Here { name: Arc::clone(name), how: How::One(session) }
        });
        match &mut here.how {
            How::One(known) if *known == session => {}
            How::One(known) => here.how = How::Many(Box::new(vec![*known, session])),
            How::Many(known) if known.contains(&session) => {}
            How::Many(known) => known.push(session),
            How::Leaving(until) => {
                self.leaving.remove(&(*until, user));
                here.how = How::One(session);
            }
        }
        if here.name != *name {
            here.name = Arc::clone(name);
            self.came.insert(user);
        }
    }

    /// A connection of somebody has ended.
    pub(super) fn depart(&mut self, now: u64, session: SessionId, user: UserId) {
        let Some(here) = self.here.get_mut(&user) else { return };
        match &mut here.how {
            How::One(known) if *known == session => {}
            How::Many(known) => {
                known.retain(|of| *of != session);
                if let [last] = known.as_slice() {
                    here.how = How::One(*last);
                }
                return;
            }
            How::One(_) | How::Leaving(_) => return,
        }
        let until = now.saturating_add(self.grace);
        here.how = How::Leaving(until);
        self.leaving.insert((until, user));
    }

    /// Somebody is no member any more: there is no grace for that.
    pub(super) fn remove(&mut self, user: UserId) {
        let Some(here) = self.here.remove(&user) else { return };
        if let How::Leaving(until) = here.how {
            self.leaving.remove(&(until, user));
        }
        self.note_gone(user);
    }

    /// Counts those as gone whose grace is over. Says whether there were any.
    pub(super) fn expire(&mut self, now: u64) -> bool {
        let mut any = false;
        while let Some(&(until, user)) = self.leaving.first().filter(|(until, _)| *until <= now) {
            self.leaving.remove(&(until, user));
            self.here.remove(&user);
            self.note_gone(user);
            any = true;
        }
        any
    }

    /// When the next grace is over.
    pub(super) fn next_expiry(&self) -> Option<u64> {
        self.leaving.first().map(|(until, _)| *until)
    }

    /// By what name somebody is here.
    pub(super) fn name(&self, user: UserId) -> Option<&Arc<str>> {
        self.here.get(&user).map(|here| &here.name)
    }

    /// Who is here.
    pub(super) fn people(&self) -> impl Iterator<Item = UserId> {
        self.here.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.here.is_empty()
    }

    /// What has changed since this was last taken; names are capped, the number is always right.
    pub(super) fn take_change(&mut self, room: RoomId) -> Option<ServerMsg> {
        let (came, went) = (std::mem::take(&mut self.came), std::mem::take(&mut self.went));
        if came.is_empty() && went.is_empty() {
            return None;
        }
        let named = |id: UserId| Some(Person { id, name: self.here.get(&id)?.name.to_string() });
        let online = came.into_iter().filter_map(named).take(limits::PRESENCE_PEOPLE).collect();
        let offline = went.into_iter().take(limits::PRESENCE_PEOPLE).collect();
        Some(ServerMsg::Presence { room, whole: false, here: self.here.len() as u64, online, offline })
    }

    /// Everything; names are capped.
    pub(super) fn whole(&self, room: RoomId) -> ServerMsg {
        let people = self.here.iter().map(|(id, here)| Person { id: *id, name: here.name.to_string() });
        let online = people.take(limits::PRESENCE_PEOPLE).collect();
        ServerMsg::Presence { room, whole: true, here: self.here.len() as u64, online, offline: Vec::new() }
    }

    fn note_gone(&mut self, user: UserId) {
        // Who came and went before anybody was told is nobody's news.
        if !self.came.remove(&user) {
            self.went.insert(user);
        }
    }
}
