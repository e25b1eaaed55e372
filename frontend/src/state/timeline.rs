//! The rows of a room: days, groups, events, gaps, and what is still on its way.
//!
//! A fold over what the engine holds of the [`Window`] that is drawn; nothing is kept here between two calls.
//! Neighbours: `answers` knows what a message answers. Deliberately absent: how a row looks.

use std::rc::Rc;

use common::api::messages::MessageView;
use common::id::{Cid, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Everyone, Reply, RoomRole};
use common::server::Refusal;
use common::sync::Room;
use common::sync::outbox::{Pending, Stage, What};

use super::State;
use super::answers::{self, Quote};
use super::outlook::{self, Outlook, Refused, Tally, Way};
use super::window::{Window, is_shown};
use crate::browser_text;
use crate::calendar::{Local, Zone};

/// Milliseconds within which messages of one person form a group.
const GROUP_MS: u64 = 5 * 60 * 1_000;

/// Events that are looked through for the name of somebody who is mentioned.
const RECENT: usize = 500;

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
    /// Somebody changed the room, or who is in it.
    Change { key: Key, seq: Seq, who: String, what: Change, clock: String },
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

    /// The event that it stands for, where it is held.
    pub(crate) fn seq(&self) -> Option<Seq> {
        match self {
            Self::Message(message) => message.seq,
            Self::Change { seq, .. } => Some(*seq),
            Self::Day { .. } | Self::New | Self::Gap { .. } => None,
        }
    }
}

/// What became of a room, or of somebody's membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Joined,
    Left,
    Invited(String),
    Removed(String),
    Appointed(String, RoomRole),
    Renamed(String),
    Topic(String),
    Archived(bool),
    Announcing(bool),
}

impl Change {
    /// What an event says of the room; `None` for what has no row of its own, and for messages.
    fn of(kind: &EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::Created => Self::Created,
            EventKind::Joined => Self::Joined,
            EventKind::Left => Self::Left,
            EventKind::Invited { who, .. } => Self::Invited(who.clone()),
            EventKind::Removed { who, .. } => Self::Removed(who.clone()),
            EventKind::Appointed { who, role, .. } => Self::Appointed(who.clone(), *role),
            EventKind::Renamed { name_now } => Self::Renamed(name_now.clone()),
            EventKind::TopicSet { topic } => Self::Topic(topic.clone()),
            EventKind::Archived { archived } => Self::Archived(*archived),
            EventKind::Announcing { on } => Self::Announcing(*on),
            EventKind::Message { .. }
            | EventKind::Edited { .. }
            | EventKind::Deleted { .. }
            | EventKind::Reacted { .. }
            | EventKind::Unreacted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Unpinned { .. }
            | EventKind::Unknown => return None,
        })
    }
}

