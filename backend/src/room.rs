//! Rooms: the single writer of each room on this node, and the fan-out to its readers.
//!
//! A room's actor passes commands to the store in the order they came, and in that same order, once each is committed,
//! offers its event to the subscribers (encoded once for all) and then answers the author: commit, publish, acknowledge.
//! `state` is its pure part; [`registry`] finds or starts rooms and lets idle ones go. Neighbours: sessions submit and
//! subscribe, the store decides and numbers, the bus carries events to the connections.
//!
//! Deliberately absent: rights and repeats, which the store settles in the transaction, and sessions, which a room knows
//! only by their queues.

pub mod registry;
mod state;

use std::sync::Arc;
use std::time::Duration;

use common::id::{RoomId, UserId};
use common::server::ErrorCode;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::{mpsc, oneshot};

use crate::bus::outbox::{FeedId, Note, Outbox};
use crate::bus::people::People;
use crate::store::events::{self, Act, Appended, Command};
use crate::store::{Store, StoreError};
use registry::Retire;
use state::Subscribers;

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
    /// Whose.
    pub user: UserId,
    /// Its name for this subscription.
    pub feed: FeedId,
    /// Where the events go.
    pub outbox: Arc<Outbox>,
}

enum Ask {
    Command(Command, oneshot::Sender<Result<Appended, CommandError>>),
    Subscribe(Subscriber, oneshot::Sender<()>),
}

/// A room's actor.
struct Actor {
    id: RoomId,
    asks: mpsc::Receiver<Ask>,
    store: Store,
    people: People,
    subscribers: Subscribers,
    retire: Retire,
    idle_after: Duration,
}

type InFlight = FuturesOrdered<futures_util::future::BoxFuture<'static, Done>>;

/// A command that the store is through with.
struct Done {
    act: Act,
    by: UserId,
    result: Result<Appended, CommandError>,
    reply: oneshot::Sender<Result<Appended, CommandError>>,
}

enum Turn {
    Ask(Option<Ask>),
    Done(Done),
    Idle,
}

impl Actor {
    async fn run(mut self) {
        let mut in_flight = InFlight::new();
        loop {
            match self.turn(&mut in_flight).await {
                Turn::Ask(Some(Ask::Command(command, reply))) => {
                    in_flight.push_back(Box::pin(submit(&self.store, command, reply).await));
                }
                Turn::Ask(Some(Ask::Subscribe(subscriber, reply))) => {
                    self.subscribers.add(subscriber);
                    if reply.send(()).is_err() {
                        // A connection that no longer waits for the answer has closed its queue.
                        self.subscribers.sweep();
                    }
                }
                Turn::Done(done) => {
                    let refused = matches!(done.result, Err(CommandError::Refused(_)));
                    self.publish(done);
                    // A command about a room that does not exist must not keep an actor for it.
                    let useless = refused && in_flight.is_empty() && self.subscribers.is_empty();
                    if useless && self.retire.try_retire(self.id, &self.asks) {
                        return;
                    }
                }
                Turn::Idle => {
                    self.subscribers.sweep();
                    if self.subscribers.is_empty() && self.retire.try_retire(self.id, &self.asks) {
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
        tokio::select! {
            Some(done) = in_flight.next(), if busy => Turn::Done(done),
            ask = self.asks.recv(), if in_flight.len() < IN_FLIGHT => Turn::Ask(ask),
            () = tokio::time::sleep(self.idle_after), if !busy => Turn::Idle,
        }
    }

    /// Tells everybody about a committed event, and its author last.
    fn publish(&mut self, done: Done) {
        if let Ok(Appended { event, fresh: true }) = &done.result {
            if matches!(done.act, Act::Leave) {
                self.subscribers.remove(done.by);
            }
            self.subscribers.publish(event);
            match done.act {
                Act::Say(_) => {}
                Act::Join => self.people.tell(done.by, &Note::Entered(self.id, event.seq)),
                Act::Leave => self.people.tell(done.by, &Note::Left(self.id, event.seq)),
            }
        }
        // The author may have gone: what is committed is committed.
        drop(done.reply.send(done.result));
    }
}

/// Queues a command with the store; what is returned waits for the commit.
async fn submit(
    store: &Store,
    command: Command,
    reply: oneshot::Sender<Result<Appended, CommandError>>,
) -> impl Future<Output = Done> + Send + 'static {
    let (act, by) = (command.act.clone(), command.by);
    let queued = store.enqueue(move |db, now| events::append(db, &command, now)).await;
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
        Done { act, by, result, reply }
    }
}
