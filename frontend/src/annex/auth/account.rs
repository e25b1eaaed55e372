//! A new account: the fields that every form for one has, and the form for the owner's.

use common::api::account::{Me, Setup};
use common::api::codes;
use common::text::{Field, Login, UserName};
use gloo_net::http::Method;
use yew::{Html, Properties, UseStateHandle, component, hook, html, use_state};

use super::token_of;
use crate::annex::app::Desk;
use crate::annex::form::{Line, Password, Send, checked_password, line, submits, whole_error};
use crate::annex::http::{self, Request, Wrong, use_request};
use crate::annex::port::Said;
use crate::annex::words::words;
use crate::i18n::Lang;

/// What somebody types for a new account.
#[derive(Clone, PartialEq)]
pub(super) struct Typed {
    name: UseStateHandle<String>,
    login: UseStateHandle<String>,
    password: UseStateHandle<String>,
}

/// What was typed, checked.
pub(super) struct Checked {
    pub login: String,
    pub name: String,
    pub password: String,
}

/// The fields' values; the name is what it is already, for a guest.
#[hook]
pub(super) fn use_typed() -> Typed {
    Typed { name: use_state(String::new), login: use_state(String::new), password: use_state(String::new) }
}

impl Typed {
    /// Offers a name where none has been typed.
    pub(super) fn offer(&self, name: &str) {
        if self.name.is_empty() {
            self.name.set(name.to_owned());
        }
    }

    /// What was typed, or the first thing that is wrong with it.
    pub(super) fn checked(&self) -> Result<Checked, Wrong> {
        let name = UserName::new(&self.name)?;
        let login = Login::new(&self.login.trim().to_lowercase())?;
        checked_password(&self.password)?;
        Ok(Checked { login: login.into(), name: name.into(), password: (*self.password).clone() })
    }

    /// The fields.
    pub(super) fn fields(&self, lang: Lang, request: &Request) -> Html {
        let words = words(lang);
        let at = |field| request.wrong_at(field, lang);
        html! {
            <>
                <div class="auth__pair">
                    { line(Line { id: "name", label: words.your_name, value: &self.name, autocomplete: "name", hint: words.name_hint, error: at(Field::UserName), large: true, focus: true }) }
                    { line(Line { id: "login", label: words.login, value: &self.login, autocomplete: "username", hint: words.login_hint, error: at(Field::Login), large: true, focus: false }) }
                </div>
                <Password {lang} id="password" label={words.password} value={self.password.clone()} new=true large=true error={at(Field::Password)} />
            </>
        }
    }
}

/// The fields that [`Typed::fields`] shows: a fault of any other is the whole form's.
pub(super) const FIELDS: [Field; 3] = [Field::UserName, Field::Login, Field::Password];

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SetUpProps {
    pub desk: Desk,
    pub token: String,
}

/// The form for the owner's account.
#[component]
pub(super) fn SetUpForm(props: &SetUpProps) -> Html {
    let (typed, request, token) = (use_typed(), use_request(), use_state(|| props.token.clone()));
    let lang = props.desk.lang();
    let words = words(lang);
    let onsubmit = {
        let (typed, request, token, say) = (typed.clone(), request.clone(), token.clone(), props.desk.say.clone());
        submits(move || match typed.checked() {
            Err(wrong) => request.fail(wrong),
            Ok(Checked { login, name, password }) => {
                let body = Setup { token: token_of(&token), login, name, password };
                let say = say.clone();
                let asked = async move { http::send::<_, Me>(Method::POST, "/api/v1/setup", &body).await };
                request.run(asked, move |_| say.emit(Said::SignedIn));
            }
        })
    };
    let bad_token = request.wrong().filter(|wrong| wrong.code() == Some(codes::BAD_SETUP_TOKEN));
    let bad_token = bad_token.map(|wrong| wrong.told(lang));
    let wait = request.wrong().and_then(Wrong::wait);
    html! {
        <form class="auth__form" {onsubmit}>
            <h1 class="auth__title">{ words.set_up_title }</h1>
            <p class="auth__lead">{ words.set_up_lead }</p>
            { typed.fields(lang, &request) }
            if props.token.is_empty() || bad_token.is_some() {
                { line(Line { id: "token", label: words.set_up_token, value: &token, autocomplete: "one-time-code", hint: words.set_up_token_hint, error: bad_token.clone(), large: true, focus: false }) }
            }
            if bad_token.is_none() {
                { whole_error(request.wrong_beside(&FIELDS, lang)) }
            }
            <Send {lang} label={words.set_up} class="btn btn--primary btn--wide" busy={request.is_busy()} {wait} />
        </form>
    }
}
