//! Writing a chat's history at once into an empty database, with every table as single commands would have left it.
//!
//! Nothing is decided here: whoever writes knows what may be. Rows are written in the order of time, as the log has them.
//! Deliberately absent: durability. What fails halfway is thrown away with its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::RoomKind;
use rusqlite::{Connection, params};

use super::confusable::skeleton;
use super::events::{CREATED, DELETED, EDITED, JOINED, MESSAGE, MILESTONE, PINNED, REACTED, mentions};
use super::{Durability, OpenError, int, nat, open, people};

/// Why nothing can be written.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// The folder cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is something in it.
    #[error("the data folder {} has people or messages already; name an empty one with --data", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// It cannot be written.
    #[error("the database cannot be written")]
    Database(#[from] rusqlite::Error),
}

/// Who does something, when, and under which id.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Under which id.
    pub cid: Cid,
}

/// Something that is said.
#[derive(Debug, Clone, Default)]
pub struct Saying {
    /// The text.
    pub body: String,
    /// What it answers: the message, and the one that its thread began with.
    pub reply: Option<(Seq, Seq)>,
    /// Members whom it mentions.
    pub mentions: Vec<UserId>,
}

/// What is done to a message.
#[derive(Debug, Clone, Copy)]
pub enum Changing<'a> {
    /// It gets another text.
    Edit(&'a str),
    /// It gets an emoji.
    React(&'a str),
    /// It is pinned.
    Pin,
    /// It is deleted.
    Delete,
}

#[derive(Debug, Default, Clone, Copy)]
struct Head {
    seq: u64,
    n: u64,
    members: u64,
}

/// A row of the log.
#[derive(Debug, Default)]
struct Row<'a> {
    kind: i64,
    n: Option<u64>,
    target: Option<Seq>,
    body: Option<&'a str>,
    mentions: Option<String>,
    reply: Option<(Seq, Seq)>,
}

/// A database that is being filled.
#[derive(Debug)]
pub struct Bulk {
    db: Connection,
    heads: BTreeMap<RoomId, Head>,
    rows: i64,
    _lock: open::Lock,
}

impl Bulk {
    /// Opens the database in a folder, which must be empty: it may have been opened before, but nobody may have come.
    ///
    /// # Errors
    /// [`BulkError`].
    pub fn open(folder: &Path) -> Result<Self, BulkError> {
        let opened = open::open(folder, Durability::Relaxed)?;
        let db = opened.connection;
        let used = "SELECT (SELECT count(*) FROM user) > 1 OR (SELECT count(*) FROM event) > 1";
        if db.query_row(used, [], |row| row.get(0))? {
            return Err(BulkError::NotEmpty { folder: folder.to_owned() });
        }
        db.pragma_update(None, "synchronous", "OFF")?;
        db.pragma_update(None, "cache_size", -128 * 1024)?;
        db.pragma_update(None, "wal_autocheckpoint", 40_000)?;
        db.execute_batch("BEGIN IMMEDIATE")?;
        let heads = BTreeMap::from([(open::LOBBY, Head { seq: 1, n: 0, members: 0 })]);
        Ok(Self { db, heads, rows: 1, _lock: opened.lock })
    }

