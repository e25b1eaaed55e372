//! One connection of a lesson: what state it was in when, and what was done to it and heard from it.

use crate::workbench::socket::{Event, Payload, Reading};

/// So many of the newest things that happened are kept.
const KEPT: usize = 100;

/// Messages of more bytes are counted and not kept.
const KEPT_BYTES: u64 = 65_536;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Milliseconds since 1970.
    pub at: f64,
    pub what: What,
}

/// What it was.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// The constructor was called with this address.
    Began(String),
    /// A method was called.
    Called(Call),
    /// The object said something.
    Heard(Event),
}

/// A method was called.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    /// As one writes it.
    pub code: String,
    /// Bytes that were to be sent; none where nothing was.
    pub bytes: Option<u64>,
    /// The state before.
    pub ready: u16,
    /// `bufferedAmount` after.
    pub buffered: f64,
    /// The name of the exception and what the browser says, where it threw.
    pub threw: Option<(String, String)>,
}

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Wire {
    /// Tells it from those before it; 0 before the first.
    pub number: u32,
    /// The state, 0 to 3; none where there is no object.
    pub ready: Option<u16>,
    /// When each state was reached.
    pub at: [Option<f64>; 4],
    /// What the object said when it was last looked at.
    pub reading: Reading,
    /// The newest things that happened.
    pub log: Vec<Entry>,
    /// Messages that were received.
    pub messages: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl Wire {
    pub(super) fn began(&mut self, number: u32, now: f64, url: String) {
        let mut log = std::mem::take(&mut self.log);
        if self.ready == Some(3) || self.ready.is_none() {
            log.clear();
        }
        *self = Self { number, log, ..Self::default() };
        self.reach(0, now);
        self.note(now, What::Began(url));
    }

    fn reach(&mut self, state: u16, now: f64) {
        if self.ready.is_none_or(|ready| ready < state) || state == 0 {
            self.ready = Some(state);
            if let Some(at) = self.at.get_mut(usize::from(state)) {
                *at = Some(now);
            }
        }
    }

    fn note(&mut self, at: f64, what: What) {
        if self.log.len() == KEPT {
            self.log.remove(0);
        }
        self.log.push(Entry { at, what });
    }

    pub(super) fn called(&mut self, now: f64, call: Call) {
        if call.threw.is_none() && call.bytes.is_none() && call.ready < 2 {
            self.reach(2, now);
        }
        self.reading.buffered = call.buffered;
        self.note(now, What::Called(call));
    }

    pub(super) fn heard(&mut self, now: f64, event: Event) {
        match &event {
            Event::Open { .. } => self.reach(1, now),
            Event::Close { .. } => self.reach(3, now),
            Event::Refused(..) => self.ready = None,
            Event::Message(payload) => {
                self.messages += 1;
                self.bytes += payload.len();
                if payload.len() > KEPT_BYTES {
                    return;
                }
            }
            Event::Error | Event::Relay(_) => {}
        }
        self.note(now, What::Heard(event));
    }

    pub(super) fn sampled(&mut self, now: f64, reading: Reading) {
        if let Some(ready) = reading.ready
            && ready == 2
        {
            self.reach(2, now);
        }
        self.reading = reading;
    }

    pub(super) fn is_open(&self) -> bool {
        self.ready == Some(1)
    }

    /// Whether something is under way.
    pub(super) fn is_moving(&self) -> bool {
        matches!(self.ready, Some(0 | 2)) || (self.ready == Some(1) && self.reading.buffered > 0.0)
    }

    /// The first text of this connection.
    pub(super) fn first_text(&self) -> Option<&str> {
        let began = self.log.iter().rposition(|entry| matches!(entry.what, What::Began(_)))?;
        self.log.iter().skip(began).find_map(|entry| match &entry.what {
            What::Heard(Event::Message(Payload::Text(text))) => Some(&**text),
            What::Heard(_) | What::Began(_) | What::Called(_) => None,
        })
    }

    /// How it ended: the code, the reason and whether cleanly.
    pub(super) fn closed(&self) -> Option<(u16, &str, bool)> {
        self.log.iter().rev().find_map(|entry| match &entry.what {
            What::Heard(Event::Close { code, reason, was_clean }) => Some((*code, reason.as_str(), *was_clean)),
            What::Heard(_) | What::Began(_) | What::Called(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(bytes: Option<u64>, ready: u16) -> Call {
        Call { code: String::new(), bytes, ready, buffered: 0.0, threw: None }
    }

    fn closed() -> Event {
        Event::Close { code: 1000, reason: "bye".into(), was_clean: true }
    }

    #[test]
    fn a_state_has_the_time_it_was_reached() {
        let mut wire = Wire::default();
        wire.began(1, 10.0, "/labs/echo".into());
        wire.heard(13.0, Event::Open { protocol: String::new(), extensions: String::new() });
        wire.called(20.0, call(None, 1));
        wire.heard(24.0, closed());
        assert_eq!(wire.at, [Some(10.0), Some(13.0), Some(20.0), Some(24.0)]);
        assert_eq!(wire.closed(), Some((1000, "bye", true)));
    }

    #[test]
    fn a_refused_connection_was_never_open_nor_closing() {
        let mut wire = Wire::default();
        wire.began(1, 10.0, "/labs/deny".into());
        wire.heard(13.0, Event::Error);
        wire.heard(13.0, closed());
        assert_eq!(wire.at, [Some(10.0), None, None, Some(13.0)]);
    }

    #[test]
    fn who_calls_close_twice_was_closing_since_the_first() {
        let mut wire = Wire::default();
        wire.began(1, 10.0, "/labs/never-close".into());
        wire.called(20.0, call(None, 1));
        wire.called(30.0, call(None, 2));
        wire.called(40.0, call(Some(5), 2));
        assert_eq!((wire.at, wire.ready), ([Some(10.0), None, Some(20.0), None], Some(2)));
    }

    #[test]
    fn the_log_keeps_the_newest() {
        let mut wire = Wire::default();
        wire.began(1, 0.0, "/labs/flood".into());
        (0_u8..250).for_each(|n| wire.heard(n.into(), Event::Message(Payload::Text("x".into()))));
        assert_eq!((wire.log.len(), wire.messages, wire.bytes), (KEPT, 250, 250));
        assert_eq!(wire.log.last().map(|entry| entry.at), Some(249.0));
    }
}
