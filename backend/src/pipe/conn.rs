//! The WebSocket of a connection: moves messages between a stream and a [`Far`], answers control frames, and ends well.
//!
//! Nothing is read while the far side takes nothing, and it is asked for nothing while what it said is not written: who is
//! slow on one side slows the other. A client that takes nothing for the write deadline is dropped. What has come is decoded
//! as a whole and given on as a whole, and what the far side says is written as a whole, so that a thousand messages
//! cost no more system calls than one. An idle connection holds no buffer and no timer.
//!
//! The end: when the far side has ended, our Close goes out behind the last of what it said, and what the client still says
//! is thrown away until its Close comes; then TCP is ended, by us first (RFC 6455, section 7.1.1), and read until the client
//! ends it too: a socket that is dropped while bytes are unread sends RST, which can destroy what was sent. When the
//! client says goodbye, or ends its stream, the far side is told and is heard to its end first.
//!
//! Deliberately absent: programs, and who may connect.

mod alarm;
mod incoming;
#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use common::close;
use hyper::upgrade::OnUpgrade;
use tokio::io::AsyncWrite as _;
use tokio::time::Instant;
use wire::deflate::Params;
use wire::{Decoder, Role, Rules};

use super::counts::Counts;
use super::far::{Far, Saying};
use super::log::{Level, Log};
use super::out::Out;
use super::route::Site;
use super::scratch;
use super::settings::Settings;
use crate::http::upgrade::{self, Reached};
use crate::tasks::Tasks;
use alarm::Alarm;

/// Bytes of the longest message for each fragment that one may have.
const FRAGMENT: usize = 16;

/// Fragments that any message may have.
const FRAGMENTS: usize = 1024;

/// How long the answer to our Close may take. It may stand behind megabytes that the client has still to look at.
const ANSWER: Duration = Duration::from_secs(10);

/// How long the client's end of TCP may take after both Closes, and the answer to our Close when the server stops.
const LINGER: Duration = Duration::from_secs(2);

/// How long the far side may take nothing of what waits until it is looked whether the client is still there: what it has
/// sent last, its Close too, stands behind what is not taken.
const LOOK: Duration = Duration::from_secs(2);

/// A connection that is to be opened.
pub(super) struct Opening {
    /// What it speaks with; or the Close for it.
    pub(super) far: Result<Box<dyn Far>, (u16, String)>,
    /// What was agreed on compression: without context takeover, in either direction.
    pub(super) deflate: Option<Params>,
    /// Writes what happens.
    pub(super) log: Log,
}

/// Serves a connection once its handshake is answered, until it is over.
pub(super) async fn serve(upgrading: OnUpgrade, opening: Opening, site: Site) {
    let Site { settings, counts, connections, .. } = site;
    let Opening { far, deflate, log } = opening;
    match upgrade::stream(upgrading, false).await {
        Ok(stream) => Conn::new(stream, far, deflate, log, (settings, counts)).run(&connections).await,
        Err(error) => {
            log.line(Level::Debug, "session", &format_args!("the upgrade has failed: {error}"));
            if let Ok(far) = far {
                far.leave();
            }
        }
    }
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Messages go both ways.
    Open,
    /// The client goes, and the far side comes to its end.
    Parting,
    /// We have said our Close, and theirs is awaited.
    Closing,
    /// All is said.
    Lingering {
        /// Whether we have ended our side of the stream.
        finished: bool,
    },
}

/// Whether the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Moved,
    Still,
    Over,
}

struct Conn {
    stream: Box<dyn Reached>,
    far: Option<Box<dyn Far>>,
    out: Out,
    decoder: Decoder,
    rules: Rules,
    /// Whether messages may be compressed.
    inflates: bool,
    /// What came and was not decoded, because it was not taken.
    unread: Vec<u8>,
    stage: Stage,
    /// The client's Close: its code, if it has one.
    theirs: Option<Option<u16>>,
    /// The client has ended its side of the stream.
    ended: bool,
    /// What was written is not flushed.
    unflushed: bool,
    /// Since when the client has taken nothing of what waits.
    stalled: Option<Instant>,
    /// Since when the far side has taken nothing, or the client was seen to be there.
    blocked: Option<Instant>,
    /// When the connection ends by itself.
    until: Option<Instant>,
    /// How long the answer to our Close may take.
    answer: Duration,
    pings: Option<Pings>,
    /// Messages of the client that were not counted yet, and their bytes.
    heard: (u64, u64),
    settings: Arc<Settings>,
    counts: Arc<Counts>,
    log: Log,
}

/// Looks whether somebody is there.
#[derive(Debug, Clone, Copy)]
struct Pings {
    every: Duration,
    next: Instant,
    /// When a sign of life last came, or none could have been seen.
    seen: Instant,
    /// Whether a sign would be seen.
    listens: bool,
}

