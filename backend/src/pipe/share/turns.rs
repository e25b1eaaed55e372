//! What clients have said and a shared process has not taken yet: a queue for each, and turns. Pure.
//!
//! Each message is whole, so that lines of two clients never mix. Turns are counted in bytes (deficit round robin, M.
//! Shreedhar and G. Varghese, 1995, with the debt paid afterwards): who says more than others waits for them, and
//! nobody is starved by one who says much.

use std::collections::VecDeque;

use slab::Slab;

/// Bytes that may wait of one client before no more of it is listened to. A message is taken whole, so there may be one
/// message more.
pub(super) const MOST: usize = 64 * 1024;

/// Bytes that are kept of clients that have gone. What more of them says is forgotten: the process is not reading.
pub(super) const LEFT: usize = 4 * 1024 * 1024;

/// Bytes in a turn.
const TURN: usize = 4 * 1024;

/// Whole messages on their way into the process.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    /// Where each message ends.
    ends: Vec<usize>,
    written: usize,
}

impl Batch {
    /// What is to be written.
    pub(super) fn unwritten(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// So much of it was written.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written >= self.bytes.len() {
            self.clear();
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The process has ended, and another gets the rest: of a message that was begun the end makes no sense to it.
    pub(super) fn skip_begun(&mut self) {
        let begun = self.ends.partition_point(|end| *end < self.written);
        if self.ends.get(begun.wrapping_sub(1)).copied().unwrap_or(0) < self.written {
            let end = self.ends.get(begun).copied().unwrap_or(self.bytes.len());
            self.advance(end - self.written);
        }
    }

    fn push(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.ends.push(self.bytes.len());
    }
}

/// One client's queue.
#[derive(Debug, Default)]
struct Speaker {
    messages: VecDeque<Vec<u8>>,
    waiting: usize,
    /// What it may say in this turn; below zero what it has said too much.
    credit: i64,
    is_gone: bool,
    is_in_order: bool,
}

/// The queues.
#[derive(Debug, Default)]
pub(super) struct Turns {
    speakers: Slab<Speaker>,
    /// Who has something to say, in the order of the turns.
    order: VecDeque<usize>,
    /// Bytes of clients that have gone.
    left: usize,
}

impl Turns {
    /// Somebody comes. The number names them until they leave.
    pub(super) fn enter(&mut self) -> usize {
        self.speakers.insert(Speaker::default())
    }

    /// Somebody says something.
    pub(super) fn say(&mut self, who: usize, message: Vec<u8>) {
        let Some(speaker) = self.speakers.get_mut(who) else { return };
        speaker.waiting += message.len();
        speaker.messages.push_back(message);
        if !speaker.is_in_order {
            speaker.is_in_order = true;
            self.order.push_back(who);
        }
    }

    /// Whether somebody should say no more for now.
    pub(super) fn is_full(&self, who: usize) -> bool {
        self.speakers.get(who).is_some_and(|speaker| speaker.waiting >= MOST)
    }

    /// Whether nobody has something to say.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Somebody goes. What they have said is still taken, unless too much is left by others: how many messages were
    /// forgotten.
    pub(super) fn leave(&mut self, who: usize) -> usize {
        let Some(speaker) = self.speakers.get_mut(who) else { return 0 };
        let is_kept = self.left + speaker.waiting <= LEFT;
        if speaker.is_in_order && is_kept {
            speaker.is_gone = true;
            self.left += speaker.waiting;
            return 0;
        }
        let forgotten = speaker.messages.len();
        if speaker.is_in_order {
            self.order.retain(|other| *other != who);
        }
        self.speakers.remove(who);
        forgotten
    }

