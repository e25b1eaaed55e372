//! From a text to the terms that stand for it in the index, and to what is looked for.
//!
//! Words are folded: compatibility forms such as full-width letters become plain ones (Unicode NFKD), accents on Latin,
//! Greek and Cyrillic letters go, and so do capitals. Scripts without spaces between words become overlapping pairs of
//! letters and the last letter by itself: `服务器` is `服务`, `务器` and `器`, so that a word of two letters is a term, and
//! one letter is the beginning of some.
//!
//! The same function reads what is stored and what is asked; a change to it needs another [`super::VERSION`].
//! Deliberately absent: dictionaries and stems. A word is found by its beginning.

use common::letters::is_unspaced;
use unicode_normalization::UnicodeNormalization;

/// Letters of a word that count; what is longer is a key or an address, and found by its beginning.
const WORD_LETTERS: usize = 40;

/// The fewest letters that are the beginning of a word; fewer are a word. The index has the beginnings of this length.
const BEGINNING_LETTERS: usize = 3;

/// A term of a text and where it stands there, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// What stands in the index.
    pub(super) text: String,
    /// The first character.
    pub(super) begin: usize,
    /// One behind the last character.
    pub(super) end: usize,
    /// Whether it is of a script without spaces.
    pub(super) unspaced: bool,
}

/// Terms in a row that are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// The terms.
    pub(super) terms: Vec<String>,
    /// Whether the last one is only the beginning of a term.
    pub(super) prefix: bool,
}

/// Letters of one kind that stand together, each with the place of its character.
struct Run {
    letters: Vec<(char, usize)>,
    unspaced: bool,
}

/// The terms of a text, in its order.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for run in runs(text) {
        if run.unspaced {
            pairs(&run.letters, &mut terms);
            terms.extend(term(run.letters.get(run.letters.len().saturating_sub(1)..), true));
        } else {
            terms.extend(term(run.letters.get(..run.letters.len().min(WORD_LETTERS)), false));
        }
    }
    terms
}

/// What finds a text; `None` where it has no letters. The last word is the beginning of one where `open`,
/// if it is not too short for that.
pub(super) fn phrase(text: &str, open: bool) -> Option<Phrase> {
    let mut runs = runs(text);
    let last = runs.pop()?;
    let mut found = Vec::new();
    for run in &runs {
        if run.unspaced {
            pairs(&run.letters, &mut found);
            found.extend(term(run.letters.get(run.letters.len().saturating_sub(1)..), true));
        } else {
            found.extend(term(run.letters.get(..run.letters.len().min(WORD_LETTERS)), false));
        }
    }
    // What was read may go on behind the last letter: then that is no term by itself.
    let alone = last.letters.len() == 1;
    let prefix = if last.unspaced { alone } else { open && last.letters.len() >= BEGINNING_LETTERS };
    if last.unspaced && !alone {
        pairs(&last.letters, &mut found);
    } else {
        found.extend(term(last.letters.get(..last.letters.len().min(WORD_LETTERS)), last.unspaced));
    }
    Some(Phrase { terms: found.into_iter().map(|term| term.text).collect(), prefix })
}

fn pairs(letters: &[(char, usize)], terms: &mut Vec<Term>) {
    terms.extend(letters.windows(2).filter_map(|pair| term(Some(pair), true)));
}

fn term(letters: Option<&[(char, usize)]>, unspaced: bool) -> Option<Term> {
    let letters = letters?;
    let (begin, end) = (letters.first()?.1, letters.last()?.1 + 1);
    Some(Term { text: letters.iter().map(|(letter, _)| *letter).collect(), begin, end, unspaced })
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for (at, character) in text.chars().enumerate() {
        // Marks belong to the letter before them, and are gone by now or stay with it.
        if is_accent(character) {
            continue;
        }
        let mut kept = false;
        fold(character, |letter| {
            if !letter.is_alphanumeric() {
                return;
            }
            kept = true;
            let unspaced = is_unspaced(letter);
            match runs.last_mut().filter(|run| open && run.unspaced == unspaced) {
                Some(run) => run.letters.push((letter, at)),
                None => runs.push(Run { letters: vec![(letter, at)], unspaced }),
            }
            open = true;
        });
        open = kept;
    }
    runs
}

/// Gives what a character is folded to.
fn fold(character: char, mut give: impl FnMut(char)) {
    if character.is_ascii() {
        give(character.to_ascii_lowercase());
    } else if is_unspaced(character) {
        give(character);
    } else {
        // Put together again, for the letters of Hangul fall apart as well.
        let plain = std::iter::once(character).nfkd().filter(|letter| !is_accent(*letter));
        plain.nfc().flat_map(char::to_lowercase).filter(|letter| !is_accent(*letter)).for_each(give);
    }
}

/// Combining Diacritical Marks (Unicode, Blocks.txt).
const fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        terms(text).into_iter().map(|term| term.text).collect()
    }

    fn asked(text: &str) -> (Vec<String>, bool) {
        let phrase = phrase(text, true).unwrap();
        (phrase.terms, phrase.prefix)
    }

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(
            texts("Re-deploy ＷＥＢ２ Café ﬁne ÉCOLE Straße"),
            list(&["re", "deploy", "web2", "cafe", "fine", "ecole", "straße"])
        );
        assert_eq!(texts("cafe\u{301} x"), list(&["cafe", "x"]));
        assert_eq!(texts("한국어 각"), list(&["한국어", "각"]));
        assert_eq!(texts("!!! … 👍"), list(&[]));
    }

    #[test]
    fn what_has_no_spaces_becomes_pairs() {
        assert_eq!(texts("服务器"), list(&["服务", "务器", "器"]));
        assert_eq!(texts("用Docker部署。好"), list(&["用", "docker", "部署", "署", "好"]));
    }

    #[test]
    fn what_is_asked_is_a_part_of_what_is_stored() {
        assert_eq!(asked("服务器"), (list(&["服务", "务器"]), false));
        assert_eq!(asked("部"), (list(&["部"]), true));
        assert_eq!(asked("用Docker部"), (list(&["用", "docker", "部"]), true));
        assert_eq!(asked("node.js"), (list(&["node", "js"]), false));
        assert_eq!(asked("node.jsx"), (list(&["node", "jsx"]), true));
        assert!(!phrase("node.jsx", false).unwrap().prefix);
        assert_eq!(phrase("?!", true), None);
    }

    #[test]
    fn a_term_knows_where_it_stands() {
        let spans: Vec<_> = terms("a ﬁx 部署").into_iter().map(|term| (term.text, term.begin, term.end)).collect();
        let expected = [("a", 0, 1), ("fix", 2, 4), ("部署", 5, 7), ("署", 6, 7)];
        assert_eq!(spans, expected.map(|(text, begin, end)| (text.to_owned(), begin, end)));
    }

    #[test]
    fn a_word_that_is_no_word_is_cut() {
        assert_eq!(terms(&"x".repeat(500)).first().map(|term| term.text.len()), Some(WORD_LETTERS));
        assert_eq!(asked(&"x".repeat(100)).0, texts(&"x".repeat(500)));
    }
}
