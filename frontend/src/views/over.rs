//! The dialogs over the messages: the question before a deletion, the pins, earlier texts; and the
//! notice of a refusal that no form shows.

use common::id::Seq;
use yew::{Callback, Html, html};

use super::markdown;
use super::modal::Modal;
use super::parts::{failure, icon_sm, sends};
use crate::calendar::Local;
use crate::i18n::Catalogue;
use crate::state::{Action, Failure, Over, State, Touch};

/// The dialog.
// Where the program is split, this stays in one piece.
#[inline(never)]
pub(super) fn view(state: &State, over: Over, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let changes = &words.changes;
    let (title, body) = match over {
        Over::Delete(target) => return delete(state, target, act),
        Over::Pins => (changes.pins, pins(state, act)),
        Over::Edits(_) => (words.talk.texts, texts(state, act)),
    };
    html! {
        <Modal {title} close_label={words.close} onclose={sends(act, Action::Dismiss)}>
            <div class="dialog__body">{ body }</div>
        </Modal>
    }
}

/// A refusal that no row and no form shows.
pub(super) fn notice(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let Some(refusal) = &state.touched.notice else { return html! {} };
    html! {
        <div class="toast" role="alert">
            { (words.refusal)(refusal) }
            <button type="button" class="btn btn--sm" onclick={sends(act, Action::Touch(Touch::HideNotice))}>{ words.close }</button>
        </div>
    }
}

fn delete(state: &State, target: Seq, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let changes = &words.changes;
    html! {
        <Modal title={changes.delete_title} close_label={words.close} onclose={sends(act, Action::Dismiss)} alert=true>
            <div class="dialog__body"><p class="muted">{ (changes.delete_text)(&state.room_handle()) }</p></div>
            <footer class="dialog__foot">
                <button type="button" class="btn" autofocus=true onclick={sends(act, Action::Dismiss)}>{ changes.keep }</button>
                <button type="button" class="btn btn--danger" onclick={sends(act, Action::Touch(Touch::Delete(target)))}>{ words.delete }</button>
            </footer>
        </Modal>
    }
}

fn pins(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let row = |message: &std::rc::Rc<crate::state::timeline::Message>| {
        let Some(seq) = message.seq else { return html! {} };
        html! {
            <li class="pin" key={seq.0}>
                <div class="grow"><b>{ &message.name }</b>{ " " }<time class="faint small">{ &message.clock }</time><div class="pin__text">{ markdown::body(state.lang, message, act) }</div></div>
                <button type="button" class="btn btn--sm" onclick={sends(act, Action::Touch(Touch::GoTo(seq)))}>{ words.changes.show }</button>
                <button type="button" class="icon-btn icon-btn--sm" aria-label={words.changes.unpin} title={words.changes.unpin} onclick={sends(act, Action::Touch(Touch::Pin(seq)))}>{ icon_sm("x") }</button>
            </li>
        }
    };
    let pins = state.pins();
    if pins.is_empty() {
        return listed(words, state.touched.pins.as_ref(), words.talk.no_pins, row);
    }
    html! { <ul class="picks">{ for pins.iter().map(row) }</ul> }
}

/// The texts that a message has had.
fn texts(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let row = |edit: &common::api::messages::EditView| {
        let local = Local::at(edit.at, state.zone);
        let day = (words.day)(&local, &Local::at(state.now.date, state.zone));
        html! {
            <li class="pin" key={edit.at.0}><div class="grow"><time class="faint small">{ day }{ " " }{ local.clock() }</time><div class="msg__body">{ markdown::earlier(state.lang, &edit.body, act) }</div></div></li>
        }
    };
    listed(words, state.touched.texts.as_ref(), words.talk.no_texts, row)
}

/// A list that was asked for: on its way, failed, empty, or there.
fn listed<T>(
    words: &'static Catalogue,
    list: Option<&Result<std::rc::Rc<[T]>, Failure>>,
    none: &'static str,
    row: impl Fn(&T) -> Html,
) -> Html {
    match list {
        None => html! { <p class="muted" role="status">{ words.loading }</p> },
        Some(Err(error)) => {
            html! { <p class="field__error" role="alert">{ icon_sm("alert") }{ failure(words, error) }</p> }
        }
        Some(Ok(list)) if list.is_empty() => html! { <p class="muted">{ none }</p> },
        Some(Ok(list)) => html! { <ul class="picks">{ for list.iter().map(row) }</ul> },
    }
}
