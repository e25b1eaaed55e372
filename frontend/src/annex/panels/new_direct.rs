//! The form for a conversation with people.

use common::api::people::{PeopleList, Profile};
use common::id::UserId;
use common::limits::DIRECT_PEOPLE;
use common::sync::outbox::What;
use web_sys::{KeyboardEvent, MouseEvent, SubmitEvent};
use yew::{Callback, Html, component, html, use_effect_with, use_state};

use super::DeskProps;
use super::ask::{TYPING_MS, escaped, use_asked};
use super::bits::{below, complaint, face, focus, marked, typed};
use super::fuzzy::fit;
use super::order::{Standing, use_order};
use super::switcher::people_of;
use crate::views::modal::Modal;
use crate::views::parts::icon_sm;

/// The dialog: those who were picked, and a search for more.
#[component]
pub fn NewDirect(props: &DeskProps) -> Html {
    let desk = &props.desk;
    let words = desk.panel_words();
    let filter = use_state(String::new);
    let picked = use_state(Vec::<(UserId, String)>::new);
    let (standing, give) = use_order(desk);
    {
        let desk = desk.clone();
        use_effect_with(standing.clone(), move |standing| {
            if let Standing::Done(room) = standing {
                desk.visit(*room);
            }
        });
    }
    let wanted = filter.trim().trim_start_matches('@').to_owned();
    let asked = use_asked::<PeopleList>(Some(format!("/api/v1/people?q={}&limit=30", escaped(&wanted))), TYPING_MS);
    let me = desk.context.me.as_ref().map(|me| me.id);
    let mut people = people_of(asked.value.as_ref());
    people.retain(|person| Some(person.id) != me && !picked.iter().any(|(user, _)| *user == person.id));
    let full = picked.len() >= DIRECT_PEOPLE;
    let pick = {
        let (picked, filter) = (picked.clone(), filter.clone());
        Callback::from(move |(user, name): (UserId, String)| {
            if picked.len() < DIRECT_PEOPLE {
                picked.set(picked.iter().cloned().chain([(user, name)]).collect());
                filter.set(String::new());
                focus("direct-find");
            }
        })
    };
    let drop = {
        let picked = picked.clone();
        Callback::from(move |user: UserId| {
            picked.set(picked.iter().filter(|(held, _)| *held != user).cloned().collect());
            focus("direct-find");
        })
    };
    let onsubmit = {
        let picked = picked.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !picked.is_empty() {
                give.emit(What::Direct { people: picked.iter().map(|(user, _)| *user).collect() });
            }
        })
    };
    let onkeydown = {
        let (picked, drop, pick) = (picked.clone(), drop.clone(), pick.clone());
        let (first, empty) = (people.first().cloned(), filter.is_empty());
        Callback::from(move |event: KeyboardEvent| match (event.key().as_str(), &first) {
            _ if event.is_composing() => {}
            ("Enter", Some(first)) if !empty => {
                event.prevent_default();
                pick.emit((first.id, first.name.clone()));
            }
            ("Backspace", _) if empty => picked.last().into_iter().for_each(|(user, _)| drop.emit(*user)),
            _ => {}
        })
    };
    let error = complaint(desk, None, &standing);
    let hint = if full { (words.direct_full)(DIRECT_PEOPLE) } else { (words.direct_hint)(DIRECT_PEOPLE) };
    let chip = |(user, name): &(UserId, String)| {
        let user = *user;
        html! {
            <li key={user.0} class="chip">{ name.clone() }<button type="button" class="icon-btn icon-btn--sm" aria-label={(words.take_out)(name)} onclick={drop.reform(move |_: MouseEvent| user)}>{ icon_sm("x") }</button></li>
        }
    };
    let row = |person: &Profile| {
        let one = (person.id, person.name.clone());
        let here = desk.context.online.iter().any(|online| online.id == person.id);
        let marks = fit(&wanted, &person.name).map(|fit| fit.marks).unwrap_or_default();
        html! {
            <li key={person.id.0}>
                <button type="button" class="pick pick--wide" disabled={full} onclick={pick.reform(move |_: MouseEvent| one.clone())}>
                    { face(person.id, &person.name, Some(here)) }
                    <span class="cut strong">{ marked(&person.name, &marks) }</span>
                    <span class="option__note cut">{ &person.status }</span>
                </button>
            </li>
        }
    };
    let dismiss = desk.clone();
    html! {
        <Modal title={words.new_direct} close_label={words.close} onclose={Callback::from(move |()| dismiss.close())}>
            <form class="dialog__form" {onsubmit}>
                <div class="dialog__body">
                    <div class="field">
                        <label class="field__label" for="direct-find">{ words.with_whom }</label>
                        if !picked.is_empty() {
                            <ul class="row row--wrap" aria-label={words.picked}>{ for picked.iter().map(chip) }</ul>
                        }
                        <input class="input" id="direct-find" type="search" autofocus=true autocomplete="off" value={(*filter).clone()} oninput={typed(&filter)} {onkeydown} aria-describedby="direct-note" aria-invalid={error.is_some().then_some("true")} />
                        { below(desk, "direct-note", error.as_deref(), &standing, &hint) }
                    </div>
                    if let Some(trouble) = &asked.trouble {
                        <p class="field__error" role="alert">{ trouble.told(desk.context.lang) }</p>
                    } else if people.is_empty() && !asked.busy {
                        <p class="faint" role="status">{ (words.nobody_named)(&wanted) }</p>
                    }
                    <ul class="picks">{ for people.iter().map(row) }</ul>
                </div>
                <footer class="dialog__foot"><button class="btn btn--primary" disabled={picked.is_empty() || standing.is_going()}>{ words.begin }</button></footer>
            </form>
        </Modal>
    }
}
