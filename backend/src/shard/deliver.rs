//! Bringing letters and events to sessions.

use std::io::{self, IoSlice};
use std::sync::Arc;

use bytes::Bytes;
use common::close;
use common::id::{RoomId, Seq, UserId};
use common::model::{Event, EventKind, Everyone, UserEvent};

use super::conn::Role;
use super::fanout::{Follower, Run};
use super::packing::{History, Packer};
use super::{Ask, Conn, End, Link, Shard};
use crate::bus::letter::{Answered, ConnId, FeedId, Found, Hints, Letter, Note, Published};
use crate::session::{Arrival, Greeting, Now};
use crate::store::sessions::SignInId;
use crate::store::{Change, CommandError, StoreError};

/// Writes to one room's followers before the next room has its turn.
const SLICE: usize = 256;

/// Something about one follower that is seen to after the others.
enum Odd {
    Gone,
    Replay,
    Lag(FeedId, Seq),
}

impl<L: Link> Shard<L> {
    /// A letter came.
    pub fn on_letter(&mut self, letter: Letter, now: Now) {
        match letter {
            Letter::Event(published) => self.on_event(&published, now),
            Letter::Own(user, entry) => {
                for slot in self.places(user) {
                    self.on_own(slot, &entry, now);
                }
            }
            Letter::Note(user, note) => self.note_all(user, &note, now),
            Letter::Ended(user, sign_in) => self.on_signed_out(user, sign_in, now),
            Letter::Answer(id, answered) => {
                if self.expect(id) {
                    self.answers.push((id, *answered));
                }
            }
            Letter::Noted(id, room, result) => self.on_noted(id, room, result, now),
            Letter::Found(id, found) => {
                if self.conn_by_id(id).is_some() {
                    self.on_found(id.slot, *found, now);
                }
            }
            Letter::Here(here) => self.homes.enter(here.room, |home| home.arrive(now.ms, &here)),
            Letter::Gone(room, shard, (user, session)) => {
                self.homes.with(room, |home| home.depart(now.ms, (shard, session), user));
            }
            Letter::Typing(room, user) => self.homes.with(room, |home| home.typing(now.ms, user)),
            Letter::Lost(room, shard) => self.homes.with(room, |home| home.lost(now.ms, shard)),
            Letter::Hints(hints) => self.on_hints(&hints, now),
        }
    }

    /// Ends the connections of a place where somebody is no longer signed in. Who comes in by it now is told so by the
    /// greeting, which looks.
    fn on_signed_out(&mut self, user: UserId, ended: SignInId, now: Now) {
        for slot in self.places(user) {
            let role = self.conns.get(slot as usize).map(|conn| &conn.role);
            if matches!(role, Some(Role::Chat { sign_in, .. }) if *sign_in == Some(ended)) {
                self.end(slot, End::Close(close::SESSION_ENDED, String::new()), now);
            }
        }
    }

    fn on_noted(&mut self, id: ConnId, room: RoomId, result: Result<Option<Box<UserEvent>>, CommandError>, now: Now) {
        if self.conn_by_id(id).is_none() {
            return;
        }
        let (entry, result) = match result {
            Ok(entry) => (entry, Ok(())),
            Err(error) => (None, Err(error)),
        };
        if let Some(entry) = entry {
            self.on_own(id.slot, &entry, now);
        }
        self.with_session(id.slot, now, |session, out| session.on_noted(room, result, out));
    }

    fn on_event(&mut self, published: &Arc<Published>, now: Now) {
        let Event { room, seq, by, ref kind, .. } = published.event;
        if self.greeting > 0 {
            self.published.insert(room, seq);
        }
        match kind {
            EventKind::Joined => self.note_all(by, &Note::Entered(room, seq), now),
            EventKind::Created => {
                for user in published.entered.iter().chain([&by]) {
                    self.note_all(*user, &Note::Entered(room, seq), now);
                }
            }
            EventKind::Invited { user, .. } => self.note_all(*user, &Note::Entered(room, seq), now),
            EventKind::Left => self.has_left((room, seq), by, now),
            EventKind::Removed { user, .. } => self.has_left((room, seq), *user, now),
            EventKind::Message { everyone, .. } => {
                self.homes.with(room, |home| home.said(by));
                if *everyone == Some(Everyone::Here) {
                    self.call(room, seq);
                }
            }
            EventKind::Edited { .. }
            | EventKind::Deleted { .. }
            | EventKind::Reacted { .. }
            | EventKind::Unreacted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Unpinned { .. }
            | EventKind::Appointed { .. }
            | EventKind::Renamed { .. }
            | EventKind::TopicSet { .. }
            | EventKind::Archived { .. }
            | EventKind::Announcing { .. }
            | EventKind::Unknown => {}
        }
        if let Some(following) = self.rooms.get_mut(&room) {
            following.gather(published);
            if !std::mem::replace(&mut following.is_listed, true) {
                self.sending.push_back(room);
            }
        }
    }

