//! One person's IndexedDB: rooms, events, outbox, drafts, and who they are.
//!
//! Rooms and events are kept as the frames that brought them, for texts cross into the module quicker than objects do
//! field by field; the rest as `record`s. Events are keyed by the database they belong to, room and `seq`, so that a
//! room is a range in order.
//! Deliberately absent: what is worth keeping, which is `batch`'s.

use std::cell::RefCell;

use common::codec;
use common::id::{RoomId, Seq};
use common::limits::PAGE_EVENTS;
use common::model::Event;
use common::server::ServerMsg;
use common::sync::keep::{Me, Restored, Shared};
use common::sync::outbox::Pending;
use gloo_events::EventListener;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

use super::batch::Writes;
use super::record::{self, number};
use crate::effects::browser;

/// The layout of the database. A newer one has to upgrade what it finds.
const VERSION: u32 = 1;

const META: &str = "meta";
const ROOMS: &str = "rooms";
const EVENTS: &str = "events";
const OUTBOX: &str = "outbox";
const DRAFTS: &str = "drafts";

/// The key of who it is in [`META`]; what the server does not know of a room stands there under the room's number.
const ME: &str = "me";

/// An open database.
#[derive(Debug)]
pub(super) struct Store {
    db: IdbDatabase,
    /// The server's database that rooms and events belong to, and the beginning of their keys: where a backup has been
    /// restored, a tab that has not heard of it must not mix its own with those of one that has.
    epoch: RefCell<JsValue>,
    /// Makes way for a newer version of the page in another tab.
    _outdated: EventListener,
}

type Outcome<T> = Result<T, JsValue>;

impl Store {
    pub(super) async fn open(name: &str) -> Outcome<Self> {
        let factory = browser::window().indexed_db()?.ok_or(JsValue::NULL)?;
        let request = factory.open_with_u32(name, VERSION)?;
        let opening = request.clone();
        let _upgrade = EventListener::once(&request, "upgradeneeded", move |_| {
            let db = opening.result().map(JsCast::unchecked_into::<IdbDatabase>);
            for name in [META, ROOMS, EVENTS, OUTBOX, DRAFTS] {
                drop(db.as_ref().map(|db| db.create_object_store(name)));
            }
        });
        let db: IdbDatabase = answer(&request).await?.unchecked_into();
        let outdated = db.clone();
        let outdated = EventListener::once(&db, "versionchange", move |_| outdated.close());
        Ok(Self { db, epoch: RefCell::new(JsValue::from_str("")), _outdated: outdated })
    }

    /// Who it is, the rooms, what was written, and the newest events of one room: the given one, or else the first. Also
    /// what is still to be read: which rooms, and each up to which event.
    pub(super) async fn read_first(&self, room: Option<RoomId>) -> Outcome<(Restored, Vec<(RoomId, Seq)>)> {
        let tx = self.begin(&[META, OUTBOX, DRAFTS], IdbTransactionMode::Readonly)?;
        let requests = [META, OUTBOX, DRAFTS].map(|name| tx.object_store(name)?.get_all());
        let [me, outbox, drafts] = requests;
        let (me, outbox, drafts) = (me?, outbox?, drafts?);
        // Each is awaited before anything else is: an answer that comes while nobody listens is never heard.
        let meta = list(&answer(&me).await?);
        let me = meta.iter().find_map(record::me);
        let wishes = meta.iter().filter_map(record::wishes).collect();
        let outbox = pending_in(&answer(&outbox).await?);
        let drafts = list(&answer(&drafts).await?).iter().filter_map(record::draft).collect();
        self.turn_to(me.as_ref());
        let tx = self.begin(&[ROOMS], IdbTransactionMode::Readonly)?;
        let rooms = tx.object_store(ROOMS)?.get_all_with_key(&self.all_rooms()?)?;
        let rooms: Vec<_> = texts(&answer(&rooms).await?).iter().filter_map(|text| room_in(text)).collect();
        let mut rest: Vec<(RoomId, Seq)> = rooms.iter().map(|info| (info.id, Seq(MOST))).collect();
        let mut events = Vec::new();
        if let Some(first) = rooms.iter().find(|info| Some(info.id) == room).or(rooms.first()) {
            let older = Seq(first.head.0.saturating_sub(PAGE_EVENTS));
            events = self.read_events(first.id, older.next(), Seq(MOST)).await?;
            // The rest of this room comes before the others.
            rest.retain(|(room, _)| *room != first.id);
            rest.insert(0, (first.id, older));
        }
        Ok((Restored { me, rooms, events, outbox, drafts, wishes }, rest))
    }

