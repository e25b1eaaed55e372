//! Is the connection alive? Application pings and their answers.
//!
//! A browser shows pages neither ping frames nor a dead peer, so the client asks for itself.

use crate::id::Timestamp;
use crate::limits;

/// Milliseconds between two pings while somebody watches the wire.
const WATCHED_MS: u64 = 5_000;

/// The state of the pings on the present connection.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// The ping that waits for its answer.
    unanswered: Option<Timestamp>,
    /// When the last ping was sent.
    last: Option<Timestamp>,
    /// Whether somebody looks at the round trip.
    watched: bool,
}

impl Pulse {
    /// A new connection: nothing is outstanding.
    pub(super) fn restart(&mut self) {
        self.unanswered = None;
        self.last = None;
    }

    /// Somebody looks at the round trip, or no longer does.
    pub(super) fn watch(&mut self, watched: bool) {
        self.watched = watched;
    }

    /// Notes a ping that goes out now.
    pub(super) fn sent(&mut self, now: Timestamp) {
        self.unanswered = Some(now);
        self.last = Some(now);
    }

    /// Notes an answer; one to an older ping proves life as well.
    pub(super) fn answered(&mut self) {
        self.unanswered = None;
    }

    /// Whether a ping waits for its answer.
    #[must_use]
    pub(super) const fn is_waiting(&self) -> bool {
        self.unanswered.is_some()
    }

    /// Whether the last ping has waited too long.
    #[must_use]
    pub(super) fn is_dead(&self, now: Timestamp) -> bool {
        self.unanswered.is_some_and(|sent| now.since(sent) >= limits::PING_TIMEOUT_MS)
    }

    /// Whether it is time for a ping.
    #[must_use]
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.unanswered.is_none() && self.last.is_none_or(|last| now.since(last) >= self.every())
    }

    /// The moment at which one of the two above becomes true.
    #[must_use]
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self.unanswered {
            Some(sent) => Some(sent.plus(limits::PING_TIMEOUT_MS)),
            None => self.last.map(|last| last.plus(self.every())),
        }
    }

    const fn every(&self) -> u64 {
        if self.watched { WATCHED_MS } else { limits::PING_EVERY_MS }
    }
}
