//! Finding messages: names are looked up, the index is asked, and what it names is read from the log.
//!
//! The index is walked from its newest end and left as soon as a page is full. Every hit is checked against the log: its
//! text must still be there, and who asks must be a member of its room now. Where somebody sees only a small part of what
//! is said, the index is asked for their rooms as well, so that it need not name what they may not see.
//!
//! Deliberately absent: public rooms that one has not joined.

use std::collections::BTreeMap;
use std::str::FromStr;

use common::api::search::{Hit, SearchPage};
use common::id::{RoomId, Seq, Timestamp, UserId};
use common::markdown;
use rusqlite::{Connection, OptionalExtension, params};

use super::excerpt::{Excerpt, excerpt};
use super::query::{Has, Query};
use super::rank;
use super::terms::Phrase;
use super::{head, newest};
use crate::store::{history, int, nat, people};

/// Hits among which the best are chosen: those that were said last. Each has to be looked at.
const BEST_OF: u64 = 2_000;

/// Rooms that the index is asked for at once. Each is a walk of its own.
const ROOMS_ASKED: usize = 64;

/// Somebody who sees at least one message in so many is not worth asking for their rooms.
const MOST: u64 = 4;

/// People whom one `from:` can mean.
const PEOPLE: i64 = 20;

/// Which hits come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Those that were said last.
    #[default]
    Newest,
    /// Those that are more about what was searched for, among the newest 2,000.
    Best,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Behind the message of this row.
    Newest(i64),
    /// Behind so many of the hits up to a row.
    Best {
        /// How many.
        skip: u64,
        /// Up to which row.
        up_to: i64,
    },
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let positive = |text: &str| text.parse().ok().filter(|number: &i64| *number >= 0);
        let newest = || positive(text.strip_prefix('n')?).map(Self::Newest);
        let best = || {
            let (skip, up_to) = text.strip_prefix('b')?.split_once('.')?;
            let skip = nat(positive(skip)?);
            positive(up_to).filter(|_| skip < BEST_OF).map(|up_to| Self::Best { skip, up_to })
        };
        newest().or_else(best).ok_or(())
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Newest(row) => write!(f, "n{row}"),
            Self::Best { skip, up_to } => write!(f, "b{skip}.{up_to}"),
        }
    }
}

/// What somebody asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The search.
    pub query: Query,
    /// Which hits come first.
    pub order: Order,
    /// Where the page begins.
    pub cursor: Option<Cursor>,
    /// Hits in the page at most.
    pub limit: u64,
}

/// A hit of the index.
struct Found {
    row: i64,
    room: RoomId,
    seq: Seq,
}

/// What is looked for, with names looked up.
struct Wanted {
    /// In FTS5's language.
    expression: String,
    /// The rows that come into question: from the first, up to and including the second.
    rows: (i64, i64),
    since: Timestamp,
    before: Timestamp,
}

/// Finds a page of messages that somebody may see.
///
/// # Errors
/// Those of SQLite.
pub fn find(db: &Connection, me: UserId, asked: &Asked) -> rusqlite::Result<SearchPage> {
    let behind = behind(db)?;
    let mine = rooms_of(db, me)?;
    let empty = SearchPage { hits: Vec::new(), cursor: None, behind };
    let Some(wanted) = wanted(db, me, asked, &mine)? else { return Ok(empty) };
    let (mut found, next) = match asked.order {
        Order::Newest => by_time(db, me, &wanted, asked)?,
        Order::Best => by_rank(db, me, &wanted, asked)?,
    };
    found.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    let mut hits = Vec::with_capacity(found.len());
    for Found { room, seq, .. } in found {
        let Some(message) = history::message(db, room, seq)? else { continue };
        let cut = shown(&message.body, &asked.query.all);
        let room_name = mine.get(&room).map(|room| room.name.clone()).unwrap_or_default();
        hits.push(Hit { message, room_name, excerpt: cut.text, marks: cut.marks });
    }
    Ok(SearchPage { hits, cursor: next.map(|next| next.to_string()), ..empty })
}