    /// The events of a room from one to another, in order.
    pub(super) async fn read_events(&self, room: RoomId, from: Seq, upto: Seq) -> Outcome<Vec<Event>> {
        if upto < from {
            return Ok(Vec::new());
        }
        let tx = self.begin(&[EVENTS], IdbTransactionMode::Readonly)?;
        let found = tx.object_store(EVENTS)?.get_all_with_key(&self.range(room, from, upto)?)?;
        Ok(texts(&answer(&found).await?).iter().filter_map(|text| event_in(text)).collect())
    }

    /// The commands on their way.
    pub(super) async fn read_outbox(&self) -> Outcome<Vec<Pending>> {
        let tx = self.begin(&[OUTBOX], IdbTransactionMode::Readonly)?;
        Ok(pending_in(&answer(&tx.object_store(OUTBOX)?.get_all()?).await?))
    }

    /// Writes everything in one transaction. It has begun when this returns; the promise is kept when it is committed.
    pub(super) fn write(&self, writes: &Writes) -> Outcome<Promise> {
        let stores: &[&str] =
            if writes.has_cache() { &[META, ROOMS, EVENTS, OUTBOX, DRAFTS] } else { &[OUTBOX, DRAFTS] };
        let tx = self.begin(stores, IdbTransactionMode::Readwrite)?;
        if writes.has_cache() {
            self.turn_to(writes.cache.me.as_ref());
            self.write_cache(&tx, writes)?;
        }
        let (outbox, drafts) = (tx.object_store(OUTBOX)?, tx.object_store(DRAFTS)?);
        for (cid, shared) in &writes.own.outbox {
            let key = JsValue::from_str(&cid.to_string());
            match shared {
                Shared::Put(_) => put(&outbox, &key, &record::of_shared(shared))?,
                Shared::Drop(_) => drop(outbox.delete(&key)?),
            }
        }
        for (room, draft) in &writes.own.drafts {
            // That a draft is empty has to be told as well.
            if draft.text.is_empty() && !draft.unsent {
                drafts.delete(&number(room.0))?;
            } else {
                put(&drafts, &number(room.0), &record::of_draft(draft))?;
            }
        }
        let done = Promise::new(&mut |resolve, reject| {
            tx.set_oncomplete(Some(&resolve));
            tx.set_onabort(Some(&reject));
        });
        commit(&tx);
        Ok(done)
    }

    fn write_cache(&self, tx: &IdbTransaction, writes: &Writes) -> Outcome<()> {
        let (meta, rooms, events) = (tx.object_store(META)?, tx.object_store(ROOMS)?, tx.object_store(EVENTS)?);
        let cache = &writes.cache;
        if cache.wiped {
            for store in [&meta, &rooms, &events] {
                store.clear()?;
            }
        }
        for room in &cache.emptied {
            events.delete(&self.range(*room, Seq::ZERO, Seq(MOST))?)?;
        }
        if let Some(me) = &cache.me {
            put(&meta, &JsValue::from_str(ME), &record::of_me(me))?;
        }
        for (room, info) in &cache.rooms {
            match info {
                Some(info) => put(&rooms, &self.room_key(*room), &frame(&ServerMsg::Room(info.clone())))?,
                None => drop(rooms.delete(&self.room_key(*room))?),
            }
        }
        for (room, wishes) in &cache.wishes {
            if wishes.is_empty() {
                meta.delete(&number(room.0))?;
            } else {
                put(&meta, &number(room.0), &record::of_wishes(wishes))?;
            }
        }
        for ((room, seq), event) in &cache.events {
            put(&events, &self.key(*room, *seq), &frame(&ServerMsg::Event(Event::clone(event))))?;
        }
        for (room, upto) in &writes.trims {
            events.delete(&self.range(*room, Seq::ZERO, *upto)?)?;
        }
        Ok(())
    }

