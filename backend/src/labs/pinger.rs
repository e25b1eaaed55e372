//! `ping`: pings, and says how long each pong took. What else comes is sent back.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::Lab;
use super::out::Out;

/// Pings that may be unanswered; older ones are no longer waited for.
const OPEN: usize = 64;

/// Pings each so often.
#[derive(Debug)]
pub struct Pinger {
    every: Duration,
    next: Instant,
    count: u64,
    /// What was sent and is not answered.
    open: VecDeque<(u64, Instant)>,
}

impl Pinger {
    /// The first ping goes out after one interval.
    #[must_use]
    pub fn new(every: Duration) -> Self {
        Self { every, next: Instant::now() + every, count: 0, open: VecDeque::new() }
    }
}

impl Lab for Pinger {
    fn wakes_at(&self) -> Option<Instant> {
        Some(self.next)
    }

    fn wake(&mut self, now: Instant, out: &mut Out) {
        if self.next > now {
            return;
        }
        if out.has_room() {
            self.count += 1;
            out.ping(self.count.to_string().as_bytes());
            self.open.push_back((self.count, now));
            if self.open.len() > OPEN {
                self.open.pop_front();
            }
        }
        self.next = now + self.every;
    }

    fn pong(&mut self, payload: &[u8], out: &mut Out) {
        let number = std::str::from_utf8(payload).ok().and_then(|text| text.parse::<u64>().ok());
        let Some(at) = self.open.iter().position(|(open, _)| Some(*open) == number) else { return };
        // A pong may answer several pings (RFC 6455, section 5.5.3).
        if let Some((number, sent)) = self.open.drain(..=at).next_back() {
            let micros = sent.elapsed().as_micros();
            out.text(&format!("ping {number}: its pong came after {}.{:03} ms", micros / 1_000, micros % 1_000));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_is_timed_once_and_stands_for_those_before() {
        let mut pinger = Pinger::new(Duration::from_secs(1));
        let mut out = Out::new(1024, None);
        for _ in 0..3 {
            pinger.wake(pinger.next, &mut out);
        }
        assert_eq!(out.unwritten(), b"\x89\x011\x89\x012\x89\x013");
        out.advance(out.len());
        pinger.pong(b"2", &mut out);
        let said = std::str::from_utf8(&out.unwritten()[2..]).unwrap().to_owned();
        assert!(said.starts_with("ping 2: its pong came after 0."), "{said}");
        out.advance(out.len());
        for late in [&b"1"[..], b"2", b"9", b"x", b"\xff"] {
            pinger.pong(late, &mut out);
        }
        assert_eq!(out.len(), 0);
    }
}