    /// Somebody with an account, which nobody can sign in to before it has a password.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn person(&mut self, name: &str, login: &str, at: Timestamp) -> rusqlite::Result<UserId> {
        self.db
            .prepare_cached("INSERT INTO user (name, folded, skeleton, role, created_at) VALUES (?, ?, ?, 2, ?)")?
            .execute(params![name, people::folded(name), skeleton(name), int(at.0)])?;
        let id = self.db.last_insert_rowid();
        self.db
            .prepare_cached("INSERT INTO account (user_id, login, password, created_at) VALUES (?, ?, '!', ?)")?
            .execute(params![id, login, int(at.0)])?;
        Ok(UserId(nat(id)))
    }

    /// A room, with whoever makes it as its moderator.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn room(&mut self, deed: Deed, name: &str, topic: &str, kind: RoomKind) -> rusqlite::Result<RoomId> {
        let number = match kind {
            RoomKind::Public => 0,
            RoomKind::Private => 1,
            RoomKind::Direct => 2,
        };
        let looks = if kind == RoomKind::Direct { String::new() } else { skeleton(name) };
        self.db
            .prepare_cached(
                "INSERT INTO room (name, created_by, created_cid, created_at, kind, topic, skeleton) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![name, int(deed.by.0), deed.cid.0.as_bytes(), int(deed.at.0), number, topic, looks])?;
        let room = RoomId(nat(self.db.last_insert_rowid()));
        self.db
            .prepare_cached("INSERT INTO room_head (room_id, last_seq, last_n, members) VALUES (?, 0, 0, 0)")?
            .execute([int(room.0)])?;
        self.heads.insert(room, Head::default());
        let seq = self.write(room, deed, &Row { kind: CREATED, ..Row::default() })?;
        let role = i64::from(kind != RoomKind::Direct);
        self.member(room, deed.by, seq, role)?;
        Ok(room)
    }

    /// Makes somebody a member.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn join(&mut self, room: RoomId, deed: Deed) -> rusqlite::Result<()> {
        let seq = self.write(room, deed, &Row { kind: JOINED, ..Row::default() })?;
        self.member(room, deed.by, seq, 0)
    }

    /// Makes the others of a direct room members as of its first event.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn accompany(&mut self, room: RoomId, user: UserId) -> rusqlite::Result<()> {
        self.member(room, user, Seq(1), 0)
    }

    fn member(&mut self, room: RoomId, user: UserId, since: Seq, role: i64) -> rusqlite::Result<()> {
        self.heads.entry(room).or_default().members += 1;
        self.db
            .prepare_cached("INSERT INTO member (room_id, user_id, since_seq, role) VALUES (?, ?, ?, ?)")?
            .execute([int(room.0), int(user.0), int(since.0), role])
            .map(|_| ())
    }

    /// Says something.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn say(&mut self, room: RoomId, deed: Deed, saying: &Saying) -> rusqlite::Result<Seq> {
        let head = self.heads.entry(room).or_default();
        head.n += 1;
        let n = head.n;
        let others = saying.mentions.iter().filter(|user| **user != deed.by);
        for user in others {
            self.db
                .prepare_cached("INSERT OR IGNORE INTO mention (user_id, room_id, n) VALUES (?, ?, ?)")?
                .execute([int(user.0), int(room.0), int(n)])?;
        }
        let mentions = mentions::write(&saying.mentions);
        let row =
            Row { kind: MESSAGE, n: Some(n), body: Some(&saying.body), mentions, reply: saying.reply, target: None };
        self.write(room, deed, &row)
    }

    /// Changes a message. What somebody has done before is not done again.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn change(&mut self, room: RoomId, deed: Deed, target: Seq, change: Changing<'_>) -> rusqlite::Result<()> {
        let seq = self.heads.get(&room).map_or(1, |head| head.seq + 1);
        let (kind, body) = match change {
            Changing::Edit(body) => (EDITED, Some(body)),
            Changing::React(emoji) => (REACTED, Some(emoji)),
            Changing::Pin => (PINNED, None),
            Changing::Delete => (DELETED, None),
        };
        let (room_, target_) = (int(room.0), int(target.0));
        let fresh = match change {
            Changing::Edit(_) => 1,
            Changing::React(emoji) => self
                .db
                .prepare_cached(
                    "INSERT OR IGNORE INTO reaction (room_id, target_seq, emoji, user_id, seq) VALUES (?, ?, ?, ?, ?)",
                )?
                .execute(params![room_, target_, emoji, int(deed.by.0), int(seq)])?,
            Changing::Pin => self
                .db
                .prepare_cached("INSERT OR IGNORE INTO pin (room_id, target_seq, seq) VALUES (?, ?, ?)")?
                .execute([room_, target_, int(seq)])?,
            Changing::Delete => self
                .db
                .prepare_cached("UPDATE event SET body = NULL, mentions = NULL WHERE room_id = ? AND seq = ?")?
                .execute([room_, target_])?,
        };
        if fresh > 0 {
            self.write(room, deed, &Row { kind, body, target: Some(target), ..Row::default() })?;
        }
        Ok(())
    }

    /// Says how far somebody has read: all but so many messages.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn read_but(&mut self, room: RoomId, user: UserId, unread: u64) -> rusqlite::Result<()> {
        let n = self.heads.get(&room).map_or(0, |head| head.n.saturating_sub(unread));
        self.db
            .prepare_cached("UPDATE member SET read_n = ?3 WHERE room_id = ?1 AND user_id = ?2")?
            .execute([int(room.0), int(user.0), int(n)])
            .map(|_| ())
    }

    /// Commits what has been written so far.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn commit(&mut self) -> rusqlite::Result<()> {
        for (room, head) in &self.heads {
            self.db
                .prepare_cached("UPDATE room_head SET last_seq = ?2, last_n = ?3, members = ?4 WHERE room_id = ?1")?
                .execute([int(room.0), int(head.seq), int(head.n), int(head.members)])?;
        }
        self.db.execute_batch("COMMIT; BEGIN IMMEDIATE")
    }

    /// Commits the rest, and brings all of it to the disk.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn finish(mut self) -> rusqlite::Result<()> {
        self.commit()?;
        self.db.execute_batch("COMMIT")?;
        self.db.pragma_update(None, "synchronous", "FULL")?;
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn write(&mut self, room: RoomId, deed: Deed, row: &Row<'_>) -> rusqlite::Result<Seq> {
        let head = self.heads.entry(room).or_default();
        head.seq += 1;
        self.rows += 1;
        let (seq, n) = (head.seq, head.n);
        self.db
            .prepare_cached(
                "INSERT INTO event (id, room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions, \
                 reply_seq, root_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                self.rows,
                int(room.0),
                int(seq),
                row.kind,
                int(deed.by.0),
                deed.cid.0.as_bytes(),
                row.n.map(int),
                row.target.map(|target| int(target.0)),
                int(deed.at.0),
                row.body,
                row.mentions,
                row.reply.map(|(to, _)| int(to.0)),
                row.reply.map(|(_, root)| int(root.0)),
            ])?;
        if seq.is_multiple_of(MILESTONE) {
            self.db.prepare_cached("INSERT INTO milestone (room_id, n, seq) VALUES (?, ?, ?)")?.execute([
                int(room.0),
                int(n),
                int(seq),
            ])?;
        }
        Ok(Seq(seq))
    }
}
