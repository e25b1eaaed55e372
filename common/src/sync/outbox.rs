//! Commands on their way: everything a person did that the server has not yet confirmed.
//!
//! A command keeps its [`Cid`] from the moment it is made until its event is held, over any number of connections, so
//! that it is carried out once however often it is sent. Deliberately absent: when to send; the engine pumps.

use std::collections::VecDeque;

use crate::client::ClientMsg;
use crate::id::{Cid, RoomId, Seq, Timestamp};
use crate::limits;
use crate::server::{ErrorCode, Refusal};
use crate::text::{Body, Emoji, RoomName};

/// Milliseconds after which a command that came out of order is sent again, where the server names no time.
const OUT_OF_ORDER_MS: u64 = 250;

/// Commands that are remembered after they were done with: more than anybody writes while a word passes between two
/// clients on one device.
const DONE: usize = 256;

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Say something in a room.
    Say {
        /// Where.
        room: RoomId,
        /// What.
        body: Body,
    },
    /// Give a message of one's own another text.
    Edit {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// The new text.
        body: Body,
    },
    /// Delete a message of one's own.
    Delete {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
    },
    /// Put an emoji under a message, or take it back.
    React {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// The emoji.
        emoji: Emoji,
        /// Whether to put it there.
        on: bool,
    },
    /// Pin a message, or take the pin off.
    Pin {
        /// Where.
        room: RoomId,
        /// The message.
        target: Seq,
        /// Whether to pin it.
        on: bool,
    },
    /// Make a public room.
    Create {
        /// Its name.
        name: RoomName,
    },
    /// Join a public room.
    Join {
        /// Which.
        room: RoomId,
    },
    /// Leave a room.
    Leave {
        /// Which.
        room: RoomId,
    },
}

/// How far a command has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It waits for a connection, or for its turn.
    Waiting,
    /// It was written to the present connection.
    Sent {
        /// When, by the client's clock.
        at: Timestamp,
    },
    /// The server has it on disk; its event is still to come.
    Acked {
        /// The event that it became.
        seq: Seq,
    },
    /// The server refused it. It stays until a person retries or discards it.
    Failed(Refusal),
}

/// A command on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its id, for ever.
    pub cid: Cid,
    /// What it asks for.
    pub what: What,
    /// When it was made, by the client's clock; no two commands of a client have the same.
    pub at: Timestamp,
    /// How far it has come.
    pub stage: Stage,
    /// How often a person asked for it again after it was refused: which of two clients on one device is right about it.
    pub retries: u32,
    /// Why the server could not carry it out yet. It goes out again by itself.
    pub trouble: Option<Refusal>,
}

impl Pending {
    /// The room it belongs to; a room still to be made has none.
    #[must_use]
    pub const fn room(&self) -> Option<RoomId> {
        match &self.what {
            What::Say { room, .. }
            | What::Edit { room, .. }
            | What::Delete { room, .. }
            | What::React { room, .. }
            | What::Pin { room, .. }
            | What::Join { room }
            | What::Leave { room } => Some(*room),
            What::Create { .. } => None,
        }
    }

    /// The message that it changes.
    #[must_use]
    pub const fn target(&self) -> Option<Seq> {
        match &self.what {
            What::Edit { target, .. }
            | What::Delete { target, .. }
            | What::React { target, .. }
            | What::Pin { target, .. } => Some(*target),
            What::Say { .. } | What::Create { .. } | What::Join { .. } | What::Leave { .. } => None,
        }
    }

    /// Whether it still wants an answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Sent { .. })
    }

    const fn says_in(&self) -> Option<RoomId> {
        match &self.what {
            What::Say { room, .. } => Some(*room),
            What::Edit { .. }
            | What::Delete { .. }
            | What::React { .. }
            | What::Pin { .. }
            | What::Create { .. }
            | What::Join { .. }
            | What::Leave { .. } => None,
        }
    }

    fn sent_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Sent { at } => Some(at),
            Stage::Waiting | Stage::Acked { .. } | Stage::Failed(_) => None,
        }
    }

    fn to_msg(&self, after: Option<Cid>) -> ClientMsg {
        let cid = self.cid;
        match self.what.clone() {
            What::Say { room, body } => ClientMsg::Send { cid, room, body: body.into(), after },
            What::Edit { room, target, body } => ClientMsg::Edit { cid, room, target, body: body.into() },
            What::Delete { room, target } => ClientMsg::Delete { cid, room, target },
            What::React { room, target, emoji, on: true } => {
                ClientMsg::React { cid, room, target, emoji: emoji.into() }
            }
            What::React { room, target, emoji, on: false } => {
                ClientMsg::Unreact { cid, room, target, emoji: emoji.into() }
            }
            What::Pin { room, target, on: true } => ClientMsg::Pin { cid, room, target },
            What::Pin { room, target, on: false } => ClientMsg::Unpin { cid, room, target },
            What::Create { name } => ClientMsg::Create { cid, name: name.into() },
            What::Join { room } => ClientMsg::Join { cid, room },
            What::Leave { room } => ClientMsg::Leave { cid, room },
        }
    }
}

