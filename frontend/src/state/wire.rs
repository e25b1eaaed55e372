//! What is known of the page's own WebSocket: its stations, its frames, its round trips, its buffer.
//!
//! Filled by the reducer as it passes effects out and events in; nothing here touches a socket. Deliberately absent:
//! what the messages mean for the rooms, which is the engine's.

use std::collections::VecDeque;
use std::rc::Rc;

use common::client::ClientMsg;
use common::close::CloseCode;
use common::id::Timestamp;
use common::server::ServerMsg;
use common::sync::Closed;

use super::Now;
use super::note::Note;
use crate::socket::{Facts, Offer, Reading, ReadyState};

/// Lines that the log keeps.
pub(crate) const LOG_LINES: usize = 1_000;

/// Characters of a frame that the log keeps; a frame may have 64 KiB and there are a thousand of them.
const KEPT_CHARS: usize = 8_192;

/// Round trips that are remembered.
const ROUND_TRIPS: usize = 24;

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// Counts up; names the line.
    pub id: u64,
    pub at: Timestamp,
    pub what: What,
}

/// What a line of the log tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    /// A frame that was sent or received.
    Frame {
        out: bool,
        /// Its `op` or `ev`.
        name: &'static str,
        text: String,
        /// Bytes of UTF-8 of the whole payload.
        size: usize,
        /// Whether `text` is only the beginning.
        cut: bool,
    },
    /// `new WebSocket`
    Dial { attempt: u32 },
    /// The open event.
    Open { protocol: String },
    /// `close()` by this side.
    Said { code: CloseCode, reason: String },
    /// The error event.
    Error,
    /// The close event.
    Closed(Closed),
    /// Something that the page has found out, or that somebody did to the wire.
    Note(Note),
}

/// The wire.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    /// `readyState` when it was last looked at; `None` before the first socket.
    pub ready: Option<ReadyState>,
    pub facts: Facts,
    /// When each station was reached by the present socket.
    pub reached: [Option<Now>; 4],
    /// How the present socket ended.
    pub closed: Option<Closed>,
    /// When the last close event came, if none has opened since.
    pub down_since: Option<Now>,
    pub attempt: u32,
    pub lines: VecDeque<Rc<Line>>,
    pub sent: u64,
    pub received: u64,
    /// Milliseconds, newest last.
    pub round_trips: VecDeque<f64>,
    pub buffered: u32,
    pub peak: u32,
    pub offer: Offer,
    ping: Option<(Timestamp, f64)>,
    next_id: u64,
}

impl Wire {
    pub(crate) fn new(offer: Offer) -> Self {
        Self {
            ready: None,
            facts: Facts::default(),
            reached: [None; 4],
            closed: None,
            down_since: None,
            attempt: 0,
            lines: VecDeque::new(),
            sent: 0,
            received: 0,
            round_trips: VecDeque::new(),
            buffered: 0,
            peak: 0,
            offer,
            ping: None,
            next_id: 0,
        }
    }

    /// When this state was reached by the present socket.
    pub(crate) fn reached(&self, state: ReadyState) -> Option<Now> {
        self.reached.get(state.number()).copied().flatten()
    }

    /// Grows with every line that the log gets.
    pub(super) const fn told(&self) -> u64 {
        self.next_id
    }

    /// The last round trip, rounded, while the socket is open.
    pub(crate) fn round_trip(&self) -> Option<f64> {
        self.round_trips.back().copied().filter(|_| self.ready == Some(ReadyState::Open))
    }

    /// The round trip that 95 of 100 do not exceed.
    pub(crate) fn p95(&self) -> Option<f64> {
        // A sort from the library would be the larger by far, and these are few.
        let mut sorted = Vec::new();
        for trip in &self.round_trips {
            let at = sorted.partition_point(|other: &f64| other.total_cmp(trip).is_lt());
            sorted.insert(at, *trip);
        }
        let at = (sorted.len() * 95).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied()
    }

    /// Takes what the socket says of itself. Returns whether anything changed.
    pub(crate) fn sample(&mut self, now: Now, reading: &Reading) -> bool {
        let changed = self.ready != Some(reading.ready) || self.buffered != reading.buffered;
        self.ready = Some(reading.ready);
        self.buffered = reading.buffered;
        self.peak = self.peak.max(reading.buffered);
        self.reach(reading.ready, now);
        changed
    }

