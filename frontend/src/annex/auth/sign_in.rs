//! Signing in: name and password, then a code where the account wants one.

use common::api::account::{Me, SignIn};
use common::api::codes;
use common::text::Field;
use gloo_net::http::Method;
use yew::{Html, Properties, UseStateHandle, component, html, use_effect_with, use_state};

use super::link;
use crate::annex::app::Desk;
use crate::annex::form::{Line, Password, Send, line, submits, typed, whole_error};
use crate::annex::http::{self, Request, use_request};
use crate::annex::port::{Open, Said};
use crate::annex::words::words;
use crate::effects::browser;
use crate::views::parts::field_error;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SignInProps {
    pub desk: Desk,
    pub ended: bool,
    pub guests: bool,
}

/// What the form holds.
#[derive(Clone, PartialEq)]
struct Typed {
    login: UseStateHandle<String>,
    password: UseStateHandle<String>,
    code: UseStateHandle<String>,
    /// Whether the code is wanted.
    second: UseStateHandle<bool>,
}

#[component]
pub(super) fn SignInForm(props: &SignInProps) -> Html {
    let typed = Typed {
        login: use_state(String::new),
        password: use_state(String::new),
        code: use_state(String::new),
        second: use_state(|| false),
    };
    let request = use_request();
    // The password is right and a code is wanted: that is no fault, until there was a code.
    let asked = request.wrong().and_then(http::Wrong::code) == Some(codes::SECOND_FACTOR);
    if asked && !*typed.second {
        typed.second.set(true);
        request.clear();
    }
    use_effect_with(*typed.second, |second| {
        if *second {
            browser::focus("#code");
        }
    });
    let onsubmit = {
        let (desk, request, typed) = (props.desk.clone(), request.clone(), typed.clone());
        submits(move || send(&desk, &request, &typed))
    };
    let lang = props.desk.lang();
    let words = words(lang);
    let wait = request.wrong().and_then(http::Wrong::wait);
    let button =
        |label| html! { <Send {lang} {label} class="btn btn--primary btn--wide" busy={request.is_busy()} {wait} /> };
    if *typed.second {
        return second(props, &typed, &request, onsubmit, button(words.go_on));
    }
    html! {
        <form class="auth__form" {onsubmit}>
            <h1 class="auth__title">{ words.sign_in_title }</h1>
            if props.ended {
                <p class="auth__lead" role="status">{ words.session_ended }</p>
            }
            { line(Line { id: "login", label: words.login, value: &typed.login, autocomplete: "username", hint: "", error: request.wrong_at(Field::Login, lang), large: true, focus: true }) }
            <Password {lang} id="password" label={words.password} value={typed.password.clone()} large=true error={request.wrong_at(Field::Password, lang)} />
            { whole_error(request.wrong_beside(&[Field::Login, Field::Password], lang)) }
            { button(words.sign_in) }
            <p class="faint">{ words.no_account }{ " " }{ words.forgot }</p>
            if props.guests {
                <p class="faint"><button type="button" class="btn-link" onclick={props.desk.dismiss()}>{ words.as_guest }</button></p>
            }
            <p class="faint">{ link(&props.desk, words.invite_link, &Open::Join { token: String::new() }) }</p>
        </form>
    }
}

/// The form for the code.
fn second(
    props: &SignInProps,
    typed_in: &Typed,
    request: &Request,
    onsubmit: yew::Callback<web_sys::SubmitEvent>,
    button: Html,
) -> Html {
    let lang = props.desk.lang();
    let words = words(lang);
    let wrong = request.wrong().map(|wrong| match wrong.code() {
        Some(codes::SECOND_FACTOR) => words.code_wrong.to_owned(),
        Some(_) | None => wrong.told(lang),
    });
    let back = {
        let (second, code, request) = (typed_in.second.clone(), typed_in.code.clone(), request.clone());
        yew::Callback::from(move |_: web_sys::MouseEvent| {
            code.set(String::new());
            second.set(false);
            request.clear();
        })
    };
    html! {
        <form class="auth__form" key="second" {onsubmit}>
            <h1 class="auth__title">{ words.code_title }</h1>
            <p class="auth__lead">{ words.code_lead }</p>
            <div class="field">
                <label class="field__label" for="code">{ words.code }</label>
                <input class="input input--lg input--mono" id="code" type="text" inputmode="numeric" autocomplete="one-time-code" autofocus=true value={(*typed_in.code).clone()} oninput={typed(&typed_in.code)}
                    aria-invalid={wrong.is_some().then_some("true")} aria-describedby="code-note" />
                if let Some(wrong) = wrong {
                    { field_error("code-note", &wrong) }
                } else {
                    <p class="field__hint" id="code-note">{ words.code_hint }</p>
                }
            </div>
            { button }
            <p class="faint"><button type="button" class="btn-link" onclick={back}>{ words.other_account }</button></p>
        </form>
    }
}

fn send(desk: &Desk, request: &Request, typed: &Typed) {
    let code = typed.code.trim();
    let body = SignIn {
        login: typed.login.trim().to_lowercase(),
        password: (*typed.password).clone(),
        code: (*typed.second && !code.is_empty()).then(|| code.to_owned()),
    };
    let say = desk.say.clone();
    let asked = async move { http::send::<_, Me>(Method::POST, "/api/v1/sessions", &body).await };
    request.run(asked, move |_| say.emit(Said::SignedIn));
}
