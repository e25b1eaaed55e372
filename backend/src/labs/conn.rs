//! One connection: moves bytes between a stream and a lab, answers control frames, and ends well.
//!
//! Nothing is read while too much waits to be written, so that who does not read is not read from. An idle connection
//! holds no buffer. Deliberately absent: what is said, which is the lab's.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use common::close;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use wire::deflate::{Inflater, Params};
use wire::{Decoder, Input, Message, Role, Rules};

use super::gate::Place;
use super::lab::Manners;
use super::out::{End, Out};
use super::{Lab, Limits, Stream, Waits};
use crate::session::throttle::{Rate, Throttle};
use crate::tasks::Tasks;

/// Bytes that are read at once. A record of TLS has no more (RFC 8446, section 5.1).
const AT_ONCE: usize = 16 * 1024;

/// Bytes of the longest message for each fragment that one may have. Autobahn's smallest in a long message have 64.
const FRAGMENT: usize = 16;

/// Bytes that are read and thrown away after a Close.
const DISCARD: usize = 1024 * 1024;

/// How far a lab that drinks may be behind its pace and catch up.
const SLACK: Duration = Duration::from_millis(20);

/// How much longer than the end of TCP the answer to our Close may take: ten times. The Close may stand behind megabytes
/// that a page has still to look at.
const ANSWER: u32 = 10;

/// How long a connection lasts whose lab has no manners.
const RUDE: Duration = Duration::from_secs(120);

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Messages go both ways.
    Open,
    /// We have said our Close, and theirs is awaited.
    Closing,
    /// Their Close came, and ours does not.
    Deaf,
    /// All is said. We listen on until they end TCP as well: a socket that is dropped while bytes of the other side are
    /// unread sends RST, and RST can destroy the Close frame on its way.
    Lingering {
        /// Whether we have said that nothing more comes.
        finished: bool,
    },
}

/// What a look at the stream has come to.
enum Turn {
    /// Something moved.
    Moved,
    /// The connection is over.
    Over,
}

/// The connection.
pub(super) struct Conn {
    stream: Box<dyn Stream>,
    lab: Box<dyn Lab>,
    out: Out,
    incoming: Incoming,
    stage: Stage,
    place: Place,
    limits: Limits,
    waits: Waits,
    began: Instant,
    /// When a byte last moved.
    moved: Instant,
    /// When a byte of what waits was last taken, or began to wait.
    taken: Instant,
    /// When the connection ends by itself, once nothing waits to be written.
    until: Option<Instant>,
    /// How long the answer to our Close may take.
    answer_within: Duration,
    discarded: usize,
}

/// What comes.
struct Incoming {
    decoder: Decoder,
    rules: Rules,
    deflate: Option<(Params, Option<Inflater>)>,
    /// What came and was not decoded, because there was no room for answers.
    unread: Vec<u8>,
    /// Bytes of a message that has not arrived whole.
    collected: usize,
    rate: Rate,
    throttle: Throttle,
    /// Too much came: until then nothing is read.
    paused: Option<Instant>,
    /// When what was drunk is digested.
    digested: Instant,
}

impl Conn {
    pub(super) fn new(
        stream: Box<dyn Stream>,
        lab: Box<dyn Lab>,
        deflate: Option<Params>,
        (limits, waits): (Limits, Waits),
        place: Place,
    ) -> Self {
        let now = Instant::now();
        let max_message = lab.most().unwrap_or(limits.message).min(limits.message);
        let max_fragments = u32::try_from(max_message / FRAGMENT).unwrap_or(u32::MAX);
        let rate = lab.rate().unwrap_or(limits.rate);
        let incoming = Incoming {
            decoder: Decoder::default(),
            rules: Rules { role: Role::Server, max_message, max_fragments },
            deflate: deflate.map(|params| (params, None)),
            unread: Vec::new(),
            collected: 0,
            rate,
            throttle: Throttle::new(rate, 0),
            paused: None,
            digested: now,
        };
        let out = Out::new(limits.backlog, deflate);
        let stage = Stage::Open;
        let (began, moved, taken) = (now, now, now);
        Self {
            stream,
            lab,
            out,
            incoming,
            stage,
            place,
            limits,
            waits,
            began,
            moved,
            taken,
            until: None,
            answer_within: waits.linger * ANSWER,
            discarded: 0,
        }
    }