/// The part of a text that is shown: of its words, or where what was found stands in an address, of the text as it is.
fn shown(body: &str, phrases: &[Phrase]) -> Excerpt {
    let words = excerpt(&markdown::plain(body), phrases);
    if words.marks.is_empty() && !phrases.is_empty() { excerpt(body, phrases) } else { words }
}

const NEWEST: &str = "SELECT words.rowid, e.room_id, e.seq FROM search.words CROSS JOIN event e ON e.id = words.rowid \
     CROSS JOIN member m ON m.room_id = e.room_id AND m.user_id = ?1 \
     WHERE words MATCH ?2 AND words.rowid >= ?3 AND words.rowid <= ?4 AND e.body IS NOT NULL AND e.sent_at >= ?5 \
     AND e.sent_at < ?6 ORDER BY words.rowid DESC LIMIT ?7";

/// As [`NEWEST`], with the texts.
const TEXTS: &str = "SELECT words.rowid, e.room_id, e.seq, e.body FROM search.words CROSS JOIN event e ON e.id = words.rowid \
     CROSS JOIN member m ON m.room_id = e.room_id AND m.user_id = ?1 \
     WHERE words MATCH ?2 AND words.rowid >= ?3 AND words.rowid <= ?4 AND e.body IS NOT NULL AND e.sent_at >= ?5 \
     AND e.sent_at < ?6 ORDER BY words.rowid DESC LIMIT ?7";

fn found(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { row: row.get(0)?, room: RoomId(nat(row.get(1)?)), seq: Seq(nat(row.get(2)?)) })
}

/// One more than a page holds, newest first, and where the next page begins.
fn by_time(
    db: &Connection,
    me: UserId,
    wanted: &Wanted,
    asked: &Asked,
) -> rusqlite::Result<(Vec<Found>, Option<Cursor>)> {
    let last = match asked.cursor {
        Some(Cursor::Newest(row)) => wanted.rows.1.min(row.saturating_sub(1)),
        Some(Cursor::Best { .. }) | None => wanted.rows.1,
    };
    let mut query = db.prepare_cached(NEWEST)?;
    let Wanted { expression, rows, since, before } = wanted;
    let values = params![int(me.0), expression, rows.0, last, int(since.0), int(before.0), int(asked.limit + 1)];
    let found = query.query_map(values, found)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let (limit, more) = page(asked, &found);
    let next = found.get(limit).filter(|_| more).map(|last| Cursor::Newest(last.row));
    Ok((found, next))
}

/// The same, the best first.
fn by_rank(
    db: &Connection,
    me: UserId,
    wanted: &Wanted,
    asked: &Asked,
) -> rusqlite::Result<(Vec<Found>, Option<Cursor>)> {
    let (skip, up_to) = match asked.cursor {
        Some(Cursor::Best { skip, up_to }) => (skip, up_to),
        Some(Cursor::Newest(_)) | None => (0, newest(db)?),
    };
    let mut query = db.prepare_cached(TEXTS)?;
    let Wanted { expression, rows, since, before } = wanted;
    let last = rows.1.min(up_to);
    let values = params![int(me.0), expression, rows.0, last, int(since.0), int(before.0), int(BEST_OF)];
    let phrases = &asked.query.all;
    let hits = query.query_map(values, |row| {
        let text: String = row.get(3)?;
        Ok((found(row)?, rank::occurrences(&text, phrases)))
    })?;
    let (found, all): (Vec<_>, Vec<_>) = hits.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().unzip();
    let mut ranked: Vec<_> = rank::ranks(&all).into_iter().zip(found).collect();
    // Stable: what was said last stays first among equals.
    ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let ranked = ranked.into_iter().skip(size(skip)).take(size(asked.limit + 1));
    let found: Vec<Found> = ranked.map(|(_, found)| found).collect();
    let (_, more) = page(asked, &found);
    let next = more.then_some(Cursor::Best { skip: skip.saturating_add(asked.limit), up_to });
    Ok((found, next))
}

