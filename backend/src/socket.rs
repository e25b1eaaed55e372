//! The driver of one connection: moves bytes between a socket, its session and its queue.
//!
//! One task per connection. It waits for a frame, an answer, a delivery or the clock, lets the session decide, carries
//! the effects out in order, and writes what there is with one flush. `ending` says goodbye, `metered` tells a slow
//! reader from a stalled one, `lookup` asks what a session wants to know.
//!
//! Deliberately absent: decisions (the session's) and the handshake (`http::upgrade`'s).

pub mod timings;

mod ending;
mod lookup;
mod metered;
mod shim;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::id::RoomId;
use common::limits;
use common::model::{Event, Person, RoomInfo, UserEvent};
use common::{close, codec};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::bus::outbox::{Delivery, FeedId, Note, Outbox};
use crate::bus::people::{People, Presence};
use crate::room::registry::Rooms;
use crate::room::{CommandError, SessionId, Subscriber};
use crate::session::liveness::{Due, Liveness};
use crate::session::throttle::{Rate, Throttle};
use crate::session::{Answered, Effect, Effects, Greeting, Now, Read, Session};
use crate::store::{Store, StoreError};
use crate::tasks::Tasks;
use ending::Ending;
use metered::Metered;
use timings::Timings;

/// Frames that are handled before what they led to is written.
const FRAMES_AT_ONCE: usize = 32;

/// Deliveries, and bytes of them, that are taken before they are written.
const DELIVERIES_AT_ONCE: usize = 256;
const DELIVERED_BYTES_AT_ONCE: usize = 64 * 1024;

/// What all connections share. Clones share it.
#[derive(Debug, Clone)]
pub struct Sockets {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    rooms: Rooms,
    people: People,
    tasks: Tasks,
    timings: Timings,
    rate: Rate,
    sessions: AtomicU64,
}

/// A connection that has been let in; it does not block.
#[derive(Debug)]
pub enum Link {
    /// A plain connection.
    Tcp(std::net::TcpStream),
    /// One end of a pair; the other is carried to and from a stream that only HTTP knows.
    Pair(std::os::unix::net::UnixStream),
}

/// Which door a connection came in by, and what was agreed on there.
#[derive(Debug)]
pub enum Door {
    /// The chat.
    Chat {
        /// The connection's name.
        id: SessionId,
        /// Who it is.
        me: Person,
        /// How messages are compressed, if they may be.
        deflate: Option<wire::deflate::Params>,
    },
    /// The echo, which says what it hears.
    Echo {
        /// How messages are compressed, if they may be.
        deflate: Option<wire::deflate::Params>,
    },
}

/// Something that an effect led to.
enum Done {
    Greeting(Result<Option<Greeting>, StoreError>),
    Opened(RoomId, FeedId, Result<Option<RoomInfo>, StoreError>),
    Page(Read, Result<Option<Vec<Event>>, StoreError>),
    Own(Result<Vec<UserEvent>, StoreError>),
    Noted(RoomId, Result<(), CommandError>),
    Answer(Answered),
}

enum Turn {
    Frame(Option<Result<Message, tungstenite::Error>>),
    Done(Done),
    Delivery,
    Tick,
    Stop,
}

struct Connection<S> {
    id: SessionId,
    me: Person,
    shared: Arc<Shared>,
    ws: WebSocketStream<Metered<S>>,
    written: Arc<AtomicU64>,
    session: Session,
    liveness: Liveness,
    presence: Presence,
    pending: FuturesUnordered<BoxFuture<'static, Done>>,
    out: Vec<Message>,
    began: Instant,
    stopping: bool,
}

impl Sockets {
    /// No connection yet. `tasks` is the group whose stop the connections heed.
    #[must_use]
    pub fn new(store: Store, rooms: Rooms, people: People, tasks: Tasks, (timings, rate): (Timings, Rate)) -> Self {
        let sessions = AtomicU64::new(1);
        Self { shared: Arc::new(Shared { store, rooms, people, tasks, timings, rate, sessions }) }
    }

