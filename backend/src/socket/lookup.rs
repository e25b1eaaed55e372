//! What a session wants to know, asked of the rooms and the store.
//!
//! Always in this order: subscribe, then read. An event is then either in what was read or on its way.

use std::sync::Arc;

use common::id::{RoomId, Seq, UserId};
use common::model::{Event, RoomInfo};

use super::Shared;
use crate::room::Subscriber;
use crate::session::{CHUNK, Greeting, Read};
use crate::store::{StoreError, events, people, rooms};

/// Subscribes to all rooms of a person and then reads which they are; a room that was entered in between comes as a
/// note.
pub(super) async fn greet(shared: Arc<Shared>, subscriber: Subscriber) -> Result<Option<Greeting>, StoreError> {
    let user = subscriber.user;
    let before = shared.store.read(move |db| rooms::of(db, user)).await?;
    for room in &before {
        shared.rooms.subscribe(room.id, subscriber.clone()).await?;
    }
    let found = shared.store.read(move |db| Ok((people::find(db, user)?, rooms::of(db, user)?))).await?;
    let (Some(known), mut rooms) = found else { return Ok(None) };
    rooms.retain(|room| before.iter().any(|subscribed| subscribed.id == room.id));
    Ok(Some(Greeting { me: known.person, rooms }))
}

/// Subscribes to a room and then looks at it; `None` for who is no member.
pub(super) async fn open(
    shared: Arc<Shared>,
    room: RoomId,
    subscriber: Subscriber,
) -> Result<Option<RoomInfo>, StoreError> {
    let user = subscriber.user;
    shared.rooms.subscribe(room, subscriber).await?;
    shared.store.read(move |db| rooms::seen_by(db, room, user)).await
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