    /// Takes what is next, at least one message if there is one, until there are `most` bytes.
    pub(super) fn take(&mut self, batch: &mut Batch, most: usize) {
        while batch.bytes.len() < most
            && let Some(who) = self.order.pop_front()
        {
            let Some(speaker) = self.speakers.get_mut(who) else { continue };
            speaker.credit += TURN as i64;
            while speaker.credit > 0
                && let Some(message) = speaker.messages.pop_front()
            {
                speaker.credit -= i64::try_from(message.len()).unwrap_or(i64::MAX);
                speaker.waiting -= message.len();
                if speaker.is_gone {
                    self.left -= message.len();
                }
                batch.push(&message);
            }
            if !speaker.messages.is_empty() {
                self.order.push_back(who);
            } else if speaker.is_gone {
                self.speakers.remove(who);
            } else {
                speaker.is_in_order = false;
                // Nobody saves turns up; debts are kept.
                speaker.credit = speaker.credit.min(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(who: usize, number: usize, length: usize) -> Vec<u8> {
        format!("{who} {number} {}\n", "x".repeat(length)).into_bytes()
    }

    fn drain(turns: &mut Turns) -> String {
        let mut batch = Batch::default();
        while !turns.is_empty() {
            turns.take(&mut batch, usize::MAX);
        }
        String::from_utf8(batch.unwritten().to_vec()).unwrap()
    }

    #[test]
    fn who_says_little_is_not_behind_who_says_much() {
        let mut turns = Turns::default();
        let (loud, quiet) = (turns.enter(), turns.enter());
        (0..100).for_each(|number| turns.say(loud, line(loud, number, 1000)));
        turns.say(quiet, line(quiet, 0, 1));
        let mut batch = Batch::default();
        turns.take(&mut batch, 2 * TURN);
        let text = String::from_utf8(batch.unwritten().to_vec()).unwrap();
        assert!(text.contains("\n1 0 x\n"), "{}", text.len());
        assert!(turns.is_full(loud) && !turns.is_full(quiet));
    }

    #[test]
    fn a_long_message_is_paid_for() {
        let mut turns = Turns::default();
        let (long, short) = (turns.enter(), turns.enter());
        turns.say(long, line(long, 0, 10 * TURN));
        turns.say(long, line(long, 1, 1));
        (0..30).for_each(|number| turns.say(short, line(short, number, 1000)));
        let text = drain(&mut turns);
        assert!(text.find("0 1 x").unwrap() > text.find("1 29 ").unwrap(), "the debt was not paid");
    }

    #[test]
    fn what_was_said_before_leaving_is_heard_and_bounded() {
        let mut turns = Turns::default();
        let who = turns.enter();
        turns.say(who, line(who, 0, 1));
        assert_eq!(turns.leave(who), 0);
        assert_eq!(drain(&mut turns), "0 0 x\n");
        assert!(turns.speakers.is_empty());
        let mut forgotten = 0;
        for _ in 0..LEFT / MOST + 3 {
            let who = turns.enter();
            turns.say(who, vec![b'x'; MOST]);
            forgotten += turns.leave(who);
        }
        assert_eq!((forgotten, turns.left), (3, LEFT));
        assert_eq!(drain(&mut turns).len(), LEFT);
        assert_eq!((turns.left, turns.speakers.len()), (0, 0));
    }

    #[test]
    fn the_rest_of_a_begun_message_is_skipped() {
        let mut batch = Batch::default();
        batch.push(b"one\n");
        batch.push(b"two\n");
        batch.skip_begun();
        assert_eq!(batch.unwritten(), b"one\ntwo\n");
        batch.advance(1);
        batch.skip_begun();
        assert_eq!(batch.unwritten(), b"two\n");
        batch.skip_begun();
        assert_eq!(batch.unwritten(), b"two\n");
        batch.advance(3);
        batch.skip_begun();
        assert_eq!(batch.unwritten(), b"");
    }

    proptest! {
        /// Everybody's messages come whole, each once, and those of one in their order; and nobody who waits is passed over
        /// for more than a turn and a message of each other.
        #[test]
        fn messages_are_whole_and_in_order(
            said in prop::collection::vec((0_usize..5, 0_usize..9000), 0..100), most in 1_usize..20_000, taken in 1_usize..10,
        ) {
            let mut turns = Turns::default();
            let clients: Vec<usize> = (0..5).map(|_| turns.enter()).collect();
            let (mut expected, mut text) = (vec![Vec::new(); 5], Vec::new());
            let mut take = |turns: &mut Turns| {
                let mut batch = Batch::default();
                turns.take(&mut batch, most);
                text.extend_from_slice(batch.unwritten());
            };
            for (number, (who, length)) in said.into_iter().enumerate() {
                let message = line(who, number, length);
                expected[who].push(String::from_utf8(message.clone()).unwrap());
                turns.say(clients[who], message);
                if number % taken == 0 {
                    take(&mut turns);
                }
            }
            while !turns.is_empty() {
                take(&mut turns);
            }
            let text = String::from_utf8(text).unwrap();
            for (who, expected) in expected.into_iter().enumerate() {
                let got: Vec<&str> = text.split_inclusive('\n').filter(|line| line.starts_with(&who.to_string())).collect();
                prop_assert_eq!(got, expected);
            }
            prop_assert!(turns.speakers.iter().all(|(_, speaker)| speaker.waiting == 0));
        }
    }
}