    /// Somebody is no member any more: none of their connections gets anything more of the room, not even the event that
    /// says so, for they stop following it before that is gathered.
    fn has_left(&mut self, (room, seq): (RoomId, Seq), user: UserId, now: Now) {
        self.homes.with(room, |home| home.left(now.ms, user));
        self.note_all(user, &Note::Left(room, seq), now);
    }

    /// A message calls everybody who is here. Who that is, the room's home says.
    fn call(&mut self, room: RoomId, seq: Seq) {
        let mut people = Vec::new();
        self.homes.with(room, |home| people = home.people());
        if !people.is_empty() {
            self.asks.push(Ask::Submit(ConnId::NOBODY, Change::Called { room, seq, people }));
        }
    }

    /// Sends what a room has to some of its followers, at most so many. Says how many.
    pub(super) fn send_some(&mut self, room: RoomId, most: usize, now: Now) -> usize {
        let Some(following) = self.rooms.get_mut(&room) else { return 0 };
        let Some((run, range)) = following.next(most.min(SLICE)) else {
            following.is_listed = false;
            return 0;
        };
        self.sending.push_back(room);
        let sent = range.len();
        let mut odd = Vec::new();
        let (followers, history) = following.parts(range);
        for Follower { slot, feed } in followers {
            let packing = (&mut self.packer, &mut *history);
            if let Some(conn) = self.conns.get_mut(*slot as usize)
                && let Some(what) = conn.deliver((room, *feed), (&run, packing), self.timings.backlog, now)
            {
                odd.push((*slot, what));
            }
        }
        for (slot, what) in odd {
            match what {
                Odd::Gone => self.on_gone(slot, now),
                Odd::Replay => self.with_session(slot, now, |session, out| session.replay(room, out)),
                Odd::Lag(feed, seq) => {
                    if let Some(following) = self.rooms.get_mut(&room) {
                        following.unsubscribe(slot);
                    }
                    self.with_session(slot, now, |session, out| session.lag(room, feed, seq, out));
                }
            }
        }
        sent
    }

    pub(super) fn on_answer(&mut self, id: ConnId, answered: Answered, now: Now) {
        if self.conn_by_id(id).is_some() {
            self.with_session(id.slot, now, |session, out| session.on_answer(answered, out));
        }
    }

