//! One message.

use std::rc::Rc;

use common::id::RoomId;
use yew::{Callback, Html, Properties, classes, component, html};

use super::parts::{avatar, icon, icon_sm, sends};
use super::{markdown, tools};
use crate::i18n::Lang;
use crate::state::outlook::Refused;
use crate::state::timeline::{Message, Status};
use crate::state::{Action, Chain, Over, Touch};

/// What a row needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct MessageProps {
    pub message: Rc<Message>,
    pub room: RoomId,
    /// Whether the reader may delete the messages of others.
    pub moderates: bool,
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
    let id = message.seq.map(|seq| format!("m{}", seq.0));
    let tabindex = tool_of.map(|_| if props.entry { "0" } else { "-1" });
    html! {
        <article {id} {class} {tabindex}>
            if message.first {
                { avatar(message.by, &message.name, None) }
            } else {
                { time(props, "msg__gutter") }
            }
            <div class="msg__body">
                { quote(props) }
                if message.first {
                    <header class="msg__head"><span class="msg__name">{ &message.name }</span>{ of_bot(message, props.lang) }{ time(props, "msg__time") }{ marks(props) }</header>
                }
                { body(message, props.lang, &props.act) }
                if !message.first {
                    { marks(props) }
                }
                { tools::reactions(message, props.lang.words(), &props.act) }
                { replies(props) }
                { status(props) }
                { for message.refused.iter().map(|refused| refusal(props, refused)) }
            </div>
            if let Some(seq) = tool_of.filter(|_| props.aimed) {
                { tools::toolbar(message, seq, props.moderates, props.lang.words(), &props.act) }
            }
        </article>
    }
}

/// Says of a program's message that it is one.
pub(super) fn of_bot(message: &Message, lang: Lang) -> Html {
    html! { if message.bot { <span class="badge">{ lang.words().talk.bot }</span> } }
}

/// The time, which is the message's own address.
fn time(props: &MessageProps, class: &'static str) -> Html {
    let clock = &props.message.clock;
    let Some(seq) = props.message.seq else { return html! { <time {class}>{ clock }</time> } };
    let href = format!("/r/{}#{}", props.room.0, seq.0);
    html! { <a {class} {href} tabindex="-1" aria-label={(props.lang.words().talk.permalink)(clock)}><time>{ clock }</time></a> }
}

/// What it answers.
fn quote(props: &MessageProps) -> Html {
    let Some(quote) = &props.message.quote else { return html! {} };
    let talk = &props.lang.words().talk;
    let (act, to) = (props.act.clone(), quote.to);
    let onclick = Callback::from(move |event: web_sys::MouseEvent| {
        event.prevent_default();
        act.emit(Action::Touch(Touch::GoTo(to)));
    });
    html! {
        <a class="quote" href={format!("/r/{}#{}", props.room.0, to.0)} {onclick}>
            if let Some(said) = &quote.said {
                { avatar(said.by, &said.name, Some("avatar--xs")) }
                <b><span class="sr-only">{ (talk.answers)("") }</span>{ &said.name }</b>
                <span class="cut">{ if said.text.is_empty() { talk.quoted_gone } else { said.text.as_str() } }</span>
            } else {
                { icon_sm("reply") }<span class="cut">{ talk.quoted_away }</span>
            }
        </a>
    }
}

/// How many answers there are, and the way to them.
fn replies(props: &MessageProps) -> Html {
    let (Some(seq), n @ 1..) = (props.message.seq, props.message.replies) else { return html! {} };
    let onclick = sends(&props.act, Action::Chain(Chain::Open(seq)));
    html! { <button type="button" class="msg__replies btn-link" {onclick}>{ icon_sm("reply") }{ (props.lang.words().talk.replies)(n) }</button> }
}

/// The text of a message, or that it is gone.
pub(super) fn body(message: &Message, lang: Lang, act: &Callback<Action>) -> Html {
    if message.deleted {
        html! { <p class="msg__text msg__gone">{ icon_sm("trash") }{ " " }{ lang.words().changes.deleted }</p> }
    } else {
        markdown::body(lang, message, act)
    }
}

/// That it was edited, and that it is pinned.
fn marks(props: &MessageProps) -> Html {
    let words = &props.lang.words().changes;
    let message = &props.message;
    html! {
        <>
            if let Some(clock) = &message.edited {
                if let Some(seq) = message.seq.filter(|_| message.mine || props.moderates) {
                    <button type="button" class="msg__edited btn-link" title={(words.edited_at)(clock)} onclick={sends(&props.act, Action::Touch(Touch::Open(Over::Edits(seq))))}>{ words.edited }</button>
                } else {
                    <span class="msg__edited" title={(words.edited_at)(clock)}>{ words.edited }</span>
                }
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
