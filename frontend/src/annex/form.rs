//! Parts of forms: fields with their names, hints and faults, passwords, what counts down, what is copied.

use common::limits::PASSWORD_CHARS;
use common::text::{Fault, Field, TextError};
use gloo_timers::callback::Interval;
use wasm_bindgen_futures::spawn_local;
use web_sys::{InputEvent, MouseEvent, SubmitEvent};
use yew::{Callback, Html, Properties, UseStateHandle, classes, component, html, use_effect_with, use_state};

use super::http::Wrong;
use super::words::words;
use crate::effects::errands::written;
use crate::i18n::Lang;
use crate::views::parts::{field_error, icon, icon_sm, input_value};

/// A field of one line.
pub(super) struct Line<'a> {
    pub id: &'static str,
    pub label: &'a str,
    pub value: &'a UseStateHandle<String>,
    pub autocomplete: &'static str,
    pub hint: &'a str,
    pub error: Option<String>,
    /// Whether it stands on a page of its own, where fields are larger.
    pub large: bool,
    pub focus: bool,
}

/// What an input does: it keeps its value.
pub(super) fn typed(value: &UseStateHandle<String>) -> Callback<InputEvent> {
    let value = value.clone();
    Callback::from(move |event: InputEvent| value.set(input_value(&event)))
}

/// A form's deed, in place of the browser's own.
pub(super) fn submits(deed: impl Fn() + 'static) -> Callback<SubmitEvent> {
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        deed();
    })
}

/// The class of an input.
fn class(large: bool) -> yew::Classes {
    classes!("input", large.then_some("input--lg"))
}

/// What stands below a field: why it was refused, or a hint.
fn note(id: &str, error: Option<String>, hint: &str) -> Html {
    match error {
        Some(error) => {
            html! { <p class="field__error" id={format!("{id}-note")} role="alert">{ icon_sm("alert") }{ error }</p> }
        }
        None if hint.is_empty() => html! {},
        None => html! { <p class="field__hint" id={format!("{id}-note")}>{ hint.to_owned() }</p> },
    }
}

/// The field.
pub(super) fn line(line: Line<'_>) -> Html {
    let Line { id, label, value, autocomplete, hint, error, large, focus } = line;
    let described = (error.is_some() || !hint.is_empty()).then(|| format!("{id}-note"));
    let mono = matches!(autocomplete, "one-time-code").then_some("input--mono");
    html! {
        <div class="field">
            <label class="field__label" for={id}>{ label.to_owned() }</label>
            <input class={classes!(class(large), mono)} type="text" {id} value={(**value).clone()} oninput={typed(value)} {autocomplete} autofocus={focus}
                autocapitalize="none" spellcheck="false" aria-invalid={error.is_some().then_some("true")} aria-describedby={described} />
            { note(id, error, hint) }
        </div>
    }
}

/// A field of one line with a list to choose from, which the browser searches.
pub(super) fn listed(line: Line<'_>, choices: &[String]) -> Html {
    let Line { id, label, value, hint, error, large, .. } = line;
    html! {
        <div class="field">
            <label class="field__label" for={id}>{ label.to_owned() }</label>
            <input class={class(large)} type="text" {id} list={format!("{id}-list")} value={(**value).clone()} oninput={typed(value)} autocomplete="off" spellcheck="false"
                aria-invalid={error.is_some().then_some("true")} aria-describedby={format!("{id}-note")} />
            <datalist id={format!("{id}-list")}>{ for choices.iter().map(|choice| html! { <option value={choice.clone()} /> }) }</datalist>
            { note(id, error, hint) }
        </div>
    }
}

/// A field for a password.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct PasswordProps {
    pub lang: Lang,
    pub id: &'static str,
    pub label: &'static str,
    pub value: UseStateHandle<String>,
    /// Whether it is a new one, whose length is told.
    #[prop_or_default]
    pub new: bool,
    #[prop_or_default]
    pub large: bool,
    #[prop_or_default]
    pub error: Option<String>,
}

