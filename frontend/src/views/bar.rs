//! The header of the main column: the room, its members, the ways to the wire.

use common::model::{Level, RoomKind};
use common::sync::Room;
use web_sys::HtmlInputElement;
use yew::{Callback, Html, TargetCast, classes, html};

use super::parts::{icon, icon_sm, sends, sig, tone};
use super::people;
use super::sidebar::rounded;
use crate::annex::port::Open;
use crate::calendar::start_of;
use crate::state::{Action, Look, Overlay, State, name_of};

/// The header.
pub(super) fn bar(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let room = state.room.and_then(|id| state.engine.rooms().get(&id));
    let title = room.map(|room| (sort_icon(room), name_of(room)));
    let members = room.map(|room| match room.info.topic.as_str() {
        "" => (words.members)(room.info.members),
        topic => topic.to_owned(),
    });
    let unread = state.unread();
    html! {
        <header class="bar">
            <button type="button" class="icon-btn bar__menu only-narrow" aria-label={words.rooms} aria-expanded={state.side_open.to_string()} aria-controls="side" onclick={sends(act, Action::Toggle(Overlay::Side))}>
                { icon("menu") }
                if unread > 0 {
                    <span class="badge badge--mention">{ unread }</span>
                }
            </button>
            <div class="grow bar__room">
                if let Some((sort, title)) = title {
                    <h1 class="bar__title">{ icon(sort) }<span class="cut">{ title }</span></h1>
                    <span class="bar__topic cut">{ members }</span>
                } else {
                    <h1 class="bar__title">{ "Readyroom" }</h1>
                }
            </div>
            if let Some(room) = room {
                <button type="button" class="icon-btn" aria-label={words.search} title={words.search} onclick={sends(act, Action::Open(Open::Search { query: String::new(), room: Some(room.info.id) }))}>{ icon("search") }</button>
                { people::buttons(room, words, act) }
                { more(state, room, act) }
            }
            <button type="button" class="icon-btn only-wide" aria-label={words.wire_toggle} title={words.wire_toggle} aria-expanded={state.wire_open.to_string()} onclick={sends(act, Action::Toggle(Overlay::Wire))}>{ icon("wire") }</button>
            { pill(state, act) }
        </header>
    }
}

const fn sort_icon(room: &Room) -> &'static str {
    match room.info.kind {
        RoomKind::Public => "hash",
        RoomKind::Private => "lock",
        RoomKind::Direct => "users",
    }
}

/// The menu of the room, and the button that opens it.
fn more(state: &State, room: &Room, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let open = state.sight.menu;
    html! {
        <div class="bar__more">
            <button type="button" class="icon-btn" aria-label={words.talk.menu} title={words.talk.menu} aria-expanded={open.to_string()} aria-controls="room-menu" onclick={sends(act, Look::Menu(!open).into())}>
                { icon(if room.info.muted { "mute" } else { "more" }) }
            </button>
            if open {
                <div class="menu__shade" onclick={sends(act, Look::Menu(false).into())}></div>
                { menu(state, room, act) }
            }
        </div>
    }
}

// Where the program is split, this stays in one piece.
#[inline(never)]
fn menu(state: &State, room: &Room, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let talk = &words.talk;
    let id = room.info.id;
    let item = |name: &'static str, label: &'static str, action: Action| {
        html! { <button type="button" class="menu__item" onclick={sends(act, action)}>{ icon(name) }<span class="grow">{ label }</span></button> }
    };
    let level = |(level, label): (Level, &'static str)| {
        html! {
            <label class="menu__item"><input type="radio" name="level" checked={room.info.notify == level} onchange={sends(act, Look::Notify(id, level).into())} />{ label }</label>
        }
    };
    let zone = state.zone;
    let ondate = {
        let act = act.clone();
        Callback::from(move |event: yew::Event| {
            let day = event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
            if let Some(at) = day.and_then(|day| start_of(&day, zone)) {
                act.emit(Look::ToDate(at).into());
            }
        })
    };
    html! {
        <div class="menu" id="room-menu">
            { item("check", talk.read, Look::Read(id).into()) }
            <label class="menu__item"><span class="grow">{ talk.to_date }</span><input class="input" type="date" max="9999-12-31" onchange={ondate} /></label>
            <label class="menu__item"><input type="checkbox" checked={room.info.muted} onchange={sends(act, Action::Mute(id, !room.info.muted))} /><span class="grow">{ words.mute }</span></label>
            <fieldset class="menu__group"><legend>{ talk.notify }</legend>
                { for [Level::All, Level::Mentions, Level::Nothing].into_iter().zip(talk.levels).map(level) }
            </fieldset>
            if state.may_notify.is_none() {
                { item("bell", talk.ask_to_notify, Look::AskToNotify.into()) }
            }
            if room.info.kind != RoomKind::Direct {
                { item("gear", words.room_settings, Action::Open(Open::RoomSettings(id))) }
                { item("exit", words.leave, Action::ShowLeave(id)) }
            }
        </div>
    }
}

/// The pill of a narrow page.
fn pill(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let rtt = rounded(state.wire.round_trip());
    let name = state.wire.ready.map_or(words.no_socket, |ready| ready.name());
    let trip = rtt.map(|ms| format!(" {ms}"));
    let shown = trip.iter().fold(name.to_owned(), |shown, trip| shown + trip);
    html! {
        <button type="button" class={classes!("pill", "only-narrow", tone(state.wire.ready))} aria-label={(words.pill)(&shown)} onclick={sends(act, Action::Toggle(Overlay::Wire))}>
            if let Some(ready) = state.wire.ready {
                { sig(ready) }{ shown }
            } else {
                { icon_sm("wire") }
            }
        </button>
    }
}
