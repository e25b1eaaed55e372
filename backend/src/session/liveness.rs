//! Whether the other side is still there. Pure; the caller brings the time, in milliseconds since the connection began.

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
    patience: Patience,
    greeted: bool,
    heard_ms: u64,
    pinged_ms: u64,
}

impl Liveness {
    /// A connection that begins now.
    #[must_use]
    pub const fn new(patience: Patience) -> Self {
        Self { patience, greeted: false, heard_ms: 0, pinged_ms: 0 }
    }

    /// Something came, be it a pong.
    pub fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
    }

    /// The `hello` came.
    pub fn greeted(&mut self) {
        self.greeted = true;
    }

    /// What is due now. A ping that is due counts as sent.
    pub fn check(&mut self, now_ms: u64) -> Due {
        if !self.greeted && now_ms >= self.patience.hello_ms {
            return Due::NoHello;
        }
        if now_ms >= self.heard_ms + self.patience.silence_ms {
            return Due::Silence;
        }
        if now_ms >= self.next_ping() {
            self.pinged_ms = now_ms;
            return Due::Ping;
        }
        Due::Nothing
    }

    /// When to check again, at the latest.
    #[must_use]
    pub fn next_ms(&self) -> u64 {
        let hello = if self.greeted { u64::MAX } else { self.patience.hello_ms };
        hello.min(self.heard_ms + self.patience.silence_ms).min(self.next_ping())
    }

    fn next_ping(&self) -> u64 {
        self.heard_ms.max(self.pinged_ms) + self.patience.ping_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { hello_ms: 10, ping_ms: 25, silence_ms: 60 };

    #[test]
    fn who_says_no_hello_is_sent_away() {
        let mut liveness = Liveness::new(PATIENCE);
        assert_eq!(liveness.next_ms(), 10);
        assert_eq!((liveness.check(9), liveness.check(10)), (Due::Nothing, Due::NoHello));
    }

    #[test]
    fn silence_brings_two_pings_and_an_end() {
        let mut liveness = Liveness::new(PATIENCE);
        liveness.greeted();
        let mut due = Vec::new();
        for _ in 0..3 {
            let now = liveness.next_ms();
            due.push((now, liveness.check(now)));
        }
        assert_eq!(due, [(25, Due::Ping), (50, Due::Ping), (60, Due::Silence)]);
    }

    #[test]
    fn any_sign_of_life_starts_over() {
        let mut liveness = Liveness::new(PATIENCE);
        liveness.greeted();
        assert_eq!(liveness.check(25), Due::Ping);
        liveness.heard(26);
        assert_eq!((liveness.check(50), liveness.check(51), liveness.next_ms()), (Due::Nothing, Due::Ping, 76));
    }
}