/// The field; what is typed can be looked at.
#[component]
pub(super) fn Password(props: &PasswordProps) -> Html {
    let words = words(props.lang);
    let shown = use_state(|| false);
    let toggle = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(!*shown))
    };
    let hint = if props.new { (words.password_hint)(*PASSWORD_CHARS.start()) } else { String::new() };
    let described = (props.error.is_some() || props.new).then(|| format!("{}-note", props.id));
    html! {
        <div class="field">
            <label class="field__label" for={props.id}>{ props.label }</label>
            <div class="with-btn">
                <input class={class(props.large)} type={if *shown { "text" } else { "password" }} id={props.id} value={(*props.value).clone()} oninput={typed(&props.value)}
                    autocomplete={if props.new { "new-password" } else { "current-password" }} autocapitalize="none" spellcheck="false"
                    aria-invalid={props.error.is_some().then_some("true")} aria-describedby={described} />
                <button type="button" class="icon-btn" aria-label={words.show_password} aria-pressed={shown.to_string()} onclick={toggle}>{ icon("eye") }</button>
            </div>
            if props.new {
                { strength(props.value.chars().count()) }
            }
            { note(props.id, props.error.clone(), &hint) }
        </div>
    }
}

/// How long a password is, in quarters of a good length. Length is what counts; nothing else is judged.
fn strength(chars: usize) -> Html {
    let quarters = if chars < *PASSWORD_CHARS.start() { usize::from(chars > 0) } else { (chars / 5 + 1).min(4) };
    html! { <span class="strength" aria-hidden="true">{ for (0..4).map(|at| html! { <i class={(at < quarters).then_some("is-on")}></i> }) }</span> }
}

/// A password that is too short or too long, told before it is sent.
pub(super) fn checked_password(password: &str) -> Result<(), Wrong> {
    let found = password.chars().count();
    let fault = if found < *PASSWORD_CHARS.start() {
        Fault::TooShort { limit: *PASSWORD_CHARS.start(), found }
    } else if found > *PASSWORD_CHARS.end() {
        Fault::TooLong { limit: *PASSWORD_CHARS.end(), found }
    } else {
        return Ok(());
    };
    Err(TextError { field: Field::Password, fault }.into())
}

/// What is wrong with a form as a whole.
pub(super) fn whole_error(text: Option<String>) -> Html {
    text.map(|text| field_error("form-error", &text)).unwrap_or_default()
}

/// What a button that waits needs to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SendProps {
    pub lang: Lang,
    pub label: &'static str,
    pub class: &'static str,
    pub busy: bool,
    /// Seconds that the server asked to wait.
    #[prop_or_default]
    pub wait: Option<u32>,
}

/// The button that sends a form; where the server has asked to wait, it counts down first.
#[component]
pub(super) fn Send(props: &SendProps) -> Html {
    let left = use_state(|| 0);
    {
        let left = left.clone();
        use_effect_with((props.wait, props.busy), move |(wait, _)| {
            let mut seconds = wait.unwrap_or_default();
            left.set(seconds);
            let interval = (seconds > 0).then(|| {
                Interval::new(1_000, move || {
                    seconds = seconds.saturating_sub(1);
                    left.set(seconds);
                })
            });
            move || drop(interval)
        });
    }
    let waits = props.wait.is_some() && *left > 0;
    html! {
        <>
            <button class={props.class} disabled={props.busy || waits}>{ props.label }</button>
            if waits {
                <p class="field__hint" role="timer">{ (words(props.lang).try_in)(*left) }</p>
            }
        </>
    }
}

/// What is copied, and with which words.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct CopyProps {
    pub lang: Lang,
    pub text: String,
}

/// A button that copies a text and says that it has.
#[component]
pub(super) fn Copy(props: &CopyProps) -> Html {
    let words = words(props.lang);
    let copied = use_state(|| None);
    let onclick = {
        let (copied, text) = (copied.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| {
            let (copied, text) = (copied.clone(), text.clone());
            spawn_local(async move { copied.set(Some(written(&text).await)) });
        })
    };
    let said = match *copied {
        None => "",
        Some(true) => words.copied,
        Some(false) => words.not_copied,
    };
    html! { <><button type="button" class="btn" {onclick}>{ icon("copy") }{ words.copy }</button><span class="faint small" role="status">{ said }</span></> }
}

/// An SVG of the server's as a picture: nothing in it can run.
pub(super) fn picture(svg: &str, label: &str) -> Html {
    let source = format!("data:image/svg+xml,{}", js_sys::encode_uri_component(svg));
    html! { <img class="qr" src={source} alt={label.to_owned()} width="176" height="176" /> }
}
