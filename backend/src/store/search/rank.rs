//! How much a text is about what was searched for: BM25 (Robertson and Zaragoza, 2009) without the rarity of words, which
//! would take a walk through all of the index for each of them. Every hit has all the words anyway.
//!
//! Pure. Deliberately absent: the age of a message, which decides between equals.

use super::excerpt::span;
use super::terms::{Phrase, terms};

/// How soon further occurrences count less, and how much a long text counts less: the usual values.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What the beginning of a word counts, where a whole word counts one.
const BEGINNING: f64 = 0.5;

/// A text as far as its rank needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Occurrences {
    /// How often each phrase stands in it.
    counts: Vec<f64>,
    /// Its terms.
    length: f64,
}

/// Counts the phrases in a text.
#[allow(clippy::cast_precision_loss, reason = "a message has a few thousand terms")]
pub(super) fn occurrences(text: &str, phrases: &[Phrase]) -> Occurrences {
    let terms = terms(text);
    let count = |phrase: &Phrase| {
        let places = (0..terms.len()).filter_map(|at| terms.get(at..).filter(|rest| span(rest, phrase).is_some()));
        places.map(|rest| if is_whole(rest.get(phrase.terms.len() - 1), phrase) { 1.0 } else { BEGINNING }).sum()
    };
    Occurrences { counts: phrases.iter().map(count).collect(), length: terms.len() as f64 }
}

fn is_whole(last: Option<&super::terms::Term>, phrase: &Phrase) -> bool {
    last.map(|term| &term.text) == phrase.terms.last()
}

/// The ranks of texts that were found together; more is better.
#[allow(clippy::cast_precision_loss, reason = "there are a few thousand texts")]
pub(super) fn ranks(all: &[Occurrences]) -> Vec<f64> {
    let mean = all.iter().map(|one| one.length).sum::<f64>() / (all.len().max(1) as f64);
    let rank = |one: &Occurrences| {
        let norm = K1 * (1.0 - B + B * one.length / mean.max(1.0));
        one.counts.iter().map(|count| count * (K1 + 1.0) / (count + norm)).sum()
    };
    all.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::super::terms::phrase;
    use super::*;

    #[test]
    fn more_often_whole_and_in_fewer_words_is_better() {
        let texts = [
            "deploy the server, deploy it now and deploy it again",
            "deploy the server now please, I think that it is time for it",
            "deployment of the server now please, I think that it is time for it",
            "deployment of the server now please, I think that it is time for it, but others do not think so at all today",
        ];
        let phrases: Vec<_> = ["deploy", "server"].into_iter().filter_map(|word| phrase(word, true)).collect();
        let ranks = ranks(&texts.map(|text| occurrences(text, &phrases)));
        assert!(ranks.is_sorted_by(|one, other| one > other), "{ranks:?}");
        assert_eq!(super::ranks(&[]), [0.0; 0]);
    }
}
