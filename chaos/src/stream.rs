//! What one connection is sent of its rooms: without a gap and without a repeat after the place that the client named.
//!
//! Pure. Clients drop what they hold already and ask for what they miss, so what they hold in the end does not show what
//! the server promised and did not keep; this looks at the frames themselves. Where the client asks again (`sync`), what
//! was on its way goes on until the server hears of it: both continuations are right then, and only they.

use std::collections::{BTreeMap, VecDeque};

use common::client::ClientMsg;
use common::id::{Epoch, RoomId, Seq};
use common::limits;
use common::server::ServerMsg;

/// One connection.
#[derive(Debug, Default)]
pub struct Stream {
    /// What `hello` named, and the database that it spoke of.
    named: BTreeMap<RoomId, Seq>,
    epoch: Option<Epoch>,
    rooms: BTreeMap<RoomId, Place>,
}

/// Where a room's stream stands.
#[derive(Debug, Clone)]
struct Place {
    next: Next,
    /// The newest event that was sent or that the client named.
    newest: Seq,
    /// Places that the client named with `sync` and that no event has followed yet.
    asked: VecDeque<Seq>,
    /// Ranges that were asked for: the next and the last event of each.
    ranges: Vec<(Seq, Seq)>,
}

/// Which event goes on with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// This one.
    Is(Seq),
    /// The beginning of the newest page, which ends with this event.
    PageTo(Seq),
    /// None, until the client asks.
    Nothing,
}

impl Place {
    fn at(cursor: Seq) -> Self {
        Self { next: Next::Is(cursor.next()), newest: cursor, asked: VecDeque::new(), ranges: Vec::new() }
    }

    /// Whether the event goes on with the stream.
    fn takes(&mut self, seq: Seq) -> bool {
        let fits = match self.next {
            Next::Is(next) => seq == next,
            Next::PageTo(head) => seq <= head && head.0 < seq.0.saturating_add(limits::PAGE_EVENTS),
            Next::Nothing => false,
        };
        if fits {
            self.go_on(seq);
            return true;
        }
        if let Some(at) = self.ranges.iter().position(|(next, _)| *next == seq) {
            if let Some((next, last)) = self.ranges.get_mut(at) {
                *next = seq.next();
                if *next > *last {
                    self.ranges.remove(at);
                }
            }
            return true;
        }
        let Some(at) = self.asked.iter().position(|from| from.next() == seq) else { return false };
        self.asked.drain(..=at);
        self.go_on(seq);
        true
    }

    fn go_on(&mut self, seq: Seq) {
        self.next = Next::Is(seq.next());
        self.newest = self.newest.max(seq);
    }
}

impl Stream {
    /// The client says something.
    pub fn told(&mut self, msg: &ClientMsg) {
        match msg {
            ClientMsg::Hello { epoch, rooms, .. } => {
                self.named.clone_from(rooms);
                self.epoch.clone_from(epoch);
            }
            ClientMsg::Sync { room, from, to } => {
                let Some(place) = self.rooms.get_mut(room) else { return };
                match to {
                    None => place.asked.push_back(*from),
                    Some(to) => {
                        let last = Seq(from.0.saturating_add(limits::REPLAY_EVENTS)).min(*to);
                        place.ranges.push((from.next(), last));
                    }
                }
            }
            ClientMsg::Send { .. }
            | ClientMsg::Edit { .. }
            | ClientMsg::Delete { .. }
            | ClientMsg::React { .. }
            | ClientMsg::Unreact { .. }
            | ClientMsg::Pin { .. }
            | ClientMsg::Unpin { .. }
            | ClientMsg::Read { .. }
            | ClientMsg::Draft { .. }
            | ClientMsg::Mute { .. }
            | ClientMsg::Typing { .. }
            | ClientMsg::Notify { .. }
            | ClientMsg::Unread { .. }
            | ClientMsg::Create { .. }
            | ClientMsg::Direct { .. }
            | ClientMsg::Rename { .. }
            | ClientMsg::Topic { .. }
            | ClientMsg::Archive { .. }
            | ClientMsg::Announce { .. }
            | ClientMsg::Invite { .. }
            | ClientMsg::Remove { .. }
            | ClientMsg::Appoint { .. }
            | ClientMsg::Join { .. }
            | ClientMsg::Leave { .. }
            | ClientMsg::Ping { .. } => {}
        }
    }

