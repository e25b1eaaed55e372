//! The second factor: set up, confirmed, taken off; and the codes that replace it.

use common::api::account::{Confirm, RecoveryCodes, TwoFactorCode, TwoFactorStart};
use common::text::Field;
use gloo_net::http::Method;
use yew::{Callback, Html, Properties, UseStateHandle, component, html, use_state};

use super::profile::ProfileProps;
use super::{LoadedMe, me_or_wait};
use crate::annex::app::Desk;
use crate::annex::form::{Copy, Line, Password, Send, line, picture, submits, whole_error};
use crate::annex::http::{self, Wrong, use_request};
use crate::annex::words::words;

const PATH: &str = "/api/v1/me/two-factor";

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// As the account says.
    Rest,
    /// It is to be confirmed.
    Begun(TwoFactorStart),
    /// It is on; these are shown once.
    Codes(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct StepProps {
    desk: Desk,
    me: LoadedMe,
    step: UseStateHandle<Step>,
}

/// The section.
#[component]
pub(super) fn TwoFactor(props: &ProfileProps) -> Html {
    let step = use_state(|| Step::Rest);
    let Some(me) = props.me.value() else { return me_or_wait(&props.desk, &props.me) };
    let words = words(props.desk.lang());
    if me.login.is_none() {
        return html! { <p class="muted">{ words.you_are_guest }</p> };
    }
    let (desk, me_again) = (props.desk.clone(), props.me.clone());
    match &*step {
        Step::Rest => html! { <Ask {desk} me={me_again} {step} on={me.two_factor} /> },
        Step::Begun(_) => html! { <Confirming {desk} me={me_again} {step} /> },
        Step::Codes(codes) => {
            let done = {
                let (step, again) = (step.clone(), props.me.again.clone());
                Callback::from(move |_: web_sys::MouseEvent| {
                    step.set(Step::Rest);
                    again.emit(());
                })
            };
            recovery(&desk, codes, done)
        }
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct AskProps {
    desk: Desk,
    me: LoadedMe,
    step: UseStateHandle<Step>,
    /// Whether it is on.
    on: bool,
}

/// Asks for the password, before it is set up or taken off.
#[component]
fn Ask(props: &AskProps) -> Html {
    let (password, request) = (use_state(String::new), use_request());
    let lang = props.desk.lang();
    let words = words(lang);
    let onsubmit = {
        let (password, request, props) = (password.clone(), request.clone(), props.clone());
        submits(move || {
            let body = Confirm { password: (*password).clone() };
            let (step, again) = (props.step.clone(), props.me.again.clone());
            if props.on {
                let asked = async move { http::send(Method::DELETE, PATH, &body).await };
                request.run(asked, move |()| again.emit(()));
            } else {
                let asked = async move { http::send(Method::POST, PATH, &body).await };
                request.run(asked, move |start| step.set(Step::Begun(start)));
            }
        })
    };
    let label = if props.on { words.two_factor_remove } else { words.two_factor_start };
    let class = if props.on { "btn btn--danger" } else { "btn btn--primary" };
    html! {
        <form class="settings__form" {onsubmit}>
            <p class="muted">{ if props.on { words.two_factor_on } else { words.two_factor_off } }</p>
            <Password {lang} id="confirm" label={words.your_password} value={password} error={request.wrong_at(Field::Password, lang)} />
            { whole_error(request.wrong_beside(&[Field::Password], lang)) }
            <div class="row"><Send {lang} {label} {class} busy={request.is_busy()} wait={request.wrong().and_then(Wrong::wait)} /></div>
        </form>
    }
}

/// Shows the secret, and asks for a code that it makes.
#[component]
fn Confirming(props: &StepProps) -> Html {
    let (code, request) = (use_state(String::new), use_request());
    let lang = props.desk.lang();
    let words = words(lang);
    let onsubmit = {
        let (code, request, step) = (code.clone(), request.clone(), props.step.clone());
        submits(move || {
            let body = TwoFactorCode { code: code.trim().replace(' ', "") };
            let step = step.clone();
            let asked = async move { http::send::<_, RecoveryCodes>(Method::PUT, PATH, &body).await };
            request.run(asked, move |found| step.set(Step::Codes(found.codes)));
        })
    };
    let Step::Begun(start) = &*props.step else { return html! {} };
    let cancel = {
        let step = props.step.clone();
        Callback::from(move |_: web_sys::MouseEvent| step.set(Step::Rest))
    };
    html! {
        <form class="settings__form" {onsubmit}>
            <p class="muted">{ words.two_factor_scan }</p>
            { picture(&start.qr, words.two_factor_scan) }
            <p class="faint">{ words.two_factor_secret }{ " " }<code class="mono secret">{ &start.secret }</code></p>
            { line(Line { id: "two-factor-code", label: words.code, value: &code, autocomplete: "one-time-code", hint: "", error: request.wrong_at(Field::Code, lang), large: false, focus: true }) }
            { whole_error(request.wrong_beside(&[Field::Code], lang)) }
            <div class="row"><Send {lang} label={words.two_factor_confirm} class="btn btn--primary" busy={request.is_busy()} wait={request.wrong().and_then(Wrong::wait)} /><button type="button" class="btn" onclick={cancel}>{ words.cancel }</button></div>
        </form>
    }
}

fn recovery(desk: &Desk, codes: &[String], done: Callback<web_sys::MouseEvent>) -> Html {
    let lang = desk.lang();
    let words = words(lang);
    let text = codes.join("\n");
    let file = format!("data:text/plain;charset=utf-8,{}", js_sys::encode_uri_component(&text));
    html! {
        <div class="settings__group">
            <h3>{ words.recovery_title }</h3>
            <p class="muted" role="status">{ words.recovery_text }</p>
            <ul class="codes mono">{ for codes.iter().map(|code| html! { <li key={code.clone()}>{ code }</li> }) }</ul>
            <div class="row">
                <Copy {lang} {text} />
                <a class="btn" download="readyroom-recovery-codes.txt" href={file}>{ words.download }</a>
                <button type="button" class="btn btn--primary" onclick={done}>{ words.done }</button>
            </div>
        </div>
    }
}
