//! Whether the other side is still there. Pure; the caller brings the time, in milliseconds of a clock that never goes back.

use common::limits;

/// How long a connection waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Milliseconds for the `hello`.
    pub hello_ms: u64,
    /// Milliseconds of silence after which the server pings.
    pub ping_ms: u64,
    /// Milliseconds of silence after which the server gives the connection up.
    pub silence_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { hello_ms: limits::HELLO_WITHIN_MS, ping_ms: limits::PING_EVERY_MS, silence_ms: limits::SILENCE_MS }
    }
}

/// What the clock demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing yet.
    Nothing,
    /// A ping.
    Ping,
    /// An end: no `hello` came.
    NoHello,
    /// An end: nothing came for too long.
    Silence,
}

/// When the other side was last heard.
#[derive(Debug)]
pub struct Liveness {
    greeted: bool,
    heard_ms: u64,
    /// When the last ping was sent; before the greeting, when the connection began.
    pinged_ms: u64,
}

impl Liveness {
    /// A connection that begins now.
    #[must_use]
    pub const fn new(now_ms: u64) -> Self {
        Self { greeted: false, heard_ms: now_ms, pinged_ms: now_ms }
    }

    /// Something came, be it a pong.
    pub fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
    }

    /// The `hello` came.
    pub fn greeted(&mut self) {
        self.greeted = true;
    }

    /// What is due now. A ping that is due counts as sent. Who has not said hello is not pinged.
    pub fn check(&mut self, patience: &Patience, now_ms: u64) -> Due {
        if !self.greeted && now_ms >= self.pinged_ms + patience.hello_ms {
            return Due::NoHello;
        }
        if now_ms >= self.heard_ms + patience.silence_ms {
            return Due::Silence;
        }
        if self.greeted && now_ms >= self.next_ping(patience) {
            self.pinged_ms = now_ms;
            return Due::Ping;
        }
        Due::Nothing
    }

    /// When to check again, at the latest.
    #[must_use]
    pub fn next_ms(&self, patience: &Patience) -> u64 {
        let next = if self.greeted { self.next_ping(patience) } else { self.pinged_ms + patience.hello_ms };
        next.min(self.heard_ms + patience.silence_ms)
    }

    fn next_ping(&self, patience: &Patience) -> u64 {
        self.heard_ms.max(self.pinged_ms) + patience.ping_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { hello_ms: 10, ping_ms: 25, silence_ms: 60 };

    #[test]
    fn who_says_no_hello_is_sent_away() {
        let mut liveness = Liveness::new(1_000);
        assert_eq!(liveness.next_ms(&PATIENCE), 1_010);
        assert_eq!((liveness.check(&PATIENCE, 1_009), liveness.check(&PATIENCE, 1_010)), (Due::Nothing, Due::NoHello));
    }

    #[test]
    fn silence_brings_two_pings_and_an_end() {
        let mut liveness = Liveness::new(1_000);
        liveness.greeted();
        let mut due = Vec::new();
        for _ in 0..3 {
            let now = liveness.next_ms(&PATIENCE);
            due.push((now, liveness.check(&PATIENCE, now)));
        }
        assert_eq!(due, [(1_025, Due::Ping), (1_050, Due::Ping), (1_060, Due::Silence)]);
    }

    #[test]
    fn any_sign_of_life_starts_over() {
        let mut liveness = Liveness::new(1_000);
        liveness.greeted();
        assert_eq!(liveness.check(&PATIENCE, 1_025), Due::Ping);
        liveness.heard(1_026);
        assert_eq!(
            (liveness.check(&PATIENCE, 1_050), liveness.check(&PATIENCE, 1_051), liveness.next_ms(&PATIENCE)),
            (Due::Nothing, Due::Ping, 1_076)
        );
    }
}
