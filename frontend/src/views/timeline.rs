//! The timeline: the rows in sight, the empty room, the skeleton, and what stands above and below.
//!
//! Neighbours: `scroll` is the part of the page that scrolls and keeps its place, `message` a message. Deliberately
//! absent: which rows there are; that is the state's.

use std::rc::Rc;

use common::model::RoomKind;
use yew::{Callback, Html, html};

use super::message::MessageRow;
use super::parts::{icon, sends};
use super::scroll::{Place, Scroll};
use crate::i18n::Lang;
use crate::state::timeline::{Change, Key, Row, is_empty};
use crate::state::{Action, Look, State, name_of};

/// The timeline, or what stands in its place.
pub(super) fn view(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let known = state.engine.me().is_some();
    let Some(room) = state.room.and_then(|id| state.engine.rooms().get(&id)) else {
        return match state.room {
            _ if !known => skeleton(words.loading),
            Some(id) => {
                stead("hash", words.outside_title, words.outside_text, words.join, &sends(act, Action::Join(id)))
            }
            None => {
                stead("chat", words.no_room_title, words.no_room_text, words.browse, &sends(act, Action::ShowRooms))
            }
        };
    };
    if room.log.is_empty() && room.head.0 > 0 {
        return skeleton(words.loading);
    }
    let sight = &state.sight;
    html! {
        <>
            { new_above(state, act) }
            <Scroll key={room.info.id.0} lang={state.lang} room_id={room.info.id} rows={Rc::clone(&state.rows)} room={name_of(room)} open={room.info.kind == RoomKind::Public}
                above={sight.above} below={sight.below} older={room.has_older()} loading={room.is_loading()}
                empty={sight.above == 0 && is_empty(room, &state.rows)} away={state.left_at.is_some()}
                unread={state.new_from.is_some()} new_above={sight.new_above} moderates={state.may_delete(false)} act={act.clone()} />
        </>
    }
}

/// The bar over the timeline that leads to what was unread.
fn new_above(state: &State, act: &Callback<Action>) -> Html {
    let words = &state.lang.words();
    let (Some((id, read)), true) = (state.new_from, state.sight.new_above) else { return html! {} };
    let n = state.engine.rooms().get(&id).map_or(0, |room| room.info.n.saturating_sub(read));
    html! {
        <div class="unread-bar">
            <button type="button" class="btn btn--sm" onclick={sends(act, Look::ToNew.into())}>{ (words.talk.new_above)(n) }{ " · " }{ words.talk.to_new }</button>
            <button type="button" class="icon-btn icon-btn--sm" aria-label={words.talk.read} title={words.talk.read} onclick={sends(act, Look::Read(id).into())}>{ icon("x") }</button>
        </div>
    }
}

fn skeleton(loading: &'static str) -> Html {
    let row = |lines: usize| {
        html! {
            <div class="msg msg--first" aria-hidden="true">
                <span class="skel skel--face"></span>
                <div class="stack stack--sm">{ for (0..lines).map(|_| html! { <span class="skel skel--line"></span> }) }</div>
            </div>
        }
    };
    html! {
        <div class="timeline"><div class="log log--loading" aria-busy="true">
            <p class="sr-only" role="status">{ loading }</p>
            { for [2, 3, 2, 3].map(row) }
        </div></div>
    }
}

fn stead(
    name: &'static str,
    title: &'static str,
    text: &'static str,
    label: &'static str,
    onclick: &Callback<web_sys::MouseEvent>,
) -> Html {
    html! {
        <div class="timeline"><div class="log">
            <div class="empty empty--tall">
                <i class={format!("i i-{name} i--xl")} aria-hidden="true"></i>
                <h2 class="empty__title">{ title }</h2>
                <p class="empty__text">{ text }</p>
                <div class="row"><button type="button" class="btn btn--primary" onclick={onclick.clone()}>{ label }</button></div>
            </div>
        </div></div>
    }
}

/// One row. Each is one element, so that the rows can be told by their places.
pub(super) fn row(row: &Row, place: Place, lang: Lang, act: &Callback<Action>) -> Html {
    let words = lang.words();
    match row {
        Row::Day { key, label } => html! { <h2 class="rule" key={key.to_string()}><span>{ label }</span></h2> },
        Row::New => {
            html! { <h2 class="rule rule--new" key={Key::New.to_string()}><span>{ words.new_messages }</span></h2> }
        }
        Row::Change { key, seq: _, who, what, clock } => {
            let (name, text) = (change_icon(what), (words.talk.change)(what));
            html! { <p class="event" key={key.to_string()}>{ icon(name) }<span><b>{ who }</b>{ " " }{ text }</span><time>{ clock }</time></p> }
        }
        Row::Message(message) => {
            let aimed = message.seq.is_some() && (message.seq == place.pointed || message.seq == place.focused);
            let entry = message.seq.is_some() && message.seq == place.entry;
            html! {
                <MessageRow key={message.key.to_string()} message={Rc::clone(message)} room={place.room} {aimed} {entry} moderates={place.moderates} {lang} act={act.clone()} />
            }
        }
        Row::Gap { key, upto, count, loading } => html! {
            <div class="gap" key={key.to_string()} role="group" aria-busy={loading.to_string()}>
                <span>{ (words.gap)(*count) }</span>
                <button type="button" class="btn btn--sm" disabled={*loading} onclick={sends(act, Action::FillGap(*upto))}>{ words.gap_load }</button>
            </div>
        },
    }
}

const fn change_icon(change: &Change) -> &'static str {
    match change {
        Change::Created => "plus",
        Change::Joined | Change::Invited(_) => "user-plus",
        Change::Left | Change::Removed(_) => "exit",
        Change::Appointed(..) => "users",
        Change::Renamed(_) | Change::Topic(_) => "edit",
        Change::Archived(_) | Change::Announcing(_) => "lock",
    }
}
