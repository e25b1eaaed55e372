//! One message.

use std::rc::Rc;

use yew::{Callback, Html, Properties, classes, component, html};

use super::parts::{avatar, icon, icon_sm, sends};
use super::{markdown, tools};
use crate::i18n::Lang;
use crate::state::Action;
use crate::state::outlook::Refused;
use crate::state::timeline::{Message, Status};

/// What a row needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct MessageProps {
    pub message: Rc<Message>,
    /// Whether somebody points at it or has the focus in it.
    pub aimed: bool,
    /// Whether the keyboard enters the timeline here.
    pub entry: bool,
    pub lang: Lang,
    pub act: Callback<Action>,
}

/// A message: its author where it begins a group, its text, and how far it has come.
#[component]
pub(super) fn MessageRow(props: &MessageProps) -> Html {
    let message = &*props.message;
    let state = match message.status {
        Status::Kept if !message.refused.is_empty() => Some("msg--failed"),
        Status::Kept => None,
        Status::Sending | Status::Waiting { .. } | Status::Later | Status::Troubled { .. } => Some("msg--pending"),
        Status::Failed { .. } => Some("msg--failed"),
    };
    let class = classes!(
        "msg",
        message.first.then_some("msg--first"),
        message.calls_me.then_some("msg--mention"),
        message.leaving.then_some("msg--leaving"),
        state
    );
    let tool_of = message.seq.filter(|_| !message.is_gone());
    let id = tool_of.map(|seq| format!("m{}", seq.0));
    let tabindex = tool_of.map(|_| if props.entry { "0" } else { "-1" });
    html! {
        <article {id} {class} {tabindex}>
            if message.first {
                { avatar(message.by, &message.name, None) }
            } else {
                <time class="msg__gutter">{ &message.clock }</time>
            }
            <div class="msg__body">
                if message.first {
                    <header class="msg__head"><span class="msg__name">{ &message.name }</span><span class="msg__time"><time>{ &message.clock }</time></span>{ marks(props) }</header>
                }
                if message.deleted {
                    <p class="msg__text msg__gone">{ icon_sm("trash") }{ " " }{ props.lang.words().changes.deleted }</p>
                } else {
                    { markdown::body(props.lang, message, &props.act) }
                }
                if !message.first {
                    { marks(props) }
                }
                { tools::reactions(message, props.lang.words(), &props.act) }
                { status(props) }
                { for message.refused.iter().map(|refused| refusal(props, refused)) }
            </div>
            if let Some(seq) = tool_of.filter(|_| props.aimed) {
                { tools::toolbar(message, seq, props.lang.words(), &props.act) }
            }
        </article>
    }
}

/// That it was edited, and that it is pinned.
fn marks(props: &MessageProps) -> Html {
    let words = &props.lang.words().changes;
    let message = &props.message;
    html! {
        <>
            if let Some(clock) = &message.edited {
                <span class="msg__edited" title={(words.edited_at)(clock)}>{ words.edited }</span>
            }
            if message.pinned {
                <span class="msg__edited msg__pinned">{ icon_sm("pin") }{ words.pinned }</span>
            }
        </>
    }
}

/// A change that was refused, and what can be done about it.
fn refusal(props: &MessageProps, refused: &Refused) -> Html {
    let words = props.lang.words();
    let why = (words.changes.not_done)(refused.what, &(words.refusal)(&refused.why));
    html! {
        <p class="msg__status" role="alert" key={refused.cid.to_string()}>
            { icon("alert") }{ why }{ " " }
            <button type="button" class="btn-link" onclick={sends(&props.act, Action::Retry(refused.cid))}>{ words.retry }</button>{ " " }
            <button type="button" class="btn-link" onclick={sends(&props.act, Action::Discard(refused.cid))}>{ words.changes.discard }</button>
        </p>
    }
}

fn status(props: &MessageProps) -> Html {
    let words = props.lang.words();
    match &props.message.status {
        Status::Kept => html! {},
        Status::Sending if props.message.leaving => {
            html! { <p class="msg__status" role="status">{ icon("clock") }{ words.changes.deleting }</p> }
        }
        Status::Sending => html! { <p class="msg__status" role="status">{ icon("clock") }{ words.sending }</p> },
        Status::Later => html! { <p class="msg__status">{ icon("clock") }{ words.changes.later }</p> },
        Status::Troubled { why } => {
            html! { <p class="msg__status" role="status">{ icon("alert") }{ words.troubled(why) }</p> }
        }
        Status::Waiting { i, n } => html! { <p class="msg__status">{ icon("clock") }{ (words.waiting)(*i, *n) }</p> },
        Status::Failed { cid, why } => html! {
            <p class="msg__status" role="alert">
                { icon("alert") }{ (words.not_sent)(why) }{ " " }
                <button type="button" class="btn-link" onclick={sends(&props.act, Action::Retry(*cid))}>{ words.retry }</button>{ " " }
                <button type="button" class="btn-link" onclick={sends(&props.act, Action::Discard(*cid))}>{ words.delete }</button>
            </p>
        },
    }
}
