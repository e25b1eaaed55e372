//! What goes wrong when, decided from a seed.
//!
//! Pure. The same seed strikes in the same order and after the same waits; how that falls together with what the
//! machine does is new each time. Neighbours: [`crate::round`] strikes the server, [`crate::proxy`] spoils connections,
//! [`crate::people`] write.

use std::time::Duration;

/// Milliseconds between two kills, at least and at most.
const KILL_EVERY_MS: (u64, u64) = (2_000, 8_000);

/// Milliseconds from an acknowledgement to the kill that it triggers, at most. A timer may be a millisecond late.
const ON_ACK_MS: u64 = 4;

/// Milliseconds that a frozen server stands still, at least and at most.
const FREEZE_MS: (u64, u64) = (200, 3_000);

/// Milliseconds that a connection lives until something befalls it, at most.
const PEACE_MS: u64 = 20_000;

/// Milliseconds by which a slow connection delays what passes, at most.
const DELAY_MS: u64 = 60;

/// A strike against the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL, at any moment.
    Kill,
    /// SIGKILL, this long after an acknowledgement arrived.
    KillOnAck(Duration),
    /// SIGTERM, and a start.
    Stop,
    /// SIGSTOP, and SIGCONT after this time.
    Freeze(Duration),
}

/// The strikes of one run.
#[derive(Debug)]
pub struct Strikes {
    rng: fastrand::Rng,
    /// The next kill waits for an acknowledgement; every other one does.
    on_ack: bool,
    /// A kill is due next: something lesser came before it.
    owed: bool,
}

impl Strikes {
    /// The strikes of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: fastrand::Rng::with_seed(seed), on_ack: seed.is_multiple_of(2), owed: false }
    }

    /// What comes next, and how long after the last strike. Kills come every 2 to 8 s; between some of them comes a
    /// lesser strike.
    pub fn draw(&mut self) -> (Duration, Blow) {
        let wait = self.rng.u64(KILL_EVERY_MS.0..=KILL_EVERY_MS.1);
        let lesser = !self.owed && self.rng.u8(..100) < 40;
        // The two of a pair share the time that a kill alone would have.
        let wait = Duration::from_millis(if lesser || self.owed { wait / 2 } else { wait });
        self.owed = lesser;
        if lesser {
            let freeze = Duration::from_millis(self.rng.u64(FREEZE_MS.0..=FREEZE_MS.1));
            return (wait, if self.rng.bool() { Blow::Stop } else { Blow::Freeze(freeze) });
        }
        self.on_ack = !self.on_ack;
        if self.on_ack {
            (wait, Blow::KillOnAck(Duration::from_millis(self.rng.u64(0..=ON_ACK_MS))))
        } else {
            (wait, Blow::Kill)
        }
    }
}

/// A direction through the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What befalls a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Both sides are closed in the middle of what passes.
    Cut,
    /// Both sides are reset, in the middle of what passes.
    Reset,
    /// Nothing passes for this long.
    Stall(Duration),
    /// This way is shut in the middle of what passes; the other one stays open.
    HalfClose,
}

/// The fate of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// By how much everything is delayed.
    pub delay: Duration,
    /// How long it is left alone.
    pub after: Duration,
    /// What befalls it then.
    pub fault: Fault,
    /// On which way.
    pub way: Way,
}

impl Fate {
    /// Draws a fate. After a stall the connection is given another one.
    pub fn draw(rng: &mut fastrand::Rng) -> Self {
        let fault = match rng.u8(..100) {
            0..30 => Fault::Cut,
            30..55 => Fault::Reset,
            55..70 => Fault::HalfClose,
            // Longer than a client waits for the answer to a ping.
            70..73 => Fault::Stall(Duration::from_millis(rng.u64(11_000..13_000))),
            _ => Fault::Stall(Duration::from_millis(rng.u64(100..3_000))),
        };
        let slow = rng.u8(..100) < 20;
        let delay = Duration::from_millis(if slow { rng.u64(1..=DELAY_MS) } else { 0 });
        let way = if rng.u8(..100) < 30 { Way::Up } else { Way::Down };
        Self { delay, after: Duration::from_millis(rng.u64(..PEACE_MS)), fault, way }
    }
}

/// How somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Milliseconds between two messages, on average.
    pub every_ms: u64,
}

impl Pace {
    /// From a person in a lively talk to a brisk program.
    pub fn draw(rng: &mut fastrand::Rng) -> Self {
        Self { every_ms: rng.u64(60..400) }
    }

    /// The wait before the next message: none in a burst, up to twice the average else.
    pub fn wait(self, rng: &mut fastrand::Rng) -> Duration {
        let burst = rng.u8(..100) < 10;
        Duration::from_millis(if burst { 0 } else { rng.u64(..=self.every_ms * 2) })
    }
}

/// Milliseconds that a reader is there, and away, at least and at most. Away long enough to miss more than is replayed.
const AWAKE_MS: (u64, u64) = (5_000, 30_000);
const AWAY_MS: (u64, u64) = (8_000, 25_000);

/// How long a reader stays there, or away.
pub fn nap(awake: bool, rng: &mut fastrand::Rng) -> Duration {
    let (least, most) = if awake { AWAKE_MS } else { AWAY_MS };
    Duration::from_millis(rng.u64(least..=most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_come_every_two_to_eight_seconds_and_every_other_one_on_an_ack() {
        let mut strikes = Strikes::new(7);
        let (mut since, mut kills, mut on_ack) = (Duration::ZERO, 0, 0);
        while kills < 500 {
            let (wait, blow) = strikes.draw();
            since += wait;
            let kill = matches!(blow, Blow::Kill | Blow::KillOnAck(_));
            on_ack += usize::from(matches!(blow, Blow::KillOnAck(_)));
            if kill {
                assert!((Duration::from_secs(2)..=Duration::from_secs(8)).contains(&since), "{since:?}");
                (since, kills) = (Duration::ZERO, kills + 1);
            }
        }
        assert_eq!(on_ack, 250);
    }

    #[test]
    fn a_seed_strikes_the_same_way_every_time() {
        let strikes = |seed| {
            let mut strikes = Strikes::new(seed);
            (0..50).map(|_| strikes.draw()).collect::<Vec<_>>()
        };
        assert_eq!(strikes(3), strikes(3));
        assert_ne!(strikes(3), strikes(4));
    }
}
