//! What the desk makes of what the engine says: what to remember, who it is, where it is in.
//!
//! Neighbours: [`super::Desk`] calls this.

use std::collections::VecDeque;

use common::close;
use common::id::{Cid, RoomId, Seq, Timestamp};
use common::model::RoomKind;
use common::server::Refusal;
use common::sync::keep::Keep;
use common::sync::outbox::{Pending, Stage};
use common::sync::{Command, Effect, Input, Notice, Phase, What};

use super::{Desk, Dirty, HELD, is_called};
use crate::bot::journal::{Me, Sent};

impl Desk {
    pub(super) fn carry_out(&mut self, now: Timestamp, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Keep(keep) => self.keep(keep),
                Effect::Notice(notice) => {
                    if let Some(command) = self.notice(notice) {
                        effects.extend(self.engine.handle(now, Input::Do(command)));
                    }
                }
                Effect::Open | Effect::Send(_) | Effect::Close { .. } => self.wire.push(effect),
            }
        }
    }

    /// What is said outlasts the bot. The engine's rooms and events do not: the server has them.
    fn keep(&mut self, keep: Keep) {
        match keep {
            Keep::Pending(pending) => {
                if let Some(sent) = sent(*pending) {
                    match self.journal.sent.iter_mut().find(|known| known.cid == sent.cid) {
                        Some(known) => *known = sent,
                        None => self.journal.sent.push(sent),
                    }
                    self.soil(Dirty::Now);
                }
            }
            // Sent again it would get the same answer.
            Keep::NoPending(cid) => {
                self.journal.sent.retain(|sent| sent.cid != cid);
                self.soil(Dirty::Later);
            }
            Keep::Me(_)
            | Keep::Room(_)
            | Keep::NoRoom(_)
            | Keep::Event(_)
            | Keep::NoEvents(_)
            | Keep::Draft(_)
            | Keep::Wishes(_)
            | Keep::Nothing => {}
        }
    }

    fn notice(&mut self, notice: Notice) -> Option<Command> {
        match notice {
            Notice::Refused(refusal) => return self.refused(&refusal),
            Notice::Entered(room) => self.follow(room),
            Notice::Left(room) => self.left(room),
            Notice::Reset { room, seq } => self.reset(room, seq),
            Notice::Event(event) if !self.followed.contains(&event.room) => {
                if event.seq.0.is_multiple_of(HELD) {
                    self.engine.forget_before(event.room, event.seq);
                }
            }
            Notice::NotWelcomed
            | Notice::Acked { .. }
            | Notice::Event(_)
            | Notice::GapFound { .. }
            | Notice::GapFilled { .. }
            | Notice::Duplicate { .. }
            | Notice::Lagged { .. }
            | Notice::Missed { .. } => {}
        }
        None
    }

    /// What goes out again by itself is not told; what will not is given up.
    fn refused(&mut self, refusal: &Refusal) -> Option<Command> {
        let cid = refusal.cid?;
        let failed = matches!(self.engine.outbox().get(cid)?.stage, Stage::Failed(_));
        if !failed {
            return None;
        }
        let why = &refusal.message;
        match self.joining.iter().find(|(join, _)| *join == cid) {
            Some((_, name)) => {
                let why = format!("room '{name}' cannot be joined: {why}");
                self.fail(why);
            }
            None => self.note(format!("the server refuses what the program has said: {why}")),
        }
        Some(Command::Discard(cid))
    }

    /// The engine knows who it is, and its rooms.
    pub(super) fn welcomed(&mut self) {
        let (Some(epoch), Some(person)) = (self.engine.epoch().cloned(), self.engine.me().cloned()) else { return };
        if let Some(known) = &self.journal.me {
            if known.person.id != person.id {
                let why = format!("the journal is of {}, and the token of {}", known.person.name, person.name);
                return self.fail(why);
            }
            if known.epoch != epoch {
                self.note("the server has another database: what is said from now on is given".to_owned());
                self.journal.given.clear();
                self.fresh = true;
            }
        }
        let me = Me { epoch, person };
        if self.journal.me.as_ref() != Some(&me) {
            self.journal.me = Some(me);
            self.soil(Dirty::Now);
        }
        let rooms = self.engine.rooms();
        self.journal.given.retain(|room, _| rooms.get(room).is_some());
        self.followed.retain(|room| rooms.get(room).is_some());
        let ids: Vec<RoomId> = rooms.keys().copied().collect();
        ids.into_iter().for_each(|room| self.follow(room));
        self.fresh = false;
        let missing: Vec<String> = self.wanted.iter().filter(|name| self.find(name).is_none()).cloned().collect();
        if !self.looked {
            self.looked = true;
            self.missing = missing;
        } else if self.followed.is_empty() {
            // Where somebody has put it out of a room, it does not come in again by itself.
            self.fail("the bot is in no room any more".to_owned());
        }
    }

    /// Follows a room that was asked for, or a conversation. What was said before is not for the program, but for
    /// conversations that have begun while it was away.
    fn follow(&mut self, id: RoomId) {
        let Some(room) = self.engine.rooms().get(&id) else { return };
        let direct = room.info.kind == RoomKind::Direct;
        if !direct && !self.wanted.iter().any(|name| is_called(&room.info, name)) {
            return;
        }
        self.followed.insert(id);
        if !self.journal.given.contains_key(&id) {
            let from = if direct && !self.fresh { Seq::ZERO } else { room.head };
            self.journal.given.insert(id, from);
            self.soil(Dirty::Now);
        }
    }

    fn left(&mut self, room: RoomId) {
        self.journal.given.remove(&room);
        if self.followed.remove(&room) {
            self.soil(Dirty::Now);
            self.note(format!("the bot is no longer in the room {room}"));
            if self.followed.is_empty() {
                self.fail("the bot is in no room any more".to_owned());
            }
        }
    }

    /// The server's log ends before what was given: a backup was restored.
    fn reset(&mut self, room: RoomId, seq: Seq) {
        if let Some(given) = self.journal.given.get_mut(&room).filter(|given| **given > seq) {
            *given = seq;
            self.soil(Dirty::Now);
            self.note(format!("the room {room} has lost messages at the server: what is said from now on is given"));
        }
    }

    /// A room that was missing has been found, or there is none of this name that may be seen.
    pub fn found(&mut self, now: Timestamp, name: &str, room: Option<RoomId>) {
        let Some(room) = room else {
            return self.fail(format!("there is no room '{name}' that the bot may read"));
        };
        let known: Vec<Cid> = self.engine.outbox().iter().map(|pending| pending.cid).collect();
        self.handle(now, Input::Do(Command::Ask(What::Join { room })));
        let join = self.engine.outbox().iter().map(|pending| pending.cid).find(|cid| !known.contains(cid));
        self.joining.extend(join.map(|cid| (cid, name.to_owned())));
    }

    /// The connection may have ended for good.
    pub(super) fn ended(&mut self) {
        if !matches!(self.engine.phase(), Phase::Stopped) {
            return;
        }
        let Some(closed) = self.engine.last_closed() else { return };
        let (code, reason) = (closed.code, &closed.reason);
        let why = match code {
            // It is this side that has ended it.
            code if code == close::NORMAL || close::comes_back(code) => return,
            close::SESSION_ENDED => "the server no longer accepts the token: its session has ended".to_owned(),
            close::KICKED => "the bot was removed from the server".to_owned(),
            close::TOO_MANY_PLACES => "the bot runs in too many places".to_owned(),
            _ => format!("the server closed the connection for good: {code} {reason}"),
        };
        self.fail(why);
    }
}

fn sent(pending: Pending) -> Option<Sent> {
    let Pending { cid, what, after, at, .. } = pending;
    let What::Say { room, body, reply_to } = what else { return None };
    Some(Sent { cid, room, text: body, reply_to, after, at })
}
