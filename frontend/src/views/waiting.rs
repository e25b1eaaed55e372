//! What stands in for the annex until it is loaded: a dialog or a page that waits, or says that it cannot be had.

use yew::{Callback, Html, html};

use super::modal::Modal;
use super::parts::{brand, sends};
use crate::annex::port::Open;
use crate::state::annex::Loaded;
use crate::state::{Action, State};

/// Whether the annex has the whole page, or will.
pub(super) fn replaces_page(state: &State) -> bool {
    state.annex.open.as_ref().is_some_and(Open::is_page)
}

/// The page of somebody who is not signed in, until the annex shows its own.
pub(super) fn page(state: &State, act: &Callback<Action>) -> Html {
    if state.annex.shown().is_some() {
        return html! {};
    }
    html! {
        <main class="auth is-shown" id="main">
            <section class="auth__main">
                <header class="auth__top">{ brand(None) }<span class="grow">{ "Readyroom" }</span></header>
                <div class="auth__form">{ note(state, act) }</div>
            </section>
            <aside class="auth__side" aria-hidden="true"></aside>
        </main>
    }
}

/// The dialog that waits.
pub(super) fn dialog(state: &State, act: &Callback<Action>) -> Html {
    if state.annex.open.is_none() || state.annex.shown().is_some() {
        return html! {};
    }
    let words = state.lang.words();
    html! {
        <Modal title="Readyroom" close_label={words.close} onclose={sends(act, Action::Dismiss)}>
            <div class="dialog__body">{ note(state, act) }</div>
        </Modal>
    }
}

/// The panel of the socket until the program is whole.
pub(super) fn panel(state: &State) -> Html {
    let words = state.lang.words();
    html! {
        <aside class="panel wire is-open" id="wire" aria-label={words.wire} aria-busy="true">
            <header class="panel__head"><h2 class="panel__title">{ words.wire }</h2></header>
        </aside>
    }
}

/// What stands where the Workbench or a lesson will be: nothing, or that it cannot be had.
pub(super) fn beside(state: &State, act: &Callback<Action>) -> Html {
    if !state.beside.failed {
        return html! {};
    }
    let words = state.lang.words();
    html! {
        <main class="auth is-shown" id="main">
            <section class="auth__main">
                <header class="auth__top">{ brand(None) }<span class="grow">{ "Readyroom" }</span></header>
                <p class="auth__form field__error" role="alert">{ words.part_failed }{ " " }
                    <button type="button" class="btn-link" onclick={sends(act, Action::LoadBeside)}>{ words.retry }</button>{ " " }
                    <button type="button" class="btn-link" onclick={sends(act, Action::Beside(None))}>{ words.chat }</button>
                </p>
            </section>
            <aside class="auth__side" aria-hidden="true"></aside>
        </main>
    }
}

fn note(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    match (&state.annex.loaded, &state.annex.open) {
        (Loaded::Failed, Some(open)) => html! {
            <p class="field__error" role="alert">{ words.part_failed }{ " " }
                <button type="button" class="btn-link" onclick={sends(act, Action::Open(open.clone()))}>{ words.retry }</button>
            </p>
        },
        _ => html! {
            <div class="stack stack--sm" role="status">
                <span class="sr-only">{ words.opening }</span>
                <span class="skel skel--line"></span><span class="skel skel--line"></span><span class="skel skel--line"></span>
            </div>
        },
    }
}
