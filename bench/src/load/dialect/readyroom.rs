//! The product's own protocol, with durable messages, rights and an order.
//!
//! What comes is not parsed: a server writes its messages in one way, so a message's kind is seen at its beginning, and
//! its room, its number and its stamp are found by searching. The `cid` of a message carries the time at which it is due
//! as well, so that an acknowledgement says what it acknowledges.

use std::fmt::Write as _;
use std::sync::Arc;

use common::codec;
use common::server::ServerMsg;
use memchr::memmem::Finder;
use wire::deflate::Offer;

use super::{Heard, Place, Request};
use crate::load::body::{self, Bodies};

/// What stands in the middle of a message's `cid`: a version 7, and that it is one of ours.
const SAID: &str = "-7bec-8000-";

/// What stands there in other commands.
const ASKED: &str = "-7bed-8000-";

/// The protocol, and who speaks it.
#[derive(Debug)]
pub(crate) struct Readyroom {
    bodies: Bodies,
    cookies: Arc<[String]>,
    deflate: Option<Offer>,
    /// What a client holds when it comes: the database and the lobby's newest event, so that nothing is replayed.
    held: Option<(String, u64)>,
    began: u64,
    seq: Finder<'static>,
    room: Finder<'static>,
    body: Finder<'static>,
}

impl Readyroom {
    /// These people, each with a connection, saying these texts.
    pub(crate) fn new(bodies: Bodies, cookies: Arc<[String]>, deflate: Option<Offer>) -> Self {
        Self {
            bodies,
            cookies,
            deflate,
            held: None,
            began: chaos::now().0,
            seq: Finder::new("\"seq\":"),
            room: Finder::new("\"room\":\"r"),
            body: Finder::new("\"body\":\"@"),
        }
    }

    /// What clients hold that come from now on; nothing to have them greeted with the newest page.
    pub(crate) fn holds(&mut self, held: Option<(String, u64)>) {
        self.held = held;
    }

    /// What the first welcome said.
    pub(crate) fn held(&self) -> Option<&(String, u64)> {
        self.held.as_ref()
    }

