//! From a change to everybody who should hear of it: committed, then published, then answered.
//!
//! The writer answers in the order of its commits, and what it answers goes through here onto the bus: first the event,
//! to every shard, then the answer, to whoever asked. Neighbours: shards and HTTP bring changes, the store decides and
//! numbers.
//!
//! Deliberately absent: who follows a room, which each shard knows for itself.

use std::sync::Arc;

use common::id::{Cid, RoomId};
use tokio::sync::oneshot;

use crate::bus::letter::{Answered, ConnId, Letter, Published};
use crate::bus::{Bus, ShardId};
use crate::store::events::Appended;
use crate::store::own::Noted;
use crate::store::{Change, Changed, CommandError, Store, StoreError};

/// Takes changes. Clones share it.
#[derive(Debug, Clone)]
pub struct Publisher {
    store: Store,
    bus: Bus,
}

/// Whom an answer is for, and what it is the answer to.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    shard: ShardId,
    conn: ConnId,
    what: What,
}

impl Publisher {
    /// Changes go into `store`, and the news of them onto `bus`, which the store flushes behind each batch.
    #[must_use]
    pub fn new(store: Store, bus: Bus) -> Self {
        Self { store, bus }
    }

    /// Queues a change of a connection without waiting; its answer comes as a letter.
    ///
    /// # Errors
    /// The change, while the store has no place for it.
    pub fn submit(&self, asker: (ShardId, ConnId), change: Change) -> Result<(), Change> {
        let (bus, asker) = (self.bus.clone(), Asker::new(asker, &change));
        let answer = move |result| answer(&bus, asker, result);
        self.store.try_change(change, answer).map_err(|(change, _)| change)
    }

    /// Carries a change out and waits until it is committed and its news are on the bus.
    ///
    /// # Errors
    /// [`CommandError`]; nothing was changed.
    pub async fn carry_out(&self, change: Change) -> Result<Arc<Published>, CommandError> {
        let (reply, answered) = oneshot::channel();
        let bus = self.bus.clone();
        let answer = move |result: Result<Changed, CommandError>| {
            let published = result.and_then(|changed| publish(&bus, changed).ok_or(StoreError::Failed.into()));
            // Who asked may have gone: what is committed is committed.
            drop(reply.send(published));
        };
        self.store.change(change, answer).await;
        answered.await.map_err(|_closed| StoreError::Closed)?
    }
}

impl Asker {
    /// A connection that asks for a change.
    #[must_use]
    pub fn new((shard, conn): (ShardId, ConnId), change: &Change) -> Self {
        Self { shard, conn, what: What::of(change) }
    }
}

/// What an answer says it is the answer to.
#[derive(Debug, Clone, Copy)]
enum What {
    Command(Cid, Option<RoomId>),
    Own(RoomId),
}

impl What {
    fn of(change: &Change) -> Self {
        match change {
            Change::Command(command) => Self::Command(command.cid, Some(command.room)),
            Change::Create { cid, .. } | Change::Direct { cid, .. } => Self::Command(*cid, None),
            Change::Called { room, .. } => Self::Command(Cid(uuid::Uuid::nil()), Some(*room)),
            Change::Own { room, .. } => Self::Own(*room),
        }
    }
}

/// Publishes what came of a connection's change, and answers it: as letters that are gathered until [`Bus::flush`].
pub fn answer(bus: &Bus, asker: Asker, result: Result<Changed, CommandError>) {
    let letter = match asker.what {
        What::Command(cid, room) => {
            let fresh = matches!(&result, Ok(Changed::Appended(Appended { fresh: true, .. })));
            let result = result.and_then(|changed| publish(bus, changed).ok_or(StoreError::Failed.into()));
            Letter::Answer(asker.conn, Box::new(Answered { cid, room, result: result.map(|event| (event, fresh)) }))
        }
        What::Own(room) => Letter::Noted(asker.conn, room, result.map(|changed| noted(bus, changed))),
    };
    bus.stage(asker.shard, letter);
}

/// Tells every shard of an event, where it is new, and of what it has put into people's own logs.
fn publish(bus: &Bus, changed: Changed) -> Option<Arc<Published>> {
    let Changed::Appended(Appended { event, fresh, noted, entered }) = changed else { return None };
    let published = Arc::new(Published::new(event).with(entered));
    if fresh {
        bus.stage_all(&|| Letter::Event(Arc::clone(&published)));
    }
    for (user, entry) in noted {
        bus.stage_all(&|| Letter::Own(user, Box::new(entry.clone())));
    }
    Some(published)
}

/// Tells every shard of an entry of an own log, where it is new; else gives it back for who asked.
fn noted(bus: &Bus, changed: Changed) -> Option<Box<common::model::UserEvent>> {
    let Changed::Noted(user, Noted { event, fresh }) = changed else { return None };
    if fresh {
        bus.stage_all(&|| Letter::Own(user, Box::new(event.clone())));
        return None;
    }
    Some(Box::new(event))
}
