//! The world: people, their devices and clients, the server, the network between them, and the time.
//!
//! [`World::act`] carries one line of a story out, [`World::settle`] switches the faults off and lets everything come to
//! rest. What must hold at every moment is checked here as it happens; what must hold at the end is `judge`'s.

mod network;
mod rooms;
mod time;

use std::collections::BTreeMap;

use common::close;
use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Level};
use common::sync::{Command, Fault, Input, Notice, What};
use common::text::{Body, Emoji};

use crate::client::{Client, Wish};
use crate::device::Device;
use crate::server::Server;
use crate::story::{Act, CLIENTS, Change, Story};
use crate::template::{self, PEOPLE};
use crate::{Broken, Tally};

/// Whose client each is, and on which device: Ann's desk has two tabs.
const SEATS: [(usize, usize); CLIENTS] = [(0, 0), (0, 0), (0, 1), (1, 2), (2, 3)];

/// Every event that was ever committed.
pub(crate) type Ledger = BTreeMap<(Epoch, RoomId, Seq), Event>;

/// A message that somebody wrote.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) client: usize,
    pub(crate) room: RoomId,
    pub(crate) cid: Cid,
    /// Whether the server confirmed it before a backup was restored: it may be gone with what the backup lacks.
    pub(crate) excused: bool,
}

/// A change to a message that somebody asked for.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) client: usize,
    pub(crate) room: RoomId,
    pub(crate) target: Seq,
    pub(crate) cid: Cid,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) server: Server,
    pub(crate) clients: Vec<Client>,
    pub(crate) devices: Vec<Device>,
    pub(crate) said: Vec<Said>,
    /// What was asked to become of messages, in order.
    pub(crate) changed: Vec<Changed>,
    /// What is on the server's disk, as it was when it was written.
    pub(crate) ledger: Ledger,
    /// Acknowledgements of the present database.
    pub(crate) acks: BTreeMap<Cid, (RoomId, Seq)>,
    /// What a client has muted or not, and of what it wants to be told, since a backup was restored last.
    pub(crate) muted: BTreeMap<(usize, RoomId), bool>,
    pub(crate) notify: BTreeMap<(usize, RoomId), Level>,
    backup: Option<(Vec<u8>, Ledger)>,
    seed: u64,
    queue: usize,
    restores: u32,
}

impl World {
    pub(crate) fn new(story: &Story) -> Result<Self, Broken> {
        let db = template::database(story.history)?;
        let mut world = Self {
            now: Timestamp(1_763_700_000_000),
            server: Server::new(db, Epoch("first".to_owned()), story.queue),
            clients: SEATS.iter().map(|(person, device)| Client::new(*person, *device)).collect(),
            devices: (0..4).map(|_| Device::default()).collect(),
            said: Vec::new(),
            changed: Vec::new(),
            ledger: BTreeMap::new(),
            acks: BTreeMap::new(),
            muted: BTreeMap::new(),
            notify: BTreeMap::new(),
            backup: None,
            seed: story.seed,
            queue: story.queue,
            restores: 0,
        };
        for room in template::ROOMS.into_iter().chain([template::PRIVATE]) {
            for event in template::history(&world.server.db, room)? {
                world.ledger.insert((world.server.epoch.clone(), room, event.seq), event);
            }
        }
        for client in 0..CLIENTS {
            world.begin(client)?;
        }
        Ok(world)
    }

    pub(crate) fn user(&self, client: usize) -> UserId {
        self.clients.get(client).and_then(|client| PEOPLE.get(client.person)).copied().unwrap_or(UserId(0))
    }

