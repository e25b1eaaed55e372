//! Every word of the annex's settings and of its pages of signing in, in every language, checked by the compiler.
//!
//! As [`crate::i18n`] does it for the page, whose module does not carry these.

mod en;
mod zh;

use crate::i18n::Lang;

type Text = &'static str;

/// The words of a language.
pub(crate) const fn words(lang: Lang) -> &'static Words {
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
}
