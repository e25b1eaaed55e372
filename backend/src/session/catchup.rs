//! Bringing a connection up to date: opening feeds, replaying, lagging, the person's own log, and reads that were asked
//! for.
//!
//! The log is read in chunks, one read at a time, rooms taking turns; the next chunk is asked for only when the previous
//! one has been handed to the socket. A slow reader is thus served at its own speed and costs no memory.

use std::collections::VecDeque;

use common::close;
use common::id::{RoomId, Seq};
use common::limits;
use common::model::{Event, RoomInfo, UserEvent};
use common::server::{ErrorCode, Refusal, ServerMsg};

use super::feed::{Feed, Plan, Stage, plan};
use super::refusals::refuse;
use super::{CHUNK, Effect, Effects, FeedId, Read, Session, send};

/// Something to be read from the log.
#[derive(Debug, Clone, Copy)]
pub(super) enum Job {
    /// The rest of the person's own log.
    Own,
    /// The rest of a feed's replay.
    Feed(RoomId, FeedId),
    /// A range that a client asked for.
    Range { room: RoomId, after: Seq, to: Seq },
}

impl Session {
    /// The first look at a room after subscribing; `None` where the person is no member.
    pub fn on_opened(&mut self, room: RoomId, id: FeedId, info: Option<&RoomInfo>, out: &mut Effects) {
        let Some(feed) = self.feed_mut(room).filter(|feed| feed.id == id) else { return };
        if !matches!(feed.stage, Stage::Opening { .. }) {
            return;
        }
        if let Some(info) = info {
            self.start(info, out);
            self.pump(out);
            return;
        }
        feed.stage = Stage::Lagged;
        out.push(Effect::Depart { room });
        if feed.is_unannounced() {
            // The client has never heard of the room, so it need not hear that it is out of it either.
            self.drop_feed(room, out);
        } else {
            let why = Refusal::new(ErrorCode::NotMember, "room: you are not a member");
            refuse((None, Some(room)), why, out);
            self.settle(room, out);
        }
    }

    /// A page of a room's log; `None` where the person is no member any more.
    pub fn on_page(&mut self, read: Read, events: Option<Vec<Event>>, out: &mut Effects) {
        self.reading = false;
        // Who is no member any more gets nothing; the note that says why is on its way.
        let member = events.is_some() && self.feed(read.room).is_some();
        let events = events.unwrap_or_default();
        match read.feed {
            Some(id) if member => self.on_replay(read.room, id, events, out),
            Some(_) => {}
            None => {
                let last = events.last().map(|event| event.seq).filter(|seq| member && *seq < read.to);
                let more = events.len() as u64 >= CHUNK;
                if member {
                    events.into_iter().for_each(|event| send(ServerMsg::Event(event), out));
                }
                match last {
                    Some(after) if more => self.jobs().push_back(Job::Range { room: read.room, after, to: read.to }),
                    Some(_) | None => self.unanswered = self.unanswered.saturating_sub(1),
                }
            }
        }
        self.pump(out);
    }

    /// A page of the person's own log.
    pub fn on_own(&mut self, events: Vec<UserEvent>, out: &mut Effects) {
        self.reading = false;
        self.own.on_page(&events);
        events.into_iter().for_each(|event| send(ServerMsg::User(event), out));
        // Before the rooms: it is short, and says what is unread in them.
        self.jobs().push_front(Job::Own);
        self.pump(out);
    }

    fn on_replay(&mut self, room: RoomId, id: FeedId, events: Vec<Event>, out: &mut Effects) {
        let Some(feed) = self.feed_mut(room).filter(|feed| feed.id == id) else { return };
        let Stage::Replaying { sent, to } = &mut feed.stage else { return };
        let before = *sent;
        for event in events {
            if event.seq != sent.next() {
                break;
            }
            *sent = event.seq;
            send(ServerMsg::Event(event), out);
        }
        let (sent, to) = (*sent, *to);
        if sent >= to {
            feed.stage = Stage::Live { sent };
            self.settle(room, out);
        } else if sent > before {
            self.jobs().push_back(Job::Feed(room, id));
        } else {
            // The log does not have what was committed: better a broken connection than a hole.
            out.push(Effect::Close(close::SERVER_FAULT, "log"));
        }
    }

    /// Begins to bring an opening feed up to date.
    pub(super) fn start(&mut self, info: &RoomInfo, out: &mut Effects) {
        let Some(feed) = self.feed_mut(info.id) else { return };
        let Stage::Opening { cursor, seen } = feed.stage else { return };
        feed.since = feed.since.max(info.head);
        let Plan { reset, after } = plan(cursor, info.head);
        if let Some(hints) = feed.announce() {
            send(ServerMsg::Room(info.clone()), out);
            out.extend(hints.into_iter().map(Effect::Forward));
        }
        if reset {
            send(ServerMsg::Reset { room: info.id, seq: info.head }, out);
        }
        let (id, to) = (feed.id, info.head.max(seen));
        if after >= to {
            feed.stage = Stage::Live { sent: after };
            self.settle(info.id, out);
        } else {
            feed.stage = Stage::Replaying { sent: after, to };
            self.jobs().push_back(Job::Feed(info.id, id));
        }
    }