/// Where the last hit of a page stands, and whether more follow.
fn page(asked: &Asked, found: &[Found]) -> (usize, bool) {
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    (limit.saturating_sub(1), found.len() > limit)
}

/// How many messages and edits the index has not come to.
fn behind(db: &Connection) -> rusqlite::Result<u64> {
    let head = head(db)?;
    if newest(db)? <= head {
        return Ok(0);
    }
    db.prepare_cached("SELECT count(*) FROM event WHERE id > ? AND kind IN (0, 4)")?
        .query_row([head], |row| row.get(0).map(nat))
}

/// A room of whoever asks.
struct Mine {
    name: String,
    messages: u64,
}

fn rooms_of(db: &Connection, me: UserId) -> rusqlite::Result<BTreeMap<RoomId, Mine>> {
    let mut query = db.prepare_cached(
        "SELECT r.id, iif(r.kind = 2, '', r.name), h.last_n FROM member m JOIN room r ON r.id = m.room_id \
         JOIN room_head h ON h.room_id = m.room_id WHERE m.user_id = ?",
    )?;
    let rows = query.query_map([int(me.0)], |row| {
        Ok((RoomId(nat(row.get(0)?)), Mine { name: row.get(1)?, messages: nat(row.get(2)?) }))
    })?;
    rows.collect()
}

/// Looks the names up; `None` where nothing can be found.
fn wanted(
    db: &Connection,
    me: UserId,
    asked: &Asked,
    mine: &BTreeMap<RoomId, Mine>,
) -> rusqlite::Result<Option<Wanted>> {
    let query = &asked.query;
    let mut all: Vec<String> = query.all.iter().map(quoted).collect();
    let mut none: Vec<String> = query.none.iter().map(quoted).collect();
    all.extend(query.has.iter().map(contains));
    none.extend(query.has_not.iter().map(contains));
    if !query.from.is_empty() {
        all.push(any('f', people_named(db, me, &query.from)?.into_iter().map(|user| user.0)));
    }
    if !query.not_from.is_empty() {
        none.push(any('f', people_named(db, me, &query.not_from)?.into_iter().map(|user| user.0)));
    }
    let rooms = if query.rooms.is_empty() { mine.keys().copied().collect() } else { rooms_named(mine, &query.rooms) };
    if !query.rooms.is_empty() || all.is_empty() || is_little(db, mine)? {
        all.push(any('r', rooms.into_iter().map(|room| room.0)));
    }
    if !query.not_rooms.is_empty() {
        none.push(any('r', rooms_named(mine, &query.not_rooms).into_iter().map(|room| room.0)));
    }
    none.retain(|part| !part.is_empty());
    if mine.is_empty() || all.iter().any(String::is_empty) {
        return Ok(None);
    }
    let mut expression = all.join(" AND ");
    if !none.is_empty() {
        expression = format!("({expression}) NOT ({})", none.join(" OR "));
    }
    let first = query.since.map_or(Ok(0), |moment| row_at(db, moment))?;
    let last = query.before.map_or(Ok(i64::MAX), |moment| row_at(db, moment).map(|row| row - 1))?;
    let (since, before) = (query.since.unwrap_or_default(), query.before.unwrap_or(super::NEVER));
    Ok(Some(Wanted { expression, rows: (first, last), since, before }))
}

/// Whether so little of what is said is somebody's to see that it is quicker to ask for their rooms.
fn is_little(db: &Connection, mine: &BTreeMap<RoomId, Mine>) -> rusqlite::Result<bool> {
    if mine.len() > ROOMS_ASKED {
        return Ok(false);
    }
    let all: i64 =
        db.prepare_cached("SELECT ifnull(sum(last_n), 0) FROM room_head")?.query_row([], |row| row.get(0))?;
    let seen: u64 = mine.values().map(|room| room.messages).sum();
    Ok(seen.saturating_mul(MOST) < nat(all))
}

