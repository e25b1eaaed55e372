//! What all devices of a person agree on: what they have read, what stands in their composers, what they have muted.
//!
//! The numbers are the server's; here is when something counts as read, and what a badge shows of it. Deliberately
//! absent: how the devices come to agree, which is [`common::sync::own`]'s.

use std::rc::Rc;

use common::id::{RoomId, Seq};
use common::model::EventKind;
use common::sync::{Command, Input, Room};

use super::timeline::{Key, Row};
use super::{Session, State};

impl State {
    /// Somebody writes. A draft is no part of the timeline.
    pub(super) fn write(&mut self, room: RoomId, text: String) {
        let stale = self.rows_stale;
        self.draft(room, text);
        self.rows_stale = stale;
    }

    pub(super) fn draft(&mut self, room: RoomId, text: String) {
        let writes = !text.is_empty();
        self.drive(Input::Do(Command::Draft { room, text }));
        if writes {
            self.drive(Input::Do(Command::Typing { room }));
        }
    }

    /// The present room is read as far as it can be seen: the page is looked at, the newest message is in sight, and
    /// everything before it has arrived.
    pub(super) fn look(&mut self) {
        let kept = self.sight.kept_unread.is_some() && self.sight.kept_unread == self.room;
        let looks = self.is_seen() && self.left_at.is_none() && self.session == Session::In && !kept;
        let Some(room) = self.present().filter(|_| looks) else { return };
        if room.unread() > 0 && room.log.cursor() >= room.head {
            let (room, n) = (room.info.id, room.info.n);
            self.drive(Input::Do(Command::Read { room, n }));
            self.dirty = true;
        }
    }

    /// Remembers where the unread messages of the present room begin, before they are read.
    pub(super) fn mark_new(&mut self) {
        if let Some(room) = self.present().filter(|room| room.unread() > 0) {
            self.new_from = Some((room.info.id, room.info.read_n));
        }
    }

    /// What the badges of all rooms show together.
    pub(crate) fn unread(&self) -> u64 {
        self.engine.rooms().values().map(badge).sum()
    }

    /// Draws the rule above what was unread when the room was opened.
    pub(super) fn ruled(&self, mut rows: Vec<Row>) -> Vec<Row> {
        let new = self.first_new().map(Key::Event);
        let is_new = |row: &Row| matches!(row, Row::Message(message) if Some(message.key) == new);
        if let Some(at) = rows.iter().position(is_new) {
            // A rule ends a group.
            if let Some(Row::Message(message)) = rows.get_mut(at) {
                Rc::make_mut(message).first = true;
            }
            rows.insert(at, Row::New);
        }
        rows
    }

    /// The first message of somebody else that was unread when the room was opened; none while messages before it are
    /// not held.
    pub(super) fn first_new(&self) -> Option<Seq> {
        let me = self.engine.me()?.id;
        let room = self.present()?;
        let (_, mut read) = self.new_from.filter(|(of, _)| *of == room.info.id)?;
        loop {
            let event = room.log.first_message_after(read)?;
            let EventKind::Message { n, .. } = event.kind else { return None };
            if n != read + 1 || event.by != me {
                return (n == read + 1).then_some(event.seq);
            }
            read = n;
        }
    }
}

/// What a room's badge shows: what is unread, or of a muted room the mentions alone.
pub(crate) const fn badge(room: &Room) -> u64 {
    if room.info.muted { room.info.mentions } else { room.unread() }
}