    /// Carries one line of a story out.
    pub(crate) fn act(&mut self, act: &Act) -> Result<(), Broken> {
        match *act {
            Act::Say { client, room } => self.say(client, template::room(room)),
            Act::Change { client, room, how, pick } => self.change(client, template::room(room), how, pick),
            Act::Read { client, room } => self.read(client, template::room(room)),
            Act::Draft { client, room } => {
                let at = self.now.0;
                let text = if at.is_multiple_of(3) { String::new() } else { format!("draft {client} {at}") };
                self.give(client, Input::Do(Command::Draft { room: template::room(room), text }))
            }
            Act::Mute { client, room } => self.mute(client, template::room(room)),
            Act::Typing { client, room } => {
                self.give(client, Input::Do(Command::Typing { room: template::room(room) }))
            }
            Act::Answer { client, room, pick } => self.answer(client, template::room(room), pick),
            Act::Unread { client, room, pick } => self.unread(client, template::room(room), pick),
            Act::Notify { client, room } => self.notify(client, template::room(room)),
            Act::Private { client, how, pick } => self.private(client, how, pick),
            Act::Direct { client, pick } => self.direct(client, pick),
            Act::Up { client, frames } => self.repeat(frames, |world| world.up(client)),
            Act::Look { client } => self.look(client),
            Act::Commit { changes, full } => self.commit(changes, full),
            Act::Publish { changes } => self.repeat(changes, Self::publish),
            Act::Drain { client, items } => self.drain(client, items),
            Act::Down { client, frames } => self.repeat(frames, |world| world.down(client)),
            Act::Flow { client } => self.flow(client),
            Act::Lose { client } => self.with(client, |client| client.faults.lose += 1),
            Act::Double { client } => self.with(client, |client| client.faults.double += 1),
            Act::Freeze { client } => self.with(client, |client| client.faults.frozen = true),
            Act::Thaw { client } => {
                self.with(client, |client| client.faults.frozen = false)?;
                self.release(client)
            }
            Act::Cut { client, arrive } => {
                self.repeat(arrive, |world| world.up(client))?;
                self.cut(client, close::ABNORMAL)
            }
            Act::Crash => self.crash(),
            Act::Backup => self.backup(),
            Act::Restore => self.restore(),
            Act::Reload { client } => self.reload(client),
            Act::Flush { client } => self.flush(client),
            Act::Lead { client } => self.lead(client),
            Act::Tell => self.hear(),
            Act::Forget { client, room } => self.give(client, Input::Fault(Fault::Forget(template::room(room)))),
            Act::Future { client, room } => self.give(client, Input::Fault(Fault::Future(template::room(room)))),
            Act::Pass { ms } => self.pass(ms),
        }
    }

    // === People ===

    fn say(&mut self, client: usize, room: RoomId) -> Result<(), Broken> {
        let Some(writer) = self.clients.get_mut(client) else { return Ok(()) };
        writer.lines += 1;
        let mention = if writer.lines.is_multiple_of(4) { " @Ben" } else { "" };
        let text = format!("line {} of client {client}{mention}", writer.lines);
        let body = Body::new(&text).map_err(|error| Broken::new(error.to_string()))?;
        if let Some(cid) = self.ask(client, What::Say { room, body, reply_to: None })? {
            self.said.push(Said { client, room, cid, excused: false });
        }
        Ok(())
    }

    /// Has a client ask the server for something. Gives the id of its command.
    fn ask(&mut self, client: usize, what: What) -> Result<Option<Cid>, Broken> {
        self.give(client, Input::Do(Command::Ask(what)))?;
        let last = self.clients.get(client).and_then(|of| of.engine.outbox().iter().next_back());
        Ok(last.map(|pending| pending.cid))
    }

    fn change(&mut self, client: usize, room: RoomId, how: Change, pick: usize) -> Result<(), Broken> {
        let Some(target) = self.pick(client, room, pick) else { return Ok(()) };
        let text = |text: &str| Body::new(text).map_err(|error| Broken::new(error.to_string()));
        let emoji = || {
            Emoji::new(if pick.is_multiple_of(2) { "👍" } else { "🎉" }).map_err(|error| Broken::new(error.to_string()))
        };
        let what = match how {
            Change::Edit => What::Edit { room, target, body: text(&format!("edited at {}", self.now.0))? },
            Change::Delete => What::Delete { room, target },
            Change::React => What::React { room, target, emoji: emoji()?, on: true },
            Change::Unreact => What::React { room, target, emoji: emoji()?, on: false },
            Change::Pin => What::Pin { room, target, on: true },
            Change::Unpin => What::Pin { room, target, on: false },
        };
        if let Some(cid) = self.ask(client, what)? {
            self.changed.push(Changed { client, room, target, cid });
        }
        Ok(())
    }

