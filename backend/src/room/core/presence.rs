//! Who is here: the members with a connection that follows the room, and those whose last one ended a moment ago.
//!
//! Changes gather until they are taken. Deliberately absent: queues and frames.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use common::id::{RoomId, UserId};
use common::limits;
use common::model::Person;
use common::server::ServerMsg;

use crate::room::SessionId;

/// The people.
#[derive(Debug)]
pub(super) struct Presence {
    /// Milliseconds for which somebody without a connection still counts as here.
    grace: u64,
    here: BTreeMap<UserId, Here>,
    sessions: HashMap<SessionId, UserId>,
    /// When whom is to be counted as gone, unless they return.
    leaving: BTreeSet<(u64, UserId)>,
    came: BTreeSet<UserId>,
    went: BTreeSet<UserId>,
}

#[derive(Debug)]
struct Here {
    name: String,
    sessions: BTreeSet<SessionId>,
    /// The end of the grace.
    until: Option<u64>,
}

impl Presence {
    /// Nobody is here.
    pub(super) fn new(grace: u64) -> Self {
        Self {
            grace,
            here: BTreeMap::new(),
            sessions: HashMap::new(),
            leaving: BTreeSet::new(),
            came: BTreeSet::new(),
            went: BTreeSet::new(),
        }
    }

    /// Somebody is here with this connection.
    pub(super) fn arrive(&mut self, session: SessionId, person: &Person) {
        self.sessions.insert(session, person.id);
        let here = self.here.entry(person.id).or_insert_with(|| {
            // Who went and came back before anybody was told is told of again: that does no harm.
            self.went.remove(&person.id);
            self.came.insert(person.id);
            Here { name: person.name.clone(), sessions: BTreeSet::new(), until: None }
        });
        here.sessions.insert(session);
        if let Some(until) = here.until.take() {
            self.leaving.remove(&(until, person.id));
        }
        if here.name != person.name {
            here.name.clone_from(&person.name);
            self.came.insert(person.id);
        }
    }

    /// A connection has ended.
    pub(super) fn depart(&mut self, now: u64, session: SessionId) {
        let Some(user) = self.sessions.remove(&session) else { return };
        let Some(here) = self.here.get_mut(&user) else { return };
        here.sessions.remove(&session);
        if here.sessions.is_empty() && here.until.is_none() {
            let until = now.saturating_add(self.grace);
            here.until = Some(until);
            self.leaving.insert((until, user));
        }
    }

    /// Somebody is no member any more: there is no grace for that.
    pub(super) fn remove(&mut self, user: UserId) {
        let Some(here) = self.here.remove(&user) else { return };
        for session in here.sessions {
            self.sessions.remove(&session);
        }
        if let Some(until) = here.until {
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

    pub(super) fn is_here(&self, user: UserId) -> bool {
        self.here.contains_key(&user)
    }

    /// What has changed since this was last taken; names are capped, the number is always right.
    pub(super) fn take_change(&mut self, room: RoomId) -> Option<ServerMsg> {
        let (came, went) = (std::mem::take(&mut self.came), std::mem::take(&mut self.went));
        if came.is_empty() && went.is_empty() {
            return None;
        }
        let named = |id: UserId| Some(Person { id, name: self.here.get(&id)?.name.clone() });
        let online = came.into_iter().filter_map(named).take(limits::PRESENCE_PEOPLE).collect();
        let offline = went.into_iter().take(limits::PRESENCE_PEOPLE).collect();
        Some(ServerMsg::Presence { room, whole: false, here: self.here.len() as u64, online, offline })
    }

    /// Everything; names are capped.
    pub(super) fn whole(&self, room: RoomId) -> ServerMsg {
        let people = self.here.iter().map(|(id, here)| Person { id: *id, name: here.name.clone() });
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