    /// Replays a feed that misses something.
    pub fn replay(&mut self, room: RoomId, out: &mut Effects) {
        if let Some(id) = self.feed(room).map(|feed| feed.id) {
            self.jobs().push_back(Job::Feed(room, id));
        }
        self.pump(out);
    }

    /// Follows a room that the person has just entered.
    pub(super) fn enter(&mut self, room: RoomId, since: Seq, ack: Option<ServerMsg>, out: &mut Effects) {
        let id = self.next_feed();
        let mut feed = Feed::opening(id, None, since).unannounced();
        if ack.is_some() {
            feed.owe(ack);
        }
        self.insert(room, feed);
        out.push(Effect::Open { room, feed: id });
    }

    /// Stops following a room that the person left by event `seq`, unless they have come back since.
    pub(super) fn leave(&mut self, room: RoomId, seq: Seq, out: &mut Effects) {
        if self.feed(room).is_some_and(|feed| feed.since < seq) {
            self.drop_feed(room, out);
            out.push(Effect::Depart { room });
            send(ServerMsg::Left { room }, out);
        }
    }

    /// Events of a room, the newest of them `seq`, do not fit behind what waits to be written. The client is told to
    /// `sync`.
    pub fn lag(&mut self, room: RoomId, id: FeedId, seq: Seq, out: &mut Effects) {
        let fresh = self.next_feed();
        let Some(feed) = self.feed_mut(room).filter(|feed| feed.id == id) else { return };
        if matches!(feed.stage, Stage::Opening { .. }) {
            // Nothing of it was sent yet: open it again rather than trouble the client.
            feed.id = fresh;
            out.push(Effect::Open { room, feed: fresh });
        } else {
            feed.stage = Stage::Lagged;
            self.settle(room, out);
            send(ServerMsg::Lag { room, seq }, out);
        }
    }

    /// A client asks for events again.
    pub(super) fn sync(&mut self, room: RoomId, from: Seq, to: Option<Seq>, out: &mut Effects) {
        let fresh = self.next_feed();
        let Some(feed) = self.feed_mut(room) else {
            let why = Refusal::new(ErrorCode::NotMember, "room: you are not a member");
            return refuse((None, Some(room)), why, out);
        };
        if let Some(to) = to {
            let to = to.min(Seq(from.0.saturating_add(limits::REPLAY_EVENTS)));
            self.jobs().push_back(Job::Range { room, after: from, to });
            self.unanswered += 1;
            return self.pump(out);
        }
        feed.id = fresh;
        feed.stage = Stage::Opening { cursor: Some(from), seen: Seq::ZERO };
        feed.owe(None);
        self.unanswered += 1;
        out.push(Effect::Open { room, feed: fresh });
    }

    /// Starts the next read, if none is on its way.
    pub(super) fn pump(&mut self, out: &mut Effects) {
        while !self.reading {
            let Some(job) = self.jobs.as_mut().and_then(|jobs| jobs.pop_front()) else {
                self.jobs = None;
                return;
            };
            let read = match job {
                Job::Own => {
                    if let Some(after) = self.own.next_read() {
                        self.reading = true;
                        out.push(Effect::ReadOwn { after });
                    }
                    None
                }
                Job::Range { room, after, to } => Some(Read { room, feed: None, after, to }),
                Job::Feed(room, id) => match self.feed(room) {
                    Some(Feed { id: present, stage: Stage::Replaying { sent, to }, .. }) if *present == id => {
                        Some(Read { room, feed: Some(id), after: *sent, to: *to })
                    }
                    Some(_) | None => None,
                },
            };
            if let Some(read) = read {
                self.reading = true;
                out.push(Effect::Read(read));
            }
        }
    }

    pub(super) fn jobs(&mut self) -> &mut VecDeque<Job> {
        self.jobs.get_or_insert_default()
    }

    /// Answers what waited for a feed.
    fn settle(&mut self, room: RoomId, out: &mut Effects) {
        let Some(feed) = self.feed_mut(room) else { return };
        let (owed, acks) = feed.settle();
        acks.into_iter().for_each(|ack| send(ack, out));
        self.unanswered = self.unanswered.saturating_sub(owed);
    }

    fn drop_feed(&mut self, room: RoomId, out: &mut Effects) {
        self.settle(room, out);
        self.feeds.retain(|(of, _)| *of != room);
    }
}