impl Conn {
    fn new(
        stream: Box<dyn Reached>,
        far: Result<Box<dyn Far>, (u16, String)>,
        deflate: Option<Params>,
        log: Log,
        (settings, counts): (Arc<Settings>, Arc<Counts>),
    ) -> Self {
        let max_message = if settings.maxframesize == 0 { usize::MAX } else { settings.maxframesize };
        let max_fragments = u32::try_from((max_message / FRAGMENT).max(FRAGMENTS)).unwrap_or(u32::MAX);
        let (far, refused) = match far {
            Ok(far) => (Some(far), None),
            Err(refused) => (None, Some(refused)),
        };
        let now = Instant::now();
        let mut conn = Self {
            stream,
            far,
            out: Out::new(deflate.as_ref()),
            decoder: Decoder::default(),
            rules: Rules { role: Role::Server, max_message, max_fragments },
            inflates: deflate.is_some(),
            unread: Vec::new(),
            stage: Stage::Open,
            theirs: None,
            ended: false,
            unflushed: false,
            stalled: None,
            blocked: None,
            until: None,
            answer: ANSWER,
            pings: settings.pingms.map(|every| Pings { every, next: now + every, seen: now, listens: false }),
            heard: (0, 0),
            settings,
            counts,
            log,
        };
        if let Some((code, reason)) = refused {
            conn.close(code, &reason);
        }
        conn
    }

    /// Serves until the connection is over.
    async fn run(mut self, tasks: &Tasks) {
        self.log.line(Level::Access, "session", &"CONNECT");
        self.counts.connections.add(1);
        self.counts.open.add(1);
        let mut alarm = Alarm::default();
        {
            let mut stopping = pin!(tasks.stopping());
            let mut stopped = false;
            poll_fn(|cx| {
                if !stopped && stopping.as_mut().poll(cx).is_ready() {
                    stopped = true;
                    self.stop();
                }
                self.turn(cx, &mut alarm)
            })
            .await;
        }
        self.count();
        if let Some(far) = self.far.take() {
            far.leave();
        }
        self.counts.open.leave();
        self.log.line(Level::Access, "session", &"DISCONNECT");
    }

    /// Does what can be done, and what time demands. Ready when the connection is over.
    fn turn(&mut self, cx: &mut Context<'_>, alarm: &mut Alarm) -> Poll<()> {
        loop {
            if self.poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if alarm.poll(cx, self.due()).is_pending() {
                return Poll::Pending;
            }
            if !self.on_time(Instant::now()) {
                return Poll::Ready(());
            }
        }
    }

