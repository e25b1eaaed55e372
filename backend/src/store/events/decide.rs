//! Whether a command may be carried out: rights, what it needs to be there, and what was done before.
//!
//! Only reads. Deliberately absent: what a command does, which is `change`'s.

use common::id::{Cid, RoomId, Seq, UserId};
use common::limits;
use common::model::{EventKind, Reply, Role, RoomKind};
use common::server::ErrorCode;
use common::text::Emoji;
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{DELETED, MESSAGE, UNPINNED, UNREACTED};
use super::{Act, room as of_room};
use crate::store::rooms::kind_of;
use crate::store::{int, nat, people};

/// A room, how far its log has got, and what somebody is in it.
pub(super) struct Standing {
    /// Who may see the room.
    pub(super) kind: RoomKind,
    /// Whether it is closed for new messages.
    pub(super) archived: bool,
    /// Whether only moderators write.
    pub(super) announcements: bool,
    /// How many members it has.
    pub(super) members: u64,
    /// The event that made them a member.
    pub(super) since: Option<Seq>,
    /// Whether they were made a moderator of it.
    pub(super) appointed: bool,
    /// What they may do on the server.
    pub(super) role: Role,
    /// The newest event of the room.
    pub(super) last_seq: u64,
    /// The number of messages in the room.
    pub(super) last_n: u64,
    /// Their name.
    pub(super) name: String,
}

impl Standing {
    /// Whether they may do there what moderators may: not where nobody is one.
    pub(super) fn moderates(&self) -> bool {
        self.kind != RoomKind::Direct && self.since.is_some() && (self.appointed || self.role >= Role::Admin)
    }

    /// What who is no member is told.
    fn outside(&self) -> Decision {
        Refused(if self.kind == RoomKind::Public { ErrorCode::NotMember } else { ErrorCode::NoSuchRoom })
    }
}

/// What is to become of a command.
pub(super) enum Decision {
    /// It is carried out.
    Go,
    /// What it asks for is so already, by this event. Nothing is changed.
    Settled(Seq),
    /// It breaks a rule. Nothing is changed.
    Refused(ErrorCode),
}

use Decision::{Go, Refused, Settled};

/// Whether a command under a `cid` that was used is the one that caused this event. A text that was erased meanwhile
/// compares as equal: nobody can tell any more.
pub(super) fn is_repeat(act: &Act, kind: &EventKind) -> bool {
    let same = |stored: &str, text: &str| stored.is_empty() || stored == text;
    match (act, kind) {
        (Act::Say { body, reply_to, .. }, EventKind::Message { body: stored, reply, .. }) => {
            same(stored, body.as_str()) && *reply_to == reply.map(|reply| reply.to)
        }
        (Act::Room(change), kind) => of_room::is_repeat(change, kind),
        (Act::Edit { target, body }, EventKind::Edited { target: of, body: stored }) => {
            target == of && same(stored, body.as_str())
        }
        (Act::React { target, emoji }, EventKind::Reacted { target: of, emoji: stored })
        | (Act::Unreact { target, emoji }, EventKind::Unreacted { target: of, emoji: stored }) => {
            target == of && emoji.as_str() == stored
        }
        (Act::Delete { target }, EventKind::Deleted { target: of })
        | (Act::Pin { target }, EventKind::Pinned { target: of })
        | (Act::Unpin { target }, EventKind::Unpinned { target: of }) => target == of,
        (Act::Join, EventKind::Joined) | (Act::Leave, EventKind::Left) => true,
        (_, _) => false,
    }
}

/// Where somebody stands in a room; `None` where there is none.
pub(super) fn standing(db: &Connection, room: RoomId, by: UserId) -> rusqlite::Result<Option<Standing>> {
    db.prepare_cached(
        "SELECT r.kind, m.since_seq, h.last_seq, h.last_n, u.name, r.archived, r.announcements, h.members, \
         ifnull(m.role, 0), u.role FROM room r JOIN room_head h ON h.room_id = r.id JOIN user u ON u.id = ?2 \
         LEFT JOIN member m ON m.room_id = r.id AND m.user_id = u.id WHERE r.id = ?1",
    )?
    .query_row([int(room.0), int(by.0)], |row| {
        Ok(Standing {
            kind: kind_of(row.get(0)?),
            since: row.get::<_, Option<i64>>(1)?.map(|seq| Seq(nat(seq))),
            last_seq: nat(row.get(2)?),
            last_n: nat(row.get(3)?),
            name: row.get(4)?,
            archived: row.get(5)?,
            announcements: row.get(6)?,
            members: nat(row.get(7)?),
            appointed: row.get(8)?,
            role: people::role(row.get(9)?),
        })
    })
    .optional()
}

