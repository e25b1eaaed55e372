//! Which of a person's tabs sends: the one that holds their lock (Web Locks).
//!
//! Every tab queues for the lock, so that it falls to the next when a tab is closed; the tab that somebody uses takes
//! it from the one that has it. For a moment both may send, which does no harm: the commands are the same. Where a
//! browser has no locks, every tab sends. The bindings are made by name, for those of web-sys are unstable.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Inner;
use crate::effects::browser;
use crate::state::News;

/// Where a tab stands with the lock.
#[derive(Default)]
pub(super) struct Lock {
    /// How often it has been granted and not taken away: twice for a moment, where a tab takes it from itself.
    held: Cell<u32>,
    /// Whether it is being taken.
    claiming: Cell<bool>,
    /// Whether this tab stands in the queue.
    queued: Cell<bool>,
    /// What gives it back.
    release: RefCell<Option<Function>>,
}

impl Lock {
    pub(super) fn release(&self) {
        if let Some(release) = self.release.take() {
            drop(release.call0(&JsValue::UNDEFINED));
        }
    }
}

/// Whether the browser has locks.
pub(super) fn is_there() -> bool {
    locks().is_some()
}

fn locks() -> Option<JsValue> {
    Reflect::get(&browser::window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)
}

/// Takes the lock from whoever has it.
pub(super) fn claim(inner: &Rc<Inner>) {
    if inner.store.borrow().is_some() && inner.lock.held.get() == 0 && !inner.lock.claiming.replace(true) {
        spawn_local(ask(Rc::clone(inner), true));
    }
}

/// Waits for the lock.
pub(super) fn queue(inner: &Rc<Inner>) {
    if !inner.lock.queued.replace(true) {
        spawn_local(ask(Rc::clone(inner), false));
    }
}

/// Asks for the lock, and comes back when it is gone again.
async fn ask(inner: Rc<Inner>, steal: bool) {
    let was_granted = Rc::new(Cell::new(false));
    let granted = {
        let (inner, was_granted) = (Rc::clone(&inner), Rc::clone(&was_granted));
        Closure::<dyn FnMut() -> Promise>::new(move || {
            was_granted.set(true);
            grant(&inner, steal)
        })
    };
    let gone = match request(&inner.name, steal, granted.as_ref()) {
        Ok(promise) => JsFuture::from(promise).await,
        Err(why) => Err(why),
    };
    let lock = &inner.lock;
    let Err(why) = gone else { return };
    if was_granted.get() {
        lock.held.set(lock.held.get().saturating_sub(1));
        if lock.held.get() == 0 && !inner.over.get() {
            inner.tell(News::Follow);
            queue(&inner);
        }
    } else {
        // Locks are there and refused: better twice the same than never.
        lock.claiming.set(false);
        inner.complain("tabs cannot agree on which of them sends", &why);
        lead(inner, true).await;
    }
}

/// The lock is here; it is held until the promise is kept or the tab is closed.
fn grant(inner: &Rc<Inner>, steal: bool) -> Promise {
    let lock = &inner.lock;
    if steal {
        lock.claiming.set(false);
    } else {
        lock.queued.set(false);
    }
    if inner.over.get() {
        return Promise::resolve(&JsValue::UNDEFINED);
    }
    lock.held.set(lock.held.get() + 1);
    spawn_local(lead(Rc::clone(inner), false));
    Promise::new(&mut |resolve, _| drop(lock.release.replace(Some(resolve))))
}

/// Tells what the tabs share and that it is this one's to send, unless the lock is gone by then and `anyway` is false.
async fn lead(inner: Rc<Inner>, anyway: bool) {
    let store = inner.store.borrow().clone();
    let shared = match store {
        Some(store) => store.read_outbox().await.unwrap_or_default(),
        None => Vec::new(),
    };
    if inner.lock.held.get() > 0 || anyway {
        inner.tell(News::Lead(shared));
    }
}

fn request(name: &str, steal: bool, granted: &JsValue) -> Result<Promise, JsValue> {
    let locks = locks().ok_or(JsValue::NULL)?;
    let options = Object::new();
    Reflect::set(&options, &"steal".into(), &steal.into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    request.call3(&locks, &name.into(), &options, granted)?.dyn_into()
}
