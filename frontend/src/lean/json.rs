//! Looks into JSON that the browser has read, and into other objects of its own.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A member; `undefined` where there is none.
#[must_use]
pub fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

/// A member that is a text; empty where it is none.
#[must_use]
pub fn text(of: &JsValue, name: &str) -> String {
    member(of, name).as_string().unwrap_or_default()
}

/// A member that is a number; 0 where it is none.
#[must_use]
pub fn number(of: &JsValue, name: &str) -> f64 {
    member(of, name).as_f64().unwrap_or_default()
}

/// What is in a list; nothing where it is none.
#[must_use]
pub fn items(list: &JsValue) -> Vec<JsValue> {
    list.dyn_ref::<Array>().map(Array::to_vec).unwrap_or_default()
}

/// A text, read; `undefined` where it is no JSON.
#[must_use]
pub fn parse(text: &str) -> JsValue {
    js_sys::JSON::parse(text).unwrap_or_default()
}
