//! The rows of a room: days, groups, events, gaps, and what is still on its way.
//!
//! A fold over what the engine holds; nothing is kept here between two calls. Deliberately absent: how a row looks.

use std::rc::Rc;

use common::id::{Cid, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Everyone};
use common::server::Refusal;
use common::sync::Room;
use common::sync::log::Item;
use common::sync::outbox::{Pending, Stage, What};

use super::State;
use super::outlook::{self, Outlook, Refused, Tally, Way};
use crate::calendar::Local;

/// Milliseconds within which messages of one person form a group.
const GROUP_MS: u64 = 5 * 60 * 1_000;

/// Names a row for as long as it stands for the same thing: a message keeps its name when it is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Event(Seq),
    Mine(Cid),
    Day(i64),
    Gap(Seq),
    New,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event(seq) => write!(f, "e{}", seq.0),
            Self::Mine(cid) => write!(f, "c{cid}"),
            Self::Day(days) => write!(f, "d{days}"),
            Self::Gap(upto) => write!(f, "g{}", upto.0),
            Self::New => f.write_str("new"),
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// The rule above a day.
    Day { key: Key, label: String },
    /// The rule above what was unread when the room was opened.
    New,
    /// Somebody made, joined or left the room.
    Change { key: Key, who: String, what: Change, clock: String },
    /// Somebody said something.
    Message(Rc<Message>),
    /// Events that exist and are not held.
    Gap { key: Key, upto: Seq, count: u64, loading: bool },
}

impl Row {
    /// The message, where it is one.
    pub(crate) const fn message(&self) -> Option<&Rc<Message>> {
        match self {
            Self::Message(message) => Some(message),
            Self::Day { .. } | Self::New | Self::Change { .. } | Self::Gap { .. } => None,
        }
    }
}

/// What became of somebody's membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Joined,
    Left,
}

/// A message, confirmed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub key: Key,
    /// Whether it begins a group.
    pub first: bool,
    pub by: UserId,
    pub name: String,
    pub clock: String,
    /// The text that it has now; empty where it has been deleted.
    pub body: String,
    pub status: Status,
    /// The event that it is named by, once it has one.
    pub seq: Option<Seq>,
    /// Whether the reader wrote it.
    pub mine: bool,
    /// Whether it mentions the reader.
    pub calls_me: bool,
    /// The names that it calls, in lower case, and whether they mean the reader.
    pub calls: Vec<(String, bool)>,
    /// The time at which it was edited last.
    pub edited: Option<String>,
    pub deleted: bool,
    /// Whether a deletion is on its way.
    pub leaving: bool,
    pub pinned: bool,
    pub reactions: Vec<Tally>,
    /// Changes that the server refused.
    pub refused: Vec<Refused>,
}

impl Message {
    fn new(key: Key, by: UserId, mine: bool) -> Self {
        Self {
            key,
            first: false,
            by,
            name: String::new(),
            clock: String::new(),
            body: String::new(),
            status: Status::Kept,
            seq: None,
            mine,
            calls_me: false,
            calls: Vec::new(),
            edited: None,
            deleted: false,
            leaving: false,
            pinned: false,
            reactions: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Whether it is deleted, or will be: nothing more is done to it.
    pub(crate) const fn is_gone(&self) -> bool {
        self.deleted || self.leaving
    }
}

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    /// On the server.
    Kept,
    /// On its way.
    Sending,
    /// It is the `i`th of `n` that wait for the connection.
    Waiting { i: usize, n: usize },
    /// A change waits for the connection.
    Later,
    /// The server could not carry it out yet; it goes out again by itself.
    Troubled { why: Refusal },
    /// The server refused it.
    Failed { cid: Cid, why: Refusal },
}

/// The rows of the present room, oldest first.
pub(super) fn rows(state: &State) -> Vec<Row> {
    let Some(room) = state.room.and_then(|id| state.engine.rooms().get(&id)) else { return Vec::new() };
    let changes = state.engine.outbox().iter().filter(|p| p.target().is_some() && p.room() == Some(room.info.id));
    let changes = changes.collect();
    let rows = Vec::with_capacity(room.log.len() + 16);
    let mut fold = Fold { state, room, changes, rows, day: None, last: None };
    for item in room.log.items() {
        match item {
            Item::Event(event) => fold.event(&event),
            Item::Gap(missing) => fold.gap(*missing.end(), missing.end().0 - missing.start().0 + 1),
        }
    }
    fold.pending();
    fold.rows
}

/// Messages that arrived after `since`.
pub(crate) fn new_since(room: &Room, since: Seq) -> usize {
    let is_message = |event: &Event| matches!(event.kind, EventKind::Message { .. });
    room.log.events().rev().take_while(|event| event.seq > since).filter(|event| is_message(event)).count()
}

/// Whether nothing has been said in the room, as far back as it goes.
pub(crate) fn is_empty(room: &Room, rows: &[Row]) -> bool {
    room.log.first() == Some(Seq(1)) && !rows.iter().any(|row| matches!(row, Row::Message(_) | Row::Gap { .. }))
}

struct Fold<'a> {
    state: &'a State,
    room: &'a Room,
    /// Changes of messages of this room that are on their way.
    changes: Vec<&'a Pending>,
    rows: Vec<Row>,
    day: Option<i64>,
    /// Author and time of the message right above.
    last: Option<(UserId, Timestamp)>,
}

