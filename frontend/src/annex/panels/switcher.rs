//! The switcher: a few letters, and one is in another room.
//!
//! A combobox whose list is always open: the focus stays in the input, and `aria-activedescendant` names the choice. What
//! is offered in which order, `choices` decides. Deliberately absent: a memory of what was chosen; the latest event of a room says
//! enough.

mod choices;

use std::rc::Rc;

use common::api::people::{PeopleList, Profile};
use common::id::UserId;
use common::model::Role;
use common::sync::outbox::What;
use web_sys::{KeyboardEvent, MouseEvent};
use yew::{Callback, Html, component, html, use_effect_with, use_state};

use super::ask::{TYPING_MS, escaped, use_asked};
use super::bits::{complaint, face, marked, typed};
use super::order::{Standing, use_order};
use super::{Desk, DeskProps};
use crate::annex::port::Said;
use crate::views::modal::Modal;
use crate::views::parts::icon;
use choices::{Choice, Group, Look, Scope, Target, address, groups, scope};

/// The switcher.
#[component]
pub fn Switcher(props: &DeskProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    let text = use_state(String::new);
    // Which choice, of what was typed: another text begins at its first one.
    let at = use_state(|| (String::new(), 0_usize));
    let (standing, give) = use_order(desk);
    let (looks_for, wanted) = scope(&text);
    let asks = looks_for != Scope::Rooms && !wanted.is_empty() && address(&text).is_none();
    let asked =
        use_asked::<PeopleList>(asks.then(|| format!("/api/v1/people?q={}&limit=12", escaped(wanted))), TYPING_MS);
    let people =
        if wanted.is_empty() { online(desk) } else { asked.value.map(|list| list.people.clone()).unwrap_or_default() };
    let groups = groups(desk, &text, &people);
    let count: usize = groups.iter().map(|group| group.choices.len()).sum();
    let chosen = if at.0 == *text { at.1.min(count.saturating_sub(1)) } else { 0 };
    {
        let desk = desk.clone();
        use_effect_with(standing.clone(), move |standing| {
            if let Standing::Done(room) = standing {
                desk.visit(*room);
            }
        });
    }
    use_effect_with(chosen, |chosen| into_view(*chosen));
    let choose = {
        let (desk, give) = (desk.clone(), give);
        Callback::from(move |target: Target| match target {
            Target::Room(room) => desk.visit(room),
            Target::Open(open) => desk.open.emit(open),
            Target::Try(url) => desk.say.emit(Said::Try(url)),
            Target::Person(user) => give.emit(What::Direct { people: vec![user] }),
        })
    };
    let go = {
        let text = (*text).clone();
        Callback::from(move |to| at.set((text.clone(), to)))
    };
    let onkeydown = keys(&groups, chosen, count, &choose, go);
    let error = complaint(desk, None, &standing);
    let dismiss = desk.clone();
    let first = groups.iter().scan(0, |next, group| Some(std::mem::replace(next, *next + group.choices.len())));
    let lists = groups.iter().zip(first).map(|(group, first)| list(group, first, chosen, &choose));
    html! {
        <Modal title={words.jump_to} close_label={words.close} class="switcher" bare=true onclose={Callback::from(move |()| dismiss.close())}>
            <div class="switcher__box">
                { icon("search") }
                <input class="switcher__input" id="switcher-input" type="text" role="combobox" autofocus=true autocomplete="off" spellcheck="false"
                    aria-expanded="true" aria-autocomplete="list" aria-controls="switcher-list" aria-activedescendant={(count > 0).then(|| option_id(chosen))}
                    aria-label={words.jump_label} placeholder={words.jump_label} value={(*text).clone()} oninput={typed(&text)} {onkeydown} />
                <kbd class="kbd">{ "Esc" }</kbd>
            </div>
            <div class="switcher__list" role="listbox" id="switcher-list" aria-label={words.matches} aria-busy={asked.busy.to_string()}>{ for lists }</div>
            <p class="switcher__said" role="status">
                { status(desk, &standing, error, count) }
            </p>
            <p class="switcher__foot" aria-hidden="true">
                <span><kbd class="kbd">{ "↑" }</kbd>{ " " }<kbd class="kbd">{ "↓" }</kbd>{ words.foot_move }</span>
                <span><kbd class="kbd">{ "Enter" }</kbd>{ words.foot_open }</span>
                <span><kbd class="kbd">{ "#" }</kbd>{ words.foot_rooms }</span>
                <span><kbd class="kbd">{ "@" }</kbd>{ words.foot_people }</span>
            </p>
        </Modal>
    }
}

