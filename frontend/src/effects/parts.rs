//! Loads the rest of the program, and the other modules of the page.
//!
//! A release build splits the program: what is not needed until somebody can type comes in a file of its own. How one is loaded stands in `index.html`, for only a script may import one; here it is asked for. Deliberately absent:
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

/// Milliseconds after which the rest of the program is asked for again.
const AGAIN_MS: u32 = 3_000;

/// Whether a part of this program comes after it.
pub(super) fn is_split() -> bool {
    Reflect::has(&browser::window(), &REST.into()).unwrap_or_default()
}

/// What the loader of a program that is split offers.
const REST: &str = "readyroomRest";

/// Loads the rest of the program once what there is has been drawn, and tells when it is there.
pub(super) fn load_rest(tell: Callback<Msg>) {
    if !is_split() {
        return;
    }
    spawn_local(async move {
        browser::painted().await;
        match rest().await {
            Ok(()) => tell.emit(Msg::Ui(Action::Whole)),
            Err(error) => {
                web_sys::console::warn_2(&"the rest of the page could not be loaded yet".into(), &error);
                Timeout::new(AGAIN_MS, move || load_rest(tell)).forget();
            }
        }
    });
}

/// Waits for the rest of the program.
pub(super) async fn rest() -> Result<(), JsValue> {
    if is_split() {
        JsFuture::from(called(REST, &[])?).await?;
    }
    Ok(())
}

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
        let loaded = load_whole(name).await;
        if let Err(error) = &loaded {
            web_sys::console::warn_2(&"a part of the page could not be loaded".into(), error);
        }
        tell.emit(loaded.is_ok());
    });
}

/// What the module says is heard by the rest of the program.
async fn load_whole(name: &str) -> Result<(), JsValue> {
    rest().await?;
    JsFuture::from(called("readyroomLoad", &[&name.into()])?).await.map(drop)
}

/// Calls a function of the window that says when it is done.
fn called(function: &str, args: &[&JsValue]) -> Result<Promise, JsValue> {
    let function: Function = Reflect::get(&browser::window(), &function.into())?.dyn_into()?;
    function.apply(&JsValue::UNDEFINED, &args.iter().copied().collect())?.dyn_into()
}
