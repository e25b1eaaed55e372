//! Every word of the panels, in every language, checked by the compiler; see [`crate::i18n`].

mod en;
mod zh;

use common::model::Role;

use crate::i18n::Lang;

type Text = &'static str;

/// The messages of the panels. Where a message takes arguments, the comment beside it names them.
#[derive(Debug)]
pub(super) struct PanelWords {
    pub close: Text,
    pub back: Text,
    pub cancel: Text,
    pub save: Text,
    pub changed: Text,
    pub loading: Text,
    pub more: Text,
    pub waits: Text,
    pub comma: Text,

    // The switcher.
    pub jump_to: Text,
    pub jump_label: Text,
    pub matches: Text,
    pub rooms: Text,
    pub people: Text,
    pub actions: Text,
    pub nothing_fits: Text,
    pub opening: Text,
    pub foot_move: Text,
    pub foot_open: Text,
    pub foot_rooms: Text,
    pub foot_people: Text,
    pub browse: Text,
    pub settings: Text,
    pub open_in_workbench: Text,
    pub search_for: fn(&str) -> String, // what was typed

    // Search.
    pub search: Text,
    pub search_label: Text,
    pub bad_query: fn(&str) -> String,    // where, as the server says it
    pub found: fn(usize, bool) -> String, // messages, whether there are more
    pub newest: Text,
    pub best: Text,
    pub order: Text,
    pub narrow: Text,
    pub searching: Text,
    pub behind: fn(u64) -> String,     // messages that cannot be found yet
    pub none_says: fn(&str) -> String, // what was searched for
    pub none_hint: Text,
    pub operators: &'static [(Text, Text)],

    // People.
    pub here: Text,
    pub not_here: Text,
    pub you: Text,
    pub moderator: Text,
    pub role: fn(Role) -> Text,
    pub filter_people: Text,
    pub find_people: Text,
    pub nobody_named: fn(&str) -> String, // what was typed
    pub nobody_else: Text,
    pub person: Text,
    pub local_time: fn(&str, &str) -> String, // clock, place
    pub message_them: Text,
    pub mention: Text,
    pub moderation: Text,
    pub make_moderator: Text,
    pub unmake_moderator: Text,
    pub remove_verb: Text,
    pub remove: Text,
    pub remove_text: fn(&str, &str) -> String, // person, room
    pub server_role: Text,
    pub server_role_hint: Text,
    pub invite: Text,
    pub invite_verb: Text,
    pub invite_hint: Text,
    pub invite_who: fn(&str) -> String, // person
    pub is_member: Text,

    // Rooms.
    pub public_rooms: Text,
    pub filter_rooms: Text,
    pub join: Text,
    pub open: Text,
    pub archived: Text,
    pub no_rooms: Text,
    pub no_room_like: fn(&str) -> String, // what was typed
    pub type_for_more: Text,
    pub new_room: Text,
    pub room_name: Text,
    pub room_name_hint: Text,
    pub rename_hint: Text,
    pub topic: Text,
    pub topic_hint: Text,
    pub private: Text,
    pub private_hint: Text,
    pub public_hint: Text,
    pub create: Text,
    pub new_direct: Text,
    pub with_whom: Text,
    pub picked: Text,
    pub take_out: fn(&str) -> String,     // person
    pub direct_hint: fn(usize) -> String, // the most
    pub direct_full: fn(usize) -> String, // the most
    pub begin: Text,
    pub room_settings: Text,
    pub no_longer_in: Text,
    pub tell_me_of: Text,
    pub levels: [Text; 3], // all, mentions, nothing
    pub mute: Text,
    pub mute_hint: Text,
    pub announcements: Text,
    pub announcements_hint: Text,
    pub archive: Text,
    pub archive_verb: Text,
    pub archive_hint: Text,
    pub archive_text: fn(&str) -> String, // room
    pub reopen: Text,
    pub reopen_hint: Text,
    pub leave: Text,
    pub leave_verb: Text,
    pub leave_public: Text,
    pub leave_private: Text,
    pub leave_public_text: fn(&str) -> String,  // room
    pub leave_private_text: fn(&str) -> String, // room
    pub leave_last: fn(&str) -> String,         // room
    pub leave_moderator: Text,
    pub stay: Text,

    // Emoji.
    pub emoji: Text,
    pub find_emoji: Text,
    pub emoji_tabs: Text,
    pub emoji_groups: [Text; 10],
    pub found_emoji: Text,
    pub no_emoji: Text,
    pub skin_tone: Text,
    pub skin_tones: [Text; 6],

    // Keys.
    pub keys_title: Text,
    pub keys_off: Text,
    pub keys: &'static [(Text, &'static [(Text, Text)])],
}

impl PanelWords {
    /// The words of a language.
    pub(super) const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &en::WORDS,
            Lang::Zh => &zh::WORDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_list_the_same_keys_and_operators() {
        let [en, zh] = Lang::ALL.map(PanelWords::of);
        let keys = |words: &PanelWords| -> Vec<Vec<Text>> {
            words.keys.iter().map(|(_, list)| list.iter().map(|(key, _)| *key).collect()).collect()
        };
        assert_eq!(keys(en), keys(zh));
        assert_eq!(en.operators.len(), zh.operators.len());
    }
}
