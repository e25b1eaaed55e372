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
use crate::state::{Action, Over, Touch};
use wasm_bindgen::JsCast;

/// The message that an event happened in.
pub(super) fn message_at(target: Option<EventTarget>) -> Option<Seq> {
    let element = target?.dyn_into::<Element>().ok()?;
    let row = element.closest(".msg[id]").ok().flatten()?;
    row.id().strip_prefix('m')?.parse().ok().map(Seq)
}

/// A key on a message that has the focus itself; its buttons and links keep their own keys.
pub(super) fn press(event: &KeyboardEvent, act: &Callback<Action>) {
    let Some(row) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let own = row.matches(".msg[id]").unwrap_or_default();
    if !own || event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let Some(seq) = message_at(event.target()) else { return };
    let touch = match event.key().as_str() {
        "ArrowUp" => return go(event, &row, Element::previous_element_sibling),
        "ArrowDown" => return go(event, &row, Element::next_element_sibling),
        "e" | "E" => Touch::Edit(seq),
        "p" | "P" => Touch::Pin(seq),
        "+" => Touch::Open(Over::React(seq)),
        "Delete" => Touch::Open(Over::Delete(seq)),
        _ => return,
    };
    event.prevent_default();
    act.emit(Action::Touch(touch));
}

/// Gives the focus to the next message in one direction.
fn go(event: &KeyboardEvent, from: &Element, next: fn(&Element) -> Option<Element>) {
    event.prevent_default();
    let mut at = next(from);
    while let Some(row) = at {
        if row.matches(".msg[id]").unwrap_or_default()
            && let Some(row) = row.dyn_ref::<HtmlElement>()
        {
            drop(row.focus());
            return;
        }
        at = next(&row);
    }
}

/// The toolbar of a message.
pub(super) fn toolbar(message: &Message, seq: Seq, words: &'static Catalogue, act: &Callback<Action>) -> Html {
    let changes = &words.changes;
    let tool = |name: &'static str, label: &'static str, touch: Touch| {
        html! { <button type="button" class="icon-btn" aria-label={label} title={label} onclick={sends(act, Action::Touch(touch))}>{ icon(name) }</button> }
    };
    let quick = |emoji: &'static str| {
        html! { <button type="button" class="icon-btn quick" aria-label={(changes.react_with)(emoji)} onclick={sends(act, Action::Touch(Touch::React(seq, emoji.to_owned())))}>{ emoji }</button> }
    };
    html! {
        <div class="msg__tools" role="toolbar" aria-label={changes.tools}>
            { for QUICK.map(quick) }
            { tool("react", changes.react, Touch::Open(Over::React(seq))) }
            { tool("pin", if message.pinned { changes.unpin } else { changes.pin }, Touch::Pin(seq)) }
            if message.mine {
                { tool("edit", changes.edit, Touch::Edit(seq)) }
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
    let more = sends(act, Action::Touch(Touch::Open(Over::React(seq))));
    html! {
        <div class="reactions">
            { for message.reactions.iter().map(one) }
            <button type="button" class="reaction reaction--add" aria-label={words.changes.react} onclick={more}>{ icon_sm("react") }</button>
        </div>
    }
}
