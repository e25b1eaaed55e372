//! Who is connected: every person's open connections, to leave notes with.
//!
//! A connection is in the list for as long as its [`Presence`] lives. Deliberately absent: rooms; a room knows its own
//! subscribers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use common::id::UserId;

use super::outbox::{Note, Outbox};

/// The list. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct People {
    online: Arc<Mutex<HashMap<UserId, Vec<Arc<Outbox>>>>>,
}

/// A connection's place in the list; dropping it gives the place up and closes the queue.
#[derive(Debug)]
pub struct Presence {
    people: People,
    user: UserId,
    outbox: Arc<Outbox>,
}

impl People {
    /// Puts a connection into the list.
    #[must_use]
    pub fn arrive(&self, user: UserId, outbox: Arc<Outbox>) -> Presence {
        if let Ok(mut online) = self.online.lock() {
            online.entry(user).or_default().push(Arc::clone(&outbox));
        }
        Presence { people: self.clone(), user, outbox }
    }

    /// Leaves a note with every connection of a person.
    pub fn tell(&self, user: UserId, note: &Note) {
        let Ok(online) = self.online.lock() else { return };
        for outbox in online.get(&user).into_iter().flatten() {
            outbox.note(note.clone());
        }
    }

    /// How many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.online.lock().map_or(0, |online| online.values().map(Vec::len).sum())
    }
}

impl Presence {
    /// The connection's queue.
    #[must_use]
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.outbox.close();
        let Ok(mut online) = self.people.online.lock() else { return };
        if let Some(outboxes) = online.get_mut(&self.user) {
            outboxes.retain(|outbox| !Arc::ptr_eq(outbox, &self.outbox));
            if outboxes.is_empty() {
                online.remove(&self.user);
            }
        }
    }
}
