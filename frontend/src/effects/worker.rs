//! Registers the service worker, `frontend/sw.js`, with which the page starts where the server cannot be reached.
//!
//! The page's policy takes no script's address that is a mere text (`require-trusted-types-for`), so that it is made by
//! a policy of its own where the browser knows of such. By name, for web-sys does not. Deliberately absent: what the
//! worker does.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::browser;

const SCRIPT: &str = "/sw.js";

/// Registers it in release builds; while the page is worked on, what was edited must show.
pub(super) fn register() {
    if cfg!(debug_assertions) {
        return;
    }
    let registered = try_to();
    spawn_local(async move {
        let outcome = match registered {
            Ok(registration) => JsFuture::from(registration).await,
            Err(why) => Err(why),
        };
        if let Err(why) = outcome {
            web_sys::console::warn_2(&"without a service worker the page starts with the server alone".into(), &why);
        }
    });
}

fn try_to() -> Result<Promise, JsValue> {
    let workers = Reflect::get(&browser::window().navigator(), &"serviceWorker".into())?;
    let types = Reflect::get(&browser::window(), &"trustedTypes".into())?;
    let script = if types.is_object() { trusted(&types)? } else { SCRIPT.into() };
    call(&workers, "register", &[&script])?.dyn_into()
}

fn trusted(types: &JsValue) -> Result<JsValue, JsValue> {
    let only = Closure::<dyn FnMut() -> JsValue>::new(|| SCRIPT.into());
    let rules = Object::new();
    Reflect::set(&rules, &"createScriptURL".into(), only.as_ref())?;
    let policy = call(types, "createPolicy", &[&"readyroom".into(), &rules])?;
    call(&policy, "createScriptURL", &[&SCRIPT.into()])
}

fn call(of: &JsValue, name: &str, args: &[&JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(of, &name.into())?.dyn_into()?;
    method.apply(of, &args.iter().copied().collect())
}