impl Fold<'_> {
    fn event(&mut self, event: &Event) {
        let what = match &event.kind {
            EventKind::Message { body, mentions, everyone, .. } => {
                return self.message(event, body, mentions, *everyone);
            }
            EventKind::Edited { .. }
            | EventKind::Deleted { .. }
            | EventKind::Reacted { .. }
            | EventKind::Unreacted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Unpinned { .. } => return,
            EventKind::Created => Change::Created,
            EventKind::Joined => Change::Joined,
            EventKind::Left => Change::Left,
            EventKind::Invited { .. }
            | EventKind::Removed { .. }
            | EventKind::Appointed { .. }
            | EventKind::Renamed { .. }
            | EventKind::TopicSet { .. }
            | EventKind::Archived { .. }
            | EventKind::Announcing { .. }
            | EventKind::Unknown => return,
        };
        let clock = self.clock(event.at);
        let who = self.name(event.by, &event.name);
        self.last = None;
        self.rows.push(Row::Change { key: Key::Event(event.seq), who, what, clock });
    }

    fn message(&mut self, event: &Event, body: &str, mentions: &[UserId], everyone: Option<Everyone>) {
        let me = self.state.engine.me().map(|me| me.id);
        let mine = me == Some(event.by);
        let key = event.cid.filter(|_| mine).map_or(Key::Event(event.seq), Key::Mine);
        let Outlook { edited, deleted, leaving, pinned, reactions, way, refused } =
            outlook::of(&self.state.engine, self.room, event.seq, &self.changes);
        let (edited, body) = match edited {
            Some((at, body)) => (Some(Local::at(at, self.state.zone).clock()), body),
            None => (None, body.to_owned()),
        };
        self.say(
            event.at,
            Message {
                name: self.name(event.by, &event.name),
                body: if deleted { String::new() } else { body },
                status: self.way(way),
                seq: Some(event.seq),
                calls_me: !deleted && me.is_some_and(|me| mentions.contains(&me)),
                calls: self.calls(mentions, everyone),
                edited: edited.filter(|_| !deleted),
                deleted,
                leaving,
                pinned,
                reactions,
                refused,
                ..Message::new(key, event.by, mine)
            },
        );
    }

    /// The names that a message calls, as they are now, in lower case, and whether they mean the reader.
    fn calls(&self, mentions: &[UserId], everyone: Option<Everyone>) -> Vec<(String, bool)> {
        let me = self.state.engine.me().map(|me| me.id);
        let named = mentions.iter().filter_map(|user| {
            let name = self.state.engine.name_of(*user)?;
            Some((name.to_lowercase(), me == Some(*user)))
        });
        let everyone = everyone.map(|everyone| match everyone {
            Everyone::Room => ("room".to_owned(), true),
            Everyone::Here => ("here".to_owned(), true),
        });
        named.chain(everyone).collect()
    }

    fn say(&mut self, at: Timestamp, message: Message) {
        let clock = self.clock(at);
        let first = self.last.is_none_or(|(who, when)| who != message.by || at.since(when) >= GROUP_MS);
        self.last = Some((message.by, at));
        self.rows.push(Row::Message(Rc::new(Message { first, clock, ..message })));
    }

    fn gap(&mut self, upto: Seq, count: u64) {
        self.last = None;
        self.rows.push(Row::Gap { key: Key::Gap(upto), upto, count, loading: self.room.is_loading() });
    }

    /// What the reader has said and the log does not show yet.
    fn pending(&mut self) {
        let Some(me) = self.state.engine.me().cloned() else { return };
        let n = super::banner::waiting(self.state);
        let mut i = 0;
        for pending in self.state.engine.outbox().iter() {
            let What::Say { room: at, body, .. } = &pending.what else { continue };
            if pending.is_open() {
                i += 1;
            }
            if *at == self.room.info.id {
                let (name, body) = (me.name.clone(), body.as_str().to_owned());
                let status = self.status(pending, i, n);
                let seq = match pending.stage {
                    Stage::Acked { seq } => Some(seq),
                    Stage::Waiting | Stage::Sent { .. } | Stage::Failed(_) => None,
                };
                self.say(
                    pending.at,
                    Message { name, body, status, seq, ..Message::new(Key::Mine(pending.cid), me.id, true) },
                );
            }
        }
    }

    fn way(&self, way: Way) -> Status {
        match way {
            Way::None => Status::Kept,
            Way::Troubled(why) => Status::Troubled { why },
            Way::Open if self.state.is_ready() => Status::Sending,
            Way::Open => Status::Later,
        }
    }

    fn status(&self, pending: &Pending, i: usize, n: usize) -> Status {
        match &pending.stage {
            Stage::Acked { .. } => Status::Kept,
            Stage::Failed(why) => Status::Failed { cid: pending.cid, why: why.clone() },
            Stage::Waiting | Stage::Sent { .. } if self.state.is_ready() => match &pending.trouble {
                Some(why) => Status::Troubled { why: why.clone() },
                None => Status::Sending,
            },
            Stage::Waiting | Stage::Sent { .. } => Status::Waiting { i, n },
        }
    }

    /// The time of a row, after the rule of its day where the day begins.
    fn clock(&mut self, at: Timestamp) -> String {
        let local = Local::at(at, self.state.zone);
        if self.day.is_none_or(|day| day < local.days) {
            self.day = Some(local.days);
            self.last = None;
            let today = Local::at(self.state.now.date, self.state.zone);
            let label = (self.state.lang.words().day)(&local, &today);
            self.rows.push(Row::Day { key: Key::Day(local.days), label });
        }
        local.clock()
    }

    fn name(&self, user: UserId, then: &str) -> String {
        self.state.engine.name_of(user).unwrap_or(then).to_owned()
    }
}
