//! Somebody's card: who they are, the ways to them, and for moderators and admins what they may do here.

use common::api::people::{Profile, RoleChange};
use common::id::{RoomId, UserId};
use common::model::{Role, RoomRole};
use common::sync::outbox::{RoomChange, What};
use gloo_net::http::Method;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlSelectElement, MouseEvent};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_effect_with, use_state};

use super::Desk;
use super::ask::use_asked;
use super::bits::{clock_in, complaint};
use super::lay::Confirm;
use super::order::{Standing, use_order};
use crate::annex::http::{Wrong, send};
use crate::annex::port::Said;
use crate::views::modal::Modal;
use crate::views::parts::{avatar, field_error, icon};

/// What a card needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PersonProps {
    /// The desk.
    pub desk: Desk,
    /// Who.
    pub user: UserId,
    /// The room in which they were met.
    #[prop_or_default]
    pub room: Option<RoomId>,
}

/// The card as a dialog.
#[component]
pub fn Person(props: &PersonProps) -> Html {
    let words = props.desk.panel_words();
    let desk = props.desk.clone();
    html! {
        <Modal title={words.person} close_label={words.close} onclose={Callback::from(move |()| desk.close())}>
            <div class="dialog__body"><Card desk={props.desk.clone()} user={props.user} room={props.room.or(props.desk.context.present)} /></div>
        </Modal>
    }
}

/// The card.
#[component]
pub(super) fn Card(props: &PersonProps) -> Html {
    let (desk, user) = (&props.desk, props.user);
    let words = desk.panel_words();
    let asked = use_asked::<Profile>(Some(format!("/api/v1/people/{user}")), 0);
    let Some(person) = asked.value.as_deref() else {
        return match &asked.trouble {
            Some(trouble) => html! {
                <p class="field__error" role="alert">{ trouble.told(desk.context.lang) }{ " " }<button type="button" class="btn-link" onclick={asked.again.reform(|_: MouseEvent| ())}>{ desk.context.lang.words().retry }</button></p>
            },
            None => html! { <p class="faint" role="status">{ words.loading }</p> },
        };
    };
    let here = desk.context.online.iter().any(|one| one.id == user);
    let clock = clock_in(&person.time_zone, desk.context.lang.tag());
    let me = desk.context.me.as_ref().is_some_and(|me| me.id == user);
    html! {
        <div class="card-person">
            <div class="card-person__head">
                { avatar(user, &person.name, None) }
                <div class="grow">
                    <h3 class="card-person__name">{ &person.name }</h3>
                    <p class="muted small">{ if here { words.here } else { words.not_here } }{ " · " }{ (words.role)(person.role) }</p>
                </div>
            </div>
            if !person.status.is_empty() {
                <p>{ &person.status }</p>
            }
            if let Some(clock) = clock {
                <p class="muted small">{ icon("clock") }{ " " }{ (words.local_time)(&clock, &person.time_zone) }</p>
            }
            if !me {
                <Ways desk={desk.clone()} {user} name={person.name.clone()} />
            }
            if let Some(room) = props.room {
                if !me && desk.moderates(room) {
                    <Moderation desk={desk.clone()} {user} name={person.name.clone()} {room} />
                }
            }
            if !me && may_appoint(desk.context.role, person.role) {
                <Appointment desk={desk.clone()} person={person.clone()} onchange={asked.again.clone()} />
            }
        </div>
    }
}

