//! Bringing others into a room.

use common::api::people::{PeopleList, Profile};
use common::id::UserId;
use common::sync::outbox::{RoomChange, What};
use web_sys::MouseEvent;
use yew::{Callback, Html, component, html, use_state};

use super::super::ask::{TYPING_MS, escaped, use_asked};
use super::super::bits::{face, typed, use_focus};
use super::super::order::{Standing, standing};
use super::super::switcher::people_of;
use super::super::{Desk, RoomProps};
use crate::views::parts::icon_sm;

/// A search for people, each with a button. Who is a member already, the server says.
#[component]
pub(super) fn Invite(props: &RoomProps) -> Html {
    let (desk, room) = (&props.desk, props.room);
    let words = desk.panel_words();
    use_focus("invite-find");
    let filter = use_state(String::new);
    let given = use_state(Vec::<(UserId, u32)>::new);
    let wanted = escaped(filter.trim().trim_start_matches('@'));
    let asked = use_asked::<PeopleList>(Some(format!("/api/v1/people?q={wanted}&limit=30")), TYPING_MS);
    let members =
        use_asked::<PeopleList>(Some(format!("/api/v1/rooms/{room}/members?q={wanted}&limit=100")), TYPING_MS);
    let people = people_of(asked.value.as_ref());
    let held = people_of(members.value.as_ref());
    let row = |person: &Profile| {
        let user = person.id;
        let order = given.iter().rev().find(|(of, _)| *of == user).map(|(_, id)| *id);
        let standing = standing(desk, order);
        let member = held.iter().any(|member| member.id == user) || matches!(standing, Standing::Done(_));
        let onclick = {
            let (desk, given) = (desk.clone(), given.clone());
            Callback::from(move |_: MouseEvent| {
                let id = desk.command(What::Room { room, change: RoomChange::Invite(user) });
                given.set(given.iter().copied().chain([(user, id)]).collect());
            })
        };
        html! {
            <li class="pick" key={user.0}>
                { face(user, &person.name, None) }
                <span class="pick__text"><span class="cut strong">{ &person.name }</span>{ why_not(desk, &standing) }</span>
                if member {
                    <span class="faint small nowrap">{ icon_sm("check") }{ " " }{ words.is_member }</span>
                } else {
                    <button type="button" class="btn btn--sm" aria-label={(words.invite_who)(&person.name)} disabled={standing.is_going()} {onclick}>{ words.invite_verb }</button>
                }
            </li>
        }
    };
    html! {
        <>
            <div class="search__form">
                <input class="input" id="invite-find" type="search" autocomplete="off" aria-label={words.find_people} placeholder={words.find_people} value={(*filter).clone()} oninput={typed(&filter)} />
                <p class="field__hint">{ words.invite_hint }</p>
            </div>
            <div class="results people" aria-busy={asked.busy.to_string()}>
                if let Some(trouble) = &asked.trouble {
                    <p class="field__error results__more" role="alert">{ trouble.told(desk.context.lang) }</p>
                } else if people.is_empty() && !asked.busy {
                    <p class="results__more faint" role="status">{ (words.nobody_named)(filter.trim()) }</p>
                }
                <ul class="people__list">{ for people.iter().map(row) }</ul>
            </div>
        </>
    }
}

fn why_not(desk: &Desk, standing: &Standing) -> Html {
    match standing {
        Standing::Refused(refusal) => html! {
            <span class="field__error" role="alert">{ (desk.context.lang.words().refusal)(refusal) }</span>
        },
        Standing::Going if !desk.context.ready => {
            html! { <span class="faint small" role="status">{ desk.panel_words().waits }</span> }
        }
        Standing::Idle | Standing::Going | Standing::Done(_) => Html::default(),
    }
}
