//! People and rooms: who is brought in and removed, what rooms become, conversations, answers, what is unread again.
//!
//! An act may be refused: that is checked where it is, by real sockets. Here it must leave everybody agreed.

use common::id::{RoomId, UserId};
use common::model::{Event, EventKind, Level, RoomKind, RoomRole};
use common::sync::{Command, Input, RoomChange, What};
use common::text::{Body, RoomName, Topic};

use super::{Said, World};
use crate::Broken;
use crate::story::Private;
use crate::template::{PEOPLE, PRIVATE};

impl World {
    /// Says the next line of a client somewhere, in answer to a message or to none. What becomes of it where it may be
    /// refused is nobody's promise.
    fn line(&mut self, client: usize, room: RoomId, pick: Option<usize>, promised: bool) -> Result<(), Broken> {
        let reply_to = pick.and_then(|pick| self.pick(client, room, pick));
        let Some(writer) = self.clients.get_mut(client) else { return Ok(()) };
        writer.lines += 1;
        let calls =
            ["", " @room", " @here", " @Cho"].into_iter().cycle().nth(writer.lines as usize).unwrap_or_default();
        let text = format!("line {} of client {client}{calls}", writer.lines);
        let body = Body::new(&text).map_err(|error| Broken::new(error.to_string()))?;
        let cid = self.ask(client, What::Say { room, body, reply_to })?;
        if let Some(cid) = cid.filter(|_| promised) {
            self.said.push(Said { client, room, cid, excused: false });
        }
        Ok(())
    }

    /// An answer to a message that is deleted meanwhile is refused.
    pub(super) fn answer(&mut self, client: usize, room: RoomId, pick: usize) -> Result<(), Broken> {
        self.line(client, room, Some(pick), false)
    }

    pub(super) fn unread(&mut self, client: usize, room: RoomId, pick: usize) -> Result<(), Broken> {
        let held = self.clients.get(client).and_then(|of| of.engine.rooms().get(&room));
        let number = |event: &Event| {
            let EventKind::Message { n, .. } = event.kind else { return None };
            Some(n)
        };
        let n = held.and_then(|held| held.log.events().rev().filter_map(|event| number(event)).nth(pick));
        n.map_or(Ok(()), |n| self.give(client, Input::Do(Command::Unread { room, n })))
    }

    pub(super) fn notify(&mut self, client: usize, room: RoomId) -> Result<(), Broken> {
        let mut levels = [Level::All, Level::Mentions, Level::Nothing].into_iter().cycle();
        let level = levels.nth((self.now.0 % 3) as usize).unwrap_or_default();
        if self.holds(client, room) {
            self.notify.insert((client, room), level);
        }
        self.give(client, Input::Do(Command::Notify { room, level }))?;
        self.flush(client)
    }

    pub(super) fn private(&mut self, client: usize, how: Private, pick: usize) -> Result<(), Broken> {
        let room = PRIVATE;
        let whom = PEOPLE.get(pick % PEOPLE.len()).copied().unwrap_or(UserId(0));
        let text = format!("now {}", self.now.0);
        let broken = |error: common::text::TextError| Broken::new(error.to_string());
        let change = match how {
            Private::Say => return self.line(client, room, pick.is_multiple_of(3).then_some(pick), false),
            Private::Read => return self.read(client, room),
            Private::Typing => return self.give(client, Input::Do(Command::Typing { room })),
            Private::Leave => return self.ask(client, What::Leave { room }).map(|_| ()),
            Private::Join => return self.ask(client, What::Join { room }).map(|_| ()),
            Private::Invite => RoomChange::Invite(whom),
            Private::Remove => RoomChange::Remove(whom),
            Private::Appoint if pick.is_multiple_of(2) => RoomChange::Appoint(whom, RoomRole::Moderator),
            Private::Appoint => RoomChange::Appoint(whom, RoomRole::Member),
            Private::Topic => RoomChange::Topic(Topic::new(&text).map_err(broken)?),
            Private::Rename => RoomChange::Rename(RoomName::new(&text.replace(' ', "-")).map_err(broken)?),
            Private::Archive => RoomChange::Archive(pick.is_multiple_of(3)),
            Private::Announce => RoomChange::Announce(pick.is_multiple_of(3)),
        };
        self.ask(client, What::Room { room, change }).map(|_| ())
    }

    pub(super) fn direct(&mut self, client: usize, pick: usize) -> Result<(), Broken> {
        let held = self.clients.get(client).map(|of| of.engine.rooms().values().map(|held| &held.info));
        let rooms = held.into_iter().flatten().filter(|info| info.kind == RoomKind::Direct).map(|info| info.id);
        let known: Vec<RoomId> = rooms.collect();
        if let Some(room) = known.get(pick) {
            return self.line(client, *room, None, false);
        }
        let people = PEOPLE.into_iter().enumerate().filter(|(at, _)| (pick >> at) & 1 == 1).map(|(_, user)| user);
        self.ask(client, What::Direct { people: people.collect() }).map(|_| ())
    }
}