    /// What was postponed of the own log is read, where there is space for it again.
    pub(super) fn catch_up_own(&mut self, slot: u32, now: Now) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        if std::mem::take(&mut conn.owes_own) {
            self.with_session(slot, now, |session, out| session.catch_up(out));
        }
    }

    /// One connection less waits for its greeting.
    pub(super) fn greeted(&mut self) {
        self.greeting = self.greeting.saturating_sub(1);
        if self.greeting == 0 {
            self.published.clear();
        }
    }

    fn on_found(&mut self, slot: u32, found: Found, now: Now) {
        let failed = match found {
            Found::Greeting(Ok(Some(greeting))) => return self.on_greeting(slot, greeting, now),
            Found::Greeting(Ok(None)) => {
                return self.end(slot, End::Close(close::SESSION_ENDED, String::new()), now);
            }
            Found::Opened(room, feed, Ok(info)) => {
                return self.with_session(slot, now, |session, out| session.on_opened(room, feed, info.as_ref(), out));
            }
            Found::Page(read, Ok(page)) => {
                return self.with_session(slot, now, |session, out| session.on_page(read, page, out));
            }
            Found::Own(Ok(entries)) => {
                return self.with_session(slot, now, |session, out| session.on_own(entries, out));
            }
            Found::Greeting(Err(error))
            | Found::Opened(_, _, Err(error))
            | Found::Page(_, Err(error))
            | Found::Own(Err(error)) => error,
        };
        let end = match failed {
            StoreError::Failed => End::Close(close::SERVER_FAULT, "storage".to_owned()),
            StoreError::Closed => self.going_away(),
        };
        self.end(slot, end, now);
    }

    /// Subscribes a connection to its rooms and welcomes it. What was published since the greeting was read has been
    /// remembered, so that nothing falls in between.
    fn on_greeting(&mut self, slot: u32, greeting: Greeting, now: Now) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        let greeted = std::mem::take(&mut conn.greets);
        let Role::Chat { session, name, .. } = &mut conn.role else { return };
        *name = greeting.me.name.as_str().into();
        let feed = session.greeted_feed();
        for room in &greeting.rooms {
            self.follow(slot, room.id, feed);
        }
        let published = std::mem::take(&mut self.published);
        let seen = |room| published.get(&room).copied().unwrap_or_default();
        self.with_session(slot, now, |session, out| session.on_greeting(greeting, now.clock, &seen, out));
        self.published = published;
        if greeted {
            self.greeted();
        }
    }

    fn on_own(&mut self, slot: u32, entry: &UserEvent, now: Now) {
        let Some(conn) = self.conns.get_mut(slot as usize) else { return };
        if conn.is_at_ease(self.timings.backlog) {
            self.with_session(slot, now, |session, out| session.on_note(Note::Own(entry.clone()), out));
        } else if let Some(session) = conn.session_mut() {
            session.postpone(entry.seq);
            conn.owes_own = true;
        }
    }

    fn note_all(&mut self, user: UserId, note: &Note, now: Now) {
        for slot in self.places(user) {
            if let (Note::Renamed(person), Some(conn)) = (note, self.conns.get_mut(slot as usize))
                && let Role::Chat { session, name, .. } = &mut conn.role
                && session.me() == person.id
            {
                *name = person.name.as_str().into();
            }
            self.with_session(slot, now, |session, out| session.on_note(note.clone(), out));
        }
    }

    /// Tells a room's followers what is ephemeral: it takes no space from events, and who misses some of it is owed the
    /// whole of presence.
    fn on_hints(&mut self, hints: &Hints, now: Now) {
        let room = hints.room;
        let Some(following) = self.rooms.get_mut(&room) else { return };
        let mut lost = std::mem::take(&mut following.lost);
        lost.sort_unstable();
        let followers: Vec<Follower> = following.followers().to_vec();
        let mut missed = Vec::new();
        for Follower { slot, feed } in followers {
            let was_lost = lost.binary_search(&slot).is_ok();
            let presence = if was_lost { &hints.whole } else { &hints.change };
            let told = presence.as_ref().map(|frame| self.hint(slot, (room, feed), frame, now));
            if told == Some(false) || (told.is_none() && was_lost) {
                missed.push(slot);
            }
            if let Some(typing) = &hints.typing {
                // One that is lost is soon out of date, and the next one says the same.
                self.hint(slot, (room, feed), typing, now);
            }
        }
        if let Some(following) = self.rooms.get_mut(&room)
            && !missed.is_empty()
        {
            following.lost.extend(missed);
            self.post_home(room, Letter::Lost(room, self.id));
        }
    }

    /// Sends something ephemeral, where the reader keeps up. Says whether it did.
    fn hint(&mut self, slot: u32, (room, feed): (RoomId, FeedId), frame: &Bytes, now: Now) -> bool {
        let backlog = self.timings.backlog;
        let Some(conn) = self.conns.get_mut(slot as usize).filter(|conn| conn.is_at_ease(backlog)) else {
            return false;
        };
        let Some(session) = conn.session_mut() else { return false };
        if let Some(frame) = session.on_hint(room, feed, frame.clone())
            && conn.offer(frame, 1, now).is_err()
        {
            self.on_gone(slot, now);
        }
        true
    }

    /// An answer for a connection is about to be sent.
    fn expect(&mut self, id: ConnId) -> bool {
        let conn = self.conns.get_mut(id.slot as usize).filter(|conn| conn.generation == id.generation);
        let Some(conn) = conn else { return false };
        conn.expects = true;
        // So that it does not go on expecting.
        self.list(id.slot);
        true
    }
}

impl<L: Link> Conn<L> {
    /// Whether the reader keeps up well enough to be told what can wait.
    fn is_at_ease(&self, backlog: usize) -> bool {
        self.backlog.bytes() <= backlog / 4
    }

    /// Sends a run of events, or puts it behind what waits.
    fn deliver(
        &mut self,
        (room, feed): (RoomId, FeedId),
        (run, packer): (&Run, (&mut Packer, &mut Option<Box<History>>)),
        bound: usize,
        now: Now,
    ) -> Option<Odd> {
        let Role::Chat { session, packing, .. } = &mut self.role else { return None };
        let from = match session.on_events(room, feed, (run.first, run.last)) {
            Arrival::Send(from) => from,
            Arrival::Drop => return None,
            Arrival::Replay => return Some(Odd::Replay),
        };
        let (bytes, frames) = run.for_packing(packing, (room, from), packer);
        if !self.backlog.is_empty() && self.backlog.bytes() + bytes.len() > bound {
            packing.forget();
            return Some(Odd::Lag(feed, run.last));
        }
        self.offer(bytes, frames, now).is_err().then_some(Odd::Gone)
    }

    /// Writes what others get too, or puts it behind what waits. Takes no memory where nothing waits and the link takes it.
    fn offer(&mut self, mut bytes: Bytes, frames: usize, now: Now) -> io::Result<()> {
        if self.backlog.is_empty() && !self.expects {
            match self.link.write(&[IoSlice::new(&bytes)]) {
                Ok(written) if written == bytes.len() => return Ok(()),
                Ok(written) => bytes = bytes.split_off(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        self.backlog.push(now.ms, bytes, frames);
        Ok(())
    }
}