/// A message, confirmed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub key: Key,
    /// Whether it begins a group.
    pub first: bool,
    pub by: UserId,
    pub name: String,
    /// Whether a program wrote it.
    pub bot: bool,
    pub clock: String,
    /// The text that it has now; empty where it has been deleted.
    pub body: String,
    pub status: Status,
    /// The event that it is named by, once it has one.
    pub seq: Option<Seq>,
    /// Which message of the room it is, once it has a number.
    pub n: Option<u64>,
    /// What it answers.
    pub quote: Option<Quote>,
    /// How many answers to it are held, and to those.
    pub replies: usize,
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
            bot: false,
            clock: String::new(),
            body: String::new(),
            status: Status::Kept,
            seq: None,
            n: None,
            quote: None,
            replies: 0,
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

    /// A message as HTTP tells it.
    pub(super) fn of_view(view: &MessageView, zone: Zone) -> Self {
        let clock = |at| Local::at(at, zone).clock();
        Self {
            first: true,
            name: view.name.clone(),
            bot: view.bot,
            clock: clock(view.at),
            body: view.body.clone(),
            seq: Some(view.seq),
            n: Some(view.n),
            edited: view.edited_at.map(clock),
            deleted: view.deleted,
            pinned: view.pinned,
            ..Self::new(Key::Event(view.seq), view.by, false)
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

/// The rows of a window of a room, oldest first.
pub(super) fn rows(state: &State, room: &Room, window: Window) -> Vec<Row> {
    let places = window.places(&room.log);
    let mut fold = Fold::new(state, room);
    fold.rows.reserve(places.len() + 16);
    fold.come_from(places.start);
    for event in room.log.range(places) {
        fold.event(event);
    }
    if window.is_open() {
        fold.pending();
    }
    fold.rows
}

/// One message that is held, as it stands.
pub(super) fn message(state: &State, room: &Room, seq: Seq) -> Option<Rc<Message>> {
    let mut fold = Fold::new(state, room);
    fold.event(room.log.get(seq)?);
    fold.rows.pop()?.message().cloned()
}

/// Messages that arrived after `since`.
pub(crate) fn new_since(room: &Room, since: Seq) -> u64 {
    let newest = |upto: usize| {
        room.log.range(0..upto).rev().find_map(|event| {
            let EventKind::Message { n, .. } = event.kind else { return None };
            Some(n)
        })
    };
    let then = newest(room.log.before(since.next())).unwrap_or_default();
    newest(room.log.len()).unwrap_or_default().saturating_sub(then)
}

/// Whether nothing has been said in the room, as far back as it goes.
pub(crate) fn is_empty(room: &Room, rows: &[Row]) -> bool {
    let said = rows.iter().any(|row| matches!(row, Row::Message(_) | Row::Gap { .. }));
    room.log.first() == Some(Seq(1)) && !said && room.log.first_message_after(0).is_none()
}

struct Fold<'a> {
    state: &'a State,
    room: &'a Room,
    /// Changes of messages of this room that are on their way.
    changes: Vec<&'a Pending>,
    rows: Vec<Row>,
    day: Option<i64>,
    /// The event above.
    above: Option<Seq>,
    /// Author and time of the message right above.
    last: Option<(UserId, Timestamp)>,
}

impl<'a> Fold<'a> {
    fn new(state: &'a State, room: &'a Room) -> Self {
        let changes = state.engine.outbox().iter().filter(|p| p.target().is_some() && p.room() == Some(room.info.id));
        Self { state, room, changes: changes.collect(), rows: Vec::new(), day: None, above: None, last: None }
    }

    /// Takes up what stands above the first row: its day, its author, and whether anything is missing between.
    fn come_from(&mut self, place: usize) {
        let mut before = self.room.log.range(0..place).rev();
        let Some(nearest) = before.next() else { return };
        self.above = Some(nearest.seq);
        if let Some(shown) = std::iter::once(nearest).chain(before).find(|event| is_shown(event)) {
            self.day = Some(Local::at(shown.at, self.state.zone).days);
            self.last = matches!(shown.kind, EventKind::Message { .. }).then_some((shown.by, shown.at));
        }
    }

    fn event(&mut self, event: &Event) {
        if let Some(above) = self.above.replace(event.seq).filter(|above| above.next() < event.seq) {
            self.gap(event.seq.prev(), event.seq.0 - above.0 - 1);
        }
        if let EventKind::Message { .. } = &event.kind {
            return self.message(event);
        }
        let Some(what) = Change::of(&event.kind) else { return };
        let clock = self.clock(event.at);
        let who = self.name(event.by, &event.name);
        self.last = None;
        self.rows.push(Row::Change { key: Key::Event(event.seq), seq: event.seq, who, what, clock });
    }

    fn message(&mut self, event: &Event) {
        let EventKind::Message { n, body, mentions, everyone, reply } = &event.kind else { return };
        let me = self.state.engine.me().map(|me| me.id);
        let mine = me == Some(event.by);
        let key = event.cid.filter(|_| mine).map_or(Key::Event(event.seq), Key::Mine);
        let Outlook { edited, deleted, leaving, pinned, reactions, way, refused } =
            outlook::of(&self.state.engine, self.room, event.seq, &self.changes);
        let (edited, body) = match edited {
            Some((at, body)) => (Some(Local::at(at, self.state.zone).clock()), body),
            None => (None, body.clone()),
        };
        self.say(
            event.at,
            Message {
                name: self.name(event.by, &event.name),
                bot: event.bot,
                body: if deleted { String::new() } else { body },
                status: self.way(way),
                seq: Some(event.seq),
                n: Some(*n),
                quote: reply.map(|reply| answers::quote(self.state, self.room, reply)),
                replies: self.room.log.replies_to(event.seq).count(),
                calls_me: !deleted && !mine && (everyone.is_some() || me.is_some_and(|me| mentions.contains(&me))),
                calls: self.calls(mentions, *everyone),
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
            let wrote = || self.room.log.events().rev().take(RECENT).find(|event| event.by == *user);
            let name = self.state.engine.name_of(*user).or_else(|| wrote().map(|event| event.name.as_str()))?;
            Some((name, me == Some(*user)))
        });
        // As their owners write them, and in lower case: beyond ASCII the two are told apart.
        let named = named.flat_map(|(name, me)| [(browser_text::lower(name), me), (name.to_owned(), me)]);
        let everyone = everyone.map(|everyone| match everyone {
            Everyone::Room => ("room".to_owned(), true),
            Everyone::Here => ("here".to_owned(), true),
        });
        named.chain(everyone).collect()
    }

    fn say(&mut self, at: Timestamp, message: Message) {
        let clock = self.clock(at);
        let follows = |(who, when)| who == message.by && at.since(when) < GROUP_MS && message.quote.is_none();
        let first = !self.last.is_some_and(follows);
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
            let What::Say { room: at, body, reply_to } = &pending.what else { continue };
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
                let quote = reply_to.map(|to| answers::quote(self.state, self.room, Reply { to, root: to }));
                self.say(
                    pending.at,
                    Message { name, body, status, seq, quote, ..Message::new(Key::Mine(pending.cid), me.id, true) },
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
