//! The form for a new room.

use common::sync::outbox::{RoomChange, What};
use common::text::{RoomName, TextError, Topic};
use web_sys::SubmitEvent;
use yew::{Callback, Html, component, html, use_effect_with, use_state, use_state_eq};

use super::DeskProps;
use super::bits::{below, complaint, focus, typed};
use super::order::{Standing, use_order};
use crate::views::modal::Modal;
use crate::views::parts::field_error;

/// The dialog. The topic is set once the room is there.
#[component]
pub fn NewRoom(props: &DeskProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    let (name, topic, private) = (use_state(String::new), use_state(String::new), use_state_eq(|| false));
    let errors = use_state(|| (None::<TextError>, None::<TextError>));
    let (standing, order) = use_order(desk);
    {
        let (desk, topic) = (desk.clone(), topic.clone());
        use_effect_with(standing.clone(), move |standing| {
            if let Standing::Done(room) = standing {
                if let Some(topic) = Topic::new(&topic).ok().filter(|topic| !topic.as_str().is_empty()) {
                    desk.command(What::Room { room: *room, change: RoomChange::Topic(topic) });
                }
                desk.visit(*room);
            }
        });
    }
    let onsubmit = {
        let (name, topic, errors, private) = (name.clone(), topic.clone(), errors.clone(), *private);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (named, about) = (RoomName::new(&name), Topic::new(&topic));
            match (named, about) {
                (Ok(name), Ok(_)) => {
                    errors.set((None, None));
                    order.emit(What::Create { name, private });
                }
                (named, about) => {
                    focus(if named.is_err() { "new-room-name" } else { "new-room-topic" });
                    errors.set((named.err(), about.err()));
                }
            }
        })
    };
    let error = complaint(desk, errors.0.as_ref(), &standing);
    let topic_error = errors.1.as_ref().map(|error| (desk.context.lang.words().text_error)(error));
    let ontoggle = {
        let private = private.clone();
        Callback::from(move |_: yew::Event| private.set(!*private))
    };
    let dismiss = desk.clone();
    html! {
        <Modal title={words.new_room} close_label={words.close} onclose={Callback::from(move |()| dismiss.close())}>
            <form class="dialog__form" {onsubmit} novalidate=true>
                <div class="dialog__body">
                    <div class="field">
                        <label class="field__label" for="new-room-name">{ words.room_name }</label>
                        <input class="input" id="new-room-name" autofocus=true autocomplete="off" spellcheck="false" value={(*name).clone()} oninput={typed(&name)} aria-invalid={error.is_some().then_some("true")} aria-describedby="new-room-name-note" />
                        { below(desk, "new-room-name-note", error.as_deref(), &standing, words.room_name_hint) }
                    </div>
                    <div class="field">
                        <label class="field__label" for="new-room-topic">{ words.topic }</label>
                        <input class="input" id="new-room-topic" autocomplete="off" value={(*topic).clone()} oninput={typed(&topic)} aria-invalid={topic_error.is_some().then_some("true")} aria-describedby="new-room-topic-note" />
                        if let Some(error) = &topic_error {
                            { field_error("new-room-topic-note", error) }
                        } else {
                            <p class="field__hint" id="new-room-topic-note">{ words.topic_hint }</p>
                        }
                    </div>
                    <div class="setting">
                        <label for="new-room-private">{ words.private }<small>{ if *private { words.private_hint } else { words.public_hint } }</small></label>
                        <span class="switch"><input type="checkbox" role="switch" id="new-room-private" checked={*private} onchange={ontoggle} /><span></span></span>
                    </div>
                </div>
                <footer class="dialog__foot"><button class="btn btn--primary" disabled={standing.is_going()}>{ words.create }</button></footer>
            </form>
        </Modal>
    }
}
