//! `broadcast/{room}`: whatever somebody says, everybody in the room hears, the speaker too.
//!
//! All hear the same in the same order. Who reads too slowly is sent away: nobody waits for them. A room is there while
//! somebody is in it. Deliberately absent: names, histories, and anything of the chat's rooms.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use common::close;
use tokio::sync::Notify;
use tokio::time::Instant;
use wire::Message;

use super::Lab;
use super::out::Out;
use crate::session::throttle::Rate;

/// Bytes in a message: as many as may wait for a reader.
const MESSAGE: usize = WAITING_BYTES;

/// What may wait for one reader; one message always may.
const WAITING: usize = 2_048;
const WAITING_BYTES: usize = 1024 * 1024;

/// How fast one may speak. Each message costs as much as there are listeners.
const RATE: Rate = Rate { per_second: 1_000, burst: 1_000 };

/// Characters in the name of a room.
const NAME: usize = 64;

type Everybody = HashMap<String, Vec<Arc<Inbox>>>;

/// The rooms. Clones share them.
#[derive(Clone, Default)]
pub struct Rooms(Arc<Mutex<Everybody>>);

/// Somebody in a room.
pub struct Member {
    rooms: Rooms,
    name: String,
    inbox: Arc<Inbox>,
}

/// What waits for somebody.
#[derive(Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    bell: Arc<Notify>,
}

#[derive(Default)]
struct Waiting {
    said: VecDeque<Said>,
    bytes: usize,
    /// More was said than could wait.
    overflowed: bool,
}

/// A message, shared by all who hear it.
#[derive(Clone)]
enum Said {
    Text(Arc<str>),
    Binary(Arc<[u8]>),
}

impl Rooms {
    /// Whether a room may have this name.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        let fits = (1..=NAME).contains(&name.len());
        fits && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    /// Somebody comes into a room.
    #[must_use]
    pub fn join(&self, name: &str) -> Member {
        let inbox = Arc::<Inbox>::default();
        let mut everybody = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        everybody.entry(name.to_owned()).or_default().push(Arc::clone(&inbox));
        Member { rooms: self.clone(), name: name.to_owned(), inbox }
    }

    /// How many rooms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nobody is anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("rooms", &self.len()).finish()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Member {
    /// Says something to all, oneself included. What others have said before is heard before.
    fn say(&self, said: &Said, out: &mut Out) {
        let everybody = self.rooms.0.lock().unwrap_or_else(PoisonError::into_inner);
        let members = everybody.get(&self.name).into_iter().flatten();
        members.filter(|inbox| !Arc::ptr_eq(inbox, &self.inbox)).for_each(|inbox| inbox.put(said.clone()));
        // As long as the rooms are locked, nobody can say anything in between.
        self.inbox.put(said.clone());
        self.listen(out);
    }

    /// Hears what waits, as far as there is room.
    fn listen(&self, out: &mut Out) {
        let mut waiting = self.inbox.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.overflowed && out.end().is_none() {
            out.close(Some(close::OVERLOADED), "you read too slowly");
        }
        while out.has_room() {
            let Some(said) = waiting.said.pop_front() else { break };
            waiting.bytes -= said.len();
            match said {
                Said::Text(text) => out.text(&text),
                Said::Binary(bytes) => out.binary(&bytes),
            }
        }
        if waiting.said.is_empty() {
            // A burst must not keep its memory.
            waiting.said = VecDeque::new();
        }
    }
}

impl Said {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

impl Inbox {
    fn put(&self, said: Said) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = waiting.said.len() < WAITING && waiting.bytes + said.len() <= WAITING_BYTES;
        if waiting.overflowed || !(fits || waiting.said.is_empty()) {
            *waiting = Waiting { overflowed: true, ..Waiting::default() };
        } else {
            waiting.bytes += said.len();
            waiting.said.push_back(said);
        }
        drop(waiting);
        self.bell.notify_one();
    }
}

impl Lab for Member {
    fn hear(&mut self, message: &Message<'_>, out: &mut Out) {
        match message {
            Message::Text(text) => self.say(&Said::Text((*text).into()), out),
            Message::Binary(bytes) => self.say(&Said::Binary((*bytes).into()), out),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }

    fn wake(&mut self, _now: Instant, out: &mut Out) {
        self.listen(out);
    }

    fn more(&mut self, out: &mut Out) {
        self.listen(out);
    }

    fn bell(&self) -> Option<Arc<Notify>> {
        Some(Arc::clone(&self.inbox.bell))
    }

    fn most(&self) -> Option<usize> {
        Some(MESSAGE)
    }

    fn rate(&self) -> Option<Rate> {
        Some(RATE)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut everybody = self.rooms.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(members) = everybody.get_mut(&self.name) {
            members.retain(|inbox| !Arc::ptr_eq(inbox, &self.inbox));
            if members.is_empty() {
                everybody.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(member: &mut Member, backlog: usize) -> Vec<u8> {
        let mut out = Out::new(backlog, None);
        member.wake(Instant::now(), &mut out);
        out.unwritten().to_vec()
    }

    #[test]
    fn names_of_rooms_are_plain() {
        let (longest, too_long) = ("x".repeat(64), "x".repeat(65));
        for good in ["a", "Class_7-b", longest.as_str()] {
            assert!(Rooms::is_name(good), "{good}");
        }
        for bad in ["", "a b", "ä", "a/b", "a.b", too_long.as_str()] {
            assert!(!Rooms::is_name(bad), "{bad}");
        }
    }

    #[test]
    fn everybody_hears_everything_in_one_order_and_rooms_end_with_the_last() {
        let rooms = Rooms::default();
        let (mut ann, mut ben, mut eve) = (rooms.join("a"), rooms.join("a"), rooms.join("b"));
        let (mut to_ann, mut to_ben) = (Out::new(1024, None), Out::new(1024, None));
        ben.hear(&Message::Text("1"), &mut to_ben);
        ann.hear(&Message::Binary(b"2"), &mut to_ann);
        ben.listen(&mut to_ben);
        assert_eq!(to_ann.unwritten(), b"\x81\x011\x82\x012");
        assert_eq!(to_ben.unwritten(), to_ann.unwritten());
        assert!(heard(&mut eve, 1024).is_empty());
        assert_eq!(rooms.len(), 2);
        drop((ann, eve));
        assert_eq!(rooms.len(), 1);
        drop(ben);
        assert!(rooms.is_empty());
    }

    #[test]
    fn who_reads_too_slowly_is_sent_away_and_the_speaker_is_not() {
        let rooms = Rooms::default();
        let (mut ann, mut ben) = (rooms.join("a"), rooms.join("a"));
        let text = "x".repeat(WAITING_BYTES / 4);
        for i in 1..=5 {
            let mut out = Out::new(1024, None);
            ann.hear(&Message::Text(&text), &mut out);
            assert!(out.len() > text.len() && out.end().is_none(), "{i}");
        }
        let goodbye = heard(&mut ben, 1024);
        assert_eq!(goodbye.get(..4), Some(&[0x88, 21, 0x03, 0xf5][..]));
        // One message always fits.
        let mut out = Out::new(1024, None);
        let mut late = rooms.join("a");
        ann.hear(&Message::Binary(&vec![0; MESSAGE]), &mut out);
        assert!(heard(&mut late, 1024).len() > MESSAGE);
    }
}