    /// A name for a new connection.
    #[must_use]
    pub fn next_id(&self) -> SessionId {
        SessionId(self.shared.sessions.fetch_add(1, Ordering::Relaxed))
    }

    /// Serves a connection, from right behind the handshake until it is closed. `first` was read with the handshake.
    pub async fn serve<S>(&self, stream: S, first: Vec<u8>, id: SessionId, me: Person)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let shared = Arc::clone(&self.shared);
        let written = Arc::new(AtomicU64::new(0));
        let stream = Metered::new(stream, Arc::clone(&written));
        let ws = WebSocketStream::from_partially_read(stream, first, Role::Server, Some(websocket_config())).await;
        let presence = shared.people.arrive(me.id, Arc::new(Outbox::new(shared.timings.outbox)));
        let mut connection = Connection {
            id,
            ws,
            written,
            session: Session::new(me.id, shared.store.epoch().clone(), Throttle::new(shared.rate, 0)),
            liveness: Liveness::new(shared.timings.patience),
            presence,
            pending: FuturesUnordered::new(),
            out: Vec::new(),
            began: Instant::now(),
            stopping: false,
            me,
            shared,
        };
        tracing::debug!("a connection begins");
        // One connection's fault is not another's: it gets its Close, and says where it happened in the log.
        let ending = AssertUnwindSafe(connection.run()).catch_unwind().await;
        let ending = ending.unwrap_or_else(|_panic| Ending::Close(close::SERVER_FAULT, "fault".to_owned()));
        let Connection { ws, shared, presence, pending, session, .. } = connection;
        // From here on nothing more is queued for it.
        drop((presence, pending));
        let depart = async {
            for room in session.rooms() {
                shared.rooms.depart(room, id).await;
            }
        };
        tracing::debug!(%ending, "a connection ends");
        // A room that is busy does not keep a Close waiting.
        Box::pin(async { tokio::join!(ending::carry_out(ws, ending, shared.timings.linger), depart) }).await;
    }
}