/// What is said below the list: why nothing opens, or that there is nothing.
fn status(desk: &Desk, standing: &Standing, error: Option<String>, count: usize) -> Option<String> {
    let words = desk.panel_words();
    match (error, standing) {
        (Some(error), _) => Some(error),
        (None, Standing::Going) => Some(if desk.context.ready { words.opening } else { words.waits }.to_owned()),
        (None, Standing::Idle | Standing::Done(_) | Standing::Refused(_)) => {
            (count == 0).then(|| words.nothing_fits.to_owned())
        }
    }
}

/// Who is here, for one who has typed nothing yet.
fn online(desk: &Desk) -> Vec<Profile> {
    let profile = |id: UserId, name: &str| Profile {
        id,
        name: name.to_owned(),
        role: Role::Member,
        status: String::new(),
        time_zone: String::new(),
        room_role: None,
    };
    desk.context.online.iter().map(|person| profile(person.id, &person.name)).collect()
}

fn option_id(at: usize) -> String {
    format!("switcher-{at}")
}

fn into_view(at: usize) {
    let page = web_sys::window().and_then(|window| window.document());
    if let Some(option) = page.and_then(|page| page.get_element_by_id(&option_id(at))) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        option.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn keys(
    groups: &[Group],
    chosen: usize,
    count: usize,
    choose: &Callback<Target>,
    go: Callback<usize>,
) -> Callback<KeyboardEvent> {
    let target = groups.iter().flat_map(|group| &group.choices).nth(chosen).map(|choice| choice.target.clone());
    let choose = choose.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.is_composing() || event.key_code() == 229 {
            return;
        }
        let to = match event.key().as_str() {
            "ArrowDown" if count > 0 => (chosen + 1) % count,
            "ArrowUp" if count > 0 => (chosen + count - 1) % count,
            "PageDown" => (chosen + 8).min(count.saturating_sub(1)),
            "PageUp" => chosen.saturating_sub(8),
            "Enter" => {
                event.prevent_default();
                target.iter().for_each(|target| choose.emit(target.clone()));
                return;
            }
            _ => return,
        };
        event.prevent_default();
        go.emit(to);
    })
}

fn list(group: &Group, first: usize, chosen: usize, choose: &Callback<Target>) -> Html {
    let row = |(at, choice): (usize, &Choice)| option(first + at, choice, first + at == chosen, choose);
    html! {
        <div role="group" aria-label={group.label} key={group.label}>
            <div class="switcher__group" aria-hidden="true">{ group.label }</div>
            { for group.choices.iter().enumerate().map(row) }
        </div>
    }
}

fn option(at: usize, choice: &Choice, selected: bool, choose: &Callback<Target>) -> Html {
    let onclick = {
        let (target, choose) = (choice.target.clone(), choose.clone());
        Callback::from(move |_: MouseEvent| choose.emit(target.clone()))
    };
    // The focus stays in the input, which the list belongs to.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    let look = match choice.look {
        Look::Icon(name) => icon(name),
        Look::Face(user, here) => face(user, &choice.name, Some(here)),
    };
    html! {
        <div class="option" role="option" id={option_id(at)} aria-selected={selected.to_string()} {onclick} {onmousedown}>
            { look }
            <span class="cut">{ marked(&choice.name, &choice.marks) }</span>
            if !choice.note.is_empty() {
                <span class="option__note cut">{ choice.note.clone() }</span>
            }
            if choice.mentions > 0 {
                <span class="badge badge--mention">{ "@" }{ choice.mentions }</span>
            } else if choice.unread > 0 {
                <span class="badge">{ choice.unread }</span>
            }
        </div>
    }
}

/// Shared by the panels that offer people.
pub(super) fn people_of(list: Option<&Rc<PeopleList>>) -> Vec<Profile> {
    list.map(|list| list.people.clone()).unwrap_or_default()
}
