//! What the panels ask the server over HTTP.
//!
//! Neighbours: [`crate::annex::http`] asks. Here an answer belongs to the component that asked: it is dropped when
//! that is gone, or has asked for something else since.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, hook, use_effect_with, use_state};

use crate::annex::http::{Wrong, get};

/// Milliseconds after a key before a question goes out: faster typists than that are rare.
pub(super) const TYPING_MS: u32 = 120;

/// A question and its answer, as far as it has come.
#[derive(Debug)]
pub(super) struct Asked<T> {
    /// The last answer; it stays while the next one is on its way.
    pub value: Option<Rc<T>>,
    /// Why there is no newer one.
    pub trouble: Option<Wrong>,
    /// Whether one is on its way.
    pub busy: bool,
    /// Asks once more.
    pub again: Callback<()>,
}

impl<T> Asked<T> {
    const fn new(value: Option<Rc<T>>, trouble: Option<Wrong>, busy: bool, again: Callback<()>) -> Self {
        Self { value, trouble, busy, again }
    }
}

/// Asks for what `path` names, anew whenever that changes, after `wait` milliseconds of quiet. Nothing is asked for `None`.
#[hook]
pub(super) fn use_asked<T: DeserializeOwned + 'static>(path: Option<String>, wait: u32) -> Asked<T> {
    let held = use_state(|| (None::<Rc<T>>, None::<Wrong>));
    let settled = use_state(|| None::<(Option<String>, u32)>);
    let turn = use_state(|| 0_u32);
    {
        let (held, settled) = (held.clone(), settled.clone());
        use_effect_with((path.clone(), *turn), move |asked| {
            let asked = asked.clone();
            let alive = Rc::new(Cell::new(true));
            let timer = match asked.0.clone() {
                None => {
                    held.set((None, None));
                    settled.set(Some(asked));
                    None
                }
                Some(path) => {
                    let alive = Rc::clone(&alive);
                    let wait = if asked.1 == 0 { wait } else { 0 };
                    Some(Timeout::new(wait, move || {
                        spawn_local(async move {
                            let answer = get(&path).await;
                            if alive.get() {
                                match answer {
                                    Ok(value) => held.set((Some(Rc::new(value)), None)),
                                    Err(trouble) => held.set((None, Some(trouble))),
                                }
                                settled.set(Some(asked));
                            }
                        });
                    }))
                }
            };
            move || {
                alive.set(false);
                drop(timer);
            }
        });
    }
    let busy = path.is_some() && settled.as_ref() != Some(&(path, *turn));
    let again = Callback::from(move |()| turn.set(*turn + 1));
    Asked::new(held.0.clone(), held.1.clone().filter(|_| !busy), busy, again)
}

/// A text as it may stand in a query.
pub(super) fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
