//! The first visit: a name, and in.

use web_sys::{InputEvent, MouseEvent, SubmitEvent};
use yew::{Callback, Html, Properties, classes, component, html, use_state};

use super::parts::{brand, failure, field_error, icon, input_value, sends, sig, tone};
use crate::annex::port::Open;
use crate::i18n::{Catalogue, Lang};
use crate::socket::ReadyState;
use crate::state::{Action, Failure, State, Theme};

/// The page of somebody who is not signed in.
pub(super) fn page(state: &State, ended: bool, busy: bool, error: Option<&Failure>, act: &Callback<Action>) -> Html {
    let form = html! { <NameForm lang={state.lang} seed={state.now.date.0} {ended} {busy} error={error.cloned()} act={act.clone()} /> };
    shell(state.lang, state.theme, &act.reform(Action::Theme), &act.reform(Action::Language), form)
}

/// The frame of every page of somebody who is not signed in: the brand, the theme, the languages, and what Readyroom is.
pub(crate) fn shell(
    lang: Lang,
    theme: Theme,
    set_theme: &Callback<Theme>,
    set_lang: &Callback<Lang>,
    form: Html,
) -> Html {
    let words = lang.words();
    let next = theme.next();
    let theme = match theme {
        Theme::Auto => ("auto", words.theme_names[0]),
        Theme::Light => ("sun", words.theme_names[1]),
        Theme::Dark => ("moon", words.theme_names[2]),
    };
    let other = |one: Lang| {
        html! { <button type="button" class="btn-link" lang={one.tag()} aria-pressed={(one == lang).to_string()} onclick={set_lang.reform(move |_: MouseEvent| one)}>{ one.endonym() }</button> }
    };
    html! {
        <main class="auth is-shown" id="main">
            <section class="auth__main">
                <header class="auth__top">
                    { brand(None) }
                    <span class="grow">{ "Readyroom" }</span>
                    <button type="button" class="icon-btn" data-theme-toggle="" aria-label={(words.theme_button)(theme.1)} onclick={set_theme.reform(move |_: MouseEvent| next)}>{ icon(theme.0) }</button>
                </header>
                { form }
                <footer class="auth__foot"><span>{ words.own_server }</span><span class="row">{ for Lang::ALL.map(other) }</span></footer>
            </section>
            { side(words) }
        </main>
    }
}

fn side(words: &'static Catalogue) -> Html {
    let stop = |(state, text): (ReadyState, &'static str)| {
        html! {
            <li class={classes!("stop", tone(Some(state)))}>
                <span class="stop__mark">{ sig(state) }</span>
                <div><div class="stop__name">{ format!("{} {}", state.number(), state.name()) }</div><p class="stop__text">{ text }</p></div>
            </li>
        }
    };
    html! {
        <aside class="auth__side" aria-label={words.four_states}>
            <p class="auth__caption">{ words.caption }</p>
            <ol class="trackv">{ for ReadyState::ALL.into_iter().zip(words.state_text).map(stop) }</ol>
        </aside>
    }
}

/// A name to begin with, such as Quiet Heron.
fn offered(words: &Catalogue, seed: u64) -> String {
    let pick = |list: &[&'static str], at: u64| {
        let at = usize::try_from(at % (list.len() as u64).max(1)).unwrap_or_default();
        list.get(at).copied().unwrap_or_default()
    };
    let (adjective, animal) = (pick(words.adjectives, seed / 7), pick(words.animals, seed / 131));
    format!("{adjective}{}{animal}", words.join_words)
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct NameProps {
    lang: Lang,
    /// Changes with time; the first one counts.
    seed: u64,
    ended: bool,
    busy: bool,
    error: Option<Failure>,
    act: Callback<Action>,
}

#[component]
fn NameForm(props: &NameProps) -> Html {
    let words = props.lang.words();
    let seed = use_state(|| props.seed);
    // The offered name follows the language for as long as nobody has typed.
    let typed = use_state(|| None::<String>);
    let name = (*typed).clone().unwrap_or_else(|| offered(words, *seed));
    let oninput = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(Some(input_value(&event))))
    };
    let onsubmit = {
        let (name, act) = (name.clone(), props.act.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            act.emit(Action::Enter(name.clone()));
        })
    };
    let error = props.error.as_ref().map(|error| failure(words, error));
    html! {
        <form class="auth__form" {onsubmit}>
            <h1 class="auth__title">{ words.welcome_title }</h1>
            <p class="auth__lead">{ if props.ended { words.session_ended } else { words.welcome_lead } }</p>
            <div class="field">
                <label class="field__label" for="name">{ words.your_name }</label>
                <input class="input input--lg" id="name" type="text" value={name} {oninput} autocomplete="nickname" autofocus=true
                    aria-invalid={error.is_some().then_some("true")} aria-describedby="name-note" />
                if let Some(error) = error {
                    { field_error("name-note", &error) }
                } else {
                    <p class="field__hint" id="name-note">{ words.name_hint }</p>
                }
            </div>
            <button class="btn btn--primary btn--wide" disabled={props.busy}>{ words.enter }</button>
            <p class="faint">{ words.have_account }{ " " }<button type="button" class="btn-link" onclick={sends(&props.act, Action::Open(Open::SignIn { ended: props.ended, guests: true }))}>{ words.sign_in }</button></p>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_offered_in_both_languages() {
        assert_eq!(offered(Lang::En.words(), 0), "Quiet Heron");
        assert_eq!(offered(Lang::Zh.words(), 0), "安静的苍鹭");
    }
}
