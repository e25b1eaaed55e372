//! What can go wrong between a socket and the engine, on purpose: the page's fault buttons and the simulation use it.
//!
//! A real socket loses nothing before it breaks; whoever wants to see how a client finds a hole has to make one.
//! Deliberately absent: what goes wrong inside a client, which is [`super::Fault`], and cut connections, which whoever
//! owns the socket can do by themselves.

use std::collections::VecDeque;

use crate::id::Timestamp;

/// Messages on their way in, and what is to happen to them. `T` is a message in whatever form the driver has it.
#[derive(Debug, Clone)]
pub struct Faults<T> {
    /// Nothing is handed on while this is set; it waits.
    pub frozen: bool,
    /// Milliseconds that every message waits; 0 for none. Their order stays.
    pub delay_ms: u64,
    /// How many of the next events are lost.
    pub lose: u32,
    /// How many of the next events come twice.
    pub double: u32,
    waiting: VecDeque<(Timestamp, T)>,
}

impl<T> Default for Faults<T> {
    fn default() -> Self {
        Self { frozen: false, delay_ms: 0, lose: 0, double: 0, waiting: VecDeque::new() }
    }
}

impl<T: Clone> Faults<T> {
    /// A message came; `is_event` says whether it is one of a room's events. Ask for what is handed on with
    /// [`Faults::release`].
    pub fn receive(&mut self, now: Timestamp, msg: T, is_event: bool) {
        if is_event && self.lose > 0 {
            self.lose -= 1;
            return;
        }
        let due = now.plus(self.delay_ms);
        if is_event && self.double > 0 {
            self.double -= 1;
            self.waiting.push_back((due, msg.clone()));
        }
        self.waiting.push_back((due, msg));
    }

    /// What is handed on now, in order.
    pub fn release(&mut self, now: Timestamp) -> Vec<T> {
        let mut released = Vec::new();
        while let Some((due, _)) = self.waiting.front() {
            if self.frozen || *due > now {
                break;
            }
            released.extend(self.waiting.pop_front().map(|(_, msg)| msg));
        }
        released
    }

    /// When to ask again.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        self.waiting.front().filter(|_| !self.frozen).map(|(due, _)| *due)
    }

    /// How many messages wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The connection is gone, and with it what waited.
    pub fn cut(&mut self) {
        self.waiting.clear();
    }

    /// Whether nothing goes wrong any more.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.frozen && self.delay_ms == 0 && self.lose == 0 && self.double == 0 && self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn faults() -> Faults<u8> {
        Faults::default()
    }

    fn receive(faults: &mut Faults<u8>, msgs: std::ops::Range<u8>) -> Vec<u8> {
        msgs.for_each(|msg| faults.receive(NOW, msg, true));
        faults.release(NOW)
    }

    #[test]
    fn without_faults_everything_is_handed_on() {
        assert_eq!(receive(&mut faults(), 0..3), [0, 1, 2]);
    }

    #[test]
    fn the_next_event_is_lost_or_doubled_and_nothing_but_events() {
        let mut faults = Faults { lose: 1, ..faults() };
        faults.receive(NOW, 9, false);
        assert_eq!(receive(&mut faults, 0..3), [9, 1, 2]);
        faults.double = 1;
        assert_eq!(receive(&mut faults, 3..5), [3, 3, 4]);
    }

    #[test]
    fn a_frozen_reader_gets_everything_when_it_thaws() {
        let mut faults = Faults { frozen: true, ..faults() };
        assert!(receive(&mut faults, 0..3).is_empty());
        assert_eq!(faults.deadline(), None);
        faults.frozen = false;
        assert_eq!(faults.release(NOW), [0, 1, 2]);
    }

    #[test]
    fn what_is_delayed_comes_in_order_when_it_is_due() {
        let mut faults = Faults { delay_ms: 500, ..faults() };
        assert!(receive(&mut faults, 0..2).is_empty());
        faults.delay_ms = 0;
        faults.receive(NOW, 2, true);
        assert!(faults.release(NOW.plus(499)).is_empty());
        assert_eq!(faults.deadline(), Some(NOW.plus(500)));
        assert_eq!(faults.release(NOW.plus(500)), [0, 1, 2]);
    }
}
