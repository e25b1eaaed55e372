//! What is said: sentences whose gaps are filled, and who they are said by.
//!
//! Pure, and the same for the same seed. Deliberately absent: when and where.

use fastrand::Rng;

use super::words;

/// What somebody goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) shown: String,
    pub(super) login: String,
}

/// The name of the person of a number: three of five are English, and no two are the same.
pub(super) fn name(number: usize) -> Name {
    let (round, place) = (number / 5, number % 5);
    let english = place < 3;
    let at = if english { round * 3 + place } else { round * 2 + place - 3 };
    let (first, last) = if english { (words::FIRST, words::LAST) } else { (words::FAMILY, words::GIVEN) };
    let (one, two) = (at % first.len(), (at / first.len() + at) % last.len());
    let (one, two) = (first.get(one).copied().unwrap_or_default(), last.get(two).copied().unwrap_or_default());
    // Beyond every pair they are counted.
    let again = at / (first.len() * last.len());
    let count = if again == 0 { String::new() } else { format!(" {}", again + 1) };
    if english {
        let login = format!("{one}.{two}{}", count.trim()).to_lowercase();
        Name { shown: format!("{one} {two}{count}"), login }
    } else {
        Name { shown: format!("{one}{two}{}", count.trim()), login: format!("person{}", number + 1) }
    }
}

/// Where in a conversation something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// At its beginning.
    Open,
    /// In its middle or at its end.
    GoOn,
}

/// Says something, in Chinese or in English.
pub(super) fn say(rng: &mut Rng, chinese: bool, turn: Turn) -> String {
    let language = usize::from(chinese);
    let mut text = String::new();
    let short = turn == Turn::GoOn && rng.u8(..100) < 30;
    let lists = match turn {
        Turn::Open => words::OPEN,
        Turn::GoOn if short => words::SHORT,
        Turn::GoOn => words::GO_ON,
    };
    let sentences = if short { 1 } else { 1 + rng.usize(..5) / 3 };
    for sentence in 0..sentences {
        if sentence > 0 && !chinese {
            text.push(' ');
        }
        let lists = if sentence == 0 { lists } else { words::GO_ON };
        let sentence = pick(rng.u32(..), lists.get(language).copied().unwrap_or_default());
        fill(rng, sentence, language, &mut text);
    }
    if rng.u8(..100) < 2 {
        text.push('\n');
        let block = pick(rng.u32(..), &words::BLOCK);
        fill(rng, block, language, &mut text);
    }
    text
}

/// An emoji.
pub(super) fn emoji(rng: &mut Rng) -> &'static str {
    // The first few are used most.
    let most = if rng.u8(..4) < 3 { 3 } else { words::EMOJI.len() };
    words::EMOJI.get(rng.usize(..most)).copied().unwrap_or("👍")
}

fn pick<'a>(at: u32, list: &[&'a str]) -> &'a str {
    let at = usize::try_from(at).unwrap_or_default().checked_rem(list.len()).unwrap_or_default();
    list.get(at).copied().unwrap_or_default()
}

/// Writes a sentence with its gaps filled. A brace that names no list stays.
fn fill(rng: &mut Rng, sentence: &str, language: usize, text: &mut String) {
    let mut rest = sentence;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let gap = behind.split_once('}').and_then(|(name, behind)| Some((gap(rng, name, language)?, behind)));
        match gap {
            Some((word, behind)) => {
                text.push_str(&word);
                rest = behind;
            }
            None => {
                text.push('{');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
}

fn gap(rng: &mut Rng, name: &str, language: usize) -> Option<String> {
    let lists = match name {
        "thing" => words::THING,
        "fault" => words::FAULT,
        "did" => words::DID,
        "task" => words::TASK,
        "claim" => words::CLAIM,
        "place" => words::PLACE,
        "when" => words::WHEN,
        "city" => words::CITY,
        "code" => return Some(pick(rng.u32(..), &words::CODE).to_owned()),
        "number" => return Some((1 + rng.u32(..990)).to_string()),
        "link" => return Some(format!("{}{}", pick(rng.u32(..), &words::LINK), 100 + rng.u32(..9_000))),
        _ => return None,
    };
    Some(pick(rng.u32(..), lists.get(language)?).to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use common::text::{Body, Emoji, Login, RoomName, Topic, UserName};

    use super::*;

    #[test]
    fn nobody_shares_a_name_and_every_name_may_be_had() {
        let names: Vec<_> = (0..6_000).map(name).collect();
        assert_eq!(names.iter().map(|name| &name.shown).collect::<BTreeSet<_>>().len(), names.len());
        assert_eq!(names.iter().map(|name| &name.login).collect::<BTreeSet<_>>().len(), names.len());
        for name in &names {
            assert!(UserName::new(&name.shown).is_ok() && Login::new(&name.login).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn what_is_said_may_be_said_and_has_no_gaps() {
        let mut rng = Rng::with_seed(1);
        let mut said = BTreeSet::new();
        for n in 0..4_000 {
            let turn = if n % 5 == 0 { Turn::Open } else { Turn::GoOn };
            let text = say(&mut rng, n % 3 == 0, turn);
            assert!(Body::new(&text).is_ok(), "{text}");
            for list in ["{thing}", "{number}", "{task}", "{when}", "{place}"] {
                assert!(!text.contains(list), "{text}");
            }
            said.insert(text);
        }
        assert!(said.len() > 2_500, "{} different texts", said.len());
    }

    #[test]
    fn rooms_and_emoji_are_what_rooms_and_emoji_may_be() {
        for (name, topic, _) in words::ROOMS {
            assert!(RoomName::new(name).is_ok() && Topic::new(topic).is_ok(), "{name}");
        }
        assert!(words::EMOJI.iter().all(|emoji| Emoji::new(emoji).is_ok()));
    }
}
