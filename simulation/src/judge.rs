//! What must hold at the end of a story, whatever happened in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::id::{Cid, RoomId, Seq};
use common::model::{Event, EventKind, RoomInfo, UserEventKind};
use common::sync::log::Item;
use readyroom::store::{own, rooms};

use crate::client::Client;
use crate::template::{self, PEOPLE};
use crate::world::{World, same};
use crate::{Broken, ensure};

/// Checks a world that has come to rest.
pub(crate) fn check(world: &World) -> Result<(), Broken> {
    for room in template::ROOMS {
        let history = template::history(&world.server.db, room)?;
        gapless(room, &history)?;
        for (at, client) in world.clients.iter().enumerate() {
            same_timeline(at, client, room, &history)?;
        }
        said_once_and_in_order(world, room, &history)?;
        changed_in_order(world, room, &history)?;
        acknowledged(world, room, &history)?;
    }
    let mut others = Vec::new();
    for (at, client) in world.clients.iter().enumerate() {
        for info in rooms::of(&world.server.db, world.user(at))? {
            if !template::ROOMS.contains(&info.id) {
                let history = template::history(&world.server.db, info.id)?;
                same_timeline(at, client, info.id, &history)?;
                others.push((info.id, history));
            }
        }
        knows_nothing_else(world, at, client)?;
    }
    for (room, history) in others {
        gapless(room, &history)?;
        acknowledged(world, room, &history)?;
    }
    for (at, client) in world.clients.iter().enumerate() {
        agrees_on_what_is_read(world, at, client)?;
        agrees_on_drafts(world, at, client)?;
        keeps_its_word(world, at, client)?;
        sees_everybody(at, client)?;
    }
    Ok(())
}

fn gapless(room: RoomId, history: &[Event]) -> Result<(), Broken> {
    let counted = (1..).zip(history).all(|(seq, event)| event.seq == Seq(seq));
    ensure(counted, || format!("the log of {room} has a hole"))?;
    let cids: Vec<_> = history.iter().filter_map(|event| event.cid.map(|cid| (event.by, cid))).collect();
    let unique = cids.iter().collect::<std::collections::HashSet<_>>().len();
    ensure(unique == cids.len(), || format!("a command is twice in {room}"))
}

/// What a client shows is the end of the server's log, without a hole.
fn same_timeline(at: usize, client: &Client, room: RoomId, history: &[Event]) -> Result<(), Broken> {
    let held = client.engine.rooms().get(&room);
    let items = held.map(|held| held.log.items()).unwrap_or_default();
    let mut seen: Vec<Arc<Event>> = Vec::new();
    for item in items {
        match item {
            Item::Event(event) => seen.push(event),
            Item::Gap(gap) => return Err(Broken::new(format!("client {at} is left with the gap {gap:?} in {room}"))),
        }
    }
    let tail = history.len().checked_sub(seen.len()).and_then(|from| history.get(from..)).unwrap_or_default();
    ensure(!seen.is_empty() && tail.len() == seen.len(), || {
        format!("client {at} holds {} events of {room}", seen.len())
    })?;
    for (stored, seen) in tail.iter().zip(&seen) {
        // Here the texts of deleted messages must be gone on both sides.
        let named = Event { name: seen.name.clone(), ..stored.clone() };
        ensure(named == **seen, || format!("client {at} shows {seen:?}, on disk is {stored:?}"))?;
    }
    Ok(())
}

fn said_once_and_in_order(world: &World, room: RoomId, history: &[Event]) -> Result<(), Broken> {
    let mut places: BTreeMap<Cid, Seq> = BTreeMap::new();
    for event in history {
        if let (Some(cid), EventKind::Message { .. }) = (event.cid, &event.kind) {
            places.insert(cid, event.seq);
        }
    }
    for client in 0..world.clients.len() {
        let mut last = Seq::ZERO;
        for said in world.said.iter().filter(|said| said.client == client && said.room == room) {
            let place = places.get(&said.cid).copied();
            ensure(place.is_some() || said.excused, || {
                format!("client {client} wrote {} in {room}: it is lost", said.cid)
            })?;
            if let Some(place) = place.filter(|_| !said.excused) {
                ensure(place > last, || format!("client {client}: {} is at {place}, behind {last}", said.cid))?;
                last = place;
            }
        }
    }
    Ok(())
}