    /// The server says something.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn heard(&mut self, msg: &ServerMsg) -> Result<(), String> {
        match msg {
            ServerMsg::Welcome { epoch, rooms, .. } => {
                if self.epoch.as_ref() != Some(epoch) {
                    self.named.clear();
                }
                let place = |room| Place::at(self.named.get(room).copied().unwrap_or_default());
                self.rooms = rooms.iter().map(|info| (info.id, place(&info.id))).collect();
            }
            ServerMsg::Room(info) => {
                self.rooms.insert(info.id, Place::at(Seq::ZERO));
            }
            ServerMsg::Left { room } => {
                self.rooms.remove(room);
            }
            ServerMsg::Reset { room, seq } => {
                let place = self.rooms.get_mut(room).ok_or_else(|| format!("a reset of {room}, which it is not in"))?;
                // The answer to the oldest question, if there was one.
                place.asked.pop_front();
                (place.next, place.newest) = (Next::PageTo(*seq), *seq);
            }
            ServerMsg::Lag { room, .. } => {
                let place = self.rooms.get_mut(room).ok_or_else(|| format!("a lag of {room}, which it is not in"))?;
                place.next = Next::Nothing;
            }
            ServerMsg::Event(event) => {
                let (room, seq) = (event.room, event.seq);
                let place = self.rooms.get_mut(&room).ok_or_else(|| format!("{room}{seq}, which it is not in"))?;
                let before = place.clone();
                if !place.takes(seq) {
                    // Said once: the stream is taken to go on from here.
                    place.go_on(seq);
                    return Err(format!("{room}{seq} came where {} should", before.expected()));
                }
            }
            ServerMsg::Pong { heads, .. } => {
                for (room, head) in heads {
                    let newest = self.rooms.get(room).map(|place| place.newest);
                    if newest.is_some_and(|newest| newest < *head) {
                        let newest = newest.unwrap_or_default();
                        return Err(format!("pong says that {room}{head} was sent; the newest that came is {newest}"));
                    }
                }
            }
            ServerMsg::Ack { .. }
            | ServerMsg::Error(_)
            | ServerMsg::Person(_)
            | ServerMsg::User(_)
            | ServerMsg::Typing { .. }
            | ServerMsg::Presence { .. }
            | ServerMsg::Unknown => {}
        }
        Ok(())
    }
}

impl Place {
    fn expected(&self) -> String {
        let next = match self.next {
            Next::Is(next) => next.to_string(),
            Next::PageTo(head) => format!("the page up to {head}"),
            Next::Nothing => "nothing".to_owned(),
        };
        let asked = self.asked.iter().map(|from| format!(", or {} after a sync", from.next()));
        let ranges = self.ranges.iter().map(|(next, last)| format!(", or {next} of a range to {last}"));
        std::iter::once(next).chain(asked).chain(ranges).collect()
    }
}

#[cfg(test)]
mod tests {
    use common::id::{Timestamp, UserId};
    use common::model::{Event, EventKind, Person, RoomInfo};
    use common::server::Limits;

    use super::*;

    const ROOM: RoomId = RoomId(1);

    /// A connection whose client named this place.
    fn stream(cursor: Option<u64>, head: u64) -> Stream {
        let mut stream = Stream::default();
        let rooms = cursor.map(|seq| (ROOM, Seq(seq))).into_iter().collect();
        stream.told(&ClientMsg::Hello { epoch: Some(Epoch("e".into())), user_seq: 0, rooms });
        let welcome = ServerMsg::Welcome {
            epoch: Epoch("e".into()),
            me: Person { id: UserId(1), name: "Maya".into() },
            limits: Limits::default(),
            now: Timestamp(0),
            user_seq: 0,
            rooms: vec![info(head)],
            role: common::model::Role::Member,
        };
        stream.heard(&welcome).unwrap();
        stream
    }

