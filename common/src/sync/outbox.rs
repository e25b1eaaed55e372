//! Commands on their way: everything a person did that the server has not yet confirmed.
//!
//! A command keeps its [`Cid`] from the moment it is made until its event is held, over any number of connections, so
//! that it is carried out once however often it is sent. Deliberately absent: when to send; the engine pumps.

use std::collections::VecDeque;

use crate::client::ClientMsg;
use crate::id::{Cid, RoomId, Seq, Timestamp};
use crate::limits;
use crate::server::Refusal;
use crate::text::{Body, RoomName};

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
    /// When it was made, by the client's clock.
    pub at: Timestamp,
    /// How far it has come.
    pub stage: Stage,
}

impl Pending {
    /// The room it belongs to; a room still to be made has none.
    #[must_use]
    pub fn room(&self) -> Option<RoomId> {
        match &self.what {
            What::Say { room, .. } | What::Join { room } | What::Leave { room } => Some(*room),
            What::Create { .. } => None,
        }
    }

    fn sent_at(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Sent { at } => Some(at),
            Stage::Waiting | Stage::Acked { .. } | Stage::Failed(_) => None,
        }
    }

    fn to_msg(&self) -> ClientMsg {
        let cid = self.cid;
        match &self.what {
            What::Say { room, body } => ClientMsg::Send { cid, room: *room, body: body.as_str().to_owned() },
            What::Create { name } => ClientMsg::Create { cid, name: name.as_str().to_owned() },
            What::Join { room } => ClientMsg::Join { cid, room: *room },
            What::Leave { room } => ClientMsg::Leave { cid, room: *room },
        }
    }
}

/// All commands on their way, in the order they were made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outbox {
    queue: VecDeque<Pending>,
}

impl Outbox {
    /// The commands, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Pending> {
        self.queue.iter()
    }

    /// How many have not been confirmed and not been refused.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.iter().filter(|p| matches!(p.stage, Stage::Waiting | Stage::Sent { .. })).count()
    }

    /// Adds a command.
    pub(super) fn push(&mut self, cid: Cid, what: What, at: Timestamp) {
        self.queue.push_back(Pending { cid, what, at, stage: Stage::Waiting });
    }

    /// The next commands to write, in order, as many as the window allows; they count as sent from now on.
    pub(super) fn pump(&mut self, now: Timestamp) -> Vec<ClientMsg> {
        let in_flight = self.queue.iter().filter(|p| matches!(p.stage, Stage::Sent { .. })).count();
        let free = limits::UNANSWERED.saturating_sub(in_flight);
        let next = self.queue.iter_mut().filter(|p| p.stage == Stage::Waiting).take(free);
        next.map(|pending| {
            pending.stage = Stage::Sent { at: now };
            pending.to_msg()
        })
        .collect()
    }

    /// When the command that has waited longest for an answer was written.
    pub(super) fn oldest_sent(&self) -> Option<Timestamp> {
        self.queue.iter().filter_map(Pending::sent_at).min()
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

    /// The connection is gone: what was sent and not confirmed goes out again on the next one.
    pub(super) fn rewind(&mut self) {
        for pending in &mut self.queue {
            if matches!(pending.stage, Stage::Sent { .. }) {
                pending.stage = Stage::Waiting;
            }
        }
    }

    /// The server confirmed a command. `held` says that its event has already arrived.
    pub(super) fn acked(&mut self, cid: Cid, seq: Seq, held: bool) {
        let shown = |p: &Pending| matches!(p.what, What::Say { .. });
        if held {
            self.queue.retain(|p| p.cid != cid);
            return;
        }
        self.queue.retain(|p| p.cid != cid || shown(p));
        self.stage(cid, Stage::Acked { seq });
    }

    /// The server refused a command.
    pub(super) fn refused(&mut self, cid: Cid, refusal: Refusal) {
        self.stage(cid, Stage::Failed(refusal));
    }

    /// A refused command waits for its turn again.
    pub(super) fn again(&mut self, cid: Cid) {
        self.stage(cid, Stage::Waiting);
    }

    /// The event of a command has arrived, or a person gave a refused command up.
    pub(super) fn settle(&mut self, cid: Cid) {
        self.queue.retain(|p| p.cid != cid);
    }

    /// Commands whose events lie beyond what will be replayed: they are on the server, and a gap stands for them.
    pub(super) fn forget_acked(&mut self, room: RoomId) {
        self.queue.retain(|p| !(p.room() == Some(room) && matches!(p.stage, Stage::Acked { .. })));
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
        }
    }
}