/// Small buffers, for most connections are idle most of the time, and bounds for everything that comes in.
fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(16 * 1024)
        .max_write_buffer_size(1024 * 1024)
        .max_message_size(Some(limits::FRAME_BYTES))
        .max_frame_size(Some(limits::FRAME_BYTES))
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    async fn run(&mut self) -> Ending {
        loop {
            let turn = self.turn().await;
            let mut effects = Effects::new();
            let ended = match turn {
                Turn::Frame(frame) => self.on_frames(frame, &mut effects),
                Turn::Done(done) => self.on_done(done, &mut effects),
                Turn::Delivery => self.on_deliveries(&mut effects),
                Turn::Tick => self.on_tick(),
                Turn::Stop => {
                    self.stopping = true;
                    None
                }
            };
            let closed = self.perform(effects).await;
            if ended == Some(Ending::Answered) {
                // Nothing may be sent behind the Close that answers theirs.
                return Ending::Answered;
            }
            if let Err(ending) = self.flush().await {
                return ending;
            }
            if let Some(ending) = closed.or(ended) {
                return ending;
            }
            if self.stopping && self.session.unanswered() == 0 {
                return self.going_away();
            }
        }
    }

    async fn turn(&mut self) -> Turn {
        let reading = self.session.wants_frames() && !self.stopping;
        if !reading {
            // The silence is ours.
            self.liveness.heard(self.now().ms);
        }
        let next_tick = self.began + Duration::from_millis(self.liveness.next_ms());
        tokio::select! {
            Some(done) = self.pending.next(), if !self.pending.is_empty() => Turn::Done(done),
            () = self.presence.outbox().filled(), if self.session.wants_deliveries() => Turn::Delivery,
            frame = self.ws.next(), if reading => Turn::Frame(frame),
            () = sleep_until(next_tick) => Turn::Tick,
            () = self.shared.tasks.stopping(), if !self.stopping => Turn::Stop,
        }
    }

    /// Handles a frame and those that have arrived behind it.
    fn on_frames(
        &mut self,
        first: Option<Result<Message, tungstenite::Error>>,
        effects: &mut Effects,
    ) -> Option<Ending> {
        let mut next = Some(first);
        for _ in 0..FRAMES_AT_ONCE {
            let Some(frame) = next.take() else { break };
            match frame {
                Some(Ok(message)) => {
                    if let Some(ending) = self.on_message(&message, effects) {
                        return Some(ending);
                    }
                }
                Some(Err(error)) => return Some(Ending::from_error(&error)),
                None => return Some(Ending::Gone),
            }
            if !self.session.wants_frames() {
                break;
            }
            next = self.ws.next().now_or_never();
        }
        match next {
            Some(Some(Err(error))) => Some(Ending::from_error(&error)),
            Some(None) => Some(Ending::Gone),
            // One too many was taken: it is handled all the same.
            Some(Some(Ok(message))) => self.on_message(&message, effects),
            None => None,
        }
    }

    fn on_message(&mut self, message: &Message, effects: &mut Effects) -> Option<Ending> {
        let now = self.now();
        self.liveness.heard(now.ms);
        match message {
            Message::Text(text) => {
                let queued = self.presence.outbox().len();
                self.session.on_frame(text, now, queued, effects);
                if self.session.is_greeted() {
                    self.liveness.greeted();
                }
                None
            }
            Message::Binary(_) => Some(Ending::Broken(close::UNSUPPORTED, "binary")),
            Message::Close(_) => Some(Ending::Answered),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
        }
    }

    fn on_deliveries(&mut self, effects: &mut Effects) -> Option<Ending> {
        let outbox = self.presence.outbox();
        if outbox.is_overrun() {
            return Some(Ending::Close(close::STALLED, "behind".to_owned()));
        }
        for delivery in outbox.take(DELIVERIES_AT_ONCE, DELIVERED_BYTES_AT_ONCE) {
            if let Delivery::Note(Note::Renamed(person)) = &delivery
                && person.id == self.me.id
            {
                self.me.clone_from(person);
            }
            self.session.on_delivery(delivery, effects);
        }
        None
    }

    fn on_done(&mut self, done: Done, effects: &mut Effects) -> Option<Ending> {
        let clock = self.now().clock;
        let failed = match done {
            Done::Greeting(Ok(Some(greeting))) => {
                self.session.on_greeting(greeting, clock, effects);
                None
            }
            Done::Greeting(Ok(None)) => return Some(Ending::Close(close::SESSION_ENDED, String::new())),
            Done::Opened(room, feed, Ok(info)) => {
                self.session.on_opened(room, feed, info.as_ref(), effects);
                None
            }
            Done::Page(read, Ok(page)) => {
                self.session.on_page(read, page, effects);
                None
            }
            Done::Own(Ok(events)) => {
                self.session.on_own(events, effects);
                None
            }
            Done::Noted(room, result) => {
                self.session.on_noted(room, result, effects);
                None
            }
            Done::Answer(answered) => {
                self.session.on_answer(answered, effects);
                None
            }
            Done::Greeting(Err(error))
            | Done::Opened(_, _, Err(error))
            | Done::Page(_, Err(error))
            | Done::Own(Err(error)) => Some(error),
        };
        failed.map(|error| match error {
            StoreError::Failed => Ending::Close(close::SERVER_FAULT, "storage".to_owned()),
            StoreError::Closed => self.going_away(),
        })
    }

    fn on_tick(&mut self) -> Option<Ending> {
        match self.liveness.check(self.now().ms) {
            Due::Nothing => None,
            Due::Ping => {
                self.out.push(Message::Ping(Vec::new().into()));
                None
            }
            Due::NoHello => Some(Ending::Close(close::POLICY, "hello".to_owned())),
            Due::Silence => Some(Ending::Close(close::STALLED, "silence".to_owned())),
        }
    }

    /// Carries effects out, in order.
    async fn perform(&mut self, effects: Effects) -> Option<Ending> {
        for effect in effects {
            match effect {
                Effect::Send(msg) => self.out.push(Message::text(codec::encode_server(&msg))),
                Effect::Forward(frame) => self.out.push(Message::Text(frame)),
                Effect::Greet { feed } => {
                    let greeting = lookup::greet(Arc::clone(&self.shared), self.subscriber(feed));
                    self.pending.push(Box::pin(greeting.map(Done::Greeting)));
                }
                Effect::Open { room, feed } => {
                    let opened = lookup::open(Arc::clone(&self.shared), room, self.subscriber(feed));
                    self.pending.push(Box::pin(opened.map(move |info| Done::Opened(room, feed, info))));
                }
                Effect::Read(read) => {
                    let page = lookup::page(Arc::clone(&self.shared), self.me.id, read);
                    self.pending.push(Box::pin(page.map(move |page| Done::Page(read, page))));
                }
                Effect::ReadOwn { after } => {
                    let own = lookup::own(Arc::clone(&self.shared), self.me.id, after);
                    self.pending.push(Box::pin(own.map(Done::Own)));
                }
                Effect::Note { room, change } => {
                    let outbox = Arc::clone(self.presence.outbox());
                    // Waits here, so that changes are carried out in order.
                    let noted = lookup::note(&self.shared, (self.me.id, room), change, outbox).await;
                    self.pending.push(Box::pin(noted.map(move |result| Done::Noted(room, result))));
                }
                Effect::Depart { room } => self.shared.rooms.depart(room, self.id).await,
                Effect::Typing { room } => self.shared.rooms.typing(room, self.me.clone()),
                Effect::Submit(command) => {
                    let (cid, room) = (command.cid, Some(command.room));
                    // Waits here, not among the pending, so that commands reach their room in order.
                    let answer = self.shared.rooms.submit(command).await;
                    self.pending.push(Box::pin(async move {
                        let result = match answer {
                            Ok(answer) => answer.await.unwrap_or(Err(StoreError::Closed.into())),
                            Err(error) => Err(error.into()),
                        };
                        Done::Answer(Answered { cid, room, result })
                    }));
                }
                Effect::Create { cid, name } => {
                    let (shared, user) = (Arc::clone(&self.shared), self.me.id);
                    self.pending.push(Box::pin(async move {
                        let result: Result<_, CommandError> = shared.rooms.create(user, cid, name).await;
                        Done::Answer(Answered { cid, room: None, result })
                    }));
                }
                Effect::Close(code, reason) => return Some(Ending::Close(code, reason.to_owned())),
            }
        }
        None
    }

    /// Writes everything there is to write, pongs included, with one flush.
    async fn flush(&mut self) -> Result<(), Ending> {
        let frames = std::mem::take(&mut self.out);
        let (ws, written) = (&mut self.ws, &self.written);
        let write = async move {
            for frame in frames {
                ws.feed(frame).await?;
            }
            ws.flush().await
        };
        tokio::pin!(write);
        loop {
            let before = written.load(Ordering::Relaxed);
            match timeout(self.shared.timings.write_stall, &mut write).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => return Err(Ending::from_error(&error)),
                Err(_elapsed) if written.load(Ordering::Relaxed) > before => {}
                Err(_elapsed) => return Err(Ending::Stalled),
            }
        }
    }

    fn going_away(&self) -> Ending {
        Ending::Close(close::GOING_AWAY, close::retry_reason(self.shared.timings.retry_ms))
    }

    fn subscriber(&self, feed: FeedId) -> Subscriber {
        let (session, person) = (self.id, self.me.clone());
        Subscriber { session, person, feed, outbox: Arc::clone(self.presence.outbox()) }
    }

    fn now(&self) -> Now {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { clock: crate::clock::now(), ms }
    }
}