/// Decides about a command that was not carried out before.
pub(super) fn decide(
    db: &Connection,
    (room, by): (RoomId, UserId),
    act: &Act,
    standing: &Standing,
) -> rusqlite::Result<Decision> {
    let public = standing.kind == RoomKind::Public;
    match (act, standing.since) {
        (Act::Join, None) if !public => Ok(Refused(ErrorCode::NoSuchRoom)),
        (Act::Join, None) if rooms_of(db, by)? >= limits::ROOMS_PER_USER => Ok(Refused(ErrorCode::TooManyRooms)),
        (Act::Leave, Some(_)) if standing.kind == RoomKind::Direct => Ok(Refused(ErrorCode::DirectRoom)),
        (Act::Join, None) | (Act::Leave, Some(_)) => Ok(Go),
        (Act::Join, Some(since)) => Ok(Settled(since)),
        (Act::Leave, None) => Ok(departure(db, room, by)?.map_or(standing.outside(), Settled)),
        (_, None) => Ok(standing.outside()),
        (Act::Room(change), Some(_)) => of_room::decide(db, (room, by), change, standing),
        (Act::Say { after, reply_to, .. }, Some(_)) => say(db, (room, by), (*after, *reply_to), standing),
        (
            Act::Edit { target, .. }
            | Act::Delete { target }
            | Act::React { target, .. }
            | Act::Unreact { target, .. }
            | Act::Pin { target }
            | Act::Unpin { target },
            Some(_),
        ) => about(db, (room, by), act, *target, standing),
    }
}

fn say(
    db: &Connection,
    (room, by): (RoomId, UserId),
    (after, reply_to): (Option<Cid>, Option<Seq>),
    standing: &Standing,
) -> rusqlite::Result<Decision> {
    if standing.archived {
        return Ok(Refused(ErrorCode::Archived));
    }
    if standing.announcements && !standing.moderates() {
        return Ok(Refused(ErrorCode::AnnouncementsOnly));
    }
    if let Some(to) = reply_to {
        match find(db, room, to)? {
            None => return Ok(Refused(ErrorCode::NoSuchMessage)),
            Some(Target { deleted: true, .. }) => return Ok(Refused(ErrorCode::Deleted)),
            Some(_) => {}
        }
    }
    let follows = after.map_or(Ok(true), |after| carried_out(db, room, by, after).map(|row| row.is_some()))?;
    Ok(if follows { Go } else { Refused(ErrorCode::OutOfOrder) })
}

/// What a message answers, and the message that the chain of answers began with.
pub(super) fn thread(db: &Connection, room: RoomId, to: Seq) -> rusqlite::Result<Option<Reply>> {
    Ok(find(db, room, to)?.map(|target| Reply { to, root: target.root.unwrap_or(to) }))
}

/// A message as far as decisions need it.
struct Target {
    author: UserId,
    deleted: bool,
    /// Where the chain of answers began that it is part of.
    root: Option<Seq>,
}

/// Decides about a member's command that changes a message.
fn about(
    db: &Connection,
    (room, by): (RoomId, UserId),
    act: &Act,
    target: Seq,
    standing: &Standing,
) -> rusqlite::Result<Decision> {
    if standing.archived && !matches!(act, Act::Delete { .. }) {
        return Ok(Refused(ErrorCode::Archived));
    }
    let Some(Target { author, deleted, .. }) = find(db, room, target)? else {
        return Ok(Refused(ErrorCode::NoSuchMessage));
    };
    // What is not there cannot be taken away: either it was taken away before, or there never was any.
    let missing = if deleted { ErrorCode::Deleted } else { ErrorCode::NoSuchMessage };
    match act {
        Act::Edit { .. } if author != by => Ok(Refused(ErrorCode::NotAuthor)),
        Act::Delete { .. } if author != by && !standing.moderates() => Ok(Refused(ErrorCode::NotAuthor)),
        Act::Edit { .. } | Act::React { .. } | Act::Pin { .. } if deleted => Ok(Refused(ErrorCode::Deleted)),
        Act::Delete { .. } if deleted => {
            let values = params![int(room.0), int(target.0), DELETED];
            Ok(last(db, "target_seq = ?2 AND kind = ?3", values)?.map_or(Refused(ErrorCode::Deleted), Settled))
        }
        Act::React { emoji, .. } => react(db, room, by, target, emoji),
        Act::Unreact { emoji, .. } if reaction(db, room, by, target, emoji)?.is_none() => {
            let values = params![int(room.0), int(target.0), UNREACTED, int(by.0), emoji.as_str()];
            let which = "target_seq = ?2 AND kind = ?3 AND sender_id = ?4 AND body = ?5";
            Ok(last(db, which, values)?.map_or(Refused(missing), Settled))
        }
        Act::Pin { .. } => Ok(pin(db, room, target)?.map_or(Go, Settled)),
        Act::Unpin { .. } if pin(db, room, target)?.is_none() => {
            let values = params![int(room.0), int(target.0), UNPINNED];
            Ok(last(db, "target_seq = ?2 AND kind = ?3", values)?.map_or(Refused(missing), Settled))
        }
        Act::Edit { .. }
        | Act::Delete { .. }
        | Act::Unreact { .. }
        | Act::Unpin { .. }
        | Act::Say { .. }
        | Act::Room(_)
        | Act::Join
        | Act::Leave => Ok(Go),
    }
}

