//! The timeline: rows, the empty room, the skeleton, and where the reader has scrolled to.

use std::rc::Rc;

use common::id::Seq;
use web_sys::{Element, FocusEvent, KeyboardEvent, MouseEvent};
use yew::{
    Callback, Html, Properties, TargetCast, UseStateHandle, classes, component, html, use_node_ref, use_state_eq,
};

use super::message::MessageRow;
use super::parts::{icon, sends};
use super::tools;
use crate::i18n::Lang;
use crate::state::timeline::{Change, Key, Row, is_empty};
use crate::state::{Action, State};

/// Pixels from the newest row within which the reader counts as being there.
const NEAR_LATEST: i32 = 48;

/// Pixels from the oldest row within which older ones are loaded.
const NEAR_OLDEST: i32 = 600;

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
    html! {
        <Timeline key={room.info.id.0} lang={state.lang} rows={Rc::clone(&state.rows)} room={room.info.name.clone()}
            older={room.has_older()} loading={room.is_loading()} empty={is_empty(room, &state.rows)}
            away={state.left_at.is_some()} act={act.clone()} />
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

#[derive(Debug, Clone, PartialEq, Properties)]
struct TimelineProps {
    lang: Lang,
    rows: Rc<[Row]>,
    room: String,
    older: bool,
    loading: bool,
    empty: bool,
    /// Whether the reader has left the newest row.
    away: bool,
    act: Callback<Action>,
}

#[component]
fn Timeline(props: &TimelineProps) -> Html {
    let TimelineProps { lang, rows, room, older, loading, empty, away, act } = props.clone();
    let words = lang.words();
    let node = use_node_ref();
    // A resting pointer must not take the toolbar from the message that the keyboard has moved to.
    let (pointed, focused) = (use_state_eq(|| None::<Seq>), use_state_eq(|| None::<Seq>));
    let onmouseover = aim(&pointed).reform(|event: MouseEvent| tools::message_at(event.target()));
    let onfocusin = aim(&focused).reform(|event: FocusEvent| tools::message_at(event.target()));
    let onkeydown = {
        let act = act.clone();
        Callback::from(move |event: KeyboardEvent| tools::press(&event, &act))
    };
    let place = Place { pointed: *pointed, focused: *focused, entry: entry(&rows, *focused) };
    let onscroll = {
        let act = act.clone();
        Callback::from(move |event: yew::Event| {
            let Some(view) = event.target_dyn_into::<Element>() else { return };
            // In a reversed column the newest row is at 0 and older ones are at negative places.
            let at = view.scroll_top();
            if (at >= -NEAR_LATEST) == away {
                act.emit(Action::AtLatest(at >= -NEAR_LATEST));
            }
            let above = view.scroll_height() - view.client_height() + at;
            if older && !loading && above < NEAR_OLDEST && at < 0 {
                act.emit(Action::LoadOlder);
            }
        })
    };
    html! {
        <div class="timeline" ref={node} {onscroll}>
            <div class="log" role="log" aria-live="polite" aria-relevant="additions" aria-label={(words.messages_in)(&room)} aria-busy={loading.to_string()}
                {onmouseover} {onfocusin} {onkeydown}>
                if older {
                    <div class={classes!("older", loading.then_some("is-loading"))} key="older">
                        if loading {
                            <span class="faint small">{ words.loading }</span>
                        } else {
                            <button type="button" class="btn btn--sm btn--ghost" onclick={sends(&act, Action::LoadOlder)}>{ words.gap_load }</button>
                        }
                    </div>
                }
                if empty {
                    <div class="empty" key="empty">
                        <i class="i i-hash i--xl" aria-hidden="true"></i>
                        <h2 class="empty__title">{ (words.empty_title)(&room) }</h2>
                        <p class="empty__text">{ words.empty_text }</p>
                    </div>
                }
                { for rows.iter().map(|row| view_row(row, place, lang, &act)) }
            </div>
        </div>
    }
}

/// Where the reader is among the messages.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The message that was pointed at last.
    pointed: Option<Seq>,
    /// The message that had the focus last.
    focused: Option<Seq>,
    /// The message at which the keyboard enters: the one that had the focus last, else the newest.
    entry: Option<Seq>,
}

fn aim(at: &UseStateHandle<Option<Seq>>) -> Callback<Option<Seq>> {
    let at = at.clone();
    Callback::from(move |seq: Option<Seq>| {
        if seq.is_some() {
            at.set(seq);
        }
    })
}

fn entry(rows: &[Row], focused: Option<Seq>) -> Option<Seq> {
    let open = |row: &Row| row.message().filter(|message| !message.is_gone()).and_then(|message| message.seq);
    let there = |seq: &Seq| rows.iter().any(|row| open(row) == Some(*seq));
    focused.filter(there).or_else(|| rows.iter().rev().find_map(open))
}

fn view_row(row: &Row, place: Place, lang: Lang, act: &Callback<Action>) -> Html {
    let words = lang.words();
    match row {
        Row::Day { key, label } => html! { <h2 class="rule" key={key.to_string()}><span>{ label }</span></h2> },
        Row::New => {
            html! { <h2 class="rule rule--new" key={Key::New.to_string()}><span>{ words.new_messages }</span></h2> }
        }
        Row::Change { key, who, what, clock } => {
            let (name, text) = match what {
                Change::Created => ("plus", words.created),
                Change::Joined => ("user-plus", words.joined),
                Change::Left => ("exit", words.left),
            };
            html! { <p class="event" key={key.to_string()}>{ icon(name) }<span><b>{ who }</b>{ " " }{ text }</span><time>{ clock }</time></p> }
        }
        Row::Message(message) => {
            let aimed = message.seq.is_some() && (message.seq == place.pointed || message.seq == place.focused);
            let entry = message.seq.is_some() && message.seq == place.entry;
            html! { <MessageRow key={message.key.to_string()} message={Rc::clone(message)} {aimed} {entry} {lang} act={act.clone()} /> }
        }
        Row::Gap { key, upto, count, loading } => html! {
            <div class="gap" key={key.to_string()} role="group" aria-busy={loading.to_string()}>
                <span>{ (words.gap)(*count) }</span>
                <button type="button" class="btn btn--sm" disabled={*loading} onclick={sends(act, Action::FillGap(*upto))}>{ words.gap_load }</button>
            </div>
        },
    }
}
