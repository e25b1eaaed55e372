//! The settings: one dialog, a section at a time; every change applies at once, or says why it does not.
//!
//! What belongs to this browser (`looks`) the page keeps; what belongs to the person, the server.

mod looks;

use common::model::Role;
use yew::{Callback, Html, Properties, component, html, use_state_eq};

use super::app::Desk;
use super::port::Section;
use super::words::words;
use crate::views::modal::Modal;
use crate::views::parts::icon;

/// The sections in the order in which they stand, each with its icon.
pub(super) const SECTIONS: [(Section, &str); 8] = [
    (Section::Profile, "user"),
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

/// The dialog.
#[component]
pub(super) fn Settings(props: &SettingsProps) -> Html {
    let words = words(props.desk.lang());
    let section = use_state_eq(|| props.section);
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
                <div class="settings__body" id="settings-section" role="tabpanel" tabindex="0" aria-labelledby={format!("tab-{at}")}>{ body(*section, &props.desk) }</div>
            </div>
        </Modal>
    }
}

fn body(section: Section, desk: &Desk) -> Html {
    match section {
        Section::Looks => looks::view(desk),
        Section::Keyboard => looks::keyboard(desk),
        Section::Profile
        | Section::Account
        | Section::TwoFactor
        | Section::Sessions
        | Section::Notifications
        | Section::Invites => html! {},
    }
}
