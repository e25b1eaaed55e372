//! What can be done to one message: its toolbar, its reactions, and the keyboard on it.
//!
//! Only the message that is pointed at or has the focus has a toolbar; a thousand of them would cost every drawing
//! its time. Neighbours: `message` draws the row, `timeline` knows which one is aimed at.

use common::id::Seq;
use web_sys::{Element, EventTarget, HtmlElement, KeyboardEvent};
use yew::{Callback, Html, html};

use super::parts::{icon, icon_sm, sends};
use crate::i18n::Catalogue;
use crate::state::messages::QUICK;
use crate::state::timeline::Message;
use crate::state::{Action, Look, Over, Touch};
use wasm_bindgen::JsCast;

/// A message that something can be done to.
const OPEN: &str = ".msg[tabindex]";

/// The message that an event happened in.
pub(super) fn message_at(target: Option<EventTarget>) -> Option<Seq> {
    let element = target?.dyn_into::<Element>().ok()?;
    let row = element.closest(OPEN).ok().flatten()?;
    row.id().strip_prefix('m')?.parse().ok().map(Seq)
}

/// A key on a message that has the focus itself, or on the timeline in its place; buttons and links keep their own keys.
pub(super) fn press(event: &KeyboardEvent, focused: Option<Seq>, single: bool, act: &Callback<Action>) {
    let Some(row) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let own = row.matches(OPEN).unwrap_or_default();
    let arrow = matches!(event.key().as_str(), "ArrowUp" | "ArrowDown");
    if let (false, true, true, Some(seq)) = (own, arrow, row.matches(".log").unwrap_or_default(), focused) {
        // Its row is out of sight: back to it.
        event.prevent_default();
        return act.emit(Action::Touch(Touch::GoTo(seq)));
    }
    let Some(seq) = message_at(event.target()).filter(|_| own) else { return };
    let action = match event.key().as_str() {
        "ArrowUp" => return go(event, &row, Element::previous_element_sibling),
        "ArrowDown" => return go(event, &row, Element::next_element_sibling),
        "Delete" => Action::Touch(Touch::Open(Over::Delete(seq))),
        _ if !single => return,
        "e" | "E" => Action::Touch(Touch::Edit(seq)),
        "r" | "R" => Action::Reply(seq),
        "p" | "P" => Action::Touch(Touch::Pin(seq)),
        "f" | "F" => Action::Touch(Touch::ShowFrame(seq)),
        "+" => Action::Touch(Touch::Emoji(seq)),
        _ => return,
    };
    event.prevent_default();
    act.emit(action);
}

/// Gives the focus to the next message in one direction.
fn go(event: &KeyboardEvent, from: &Element, next: fn(&Element) -> Option<Element>) {
    event.prevent_default();
    let mut at = next(from);
    while let Some(row) = at {
        if row.matches(OPEN).unwrap_or_default()
            && let Some(row) = row.dyn_ref::<HtmlElement>()
        {
            drop(row.focus());
            return;
        }
        at = next(&row);
    }
}

/// The toolbar of a message.
pub(super) fn toolbar(
    message: &Message,
    seq: Seq,
    moderates: bool,
    words: &'static Catalogue,
    act: &Callback<Action>,
) -> Html {
    let changes = &words.changes;
    let button = |name: &'static str, label: &'static str, action: Action| {
        html! { <button type="button" class="icon-btn" aria-label={label} title={label} onclick={sends(act, action)}>{ icon(name) }</button> }
    };
    let tool = |name, label, touch| button(name, label, Action::Touch(touch));
    let quick = |emoji: &'static str| {
        html! { <button type="button" class="icon-btn quick" aria-label={(changes.react_with)(emoji)} onclick={sends(act, Action::Touch(Touch::React(seq, emoji.to_owned())))}>{ emoji }</button> }
    };
    html! {
        <div class="msg__tools" role="toolbar" aria-label={changes.tools}>
            { for QUICK.map(quick) }
            { tool("react", changes.react, Touch::Emoji(seq)) }
            { button("reply", words.talk.reply, Action::Reply(seq)) }
            { tool("pin", if message.pinned { changes.unpin } else { changes.pin }, Touch::Pin(seq)) }
            if let Some(n) = message.n.filter(|_| !message.mine) {
                { button("unread", words.talk.unread_from, Look::UnreadFrom(n).into()) }
            }
            if message.mine {
                { tool("edit", changes.edit, Touch::Edit(seq)) }
            }
            if message.mine || moderates {
                { tool("trash", words.delete, Touch::Open(Over::Delete(seq))) }
            }
        </div>
    }
}

/// The emoji under a message.
pub(super) fn reactions(message: &Message, words: &'static Catalogue, act: &Callback<Action>) -> Html {
    let (Some(seq), false) = (message.seq, message.reactions.is_empty()) else { return html! {} };
    let one = |tally: &crate::state::outlook::Tally| {
        let label = format!("{} {}", tally.emoji, tally.count);
        let onclick = sends(act, Action::Touch(Touch::React(seq, tally.emoji.clone())));
        html! {
            <button type="button" class="reaction" key={tally.emoji.clone()} aria-pressed={tally.mine.to_string()} aria-label={label} title={tally.who.clone()} {onclick}>
                <span class="reaction__emoji">{ &tally.emoji }</span>{ tally.count }
            </button>
        }
    };
    let more = sends(act, Action::Touch(Touch::Emoji(seq)));
    html! {
        <div class="reactions">
            { for message.reactions.iter().map(one) }
            <button type="button" class="reaction reaction--add" aria-label={words.changes.react} onclick={more}>{ icon_sm("react") }</button>
        </div>
    }
}
