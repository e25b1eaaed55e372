//! What a session wants to know, asked of the store.
//!
//! The shard has subscribed before it asks. An event is then either in what is read or on its way.

use common::id::{Seq, UserId};
use common::model::Event;
use rusqlite::Connection;

use super::Means;
use crate::bus::ShardId;
use crate::bus::letter::{ConnId, Found, Letter};
use crate::session::{CHUNK, Greeting, OWN_CHUNK, Read};
use crate::shard::Look;
use crate::store::{StoreError, events, own, rooms, sessions};

/// Starts a look-up, whose answer comes as a letter.
pub(super) fn start(means: &Means, (shard, conn): (ShardId, ConnId), user: UserId, look: Look) {
    let (store, bus) = (means.store.clone(), means.bus.clone());
    means.tasks.spawn(async move {
        let found = store.read(move |db| find(db, user, look)).await.unwrap_or_else(|error| failed(look, error));
        bus.post(shard, Letter::Found(conn, Box::new(found)));
    });
}

/// Looks something up for a connection of a person, in one snapshot.
///
/// # Errors
/// Those of SQLite: [`failed`] says it in a letter.
pub fn find(db: &Connection, user: UserId, look: Look) -> rusqlite::Result<Found> {
    Ok(match look {
        Look::Greeting(sign_in) => {
            let goes_on = sign_in.map_or(Ok(true), |sign_in| sessions::goes_on(db, sign_in))?;
            let arrival = if goes_on { rooms::greeting(db, user)? } else { None };
            Found::Greeting(Ok(arrival.map(welcome)))
        }
        Look::Open(room, feed) => Found::Opened(room, feed, Ok(rooms::seen_by(db, room, user)?)),
        Look::Page(read) => Found::Page(read, Ok(page(db, user, read)?)),
        Look::Own(after) => Found::Own(Ok(own::since(db, user, after, OWN_CHUNK)?)),
    })
}

/// The answer to a look-up that failed.
#[must_use]
pub fn failed(look: Look, error: StoreError) -> Found {
    match look {
        Look::Greeting(_) => Found::Greeting(Err(error)),
        Look::Open(room, feed) => Found::Opened(room, feed, Err(error)),
        Look::Page(read) => Found::Page(read, Err(error)),
        Look::Own(_) => Found::Own(Err(error)),
    }
}

fn welcome(arrival: rooms::Arrival) -> Greeting {
    let rooms::Arrival { known, role, user_seq, rooms } = arrival;
    Greeting { me: known.person, role, user_seq, rooms }
}

/// A page of a log; `None` for who is no member.
fn page(db: &Connection, user: UserId, read: Read) -> rusqlite::Result<Option<Vec<Event>>> {
    let Read { room, after, to, .. } = read;
    let member: Option<Seq> = events::member_since(db, room, user)?;
    member.map(|_since| events::page(db, room, after, to, CHUNK)).transpose()
}
