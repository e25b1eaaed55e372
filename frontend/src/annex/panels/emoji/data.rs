//! The emoji as data: reading, finding, skin tones.

use serde::Deserialize;

/// Emoji that a search shows at most.
const FOUND: usize = 160;

/// An emoji as `/emoji.json` has it: itself, its name and words in English, the same in Chinese, its group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Emoji(pub String, pub String, String, pub String, String, pub usize);

impl Emoji {
    /// What a word that is looked for is worth; none where it is not found. It comes in small letters.
    fn worth(&self, word: &str) -> Option<u8> {
        let Self(emoji, name, words, chinese, more, _) = self;
        let begins = |text: &str| text.split([' ', '-', '_', ':']).any(|one| one.starts_with(word));
        if emoji == word {
            return Some(9);
        }
        if name == word || chinese == word {
            return Some(5);
        }
        let ranks = [
            (4, name.starts_with(word)),
            (3, begins(name)),
            (2, words.split(' ').any(|one| one == word) || (!word.is_ascii() && chinese.contains(word))),
            (1, begins(words) || (!word.is_ascii() && more.contains(word))),
        ];
        ranks.into_iter().find(|(_, found)| *found).map(|(worth, _)| worth)
    }
}

/// Those in which every word is found, best first, else as in the charts.
pub(super) fn found<'a>(all: &'a [Emoji], typed: &str) -> Vec<&'a Emoji> {
    let typed = typed.trim().trim_matches(':').to_lowercase();
    let mut fitting: Vec<(u8, &Emoji)> = all
        .iter()
        .filter_map(|emoji| {
            let worth: Option<Vec<u8>> = typed.split_whitespace().map(|word| emoji.worth(word)).collect();
            Some((worth?.into_iter().min().unwrap_or(0), emoji))
        })
        .collect();
    fitting.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
    fitting.into_iter().take(FOUND).map(|(_, emoji)| emoji).collect()
}

/// The five tones of skin, behind none at all (Unicode, UTS #51, section 2.4).
pub(super) const TONES: [&str; 6] = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];

/// The emoji in a tone, where it is of one person and takes one.
pub(super) fn toned(emoji: &str, tone: usize) -> String {
    let mut chars = emoji.chars();
    let tone = TONES.get(tone).copied().unwrap_or_default();
    match chars.next() {
        Some(first) if !tone.is_empty() && takes_tone(first) && !chars.clone().any(takes_tone) => {
            let rest = chars.as_str();
            format!("{first}{tone}{}", rest.strip_prefix('\u{FE0F}').unwrap_or(rest))
        }
        Some(_) | None => emoji.to_owned(),
    }
}

/// What a tone may stand behind: `Emoji_Modifier_Base` (Unicode 16, emoji-data.txt).
const fn takes_tone(c: char) -> bool {
    matches!(c,
        '\u{261D}' | '\u{26F9}' | '\u{270A}'..='\u{270D}' | '\u{1F385}' | '\u{1F3C2}'..='\u{1F3C4}' | '\u{1F3C7}'
        | '\u{1F3CA}'..='\u{1F3CC}' | '\u{1F442}' | '\u{1F443}' | '\u{1F446}'..='\u{1F450}' | '\u{1F466}'..='\u{1F478}'
        | '\u{1F47C}' | '\u{1F481}'..='\u{1F483}' | '\u{1F485}'..='\u{1F487}' | '\u{1F48F}' | '\u{1F491}' | '\u{1F4AA}'
        | '\u{1F574}' | '\u{1F575}' | '\u{1F57A}' | '\u{1F590}' | '\u{1F595}' | '\u{1F596}' | '\u{1F645}'..='\u{1F647}'
        | '\u{1F64B}'..='\u{1F64F}' | '\u{1F6A3}' | '\u{1F6B4}'..='\u{1F6B6}' | '\u{1F6C0}' | '\u{1F6CC}' | '\u{1F90C}'
        | '\u{1F90F}' | '\u{1F918}'..='\u{1F91F}' | '\u{1F926}' | '\u{1F930}'..='\u{1F939}' | '\u{1F93C}'..='\u{1F93E}'
        | '\u{1F977}' | '\u{1F9B5}' | '\u{1F9B6}' | '\u{1F9B8}' | '\u{1F9B9}' | '\u{1F9BB}' | '\u{1F9CD}'..='\u{1F9CF}'
        | '\u{1F9D1}'..='\u{1F9DD}' | '\u{1FAC3}'..='\u{1FAC5}' | '\u{1FAF0}'..='\u{1FAF8}')
}

/// The emoji that were chosen last, the newest first, each once.
pub(super) fn remembered(held: &[String], chosen: &str, limit: usize) -> Vec<String> {
    let others = held.iter().filter(|one| *one != chosen).cloned();
    std::iter::once(chosen.to_owned()).chain(others).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use common::text;

    use super::*;

    fn all() -> Vec<Emoji> {
        serde_json::from_str(
            r#"[["😀","grinning face","grinning cheerful happy smile","嘿嘿","笑脸 脸 高兴",0],
                ["👍","thumbs up","+1 thumbsup good hand like","拇指向上","同意 好 手 赞",1],
                ["🚀","rocket","rocket launch space","火箭","发射 太空",4],
                ["🎉","party popper","tada celebration party","派对彩带","庆祝 聚会",5]]"#,
        )
        .unwrap()
    }

    fn names(typed: &str) -> Vec<String> {
        found(&all(), typed).iter().map(|emoji| emoji.0.clone()).collect()
    }

    #[test]
    fn they_are_found_in_both_languages_and_by_their_codes() {
        assert_eq!(names("rock"), ["🚀"]);
        assert_eq!(names(":tada:"), ["🎉"]);
        assert_eq!(names("+1"), ["👍"]);
        assert_eq!(names("火箭"), ["🚀"]);
        assert_eq!(names("庆祝"), ["🎉"]);
        assert_eq!(names("happy face"), ["😀"]);
        assert_eq!(names("happy rocket"), Vec::<String>::new());
        assert_eq!(names("👍"), ["👍"]);
        assert_eq!(names("").len(), 4);
    }

    #[test]
    fn a_name_comes_before_a_word() {
        let mut all = all();
        all.push(serde_json::from_str(r#"["🧨","firecracker","boom rocket","鞭炮","爆竹",5]"#).unwrap());
        all.rotate_right(1);
        let found: Vec<&str> = found(&all, "rocket").iter().map(|emoji| emoji.1.as_str()).collect();
        assert_eq!(found, ["rocket", "firecracker"]);
    }

    #[test]
    fn a_tone_stands_behind_the_first_character() {
        assert_eq!(toned("👍", 3), "👍🏽");
        assert_eq!(toned("☝️", 1), "☝🏻");
        assert_eq!(toned("👩‍💻", 5), "👩🏿‍💻");
        assert_eq!(toned("🚀", 3), "🚀");
        assert_eq!(toned("👨‍👩‍👧", 3), "👨‍👩‍👧", "more than one person stays as it is");
        assert_eq!(toned("👍", 0), "👍");
        assert!(text::Emoji::new(&toned("👩‍💻", 5)).is_ok());
    }

    #[test]
    fn what_was_chosen_comes_first_and_once() {
        let held = ["👍", "🎉", "🚀"].map(str::to_owned);
        assert_eq!(remembered(&held, "🎉", 3), ["🎉", "👍", "🚀"]);
        assert_eq!(remembered(&held, "😀", 3), ["😀", "👍", "🎉"]);
    }
}
