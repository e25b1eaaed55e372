//! Invites, for admins: made, shown once, listed, withdrawn.

use common::api::account::{InviteEntry, InviteList, InviteMade, InviteRequest};
use gloo_net::http::Method;
use web_sys::{Event, HtmlSelectElement};
use yew::{Callback, Html, Properties, TargetCast, component, html, use_state};

use super::sessions::SectionProps;
use super::{load_failed, say_ended};
use crate::annex::app::Desk;
use crate::annex::form::{Copy, Line, Send, line, picture, submits, whole_error};
use crate::annex::http::{self, Loaded, Wrong, use_loaded, use_request};
use crate::annex::time;
use crate::annex::words::words;

/// For how long an invite may hold, in hours, in the order of their names.
const HOURS: [u32; 4] = [24, 24 * 7, 24 * 30, 24 * 365];

/// How often an invite may be used.
const USES: std::ops::RangeInclusive<u32> = 1..=1_000;

/// The section.
#[component]
pub(super) fn Invites(props: &SectionProps) -> Html {
    let list = use_loaded::<InviteList>("/api/v1/invites");
    let made = use_state(|| None::<InviteMade>);
    let words = words(props.desk.lang());
    let onmade = {
        let (made, again) = (made.clone(), list.again.clone());
        Callback::from(move |new: InviteMade| {
            made.set(Some(new));
            again.emit(());
        })
    };
    html! {
        <>
            <p class="muted">{ words.invites_text }</p>
            <InviteForm desk={props.desk.clone()} {onmade} />
            if let Some(made) = &*made {
                { shown(&props.desk, made) }
            }
            <InviteRows desk={props.desk.clone()} list={list} />
        </>
    }
}

fn shown(desk: &Desk, made: &InviteMade) -> Html {
    let lang = desk.lang();
    let words = words(lang);
    html! {
        <div class="made" role="status">
            { picture(&made.qr, words.qr_label) }
            <div class="grow stack stack--sm">
                <div class="strong">{ words.invite_made }</div>
                <code class="mono secret">{ &made.url }</code>
                <p class="faint">{ words.invite_once }</p>
                <div class="row"><Copy {lang} text={made.url.clone()} /></div>
            </div>
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct FormProps {
    desk: Desk,
    onmade: Callback<InviteMade>,
}

#[component]
fn InviteForm(props: &FormProps) -> Html {
    let (uses, hours, bad, request) =
        (use_state(|| "1".to_owned()), use_state(|| 1_usize), use_state(|| false), use_request());
    let lang = props.desk.lang();
    let words = words(lang);
    let onsubmit = {
        let (uses, hours, bad) = (uses.clone(), hours.clone(), bad.clone());
        let (request, onmade) = (request.clone(), props.onmade.clone());
        submits(move || {
            let wanted = uses.trim().parse().ok().filter(|uses| USES.contains(uses));
            bad.set(wanted.is_none());
            let Some(uses) = wanted else { return };
            let body = InviteRequest { uses, hours: HOURS.get(*hours).copied().unwrap_or(24) };
            let onmade = onmade.clone();
            let asked = async move { http::send(Method::POST, "/api/v1/invites", &body).await };
            request.run(asked, move |made| onmade.emit(made));
        })
    };
    let onchange = {
        let hours = hours.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>().map(|select| select.selected_index());
            hours.set(chosen.and_then(|at| usize::try_from(at).ok()).unwrap_or_default());
        })
    };
    let option = |(at, name): (usize, &'static str)| html! { <option selected={at == *hours}>{ name }</option> };
    html! {
        <form class="settings__form" {onsubmit}>
            <div class="auth__pair">
                { line(Line { id: "uses", label: words.uses, value: &uses, autocomplete: "off", hint: "", error: bad.then(|| words.bad_uses.to_owned()), large: false, focus: false }) }
                <div class="field">
                    <label class="field__label" for="hours">{ words.hours }</label>
                    <select class="input" id="hours" {onchange}>{ for words.hours_names.into_iter().enumerate().map(option) }</select>
                </div>
            </div>
            { whole_error(request.wrong_beside(&[], lang)) }
            <div class="row"><Send {lang} label={words.make_invite} class="btn btn--primary" busy={request.is_busy()} wait={request.wrong().and_then(Wrong::wait)} /></div>
        </form>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct RowsProps {
    desk: Desk,
    list: Loaded<InviteList>,
}

/// Those that still hold.
#[component]
fn InviteRows(props: &RowsProps) -> Html {
    let request = use_request();
    let lang = props.desk.lang();
    let words = words(lang);
    let Some(found) = props.list.value() else { return load_failed(&props.desk, &props.list) };
    let withdraw = |id: u64| {
        let (request, again) = (request.clone(), props.list.again.clone());
        Callback::from(move |_: web_sys::MouseEvent| {
            let again = again.clone();
            request.run(async move { http::delete(&format!("/api/v1/invites/{id}")).await }, move |()| again.emit(()));
        })
    };
    let row = |invite: &InviteEntry| {
        let what = (words.invite_line)(invite.used, invite.uses, &invite.by);
        html! {
            <li class="session" key={invite.id}>
                <div class="grow"><div>{ &what }</div><div class="faint small">{ (words.valid_until)(&time::moment(lang, invite.expires_at.0)) }</div></div>
                <button type="button" class="btn btn--sm" disabled={request.is_busy()} aria-label={format!("{}: {what}", words.withdraw)} onclick={withdraw(invite.id)}>{ words.withdraw }</button>
            </li>
        }
    };
    html! {
        <div class="settings__group">
            if found.invites.is_empty() {
                <p class="faint">{ words.no_invites }</p>
            }
            <ul>{ for found.invites.iter().map(row) }</ul>
            { say_ended(&request, lang) }
        </div>
    }
}
