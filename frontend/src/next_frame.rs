//! The next animation frame, as a thing that is owned: asked for once, told once, cancelled when dropped.
//!
//! Neighbours: the application waits for it before it draws again, the frame log before it draws at all.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::Callback;

use crate::effects::browser;

/// Milliseconds after which a frame counts as over where the browser draws none, as in a hidden tab.
const AT_MOST_MS: u32 = 120;

/// A frame that has been asked for; tells its beginning, and nobody once it is dropped. Where the browser draws none for
/// [`AT_MOST_MS`], the time is told instead: whoever listens may hear it twice.
pub(crate) struct NextFrame {
    id: i32,
    _over: Closure<dyn FnMut()>,
    _at_most: Timeout,
}

impl std::fmt::Debug for NextFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("NextFrame").field(&self.id).finish()
    }
}

impl NextFrame {
    /// Asks for the next frame.
    pub(crate) fn new(over: Callback<()>) -> Self {
        let late = over.clone();
        let at_most = Timeout::new(AT_MOST_MS, move || late.emit(()));
        let over = Closure::<dyn FnMut()>::new(move || over.emit(()));
        let id = browser::window().request_animation_frame(over.as_ref().unchecked_ref()).unwrap_or_default();
        Self { id, _over: over, _at_most: at_most }
    }
}

impl Drop for NextFrame {
    fn drop(&mut self) {
        drop(browser::window().cancel_animation_frame(self.id));
    }
}
