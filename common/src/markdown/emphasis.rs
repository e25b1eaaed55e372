//! Pairs the runs of `*`, `_` and `~` that begin and end emphasis (CommonMark 0.31, section 6.2 and the appendix).
//!
//! Han, kana and their punctuation have no spaces between words, so that a run beside one of them may begin and end
//! there where CommonMark would want white space (as the “CJK-friendly” amendment has it).

use super::work::step;
use crate::letters::{is_east_asian, is_punctuation};

/// What a pair of runs means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Strong,
    Emphasis,
    Strike,
}

impl Style {
    /// Characters of a run that it takes on each side.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Strong | Self::Strike => 2,
            Self::Emphasis => 1,
        }
    }
}

/// A run of one delimiter.
#[derive(Debug, Clone)]
pub(super) struct Run<'a> {
    /// The run as it stands in the text.
    pub text: &'a str,
    can_open: bool,
    can_close: bool,
    /// Characters that mean nothing, so far.
    pub left: usize,
    /// What it ends, in order.
    pub closes: Vec<Style>,
    /// What it begins, the innermost first.
    pub opens: Vec<Style>,
}

impl<'a> Run<'a> {
    /// A run between two characters.
    pub(super) fn new(text: &'a str, before: Option<char>, after: Option<char>) -> Self {
        let (spaced_before, spaced_after) =
            (before.is_none_or(char::is_whitespace), after.is_none_or(char::is_whitespace));
        let is_mark = |c: Option<char>| c.is_some_and(|c| is_punctuation(c) && !is_east_asian(c));
        let soft = |c: Option<char>| c.is_some_and(|c| is_punctuation(c) || is_east_asian(c));
        let left = !spaced_after && (!is_mark(after) || spaced_before || soft(before));
        let right = !spaced_before && (!is_mark(before) || spaced_after || soft(after));
        let (can_open, can_close) = if text.starts_with('_') {
            (
                left && (!right || before.is_some_and(is_punctuation)),
                right && (!left || after.is_some_and(is_punctuation)),
            )
        } else {
            (left, right)
        };
        let left = text.len();
        Self { text, can_open, can_close, left, closes: Vec::new(), opens: Vec::new() }
    }

    /// It has found what it belongs to, and means nothing further.
    pub(super) fn settle(&mut self) {
        (self.can_open, self.can_close) = (false, false);
    }

    fn sign(&self) -> u8 {
        self.text.as_bytes().first().copied().unwrap_or_default()
    }

    /// Where the search for what it closes need not look again: by sign, by length modulo 3, by whether it opens too.
    fn kind(&self) -> usize {
        let sign = match self.sign() {
            b'*' => 0,
            b'_' => 1,
            _ => 2,
        };
        sign * 6 + self.text.len() % 3 * 2 + usize::from(self.can_open)
    }

    /// What begins here and ends there, if anything may.
    fn pairs(&self, closer: &Self) -> Option<Style> {
        let (own, other) = (self.text.len(), closer.text.len());
        let both = self.can_close || closer.can_open;
        let odd = both && (own + other).is_multiple_of(3) && !(own.is_multiple_of(3) && other.is_multiple_of(3));
        match self.sign() {
            sign if sign != closer.sign() => None,
            b'~' => Some(Style::Strike),
            _ if odd => None,
            _ if self.left >= 2 && closer.left >= 2 => Some(Style::Strong),
            _ => Some(Style::Emphasis),
        }
    }
}

/// Finds the pairs among the runs.
pub(super) fn resolve(runs: &mut [Run<'_>]) {
    let mut openers: Vec<usize> = Vec::new();
    let mut floors = [0; 18];
    for at in 0..runs.len() {
        while let Some((place, style)) = opener(runs, at, &openers, &mut floors) {
            // What was opened in between stays open for good.
            openers.truncate(place + 1);
            if let Some(run) = openers.last().and_then(|at| runs.get_mut(*at)) {
                run.left -= style.width();
                run.opens.push(style);
                if run.left == 0 {
                    openers.pop();
                }
            }
            if let Some(run) = runs.get_mut(at) {
                run.left -= style.width();
                run.closes.push(style);
            }
            floors.iter_mut().for_each(|floor| *floor = openers.len().min(*floor));
        }
        if runs.get(at).is_some_and(|run| run.can_open && run.left > 0) {
            openers.push(at);
        }
    }
}

/// The place among the openers of what the run closes. Where there is none, nobody of its kind looks there again.
fn opener(runs: &[Run<'_>], at: usize, openers: &[usize], floors: &mut [usize; 18]) -> Option<(usize, Style)> {
    let closer = runs.get(at).filter(|run| run.can_close && run.left > 0)?;
    let floor = floors.get_mut(closer.kind())?;
    let looked = openers.get(*floor..)?;
    let place = looked.iter().rposition(|at| {
        step(1);
        runs.get(*at).is_some_and(|run| run.pairs(closer).is_some())
    });
    let Some(place) = place else {
        *floor = openers.len();
        return None;
    };
    let place = *floor + place;
    let style = runs.get(*openers.get(place)?)?.pairs(closer)?;
    Some((place, style))
}