    /// Moves what can be moved. Ready when the connection is over.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let turns = [Self::write, Self::listen, Self::read].map(|step| match step(self, cx) {
                Ok(turn) => turn,
                Err(error) => {
                    self.log.line(Level::Debug, "websocket", &format_args!("the stream has failed: {error}"));
                    Turn::Over
                }
            });
            if turns.contains(&Turn::Over) {
                return Poll::Ready(());
            }
            if !turns.contains(&Turn::Moved) {
                self.count();
                return Poll::Pending;
            }
        }
    }

    /// Adds to what the server counts.
    fn count(&mut self) {
        let (messages, bytes) = std::mem::take(&mut self.heard);
        self.counts.heard.add(messages);
        self.counts.heard_bytes.add(bytes);
        let (messages, bytes) = self.out.said();
        self.counts.said.add(messages);
        self.counts.said_bytes.add(bytes);
    }

    /// Writes what waits, and ends the stream behind the last of it.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<Turn> {
        let mut turn = Turn::Still;
        let is_last = self.stage == Stage::Lingering { finished: false };
        while self.out.len() > 0 {
            let (stream, bytes) = (&mut self.stream, self.out.unwritten());
            match if is_last { stream.poll_write_last(cx, bytes) } else { Pin::new(stream).poll_write(cx, bytes) } {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => {
                    self.out.advance(written);
                    self.unflushed = true;
                    self.stalled = None;
                    turn = Turn::Moved;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => {
                    self.stalled.get_or_insert_with(Instant::now);
                    return Ok(turn);
                }
            }
        }
        // TLS keeps what it has encrypted until then.
        if self.unflushed {
            if Pin::new(&mut self.stream).poll_flush(cx)?.is_pending() {
                self.stalled.get_or_insert_with(Instant::now);
                return Ok(turn);
            }
            self.unflushed = false;
            self.stalled = None;
        }
        Ok(if self.finish(cx) { Turn::Over } else { turn })
    }

    /// All that waited is written: ends what is to end. Says whether the connection is over.
    fn finish(&mut self, cx: &mut Context<'_>) -> bool {
        match self.stage {
            Stage::Open | Stage::Parting => return false,
            Stage::Closing => {
                if self.until.is_none() {
                    self.until = Some(Instant::now() + self.answer);
                }
            }
            Stage::Lingering { finished: true } => {}
            Stage::Lingering { finished: false } => {
                if self.until.is_none() {
                    self.until = Some(Instant::now() + LINGER);
                }
                // Where it fails there is nobody left to be told.
                if Pin::new(&mut self.stream).poll_shutdown(cx).is_ready() {
                    self.stage = Stage::Lingering { finished: true };
                }
            }
        }
        self.ended && self.stage != Stage::Lingering { finished: false }
    }

    /// Has the far side say something, if there is room.
    fn listen(&mut self, cx: &mut Context<'_>) -> io::Result<Turn> {
        let Some(far) = &mut self.far else { return Ok(Turn::Still) };
        far.tend(cx);
        if !self.out.has_room() {
            return Ok(Turn::Still);
        }
        Ok(match far.poll_say(cx, &mut self.out) {
            Poll::Pending => Turn::Still,
            Poll::Ready(Saying::Said) => Turn::Moved,
            Poll::Ready(Saying::Ended(code, reason)) => {
                self.close(code, &reason);
                Turn::Moved
            }
        })
    }

    /// The far side has taken nothing for a while: looks whether somebody waits for that.
    fn look(&mut self, now: Instant) {
        self.blocked = None;
        if self.stream.has_hung_up() {
            scratch::give(std::mem::take(&mut self.unread));
            self.ended = true;
            self.part(false);
        } else if self.stage == Stage::Open {
            self.blocked = Some(now);
            if self.out.len() == 0 {
                // Where the end of the stream is stuck behind what we do not read, this is answered by RST.
                self.out.ping();
            }
        }
    }

    /// The client goes.
    fn part(&mut self, graceful: bool) {
        self.stage = Stage::Parting;
        if !self.far.as_mut().is_some_and(|far| far.part(graceful)) {
            self.close(close::NORMAL, "");
        }
    }

    /// Says goodbye, unless that was said. The far side is let go.
    fn close(&mut self, code: u16, reason: &str) {
        if let Some(far) = self.far.take() {
            far.leave();
        }
        if !matches!(self.stage, Stage::Open | Stage::Parting) {
            return;
        }
        match self.theirs {
            // Who said goodbye gets its own word back (RFC 6455, section 5.5.1), if there is nothing worse to say.
            Some(theirs) if code == close::NORMAL => self.out.close(theirs, ""),
            Some(_) | None => self.out.close(Some(code), reason),
        }
        self.stage = Stage::Closing;
        if self.theirs.is_some() || self.ended {
            self.linger();
        }
    }

    /// Both have said goodbye, or nobody is there to answer.
    fn linger(&mut self) {
        self.stage = Stage::Lingering { finished: false };
        self.until = None;
    }

    /// The server stops.
    fn stop(&mut self) {
        self.answer = LINGER;
        self.until = self.until.map(|until| until.min(Instant::now() + LINGER));
        self.close(close::GOING_AWAY, "");
    }

    /// When time demands something next.
    fn due(&self) -> Option<Instant> {
        let stalled = self.stalled.map(|since| since + self.settings.write_deadline);
        let far = self.far.as_ref().and_then(|far| far.due());
        let pings = self.pings.filter(|_| self.far.is_some()).map(|pings| pings.next.min(pings.seen + pings.every * 2));
        let blocked = self.blocked.filter(|_| self.stage == Stage::Open).map(|since| since + LOOK);
        [stalled, self.until, far, pings, blocked].into_iter().flatten().min()
    }

    /// Does what time demands. Says whether the connection goes on.
    fn on_time(&mut self, now: Instant) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            return false;
        }
        if self.stalled.is_some_and(|since| since + self.settings.write_deadline <= now) {
            // A Close would stand behind what it does not take.
            self.counts.stalled.add(1);
            self.log.line(Level::Error, "websocket", &"dropped: the client takes nothing");
            return false;
        }
        if let Some(far) = &mut self.far
            && far.due().is_some_and(|due| due <= now)
        {
            far.on_time(now);
        }
        if self.stage == Stage::Open && self.blocked.is_some_and(|since| since + LOOK <= now) {
            self.look(now);
        }
        self.far.is_none() || self.ping(now)
    }

    /// Pings, when it is time to. Says whether somebody is there.
    fn ping(&mut self, now: Instant) -> bool {
        let Some(pings) = &mut self.pings else { return true };
        if !pings.listens {
            pings.seen = now;
        }
        if pings.seen + pings.every * 2 <= now {
            self.log.line(Level::Access, "websocket", &"dropped: no pong came");
            return false;
        }
        if pings.next <= now {
            pings.next = now + pings.every;
            if self.out.has_room() {
                self.out.ping();
            }
        }
        true
    }
}
