//! How others see one: name, status, time zone.

use common::api::account::{Me, MeChange};
use common::text::{Field, Status, UserName};
use gloo_net::http::Method;
use yew::{Callback, Html, Properties, UseStateHandle, component, html, use_state};

use super::{LoadedMe, me_or_wait};
use crate::annex::app::Desk;
use crate::annex::form::{Line, Send, line, listed, submits, whole_error};
use crate::annex::http::{self, Request, Wrong, use_request};
use crate::annex::time;
use crate::annex::words::words;
use crate::views::parts::avatar;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ProfileProps {
    pub desk: Desk,
    pub me: LoadedMe,
}

/// The section, once it is known who one is.
#[component]
pub(super) fn Profile(props: &ProfileProps) -> Html {
    match props.me.value() {
        Some(me) => {
            html! { <ProfileForm key={me.id.0} desk={props.desk.clone()} me={props.me.clone()} known={(*me).clone()} /> }
        }
        None => me_or_wait(&props.desk, &props.me),
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct FormProps {
    desk: Desk,
    me: LoadedMe,
    known: Me,
}

struct Typed {
    name: UseStateHandle<String>,
    status: UseStateHandle<String>,
    zone: UseStateHandle<String>,
}

#[component]
fn ProfileForm(props: &FormProps) -> Html {
    let (request, saved) = (use_request(), use_state(|| false));
    let typed = Typed {
        name: use_state(|| props.known.name.clone()),
        status: use_state(|| props.known.status.clone()),
        zone: use_state(|| props.known.time_zone.clone()),
    };
    let lang = props.desk.lang();
    let words = words(lang);
    let (name, status, zone) = (typed.name.clone(), typed.status.clone(), typed.zone.clone());
    let onsubmit = {
        let (request, saved, me) = (request.clone(), saved.clone(), props.me.clone());
        submits(move || {
            saved.set(false);
            match changed(&name, &status, &zone) {
                Err(wrong) => request.fail(wrong),
                Ok(change) => save(&request, &saved, &me, change),
            }
        })
    };
    let at = |field| request.wrong_at(field, lang);
    let known = [Field::UserName, Field::Status, Field::TimeZone];
    html! {
        <form class="settings__form" {onsubmit}>
            <div class="row profile">
                { avatar(props.known.id, &typed.name, Some("avatar--lg")) }
                <div class="grow"><div class="strong">{ typed.name.trim().to_owned() }</div><div class="faint">{ typed.status.trim().to_owned() }</div></div>
                <span class="tag">{ role(&props.known, lang) }</span>
            </div>
            { line(Line { id: "set-name", label: words.your_name, value: &typed.name, autocomplete: "nickname", hint: words.name_hint, error: at(Field::UserName), large: false, focus: false }) }
            { line(Line { id: "set-status", label: words.status, value: &typed.status, autocomplete: "off", hint: words.status_hint, error: at(Field::Status), large: false, focus: false }) }
            { zone_field(&typed.zone, at(Field::TimeZone), lang) }
            { whole_error(request.wrong_beside(&known, lang)) }
            <div class="row"><Send {lang} label={words.save} class="btn btn--primary" busy={request.is_busy()} wait={request.wrong().and_then(Wrong::wait)} /><span class="faint" role="status">{ if *saved { words.saved } else { "" } }</span></div>
        </form>
    }
}

fn role(me: &Me, lang: crate::i18n::Lang) -> &'static str {
    words(lang).roles.get(me.role as usize).copied().unwrap_or_default()
}

fn changed(name: &str, status: &str, zone: &str) -> Result<MeChange, Wrong> {
    Ok(MeChange {
        name: Some(UserName::new(name)?.into()),
        status: Some(Status::new(status)?.into()),
        time_zone: Some(zone.trim().to_owned()),
    })
}

fn save(request: &Request, saved: &UseStateHandle<bool>, me: &LoadedMe, change: MeChange) {
    let (saved, me) = (saved.clone(), me.clone());
    let asked = async move { http::send::<_, Me>(Method::PATCH, "/api/v1/me", &change).await };
    request.run(asked, move |now| {
        saved.set(true);
        me.put(now);
    });
}

/// The field for the place: the browser searches its list while one types.
fn zone_field(zone: &UseStateHandle<String>, error: Option<String>, lang: crate::i18n::Lang) -> Html {
    let words = words(lang);
    let own = time::own_zone();
    let take = {
        let (zone, own) = (zone.clone(), own.clone());
        Callback::from(move |_: web_sys::MouseEvent| zone.set(own.clone()))
    };
    html! {
        <div class="stack stack--sm">
            { listed(Line { id: "set-zone", label: words.time_zone, value: zone, autocomplete: "off", hint: words.time_zone_hint, error, large: false, focus: false }, &time::zones()) }
            if !own.is_empty() && own != **zone {
                <button type="button" class="btn-link" onclick={take}>{ (words.this_device)(&own) }</button>
            }
        </div>
    }
}