    pub(super) fn dial(&mut self, now: Now, attempt: u32) {
        self.reached = [None; 4];
        self.closed = None;
        self.attempt = attempt;
        self.facts = Facts::default();
        self.round_trips.clear();
        self.ping = None;
        self.buffered = 0;
        self.ready = Some(ReadyState::Connecting);
        self.reach(ReadyState::Connecting, now);
        self.log(now, What::Dial { attempt });
    }

    pub(super) fn opened(&mut self, now: Now) {
        self.reach(ReadyState::Open, now);
        self.down_since = None;
        let protocol = self.facts.protocol.clone();
        self.log(now, What::Open { protocol });
    }

    pub(super) fn said_close(&mut self, now: Now, code: CloseCode, reason: &str) {
        self.reach(ReadyState::Closing, now);
        self.log(now, What::Said { code, reason: reason.to_owned() });
    }

    pub(super) fn failed(&mut self, now: Now) {
        self.log(now, What::Error);
    }

    pub(super) fn ended(&mut self, now: Now, closed: Closed) {
        if self.reached(ReadyState::Open).is_none() {
            self.offer.failed();
        }
        self.ready = Some(ReadyState::Closed);
        self.reach(ReadyState::Closed, now);
        self.down_since.get_or_insert(now);
        self.closed = Some(closed.clone());
        self.log(now, What::Closed(closed));
    }

    pub(super) fn sent(&mut self, now: Now, msg: &ClientMsg, text: &str) {
        if let ClientMsg::Ping { t } = msg {
            self.ping = Some((*t, now.precise));
        }
        self.sent += 1;
        self.frame(now, true, op(msg), text);
    }

    pub(super) fn received(&mut self, now: Now, msg: Option<&ServerMsg>, text: &str) {
        if let (Some(ServerMsg::Pong { t, .. }), Some((asked, at))) = (msg, self.ping)
            && *t == asked
        {
            self.ping = None;
            if self.round_trips.len() == ROUND_TRIPS {
                self.round_trips.pop_front();
            }
            self.round_trips.push_back((now.precise - at).max(0.0));
        }
        self.received += 1;
        self.frame(now, false, msg.map_or("?", ev), text);
    }

    pub(super) fn received_binary(&mut self, now: Now, size: usize) {
        self.received += 1;
        self.log(now, What::Frame { out: false, name: "binary", text: String::new(), size, cut: false });
    }

    pub(super) fn note(&mut self, now: Now, note: Note) {
        self.log(now, What::Note(note));
    }

    fn frame(&mut self, now: Now, out: bool, name: &'static str, text: &str) {
        let kept: String = text.chars().take(KEPT_CHARS).collect();
        let cut = kept.len() < text.len();
        self.log(now, What::Frame { out, name, text: kept, size: text.len(), cut });
    }

    fn reach(&mut self, state: ReadyState, now: Now) {
        if let Some(reached) = self.reached.get_mut(state.number()) {
            reached.get_or_insert(now);
        }
    }

    fn log(&mut self, now: Now, what: What) {
        if self.lines.len() == LOG_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(Rc::new(Line { id: self.next_id, at: now.date, what }));
        self.next_id += 1;
    }
}

const fn op(msg: &ClientMsg) -> &'static str {
    match msg {
        ClientMsg::Hello { .. } => "hello",
        ClientMsg::Send { .. } => "send",
        ClientMsg::Edit { .. } => "edit",
        ClientMsg::Delete { .. } => "delete",
        ClientMsg::React { .. } => "react",
        ClientMsg::Unreact { .. } => "unreact",
        ClientMsg::Pin { .. } => "pin",
        ClientMsg::Unpin { .. } => "unpin",
        ClientMsg::Read { .. } => "read",
        ClientMsg::Draft { .. } => "draft",
        ClientMsg::Mute { .. } => "mute",
        ClientMsg::Typing { .. } => "typing",
        ClientMsg::Notify { .. } => "notify",
        ClientMsg::Unread { .. } => "unread",
        ClientMsg::Create { .. } => "create",
        ClientMsg::Direct { .. } => "direct",
        ClientMsg::Rename { .. } => "rename",
        ClientMsg::Topic { .. } => "topic",
        ClientMsg::Archive { .. } => "archive",
        ClientMsg::Announce { .. } => "announce",
        ClientMsg::Invite { .. } => "invite",
        ClientMsg::Remove { .. } => "remove",
        ClientMsg::Appoint { .. } => "appoint",
        ClientMsg::Join { .. } => "join",
        ClientMsg::Leave { .. } => "leave",
        ClientMsg::Sync { .. } => "sync",
        ClientMsg::Ping { .. } => "ping",
    }
}

