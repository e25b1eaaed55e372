//! The list of what is offered while one writes.
//!
//! The focus stays in the field; the field names the chosen row (`aria-activedescendant`). Neighbours: `composer` has
//! the field, [`crate::state::offers`] knows what to offer.

use web_sys::{KeyboardEvent, MouseEvent};
use yew::{Callback, Html, classes, html};

use super::parts::avatar;
use crate::i18n::Lang;
use crate::state::offers::{Kind, Offer};

/// What a key press does with the list.
pub(super) enum Choice {
    /// Another row is chosen.
    Go(usize),
    /// The chosen row is taken.
    Take,
    /// The list is closed.
    Close,
}

/// What a key press does with a list of so many rows.
pub(super) fn choice(event: &KeyboardEvent, chosen: usize, rows: usize) -> Option<Choice> {
    let bare = !(event.shift_key() || event.alt_key() || event.ctrl_key() || event.meta_key());
    match event.key().as_str() {
        _ if rows == 0 || !bare => None,
        "ArrowDown" => Some(Choice::Go((chosen + 1) % rows)),
        "ArrowUp" => Some(Choice::Go((chosen + rows - 1) % rows)),
        "Enter" | "Tab" => Some(Choice::Take),
        "Escape" => Some(Choice::Close),
        _ => None,
    }
}

/// The name of a row in the document.
pub(super) fn id(row: usize) -> String {
    format!("offer-{row}")
}

/// The list.
pub(super) fn list(lang: Lang, offers: &[Offer], chosen: usize, take: &Callback<usize>) -> Html {
    let words = &lang.words().writing;
    let row = |(at, offer): (usize, &Offer)| {
        let onclick = take.reform(move |_: MouseEvent| at);
        let (picture, name, note) = match offer.what {
            Kind::Person(user) => {
                let name = offer.text.trim_start_matches('@');
                (avatar(user, name, Some("avatar--sm")), name, "")
            }
            Kind::Everybody { here } => {
                (html! {}, offer.text.as_str(), if here { words.everybody_here } else { words.everybody })
            }
            Kind::Emoji(name) => (html! { <span aria-hidden="true">{ &offer.text }</span> }, name, ""),
            Kind::Command(command) => (html! {}, offer.text.as_str(), (words.usage)(command).1),
        };
        html! {
            <li id={id(at)} key={at} class={classes!("menu__item", (at == chosen).then_some("is-active"))} role="option" aria-selected={(at == chosen).to_string()} {onclick}>
                { picture }<bdi class="cut">{ name }</bdi><span class="faint cut">{ note }</span>
            </li>
        }
    };
    // A press must not take the focus from the field before it is a click.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    html! {
        <>
            <ul class="menu offers" id="offers" role="listbox" aria-label={words.offers} {onmousedown}>{ for offers.iter().enumerate().map(row) }</ul>
            <p class="sr-only" role="status">{ (words.offered)(offers.len()) }</p>
        </>
    }
}
