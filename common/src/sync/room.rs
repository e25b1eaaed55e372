//! A room, as one client holds it.
//!
//! Deliberately absent: how it changes; that is `step`'s.

use std::mem::discriminant;
use std::ops::RangeInclusive;

use litemap::LiteMap;

use crate::id::{Seq, Timestamp, UserId};
use crate::limits;
use crate::model::{EventKind, Person, RoomInfo};

use super::log::RoomLog;

/// A room, as this client holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// What the server said of it last.
    pub info: RoomInfo,
    /// The newest event that is known to exist.
    pub head: Seq,
    /// What is held of its log.
    pub log: RoomLog,
    /// Who is here, as far as has been told.
    pub presence: Presence,
    /// Who is writing, and until when that holds.
    pub(super) typing: LiteMap<UserId, (String, Timestamp)>,
    /// What has been asked for and not yet fully arrived.
    pub(super) asked: Option<Asked>,
    /// Since when nothing new arrived although the head is further on.
    pub(super) behind: Option<Timestamp>,
}

/// Who is in a room right now.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Presence {
    /// How many members are connected; 0 while it is not known.
    pub here: u64,
    /// Those of them who were named.
    pub online: LiteMap<UserId, String>,
}

/// Events that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) range: RangeInclusive<Seq>,
    pub(super) at: Timestamp,
}

impl Room {
    pub(super) fn new(info: RoomInfo) -> Self {
        Self {
            head: info.head,
            info,
            log: RoomLog::default(),
            presence: Presence::default(),
            typing: LiteMap::new(),
            asked: None,
            behind: None,
        }
    }

    /// How many messages the person has not read, by the server's two numbers.
    #[must_use]
    pub const fn unread(&self) -> u64 {
        self.info.n.saturating_sub(self.info.read_n)
    }

    /// Who is writing, by id.
    pub fn typing(&self) -> impl Iterator<Item = (UserId, &str)> {
        self.typing.iter().map(|(user, (name, _))| (*user, name.as_str()))
    }

    /// Whether events before the oldest one held exist.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.log.first().is_some_and(|first| first > Seq(1))
    }

    /// Whether events have been asked for and not yet arrived.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether everything up to the newest known event is held, as far back as the oldest one held.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.log.cursor() >= self.head && self.log.gaps().next().is_none()
    }

    pub(super) fn typed(&mut self, people: Vec<Person>, now: Timestamp) {
        let until = now.plus(limits::TYPING_MS);
        for person in people {
            self.typing.insert(person.id, (person.name, until));
        }
    }

    /// When the next of those who write is no longer taken to.
    pub(super) fn typing_ends(&self) -> Option<Timestamp> {
        self.typing.values().map(|(_, until)| *until).min()
    }

    pub(super) fn present(&mut self, whole: bool, here: u64, online: Vec<Person>, offline: &[UserId]) {
        if whole {
            self.presence.online.clear();
        }
        self.presence.here = here;
        self.presence.online.retain(|user, _| !offline.contains(user));
        for person in online {
            self.presence.online.insert(person.id, person.name);
        }
    }

    /// What one says right behind what one has read is read, by the server's rule.
    pub(super) fn read_on(&mut self, me: UserId) {
        let mut mine = Vec::new();
        for event in self.log.events().rev() {
            let EventKind::Message { n, .. } = event.kind else { continue };
            if n <= self.info.read_n {
                break;
            }
            if event.by == me {
                mine.push(n);
            }
        }
        for n in mine.into_iter().rev() {
            if n == self.info.read_n + 1 {
                self.info.read_n = n;
            }
        }
    }

    /// Whether an event says how the room is, and one that is held already says so anew: what was lost comes late.
    fn is_outdone(&self, seq: Seq, kind: &EventKind) -> bool {
        let mut later = self.log.events().rev().take_while(|held| held.seq > seq);
        match kind {
            EventKind::Renamed { .. }
            | EventKind::TopicSet { .. }
            | EventKind::Archived { .. }
            | EventKind::Announcing { .. } => later.any(|held| discriminant(&held.kind) == discriminant(kind)),
            EventKind::Appointed { user, .. } => {
                later.any(|held| matches!(&held.kind, EventKind::Appointed { user: of, .. } if of == user))
            }
            EventKind::Message { .. }
            | EventKind::Edited { .. }
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
            | EventKind::Unknown => false,
        }
    }

    /// Counts an event that is newer than what the server's numbers cover. `me` is whom the event may appoint: nobody,
    /// where this client moderates whatever becomes of it.
    pub(super) fn count(&mut self, seq: Seq, kind: &EventKind, me: Option<UserId>) {
        if self.is_outdone(seq, kind) {
            return;
        }
        let info = &mut self.info;
        match kind {
            EventKind::Joined | EventKind::Invited { .. } => info.members += 1,
            EventKind::Left | EventKind::Removed { .. } => info.members = info.members.saturating_sub(1),
            EventKind::Message { n, .. } => {
                info.n = info.n.max(*n);
            }
            EventKind::Renamed { name_now } => info.name.clone_from(name_now),
            EventKind::TopicSet { topic } => info.topic.clone_from(topic),
            EventKind::Archived { archived } => info.archived = *archived,
            EventKind::Announcing { on } => info.announcements = *on,
            EventKind::Appointed { user, role, .. } if Some(*user) == me => info.role = *role,
            EventKind::Deleted { .. }
            | EventKind::Appointed { .. }
            | EventKind::Created
            | EventKind::Edited { .. }
            | EventKind::Reacted { .. }
            | EventKind::Unreacted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Unpinned { .. }
            | EventKind::Unknown => {}
        }
    }
}
