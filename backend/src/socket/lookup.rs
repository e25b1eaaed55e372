//! What a session wants to know, asked of the rooms and the store.
//!
//! Always in this order: subscribe, then read. An event is then either in what was read or on its way.

use std::sync::Arc;

use common::id::{RoomId, Seq, UserId};
use common::model::{Event, RoomInfo, UserEvent};
use common::server::ErrorCode;

use super::Shared;
use crate::bus::outbox::{Note, Outbox};
use crate::room::{CommandError, Subscriber};
use crate::session::{CHUNK, Greeting, OWN_CHUNK, Read};
use crate::store::own::{self, Noted};
use crate::store::{StoreError, events, people, rooms};

/// Subscribes to all rooms of a person and then reads which they are; a room that was entered in between comes as a
/// note.
pub(super) async fn greet(shared: Arc<Shared>, subscriber: Subscriber) -> Result<Option<Greeting>, StoreError> {
    let user = subscriber.person.id;
    let before = shared.store.read(move |db| rooms::of(db, user)).await?;
    for room in &before {
        shared.rooms.subscribe(room.id, subscriber.clone()).await?;
    }
    let found = shared.store.read(move |db| {
        let Some(known) = people::find(db, user)? else { return Ok(None) };
        Ok(Some((known.person, own::head(db, user)?, rooms::of(db, user)?)))
    });
    let Some((me, user_seq, mut rooms)) = found.await? else { return Ok(None) };
    rooms.retain(|room| before.iter().any(|subscribed| subscribed.id == room.id));
    for left in before.iter().filter(|before| !rooms.iter().any(|room| room.id == before.id)) {
        shared.rooms.depart(left.id, subscriber.session).await;
    }
    Ok(Some(Greeting { me, user_seq, rooms }))
}

/// Subscribes to a room and then looks at it; `None` for who is no member.
pub(super) async fn open(
    shared: Arc<Shared>,
    room: RoomId,
    subscriber: Subscriber,
) -> Result<Option<RoomInfo>, StoreError> {
    let user = subscriber.person.id;
    shared.rooms.subscribe(room, subscriber).await?;
    shared.store.read(move |db| rooms::seen_by(db, room, user)).await
}

/// Reads a page of a person's own log.
pub(super) async fn own(shared: Arc<Shared>, user: UserId, after: u64) -> Result<Vec<UserEvent>, StoreError> {
    shared.store.read(move |db| own::since(db, user, after, OWN_CHUNK)).await
}

/// Changes a person's own log. The entry is left with all their connections in the order of the commits; one that is no
/// news, with the one that asked.
pub(super) async fn note(
    shared: &Shared,
    (user, room): (UserId, RoomId),
    change: own::Change,
    outbox: Arc<Outbox>,
) -> impl Future<Output = Result<(), CommandError>> + Send + 'static {
    let people = shared.people.clone();
    let tell = move |noted: &Result<Noted, ErrorCode>| match noted {
        Ok(Noted { event, fresh: true }) => people.tell(user, &Note::Own(event.clone())),
        Ok(Noted { event, fresh: false }) => outbox.note(Note::Own(event.clone())),
        Err(_refused) => {}
    };
    let queued = shared.store.note((user, room), change, tell).await;
    async move {
        let noted = queued?.await.unwrap_or(Err(StoreError::Closed))?;
        noted.map(|_told| ()).map_err(CommandError::Refused)
    }
}

/// Reads a page of a log; `None` for who is no member in that same snapshot.
pub(super) async fn page(shared: Arc<Shared>, user: UserId, read: Read) -> Result<Option<Vec<Event>>, StoreError> {
    let Read { room, after, to, .. } = read;
    let query = move |db: &rusqlite::Connection| {
        let member: Option<Seq> = events::member_since(db, room, user)?;
        member.map(|_since| events::page(db, room, after, to, CHUNK)).transpose()
    };
    shared.store.read(query).await
}