const fn ev(msg: &ServerMsg) -> &'static str {
    match msg {
        ServerMsg::Welcome { .. } => "welcome",
        ServerMsg::Event(_) => "event",
        ServerMsg::Ack { .. } => "ack",
        ServerMsg::Error(_) => "error",
        ServerMsg::Reset { .. } => "reset",
        ServerMsg::Lag { .. } => "lag",
        ServerMsg::Room(_) => "room",
        ServerMsg::Left { .. } => "left",
        ServerMsg::Person(_) => "person",
        ServerMsg::User(_) => "user",
        ServerMsg::Typing { .. } => "typing",
        ServerMsg::Presence { .. } => "presence",
        ServerMsg::Pong { .. } => "pong",
        ServerMsg::Unknown => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(ms: u64) -> Now {
        Now { date: Timestamp(ms), precise: f64::from(u32::try_from(ms).unwrap()) }
    }

    fn wire() -> Wire {
        Wire::new(Offer::starting(true))
    }

    #[test]
    fn stations_keep_the_time_they_were_first_reached() {
        let mut wire = wire();
        wire.dial(now(10), 0);
        wire.opened(now(52));
        assert!(wire.sample(now(60), &Reading { ready: ReadyState::Open, buffered: 0 }));
        assert!(!wire.sample(now(70), &Reading { ready: ReadyState::Open, buffered: 0 }));
        assert_eq!(wire.reached(ReadyState::Connecting), Some(now(10)));
        assert_eq!(wire.reached(ReadyState::Open), Some(now(52)));
        assert_eq!(wire.reached(ReadyState::Closing), None);
    }

    #[test]
    fn a_handshake_that_fails_changes_the_offer_and_a_drop_does_not() {
        let closed = Closed { code: 1006, reason: String::new(), was_clean: false };
        let mut wire = wire();
        wire.dial(now(1), 0);
        wire.ended(now(2), closed.clone());
        assert_eq!(wire.offer.protocol(), None);
        wire.dial(now(3), 1);
        wire.opened(now(4));
        wire.ended(now(5), closed);
        assert_eq!(wire.offer.protocol(), None);
    }

    #[test]
    fn a_round_trip_is_measured_between_a_ping_and_its_own_pong() {
        let mut wire = wire();
        wire.dial(now(1), 0);
        wire.ready = Some(ReadyState::Open);
        wire.sent(now(100), &ClientMsg::Ping { t: Timestamp(100) }, "{}");
        let pong = |t| ServerMsg::Pong {
            t: Timestamp(t),
            now: Timestamp(0),
            queued: 0,
            heads: std::collections::BTreeMap::new(),
        };
        wire.received(now(120), Some(&pong(99)), "{}");
        assert_eq!(wire.round_trip(), None);
        wire.received(now(142), Some(&pong(100)), "{}");
        assert_eq!(wire.round_trip(), Some(42.0));
        assert_eq!((wire.sent, wire.received), (1, 2));
    }

    #[test]
    fn the_95th_percentile_leaves_the_slowest_out() {
        let mut wire = wire();
        assert_eq!(wire.p95(), None);
        wire.round_trips = (1..=20).map(f64::from).collect();
        assert_eq!(wire.p95(), Some(19.0));
    }

    #[test]
    fn the_log_keeps_a_thousand_lines_and_the_beginning_of_long_frames() {
        let mut wire = wire();
        for at in 0..1_100 {
            wire.failed(now(at));
        }
        assert_eq!((wire.lines.len(), wire.lines[0].id), (LOG_LINES, 100));
        wire.received(now(1), None, &"再".repeat(20_000));
        let What::Frame { text, size, cut, .. } = &wire.lines[LOG_LINES - 1].what else { panic!() };
        assert_eq!((text.chars().count(), *size, *cut), (KEPT_CHARS, 60_000, true));
    }

    #[test]
    fn the_buffer_remembers_its_peak() {
        let mut wire = wire();
        wire.sample(now(1), &Reading { ready: ReadyState::Open, buffered: 18_000 });
        wire.sample(now(2), &Reading { ready: ReadyState::Open, buffered: 0 });
        assert_eq!((wire.buffered, wire.peak), (0, 18_000));
    }
}
