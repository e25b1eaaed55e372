//! Loads the second module of the page.
//!
//! How it is loaded stands in `index.html`, for only a script may import one; here it is asked for. Deliberately absent:
//! what it shows.

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

use super::browser;
use crate::app::Msg;
use crate::state::Action;

/// Milliseconds after the first welcome until it is sent for: what was missed is being drawn before that.
const LATER_MS: u32 = 1_500;

/// Loads it now, and tells how that went.
pub(super) fn load(tell: &Callback<Msg>) {
    let tell = tell.clone();
    spawn_local(async move {
        let loaded = match asked() {
            Ok(promise) => JsFuture::from(promise).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = &loaded {
            web_sys::console::warn_2(&"a part of the page could not be loaded".into(), error);
        }
        tell.emit(Msg::Ui(Action::AnnexLoaded(loaded.is_ok())));
    });
}

/// Loads it soon, so that it is there when it is wanted.
pub(super) fn prepare(tell: &Callback<Msg>) {
    let tell = tell.clone();
    Timeout::new(LATER_MS, move || load(&tell)).forget();
}

fn asked() -> Result<Promise, JsValue> {
    let load: Function = Reflect::get(&browser::window(), &"readyroomAnnex".into())?.dyn_into()?;
    load.call0(&JsValue::UNDEFINED)?.dyn_into()
}
