//! What a person does: commands, and what all their devices agree on.
//!
//! Neighbours: [`super::Step`] calls this; the commands wait in [`crate::sync::outbox`], the rest in
//! [`crate::sync::own`].

use super::{PATIENCE_MS, Step};
use crate::client::ClientMsg;
use crate::id::{Cid, RoomId};
use crate::limits;
use crate::model::Level;
use crate::sync::keep::Keep;
use crate::sync::own::Matter;
use crate::sync::{Command, Phase, What};
use crate::text::Draft;

impl Step<'_> {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Ask(what) => self.ask_for(what),
            Command::Retry(cid) => {
                self.engine.outbox.again(cid);
                self.keep_pending(cid);
            }
            Command::Discard(cid) => self.settle(cid),
            Command::LoadOlder { room } => self.load_older(room),
            Command::FillGap { room, upto } => self.fill_gap(room, upto),
            Command::LoadNewer { room, after } => self.load_newer(room, after),
            Command::Read { room, n } => self.read(room, n),
            Command::Draft { room, text } => self.draft(room, text),
            Command::Mute { room, muted } => self.mute(room, muted),
            Command::Notify { room, level } => self.notify(room, level),
            Command::Unread { room, n } => self.unread(room, n),
            Command::LoadAround { room, seq } => self.load_around(room, seq),
            Command::Typing { room } => self.typing(room),
        }
        self.pump();
    }

    fn ask_for(&mut self, what: What) {
        if matches!(what, What::Say { .. }) {
            self.engine.own.said();
        }
        let cid = Cid::new(self.now, &mut self.engine.rng);
        let pending = self.engine.outbox.push(cid, what, self.now);
        self.keep(Keep::Pending(Box::new(pending)));
    }

    /// A command is done with.
    pub(super) fn settle(&mut self, cid: Cid) {
        if self.engine.outbox.settle(cid) {
            self.keep(Keep::NoPending(cid));
        }
    }

    pub(super) fn keep_pending(&mut self, cid: Cid) {
        if let Some(pending) = self.engine.outbox.get(cid).cloned() {
            self.keep(Keep::Pending(Box::new(pending)));
        }
    }

    fn read(&mut self, id: RoomId, n: u64) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let n = n.min(room.info.n);
        if n <= room.info.read_n {
            return;
        }
        room.info.read_n = n;
        if let Some(me) = &self.engine.me {
            room.read_on(me.id);
        }
        if n == room.info.n {
            room.info.mentions = 0;
        }
        self.wish(id, Matter::Read);
    }

    /// What has just been changed here counts here; the server is to have it too.
    fn wish(&mut self, id: RoomId, matter: Matter) {
        self.engine.own.wish(id, matter, self.now);
        self.keep_room(id);
        self.keep_wishes(id);
        self.send_wishes();
    }

    fn draft(&mut self, room: RoomId, text: String) {
        if self.engine.own.draft(room) == text {
            return;
        }
        // What is too long to be sent is kept here all the same.
        let sendable = Draft::new(&text).is_ok();
        self.engine.own.set_draft(room, text);
        if sendable {
            self.engine.own.wish(room, Matter::Draft, self.now);
        }
        self.keep_draft(room);
        self.send_wishes();
    }

    fn mute(&mut self, id: RoomId, muted: bool) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if room.info.muted != muted {
            room.info.muted = muted;
            self.wish(id, Matter::Muted);
        }
    }

    fn notify(&mut self, id: RoomId, level: Level) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        if room.info.notify != level {
            room.info.notify = level;
            self.wish(id, Matter::Notify);
        }
    }

    /// It counts here at once, also where nobody is there to hear it. How many of them mention the person is the server's
    /// number, and stays what it was until the answer.
    fn unread(&mut self, id: RoomId, n: u64) {
        let Some(room) = self.engine.rooms.get_mut(&id) else { return };
        let before = room.info.read_n;
        room.info.read_n = n.saturating_sub(1).min(room.info.n);
        if let Some(me) = &self.engine.me {
            room.read_on(me.id);
        }
        // What was read here before goes out before.
        let ready = matches!(self.engine.phase, Phase::Ready { .. });
        if ready && self.engine.own.take_unsent(id, Matter::Read, self.now) && !self.engine.own.goes_back(id) {
            self.send(ClientMsg::Read { room: id, n: before });
        }
        self.engine.own.wish_back(id, self.now);
        self.keep_room(id);
        self.keep_wishes(id);
        self.send_wishes();
    }

    fn typing(&mut self, room: RoomId) {
        let ready = matches!(self.engine.phase, Phase::Ready { .. });
        if ready && self.engine.own.may_say_typing(room, self.now, limits::TYPING_EVERY_MS) {
            self.send(ClientMsg::Typing { room });
        }
    }

    /// Sends what this device changed and the server has not confirmed, as far as it is time.
    pub(super) fn send_wishes(&mut self) {
        if !matches!(self.engine.phase, Phase::Ready { .. }) {
            return;
        }
        for (room, matter) in self.engine.own.take_due(self.now, PATIENCE_MS) {
            let info = self.engine.rooms.get(&room).map(|room| &room.info);
            let msg = match (matter, info) {
                (Matter::Draft, _) => ClientMsg::Draft { room, text: self.engine.own.draft(room).to_owned() },
                (Matter::Read, Some(info)) if self.engine.own.goes_back(room) => {
                    ClientMsg::Unread { room, n: info.read_n.saturating_add(1) }
                }
                (Matter::Read, Some(info)) => ClientMsg::Read { room, n: info.read_n },
                (Matter::Muted, Some(info)) => ClientMsg::Mute { room, muted: info.muted },
                (Matter::Notify, Some(info)) => ClientMsg::Notify { room, level: info.notify },
                (Matter::Read | Matter::Muted | Matter::Notify, None) => {
                    self.engine.own.fulfil(room, matter);
                    continue;
                }
            };
            self.send(msg);
        }
    }
}
