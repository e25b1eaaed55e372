//! The part of a text that shows what was found, with marks.
//!
//! Pure. The text is read with the same tokenizer as the index, so that what is marked is what was found.

use super::terms::{Phrase, Term, terms};

/// Characters in an excerpt.
const LENGTH: usize = 200;

/// Characters before the first mark.
const BEFORE: usize = 60;

/// A part of a text, and what is marked in it: begin and end in characters, rising, not overlapping.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) marks: Vec<(usize, usize)>,
}

/// Takes the part of a text in which the first of these phrases stands.
pub(super) fn excerpt(text: &str, phrases: &[Phrase]) -> Excerpt {
    let spans = spans(text, phrases);
    let letters: Vec<char> = text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    let first = spans.first().map_or(0, |(begin, _)| *begin);
    let latest = letters.len().saturating_sub(LENGTH);
    let begin = word_begin(&letters, first.saturating_sub(BEFORE).min(latest), first);
    let end = letters.len().min(begin + LENGTH);
    let marks = spans.into_iter().filter(|(from, to)| *from >= begin && *to <= end);
    Excerpt {
        text: letters.get(begin..end).unwrap_or_default().iter().collect(),
        marks: marks.map(|(from, to)| (from - begin, to - begin)).collect(),
    }
}

/// The next beginning of a word, but no further than `first`: an excerpt does not begin within one where it need not.
fn word_begin(letters: &[char], begin: usize, first: usize) -> usize {
    if begin == 0 {
        return 0;
    }
    let ahead = letters.get(begin..first).unwrap_or_default().iter().take(BEFORE / 2);
    let space = ahead.enumerate().find(|(_, letter)| **letter == ' ');
    space.map_or(begin, |(at, _)| begin + at + 1)
}

/// Where the phrases stand, in characters.
fn spans(text: &str, phrases: &[Phrase]) -> Vec<(usize, usize)> {
    let terms = terms(text);
    let mut spans = Vec::new();
    for at in 0..terms.len() {
        let rest = terms.get(at..).unwrap_or_default();
        spans.extend(phrases.iter().filter_map(|phrase| span(rest, phrase)));
    }
    spans.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::with_capacity(spans.len());
    for (begin, end) in spans {
        match apart.last_mut().filter(|(_, known)| begin <= *known) {
            Some((_, known)) => *known = end.max(*known),
            None => apart.push((begin, end)),
        }
    }
    apart
}

/// Where a phrase stands at the beginning of these terms.
pub(super) fn span(terms: &[Term], phrase: &Phrase) -> Option<(usize, usize)> {
    let last = phrase.terms.len().checked_sub(1)?;
    let found = terms.get(..=last)?;
    let same = |(at, (term, wanted)): (usize, (&Term, &String))| {
        if at == last && phrase.prefix { term.text.starts_with(wanted.as_str()) } else { term.text == *wanted }
    };
    if !found.iter().zip(&phrase.terms).enumerate().all(same) {
        return None;
    }
    let (begin, end) = (found.first()?, found.last()?);
    // One letter that begins a pair is one letter; a word that begins so is marked as a whole.
    let end = if end.unspaced && phrase.prefix { end.begin + 1 } else { end.end };
    Some((begin.begin, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::terms::phrase;
    use super::*;

    fn marked(text: &str, words: &[&str]) -> String {
        let phrases: Vec<_> = words.iter().filter_map(|word| phrase(word, true)).collect();
        let excerpt = excerpt(text, &phrases);
        let letters: Vec<char> = excerpt.text.chars().collect();
        let mut shown = String::new();
        for (at, letter) in letters.iter().enumerate() {
            if excerpt.marks.iter().any(|(begin, _)| *begin == at) {
                shown.push('[');
            }
            shown.push(*letter);
            if excerpt.marks.iter().any(|(_, end)| *end == at + 1) {
                shown.push(']');
            }
        }
        shown
    }

    #[test]
    fn what_was_found_is_marked() {
        assert_eq!(marked("Deployed the\nserver, deploy!", &["deploy"]), "[Deployed] the server, [deploy]!");
        assert_eq!(marked("重新部署服务器", &["部署"]), "重新[部署]服务器");
        assert_eq!(marked("重新部署服务器", &["部署", "服务器"]), "重新[部署服务器]");
        assert_eq!(marked("部门和部署", &["部"]), "[部]门和[部]署");
        assert_eq!(marked("see node.js and node", &["node.js"]), "see [node.js] and node");
        assert_eq!(marked("nothing here", &["else"]), "nothing here");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_mark() {
        let text = format!("{}the needle {}", "straw ".repeat(100), "hay ".repeat(100));
        let shown = marked(&text, &["needle"]);
        assert!(shown.starts_with("straw ") && shown.contains(" the [needle] hay"), "{shown}");
        assert_eq!(shown.chars().count(), LENGTH + 2);
    }

    proptest! {
        #[test]
        fn marks_rise_and_stay_within(text in r"(\PC|[a-c ]|部|署){0,300}", word in r"(\PC|[a-c]|部|署){1,4}") {
            let Some(phrase) = phrase(&word, true) else { return Ok(()) };
            let excerpt = excerpt(&text, &[phrase]);
            let length = excerpt.text.chars().count();
            prop_assert!(length <= LENGTH);
            let mut before = 0;
            for (begin, end) in excerpt.marks {
                prop_assert!(begin >= before && end > begin && end <= length);
                before = end;
            }
        }
    }
}