    fn mute(&mut self, client: usize, room: RoomId) -> Result<(), Broken> {
        let muted = self.now.0.is_multiple_of(2);
        if self.holds(client, room) {
            self.muted.insert((client, room), muted);
        }
        self.give(client, Input::Do(Command::Mute { room, muted }))?;
        // A page that is left writes what it has not written yet.
        self.flush(client)
    }

    /// Whether a client knows of a room.
    pub(crate) fn holds(&self, client: usize, room: RoomId) -> bool {
        self.clients.get(client).is_some_and(|of| of.engine.rooms().contains_key(&room))
    }

    /// One of the last messages that a client sees.
    fn pick(&self, client: usize, room: RoomId, pick: usize) -> Option<Seq> {
        let log = &self.clients.get(client)?.engine.rooms().get(&room)?.log;
        let message = |event: &&std::sync::Arc<Event>| matches!(event.kind, EventKind::Message { .. });
        log.events().rev().filter(message).nth(pick).map(|event| event.seq)
    }

    fn read(&mut self, client: usize, room: RoomId) -> Result<(), Broken> {
        let held = self.clients.get(client).and_then(|client| client.engine.rooms().get(&room));
        let Some(n) = held.map(|held| held.info.n) else { return Ok(()) };
        self.give(client, Input::Do(Command::Read { room, n }))
    }

    // === Clients ===

    fn with(&mut self, client: usize, change: impl FnOnce(&mut Client)) -> Result<(), Broken> {
        self.clients.get_mut(client).map(change);
        Ok(())
    }

    /// Hands a client something, and carries out what it wants.
    pub(crate) fn give(&mut self, client: usize, input: Input) -> Result<(), Broken> {
        let Some(of) = self.clients.get_mut(client) else { return Ok(()) };
        let Some(device) = self.devices.get_mut(of.device) else { return Ok(()) };
        let wishes = of.handle(client, self.now, input, device);
        self.grant(client, wishes)
    }

    fn grant(&mut self, client: usize, wishes: Vec<Wish>) -> Result<(), Broken> {
        for wish in wishes {
            match wish {
                Wish::Open => {
                    self.drop_link(client);
                    let link = self.server.accept(client, self.user(client), self.now)?;
                    self.with(client, |of| {
                        of.link = Some(link);
                        of.faults.cut();
                    })?;
                    self.give(client, Input::Opened)?;
                }
                Wish::Send(frame) => {
                    let link = self.clients.get(client).and_then(|of| of.link);
                    if let Some(link) = link.and_then(|link| self.server.links.get_mut(&link)) {
                        link.up.push_back(frame);
                    }
                }
                Wish::Close(code) => self.cut(client, code)?,
                Wish::Notice(notice) => self.noticed(client, &notice)?,
            }
        }
        Ok(())
    }

