//! The dialog of rooms: the public ones to join, and a form to make a new one.

use common::api::RoomEntry;
use web_sys::{InputEvent, SubmitEvent};
use yew::{Callback, Html, Properties, UseStateHandle, component, html, use_state};

use super::modal::Modal;
use super::parts::{failure, field_error, icon, input_value, sends};
use crate::i18n::Lang;
use crate::state::{self, Action};

/// What the dialog needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct RoomsProps {
    pub lang: Lang,
    pub dialog: state::RoomsDialog,
    /// Whether commands go out at once.
    pub ready: bool,
    pub act: Callback<Action>,
}

/// The dialog.
#[component]
pub(super) fn RoomsDialog(props: &RoomsProps) -> Html {
    let words = props.lang.words();
    let (filter, name) = (use_state(String::new), use_state(String::new));
    html! {
        <Modal title={words.public_rooms} close_label={words.close} onclose={sends(&props.act, Action::Dismiss)}>
            <div class="dialog__body">
                <input class="input" type="search" autofocus=true placeholder={words.filter_rooms} aria-label={words.filter_rooms} value={(*filter).clone()} oninput={typed(&filter)} />
                { list(props, &filter) }
                { form(props, &name) }
            </div>
        </Modal>
    }
}

fn typed(field: &UseStateHandle<String>) -> Callback<InputEvent> {
    let field = field.clone();
    Callback::from(move |event: InputEvent| field.set(input_value(&event)))
}

fn list(props: &RoomsProps, filter: &str) -> Html {
    let words = props.lang.words();
    let rooms = match &props.dialog.list {
        None => return html! { <p class="faint" role="status">{ words.loading }</p> },
        Some(Err(why)) => {
            return html! {
                <p class="field__error" role="alert">{ words.rooms_failed }{ " " }{ failure(words, why) }{ " " }
                    <button type="button" class="btn-link" onclick={sends(&props.act, Action::AskRooms)}>{ words.retry }</button>
                </p>
            };
        }
        Some(Ok(rooms)) => rooms,
    };
    let wanted = filter.trim().trim_start_matches('#').to_lowercase();
    let mut shown = rooms.iter().filter(|room| room.name.contains(&wanted)).peekable();
    if shown.peek().is_none() {
        let text = if rooms.is_empty() { words.no_public.to_owned() } else { (words.no_match)(filter) };
        return html! { <p class="faint" role="status">{ text }</p> };
    }
    html! { <ul class="picks">{ for shown.map(|room| entry(props, room)) }</ul> }
}

fn entry(props: &RoomsProps, room: &RoomEntry) -> Html {
    let words = props.lang.words();
    let (label, action, class) = if room.joined {
        (words.open, Action::Visit(room.id), "btn btn--sm btn--ghost")
    } else {
        (words.join, Action::Join(room.id), "btn btn--sm")
    };
    // An opened room lies behind the dialog, which has done its work then.
    let (act, closes) = (props.act.clone(), room.joined);
    let onclick = Callback::from(move |_: web_sys::MouseEvent| {
        if closes {
            act.emit(Action::Dismiss);
        }
        act.emit(action.clone());
    });
    html! {
        <li class="pick" key={room.id.0}>
            { icon("hash") }
            <span class="grow cut strong">{ &room.name }</span>
            <span class="faint small nowrap">{ (words.members)(room.members) }</span>
            <button type="button" {class} aria-label={format!("{label} #{}", room.name)} {onclick}>{ label }</button>
        </li>
    }
}

fn form(props: &RoomsProps, name: &UseStateHandle<String>) -> Html {
    let words = props.lang.words();
    let onsubmit = {
        let (name, act) = (name.clone(), props.act.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.emit(Action::Create((*name).clone()));
        })
    };
    let error = props.dialog.error.as_ref().map(|error| failure(words, error));
    let waits = props.dialog.going.is_some() && !props.ready;
    html! {
        <form class="field" {onsubmit}>
            <label class="field__label" for="new-room">{ words.new_room }</label>
            <div class="row">
                <input class="input" id="new-room" value={(**name).clone()} oninput={typed(name)} autocomplete="off" aria-invalid={error.is_some().then_some("true")} aria-describedby="new-room-note" />
                <button class="btn btn--primary" disabled={props.dialog.going.is_some()}>{ words.create }</button>
            </div>
            if let Some(error) = error {
                { field_error("new-room-note", &error) }
            } else {
                <p class="field__hint" id="new-room-note">{ if waits { words.offline_room } else { words.new_room_hint } }</p>
            }
        </form>
    }
}