/// Admins give and take ordinary roles; what concerns admins is for owners.
fn may_appoint(mine: Role, theirs: Role) -> bool {
    match mine {
        Role::Owner => theirs != Role::Bot,
        Role::Admin => matches!(theirs, Role::Member | Role::Guest),
        Role::Member | Role::Guest | Role::Bot => false,
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct WaysProps {
    desk: Desk,
    user: UserId,
    name: String,
}

/// The ways to somebody: a conversation, a mention.
#[component]
fn Ways(props: &WaysProps) -> Html {
    let (desk, user) = (&props.desk, props.user);
    let words = desk.panel_words();
    let (standing, give) = use_order(desk);
    {
        let desk = desk.clone();
        use_effect_with(standing.clone(), move |standing| {
            if let Standing::Done(room) = standing {
                desk.visit(*room);
            }
        });
    }
    let mention = {
        let (desk, name) = (desk.clone(), props.name.clone());
        Callback::from(move |_: MouseEvent| {
            desk.close();
            desk.say.emit(Said::Insert(format!("@{name} ")));
        })
    };
    let direct = give.reform(move |_: MouseEvent| What::Direct { people: vec![user] });
    html! {
        <>
            <div class="row row--wrap">
                <button type="button" class="btn btn--primary" disabled={standing.is_going()} onclick={direct}>{ icon("chat") }{ words.message_them }</button>
                if desk.context.present.is_some() {
                    <button type="button" class="btn" onclick={mention}>{ words.mention }</button>
                }
            </div>
            { said(desk, "person-direct", &standing) }
        </>
    }
}

/// Why a command was refused, or that it waits.
fn said(desk: &Desk, id: &'static str, standing: &Standing) -> Html {
    match complaint(desk, None, standing) {
        Some(error) => field_error(id, &error),
        None if standing.is_going() && !desk.context.ready => {
            html! { <p class="field__hint" role="status">{ desk.panel_words().waits }</p> }
        }
        None => Html::default(),
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct ModerationProps {
    desk: Desk,
    user: UserId,
    name: String,
    room: RoomId,
}

/// What a moderator of the room may do.
#[component]
fn Moderation(props: &ModerationProps) -> Html {
    let (desk, user, room) = (&props.desk, props.user, props.room);
    let words = desk.panel_words();
    let (standing, give) = use_order(desk);
    let sure = use_state(|| false);
    let asked = use_asked::<common::api::people::PeopleList>(
        Some(format!("/api/v1/rooms/{room}/members?q={}&limit=100&t={standing:?}", super::ask::escaped(&props.name))),
        0,
    );
    let member = asked.value.as_ref().and_then(|list| list.people.iter().find(|one| one.id == user).cloned());
    let Some(member) = member else { return Html::default() };
    let (label, role) = match member.room_role {
        Some(RoomRole::Moderator) => (words.unmake_moderator, RoomRole::Member),
        Some(RoomRole::Member) | None => (words.make_moderator, RoomRole::Moderator),
    };
    let appoint = give.reform(move |_: MouseEvent| What::Room { room, change: RoomChange::Appoint(user, role) });
    let set = |to: bool| {
        let sure = sure.clone();
        Callback::from(move |()| sure.set(to))
    };
    let name = desk.context.room(room).map(|line| desk.room_name(&line.info)).unwrap_or_default();
    let remove = {
        let sure = sure.clone();
        Callback::from(move |()| {
            sure.set(false);
            give.emit(What::Room { room, change: RoomChange::Remove(user) });
        })
    };
    html! {
        <section class="card-person__more" aria-label={words.moderation}>
            <h4 class="sec-title">{ words.moderation }{ " #" }{ name.clone() }</h4>
            if *sure {
                <Confirm text={(words.remove_text)(&props.name, &name)} yes={words.remove} no={words.cancel} onyes={remove} onno={set(false)} />
            } else {
                <div class="row row--wrap">
                    <button type="button" class="btn btn--sm" disabled={standing.is_going()} onclick={appoint}>{ label }</button>
                    <button type="button" class="btn btn--sm btn--danger" disabled={standing.is_going()} onclick={set(true).reform(|_: MouseEvent| ())}>{ words.remove_verb }</button>
                </div>
            }
            { said(desk, "person-moderation", &standing) }
        </section>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct AppointmentProps {
    desk: Desk,
    person: Profile,
    onchange: Callback<()>,
}

/// The role on the server.
#[component]
fn Appointment(props: &AppointmentProps) -> Html {
    let (desk, person) = (&props.desk, &props.person);
    let words = desk.panel_words();
    let trouble = use_state(|| None::<Wrong>);
    let roles: &[Role] = match desk.context.role {
        Role::Owner => &[Role::Guest, Role::Member, Role::Admin, Role::Owner],
        Role::Admin | Role::Member | Role::Guest | Role::Bot => &[Role::Guest, Role::Member],
    };
    let onchange = {
        let (path, done, trouble) =
            (format!("/api/v1/people/{}/role", person.id), props.onchange.clone(), trouble.clone());
        Callback::from(move |event: yew::Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else { return };
            let Some(role) = usize::try_from(select.selected_index()).ok().and_then(|at| roles.get(at)).copied() else {
                return;
            };
            let (path, done, trouble) = (path.clone(), done.clone(), trouble.clone());
            spawn_local(async move {
                let answer = send::<_, Profile>(Method::PUT, &path, &RoleChange { role }).await;
                trouble.set(answer.err());
                done.emit(());
            });
        })
    };
    html! {
        <section class="card-person__more field" aria-label={words.server_role}>
            <label class="field__label" for="person-role">{ words.server_role }</label>
            <select class="input" id="person-role" {onchange} aria-describedby="person-role-note">
                { for roles.iter().map(|role| html! { <option selected={*role == person.role}>{ (words.role)(*role) }</option> }) }
            </select>
            if let Some(trouble) = &*trouble {
                { field_error("person-role-note", &trouble.told(desk.context.lang)) }
            } else {
                <p class="field__hint" id="person-role-note">{ words.server_role_hint }</p>
            }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_touch_admins() {
        assert!(may_appoint(Role::Owner, Role::Admin) && may_appoint(Role::Admin, Role::Member));
        assert!(!may_appoint(Role::Admin, Role::Admin) && !may_appoint(Role::Admin, Role::Owner));
        assert!(!may_appoint(Role::Member, Role::Guest) && !may_appoint(Role::Owner, Role::Bot));
    }
}