    /// Serves until the connection is over.
    ///
    /// # Errors
    /// Those of the stream.
    pub(super) async fn run(mut self, tasks: &Tasks) -> io::Result<()> {
        let bell = self.lab.bell();
        self.lab.begin(&mut self.out);
        let mut stopped = false;
        loop {
            if !self.settle() {
                return Ok(());
            }
            let deadline = self.deadline();
            tokio::select! {
                turn = poll_fn(|cx| self.poll(cx)) => match turn? {
                    Turn::Moved => {}
                    Turn::Over => return Ok(()),
                },
                () = sleep_until(deadline) => {
                    if !self.on_time(Instant::now()) {
                        return Ok(());
                    }
                }
                () = ring(bell.as_ref()) => self.wake(Instant::now()),
                () = tasks.stopping(), if !stopped => {
                    stopped = true;
                    self.stop();
                }
            }
        }
    }

    /// The server stops: who is there is told, and is not waited for any longer than for anybody else.
    fn stop(&mut self) {
        self.close(close::GOING_AWAY, &close::retry_reason(self.waits.retry_ms));
        self.answer_within = self.waits.linger;
        let soon = Instant::now() + self.waits.linger;
        self.until = self.until.map(|until| until.min(soon));
    }

    /// Follows up what the lab has said, and counts what is held. Says whether the connection goes on.
    fn settle(&mut self) -> bool {
        let held = self.out.len() + self.incoming.unread.len() + self.incoming.collected;
        if !self.place.hold(held) {
            self.close(close::OVERLOADED, "the labs hold too much");
        }
        match self.out.end() {
            Some(End::Vanish) => return false,
            Some(End::Close) if self.stage == Stage::Open => self.stage = Stage::Closing,
            Some(End::Close) | None => {}
        }
        if self.stage != Stage::Open && self.until.is_none() && self.out.len() == 0 {
            let wait = match self.stage {
                Stage::Closing => self.answer_within,
                Stage::Deaf => RUDE,
                Stage::Open | Stage::Lingering { .. } => self.waits.linger,
            };
            self.until = Some(Instant::now() + wait);
        }
        true
    }

    /// When time demands something next.
    fn deadline(&self) -> Instant {
        let life = if self.lab.manners() == Manners::Good { self.limits.life } else { RUDE };
        let open = [Some(self.began + life), Some(self.moved + self.limits.idle), self.lab.wakes_at()];
        let open = open.into_iter().flatten().filter(|_| self.stage == Stage::Open);
        let stalled = (self.out.len() > 0).then(|| self.taken + self.waits.stall);
        let rest = [stalled, self.until, self.incoming.paused].into_iter().flatten();
        open.chain(rest).min().unwrap_or_else(|| self.began + self.limits.life)
    }

