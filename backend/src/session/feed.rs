//! One room, as one connection follows it: where it stands, and what that makes of an event that arrives.
//!
//! Pure. The guarantee it keeps: the events a connection gets of a room are gapless and repeat-free after its cursor.
//! An event that arrives while the log is being replayed is not kept aside; it only moves the goal of the replay, for
//! the log has it. So catching up needs no memory, however far behind a connection is.

use common::id::Seq;
use common::limits;
use common::server::ServerMsg;

use bytes::Bytes;

use crate::bus::letter::FeedId;

/// Ephemera that wait for a room's announcement: two a second come, and it takes less.
const HINTS: usize = 4;

/// How a connection follows a room.
#[derive(Debug)]
pub(super) struct Feed {
    /// The present subscription.
    pub(super) id: FeedId,
    /// Where it stands.
    pub(super) stage: Stage,
    /// An event at or after the one by which the person last entered: a note of an earlier leave is stale.
    pub(super) since: Seq,
    /// The last event sent when the client last asked.
    told: Seq,
    /// What waits until the feed is live; most feeds are.
    waiting: Option<Box<Waiting>>,
}

/// What waits until a feed is live.
#[derive(Debug, Default)]
struct Waiting {
    /// Whether the client has not heard of the room yet.
    announce: bool,
    /// What to send once the feed is live.
    acks: Vec<ServerMsg>,
    /// What is ephemeral and came before the client has heard of the room; at most [`HINTS`], the rest is dropped.
    hints: Vec<Bytes>,
    /// How many of the client's requests are answered once the feed is live, those with an ack among them.
    owed: u16,
}

/// Where a feed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The subscription and the first look at the room are on their way.
    Opening {
        /// What the client holds.
        cursor: Option<Seq>,
        /// The newest event that has arrived meanwhile.
        seen: Seq,
    },
    /// The log is being replayed.
    Replaying {
        /// The last event sent.
        sent: Seq,
        /// The last event to send.
        to: Seq,
    },
    /// Events are sent as they arrive.
    Live {
        /// The last event sent.
        sent: Seq,
    },
    /// The client was told to `sync`.
    Lagged,
}

/// What to do with events that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Send them from this one on.
    Send(Seq),
    /// Drop them: they were sent, or the replay will bring them.
    Drop,
    /// Replay from the log: something before them is missing.
    Replay,
}

/// How to bring a client up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether to tell it first that what follows is no continuation.
    pub(super) reset: bool,
    /// Events after this one are sent.
    pub(super) after: Seq,
}

/// Decides how to bring a client that holds everything up to `cursor` to `head`.
pub(super) fn plan(cursor: Option<Seq>, head: Seq) -> Plan {
    let page = Seq(head.0.saturating_sub(limits::PAGE_EVENTS));
    match cursor {
        Some(cursor) if cursor <= head && head.0 - cursor.0 <= limits::REPLAY_EVENTS => {
            Plan { reset: false, after: cursor }
        }
        None if page == Seq::ZERO => Plan { reset: false, after: page },
        Some(_) | None => Plan { reset: true, after: page },
    }
}

impl Feed {
    /// A feed whose subscription is on its way.
    pub(super) fn opening(id: FeedId, cursor: Option<Seq>, since: Seq) -> Self {
        let stage = Stage::Opening { cursor, seen: Seq::ZERO };
        Self { id, stage, since, told: Seq::ZERO, waiting: None }
    }

    /// Takes note of events that arrived under the present subscription: all from `first` to `last`.
    pub(super) fn arrive(&mut self, first: Seq, last: Seq) -> Arrival {
        match &mut self.stage {
            Stage::Opening { seen: goal, .. } | Stage::Replaying { to: goal, .. } => {
                *goal = last.max(*goal);
                Arrival::Drop
            }
            Stage::Live { sent } if last <= *sent => Arrival::Drop,
            Stage::Live { sent } if first <= sent.next() => {
                let from = sent.next();
                *sent = last;
                Arrival::Send(from)
            }
            Stage::Live { sent } => {
                self.stage = Stage::Replaying { sent: *sent, to: last };
                Arrival::Replay
            }
            Stage::Lagged => Arrival::Drop,
        }
    }

    /// The last event sent, if the feed is live and the client was not told of it yet.
    pub(super) fn news(&mut self) -> Option<Seq> {
        match self.stage {
            Stage::Live { sent } if sent != self.told => {
                self.told = sent;
                Some(sent)
            }
            Stage::Live { .. } | Stage::Opening { .. } | Stage::Replaying { .. } | Stage::Lagged => None,
        }
    }

