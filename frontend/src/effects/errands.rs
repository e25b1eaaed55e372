//! Errands in the browser for messages and the wire: focus, scrolling, the clipboard.
//!
//! Deliberately absent: the socket, which the runner owns.

use common::id::Seq;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::Callback;

use super::browser;
use crate::app::Msg;
use crate::state::{Action, Probe};

/// Scrolls to a message and gives it the focus.
pub(super) fn show_message(seq: Seq) {
    if let Some(element) = browser::page().get_element_by_id(&format!("m{}", seq.0))
        && let Some(element) = element.dyn_ref::<HtmlElement>()
    {
        drop(element.focus());
        element.scroll_into_view();
    }
}

/// Puts the cursor behind the text in the composer, on every device: who edits wants to write.
pub(super) fn focus_editor() {
    if let Ok(Some(element)) = browser::page().query_selector(".composer__input")
        && let Some(field) = element.dyn_ref::<HtmlTextAreaElement>()
    {
        let end = field.text_length();
        drop(field.focus());
        drop(field.set_selection_range(end, end));
    }
}

/// Puts a text into the clipboard, and tells whether the browser allowed it.
pub(super) fn copy(text: String, tell: Callback<Msg>) {
    spawn_local(async move {
        let copied = written(&text).await;
        tell.emit(Msg::Ui(Action::Probe(Probe::Copied((!copied).then_some(text)))));
    });
}

/// Puts a text into the clipboard, where the browser allows it.
pub(super) fn copy_text(text: String) {
    spawn_local(async move {
        written(&text).await;
    });
}

/// Puts a text into the clipboard. Returns whether the browser allowed it.
pub(crate) async fn written(text: &str) -> bool {
    let navigator = browser::window().navigator();
    // There is no clipboard outside of secure contexts, and asking a clipboard that is not there would throw.
    match js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")) {
        Ok(clipboard) if clipboard.is_object() => JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok(),
        Ok(_) | Err(_) => false,
    }
}
