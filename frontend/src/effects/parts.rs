//! Loads the other modules of the page.
//!
//! How one is loaded stands in `index.html`, for only a script may import one; here it is asked for. Deliberately absent:
//! what they show.

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

use super::browser;
use crate::app::Msg;
use crate::state::{Action, Module};

/// Milliseconds after the first welcome until the annex is sent for: what was missed is being drawn before that.
const LATER_MS: u32 = 1_500;

/// Loads the annex now, and tells how that went.
pub(super) fn load_annex(tell: &Callback<Msg>) {
    load("annex", tell.reform(|loaded| Msg::Ui(Action::AnnexLoaded(loaded))));
}

/// Loads the annex soon, so that it is there when it is wanted.
pub(super) fn prepare_annex(tell: &Callback<Msg>) {
    let tell = tell.clone();
    Timeout::new(LATER_MS, move || load_annex(&tell)).forget();
}

/// Loads what takes the place of the chat, and tells how that went. What is loaded already stays.
pub(super) fn load_beside(module: Module, tell: &Callback<Msg>) {
    let name = match module {
        Module::Workbench => "workbench",
        Module::Lessons => "lessons",
    };
    load(name, tell.reform(|loaded| Msg::Ui(Action::BesideLoaded(loaded))));
}

fn load(name: &'static str, tell: Callback<bool>) {
    spawn_local(async move {
        let loaded = match asked(name) {
            Ok(promise) => JsFuture::from(promise).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = &loaded {
            web_sys::console::warn_2(&"a part of the page could not be loaded".into(), error);
        }
        tell.emit(loaded.is_ok());
    });
}

fn asked(name: &str) -> Result<Promise, JsValue> {
    let load: Function = Reflect::get(&browser::window(), &"readyroomLoad".into())?.dyn_into()?;
    load.call1(&JsValue::UNDEFINED, &name.into())?.dyn_into()
}
