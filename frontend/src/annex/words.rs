//! Every word of the annex's settings and of its pages of signing in, in every language, checked by the compiler.
//!
//! As [`crate::i18n`] does it for the page, whose module does not carry these.

mod en;
mod zh;

use crate::i18n::Lang;

type Text = &'static str;

/// The words of a language.
pub(crate) fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &en::WORDS,
        Lang::Zh => &zh::WORDS,
    }
}

/// The messages of the annex. Where a message takes arguments, the comment beside it names them.
pub(crate) struct Words {
    pub close: Text,
    pub settings: Text,
    /// In the order of [`super::settings::SECTIONS`].
    pub sections: [Text; 8],
    pub save: Text,
    pub saved: Text,
    pub cancel: Text,
    pub copy: Text,
    pub copied: Text,
    pub not_copied: Text,
    pub loading: Text,
    pub load_failed: Text,
    pub retry: Text,

    // Leaving a room.
    pub leave: Text,
    pub leave_title: fn(&str) -> String, // room
    pub leave_public: Text,
    pub leave_private: Text,
    pub stay: Text,

    // Signing in.
    pub sign_in_title: Text,
    pub session_ended: Text,
    pub login: Text,
    pub login_hint: Text,
    pub password: Text,
    pub password_hint: fn(usize) -> String, // fewest characters
    pub show_password: Text,
    pub sign_in: Text,
    pub no_account: Text,
    pub forgot: Text,
    pub as_guest: Text,
    pub code_title: Text,
    pub code_lead: Text,
    pub code: Text,
    pub code_hint: Text,
    pub code_wrong: Text,
    pub go_on: Text,
    pub other_account: Text,
    pub set_up_title: Text,
    pub set_up_lead: Text,
    pub your_name: Text,
    pub name_hint: Text,
    pub set_up_token: Text,
    pub set_up_token_hint: Text,
    pub set_up: Text,
    pub join_title: Text,
    pub invited_by: fn(&str) -> String,  // name
    pub valid_until: fn(&str) -> String, // day
    pub invite_link: Text,
    pub invite_link_hint: Text,
    pub check_invite: Text,
    pub without_invite: Text,
    pub join: Text,
    pub keeps: fn(&str) -> String, // the guest's name
    pub member_already: Text,
    pub signed_in_as: fn(&str) -> String, // name
    pub open_chat: Text,

    // What can go wrong.
    pub bad_credentials: Text,
    pub too_many_tries: Text,
    pub try_in: fn(u32) -> String, // seconds
    pub bad_invite: Text,
    pub bad_setup: Text,
    pub invite_only: Text,
    pub forbidden: Text,

    // Profile.
    pub status: Text,
    pub status_hint: Text,
    pub time_zone: Text,
    pub time_zone_hint: Text,
    pub this_device: fn(&str) -> String, // time zone
    pub roles: [Text; 5],                // guest, bot, member, admin, owner

    // Account.
    pub you_are_guest: Text,
    pub become_member: Text,
    pub change_password: Text,
    pub old_password: Text,
    pub new_password: Text,
    pub change: Text,
    pub password_changed: Text,
    pub sign_out: Text,
    pub sign_out_text: Text,

    // The second factor.
    pub two_factor_off: Text,
    pub two_factor_on: Text,
    pub your_password: Text,
    pub two_factor_start: Text,
    pub two_factor_scan: Text,
    pub two_factor_secret: Text,
    pub two_factor_confirm: Text,
    pub two_factor_remove: Text,
    pub recovery_title: Text,
    pub recovery_text: Text,
    pub download: Text,
    pub done: Text,

    // Sessions.
    pub this_session: Text,
    pub seen: fn(&str) -> String,  // when
    pub since: fn(&str) -> String, // when
    pub unknown_agent: Text,
    pub end: Text,
    pub end_others: Text,
    pub others_ended: Text,

    // Notifications.
    pub desktop: Text,
    pub desktop_hint: Text,
    pub desktop_ask: Text,
    pub desktop_on: Text,
    pub desktop_denied: Text,
    pub desktop_none: Text,
    pub levels: Text,
    pub levels_hint: Text,
    pub level_names: [Text; 3], // everything, mentions, nothing
    pub no_rooms: Text,

    // Looks.
    pub theme: Text,
    pub theme_names: [Text; 3], // system, light, dark
    pub language: Text,
    pub wire: Text,
    pub wire_hint: Text,

    // Keyboard.
    pub single_keys: Text,
    pub single_keys_hint: Text,
    /// Keys, and what they do.
    pub keys: &'static [(Text, Text)],

    // Invites.
    pub invites_text: Text,
    pub uses: Text,
    pub hours: Text,
    pub hours_names: [Text; 4], // a day, a week, a month, a year
    pub make_invite: Text,
    pub invite_made: Text,
    pub invite_once: Text,
    pub qr_label: Text,
    pub no_invites: Text,
    pub invite_line: fn(u32, u32, &str) -> String, // used, of, by whom
    pub withdraw: Text,
    pub bad_uses: Text,
}
