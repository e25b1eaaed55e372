//! The settings: one dialog, a section at a time; every change applies at once, or says why it does not.
//!
//! What belongs to this browser (`looks`) the page keeps; what belongs to the person, the server.

mod account;
mod invites;
mod looks;
mod notifications;
mod profile;
mod sessions;
mod two_factor;

use common::api::account::Me;
use common::model::Role;
use yew::{Callback, Html, Properties, component, html, use_state_eq};

use super::app::Desk;
use super::form::whole_error;
use super::http::{Loaded, Request, use_loaded};
use super::port::Section;
use super::words::words;
use crate::i18n::Lang;
use crate::views::modal::Modal;
use crate::views::parts::icon;

/// The sections in the order in which they stand, each with its icon.
pub(super) const SECTIONS: [(Section, &str); 8] = [
    (Section::Profile, "edit"),
    (Section::Account, "lock"),
    (Section::TwoFactor, "shield"),
    (Section::Sessions, "wire"),
    (Section::Notifications, "bell"),
    (Section::Looks, "gear"),
    (Section::Keyboard, "keyboard"),
    (Section::Invites, "users"),
];

/// What the settings need to know.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct SettingsProps {
    pub desk: Desk,
    /// The section to begin with.
    pub section: Section,
}

/// Who one is, as the server knows it.
type LoadedMe = Loaded<Me>;

/// What stands there until it is known who one is.
fn me_or_wait(desk: &Desk, me: &LoadedMe) -> Html {
    load_failed(desk, me)
}

/// What stands there until something has been loaded, or why it has not.
fn load_failed<T>(desk: &Desk, loaded: &Loaded<T>) -> Html {
    let words = words(desk.lang());
    let Some(Err(wrong)) = loaded.found.as_ref() else {
        return html! { <p class="faint" role="status">{ words.loading }</p> };
    };
    let onclick = loaded.again.reform(|_: web_sys::MouseEvent| ());
    html! { <p class="field__error" role="alert">{ words.load_failed }{ " " }{ wrong.told(desk.lang()) }{ " " }<button type="button" class="btn-link" {onclick}>{ words.retry }</button></p> }
}

/// Why something could not be ended.
fn say_ended(request: &Request, lang: Lang) -> Html {
    whole_error(request.wrong().map(|wrong| wrong.told(lang)))
}

/// The dialog.
#[component]
pub(super) fn Settings(props: &SettingsProps) -> Html {
    let words = words(props.desk.lang());
    let section = use_state_eq(|| props.section);
    let me = use_loaded::<Me>("/api/v1/me");
    let is_admin = props.desk.context.role >= Role::Admin;
    let tab = |(at, (one, image)): (usize, (Section, &'static str))| {
        let (chosen, set) = (*section == one, section.clone());
        let label = words.sections.get(at).copied().unwrap_or_default();
        html! {
            <button type="button" role="tab" id={format!("tab-{at}")} aria-selected={chosen.to_string()} aria-controls="settings-section" tabindex={(!chosen).then_some("-1")} onclick={Callback::from(move |_: web_sys::MouseEvent| set.set(one))}>{ icon(image) }{ label }</button>
        }
    };
    let at = SECTIONS.iter().position(|(one, _)| *one == *section).unwrap_or_default();
    let shown = SECTIONS.into_iter().enumerate().filter(|(_, (one, _))| is_admin || *one != Section::Invites);
    html! {
        <Modal title={words.settings} close_label={words.close} onclose={props.desk.dismiss()} class="settings">
            <div class="settings__cols">
                <div class="settings__nav" role="tablist" aria-label={words.settings} aria-orientation="vertical">{ for shown.map(tab) }</div>
                <div class="settings__body" id="settings-section" role="tabpanel" tabindex="0" aria-labelledby={format!("tab-{at}")}>{ body(*section, &props.desk, &me) }</div>
            </div>
        </Modal>
    }
}

fn body(section: Section, desk: &Desk, me: &LoadedMe) -> Html {
    let (desk_of, me) = (|| desk.clone(), || me.clone());
    match section {
        Section::Looks => looks::view(desk),
        Section::Keyboard => looks::keyboard(desk),
        Section::Profile => html! { <profile::Profile desk={desk_of()} me={me()} /> },
        Section::Account => html! { <account::Account desk={desk_of()} me={me()} /> },
        Section::TwoFactor => html! { <two_factor::TwoFactor desk={desk_of()} me={me()} /> },
        Section::Sessions => html! { <sessions::Sessions desk={desk_of()} /> },
        Section::Notifications => html! { <notifications::Notifications desk={desk_of()} /> },
        Section::Invites => html! { <invites::Invites desk={desk_of()} /> },
    }
}
