//! A room's subscribers: who gets an event, and who no longer does.
//!
//! Plain data and no waiting. Deliberately absent: the log.

use std::collections::HashMap;

use common::codec;
use common::id::UserId;
use common::model::Event;
use common::server::ServerMsg;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::{SessionId, Subscriber};
use crate::bus::outbox::Offer;

/// The connections that get a room's events.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    by_session: HashMap<SessionId, Subscriber>,
}

impl Subscribers {
    /// Adds a connection. An earlier subscription of the same one ends.
    pub(super) fn add(&mut self, subscriber: Subscriber) {
        self.by_session.insert(subscriber.session, subscriber);
    }

    /// Ends all subscriptions of a person.
    pub(super) fn remove(&mut self, user: UserId) {
        self.by_session.retain(|_, subscriber| subscriber.user != user);
    }

    /// Forgets connections that are gone.
    pub(super) fn sweep(&mut self) {
        self.by_session.retain(|_, subscriber| !subscriber.outbox.is_closed());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_session.is_empty()
    }

    /// Offers an event, encoded once, to everybody. Whose queue is full or closed is no subscriber any more: the queue
    /// remembers to say so.
    pub(super) fn publish(&mut self, event: &Event) {
        if self.by_session.is_empty() {
            return;
        }
        let frame = Utf8Bytes::from(codec::encode_server(&ServerMsg::Event(event.clone())));
        self.by_session.retain(|_, subscriber| {
            match subscriber.outbox.offer(event.room, subscriber.feed, event.seq, &frame) {
                Offer::Queued => true,
                Offer::Full | Offer::Closed => false,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use common::id::{RoomId, Seq, Timestamp};
    use common::model::EventKind;

    use super::*;
    use crate::bus::outbox::{Bounds, Delivery, FeedId, Outbox};

    fn subscriber(session: u64, user: u64, items: usize) -> Subscriber {
        Subscriber {
            session: SessionId(session),
            user: UserId(user),
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
            Delivery::Note(_) => 0,
        };
        subscriber.outbox.take(100, 100_000).into_iter().map(seq).collect()
    }

    #[test]
    fn a_full_queue_ends_its_own_subscription_and_no_other() {
        let (slow, quick) = (subscriber(1, 2, 2), subscriber(2, 3, 100));
        let mut subscribers = Subscribers::default();
        subscribers.add(slow.clone());
        subscribers.add(quick.clone());
        (1..=5).for_each(|seq| subscribers.publish(&event(seq)));
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
    fn the_gone_are_swept_out() {
        let gone = subscriber(1, 2, 9);
        let mut subscribers = Subscribers::default();
        subscribers.add(gone.clone());
        gone.outbox.close();
        subscribers.sweep();
        assert!(subscribers.is_empty());
    }
}
