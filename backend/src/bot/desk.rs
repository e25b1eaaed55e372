//! What a bot decides: which messages its program is given, and what it says goes out when. Pure, around the engine.
//!
//! Whoever drives it calls it with what happened and the time. Then [`Desk::dirty`] says whether the journal has to be
//! written before anything else is done: lines that were given may reach the program, and what [`Desk::wire`] gives may reach
//! the server, only once the journal that knows of them is on disk. So each message is given at most once, and each answer
//! said at most once, wherever the bot is killed.
//!
//! Deliberately absent: files, sockets, processes.

mod hooks;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Person, RoomInfo, RoomKind};
use common::sync::keep::Restored;
use common::sync::outbox::{Pending, Stage};
use common::sync::standing::Standing;
use common::sync::{Closed, Command, Effect, Engine, Input, Phase, What, keep};

use super::journal::{Journal, Waiting};
use super::lines::{Saying, Style, Told, saying};
use super::pace::Pace;

/// Lines that wait to be said at most, and their bytes; then the program is not read.
const MOST_WAITING: usize = 1_000;
const MOST_WAITING_BYTES: usize = 256 * 1024;

/// Messages on their way at most: further ones wait.
const MOST_SENT: usize = 32;

/// Events of a room that are held behind the last one given before they are forgotten.
const HELD: u64 = 500;

/// Whether the journal has to be written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirty {
    /// It is on disk as it is.
    #[default]
    Clean,
    /// Some time: what is missing on disk would be found out anew.
    Later,
    /// Before anything else is done.
    Now,
}

/// Why a bot cannot go on, in words for whoever started it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fatal(pub String);

/// The state of a bot.
#[derive(Debug)]
pub struct Desk {
    engine: Engine,
    journal: Journal,
    style: Style,
    pace: Pace,
    /// Rooms by name or id, as they were asked for.
    wanted: Vec<String>,
    /// The rooms whose messages the program is given.
    followed: BTreeSet<RoomId>,
    /// Whether the journal begins with this run, or with another database.
    fresh: bool,
    /// Where the last line that was given came from.
    last: Option<RoomId>,
    /// Lines that the program has written.
    heard: u64,
    dirty: Dirty,
    wire: Vec<Effect>,
    notes: Vec<String>,
    fatal: Option<Fatal>,
    /// Rooms that are being joined.
    joining: Vec<(Cid, String)>,
    /// Rooms that have to be looked for, and whether they were.
    missing: Vec<String>,
    looked: bool,
}

impl Desk {
    /// A bot that goes on from a journal. `seed` must never be the same twice.
    #[must_use]
    pub fn new(journal: Journal, wanted: Vec<String>, style: Style, rate: u32, seed: u64, now: Timestamp) -> Self {
        let mut engine = Engine::new(seed);
        engine.handle(now, Input::Restored(Box::new(restored(&journal))));
        let fresh = journal.me.is_none();
        Self {
            engine,
            journal,
            style,
            pace: Pace::new(rate, now),
            wanted,
            followed: BTreeSet::new(),
            fresh,
            last: None,
            heard: 0,
            dirty: Dirty::Clean,
            wire: Vec::new(),
            notes: Vec::new(),
            fatal: None,
            joining: Vec::new(),
            missing: Vec::new(),
            looked: false,
        }
    }

    // === What happened ===

