//! The answers to a message, beside the room: the message, what was answered, and a composer of its own.
//!
//! Neighbours: `message` draws the same messages in the room. Deliberately absent: tools; each message leads to its place
//! in the room, where they are.

use common::text::TextError;
use web_sys::{HtmlTextAreaElement, InputEvent, KeyboardEvent, SubmitEvent};
use yew::{Callback, Html, TargetCast, html};

use super::composer::sends_message;
use super::message::{body, of_bot};
use super::parts::{avatar, field_error, icon, sends};
use crate::i18n::Lang;
use crate::state::thread::Open;
use crate::state::timeline::{Message, Status};
use crate::state::{Action, Chain, State, Touch};

/// The panel.
// Where the program is split, this stays in one piece.
#[inline(never)]
pub(super) fn panel(state: &State, open: &Open, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let messages = state.chained(open);
    html! {
        <aside class="panel is-open thread" aria-label={words.talk.thread}>
            <header class="panel__head">
                <h2 class="panel__title">{ words.talk.thread }</h2>
                <button type="button" class="icon-btn" aria-label={words.close} onclick={sends(act, Action::Chain(Chain::Close))}>{ icon("x") }</button>
            </header>
            <div class="thread__log" role="log" tabindex="0" aria-label={words.talk.thread} aria-busy={open.loading.to_string()}>
                <div>
                    if open.failure.is_some() {
                        <p class="muted small thread__note" role="alert">{ words.talk.thread_failed }{ " " }
                            <button type="button" class="btn-link" onclick={sends(act, Action::Chain(Chain::Open(open.root)))}>{ words.retry }</button>
                        </p>
                    }
                    { for messages.iter().map(|message| one(message, state.lang, act)) }
                    if open.loading && messages.is_empty() {
                        <p class="muted small thread__note" role="status">{ words.loading }</p>
                    }
                </div>
            </div>
            if super::composer::closed(state).is_none() {
                { composer(state.lang, open, act) }
            }
        </aside>
    }
}

fn one(message: &Message, lang: Lang, act: &Callback<Action>) -> Html {
    let words = lang.words();
    let place = message.seq.map(|seq| sends::<web_sys::MouseEvent>(act, Action::Touch(Touch::GoTo(seq))));
    html! {
        <article class="msg msg--first" key={message.key.to_string()}>
            { avatar(message.by, &message.name, None) }
            <div class="msg__body">
                <header class="msg__head">
                    <span class="msg__name">{ &message.name }</span>
                    { of_bot(message, lang) }
                    if let Some(onclick) = place {
                        <button type="button" class="msg__time btn-link" title={words.changes.show} {onclick}>{ &message.clock }</button>
                    } else {
                        <span class="msg__time">{ &message.clock }</span>
                    }
                </header>
                { body(message, lang, act) }
                if message.status != Status::Kept {
                    <p class="msg__status">{ icon("clock") }{ words.sending }</p>
                }
            </div>
        </article>
    }
}

fn composer(lang: Lang, open: &Open, act: &Callback<Action>) -> Html {
    let words = lang.words();
    let oninput = act.reform(|event: InputEvent| {
        let field = event.target_dyn_into::<HtmlTextAreaElement>();
        Action::Chain(Chain::Write(field.map(|field| field.value()).unwrap_or_default()))
    });
    let say = act.reform(|()| Action::Chain(Chain::Say));
    let onkeydown = {
        let say = say.clone();
        Callback::from(move |event: KeyboardEvent| {
            if sends_message(&event) {
                event.prevent_default();
                say.emit(());
            }
        })
    };
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        say.emit(());
    });
    let error = open.error.as_ref().map(|error: &TextError| (words.text_error)(error));
    let lines = open.text.split('\n').count().clamp(1, 8);
    html! {
        <form class="composer" {onsubmit}>
            <div class="composer__box">
                <textarea class="composer__input" rows={lines.to_string()} aria-label={words.talk.write_in_thread} placeholder={words.talk.write_in_thread}
                    aria-invalid={error.is_some().then_some("true")} aria-describedby={error.is_some().then_some("thread-note")}
                    value={open.text.clone()} {oninput} {onkeydown} />
                <div class="composer__bar">
                    <span class="composer__hint"></span>
                    <button class="icon-btn send" aria-label={words.send}>{ icon("send") }</button>
                </div>
            </div>
            if let Some(error) = error {
                { field_error("thread-note", &error) }
            }
        </form>
    }
}
