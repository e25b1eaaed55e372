//! What somebody searches for: words, phrases, exclusions and operators.
//!
//! Pure: names stay names until the store looks them up. An error says at which character, counted from 1. Deliberately
//! absent: `OR` and brackets, which other chats do not have either.

use std::collections::BTreeSet;

use common::id::Timestamp;
use common::limits;
use time::{Date, Month, Time};

use super::terms::{Phrase, phrase};

/// Parts of one search. Each is a walk through the index.
const PARTS: usize = 32;

/// A search that has been read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Query {
    /// What a message must have.
    pub(super) all: Vec<Phrase>,
    /// What it must not have.
    pub(super) none: Vec<Phrase>,
    /// Whose it must be: one of the people of each of these names.
    pub(super) from: Vec<String>,
    /// Whose it must not be.
    pub(super) not_from: Vec<String>,
    /// In one of which rooms.
    pub(super) rooms: Vec<String>,
    /// In none of which rooms.
    pub(super) not_rooms: Vec<String>,
    /// What it must contain.
    pub(super) has: BTreeSet<Has>,
    /// What it must not contain.
    pub(super) has_not: BTreeSet<Has>,
    /// Said before this moment.
    pub(super) before: Option<Timestamp>,
    /// Said at this moment or later.
    pub(super) since: Option<Timestamp>,
}

/// Something that a message may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Has {
    /// An address on the web.
    Link,
    /// Code, in a line or as a block.
    Code,
    /// A member, or everybody.
    Mention,
}

/// Why a search cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("q: character {at}: {why}")]
pub struct QueryError {
    /// At which character, counted from 1.
    pub at: usize,
    /// What is wrong there.
    pub why: &'static str,
}

/// A part of a search as it was written.
#[derive(Debug, Default)]
struct Part {
    at: usize,
    not: bool,
    key: Option<Key>,
    text: String,
    quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    From,
    In,
    Before,
    After,
    Has,
}

impl Key {
    fn of(text: &str) -> Option<Self> {
        let keys = [
            ("from", Self::From),
            ("in", Self::In),
            ("before", Self::Before),
            ("after", Self::After),
            ("has", Self::Has),
        ];
        keys.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, key)| key)
    }
}

impl Query {
    /// Reads a search.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > limits::QUERY_CHARS {
            return Err(QueryError { at: limits::QUERY_CHARS + 1, why: "a search has at most 200 characters" });
        }
        let parts = parts(text)?;
        if let Some(part) = parts.get(PARTS) {
            return Err(QueryError { at: part.at, why: "a search has at most 32 words" });
        }
        let mut query = Self::default();
        parts.into_iter().try_for_each(|part| query.add(&part))?;
        let asks = Self {
            none: Vec::new(),
            not_from: Vec::new(),
            not_rooms: Vec::new(),
            has_not: BTreeSet::new(),
            ..query.clone()
        };
        if asks == Self::default() {
            return Err(QueryError { at: 1, why: "there is no word to search for" });
        }
        Ok(query)
    }

    fn add(&mut self, part: &Part) -> Result<(), QueryError> {
        let wrong = |why| QueryError { at: part.at, why };
        let Some(key) = part.key else {
            let list = if part.not { &mut self.none } else { &mut self.all };
            list.extend(phrase(&part.text, !part.quoted));
            return Ok(());
        };
        if part.text.trim().is_empty() {
            return Err(wrong("something is expected behind the colon"));
        }
        match (key, part.not) {
            (Key::From, false) => self.from.push(name(&part.text, '@')),
            (Key::From, true) => self.not_from.push(name(&part.text, '@')),
            (Key::In, false) => self.rooms.push(name(&part.text, '#')),
            (Key::In, true) => self.not_rooms.push(name(&part.text, '#')),
            (Key::Has, not) => {
                let has = has(&part.text).ok_or(wrong("has: takes link, code or mention"))?;
                let set = if not { &mut self.has_not } else { &mut self.has };
                set.insert(has);
            }
            (Key::Before | Key::After, true) => return Err(wrong("a day cannot be excluded")),
            (Key::Before, false) => {
                let begin = day(&part.text).ok_or(wrong("a day is expected, such as 2026-11-21"))?;
                self.before = Some(self.before.map_or(begin, |known| known.min(begin)));
            }
            (Key::After, false) => {
                let begin = day(&part.text).ok_or(wrong("a day is expected, such as 2026-11-21"))?;
                let end = begin.plus(24 * 60 * 60 * 1_000);
                self.since = Some(self.since.map_or(end, |known| known.max(end)));
            }
        }
        Ok(())
    }
}

/// A name without the sign that people write before it.
fn name(text: &str, sign: char) -> String {
    let text = text.trim();
    text.strip_prefix(sign).filter(|rest| !rest.is_empty()).unwrap_or(text).to_owned()
}

fn has(text: &str) -> Option<Has> {
    let known = [("link", Has::Link), ("code", Has::Code), ("mention", Has::Mention)];
    known.into_iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, has)| has)
}

