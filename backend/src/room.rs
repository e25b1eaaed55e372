//! Rooms: the single writer of each room on this node, and the fan-out to its readers.
//!
//! A room's actor passes commands to the store in the order they came, and in that same order, once each is committed,
//! offers its event to the subscribers (encoded once for all) and then answers the author: commit, publish, acknowledge.
//! [`core`] is its pure part: subscribers, presence, typing; [`registry`] finds or starts rooms and lets idle ones go. Neighbours: sessions submit and
//! subscribe, the store decides and numbers, the bus carries events to the connections.
//!
//! Deliberately absent: rights and repeats, which the store settles in the transaction, and sessions, which a room knows
//! only by their queues.

pub mod core;
pub mod registry;

use std::sync::Arc;
use std::time::Duration;

use common::id::RoomId;
use common::model::Person;
use common::server::ErrorCode;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use self::core::Core;
use crate::bus::outbox::{FeedId, Note, Outbox};
use crate::bus::people::People;
use crate::store::events::{Act, Appended, Command, Verdict};
use crate::store::{Store, StoreError};
use registry::Retire;

/// Commands that may wait for a room. Who brings one more waits, which slows its connection down.
const QUEUE: usize = 256;

/// Commands of one room that may be on their way through the store.
const IN_FLIGHT: usize = 1024;

/// Names a connection for as long as the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Why a command has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It breaks a rule.
    #[error("refused: {0:?}")]
    Refused(ErrorCode),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The answer to a command; it comes after the commit.
pub type Answer = oneshot::Receiver<Result<Appended, CommandError>>;

/// A connection that wants a room's events.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Which connection.
    pub session: SessionId,
    /// Whose, by the name they had when they connected or the last one this connection has heard of.
    pub person: Person,
    /// Its name for this subscription.
    pub feed: FeedId,
    /// Where the events go.
    pub outbox: Arc<Outbox>,
}

enum Ask {
    Command(Command, oneshot::Sender<Result<Appended, CommandError>>),
    Subscribe(Subscriber, oneshot::Sender<()>),
    Depart(SessionId),
    Typing(Person),
}

/// A room's actor.
struct Actor {
    id: RoomId,
    asks: mpsc::Receiver<Ask>,
    store: Store,
    people: People,
    core: Core,
    began: Instant,
    retire: Retire,
    idle_after: Duration,
}

type InFlight = FuturesOrdered<futures_util::future::BoxFuture<'static, Done>>;

/// A command that the store is through with.
struct Done {
    act: Act,
    result: Result<Appended, CommandError>,
    reply: oneshot::Sender<Result<Appended, CommandError>>,
}

enum Turn {
    Ask(Option<Ask>),
    Done(Done),
    Tick,
    Idle,
}

impl Actor {
    async fn run(mut self) {
        let mut in_flight = InFlight::new();
        loop {
            match self.turn(&mut in_flight).await {
                Turn::Ask(Some(Ask::Command(command, reply))) => {
                    in_flight.push_back(Box::pin(submit((&self.store, self.people.clone()), command, reply).await));
                }
                Turn::Ask(Some(Ask::Subscribe(subscriber, reply))) => {
                    self.core.subscribe(self.now(), subscriber);
                    if reply.send(()).is_err() {
                        // A connection that no longer waits for the answer has closed its queue.
                        self.core.sweep(self.now());
                    }
                }
                Turn::Ask(Some(Ask::Depart(session))) => self.core.depart(self.now(), session),
                Turn::Ask(Some(Ask::Typing(person))) => self.core.typing(self.now(), person),
                Turn::Tick => self.core.tick(self.now()),
                Turn::Done(done) => {
                    let refused = matches!(done.result, Err(CommandError::Refused(_)));
                    self.publish(done);
                    // A command about a room that does not exist must not keep an actor for it.
                    let useless = refused && in_flight.is_empty() && self.core.is_empty();
                    if useless && self.retire.try_retire(self.id, &self.asks) {
                        return;
                    }
                }
                Turn::Idle => {
                    self.core.sweep(self.now());
                    if self.core.is_empty() && self.retire.try_retire(self.id, &self.asks) {
                        return;
                    }
                }
                Turn::Ask(None) => {
                    while let Some(done) = in_flight.next().await {
                        self.publish(done);
                    }
                    return;
                }
            }
        }
    }

    async fn turn(&mut self, in_flight: &mut InFlight) -> Turn {
        let busy = !in_flight.is_empty();
        let deadline = self.core.deadline().map(|ms| self.began + Duration::from_millis(ms));
        tokio::select! {
            Some(done) = in_flight.next(), if busy => Turn::Done(done),
            ask = self.asks.recv(), if in_flight.len() < IN_FLIGHT => Turn::Ask(ask),
            () = sleep_until(deadline.unwrap_or(self.began)), if deadline.is_some() => Turn::Tick,
            () = sleep(self.idle_after), if !busy => Turn::Idle,
        }
    }

    /// Tells everybody about a committed event, and its author last.
    fn publish(&mut self, done: Done) {
        if let Ok(Appended { event, fresh: true, .. }) = &done.result
            && let Some((user, note)) = self.core.committed(self.now(), &done.act, event)
        {
            self.people.tell(user, &note);
        }
        // The author may have gone: what is committed is committed.
        drop(done.reply.send(done.result));
    }

    /// Milliseconds since the actor began.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Queues a command with the store; what is returned waits for the commit.
async fn submit(
    (store, people): (&Store, People),
    command: Command,
    reply: oneshot::Sender<Result<Appended, CommandError>>,
) -> impl Future<Output = Done> + Send + 'static {
    let act = command.act.clone();
    let tell = move |verdict: &Verdict| {
        for (user, entry) in verdict.iter().flat_map(|appended| &appended.noted) {
            people.tell(*user, &Note::Own(entry.clone()));
        }
    };
    let queued = store.append(command, tell).await;
    async move {
        let verdict = match queued {
            Ok(committed) => committed.await.unwrap_or(Err(StoreError::Closed)),
            Err(error) => Err(error),
        };
        let result = match verdict {
            Ok(Ok(appended)) => Ok(appended),
            Ok(Err(code)) => Err(CommandError::Refused(code)),
            Err(error) => Err(CommandError::Store(error)),
        };
        Done { act, result, reply }
    }
}
