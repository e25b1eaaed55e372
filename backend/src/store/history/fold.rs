//! What became of messages: the last edit, the reactions, the pin, the number of answers.
//!
//! The tables of reactions and pins hold what stands, so that nothing is counted from events. Deliberately absent: what a
//! deleted message had; that is gone.

use common::api::messages::{MessageView, ReactionView};
use common::id::{RoomId, Seq, Timestamp, UserId};
use rusqlite::{Connection, Row};

use crate::store::{int, nat};

/// Rows of an index are in the order they were written.
const EDITS: &str = "SELECT target_seq, sent_at, body FROM event \
     WHERE room_id = ?1 AND target_seq >= ?2 AND target_seq <= ?3 AND kind = 4 AND body IS NOT NULL ORDER BY id";
const REACTIONS: &str = "SELECT target_seq, emoji, user_id FROM reaction \
     WHERE room_id = ?1 AND target_seq >= ?2 AND target_seq <= ?3 ORDER BY seq";
const PINS: &str = "SELECT target_seq FROM pin WHERE room_id = ?1 AND target_seq >= ?2 AND target_seq <= ?3";
const ANSWERS: &str = "SELECT root_seq, count(*) FROM event \
     WHERE room_id = ?1 AND root_seq >= ?2 AND root_seq <= ?3 AND body IS NOT NULL GROUP BY root_seq";

#[cfg(test)]
pub(super) const STATEMENTS: [&str; 4] = [EDITS, REACTIONS, PINS, ANSWERS];

/// Folds what became of messages of a room that stand together, in their order.
pub(super) fn together(db: &Connection, room: RoomId, messages: &mut [MessageView]) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (messages.first(), messages.last()) else { return Ok(()) };
    let among = [int(room.0), int(first.seq.0), int(last.seq.0)];
    each(db, EDITS, among, messages, |message, row| {
        (message.edited_at, message.body) = (Some(Timestamp(nat(row.get(1)?))), row.get(2)?);
        Ok(())
    })?;
    each(db, REACTIONS, among, messages, |message, row| {
        react(&mut message.reactions, row.get(1)?, UserId(nat(row.get(2)?)));
        Ok(())
    })?;
    each(db, PINS, among, messages, |message, _row| {
        message.pinned = true;
        Ok(())
    })?;
    each(db, ANSWERS, among, messages, |message, row| {
        message.replies = nat(row.get(1)?);
        Ok(())
    })
}

/// Folds what became of messages that stand far from each other.
pub(super) fn apart(db: &Connection, room: RoomId, messages: &mut [MessageView]) -> rusqlite::Result<()> {
    messages.iter_mut().try_for_each(|message| together(db, room, std::slice::from_mut(message)))
}

/// Gives each row to the message that its first column names.
fn each(
    db: &Connection,
    sql: &str,
    among: [i64; 3],
    messages: &mut [MessageView],
    mut give: impl FnMut(&mut MessageView, &Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query(among)?;
    while let Some(row) = rows.next()? {
        let seq = Seq(nat(row.get(0)?));
        let at = messages.binary_search_by_key(&seq, |message| message.seq);
        if let Some(message) = at.ok().and_then(|at| messages.get_mut(at)) {
            give(message, row)?;
        }
    }
    Ok(())
}

fn react(reactions: &mut Vec<ReactionView>, emoji: String, by: UserId) {
    match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
        Some(reaction) => reaction.by.push(by),
        None => reactions.push(ReactionView { emoji, by: vec![by] }),
    }
}