    /// The command that makes a room.
    pub(crate) fn create(&self, n: u64) -> String {
        format!(r#"{{"op":"create","cid":"{}","name":"room-{n}"}}"#, self.cid(ASKED, n))
    }

    /// The command that joins a room.
    pub(crate) fn join(&self, room: u64, n: u64) -> String {
        format!(r#"{{"op":"join","cid":"{}","room":"r{room}"}}"#, self.cid(ASKED, n))
    }

    /// The room that an event or an acknowledgement is about.
    pub(crate) fn room_of(&self, text: &[u8]) -> Option<u64> {
        self.number(&self.room, text)
    }

    fn cid(&self, what: &str, number: u64) -> String {
        let high = self.began >> 16;
        let low = self.began & 0xFFFF;
        format!("{high:08x}-{low:04x}{what}{number:012x}")
    }

    /// The room and the number of an event.
    #[inline]
    fn place(&self, text: &[u8]) -> Option<Place> {
        Some(Place { room: self.number(&self.room, text)?, seq: self.number(&self.seq, text)? })
    }

    #[inline]
    fn number(&self, before: &Finder<'_>, text: &[u8]) -> Option<u64> {
        let digits = text.get(before.find(text)? + before.needle().len()..)?;
        let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
        body::digits(digits.get(..end)?)
    }

    fn event(&self, text: &[u8]) -> Heard {
        let Some(place) = self.place(text) else { return Heard::Fault };
        // The `@` belongs to the stamp.
        let stamp = self.body.find(text).and_then(|at| text.get(at + self.body.needle().len() - 1..));
        match stamp.and_then(body::due) {
            Some(due) => Heard::Message { due, place: Some(place) },
            None => Heard::Event(place),
        }
    }

    /// See [`super::Dialect::request`].
    pub(super) fn request(&self, who: usize) -> Request<'_> {
        Request {
            path: "/ws",
            subprotocol: Some(common::SUBPROTOCOL),
            cookie: self.cookies.get(who).map(String::as_str),
            deflate: self.deflate,
        }
    }

    /// What a client says first.
    pub(super) fn hello(&self) -> String {
        match &self.held {
            Some((epoch, head)) => format!(r#"{{"op":"hello","epoch":"{epoch}","rooms":{{"r1":{head}}}}}"#),
            None => r#"{"op":"hello","rooms":{}}"#.to_owned(),
        }
    }

    /// See [`super::Dialect::hear`].
    #[inline]
    pub(super) fn hear(&self, text: &[u8]) -> Heard {
        let Some(rest) = text.strip_prefix(b"{\"ev\":\"") else { return Heard::Fault };
        match rest.first() {
            Some(b'e') if rest.starts_with(b"event\"") => self.event(text),
            Some(b'a') if rest.starts_with(b"ack\"") => ack(text),
            Some(b'w') if rest.starts_with(b"welcome\"") => Heard::Ready,
            // Presence, pong, room, reset, user, typing.
            Some(b'p' | b'r' | b'u' | b't') => Heard::Other,
            // Errors, lags, what is unknown.
            _ => Heard::Fault,
        }
    }

    /// See [`super::Dialect::say`].
    pub(super) fn say(&self, out: &mut String, room: u64, n: u64, due: u64) {
        let cid = self.cid(SAID, due);
        // Writing to a string does not fail.
        write!(out, r#"{{"op":"send","cid":"{cid}","room":"r{room}","body":""#).ok();
        self.bodies.write(out, n, due);
        out.push_str("\"}");
    }

    /// See [`super::Dialect::welcome`].
    pub(super) fn welcome(&mut self, text: &[u8]) {
        if self.held.is_some() {
            return;
        }
        let text = std::str::from_utf8(text).unwrap_or_default();
        if let Ok(ServerMsg::Welcome { epoch, rooms, .. }) = codec::decode_server(text) {
            let head = rooms.iter().find(|room| room.id.0 == 1).map_or(0, |room| room.head.0);
            self.held = Some((epoch.0, head));
        }
    }
}

/// See [`super::Dialect::check`].
pub(super) fn check(text: &str) -> Result<(), String> {
    if codec::decode_server(text)? == ServerMsg::Unknown { Err(format!("{text} is unknown")) } else { Ok(()) }
}

/// What is acknowledged, by its `cid`.
#[inline]
fn ack(text: &[u8]) -> Heard {
    let cid = text.get(r#"{"ev":"ack","cid":""#.len()..).and_then(|rest| rest.first_chunk::<36>());
    let Some((_, rest)) = cid.and_then(|cid| cid.split_at_checked(13)) else { return Heard::Fault };
    let Some((what, due)) = rest.split_at_checked(SAID.len()) else { return Heard::Fault };
    if what != SAID.as_bytes() {
        return Heard::Answer;
    }
    let due = std::str::from_utf8(due).ok().and_then(|due| u64::from_str_radix(due, 16).ok());
    due.map_or(Heard::Fault, |due| Heard::Ack { due })
}

#[cfg(test)]
mod tests {
    use common::client::ClientMsg;
    use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
    use common::model::{Event, EventKind};

    use super::*;
    use crate::load::body::Language;

    fn dialect() -> Readyroom {
        Readyroom::new(Bodies::new(Language::English, 200), Arc::from([]), None)
    }

    fn said(dialect: &Readyroom, due: u64) -> (Cid, String) {
        let mut text = String::new();
        dialect.say(&mut text, 7, 3, due);
        let ClientMsg::Send { cid, room: RoomId(7), body, after: None, reply_to: None } =
            codec::decode_client(&text).unwrap()
        else {
            panic!("{text}")
        };
        (cid, body)
    }

    #[test]
    fn what_the_server_makes_of_a_message_is_heard() {
        let dialect = dialect();
        let (cid, body) = said(&dialect, 77);
        assert_eq!((body.len(), cid.0.get_version_num()), (200, 7));
        let event = Event {
            room: RoomId(7),
            seq: Seq(1_204),
            at: Timestamp(1),
            by: UserId(3),
            name: "Maya".into(),
            bot: false,
            cid: Some(cid),
            kind: EventKind::Message { n: 5, body, mentions: Vec::new(), everyone: None, reply: None },
        };
        let text = codec::encode_server(&ServerMsg::Event(event.clone()));
        let place = Place { room: 7, seq: 1_204 };
        assert_eq!(dialect.hear(text.as_bytes()), Heard::Message { due: 77, place: Some(place) });
        assert_eq!(check(&text), Ok(()));
        let joined = codec::encode_server(&ServerMsg::Event(Event { kind: EventKind::Joined, ..event }));
        assert_eq!(dialect.hear(joined.as_bytes()), Heard::Event(place));
    }

    #[test]
    fn an_acknowledgement_says_what_it_acknowledges() {
        let dialect = dialect();
        let (cid, _) = said(&dialect, 123_456_789_012_345);
        let ack = |cid| ServerMsg::Ack { cid, room: RoomId(7), seq: Seq(9), n: Some(1), at: Timestamp(5) };
        let text = codec::encode_server(&ack(cid));
        assert_eq!(dialect.hear(text.as_bytes()), Heard::Ack { due: 123_456_789_012_345 });
        let ClientMsg::Join { cid, .. } = codec::decode_client(&dialect.join(7, 1)).unwrap() else { panic!("no join") };
        assert_eq!(dialect.hear(codec::encode_server(&ack(cid)).as_bytes()), Heard::Answer);
    }

    #[test]
    fn refusals_and_lags_are_faults() {
        let dialect = dialect();
        let lag = codec::encode_server(&ServerMsg::Lag { room: RoomId(1), seq: Seq(1) });
        let heard = [lag.as_bytes(), br#"{"ev":"error","code":"storage"}"#, b"hello"].map(|text| dialect.hear(text));
        assert_eq!(heard, [Heard::Fault, Heard::Fault, Heard::Fault]);
    }
}
