//! What the state looks like: props in, [`Action`]s out.
//!
//! [`screen`] is the whole page as a function of the state. In reading order: `frame` puts the regions together,
//! `sidebar`, `bar`, `banner`, `timeline` (with `scroll`), `message`, `markdown`, `composer` (with `field` and `offers`) are
//! the regions of the chat, `thread` the answers beside it, `wire` and its parts the panel of the socket, `welcome` the
//! first visit, `over` the dialogs over messages, `waiting` what stands in for the annex until it is loaded, `people`
//! who is here, `live` what is drawn by itself, `tools` what is done to a message, `parts` what they
//! share. Classes and structure follow the design's style sheets. Deliberately absent: decisions, and words, which are
//! in [`crate::i18n`].

mod banner;
mod bar;
mod composer;
mod field;
mod frame;
pub mod live;
mod markdown;
mod message;
pub(crate) mod modal;
mod offers;
mod over;
pub(crate) mod parts;
mod people;
mod scroll;
mod sidebar;
mod thread;
mod timeline;
mod tools;
mod waiting;
pub(crate) mod welcome;
mod wire;

use yew::{Callback, Html};

use live::Live;

use crate::state::{Action, Session, State};

/// The whole page.
pub fn screen(state: &State, act: &Callback<Action>, live: &Live) -> Html {
    // What has the chat's place is drawn by a module of its own.
    if state.beside.place.is_some() {
        return waiting::beside(state, act);
    }
    match &state.session {
        Session::Out { .. } if waiting::replaces_page(state) => waiting::page(state, act),
        Session::Out { ended, busy, error } => welcome::page(state, *ended, *busy, error.as_ref(), act),
        Session::Asking | Session::In => frame::page(state, act, live),
    }
}

/// The wire panel alone, which shows more than the page does.
pub fn stirred(state: &State, act: &Callback<Action>, live: &Live) {
    live.show(|| wire::panel(state, act));
}