    fn noticed(&mut self, client: usize, notice: &Notice) -> Result<(), Broken> {
        match notice {
            Notice::Acked { cid, room, seq } => {
                let key = (self.server.epoch.clone(), *room, *seq);
                if !self.ledger.contains_key(&key) {
                    return Err(Broken::new(format!("{cid} is acknowledged as {seq} of {room}, which is not on disk")));
                }
                match self.acks.insert(*cid, (*room, *seq)) {
                    Some(before) if before != (*room, *seq) => {
                        Err(Broken::new(format!("{cid} is acknowledged as {before:?} and as {seq}")))
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Notice::Event(event) => {
                let key = (self.clients.get(client).and_then(|of| of.engine.epoch().cloned()), event.room, event.seq);
                let (Some(epoch), room, seq) = key else { return Ok(()) };
                match self.ledger.get(&(epoch, room, seq)) {
                    Some(stored) if same(stored, event) => Ok(()),
                    Some(stored) => Err(Broken::new(format!("client {client} sees {event:?}, on disk is {stored:?}"))),
                    None => Err(Broken::new(format!("client {client} sees {event:?}, which is not on disk"))),
                }
            }
            Notice::NotWelcomed
            | Notice::Refused(_)
            | Notice::GapFound { .. }
            | Notice::GapFilled { .. }
            | Notice::Duplicate { .. }
            | Notice::Reset { .. }
            | Notice::Lagged { .. }
            | Notice::Missed { .. }
            | Notice::Entered(_)
            | Notice::Left(_) => Ok(()),
        }
    }

    fn begin(&mut self, client: usize) -> Result<(), Broken> {
        let Some(of) = self.clients.get_mut(client) else { return Ok(()) };
        let Some(device) = self.devices.get_mut(of.device) else { return Ok(()) };
        let wishes = of.restart(self.seed, client, self.now, device);
        self.grant(client, wishes)
    }

    fn reload(&mut self, client: usize) -> Result<(), Broken> {
        // A page does not hear what was said before it was there.
        self.hear()?;
        self.drop_link(client);
        let device = self.clients.get(client).map_or(0, |of| of.device);
        let heir = self.tabs(device).find(|other| *other != client);
        let led = self.devices.get_mut(device).filter(|device| device.leader == Some(client));
        if let Some(device) = led {
            device.leader = heir;
            if let Some(heir) = heir {
                let shared = device.outbox();
                self.give(heir, Input::Lead(shared))?;
            }
        }
        self.begin(client)
    }

    fn tabs(&self, device: usize) -> impl Iterator<Item = usize> + use<> {
        (0..CLIENTS).filter(move |client| SEATS.get(*client).is_some_and(|(_, of)| *of == device))
    }

    fn lead(&mut self, client: usize) -> Result<(), Broken> {
        let seat = self.clients.get(client).map_or(0, |of| of.device);
        let Some(device) = self.devices.get_mut(seat) else { return Ok(()) };
        let before = device.leader.replace(client);
        let shared = device.outbox();
        if let Some(before) = before.filter(|before| *before != client) {
            self.give(before, Input::Follow)?;
            self.give(client, Input::Lead(shared))?;
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self, client: usize) -> Result<(), Broken> {
        if let Some(of) = self.clients.get_mut(client)
            && let Some(device) = self.devices.get_mut(of.device)
        {
            of.flush(device);
        }
        Ok(())
    }

    /// What tabs have told each other arrives.
    fn hear(&mut self) -> Result<(), Broken> {
        for device in 0..self.devices.len() {
            let said = self.devices.get_mut(device).map(|device| std::mem::take(&mut device.channel));
            for (from, shared) in said.unwrap_or_default() {
                for other in self.tabs(device).filter(|other| *other != from) {
                    self.give(other, Input::Shared(shared.clone()))?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally { stories: 1, said: self.said.len() as u64, ..Tally::default() };
        for client in &self.clients {
            let of = client.engine.tally();
            tally.connections += of.connections;
            tally.gaps += of.gaps_found;
            tally.duplicates += of.duplicates;
        }
        tally
    }
}

/// Whether a copy of an event is the one on disk: names change, and the text of a deleted message goes.
pub(crate) fn same(stored: &Event, seen: &Event) -> bool {
    let mut stored = Event { name: seen.name.clone(), ..stored.clone() };
    match (&mut stored.kind, &seen.kind) {
        (EventKind::Message { body, mentions, everyone, .. }, EventKind::Message { body: gone, .. })
            if gone.is_empty() =>
        {
            body.clear();
            mentions.clear();
            *everyone = None;
        }
        (EventKind::Edited { body, .. }, EventKind::Edited { body: gone, .. }) if gone.is_empty() => body.clear(),
        _ => {}
    }
    stored == *seen
}
