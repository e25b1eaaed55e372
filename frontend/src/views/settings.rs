//! The settings: one dialog, every change applies at once.

use web_sys::{InputEvent, SubmitEvent};
use yew::{Callback, Html, Properties, component, html, use_state};

use super::modal::Modal;
use super::parts::{endonym, failure, field_error, icon, input_value, sends};
use crate::i18n::Lang;
use crate::state::{Action, Failure, Overlay, State, Theme};

/// The dialog.
pub(super) fn view(state: &State, saved: bool, error: Option<&Failure>, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let name = state.engine.me().map(|me| me.name.clone()).unwrap_or_default();
    html! {
        <Modal title={words.settings} close_label={words.close} onclose={sends(act, Action::Dismiss)}>
            <div class="settings__body">
                <NameForm lang={state.lang} {name} {saved} error={error.cloned()} act={act.clone()} />
                { themes(state, act) }
                <fieldset class="settings__group">
                    <legend>{ words.language }</legend>
                    <div class="row row--choices">{ for Lang::ALL.map(|lang| html! {
                        <label class="check"><input type="radio" name="lang" checked={state.lang == lang} onchange={sends(act, Action::Language(lang))} />{ endonym(lang) }</label>
                    }) }</div>
                </fieldset>
                <div class="settings__group settings__group--rows">
                    <div class="setting">
                        <label for="set-wire">{ words.wire_setting }<small>{ words.wire_setting_hint }</small></label>
                        <span class="switch"><input type="checkbox" role="switch" id="set-wire" checked={state.wire_open} onchange={sends(act, Action::Toggle(Overlay::Wire))} /><span></span></span>
                    </div>
                </div>
            </div>
        </Modal>
    }
}

fn themes(state: &State, act: &Callback<Action>) -> Html {
    let words = state.lang.words();
    let choice = |(theme, label): (Theme, &'static str)| {
        let auto = (theme == Theme::Auto).then_some("theme__pic--auto");
        html! {
            <label class="theme">
                <input type="radio" name="theme" checked={state.theme == theme} onchange={sends(act, Action::Theme(theme))} />
                <span class={yew::classes!("theme__pic", auto)} data-theme={auto.is_none().then_some(theme.tag())}><span></span></span>
                <span class="theme__name">{ icon("check") }{ label }</span>
            </label>
        }
    };
    html! {
        <fieldset class="settings__group">
            <legend>{ words.theme }</legend>
            <div class="themes">{ for Theme::ALL.into_iter().zip(words.theme_names).map(choice) }</div>
        </fieldset>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct NameProps {
    lang: Lang,
    name: String,
    saved: bool,
    error: Option<Failure>,
    act: Callback<Action>,
}

#[component]
fn NameForm(props: &NameProps) -> Html {
    let words = props.lang.words();
    let name = use_state(|| props.name.clone());
    let oninput = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| name.set(input_value(&event)))
    };
    let onsubmit = {
        let (name, act) = (name.clone(), props.act.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.emit(Action::Rename((*name).clone()));
        })
    };
    let error = props.error.as_ref().map(|error| failure(words, error));
    html! {
        <form class="field" {onsubmit}>
            <label class="field__label" for="set-name">{ words.your_name }</label>
            <div class="row">
                <input class="input" id="set-name" value={(*name).clone()} {oninput} autocomplete="nickname" aria-invalid={error.is_some().then_some("true")} aria-describedby="set-name-note" />
                <button class="btn">{ words.save }</button>
            </div>
            if let Some(error) = error {
                { field_error("set-name-note", &error) }
            } else {
                <p class="field__hint" id="set-name-note" role="status">{ if props.saved { words.saved } else { words.name_hint } }</p>
            }
        </form>
    }
}