    /// The client has not heard of the room; it will, once the feed is opened.
    pub(super) fn unannounced(mut self) -> Self {
        self.waiting().announce = true;
        self
    }

    /// Whether the client has not heard of the room yet.
    pub(super) fn is_unannounced(&self) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.announce)
    }

    /// Something ephemeral arrived: gives it back to be sent, or keeps it until the client has heard of the room.
    pub(super) fn hint(&mut self, frame: Bytes) -> Option<Bytes> {
        match &mut self.waiting {
            Some(waiting) if waiting.announce => {
                if waiting.hints.len() < HINTS {
                    waiting.hints.push(frame);
                }
                None
            }
            Some(_) | None => Some(frame),
        }
    }

    /// Whether the client is to hear of the room now; if so, gives what is to be sent behind that.
    pub(super) fn announce(&mut self) -> Option<Vec<Bytes>> {
        let waiting = self.waiting.as_mut().filter(|waiting| waiting.announce)?;
        waiting.announce = false;
        Some(std::mem::take(&mut waiting.hints))
    }

    /// A request of the client is answered once the feed is live, with this where there is something to say.
    pub(super) fn owe(&mut self, ack: Option<ServerMsg>) {
        let waiting = self.waiting();
        waiting.owed = waiting.owed.saturating_add(1);
        waiting.acks.extend(ack);
    }

    /// The requests that are answered now: how many, and what there is to say.
    pub(super) fn settle(&mut self) -> (u16, Vec<ServerMsg>) {
        if self.is_unannounced() {
            // Nothing of it was said, and the client need not hear that it is out of it either.
            let waiting = self.waiting();
            return (std::mem::take(&mut waiting.owed), std::mem::take(&mut waiting.acks));
        }
        self.waiting.take().map(|waiting| (waiting.owed, waiting.acks)).unwrap_or_default()
    }

    fn waiting(&mut self) -> &mut Waiting {
        self.waiting.get_or_insert_default()
    }

    /// Whether the feed has what it was opened for.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.stage, Stage::Live { .. } | Stage::Lagged)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_absence_is_replayed_exactly() {
        assert_eq!(plan(Some(Seq(1203)), Seq(1207)), Plan { reset: false, after: Seq(1203) });
        assert_eq!(plan(Some(Seq(7)), Seq(7)), Plan { reset: false, after: Seq(7) });
        assert_eq!(plan(Some(Seq(0)), Seq(500)), Plan { reset: false, after: Seq(0) });
    }

    #[test]
    fn a_long_one_and_another_past_get_the_newest_page() {
        assert_eq!(plan(Some(Seq(0)), Seq(501)), Plan { reset: true, after: Seq(401) });
        assert_eq!(plan(Some(Seq(8)), Seq(7)), Plan { reset: true, after: Seq(0) });
    }

    #[test]
    fn a_newcomer_gets_the_newest_page_and_a_reset_only_if_there_is_more() {
        assert_eq!(plan(None, Seq(100)), Plan { reset: false, after: Seq(0) });
        assert_eq!(plan(None, Seq(101)), Plan { reset: true, after: Seq(1) });
    }

    proptest! {
        #[test]
        fn a_plan_never_leaves_a_hole_unsaid(cursor in prop::option::of(0_u64..2_000), head in 1_u64..2_000) {
            let Plan { reset, after } = plan(cursor.map(Seq), Seq(head));
            prop_assert!(after <= Seq(head));
            prop_assert!(reset || after == Seq(cursor.unwrap_or(0)));
        }

        #[test]
        fn a_live_feed_sends_each_event_once_and_in_order(
            arrivals in prop::collection::vec((1_u64..30, 0_u64..5), 0..200),
        ) {
            let mut feed = Feed::opening(FeedId(1), None, Seq::ZERO);
            feed.stage = Stage::Live { sent: Seq::ZERO };
            let mut last = 0;
            for (first, more) in arrivals {
                match feed.arrive(Seq(first), Seq(first + more)) {
                    Arrival::Send(from) => {
                        prop_assert_eq!(from, Seq(last + 1));
                        prop_assert!(first <= from.0 && from.0 <= first + more);
                        last = first + more;
                    }
                    Arrival::Drop => prop_assert!(first + more <= last),
                    Arrival::Replay => {
                        prop_assert!(first > last + 1);
                        feed.stage = Stage::Live { sent: Seq(first + more) };
                        last = first + more;
                    }
                }
            }
        }
    }
}