    fn info(head: u64) -> RoomInfo {
        RoomInfo {
            id: ROOM,
            name: "lobby".into(),
            head: Seq(head),
            n: 0,
            members: 1,
            read_n: 0,
            mentions: 0,
            muted: false,
            ..RoomInfo::new(RoomId(1), "")
        }
    }

    fn event(seq: u64) -> ServerMsg {
        let (at, by) = (Timestamp(0), UserId(1));
        ServerMsg::Event(Event {
            room: ROOM,
            seq: Seq(seq),
            at,
            by,
            name: "Maya".into(),
            bot: false,
            cid: None,
            kind: EventKind::Joined,
        })
    }

    fn sync(from: u64, to: Option<u64>) -> ClientMsg {
        ClientMsg::Sync { room: ROOM, from: Seq(from), to: to.map(Seq) }
    }

    /// Whether all of these may come.
    fn takes(stream: &mut Stream, seqs: impl IntoIterator<Item = u64>) -> Result<(), String> {
        seqs.into_iter().try_for_each(|seq| stream.heard(&event(seq)))
    }

    #[test]
    fn a_stream_goes_on_behind_the_place_that_was_named() {
        takes(&mut stream(Some(3), 5), 4..=9).unwrap();
        takes(&mut stream(None, 5), 1..=9).unwrap();
    }

    #[test]
    fn the_event_at_the_named_place_is_a_repeat() {
        let error = takes(&mut stream(Some(3), 5), [3]).unwrap_err();
        assert_eq!(error, "r1#3 came where #4 should");
    }

    #[test]
    fn a_hole_and_a_repeat_are_found_out() {
        assert!(takes(&mut stream(Some(3), 5), [4, 6]).is_err());
        assert!(takes(&mut stream(Some(3), 5), [4, 5, 5]).is_err());
        assert!(takes(&mut stream(Some(3), 5), [5]).is_err());
    }

    #[test]
    fn after_a_reset_comes_the_newest_page() {
        let mut stream = stream(Some(3), 900);
        stream.heard(&ServerMsg::Reset { room: ROOM, seq: Seq(900) }).unwrap();
        takes(&mut stream, 801..=905).unwrap();
        stream.heard(&ServerMsg::Reset { room: ROOM, seq: Seq(905) }).unwrap();
        assert!(takes(&mut stream, [805]).is_err(), "a page has 100 events");
    }

    #[test]
    fn after_a_lag_comes_nothing_until_the_client_asks() {
        let mut stream = stream(Some(3), 5);
        stream.heard(&ServerMsg::Lag { room: ROOM, seq: Seq(9) }).unwrap();
        stream.told(&sync(3, None));
        takes(&mut stream, 4..=12).unwrap();
        stream.heard(&ServerMsg::Lag { room: ROOM, seq: Seq(20) }).unwrap();
        assert!(takes(&mut stream, [13]).is_err());
    }

    #[test]
    fn what_was_on_its_way_before_a_sync_may_come_once_more_behind_it() {
        let mut stream = stream(Some(3), 5);
        stream.told(&sync(3, None));
        takes(&mut stream, [4, 5, 4, 5, 6]).unwrap();
        assert!(takes(&mut stream, [4]).is_err(), "it asked once");
    }

    #[test]
    fn a_range_comes_beside_the_stream_once() {
        let mut stream = stream(Some(10), 10);
        stream.told(&sync(3, Some(5)));
        takes(&mut stream, [4, 11, 5, 12]).unwrap();
        assert!(takes(&mut stream, [5]).is_err());
    }

    #[test]
    fn what_pong_says_was_sent_has_come() {
        let pong = |head: u64| ServerMsg::Pong {
            t: Timestamp(0),
            now: Timestamp(0),
            queued: 0,
            heads: BTreeMap::from([(ROOM, Seq(head))]),
        };
        let mut stream = stream(Some(3), 5);
        stream.heard(&pong(3)).unwrap();
        takes(&mut stream, [4]).unwrap();
        stream.heard(&pong(4)).unwrap();
        assert!(stream.heard(&pong(5)).is_err());
    }
}
