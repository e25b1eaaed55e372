//! Whom a text mentions: the members of the room whose name stands behind an `@`.
//!
//! The longest name wins, so that `@Maya Okafor` is not `@Maya`; capitals make no difference. The work is bounded: at
//! most [`limits::MENTIONS`] `@` are looked at, each with at most [`limits::USER_NAME_CHARS`] names in an index, and each
//! name once. Where words have no spaces between them, a name ends anywhere.
//!
//! Code mentions nobody. Deliberately absent: mentions of everybody, which are `everyone`'s, and of who is no member.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use common::id::{RoomId, UserId};
use common::letters::ends;
use common::limits;
use rusqlite::{Connection, params};

use crate::store::{int, nat};

/// Finds the members whom a text mentions, in the order of the text, each once.
pub(super) fn find(db: &Connection, room: RoomId, text: &str) -> rusqlite::Result<Vec<UserId>> {
    let mut found = Vec::new();
    let mut known = BTreeMap::new();
    for rest in places(text).take(limits::MENTIONS) {
        for name in names(rest) {
            let members: &mut Vec<UserId> = match known.entry(name) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let members = named(db, room, unknown.key())?;
                    unknown.insert(members)
                }
            };
            if members.is_empty() {
                continue;
            }
            for user in members.iter() {
                if found.len() < limits::MENTIONS && !found.contains(user) {
                    found.push(*user);
                }
            }
            break;
        }
    }
    Ok(found)
}

/// How mentions stand in the database: the numbers of the people with spaces between; nothing for none.
pub(in crate::store) fn write(mentions: &[UserId]) -> Option<String> {
    let numbers = mentions.iter().map(|user| user.0.to_string()).collect::<Vec<_>>();
    (!numbers.is_empty()).then(|| numbers.join(" "))
}

/// Reads what [`write()`] wrote.
pub(in crate::store) fn read(text: &str) -> Vec<UserId> {
    text.split(' ').filter_map(|number| number.parse().ok()).map(UserId).collect()
}

/// A text without its code, as CommonMark has it (0.31, sections 4.5 and 6.1): a fence takes the lines up to its like or
/// to the end, a run of backticks what stands before the next run of the same length.
pub(super) fn without_code(text: &str) -> Cow<'_, str> {
    if !text.contains(['`', '~']) {
        return Cow::Borrowed(text);
    }
    let mut rest = String::with_capacity(text.len());
    let mut open: Option<(char, usize)> = None;
    for line in text.split_inclusive('\n') {
        let fence = fence(line);
        match (open, fence) {
            (Some((mark, length)), Some((same, longer, ""))) if same == mark && longer >= length => open = None,
            (None, Some((mark, length, info))) if mark == '~' || !info.contains('`') => open = Some((mark, length)),
            (Some(_), _) => {}
            (None, _) => {
                rest.push_str(line);
                continue;
            }
        }
        rest.push('\n');
    }
    Cow::Owned(without_spans(&rest))
}

/// The fence that a line may be: its character, how often it stands there, and what follows.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim_start_matches(' ');
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let length = line.len() - info.len();
    (length >= 3).then_some((mark, length, info.trim()))
}

fn without_spans(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('`') {
        let after = from.trim_start_matches('`');
        let run = from.len() - after.len() + 1;
        out.push_str(before);
        // A space, so that what stands on both sides does not become one word.
        out.push(' ');
        rest = behind_run(after, run).unwrap_or(after);
    }
    out.push_str(rest);
    out
}

/// What stands behind the next run of so many backticks.
fn behind_run(mut text: &str, length: usize) -> Option<&str> {
    while let Some((_, from)) = text.split_once('`') {
        let after = from.trim_start_matches('`');
        if from.len() - after.len() + 1 == length {
            return Some(after);
        }
        text = after;
    }
    None
}

/// What follows each `@` that does not stand within a word: `a@b` is an address.
pub(super) fn places(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let (before, rest) = (text.get(..at)?, text.get(at + 1..)?);
        ends(before.chars().next_back(), Some('a')).then_some(rest)
    })
}

/// What may be a name at the beginning of a text, the longest first, in lower case.
fn names(rest: &str) -> Vec<String> {
    let mut name = String::new();
    let mut names = Vec::new();
    let mut letters = rest.chars().peekable();
    for _ in 0..limits::USER_NAME_CHARS {
        let Some(letter) = letters.next() else { break };
        name.push(letter);
        if !letter.is_whitespace() && ends(Some(letter), letters.peek().copied()) {
            names.push(name.to_lowercase());
        }
    }
    names.reverse();
    names
}

fn named(db: &Connection, room: RoomId, name: &str) -> rusqlite::Result<Vec<UserId>> {
    let mut query = db.prepare_cached(
        "SELECT u.id FROM user u JOIN member m ON m.user_id = u.id AND m.room_id = ? WHERE u.folded = ? LIMIT ?",
    )?;
    let limit = i64::try_from(limits::MENTIONS).unwrap_or(i64::MAX);
    let rows = query.query_map(params![int(room.0), name, limit], |row| row.get(0).map(|id| UserId(nat(id))))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Vec<String> {
        places(text).next().map(names).unwrap_or_default()
    }

    #[test]
    fn the_longest_name_is_tried_first_and_ends_with_a_word() {
        assert_eq!(first("hi @Maya Okafor!"), ["maya okafor!", "maya okafor", "maya"]);
        assert_eq!(first("@Al"), ["al"]);
    }

    #[test]
    fn an_address_is_no_mention() {
        assert_eq!(places("mail maya@example.org").count(), 0);
        assert_eq!(places("(@maya) 你好@林一凡").count(), 2);
    }

    #[test]
    fn code_mentions_nobody() {
        let count = |text: &str| places(&without_code(text)).count();
        for code in ["`@maya`", "``@maya ` @lin``", "```\n@maya\n```", "~~~ text\n@maya", "  ```rs\n@a\n````\n"] {
            assert_eq!(count(code), 0, "{code}");
        }
        for text in ["`@maya", "`` @maya `", "``` `@maya", "```\nx\n```\n@maya", "~ @maya ~", "`x` @maya `y`"] {
            assert_eq!(count(text), 1, "{text}");
        }
    }

    #[test]
    fn a_han_name_needs_no_space_behind_it() {
        assert!(first("@林一凡你好").contains(&"林一凡".to_owned()));
    }

    #[test]
    fn what_stands_right_behind_a_korean_or_thai_name_is_no_part_of_it() {
        assert!(first("@민수님 안녕").contains(&"민수".to_owned()));
        assert!(first("@สมชายครับ").contains(&"สมชาย".to_owned()));
    }

    #[test]
    fn a_name_is_looked_for_no_further_than_a_name_can_be() {
        assert!(first(&format!("@{}", "a ".repeat(500))).len() <= limits::USER_NAME_CHARS);
        assert!(first(&format!("@{}", "a".repeat(500))).is_empty());
    }

    #[test]
    fn mentions_are_read_as_they_were_written() {
        let people = vec![UserId(3), UserId(12)];
        assert_eq!(read(&write(&people).unwrap()), people);
        assert_eq!(write(&[]), None);
    }
}