/// A phrase in FTS5's language. Terms have letters and digits alone.
fn quoted(phrase: &Phrase) -> String {
    format!("\"{}\"{}", phrase.terms.join(" "), if phrase.prefix { " *" } else { "" })
}

fn contains(has: &Has) -> String {
    let what = match has {
        Has::Link => "link",
        Has::Code => "code",
        Has::Mention => "mention",
    };
    format!("\"h:{what}\"")
}

/// One of these; nothing for none.
fn any(kind: char, numbers: impl Iterator<Item = u64>) -> String {
    let terms: Vec<String> = numbers.map(|number| format!("\"{kind}:{number}\"")).collect();
    if terms.is_empty() { String::new() } else { format!("({})", terms.join(" OR ")) }
}

/// The rooms of these names, or where there are none the rooms whose names begin so. `r7` names a room as well.
fn rooms_named(mine: &BTreeMap<RoomId, Mine>, names: &[String]) -> Vec<RoomId> {
    let of = |name: &String| {
        let folded = people::folded(name);
        let id: Option<RoomId> = name.parse().ok();
        let named = |is: &dyn Fn(&str) -> bool| {
            let rooms = mine.iter().filter(|(_, room)| !room.name.is_empty() && is(&people::folded(&room.name)));
            rooms.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let mut rooms = named(&|name| name == folded);
        rooms.extend(id.filter(|id| mine.contains_key(id)));
        if rooms.is_empty() { named(&|name| name.starts_with(&folded)) } else { rooms }
    };
    let mut rooms: Vec<RoomId> = names.iter().flat_map(of).collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

/// The people of these names, or where there are none those with a word in their name that begins so. `me` is whoever
/// asks; `u3` names somebody as well.
fn people_named(db: &Connection, me: UserId, names: &[String]) -> rusqlite::Result<Vec<UserId>> {
    let mut people = Vec::new();
    for name in names {
        let folded = people::folded(name);
        let before = people.len();
        let mut named = db.prepare_cached("SELECT id FROM user WHERE folded = ?1 LIMIT ?2")?;
        let rows = named.query_map(params![folded, PEOPLE], |row| row.get(0).map(|id| UserId(nat(id))))?;
        people.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
        people.extend(name.parse::<UserId>().ok());
        people.extend((folded == "me").then_some(me));
        if people.len() == before {
            // `instr`, for a pattern would have signs with a meaning.
            let mut begun =
                db.prepare_cached("SELECT id FROM user WHERE instr(' ' || folded, ' ' || ?1) > 0 LIMIT ?2")?;
            let rows = begun.query_map(params![folded, PEOPLE], |row| row.get(0).map(|id| UserId(nat(id))))?;
            people.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
        }
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// The row of the first event of a moment or later, for rows are written in the order of time. Where the clock was put
/// back it is one of those that could be meant.
fn row_at(db: &Connection, moment: Timestamp) -> rusqlite::Result<i64> {
    let (mut low, mut high) = (1, newest(db)?.saturating_add(1));
    let mut query = db.prepare_cached("SELECT sent_at FROM event WHERE id >= ? ORDER BY id LIMIT 1")?;
    while low < high {
        let middle = low.midpoint(high);
        let at = query.query_row([middle], |row| row.get(0).map(nat)).optional()?;
        match at {
            Some(at) if at < moment.0 => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for cursor in [Cursor::Newest(7), Cursor::Best { skip: 20, up_to: 9 }] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for bad in ["", "n", "n-1", "7", "b1", "b.1", "b2000.1", "n9223372036854775808", "b-1.5"] {
            assert_eq!(bad.parse::<Cursor>(), Err(()), "{bad}");
        }
    }
}
