//! Errands in the browser for messages and the wire: focus, scrolling, the clipboard.
//!
//! Deliberately absent: the socket, which the runner owns.

use common::id::Seq;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Event, EventInit, FocusOptions, HtmlElement, HtmlTextAreaElement, ScrollIntoViewOptions, ScrollLogicalPosition,
};
use yew::Callback;

use super::browser;
use crate::app::Msg;
use crate::state::{Action, Probe};

/// Milliseconds for which a message that was gone to is marked.
const MARKED_MS: u32 = 2_000;

/// Scrolls to a message, gives it the focus and marks it for a moment.
pub(super) fn show_message(seq: Seq) {
    if let Some(element) = browser::page().get_element_by_id(&format!("m{}", seq.0))
        && let Some(element) = element.dyn_ref::<HtmlElement>()
    {
        let (calm, middle) = (FocusOptions::new(), ScrollIntoViewOptions::new());
        calm.set_prevent_scroll(true);
        middle.set_block(ScrollLogicalPosition::Center);
        drop(element.focus_with_options(&calm));
        element.scroll_into_view_with_scroll_into_view_options(&middle);
        drop(element.set_attribute(MARK, ""));
        let element = element.clone();
        Timeout::new(MARKED_MS, move || drop(element.remove_attribute(MARK))).forget();
    }
}

/// The attribute of a message that was gone to.
const MARK: &str = "data-shown";

/// Scrolls to a line of the frame log, opens it and gives it the focus.
pub(super) fn show_frame(line: u64) {
    spawn_local(async move {
        // The log is drawn a frame behind the conversation.
        browser::painted().await;
        browser::painted().await;
        if let Ok(Some(frame)) = browser::page().query_selector(&format!("#f{line} > summary"))
            && let Some(head) = frame.dyn_ref::<HtmlElement>()
        {
            if !browser::page().query_selector(&format!("#f{line}[open]")).is_ok_and(|open| open.is_some()) {
                head.click();
            }
            head.scroll_into_view();
            drop(head.focus());
        }
    });
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

/// Puts a text into the composer, in the place of what is selected there. The composer hears of it as of something
/// written.
pub(super) fn insert(text: String) {
    spawn_local(async move {
        // The dialog in which it was chosen closes first, and gives the focus back to where it was.
        browser::painted().await;
        if let Ok(Some(element)) = browser::page().query_selector(".composer__input")
            && let Some(field) = element.dyn_ref::<HtmlTextAreaElement>()
            && let (Ok(Some(from)), Ok(Some(to))) = (field.selection_start(), field.selection_end())
            && field.set_range_text_with_start_and_end(&text, from, to).is_ok()
        {
            let behind = from + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
            drop(field.focus());
            drop(field.set_selection_range(behind, behind));
            let written = EventInit::new();
            written.set_bubbles(true);
            drop(Event::new_with_event_init_dict("input", &written).map(|event| field.dispatch_event(&event)));
        }
    });
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