    /// From here on rooms and events are those of this one's database.
    fn turn_to(&self, me: Option<&Me>) {
        if let Some(me) = me {
            *self.epoch.borrow_mut() = JsValue::from_str(&me.epoch.0);
        }
    }

    fn room_key(&self, room: RoomId) -> JsValue {
        Array::of2(&self.epoch.borrow(), &number(room.0)).into()
    }

    fn all_rooms(&self) -> Outcome<JsValue> {
        Ok(IdbKeyRange::bound(&self.room_key(RoomId(0)), &self.room_key(RoomId(MOST)))?.into())
    }

    fn key(&self, room: RoomId, seq: Seq) -> JsValue {
        Array::of3(&self.epoch.borrow(), &number(room.0), &number(seq.0)).into()
    }

    /// The events of a room from one to another, both included.
    fn range(&self, room: RoomId, from: Seq, upto: Seq) -> Outcome<JsValue> {
        Ok(IdbKeyRange::bound(&self.key(room, from), &self.key(room, upto))?.into())
    }

    fn begin(&self, stores: &[&str], mode: IdbTransactionMode) -> Outcome<IdbTransaction> {
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        self.db.transaction_with_str_sequence_and_mode(&names, mode)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Transactions that have begun are still carried out.
        self.db.close();
    }
}

/// Says that nothing more is coming. A transaction that waits to find that out is given up when the page ends; by name,
/// for web-sys takes the method for an outdated one.
fn commit(tx: &IdbTransaction) {
    let commit = Reflect::get(tx, &"commit".into()).ok().and_then(|commit| commit.dyn_into::<Function>().ok());
    // Older browsers have none, and find out by themselves.
    drop(commit.map(|commit| commit.call0(tx)));
}

/// More than any `seq`, and still an exact number in JavaScript (2^53 - 1).
const MOST: u64 = 9_007_199_254_740_991;

fn put(store: &IdbObjectStore, key: &JsValue, value: &JsValue) -> Outcome<()> {
    store.put_with_key(value, key).map(drop)
}

fn frame(msg: &ServerMsg) -> JsValue {
    codec::encode_server(msg).into()
}

/// The result of a request, when it is there.
async fn answer(request: &IdbRequest) -> Outcome<JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(done).await?;
    request.result()
}

fn list(found: &JsValue) -> Vec<JsValue> {
    found.dyn_ref::<Array>().map(Array::to_vec).unwrap_or_default()
}

/// The texts of a list; what is none was not written by this program.
fn texts(found: &JsValue) -> Vec<String> {
    list(found).iter().filter_map(JsValue::as_string).collect()
}

fn room_in(text: &str) -> Option<common::model::RoomInfo> {
    if let Ok(ServerMsg::Room(info)) = codec::decode_server(text) { Some(info) } else { None }
}

fn event_in(text: &str) -> Option<Event> {
    if let Ok(ServerMsg::Event(event)) = codec::decode_server(text) { Some(event) } else { None }
}

fn pending_in(found: &JsValue) -> Vec<Pending> {
    let put = |shared: Shared| if let Shared::Put(pending) = shared { Some(*pending) } else { None };
    list(found).iter().filter_map(record::shared).filter_map(put).collect()
}
