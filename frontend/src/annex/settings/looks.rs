//! What this browser shows: theme, language, wire panel, keys.

use yew::{Callback, Html, classes, html};

use crate::annex::app::Desk;
use crate::annex::port::{Prefer, Said};
use crate::annex::words::words;
use crate::i18n::Lang;
use crate::state::Theme;
use crate::views::parts::{endonym, icon};

/// The section.
pub(super) fn view(desk: &Desk) -> Html {
    let (context, words) = (&desk.context, words(desk.lang()));
    let lang = |lang: Lang| {
        html! { <label class="check"><input type="radio" name="lang" checked={context.lang == lang} onchange={prefers(desk, Prefer::Lang(lang))} />{ endonym(lang) }</label> }
    };
    html! {
        <>
            { themes(desk) }
            <fieldset class="settings__group">
                <legend>{ words.language }</legend>
                <div class="row row--choices">{ for Lang::ALL.map(lang) }</div>
            </fieldset>
            <div class="settings__group settings__group--rows">
                { switch("set-wire", words.wire, words.wire_hint, context.wire, prefers(desk, Prefer::Wire(!context.wire))) }
            </div>
        </>
    }
}

/// The keys, and whether single ones mean something.
pub(super) fn keyboard(desk: &Desk) -> Html {
    let (context, words) = (&desk.context, words(desk.lang()));
    let row = |(keys, text): &(&'static str, &'static str)| html! { <><dt><kbd class="kbd">{ *keys }</kbd></dt><dd>{ *text }</dd></> };
    html! {
        <>
            <div class="settings__group settings__group--rows">
                { switch("set-keys", words.single_keys, words.single_keys_hint, context.keys, prefers(desk, Prefer::Keys(!context.keys))) }
            </div>
            <dl class="keys">{ for words.keys.iter().map(row) }</dl>
        </>
    }
}

/// A setting that is on or off.
pub(super) fn switch(id: &'static str, label: &str, hint: &str, on: bool, onchange: Callback<web_sys::Event>) -> Html {
    html! {
        <div class="setting">
            <label for={id}>{ label.to_owned() }<small>{ hint.to_owned() }</small></label>
            <span class="switch"><input type="checkbox" role="switch" {id} checked={on} {onchange} /><span></span></span>
        </div>
    }
}

fn prefers(desk: &Desk, prefer: Prefer) -> Callback<web_sys::Event> {
    desk.say.reform(move |_| Said::Prefer(prefer))
}

fn themes(desk: &Desk) -> Html {
    let words = words(desk.lang());
    let choice = |(theme, label): (Theme, &'static str)| {
        let auto = (theme == Theme::Auto).then_some("theme__pic--auto");
        html! {
            <label class="theme">
                <input type="radio" name="theme" checked={desk.context.theme == theme} onchange={prefers(desk, Prefer::Theme(theme))} />
                <span class={classes!("theme__pic", auto)} data-theme={auto.is_none().then_some(theme.tag())}><span></span></span>
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