    /// Does what time demands. Says whether the connection goes on.
    fn on_time(&mut self, now: Instant) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            return false;
        }
        if self.out.len() > 0 && self.taken + self.waits.stall <= now {
            // It is not reading. A Close would stand behind what it does not read.
            return false;
        }
        if self.incoming.paused.is_some_and(|paused| paused <= now) {
            self.incoming.paused = None;
            // For the message that was one too many.
            let _paid = self.incoming.throttle.take(self.incoming.rate, self.elapsed_ms(now));
        }
        if self.stage != Stage::Open {
            return true;
        }
        let rude = self.lab.manners() != Manners::Good && self.began + RUDE <= now;
        if rude || self.began + self.limits.life <= now {
            self.close(close::GOING_AWAY, "open for as long as may be");
        } else if self.moved + self.limits.idle <= now {
            self.close(close::GOING_AWAY, "nothing has moved for too long");
        } else if self.lab.wakes_at().is_some_and(|at| at <= now) {
            self.wake(now);
        }
        true
    }

    fn elapsed_ms(&self, now: Instant) -> u64 {
        u64::try_from((now - self.began).as_millis()).unwrap_or(u64::MAX)
    }

    fn wake(&mut self, now: Instant) {
        if self.stage == Stage::Open {
            self.say(|lab, out| lab.wake(now, out));
        }
    }

    /// Says goodbye, unless that was said.
    fn close(&mut self, code: u16, reason: &str) {
        if self.stage == Stage::Open && self.out.end().is_none() {
            self.say(|_, out| if out.owes() { out.vanish() } else { out.close(Some(code), reason) });
            self.stage = Stage::Closing;
        }
    }

    /// Has something said. What waits, waits from now on.
    fn say(&mut self, say: impl FnOnce(&mut dyn Lab, &mut Out)) {
        if self.out.len() == 0 {
            self.taken = Instant::now();
        }
        say(self.lab.as_mut(), &mut self.out);
    }

    /// Moves what can be moved.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Turn>> {
        let before = self.moved;
        let written = self.write(cx)?;
        if written.is_ready() && self.stage == (Stage::Lingering { finished: false }) {
            // Where it fails there is nobody left to be told.
            drop(ready!(Pin::new(&mut self.stream).poll_shutdown(cx)));
            self.stage = Stage::Lingering { finished: true };
        }
        if self.wants_bytes() {
            if !self.incoming.unread.is_empty() {
                let mut unread = std::mem::take(&mut self.incoming.unread);
                self.take(&mut unread);
                return Poll::Ready(Ok(Turn::Moved));
            }
            if let Poll::Ready(turn) = self.read(cx) {
                return Poll::Ready(turn);
            }
        }
        if self.moved == before { Poll::Pending } else { Poll::Ready(Ok(Turn::Moved)) }
    }

    /// Writes what waits. Ready when nothing does.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<Poll<()>> {
        loop {
            while self.out.len() > 0 {
                match Pin::new(&mut self.stream).poll_write(cx, self.out.unwritten()) {
                    Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                    Poll::Ready(Ok(written)) => {
                        self.out.advance(written);
                        self.moved = Instant::now();
                        self.taken = self.moved;
                    }
                    Poll::Ready(Err(error)) => return Err(error),
                    Poll::Pending => return Ok(Poll::Pending),
                }
            }
            // TLS keeps what it has encrypted until then.
            if Pin::new(&mut self.stream).poll_flush(cx)?.is_pending() {
                return Ok(Poll::Pending);
            }
            if self.stage == Stage::Open && self.out.end().is_none() {
                self.say(|lab, out| lab.more(out));
            }
            if self.out.len() == 0 {
                return Ok(Poll::Ready(()));
            }
        }
    }

    /// Whether what comes is to be read.
    fn wants_bytes(&self) -> bool {
        match self.stage {
            Stage::Open => {
                self.lab.manners() != Manners::NeverReads && self.incoming.paused.is_none() && self.out.listens()
            }
            Stage::Closing | Stage::Deaf | Stage::Lingering { .. } => true,
        }
    }

    /// Reads once, and looks at what came.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Turn>> {
        let mut buffer = [MaybeUninit::uninit(); AT_ONCE];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled_mut();
        if bytes.is_empty() {
            return Poll::Ready(Ok(Turn::Over));
        }
        self.moved = Instant::now();
        if matches!(self.stage, Stage::Deaf | Stage::Lingering { .. }) {
            self.discarded += bytes.len();
            return Poll::Ready(Ok(if self.discarded > DISCARD { Turn::Over } else { Turn::Moved }));
        }
        self.take(bytes);
        Poll::Ready(Ok(Turn::Moved))
    }

    /// Decodes what came, as long as there is room for answers. What is behind that is kept.
    fn take(&mut self, bytes: &mut [u8]) {
        if self.out.len() == 0 {
            self.taken = Instant::now();
        }
        if let Some(per_second) = self.lab.drinks() {
            return self.drink(bytes, per_second);
        }
        let came = bytes.len();
        let elapsed = self.elapsed_ms(Instant::now());
        let mut input = Input::new(bytes);
        let Incoming { decoder, rules, deflate, unread, collected, rate, throttle, paused, .. } = &mut self.incoming;
        while matches!(self.stage, Stage::Closing)
            || (self.stage == Stage::Open && paused.is_none() && self.out.listens())
        {
            let inflater = deflate.as_mut().map(|(params, inflater)| {
                inflater.get_or_insert_with(|| {
                    Inflater::new(params.client_max_window_bits, !params.client_no_context_takeover)
                })
            });
            match decoder.next(rules, &mut input, inflater) {
                Ok(Some(message)) => {
                    if let Err(ms) = throttle.take(*rate, elapsed) {
                        *paused = Some(Instant::now() + Duration::from_millis(ms));
                    }
                    heard(&message, (self.lab.as_mut(), &mut self.out), &mut self.stage);
                }
                Ok(None) => break,
                Err(violation) => {
                    if self.stage == Stage::Open && self.out.end().is_none() {
                        self.out.close(Some(violation.code), violation.what);
                    }
                    self.stage = Stage::Lingering { finished: false };
                }
            }
        }
        let rest = input.rest();
        if self.stage == Stage::Open || self.stage == Stage::Closing {
            unread.extend_from_slice(rest);
        }
        *collected = if decoder.is_idle() { 0 } else { *collected + came - rest.len() };
    }

    /// Gives bytes to a lab that does not want messages, at its pace.
    fn drink(&mut self, bytes: &[u8], per_second: u64) {
        if self.stage != Stage::Open {
            return;
        }
        if self.lab.drink(bytes, &mut self.out) {
            self.stage = Stage::Lingering { finished: false };
        }
        let now = Instant::now();
        let micros = (bytes.len() as u64).saturating_mul(1_000_000) / per_second.max(1);
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        self.incoming.digested = self.incoming.digested.max(earliest) + Duration::from_micros(micros);
        // Timers count milliseconds.
        self.incoming.paused = Some(self.incoming.digested).filter(|at| *at > now + Duration::from_millis(2));
    }
}

