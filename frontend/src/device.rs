//! What is remembered of one person in this browser, and what their tabs share: the rim of [`crate::state::News`] and
//! [`crate::state::Deed`].
//!
//! [`Device`] owns the person's database, their outbox's lock and their channel; dropping it lets go of all three. In
//! reading order: `batch` puts together what is to be written, `store` is the database, `record` how it keeps what
//! a person wrote, `lock` is who sends. What a
//! browser lacks or refuses (a private window, a full disk) is said once in the console, and the page works without.
//! Deliberately absent: decisions, which are the state's, and settings, which are small enough for `localStorage`.

mod batch;
mod lock;
pub(crate) mod record;
mod store;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use common::id::{RoomId, Seq, UserId};
use common::sync::keep::{Keep, Restored, Shared};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, MessageEvent};
use yew::Callback;

use crate::effects::browser;
use crate::state::News;
use batch::{Batch, Writes};
use lock::Lock;
use store::Store;

/// Milliseconds within which rooms and events are written: a burst of them makes one transaction. The outbox and the
/// drafts are written at once.
const WRITE_WITHIN_MS: u32 = 250;

/// Milliseconds after which the page begins without what it may remember: a database can hang behind another tab's.
const READ_WITHIN_MS: u32 = 3_000;

/// The memory of one person.
#[derive(Debug)]
pub struct Device {
    inner: Rc<Inner>,
    _listeners: Vec<EventListener>,
}

struct Inner {
    /// The name of the database, the lock and the channel.
    name: String,
    tell: Callback<News>,
    /// Whether nobody listens any more.
    over: Cell<bool>,
    /// Whether the reading is over, be it because it took too long.
    read: Cell<bool>,
    store: RefCell<Option<Rc<Store>>>,
    /// Whether there is no store and will be none.
    forgetful: Cell<bool>,
    /// What other tabs told before the reading had come so far; `None` from then on.
    early: RefCell<Option<Vec<Shared>>>,
    batch: RefCell<Batch>,
    timer: RefCell<Option<Timeout>>,
    channel: Option<BroadcastChannel>,
    lock: Lock,
    complained: Cell<bool>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The name under which everything of a person is kept.
#[must_use]
pub fn name_of(person: UserId) -> String {
    format!("readyroom.{person}")
}

impl Device {
    /// Opens what is kept under a name and tells it: first who it is, the rooms, what was written and the newest page of
    /// `room` or else of the first one; then all other events; then [`News::Ready`], which comes in any case.
    #[must_use]
    pub fn open(name: String, room: Option<RoomId>, tell: Callback<News>) -> Self {
        let inner = Rc::new(Inner {
            channel: BroadcastChannel::new(&name).ok(),
            lock: Lock::default(),
            name,
            tell,
            over: Cell::new(false),
            read: Cell::new(false),
            store: RefCell::default(),
            forgetful: Cell::new(false),
            early: RefCell::new(Some(Vec::new())),
            batch: RefCell::default(),
            timer: RefCell::default(),
            complained: Cell::new(false),
        });
        spawn_local(Rc::clone(&inner).begin(room));
        let flush = |inner: &Rc<Inner>| {
            let inner = Rc::clone(inner);
            move |_: &web_sys::Event| inner.flush()
        };
        let mut listeners = vec![
            EventListener::new(&browser::window(), "pagehide", flush(&inner)),
            EventListener::new(&browser::page(), "visibilitychange", flush(&inner)),
        ];
        listeners.extend(inner.channel.as_ref().map(|channel| {
            let inner = Rc::clone(&inner);
            EventListener::new(channel, "message", move |event| inner.heard(event))
        }));
        Self { inner, _listeners: listeners }
    }

    /// Something to remember or to forget. It is written when the turn is over, or a little later.
    pub fn keep(&self, keep: Keep) {
        if !self.inner.forgetful.get() {
            self.inner.batch.borrow_mut().add(keep);
        }
    }

    /// The turn is over: what must not be lost is written now, the rest soon.
    pub fn settle(&self) {
        let inner = &self.inner;
        let (urgent, waits) = {
            let mut batch = inner.batch.borrow_mut();
            let urgent = inner.store.borrow().is_some().then(|| batch.take_urgent()).flatten();
            (urgent, !batch.is_empty())
        };
        if let Some(urgent) = urgent {
            inner.write(urgent);
        }
        if waits && inner.timer.borrow().is_none() {
            let later = Rc::clone(inner);
            *inner.timer.borrow_mut() = Some(Timeout::new(WRITE_WITHIN_MS, move || later.flush()));
        }
    }

    /// Writes everything now.
    pub fn flush(&self) {
        self.inner.flush();
    }