    /// Something happened to the connection, or time has passed.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        let is_welcome = matches!(&input, Input::Received(common::server::ServerMsg::Welcome { .. }));
        let effects = self.engine.handle(now, input);
        if is_welcome {
            self.welcomed();
        }
        self.carry_out(now, effects);
        self.ended();
    }

    /// The program has written a line, or one of so many bytes that it cannot be said.
    pub fn hear(&mut self, line: Result<&str, usize>) {
        self.heard += 1;
        let said = line.map_err(super::lines::too_long).and_then(|line| saying(self.style, line));
        let queued = said.and_then(|said| said.map_or(Ok(()), |said| self.queue(said)));
        if let Err(why) = queued {
            self.note(format!("line {} of the program is not said: {why}", self.heard));
        }
    }

    fn queue(&mut self, said: Saying) -> Result<(), String> {
        let Saying { text, room, reply_to } = said;
        let room = match room {
            Some(name) => self.find(&name).ok_or_else(|| format!("room: the bot is not in '{name}'"))?,
            None => self.here().ok_or("the bot is in no room")?,
        };
        self.journal.waiting.push_back(Waiting { room, text, reply_to });
        self.soil(Dirty::Now);
        Ok(())
    }

    /// Lets out what may be said now.
    pub fn say(&mut self, now: Timestamp) {
        while self.engine.outbox().waiting() < MOST_SENT
            && !self.journal.waiting.is_empty()
            && self.pace.take(now)
            && let Some(Waiting { room, text, reply_to }) = self.journal.waiting.pop_front()
        {
            let what = What::Say { room, body: text, reply_to };
            self.handle(now, Input::Do(Command::Ask(what)));
            self.soil(Dirty::Now);
        }
    }

    /// The next message for the program, as a line. It counts as given from now on.
    pub fn give(&mut self, now: Timestamp) -> Option<String> {
        let rooms: Vec<RoomId> = self.followed.iter().copied().collect();
        rooms.into_iter().find_map(|room| self.give_of(now, room))
    }

    fn give_of(&mut self, now: Timestamp, id: RoomId) -> Option<String> {
        let me = self.engine.me()?.id;
        loop {
            let given = self.journal.given.get(&id).copied()?;
            let room = self.engine.rooms().get(&id)?;
            let next = given.next();
            let Some(event) = room.log.get(next).map(Arc::clone) else {
                if next <= room.head {
                    let holds = room.log.holds(given);
                    self.fetch(now, id, given, holds);
                }
                return None;
            };
            let line = told(&room.info, &event, &Standing::of(&room.log, next), me, self.style);
            self.journal.given.insert(id, next);
            if next.0.is_multiple_of(HELD) {
                self.engine.forget_before(id, next);
            }
            self.soil(if line.is_some() { Dirty::Now } else { Dirty::Later });
            if line.is_some() {
                self.last = Some(id);
                return line;
            }
        }
    }

    /// Asks for what follows on the last event that was given, where it does not come by itself.
    fn fetch(&mut self, now: Timestamp, room: RoomId, given: Seq, holds: bool) {
        let command = if holds {
            Command::LoadNewer { room, after: given }
        } else {
            Command::LoadAround { room, seq: given.next() }
        };
        self.handle(now, Input::Do(command));
    }

    // === What is to be done ===

    /// Whether the journal has to be written.
    #[must_use]
    pub const fn dirty(&self) -> Dirty {
        self.dirty
    }

    /// The journal as it is to be on disk.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The journal is on disk.
    pub fn saved(&mut self) {
        self.dirty = Dirty::Clean;
    }

    /// What is to be done to the connection.
    pub fn wire(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.wire)
    }

    /// What whoever runs the bot should know.
    pub fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Why it cannot go on.
    #[must_use]
    pub const fn fatal(&self) -> Option<&Fatal> {
        self.fatal.as_ref()
    }

    /// Rooms that the bot is not in, by name, to be looked for: each once.
    pub fn missing(&mut self) -> Vec<String> {
        std::mem::take(&mut self.missing)
    }

    /// When something is to be done though nothing happens.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let speaks = !self.journal.waiting.is_empty() && self.engine.outbox().waiting() < MOST_SENT;
        let speaks = speaks.then(|| self.pace.next());
        self.engine.deadline().into_iter().chain(speaks).min()
    }

    // === How it stands ===

    /// Whether more lines of the program can be taken.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let waiting = &self.journal.waiting;
        let bytes = || waiting.iter().map(|waiting| waiting.text.as_str().len()).sum::<usize>();
        waiting.len() < MOST_WAITING && bytes() < MOST_WAITING_BYTES
    }

    /// Who the bot is, once it is in all of its rooms.
    #[must_use]
    pub fn settled(&self) -> Option<&Person> {
        let all = self.wanted.iter().all(|name| self.find(name).is_some());
        self.engine.me().filter(|_| all && !self.followed.is_empty())
    }

    /// Whether everything that was said is on the server's disk.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.journal.waiting.is_empty() && self.engine.outbox().waiting() == 0
    }

    /// Where the connection stands.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        self.engine.phase()
    }

    /// How the last connection ended.
    #[must_use]
    pub const fn last_closed(&self) -> Option<&Closed> {
        self.engine.last_closed()
    }

    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    fn soil(&mut self, dirty: Dirty) {
        self.dirty = self.dirty.max(dirty);
    }

    fn fail(&mut self, why: String) {
        self.fatal.get_or_insert(Fatal(why));
    }

    /// Where something is said that names no room.
    fn here(&self) -> Option<RoomId> {
        let first = || self.wanted.iter().find_map(|name| self.find(name));
        self.last.filter(|room| self.followed.contains(room)).or_else(first).or_else(|| self.followed.first().copied())
    }

    /// A followed room, by its name or id.
    fn find(&self, name: &str) -> Option<RoomId> {
        let rooms = self.engine.rooms();
        self.followed.iter().copied().find(|id| rooms.get(id).is_some_and(|room| is_called(&room.info, name)))
    }
}