/// The beginning of a day in UTC, as `2026-11-21`.
fn day(text: &str) -> Option<Timestamp> {
    let mut numbers = text.splitn(3, '-').map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u16>().ok()).flatten()
    });
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let seconds = date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp();
    // What lies before 1970 is before everything.
    Some(Timestamp(u64::try_from(seconds).unwrap_or_default().saturating_mul(1_000)))
}

/// Splits a search at its spaces, but not within quotes.
fn parts(text: &str) -> Result<Vec<Part>, QueryError> {
    let mut parts = Vec::new();
    let mut letters = (1..).zip(text.chars()).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter.is_whitespace() {
            continue;
        }
        let mut part = Part { at, ..Part::default() };
        let mut letter = letter;
        if letter == '-' && letters.peek().is_some_and(|(_, next)| !next.is_whitespace() && *next != '-') {
            part.not = true;
            letter = letters.next().map(|(_, next)| next).unwrap_or_default();
        }
        let mut quote = is_quote(letter).then_some(at);
        part.quoted = quote.is_some();
        if quote.is_none() {
            part.text.push(letter);
        }
        while let Some((at, letter)) = letters.next_if(|(_, letter)| {
            quote.is_some() || !(letter.is_whitespace() || is_quote(*letter) && !part_key(&part))
        }) {
            match (quote, letter) {
                (Some(_), letter) if is_quote(letter) => {
                    quote = None;
                    break;
                }
                (None, letter) if is_quote(letter) => quote = Some(at),
                (None, ':' | '：') if part.key.is_none() && Key::of(&part.text).is_some() => {
                    part.key = Key::of(&std::mem::take(&mut part.text));
                }
                (_, letter) => part.text.push(letter),
            }
        }
        if let Some(at) = quote {
            return Err(QueryError { at, why: "a quotation mark is opened and not closed" });
        }
        parts.push(part);
    }
    Ok(parts)
}

/// Whether a quotation mark may begin here because an operator's value does.
const fn part_key(part: &Part) -> bool {
    part.key.is_some() && part.text.is_empty()
}

/// As keyboards write them in English and Chinese.
const fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '“' | '”')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(phrases: &[Phrase]) -> Vec<String> {
        phrases.iter().map(|phrase| phrase.terms.join(" ") + if phrase.prefix { "*" } else { "" }).collect()
    }

    fn read(text: &str) -> Query {
        Query::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn words_phrases_and_exclusions_are_told_apart() {
        let query = read("Deploy “the server” -old -\"not this\" 部署 node.js");
        assert_eq!(words(&query.all), ["deploy*", "the server", "部署", "node js"]);
        assert_eq!(words(&query.none), ["old*", "not this"]);
        assert_eq!(words(&read("a -- b - c http://x:1").all), ["a", "b", "c", "http x 1"]);
    }

    #[test]
    fn operators_take_values() {
        let query = read("from:@Maya from:\"Lin Yifan\" in:#ops -in:random HAS:link -has:code in：大厅 x");
        assert_eq!(query.from, ["Maya", "Lin Yifan"]);
        assert_eq!(
            (query.rooms, query.not_rooms),
            (vec!["ops".to_owned(), "大厅".to_owned()], vec!["random".to_owned()])
        );
        assert_eq!((query.has, query.has_not), (BTreeSet::from([Has::Link]), BTreeSet::from([Has::Code])));
        assert_eq!(words(&query.all), ["x"]);
    }

    #[test]
    fn days_are_in_utc_and_neither_day_itself_counts() {
        let query = read("before:2026-11-21 after:2026-11-01");
        assert_eq!(query.before, Some(Timestamp(1_795_219_200_000)));
        assert_eq!(query.since, Some(Timestamp(1_793_577_600_000)));
        assert_eq!(read("before:1815-12-10").before, Some(Timestamp(0)));
    }

    #[test]
    fn an_error_says_where() {
        for (text, at) in [
            ("", 1),
            ("  ", 1),
            ("-a", 1),
            ("?!", 1),
            ("a \"b", 3),
            ("部署 from:", 4),
            ("a from:\"b", 8),
            ("before:yesterday", 1),
            ("x before:2026-02-30", 3),
            ("after:2026-11", 1),
            ("has:pictures", 1),
            ("-before:2026-11-21 x", 1),
        ] {
            assert_eq!(Query::parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
        assert_eq!(Query::parse(&"x".repeat(201)).map_err(|error| error.at), Err(201));
        assert_eq!(Query::parse(&"x ".repeat(33)).map_err(|error| error.at), Err(65));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in r#"([-":#@ “”]|from:|in:|before:|[a-z]|[0-9]|\PC|\s){0,60}"#) {
            if let Err(error) = Query::parse(&text) {
                prop_assert!(error.at >= 1 && error.at <= text.chars().count() + 1);
            }
        }
    }
}
