//! The frame of the page: wireline, sidebar, main column, panel, dialogs.

use yew::{Callback, Html, classes, html};

use super::live::{Live, Part};
use super::{banner, bar, composer, over, parts, sidebar, thread, timeline, waiting, wire};
use crate::state::{Action, Dialog, State};

/// The page of somebody who is signed in, or may be.
pub(super) fn page(state: &State, act: &Callback<Action>, live: &Live) -> Html {
    let words = state.lang.words();
    let chain = state.open_chain();
    let class = classes!("app", (!state.wire_open && chain.is_none()).then_some("app--no-panel"));
    html! {
        <>
            <a class="skip" href="#main">{ words.skip }</a>
            <div {class}>
                <div class={classes!("wireline", parts::tone(state.wire.ready))} aria-hidden="true"></div>
                { sidebar::nav(state, act) }
                { main(state, act) }
                if let Some(open) = chain {
                    { thread::panel(state, open, act) }
                } else if state.wire_open && state.whole {
                    <Part live={live.clone()} html={wire::panel(state, act)} />
                } else if state.wire_open {
                    { waiting::panel(state) }
                }
            </div>
            { dialog(state, act) }
            { waiting::dialog(state, act) }
        </>
    }
}

fn main(state: &State, act: &Callback<Action>) -> Html {
    html! {
        <main class="main" id="main">
            { bar::bar(state, act) }
            { banner::view(state, act) }
            { timeline::view(state, act) }
            { over::notice(state, act) }
            { composer::dock(state, act) }
        </main>
    }
}

fn dialog(state: &State, act: &Callback<Action>) -> Html {
    match &state.dialog {
        None => html! {},
        Some(Dialog::Over(over)) => over::view(state, *over, act),
    }
}
