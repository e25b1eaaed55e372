//! The panel of a room's members: who they are, whether they are here, what time it is where they live.
//!
//! Those who are here come first. A row opens somebody's card in the same panel; [`invite`] brings others in. Neighbours:
//! [`super::person`] is the card. Deliberately absent: presence itself, which the page knows.

mod invite;

use std::rc::Rc;

use common::api::people::{PeopleList, Profile};
use common::id::{RoomId, UserId};
use common::model::{Role, RoomKind, RoomRole};
use web_sys::MouseEvent;
use yew::{Callback, Html, component, hook, html, use_effect_with, use_mut_ref, use_state};

use super::ask::{TYPING_MS, escaped, use_asked};
use super::bits::{clock_in, face, marked, typed};
use super::fuzzy::fit;
use super::lay::Panel;
use super::person::Card;
use super::{Desk, RoomProps};
use crate::annex::http::{Wrong, get};
use crate::annex::port::Open;
use crate::views::parts::icon;
use invite::Invite;

/// People that are asked for at once.
const PAGE: usize = 100;

/// What the panel shows.
#[derive(Debug, Clone, PartialEq)]
enum Show {
    Members,
    Invite,
    Person(UserId),
}

/// The panel.
#[component]
pub fn People(props: &RoomProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    let show = use_state(|| Show::Members);
    let go = {
        let show = show.clone();
        Callback::from(move |to: Show| show.set(to))
    };
    let back = {
        let go = go.clone();
        Callback::from(move |()| go.emit(Show::Members))
    };
    let sub = desk.context.room(props.room).map(|line| line.info.members.to_string());
    match &*show {
        Show::Members => html! {
            <Panel desk={desk.clone()} title={words.people} {sub}><Members desk={desk.clone()} room={props.room} {go} /></Panel>
        },
        Show::Invite => html! {
            <Panel desk={desk.clone()} title={words.invite} onback={back}><Invite desk={desk.clone()} room={props.room} /></Panel>
        },
        Show::Person(user) => html! {
            <Panel desk={desk.clone()} title={words.person} onback={back}>
                <div class="panel__sec"><Card desk={desk.clone()} user={*user} room={Some(props.room)} /></div>
            </Panel>
        },
    }
}

#[derive(Debug, Clone, PartialEq, yew::Properties)]
struct MembersProps {
    desk: Desk,
    room: RoomId,
    go: Callback<Show>,
}

#[component]
fn Members(props: &MembersProps) -> Html {
    let (desk, room) = (&props.desk, props.room);
    let words = desk.panel_words();
    let filter = use_state(String::new);
    let members = desk.context.room(room).map_or(0, |line| line.info.members);
    let wanted = filter.trim().trim_start_matches('@').to_owned();
    let base = format!("/api/v1/rooms/{room}/members?q={}&limit={PAGE}", escaped(&wanted));
    let list = use_list(&base, members);
    let (here, away): (Vec<&Profile>, Vec<&Profile>) = list.people.iter().partition(|person| is_here(desk, person.id));
    let row = |person: &&Profile| row(desk, person, &wanted, &props.go);
    let kind = desk.context.room(room).map(|line| line.info.kind);
    let may_invite = kind.is_some_and(|kind| kind != RoomKind::Direct) && desk.context.role != Role::Guest;
    let sections = [(words.here, here), (words.not_here, away)];
    html! {
        <>
            <div class="search__form">
                <input class="input" type="search" autocomplete="off" aria-label={words.filter_people} placeholder={words.filter_people} value={(*filter).clone()} oninput={typed(&filter)} />
                <div class="row">
                    if may_invite {
                        <button type="button" class="btn btn--sm" onclick={props.go.reform(|_: MouseEvent| Show::Invite)}>{ icon("user-plus") }{ words.invite }</button>
                    }
                    if desk.moderates(room) {
                        <button type="button" class="btn btn--sm btn--ghost" onclick={desk.open.reform(move |_: MouseEvent| Open::RoomSettings(room))}>{ icon("gear") }{ words.room_settings }</button>
                    }
                </div>
            </div>
            <div class="results people" aria-busy={list.busy.to_string()}>
                { for sections.iter().filter(|(_, people)| !people.is_empty()).map(|(label, people)| html! {
                    <section aria-label={*label} key={*label}>
                        <h3 class="results__group">{ *label }{ " " }<span class="num">{ people.len() }</span></h3>
                        <ul class="people__list">{ for people.iter().map(row) }</ul>
                    </section>
                }) }
                { end(desk, &list, &wanted) }
            </div>
        </>
    }
}