/// A message or a control frame came.
fn heard(message: &Message<'_>, (lab, out): (&mut dyn Lab, &mut Out), stage: &mut Stage) {
    match (message, *stage) {
        (Message::Close(_), Stage::Closing) => *stage = Stage::Lingering { finished: false },
        (Message::Close(_), _) if lab.manners() == Manners::NeverCloses => *stage = Stage::Deaf,
        (Message::Close(closing), _) => {
            let code = closing.as_ref().map(|closing| closing.code);
            out.close(code, closing.as_ref().map_or("", |closing| closing.reason));
            *stage = Stage::Lingering { finished: false };
        }
        (_, Stage::Closing | Stage::Deaf | Stage::Lingering { .. }) => {}
        (Message::Ping(payload), Stage::Open) => out.pong(payload),
        (Message::Pong(payload), Stage::Open) => lab.pong(payload, out),
        (Message::Text(_) | Message::Binary(_), Stage::Open) => lab.hear(message, out),
    }
    if out.end() == Some(End::Close) && *stage == Stage::Open {
        *stage = Stage::Closing;
    }
}

/// Waits until others ring.
async fn ring(bell: Option<&Arc<Notify>>) {
    match bell {
        Some(bell) => bell.notified().await,
        None => std::future::pending().await,
    }
}