    /// Makes this tab the one that sends.
    pub fn claim(&self) {
        lock::claim(&self.inner);
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.inner.flush();
        self.inner.over.set(true);
        self.inner.timer.take();
        // A request for the lock that is still in the queue holds the rest until it is granted.
        self.inner.store.take();
        self.inner.lock.release();
        if let Some(channel) = &self.inner.channel {
            channel.close();
        }
    }
}

impl Inner {
    fn tell(&self, news: News) {
        if !self.over.get() {
            self.tell.emit(news);
        }
    }

    async fn begin(self: Rc<Self>, room: Option<RoomId>) {
        let late = Rc::clone(&self);
        let _limit = Timeout::new(READ_WITHIN_MS, move || late.has_read());
        match Store::open(&self.name).await {
            Ok(store) => self.read_all(store, room).await,
            Err(why) => {
                self.forgetful.set(true);
                self.batch.take();
                self.complain("nothing is remembered on this device", &why);
            }
        }
        self.hear_early();
        self.has_read();
    }

    async fn read_all(self: &Rc<Self>, store: Store, room: Option<RoomId>) {
        let store = Rc::new(store);
        *self.store.borrow_mut() = Some(Rc::clone(&store));
        if self.over.get() {
            // Somebody else is here by now; what was to be forgotten is.
            self.flush();
            self.store.take();
            return;
        }
        if lock::is_there() {
            self.tell(News::Follow);
            lock::queue(self);
        }
        let mut rest = Vec::new();
        match store.read_first(room).await {
            Ok((first, others)) => {
                rest = others;
                self.restored(first);
            }
            Err(why) => self.complain("what is remembered on this device cannot be read", &why),
        }
        self.hear_early();
        // What is in sight is drawn before the rest is read, which keeps the page busy for longer.
        browser::painted().await;
        for (room, upto) in rest {
            if let Ok(events) = store.read_events(room, Seq(1), upto).await
                && !events.is_empty()
            {
                self.restored(Restored { events, ..Restored::default() });
            }
        }
        self.flush();
    }

    fn restored(&self, part: Restored) {
        for event in &part.events {
            self.batch.borrow_mut().saw(event.room, event.seq);
        }
        // Once the page goes on without it, what is held must not change behind its back.
        if !self.read.get() {
            self.tell(News::Restored(Box::new(part)));
        }
    }

    fn has_read(&self) {
        if !self.read.replace(true) {
            self.tell(News::Ready);
        }
    }

    /// Another tab tells. Before this one has read what they share, a command that has arrived would come back with it.
    fn heard(&self, event: &web_sys::Event) {
        let shared = event.dyn_ref::<MessageEvent>().and_then(|event| record::shared(&event.data()));
        let Some(shared) = shared else { return };
        match &mut *self.early.borrow_mut() {
            Some(early) => early.push(shared),
            None => self.tell(News::Shared(Box::new(shared))),
        }
    }

    fn hear_early(&self) {
        let early = self.early.take();
        early.into_iter().flatten().for_each(|shared| self.tell(News::Shared(Box::new(shared))));
    }

    fn flush(self: &Rc<Self>) {
        self.timer.take();
        if self.store.borrow().is_none() {
            return;
        }
        let writes = self.batch.borrow_mut().take();
        if let Some(writes) = writes {
            self.write(writes);
        }
    }

    /// Writes in one transaction, which has begun when this returns; then the other tabs learn of it.
    fn write(self: &Rc<Self>, writes: Writes) {
        let Some(store) = self.store.borrow().clone() else { return };
        let written = store.write(&writes);
        let this = Rc::clone(self);
        spawn_local(async move {
            let written = match written {
                Ok(done) => JsFuture::from(done).await,
                Err(why) => Err(why),
            };
            if let Err(why) = written {
                this.complain("this device cannot remember what is new", &why);
            }
            // Where it could not be written, the tab that sends should know of it all the more.
            for shared in writes.shared() {
                this.share(shared);
            }
        });
    }

    fn share(&self, shared: &Shared) {
        if let Some(channel) = &self.channel {
            drop(channel.post_message(&record::of_shared(shared)));
        }
    }

    fn complain(&self, what: &str, why: &JsValue) {
        if !self.complained.replace(true) {
            web_sys::console::warn_2(&JsValue::from_str(what), why);
        }
    }
}

/// The newest events of a room that are kept.
const EVENTS_PER_ROOM: u64 = 500;

/// The last event that is too old to be kept beside this newest one.
const fn too_old(newest: Seq) -> Seq {
    Seq(newest.0.saturating_sub(EVENTS_PER_ROOM))
}
