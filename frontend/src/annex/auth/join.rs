//! Joining by an invite. A guest who joins keeps what is theirs, and is told so.

use common::api::account::{InviteCheck, InviteFound, Me, ServerInfo, SignUp};
use common::model::Role;
use gloo_net::http::Method;
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_state};

use super::account::{Checked, FIELDS, use_typed};
use super::{link, token_of};
use crate::annex::app::Desk;
use crate::annex::form::{Line, Send, line, submits, whole_error};
use crate::annex::http::{self, Request, Wrong, use_loaded, use_request};
use crate::annex::port::{Open, Said};
use crate::annex::time;
use crate::annex::words::words;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct JoinProps {
    pub desk: Desk,
    pub token: String,
}

/// The page: the invite first, then the account.
#[component]
pub(super) fn JoinForm(props: &JoinProps) -> Html {
    let (me, server) = (use_loaded::<Me>("/api/v1/me"), use_loaded::<ServerInfo>("/api/v1/server"));
    let (found, check) = (use_state(|| None::<(String, InviteFound)>), use_request());
    let look = {
        let (found, check) = (found.clone(), check.clone());
        Callback::from(move |token: String| {
            let (found, body) = (found.clone(), InviteCheck { token: token.clone() });
            let asked = async move { http::send(Method::POST, "/api/v1/invites/check", &body).await };
            check.run(asked, move |invite| found.set(Some((token, invite))));
        })
    };
    {
        let look = look.clone();
        use_effect_with(token_of(&props.token), move |token| {
            if !token.is_empty() {
                look.emit(token.clone());
            }
        });
    }
    let me = me.value();
    let words = words(props.desk.lang());
    if let Some(me) = me.as_ref().filter(|me| me.role != Role::Guest) {
        return html! {
            <div class="auth__form">
                <h1 class="auth__title">{ words.join_title }</h1>
                <p class="auth__lead">{ (words.signed_in_as)(&me.name) }</p>
                <button type="button" class="btn btn--primary btn--wide" onclick={props.desk.dismiss()}>{ words.open_chat }</button>
            </div>
        };
    }
    let guest = me.map(|me| me.name.clone());
    let open = server.value().is_some_and(|server| server.open);
    match &*found {
        Some((token, invite)) => html! {
            <AccountForm desk={props.desk.clone()} invite={Some((token.clone(), invite.by.clone(), invite.expires_at.0))} {guest} />
        },
        None if open && props.token.is_empty() => html! { <AccountForm desk={props.desk.clone()} {guest} /> },
        None => html! { <InviteForm desk={props.desk.clone()} token={props.token.clone()} {check} {look} /> },
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct InviteProps {
    desk: Desk,
    token: String,
    check: Request,
    look: Callback<String>,
}

/// The form for the link.
#[component]
fn InviteForm(props: &InviteProps) -> Html {
    let lang = props.desk.lang();
    let words = words(lang);
    let pasted = use_state(|| props.token.clone());
    let onsubmit = {
        let (pasted, look) = (pasted.clone(), props.look.clone());
        submits(move || look.emit(token_of(&pasted)))
    };
    let error = props.check.wrong().map(|wrong| wrong.told(lang));
    let wait = props.check.wrong().and_then(Wrong::wait);
    html! {
        <form class="auth__form" {onsubmit}>
            <h1 class="auth__title">{ words.join_title }</h1>
            { line(Line { id: "invite", label: words.invite_link, value: &pasted, autocomplete: "off", hint: words.invite_link_hint, error, large: true, focus: true }) }
            <Send {lang} label={words.check_invite} class="btn btn--primary btn--wide" busy={props.check.is_busy()} {wait} />
            { already(&props.desk) }
        </form>
    }
}

fn already(desk: &Desk) -> Html {
    let words = words(desk.lang());
    html! { <p class="faint">{ words.member_already }{ " " }{ link(desk, words.sign_in, &Open::SignIn { ended: false, guests: true }) }</p> }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct AccountProps {
    desk: Desk,
    /// The token, who invites, and until when.
    #[prop_or_default]
    invite: Option<(String, String, u64)>,
    /// The name of the guest who asks.
    guest: Option<String>,
}

/// The form for the account.
#[component]
fn AccountForm(props: &AccountProps) -> Html {
    let (typed, request) = (use_typed(), use_request());
    let lang = props.desk.lang();
    let words = words(lang);
    {
        let typed = typed.clone();
        use_effect_with(props.guest.clone(), move |guest| guest.iter().for_each(|name| typed.offer(name)));
    }
    let onsubmit = {
        let (typed, request, say) = (typed.clone(), request.clone(), props.desk.say.clone());
        let token = props.invite.as_ref().map(|(token, ..)| token.clone());
        submits(move || match typed.checked() {
            Err(wrong) => request.fail(wrong),
            Ok(Checked { login, name, password }) => {
                let (say, body) = (say.clone(), SignUp { invite: token.clone(), login, name, password });
                let asked = async move { http::send::<_, Me>(Method::POST, "/api/v1/accounts", &body).await };
                request.run(asked, move |_| say.emit(Said::SignedIn));
            }
        })
    };
    let wait = request.wrong().and_then(Wrong::wait);
    html! {
        <form class="auth__form" {onsubmit}>
            <h1 class="auth__title">{ words.join_title }</h1>
            if let Some((_, by, until)) = &props.invite {
                <div class="inviter"><div><div class="strong">{ (words.invited_by)(by) }</div><div class="faint">{ (words.valid_until)(&time::day(lang, *until)) }</div></div></div>
            } else {
                <p class="auth__lead">{ words.without_invite }</p>
            }
            if let Some(guest) = &props.guest {
                <p class="auth__lead" role="status">{ (words.keeps)(guest) }</p>
            }
            { typed.fields(lang, &request) }
            { whole_error(request.wrong_beside(&FIELDS, lang)) }
            <Send {lang} label={words.join} class="btn btn--primary btn--wide" busy={request.is_busy()} {wait} />
            { already(&props.desk) }
        </form>
    }
}
