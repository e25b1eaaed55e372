//! Messages that call everybody: `@room` all members, `@here` those who are connected.
//!
//! Who calls without being allowed to calls nobody, and the text stays as it is. Moderators may, and members of small
//! rooms; nobody in rooms so large that each call would be thousands of rows; guests only where people talk among
//! themselves. So often a minute is enough for anybody. The store does not know who is connected: the room's home does,
//! and says it once it has seen the message ([`call`]).

use common::id::{RoomId, Seq, Timestamp, UserId};
use common::letters::ends;
use common::limits;
use common::model::{EventKind, Everyone, Role, RoomKind};
use common::server::ErrorCode;
use rusqlite::{Connection, params};

use super::decide::Standing;
use super::mentions::places;
use super::{Appended, Verdict, change, member_since, row};
use crate::store::{int, nat, own};

/// Messages of one person within [`WINDOW_MS`] that may call everybody.
const CALLS: i64 = 5;

/// Milliseconds.
const WINDOW_MS: u64 = 60_000;

/// Whom a text without its code calls, where its author may.
pub(super) fn called(
    db: &Connection,
    (by, text): (UserId, &str),
    standing: &Standing,
    now: Timestamp,
) -> rusqlite::Result<Option<Everyone>> {
    let Some(everyone) = find(text).filter(|_| may(standing)) else { return Ok(None) };
    let since = Timestamp(now.0.saturating_sub(WINDOW_MS));
    let recent = db
        .prepare_cached("SELECT count(*) FROM event WHERE sender_id = ? AND sent_at > ? AND everyone IS NOT NULL")?
        .query_row(params![int(by.0), int(since.0)], |row| row.get::<_, i64>(0))?;
    Ok((recent < CALLS).then_some(everyone))
}

fn may(standing: &Standing) -> bool {
    match standing.kind {
        RoomKind::Direct => true,
        RoomKind::Public | RoomKind::Private => {
            let freely = standing.role > Role::Guest && standing.members <= limits::EVERYONE_FREELY;
            standing.members <= limits::EVERYONE_MAX && (standing.moderates() || freely)
        }
    }
}

/// Whom a text calls; all, where it calls both.
fn find(text: &str) -> Option<Everyone> {
    let calls = |word: &str| {
        places(text).any(|rest| {
            let (called, next) = rest.split_at_checked(word.len()).unwrap_or_default();
            called.eq_ignore_ascii_case(word) && ends(Some('a'), next.chars().next())
        })
    };
    if calls("room") {
        Some(Everyone::Room)
    } else if calls("here") {
        Some(Everyone::Here)
    } else {
        None
    }
}

/// Remembers for all members that a message mentions them, and gives them. Its author need not be told.
pub(super) fn mention_all(db: &Connection, room: RoomId, n: u64, by: UserId) -> rusqlite::Result<Vec<UserId>> {
    let mut members =
        db.prepare_cached("SELECT user_id FROM member WHERE room_id = ? AND user_id <> ? ORDER BY user_id LIMIT ?")?;
    let members = members
        .query_map([int(room.0), int(by.0), int(limits::EVERYONE_MAX)], |row| row.get(0).map(|id| UserId(nat(id))))?;
    let members = members.collect::<rusqlite::Result<Vec<_>>>()?;
    for user in &members {
        change::remember(db, *user, room, n)?;
    }
    Ok(members)
}

/// These people were there when a message called everybody who is: it mentions them. Says what that has put into their
/// own logs; the event is not new.
///
/// # Errors
/// Those of SQLite.
pub fn call(db: &Connection, room: RoomId, seq: Seq, people: &[UserId]) -> rusqlite::Result<Verdict> {
    let Some(event) = row::by_seq(db, room, seq)? else { return Ok(Err(ErrorCode::NoSuchMessage)) };
    let mut appended = Appended::before(event);
    let EventKind::Message { n, everyone: Some(Everyone::Here), .. } = appended.event.kind else {
        // Deleted meanwhile, most likely.
        return Ok(Ok(appended));
    };
    let most = usize::try_from(limits::EVERYONE_MAX).unwrap_or(usize::MAX);
    for user in people.iter().filter(|user| **user != appended.event.by).take(most) {
        if member_since(db, room, *user)?.is_some() && change::remember(db, *user, room, n)? {
            appended.noted.push((*user, own::recount(db, *user, room)?));
        }
    }
    Ok(Ok(appended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_call() {
        for (text, called) in [
            ("@room lunch", Some(Everyone::Room)),
            ("lunch,@Here!", Some(Everyone::Here)),
            ("@here and @room", Some(Everyone::Room)),
            ("大家好@room你好", Some(Everyone::Room)),
            ("@rooms @hereby a@room @", None),
        ] {
            assert_eq!(find(text), called, "{text}");
        }
    }
}
