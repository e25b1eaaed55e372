//! One message.

use std::rc::Rc;

use yew::{Callback, Html, Properties, classes, component, html};

use super::parts::{avatar, icon, sends};
use crate::i18n::Lang;
use crate::links::{Piece, pieces};
use crate::state::Action;
use crate::state::timeline::{Message, Status};

/// What a row needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct MessageProps {
    pub message: Rc<Message>,
    pub lang: Lang,
    pub act: Callback<Action>,
}

/// A message: its author where it begins a group, its text, and how far it has come.
#[component]
pub(super) fn MessageRow(props: &MessageProps) -> Html {
    let message = &*props.message;
    let state = match message.status {
        Status::Kept => None,
        Status::Sending | Status::Waiting { .. } => Some("msg--pending"),
        Status::Failed { .. } => Some("msg--failed"),
    };
    html! {
        <article class={classes!("msg", message.first.then_some("msg--first"), state)}>
            if message.first {
                { avatar(message.by, &message.name, None) }
            } else {
                <time class="msg__gutter">{ &message.clock }</time>
            }
            <div class="msg__body">
                if message.first {
                    <header class="msg__head"><span class="msg__name">{ &message.name }</span><span class="msg__time"><time>{ &message.clock }</time></span></header>
                }
                <p class="msg__text">{ for pieces(&message.body).into_iter().map(piece) }</p>
                { status(props) }
            </div>
        </article>
    }
}

fn piece(piece: Piece<'_>) -> Html {
    match piece {
        Piece::Text(text) => html! { { text.to_owned() } },
        Piece::Link(link) => {
            html! { <a href={link.to_owned()} target="_blank" rel="noopener noreferrer">{ link.to_owned() }</a> }
        }
    }
}

fn status(props: &MessageProps) -> Html {
    let words = props.lang.words();
    match &props.message.status {
        Status::Kept => html! {},
        Status::Sending => html! { <p class="msg__status" role="status">{ icon("clock") }{ words.sending }</p> },
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
