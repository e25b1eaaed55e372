//! The words of the bar, in every language, checked by the compiler.

use crate::i18n::Lang;

type Text = &'static str;

pub(super) struct Words {
    pub connect: Text,
}

const EN: Words = Words { connect: "Connect" };

const ZH: Words = Words { connect: "连接" };

pub(super) const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}
