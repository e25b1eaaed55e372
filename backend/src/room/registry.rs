//! Finds a room's actor or starts one, and lets idle ones go.
//!
//! Whoever asks something of a room holds a clone of its queue's sender while they ask, and clones are made only under
//! the lock. A room therefore retires under the lock, and only where nobody holds a clone and nothing waits: nothing is
//! ever put into the queue of a room that ends, and no room has two actors.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::id::{Cid, RoomId, UserId};
use common::model::Person;
use common::text::RoomName;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::core::Core;
use super::{Actor, Answer, Ask, CommandError, QUEUE, SessionId, Subscriber};
use crate::bus::outbox::Note;
use crate::bus::people::People;
use crate::store::events::{Appended, Command};
use crate::store::{Store, StoreError, rooms};
use crate::tasks::Tasks;

type Map = Arc<Mutex<HashMap<RoomId, mpsc::Sender<Ask>>>>;

/// All rooms of this node. Clones share them.
#[derive(Debug, Clone)]
pub struct Rooms {
    active: Map,
    store: Store,
    people: People,
    tasks: Tasks,
    idle_after: Duration,
    grace: Duration,
}

/// An actor's way out.
#[derive(Debug)]
pub(super) struct Retire(Map);

impl Rooms {
    /// No room is active. Actors run as `tasks`, and end once nobody has used them for `idle_after`. Whose connection has
    /// ended counts as here for `grace` more.
    #[must_use]
    pub fn new(store: Store, people: People, tasks: Tasks, (idle_after, grace): (Duration, Duration)) -> Self {
        Self { active: Map::default(), store, people, tasks, idle_after, grace }
    }

    /// Hands a command to its room, in the order of the calls; waits while the room's queue is full. The answer comes
    /// after the commit.
    ///
    /// # Errors
    /// [`StoreError::Closed`] while the server stops.
    pub async fn submit(&self, command: Command) -> Result<Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let room = self.get(command.room)?;
        room.send(Ask::Command(command, reply)).await.map_err(|_ended| StoreError::Closed)?;
        Ok(answer)
    }

    /// Makes a room, and tells its maker's connections.
    ///
    /// # Errors
    /// [`CommandError`]; nothing was changed.
    pub async fn create(&self, by: UserId, cid: Cid, name: RoomName) -> Result<Appended, CommandError> {
        let verdict = self.store.write(move |db, now| rooms::create(db, by, cid, &name, now)).await?;
        let created = verdict.map_err(CommandError::Refused)?;
        if created.fresh {
            self.people.tell(by, &Note::Entered(created.event.room, created.event.seq));
        }
        Ok(created)
    }

    /// Subscribes a connection. Once this returns, every event that a read of the log does not find will be offered.
    ///
    /// # Errors
    /// [`StoreError::Closed`] while the server stops.
    pub async fn subscribe(&self, room: RoomId, subscriber: Subscriber) -> Result<(), StoreError> {
        let (reply, subscribed) = oneshot::channel();
        let room = self.get(room)?;
        room.send(Ask::Subscribe(subscriber, reply)).await.map_err(|_ended| StoreError::Closed)?;
        subscribed.await.map_err(|_ended| StoreError::Closed)
    }

    /// Tells a room that a connection has ended. Of no interest to one that has no actor.
    pub async fn depart(&self, room: RoomId, session: SessionId) {
        if let Some(room) = self.active_room(room) {
            // A room that has ended need not know.
            drop(room.send(Ask::Depart(session)).await);
        }
    }

    /// Tells a room that somebody is writing. Never waits: a room that is too busy to hear it does not.
    pub fn typing(&self, room: RoomId, person: Person) {
        if let Some(room) = self.active_room(room) {
            drop(room.try_send(Ask::Typing(person)));
        }
    }

    /// How many rooms have an actor.
    #[must_use]
    pub fn active(&self) -> usize {
        self.active.lock().map_or(0, |active| active.len())
    }

    /// Ends every room once what it has in its queue is done.
    pub fn close(&self) {
        self.tasks.stop();
        if let Ok(mut active) = self.active.lock() {
            active.clear();
        }
    }

    fn active_room(&self, id: RoomId) -> Option<mpsc::Sender<Ask>> {
        self.active.lock().ok()?.get(&id).cloned()
    }

    fn get(&self, id: RoomId) -> Result<mpsc::Sender<Ask>, StoreError> {
        let mut active = self.active.lock().map_err(|_poisoned| StoreError::Closed)?;
        if let Some(room) = active.get(&id) {
            return Ok(room.clone());
        }
        if self.tasks.is_stopping() {
            return Err(StoreError::Closed);
        }
        let (room, asks) = mpsc::channel(QUEUE);
        let actor = Actor {
            id,
            asks,
            store: self.store.clone(),
            people: self.people.clone(),
            core: Core::new(id, u64::try_from(self.grace.as_millis()).unwrap_or(u64::MAX)),
            began: Instant::now(),
            retire: Retire(Arc::clone(&self.active)),
            idle_after: self.idle_after,
        };
        self.tasks.spawn(actor.run());
        active.insert(id, room.clone());
        Ok(room)
    }
}

impl Retire {
    /// Takes a room out of the list if nobody is about to ask it something.
    pub(super) fn try_retire(&self, id: RoomId, asks: &mpsc::Receiver<Ask>) -> bool {
        let Ok(mut active) = self.0.lock() else { return false };
        let unused = asks.is_empty() && asks.sender_strong_count() <= 1;
        if unused {
            active.remove(&id);
        }
        unused
    }
}
