//! A room's subscribers: who gets an event, who no longer does, and who is still to be told who is here.
//!
//! Plain data and no waiting. Deliberately absent: the log, and what the ephemera say.

use std::collections::HashMap;

use common::codec;
use common::id::{RoomId, UserId};
use common::model::Event;
use common::server::ServerMsg;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::bus::outbox::Offer;
use crate::room::{SessionId, Subscriber};

/// The connections that get a room's events.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    by_session: HashMap<SessionId, Follower>,
}

#[derive(Debug)]
struct Follower {
    subscriber: Subscriber,
    /// Whether it does not know who is here, and must be told the whole of it.
    lost: bool,
}

/// What a room's subscribers are to be told that is no event.
pub(super) struct Hints<'a> {
    /// Who is writing.
    pub(super) typing: Option<Utf8Bytes>,
    /// Who has come and who has gone.
    pub(super) change: Option<Utf8Bytes>,
    /// Who is here. Made only where somebody needs it.
    pub(super) whole: &'a dyn Fn() -> Utf8Bytes,
}

/// What became of hints.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Connections that have ended.
    pub(super) gone: Vec<SessionId>,
    /// Whether somebody still does not know who is here.
    pub(super) missed: bool,
}

impl Subscribers {
    /// Adds a connection. An earlier subscription of the same one ends.
    pub(super) fn add(&mut self, subscriber: Subscriber) {
        self.by_session.insert(subscriber.session, Follower { subscriber, lost: true });
    }

    /// Ends all subscriptions of a person.
    pub(super) fn remove(&mut self, user: UserId) {
        self.by_session.retain(|_, follower| follower.subscriber.person.id != user);
    }

    /// Ends the subscription of a connection.
    pub(super) fn remove_session(&mut self, session: SessionId) {
        self.by_session.remove(&session);
    }

    /// The connections that have ended.
    pub(super) fn closed(&self) -> Vec<SessionId> {
        let closed = self.by_session.values().filter(|follower| follower.subscriber.outbox.is_closed());
        closed.map(|follower| follower.subscriber.session).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_session.is_empty()
    }

    /// Offers an event, encoded once, to everybody. Whose queue is full or closed is no subscriber any more: the queue
    /// remembers to say so. Gives the connections that have ended.
    pub(super) fn publish(&mut self, event: &Event) -> Vec<SessionId> {
        let mut gone = Vec::new();
        if self.by_session.is_empty() {
            return gone;
        }
        let frame = Utf8Bytes::from(codec::encode_server(&ServerMsg::Event(event.clone())));
        self.by_session.retain(|session, Follower { subscriber, .. }| {
            match subscriber.outbox.offer(event.room, subscriber.feed, event.seq, &frame) {
                Offer::Queued => true,
                Offer::Full => false,
                Offer::Closed => {
                    gone.push(*session);
                    false
                }
            }
        });
        gone
    }

    /// Offers ephemera to everybody. Whose queue does not take them stays a subscriber, and is owed the whole of
    /// presence.
    pub(super) fn hint(&mut self, room: RoomId, hints: &Hints<'_>) -> Told {
        let mut told = Told::default();
        let mut whole = None;
        for (session, Follower { subscriber, lost }) in &mut self.by_session {
            let offer = |frame: &Utf8Bytes| subscriber.outbox.hint(room, subscriber.feed, frame);
            if subscriber.outbox.is_closed() {
                told.gone.push(*session);
                continue;
            }
            if *lost && subscriber.outbox.is_at_ease() {
                *lost = offer(whole.get_or_insert_with(hints.whole)) != Offer::Queued;
            } else if let (false, Some(change)) = (*lost, &hints.change) {
                *lost = offer(change) != Offer::Queued;
            }
            if let Some(typing) = &hints.typing {
                // One that is lost is soon out of date, and the next one says the same.
                offer(typing);
            }
            told.missed |= *lost;
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use common::id::{Seq, Timestamp};
    use common::model::{EventKind, Person};

    use super::*;
    use crate::bus::outbox::{Bounds, Delivery, FeedId, Outbox};

    fn subscriber(session: u64, user: u64, items: usize) -> Subscriber {
        Subscriber {
            session: SessionId(session),
            person: Person { id: UserId(user), name: format!("P{user}") },
            feed: FeedId(1),
            outbox: Arc::new(Outbox::new(Bounds { items, bytes: 10_000 })),
        }
    }

    fn event(seq: u64) -> Event {
        Event {
            room: RoomId(1),
            seq: Seq(seq),
            at: Timestamp(0),
            by: UserId(2),
            name: "Ann".to_owned(),
            cid: None,
            kind: EventKind::Joined,
        }
    }

    fn queued(subscriber: &Subscriber) -> Vec<u64> {
        let seq = |delivery| match delivery {
            Delivery::Event { seq, .. } => seq.0,
            Delivery::Lag { seq, .. } => 1000 + seq.0,
            Delivery::Note(_) | Delivery::Hint { .. } => 0,
        };
        subscriber.outbox.take(100, 100_000).into_iter().map(seq).collect()
    }

    #[test]
    fn a_full_queue_ends_its_own_subscription_and_no_other() {
        let (slow, quick) = (subscriber(1, 2, 2), subscriber(2, 3, 100));
        let mut subscribers = Subscribers::default();
        subscribers.add(slow.clone());
        subscribers.add(quick.clone());
        (1..=5).for_each(|seq| drop(subscribers.publish(&event(seq))));
        assert_eq!(queued(&slow), [1, 2, 1003]);
        assert_eq!(queued(&quick), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn who_leaves_gets_nothing_more_on_any_connection() {
        let (one, two, other) = (subscriber(1, 2, 9), subscriber(2, 2, 9), subscriber(3, 3, 9));
        let mut subscribers = Subscribers::default();
        [&one, &two, &other].into_iter().for_each(|s| subscribers.add(s.clone()));
        subscribers.remove(UserId(2));
        subscribers.publish(&event(1));
        assert_eq!((queued(&one), queued(&two), queued(&other)), (vec![], vec![], vec![1]));
    }

    #[test]
    fn the_gone_are_found() {
        let (gone, other) = (subscriber(1, 2, 9), subscriber(2, 3, 9));
        let mut subscribers = Subscribers::default();
        [&gone, &other].into_iter().for_each(|s| subscribers.add(s.clone()));
        gone.outbox.close();
        assert_eq!(subscribers.closed(), [SessionId(1)]);
        assert_eq!(subscribers.publish(&event(1)), [SessionId(1)]);
        assert!(subscribers.closed().is_empty() && !subscribers.is_empty());
    }
}