/// Whether a name, as people write it, is a room's.
fn is_called(info: &RoomInfo, name: &str) -> bool {
    let bare = name.strip_prefix('#').unwrap_or(name);
    name.parse() == Ok(info.id) || (!info.name.is_empty() && info.name == bare.to_lowercase())
}

/// The line for an event; none, where it is nothing for the program.
fn told(info: &RoomInfo, event: &Event, standing: &Standing, me: UserId, style: Style) -> Option<String> {
    let EventKind::Message { body, mentions, reply, .. } = &event.kind else { return None };
    if event.by == me || body.is_empty() || standing.deleted {
        return None;
    }
    let by = Person { id: event.by, name: event.name.clone() };
    let told = Told {
        room: &info.name,
        room_id: info.id,
        seq: event.seq,
        at: event.at,
        by: &by,
        text: standing.edited.as_ref().map_or(body, |(_, text)| text),
        reply_to: reply.as_ref().map(|reply| reply.to),
        thread: reply.as_ref().map(|reply| reply.root),
        mentioned: mentions.contains(&me),
        direct: info.kind == RoomKind::Direct,
    };
    Some(told.line(style))
}

/// What the engine goes on from. An event that stands for the last one given makes its greeting name that place.
fn restored(journal: &Journal) -> Restored {
    let Some(me) = &journal.me else { return Restored::default() };
    let anchors = journal.given.iter().filter(|(_, given)| **given > Seq::ZERO);
    Restored {
        me: Some(keep::Me { epoch: me.epoch.clone(), person: me.person.clone(), user_seq: 0 }),
        rooms: journal.given.keys().map(|room| RoomInfo::new(*room, "")).collect(),
        events: anchors.map(|(room, given)| anchor(*room, *given, &me.person)).collect(),
        outbox: journal.sent.iter().map(pending).collect(),
        drafts: Vec::new(),
        wishes: Vec::new(),
    }
}

fn anchor(room: RoomId, seq: Seq, me: &Person) -> Event {
    let (by, name) = (me.id, me.name.clone());
    Event { room, seq, at: Timestamp(0), by, name, bot: true, cid: None, kind: EventKind::Unknown }
}

fn pending(sent: &super::journal::Sent) -> Pending {
    let what = What::Say { room: sent.room, body: sent.text.clone(), reply_to: sent.reply_to };
    let (cid, after, at) = (sent.cid, sent.after, sent.at);
    Pending { cid, what, after, at, stage: Stage::Waiting, retries: 0, trouble: None }
}