/// What a client asked to become of a message became of it in that order: its last edit is the one that stands. A change
/// that found nothing to do has no place in the log.
fn changed_in_order(world: &World, room: RoomId, history: &[Event]) -> Result<(), Broken> {
    let places: BTreeMap<Cid, Seq> = history.iter().filter_map(|event| Some((event.cid?, event.seq))).collect();
    let mut last: BTreeMap<(usize, Seq), Seq> = BTreeMap::new();
    for changed in world.changed.iter().filter(|changed| changed.room == room) {
        let Some(place) = places.get(&changed.cid) else { continue };
        let before = last.insert((changed.client, changed.target), *place).unwrap_or_default();
        ensure(*place > before, || {
            format!("client {}: the change {} is at {place}, behind {before}", changed.client, changed.cid)
        })?;
    }
    Ok(())
}

fn acknowledged(world: &World, room: RoomId, history: &[Event]) -> Result<(), Broken> {
    for (cid, (of, seq)) in world.acks.iter().filter(|(_, (of, _))| *of == room) {
        let at = usize::try_from(seq.0).ok().and_then(|seq| seq.checked_sub(1)).and_then(|at| history.get(at));
        ensure(at.is_some(), || format!("{cid} was acknowledged as {seq} of {of}, which there is not"))?;
    }
    for ((_, _, seq), written) in
        world.ledger.iter().filter(|((epoch, of, _), _)| *epoch == world.server.epoch && *of == room)
    {
        let at = usize::try_from(seq.0).ok().and_then(|seq| seq.checked_sub(1)).and_then(|at| history.get(at));
        ensure(at.is_some_and(|stored| same(written, stored)), || {
            format!("{seq} of {room} changed after it was written")
        })?;
    }
    Ok(())
}

fn agrees_on_what_is_read(world: &World, at: usize, client: &Client) -> Result<(), Broken> {
    for info in rooms::of(&world.server.db, world.user(at))? {
        let held = client.engine.rooms().get(&info.id).map(|held| held.info.clone());
        // Where the log had got to when the server last told of the room is another matter.
        let here = held.map(|held| RoomInfo { head: info.head, ..held });
        ensure(here.as_ref() == Some(&info), || format!("client {at} has {here:?}, the server {info:?}"))?;
    }
    Ok(())
}

/// Who is in no room holds nothing of it, nor does their device.
fn knows_nothing_else(world: &World, at: usize, client: &Client) -> Result<(), Broken> {
    let rooms = rooms::ids(&world.server.db, world.user(at))?;
    let strange = client.engine.rooms().keys().find(|room| !rooms.contains(room));
    ensure(strange.is_none(), || format!("client {at} holds {strange:?}, and is not in it"))
}

fn agrees_on_drafts(world: &World, at: usize, client: &Client) -> Result<(), Broken> {
    let mut drafts = BTreeMap::new();
    for entry in own::since(&world.server.db, world.user(at), 0, 1 << 40)? {
        if let UserEventKind::Draft { text } = entry.kind {
            drafts.insert(entry.room, text);
        }
    }
    for room in template::ROOMS {
        let there = drafts.get(&room).map_or("", String::as_str);
        let here = client.engine.own().draft(room);
        ensure(here == there, || format!("client {at} has the draft {here:?} in {room}, the server {there:?}"))?;
    }
    Ok(())
}

/// What somebody with one client alone has muted last is muted, and so on, whatever came between.
fn keeps_its_word(world: &World, at: usize, client: &Client) -> Result<(), Broken> {
    let alone = world.clients.iter().filter(|other| other.person == client.person).count() == 1;
    for room in template::ROOMS.into_iter().filter(|_| alone) {
        let Some(info) = client.engine.rooms().get(&room).map(|held| &held.info) else { continue };
        let muted = world.muted.get(&(at, room)).copied().unwrap_or(info.muted);
        let notify = world.notify.get(&(at, room)).copied().unwrap_or(info.notify);
        ensure(info.muted == muted && info.notify == notify, || {
            format!("client {at} wanted {room} muted: {muted}, and to be told of {notify:?}: it has {info:?}")
        })?;
    }
    Ok(())
}

fn sees_everybody(at: usize, client: &Client) -> Result<(), Broken> {
    for room in template::ROOMS {
        let presence = client.engine.rooms().get(&room).map(|held| held.presence.clone()).unwrap_or_default();
        let everybody = PEOPLE.iter().all(|user| presence.online.contains_key(user));
        ensure(everybody && presence.here == PEOPLE.len() as u64, || {
            format!("client {at} sees {presence:?} in {room}, and everybody is there")
        })?;
    }
    Ok(())
}
