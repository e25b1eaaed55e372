//! A session under whatever may happen, in whatever order.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Move {
    /// Events are written to the log.
    Commit(u64),
    /// The shard sends the next events as one run, some of which it may have sent before.
    Deliver { again: u64, events: u64 },
    /// The same, and the run does not fit behind what waits for the connection.
    Overrun { again: u64, events: u64 },
    /// Events are passed over, for they did not come one behind the other.
    Skip(u64),
    /// What the session wants to know is looked up.
    Step,
    /// The client asks for what it lacks.
    Sync,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let (again, events) = (0_u64..6, 1_u64..9);
    let run = (again, events);
    prop::collection::vec(
        prop_oneof![
            4 => (1_u64..5).prop_map(Move::Commit),
            6 => run.clone().prop_map(|(again, events)| Move::Deliver { again, events }),
            1 => run.prop_map(|(again, events)| Move::Overrun { again, events }),
            1 => (1_u64..4).prop_map(Move::Skip),
            4 => Just(Move::Step),
            1 => Just(Move::Sync),
        ],
        0..300,
    )
}

proptest! {
    /// Whatever happens in whatever order, the client's stream is gapless and repeat-free after its cursor, and
    /// complete in the end.
    #[test]
    fn the_stream_has_no_hole_and_no_repeat(head in 1_u64..300, moves in moves()) {
        let mut ann = Driven::greeted(head, Some(0));
        let mut shard = Sending { sent: head, subscribed: true };
        let mut client = Client::default();
        for what in moves.into_iter().chain([Move::Sync]) {
            match what {
                Move::Commit(events) => ann.head += events,
                Move::Deliver { again, events } => shard.sends(&mut ann, (again, events), true),
                Move::Overrun { again, events } => shard.sends(&mut ann, (again, events), false),
                Move::Skip(events) => shard.sent = ann.head.min(shard.sent + events),
                Move::Step => drop(ann.step()),
                Move::Sync => {
                    client.takes(&mut ann);
                    shard.subscribed = true;
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

/// How far a shard has got with the room's events. It sends none that is not committed.
struct Sending {
    sent: u64,
    subscribed: bool,
}

impl Sending {
    fn sends(&mut self, ann: &mut Driven, (again, events): (u64, u64), fits: bool) {
        let (first, last) = ((self.sent + 1).saturating_sub(again).max(1), ann.head.min(self.sent + events));
        self.sent = self.sent.max(last);
        let feed = if self.subscribed { ann.feed() } else { FeedId::default() };
        if first > last {
            return;
        }
        if fits {
            return ann.delivers_run(first, last, feed);
        }
        match ann.session.on_events(ROOM, feed, (Seq(first), Seq(last))) {
            Arrival::Send(_) => {
                ann.does(|session, out| session.lag(ROOM, feed, Seq(last), out));
                self.subscribed = false;
            }
            Arrival::Drop => {}
            Arrival::Replay => ann.does(|session, out| session.replay(ROOM, out)),
        }
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
                let seq: u64 = msg.strip_prefix("lag:").expect(&msg).parse().unwrap();
                assert!(seq > self.held, "{seq} was not sent, {} was", self.held);
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