fn react(db: &Connection, room: RoomId, by: UserId, target: Seq, emoji: &Emoji) -> rusqlite::Result<Decision> {
    if let Some(seq) = reaction(db, room, by, target, emoji)? {
        return Ok(Settled(seq));
    }
    let others = db
        .prepare_cached(
            "SELECT count(DISTINCT emoji) FROM reaction WHERE room_id = ? AND target_seq = ? AND emoji <> ?",
        )?
        .query_row(params![int(room.0), int(target.0), emoji.as_str()], |row| row.get::<_, i64>(0))?;
    let full = usize::try_from(others).unwrap_or(usize::MAX) >= limits::REACTIONS;
    Ok(if full { Refused(ErrorCode::TooManyReactions) } else { Go })
}

fn find(db: &Connection, room: RoomId, target: Seq) -> rusqlite::Result<Option<Target>> {
    db.prepare_cached("SELECT sender_id, body IS NULL, root_seq FROM event WHERE room_id = ? AND seq = ? AND kind = ?")?
        .query_row(params![int(room.0), int(target.0), MESSAGE], |row| {
            let root = row.get::<_, Option<i64>>(2)?.map(|seq| Seq(nat(seq)));
            Ok(Target { author: UserId(nat(row.get(0)?)), deleted: row.get(1)?, root })
        })
        .optional()
}

fn reaction(db: &Connection, room: RoomId, by: UserId, target: Seq, emoji: &Emoji) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT seq FROM reaction WHERE room_id = ? AND target_seq = ? AND emoji = ? AND user_id = ?")?
        .query_row(params![int(room.0), int(target.0), emoji.as_str(), int(by.0)], |row| row.get(0))
        .optional()
        .map(|seq| seq.map(|seq| Seq(nat(seq))))
}

fn pin(db: &Connection, room: RoomId, target: Seq) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT seq FROM pin WHERE room_id = ? AND target_seq = ?")?
        .query_row([int(room.0), int(target.0)], |row| row.get(0))
        .optional()
        .map(|seq| seq.map(|seq| Seq(nat(seq))))
}

pub(super) fn departure(db: &Connection, room: RoomId, by: UserId) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT seq FROM departure WHERE room_id = ? AND user_id = ?")?
        .query_row([int(room.0), int(by.0)], |row| row.get(0))
        .optional()
        .map(|seq| seq.map(|seq| Seq(nat(seq))))
}

/// The newest event of a room that is like this. The `+` keeps SQLite from walking the log back from its end: few events
/// have this target.
fn last(db: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached(&format!("SELECT max(+seq) FROM event WHERE room_id = ?1 AND {which}"))?
        .query_row(values, |row| row.get::<_, Option<i64>>(0))
        .map(|seq| seq.map(|seq| Seq(nat(seq))))
}

/// The event that a command was answered with because what it asked for was so already.
pub(super) fn settled_by(db: &Connection, (room, by): (RoomId, UserId), cid: Cid) -> rusqlite::Result<Option<Seq>> {
    db.prepare_cached("SELECT seq FROM settled WHERE client_id = ? AND sender_id = ? AND room_id = ?")?
        .query_row(params![cid.0.as_bytes(), int(by.0), int(room.0)], |row| row.get(0).map(|seq| Seq(nat(seq))))
        .optional()
}

/// Remembers what a command was answered with: a repeat must not do later what there was no need to do.
pub(super) fn settle(db: &Connection, (room, by): (RoomId, UserId), cid: Cid, seq: Seq) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO settled (client_id, sender_id, room_id, seq) VALUES (?, ?, ?, ?)")?
        .execute(params![cid.0.as_bytes(), int(by.0), int(room.0), int(seq.0)])
        .map(|_| ())
}

/// The row of the event that a command led to, if it was carried out.
pub(super) fn carried_out(db: &Connection, room: RoomId, by: UserId, cid: Cid) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT id FROM event WHERE client_id = ? AND sender_id = ? AND room_id = ?")?
        .query_row(params![cid.0.as_bytes(), int(by.0), int(room.0)], |row| row.get(0))
        .optional()
}

/// Whether everybody may see a room; `None` where there is none.
pub(in crate::store) fn is_public(db: &Connection, room: RoomId) -> rusqlite::Result<Option<bool>> {
    db.prepare_cached("SELECT kind = 0 FROM room WHERE id = ?")?.query_row([int(room.0)], |row| row.get(0)).optional()
}

/// In how many rooms somebody is.
pub(in crate::store) fn rooms_of(db: &Connection, user: UserId) -> rusqlite::Result<usize> {
    db.prepare_cached("SELECT count(*) FROM member WHERE user_id = ?")?
        .query_row([int(user.0)], |row| row.get::<_, i64>(0))
        .map(|n| usize::try_from(n).unwrap_or_default())
}
