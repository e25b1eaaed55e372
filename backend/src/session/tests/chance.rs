//! A session under whatever may happen, in whatever order.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Move {
    Commit,
    Deliver,
    Step,
    Lose,
    Sync,
}

proptest! {
    /// Whatever happens in whatever order, the client's stream is gapless and repeat-free after its cursor, and
    /// complete in the end.
    #[test]
    fn the_stream_has_no_hole_and_no_repeat(
        head in 1_u64..300,
        moves in prop::collection::vec(
            prop_oneof![
                4 => Just(Move::Commit), 6 => Just(Move::Deliver), 4 => Just(Move::Step), 1 => Just(Move::Lose),
                1 => Just(Move::Sync),
            ],
            0..300,
        ),
    ) {
        let mut ann = Driven::greeted(head, Some(0));
        // Events that were committed and offered under the present subscription, and not yet taken.
        let mut queue = std::collections::VecDeque::new();
        let mut subscribed = true;
        let mut client = Client::default();
        for what in moves.into_iter().chain([Move::Sync]) {
            match what {
                Move::Commit => {
                    ann.head += 1;
                    if subscribed {
                        queue.push_back(ann.head);
                    }
                }
                Move::Deliver => {
                    if let Some(seq) = queue.pop_front() {
                        ann.delivers(seq);
                    }
                }
                Move::Step => drop(ann.step()),
                Move::Lose if subscribed => {
                    queue.drain(..).collect::<Vec<_>>().into_iter().for_each(|seq| ann.delivers(seq));
                    let feed = ann.session.feeds[&ROOM].id;
                    let lag = Delivery::Lag { room: ROOM, feed, seq: Seq(ann.head) };
                    ann.does(|session, out| session.on_delivery(lag, out));
                    // A feed that was still opening subscribes again by itself.
                    subscribed = matches!(ann.wanted.last(), Some(Effect::Open { .. }));
                }
                Move::Lose => {}
                Move::Sync => {
                    client.takes(&mut ann);
                    queue.clear();
                    subscribed = true;
                    ann.says(&format!(r#"{{"op":"sync","room":"r7","from":{}}}"#, client.held));
                }
            }
            client.takes(&mut ann);
        }
        ann.settle_into(&mut client);
        prop_assert_eq!(client.held, ann.head);
        prop_assert_eq!(ann.session.unanswered(), 0);
    }
}

#[derive(Default)]
struct Client {
    held: u64,
    reset: bool,
}

impl Client {
    fn takes(&mut self, ann: &mut Driven) {
        for msg in std::mem::take(&mut ann.sent) {
            if msg.starts_with("reset:") {
                self.reset = true;
            } else if let Some(seq) = msg.strip_prefix('#') {
                let seq = seq.parse().unwrap();
                assert!(self.reset || seq == self.held + 1, "{seq} after {}", self.held);
                (self.held, self.reset) = (seq, false);
            } else {
                assert!(msg.starts_with("lag:"), "{msg}");
            }
        }
    }
}

impl Driven {
    fn settle_into(&mut self, client: &mut Client) {
        while self.step() {
            client.takes(self);
        }
        client.takes(self);
    }
}