/// All commands on their way, in the order they were made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outbox {
    queue: VecDeque<Pending>,
    /// Nothing is sent before: the server asked for patience.
    hold: Option<Timestamp>,
    /// The message that was sent last to each room: what another client wrote earlier may be sent later.
    last: Vec<(RoomId, Cid)>,
    /// The last [`DONE`] commands that were done with: another client's word of them may come late.
    done: VecDeque<Cid>,
}

impl Outbox {
    /// The commands, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Pending> {
        self.queue.iter()
    }

    /// How many have not been confirmed and not been refused.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.iter().filter(|p| p.is_open()).count()
    }

    /// One of the commands.
    #[must_use]
    pub fn get(&self, cid: Cid) -> Option<&Pending> {
        self.queue.iter().find(|p| p.cid == cid)
    }

    /// Adds a command that was made now, and shows how it stands.
    pub(super) fn push(&mut self, cid: Cid, what: What, now: Timestamp) -> Pending {
        let last = self.queue.back().map(|p| p.at.plus(1));
        let pending = Pending {
            cid,
            what,
            at: last.map_or(now, |last| last.max(now)),
            stage: Stage::Waiting,
            retries: 0,
            trouble: None,
        };
        self.queue.push_back(pending.clone());
        pending
    }

    /// Takes a command over that was made elsewhere or earlier. One that is known stays as it is here, unless it was
    /// refused there, or a person has asked for it again. Returns whether there is anything left to do: what was done with
    /// here is no longer to be kept anywhere.
    pub(super) fn adopt(&mut self, pending: Pending) -> bool {
        if self.done.contains(&pending.cid) {
            return false;
        }
        let stage = match pending.stage {
            Stage::Failed(refusal) => Stage::Failed(refusal),
            Stage::Waiting | Stage::Sent { .. } | Stage::Acked { .. } => Stage::Waiting,
        };
        let refused = matches!(stage, Stage::Failed(_));
        match self.queue.iter_mut().find(|p| p.cid == pending.cid) {
            Some(known) if pending.retries > known.retries || (refused && pending.retries == known.retries) => {
                known.stage = stage;
                known.retries = pending.retries;
            }
            Some(_) => {}
            None => {
                let at = self.queue.partition_point(|p| (p.at, p.cid.0) < (pending.at, pending.cid.0));
                self.queue.insert(at, Pending { stage, ..pending });
            }
        }
        true
    }

    /// The next commands to write, in order, as many as the window allows; they count as sent from now on.
    pub(super) fn pump(&mut self, now: Timestamp) -> Vec<ClientMsg> {
        if self.hold.is_some_and(|hold| hold > now) {
            return Vec::new();
        }
        self.hold = None;
        let in_flight = self.queue.iter().filter(|p| matches!(p.stage, Stage::Sent { .. })).count();
        let mut free = limits::UNANSWERED.saturating_sub(in_flight);
        let unanswered = |cid: &Cid| self.queue.iter().any(|p| p.cid == *cid && p.sent_at().is_some());
        let mut last: Vec<(RoomId, Cid)> = self.last.iter().filter(|(_, cid)| unanswered(cid)).copied().collect();
        let mut msgs = Vec::new();
        for pending in self.queue.iter_mut().filter(|p| p.stage == Stage::Waiting) {
            if free == 0 {
                break;
            }
            free -= 1;
            pending.stage = Stage::Sent { at: now };
            let Some(room) = pending.says_in() else {
                msgs.push(pending.to_msg(None));
                continue;
            };
            let before = last.iter().position(|(of, _)| *of == room).map(|at| last.swap_remove(at).1);
            msgs.push(pending.to_msg(before));
            last.push((room, pending.cid));
        }
        self.last = last;
        msgs
    }

    /// When the command that has waited longest for an answer was written.
    pub(super) fn oldest_sent(&self) -> Option<Timestamp> {
        self.queue.iter().filter_map(Pending::sent_at).min()
    }

    /// Until when nothing is sent although something waits.
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        self.hold.filter(|_| self.queue.iter().any(|p| p.stage == Stage::Waiting))
    }

    /// Commands that were written at `before` or earlier and never answered wait for their turn again. A repeat does
    /// no harm: it gets the first answer.
    pub(super) fn repeat(&mut self, before: Timestamp) {
        for pending in &mut self.queue {
            if pending.sent_at().is_some_and(|at| at <= before) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    /// The connection is gone, or another client sends from now on: what was sent and not confirmed goes out again.
    pub(super) fn rewind(&mut self) {
        self.hold = None;
        for pending in &mut self.queue {
            if matches!(pending.stage, Stage::Sent { .. }) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    /// The server confirmed a command. `held` says that its event has already arrived. Returns whether it is done with.
    pub(super) fn acked(&mut self, cid: Cid, seq: Seq, held: bool) -> bool {
        let shown = self
            .get(cid)
            .is_some_and(|p| !matches!(p.what, What::Create { .. } | What::Join { .. } | What::Leave { .. }));
        if held || !shown {
            return self.settle(cid);
        }
        self.stage(cid, Stage::Acked { seq });
        false
    }

    /// The server refused a command. It goes out again by itself where that may help; else it waits for a person.
    pub(super) fn refused(&mut self, cid: Cid, refusal: Refusal, now: Timestamp) {
        let wait = match (refusal.code, refusal.retry_ms) {
            (ErrorCode::OutOfOrder, ms) => Some(ms.unwrap_or_default().max(OUT_OF_ORDER_MS)),
            (_, ms) => ms,
        };
        let Some(pending) = self.queue.iter_mut().find(|p| p.cid == cid) else { return };
        let Some(wait) = wait else {
            pending.stage = Stage::Failed(refusal);
            return;
        };
        pending.stage = Stage::Waiting;
        if refusal.code != ErrorCode::OutOfOrder {
            pending.trouble = Some(refusal);
        }
        let hold = now.plus(wait);
        self.hold = Some(self.hold.map_or(hold, |held| held.max(hold)));
    }

    /// A refused command waits for its turn again.
    pub(super) fn again(&mut self, cid: Cid) {
        self.stage(cid, Stage::Waiting);
        self.queue.iter_mut().filter(|p| p.cid == cid).for_each(|p| p.retries += 1);
    }

    /// A command is done with: its event has arrived or will not come, or a person gave it up. Every command that leaves
    /// leaves here, so that no late word of another client's brings it back. Returns whether it was here.
    pub(super) fn settle(&mut self, cid: Cid) -> bool {
        if !self.done.contains(&cid) {
            self.done.truncate(DONE - 1);
            self.done.push_front(cid);
        }
        let before = self.queue.len();
        self.queue.retain(|p| p.cid != cid);
        self.queue.len() < before
    }

    /// Commands of a room that are on the server, and whose events `gone` says will not come by themselves: a gap, or
    /// the page before the oldest one held, stands for them. Returns which they were.
    pub(super) fn forget_acked(&mut self, room: RoomId, gone: impl Fn(Seq) -> bool) -> Vec<Cid> {
        let acked = |p: &&Pending| matches!(p.stage, Stage::Acked { seq } if p.room() == Some(room) && gone(seq));
        let forgotten: Vec<Cid> = self.queue.iter().filter(acked).map(|p| p.cid).collect();
        for cid in &forgotten {
            self.settle(*cid);
        }
        forgotten
    }

    /// Another database: what was confirmed there is not known to be here.
    pub(super) fn unconfirm(&mut self) {
        for pending in &mut self.queue {
            if matches!(pending.stage, Stage::Acked { .. }) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    fn stage(&mut self, cid: Cid, stage: Stage) {
        if let Some(pending) = self.queue.iter_mut().find(|p| p.cid == cid) {
            pending.stage = stage;
            pending.trouble = None;
        }
    }
}