fn is_here(desk: &Desk, user: UserId) -> bool {
    desk.context.online.iter().any(|person| person.id == user)
}

fn row(desk: &Desk, person: &Profile, wanted: &str, go: &Callback<Show>) -> Html {
    let words = desk.panel_words();
    let user = person.id;
    let marks = fit(wanted, &person.name).map(|fit| fit.marks).unwrap_or_default();
    let clock = clock_in(&person.time_zone, desk.context.lang.tag());
    let me = desk.context.me.as_ref().is_some_and(|me| me.id == user);
    let tag = match (person.room_role, person.role) {
        (Some(RoomRole::Moderator), Role::Member) => Some(words.moderator),
        (_, Role::Member) => None,
        (_, role) => Some((words.role)(role)),
    };
    html! {
        <li key={user.0}>
            <button type="button" class="pick pick--wide" onclick={go.reform(move |_: MouseEvent| Show::Person(user))}>
                { face(user, &person.name, Some(is_here(desk, user))) }
                <span class="pick__text">
                    <span class="pick__name"><span class="cut strong">{ marked(&person.name, &marks) }</span>
                        if me { <span class="faint">{ words.you }</span> }
                        if let Some(tag) = tag { <span class="tag">{ tag }</span> }
                    </span>
                    if !person.status.is_empty() {
                        <span class="cut faint small">{ &person.status }</span>
                    }
                </span>
                if let Some(clock) = clock {
                    <time class="faint small num" title={person.time_zone.clone()}>{ clock }</time>
                }
            </button>
        </li>
    }
}

fn end(desk: &Desk, list: &List, wanted: &str) -> Html {
    let words = desk.panel_words();
    let load = list.load.reform(|_: MouseEvent| ());
    if let Some(trouble) = &list.trouble {
        return html! {
            <p class="field__error results__more" role="alert">{ trouble.told(desk.context.lang) }{ " " }<button type="button" class="btn-link" onclick={load}>{ desk.context.lang.words().retry }</button></p>
        };
    }
    if list.people.is_empty() {
        let text = if list.busy { words.loading.to_owned() } else { (words.nobody_named)(wanted) };
        return html! { <p class="results__more faint" role="status">{ text }</p> };
    }
    if list.more {
        return html! {
            <p class="results__more"><button type="button" class="btn btn--sm" disabled={list.busy} onclick={load}>{ words.more }</button></p>
        };
    }
    Html::default()
}

/// The people that were asked for, page by page.
struct List {
    people: Rc<Vec<Profile>>,
    more: bool,
    trouble: Option<Wrong>,
    busy: bool,
    load: Callback<()>,
}

/// Asks for a list, anew whenever `turn` has changed; the pages behind the first one by [`List::load`].
#[hook]
fn use_list(base: &str, turn: u64) -> List {
    let first = use_asked::<PeopleList>(Some(format!("{base}&t={turn}")), TYPING_MS);
    let behind = use_state(|| (Rc::<Vec<Profile>>::default(), None::<Wrong>, false));
    let of = use_mut_ref(|| 0_u32);
    {
        let (behind, of) = (behind.clone(), Rc::clone(&of));
        use_effect_with(first.value.clone(), move |_| {
            *of.borrow_mut() += 1;
            behind.set((Rc::default(), None, false));
        });
    }
    let known: Vec<Profile> = first.value.iter().flat_map(|list| &list.people).chain(&*behind.0).cloned().collect();
    let count = first.value.as_ref().map_or(0, |list| list.count);
    let load = {
        let (behind, base, again) = (behind.clone(), base.to_owned(), first.again.clone());
        let last = known.last().map(|person| person.id);
        Callback::from(move |()| {
            let Some(last) = last else { return again.emit(()) };
            let (held, set, path) = (Rc::clone(&behind.0), behind.setter(), format!("{base}&after={last}"));
            let (of, began) = (Rc::clone(&of), *of.borrow());
            set.set((Rc::clone(&held), None, true));
            wasm_bindgen_futures::spawn_local(async move {
                let answer = get::<PeopleList>(&path).await;
                if *of.borrow() != began {
                    return;
                }
                set.set(match answer {
                    Ok(list) => (Rc::new(held.iter().cloned().chain(list.people).collect()), None, false),
                    Err(trouble) => (held, Some(trouble), false),
                });
            });
        })
    };
    List {
        more: (known.len() as u64) < count,
        people: Rc::new(known),
        trouble: first.trouble.or_else(|| behind.1.clone()),
        busy: first.busy || behind.2,
        load,
    }
}
