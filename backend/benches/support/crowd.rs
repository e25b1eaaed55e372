//! A room with many members in one shard, whose sockets take everything at once: what is left is our own work.

use std::io::{self, IoSlice};
use std::sync::Arc;

use common::id::{Cid, Epoch, RoomId, Seq, Timestamp, UserId};
use common::model::{Event, EventKind, Person, RoomInfo};
use readyroom::bus::ShardId;
use readyroom::bus::letter::{Found, Greeting, Letter, Published, SessionId};
use readyroom::session::throttle::Rate;
use readyroom::session::{Now, Rules};
use readyroom::shard::timings::Timings;
use readyroom::shard::{Ask, Link, Look, Packing, Shard, Who};

const ROOM: RoomId = RoomId(7);

/// A socket that takes everything.
#[derive(Debug)]
struct Sink;

impl Link for Sink {
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn finish(&mut self) {}

    fn has_unread(&self) -> bool {
        false
    }
}

/// The room.
#[derive(Debug)]
pub(crate) struct Crowd {
    shard: Shard<Sink>,
    seq: u64,
}

impl Crowd {
    /// A room whose members have all been welcomed.
    pub(crate) fn new(members: u64, packing: Packing) -> Self {
        let rules = Rules { epoch: Epoch("now".to_owned()), rate: Rate { per_second: 0, burst: 1 } };
        let mut shard = Shard::new((ShardId(0), 1), Timings::default(), Arc::new(rules));
        for user in 0..members {
            let me = Person { id: UserId(user), name: "Ann".to_owned() };
            let slot = shard.arrive(Sink, SessionId(user), Who(me, None, packing), now());
            shard.on_message(slot, &wire::Message::Text(r#"{"op":"hello"}"#), now());
            let asks: Vec<Ask> = shard.take_asks().collect();
            for ask in asks {
                if let Ask::Look(conn, user, Look::Greeting(_)) = ask {
                    shard.on_letter(Letter::Found(conn, Box::new(Found::Greeting(Ok(Some(greeting(user)))))), now());
                }
            }
            shard.turn(usize::MAX, now());
        }
        Self { shard, seq: 0 }
    }

    /// Tells everybody of so many messages, which have come together.
    pub(crate) fn say(&mut self, messages: u64) {
        for _ in 0..messages {
            self.seq += 1;
            let event = Event {
                room: ROOM,
                seq: Seq(self.seq),
                at: Timestamp(1_763_700_000_000 + self.seq),
                by: UserId(1),
                name: "Ann".to_owned(),
                bot: false,
                cid: Some(Cid::new(Timestamp(1_763_700_000_000), &mut fastrand::Rng::with_seed(self.seq))),
                kind: EventKind::Message {
                    n: self.seq,
                    body: BODY.to_owned(),
                    mentions: Vec::new(),
                    everyone: None,
                    reply: None,
                },
            };
            self.shard.on_letter(Letter::Event(Arc::new(Published::new(event))), now());
        }
        while self.shard.turn(usize::MAX, now()) {}
        drop(self.shard.take_asks());
    }
}

/// 200 bytes.
const BODY: &str = "The heartbeat interval must stay below the shortest idle time-out on the way, and the proxy in \
                    front of the office closes what has been silent for half a minute, as we found out the hard way. Yes.";

fn greeting(user: UserId) -> Greeting {
    let me = Person { id: user, name: "Ann".to_owned() };
    let (name, head) = ("garden".to_owned(), Seq::ZERO);
    let room = RoomInfo {
        id: ROOM,
        name,
        head,
        n: 0,
        members: 1,
        read_n: 0,
        mentions: 0,
        muted: false,
        ..RoomInfo::new(RoomId(1), "")
    };
    Greeting { me, role: common::model::Role::Guest, user_seq: 0, rooms: vec![room] }
}

fn now() -> Now {
    Now { clock: Timestamp(1_763_700_000_000), ms: 1 }
}
