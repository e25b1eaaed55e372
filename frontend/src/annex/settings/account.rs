//! The account: the name that one signs in with, the password, signing out; for a guest, the way to an account.

use common::api::account::PasswordChange;
use common::model::Role;
use common::text::{Fault, Field};
use gloo_net::http::Method;
use yew::{Callback, Html, component, html, use_state};

use super::profile::ProfileProps;
use super::{me_or_wait, say_ended};
use crate::annex::app::Desk;
use crate::annex::form::{Password, Send, checked_password, submits, whole_error};
use crate::annex::http::{self, Wrong, use_request};
use crate::annex::port::{Open, Said};
use crate::annex::words::words;

/// The section.
#[component]
pub(super) fn Account(props: &ProfileProps) -> Html {
    let words = words(props.desk.lang());
    let Some(me) = props.me.value() else { return me_or_wait(&props.desk, &props.me) };
    html! {
        <>
            if me.role == Role::Guest {
                { guest(&props.desk) }
            } else {
                <div class="settings__group"><h3>{ words.login }</h3><p class="mono">{ me.login.clone().unwrap_or_default() }</p></div>
                <PasswordForm desk={props.desk.clone()} me={props.me.clone()} />
            }
            <SignOut desk={props.desk.clone()} me={props.me.clone()} />
        </>
    }
}

fn guest(desk: &Desk) -> Html {
    let words = words(desk.lang());
    let onclick = desk.open.reform(|_: web_sys::MouseEvent| Open::Join { token: String::new() });
    html! {
        <div class="settings__group">
            <p class="muted">{ words.you_are_guest }</p>
            <p><button type="button" class="btn btn--primary" {onclick}>{ words.become_member }</button></p>
        </div>
    }
}

#[component]
fn PasswordForm(props: &ProfileProps) -> Html {
    let (old, new, request, changed) =
        (use_state(String::new), use_state(String::new), use_request(), use_state(|| false));
    let lang = props.desk.lang();
    let words = words(lang);
    let onsubmit = {
        let (old, new, request, changed) = (old.clone(), new.clone(), request.clone(), changed.clone());
        submits(move || {
            changed.set(false);
            if let Err(wrong) = checked_password(&new) {
                return request.fail(wrong);
            }
            let body = PasswordChange { old: (*old).clone(), new: (*new).clone() };
            let (old, new, changed) = (old.clone(), new.clone(), changed.clone());
            let asked = async move { http::send(Method::PUT, "/api/v1/me/password", &body).await };
            request.run(asked, move |()| {
                old.set(String::new());
                new.set(String::new());
                changed.set(true);
            });
        })
    };
    // The one that does not match is the present one; what is too short or too long, the new one.
    let wrong = request.wrong_at(Field::Password, lang);
    let is_old = request.wrong().is_some_and(|wrong| !matches!(wrong, Wrong::Text(_)) && !breaks_a_rule(wrong));
    let (at_old, at_new) = if is_old { (wrong, None) } else { (None, wrong) };
    html! {
        <form class="settings__form" {onsubmit}>
            <h3 class="settings__title">{ words.change_password }</h3>
            <Password {lang} id="old-password" label={words.old_password} value={old} error={at_old} />
            <Password {lang} id="new-password" label={words.new_password} value={new} new=true error={at_new} />
            { whole_error(request.wrong_beside(&[Field::Password], lang)) }
            <div class="row"><Send {lang} label={words.change} class="btn btn--primary" busy={request.is_busy()} wait={request.wrong().and_then(Wrong::wait)} /><span class="faint" role="status">{ if *changed { words.password_changed } else { "" } }</span></div>
        </form>
    }
}

fn breaks_a_rule(wrong: &Wrong) -> bool {
    let Wrong::Refused { problem: Some(problem), .. } = wrong else { return false };
    problem.text.as_ref().is_some_and(|error| error.fault != Fault::Wrong)
}

#[component]
fn SignOut(props: &ProfileProps) -> Html {
    let request = use_request();
    let lang = props.desk.lang();
    let words = words(lang);
    let onclick = {
        let (request, say) = (request.clone(), props.desk.say.clone());
        Callback::from(move |_: web_sys::MouseEvent| {
            let say = say.clone();
            request.run(http::delete("/api/v1/sessions/current"), move |()| say.emit(Said::SignedOut));
        })
    };
    html! {
        <div class="settings__group">
            <p class="faint">{ words.sign_out_text }</p>
            <p><button type="button" class="btn" disabled={request.is_busy()} {onclick}>{ words.sign_out }</button></p>
            { say_ended(&request, lang) }
        </div>
    }
}
