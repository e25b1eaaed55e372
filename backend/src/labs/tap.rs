//! Taps: what really goes over a connection's wire, told frame by frame to the page that opened it.
//!
//! A page makes up a [`Name`], listens under it, and opens a socket whose address carries it; either may be first.
//! `http::labs::tap` brings both in; [`watched`] sees the bytes, [`parser`] finds frames in them,
//! and [`ending`] whose doing the end was. Nobody is waited for: where the page is slower than its socket, the oldest
//! records are dropped, and it is told how many. Bounds:
//!
//! - 64 taps; a further one is refused, and a connection is then served unwatched.
//! - 2,000 records, or 1 MiB of them, wait for one listener. A tap has one at a time.
//! - a tap without a listener is forgotten after 30 s, and as long is a connection waited for.
//!
//! Deliberately absent: changing anything of what is watched.

mod ending;
pub(super) mod parser;
mod watched;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::Response;
use axum::http::request::Parts;
use common::labs::{Side, Tapped};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::name::Name;
use super::{Stream, head};
use watched::Watched;

/// Taps at once.
const MOST_TAPS: usize = 64;

/// Records, and bytes of them, that wait for a listener.
const MOST_RECORDS: usize = 2_000;
const MOST_BYTES: usize = 1024 * 1024;

/// How long one side of a tap waits for the other.
const ALONE: Duration = Duration::from_secs(30);

/// Records that a listener gets at once, at most.
const AT_ONCE: usize = 256;

/// The taps. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Taps(Arc<Mutex<Vec<Arc<Record>>>>);

/// Why nobody may listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There are 64 taps.
    Full,
    /// Somebody does already.
    Taken,
}

/// A connection's end of a tap. Dropped, it tells that the connection is over.
pub struct Tap(Arc<Record>);

/// A page's end of a tap.
pub struct Listener {
    taps: Taps,
    record: Arc<Record>,
    until: Instant,
}

/// What both ends share.
#[derive(Debug)]
struct Record {
    name: Name,
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    /// The handshake waits apart: it is the first that is told, and never dropped.
    handshake: Option<String>,
    answered: Option<Instant>,
    waiting: VecDeque<String>,
    bytes: usize,
    dropped: u64,
    listens: bool,
    /// Since when nobody listens.
    unheard: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// There is no connection yet.
    Awaited,
    Connected,
    /// All that there will be has been recorded, or nobody wants it.
    Over,
}

impl Taps {
    /// Listens under a name, from the beginning of what is still known.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn listen(&self, name: Name) -> Result<Listener, Refused> {
        let record = self.record(name).ok_or(Refused::Full)?;
        let mut state = record.lock();
        if std::mem::replace(&mut state.listens, true) {
            return Err(Refused::Taken);
        }
        drop(state);
        Ok(Listener { taps: self.clone(), record, until: Instant::now() + ALONE })
    }

    /// Watches a connection under a name, from its handshake on, which is as it goes out. `None` where the name is none or
    /// is another connection's, or there are too many taps.
    #[must_use]
    pub fn begin<B>(&self, name: &str, request: &Parts, response: &Response<B>) -> Option<Tap> {
        let record = self.record(Name::read(name)?)?;
        record.lock().answer(Stage::Connected, request, response)?;
        record.news.notify_one();
        Some(Tap(record))
    }

    /// Tells somebody who waits for a connection under a name that there will be none, and how it was refused: a page
    /// that asks for a socket is not told (WHATWG WebSockets, section 4).
    pub fn refuse<B>(&self, name: &str, request: &Parts, response: &Response<B>) {
        let Some(name) = Name::read(name) else { return };
        let known = self.lock().iter().find(|tap| tap.name == name).map(Arc::clone);
        if let Some(record) = known
            && record.lock().answer(Stage::Awaited, request, response).is_some()
        {
            record.end(Side::Server, format!("the handshake was answered with {}", response.status().as_u16()));
        }
    }

    /// The tap of this name, a new one if need be.
    fn record(&self, name: Name) -> Option<Arc<Record>> {
        let mut taps = self.lock();
        taps.retain(|tap| !tap.lock().is_forgotten());
        if let Some(known) = taps.iter().find(|tap| tap.name == name) {
            return Some(Arc::clone(known));
        }
        if taps.len() >= MOST_TAPS {
            return None;
        }
        let state = State {
            stage: Stage::Awaited,
            handshake: None,
            answered: None,
            waiting: VecDeque::new(),
            bytes: 0,
            dropped: 0,
            listens: false,
            unheard: Instant::now(),
        };
        let record = Arc::new(Record { name, state: Mutex::new(state), news: Notify::new() });
        taps.push(Arc::clone(&record));
        Some(record)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Record>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tap {
    /// A stream of this connection, watched.
    #[must_use]
    pub fn wrap(self, stream: Box<dyn Stream>) -> Box<dyn Stream> {
        Box::new(Watched::new(stream, self))
    }

    /// Microseconds since the handshake was answered.
    fn micros(&self) -> u64 {
        let since = self.0.lock().answered.map(|answered| answered.elapsed()).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    /// Tells something. Gives whether anybody may still want to know.
    fn tell(&self, record: &Tapped) -> bool {
        self.0.tell(record)
    }

    /// Tells the end.
    fn end(&self, by: Side, why: String) {
        self.0.end(by, why);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        // Told already where there were frames to watch.
        self.end(Side::Client, "the connection ended with its handshake".to_owned());
    }
}

impl Record {
    fn tell(&self, record: &Tapped) -> bool {
        let mut state = self.lock();
        if state.is_forgotten() {
            state.forget();
        }
        if state.stage == Stage::Over {
            return false;
        }
        if let Some(text) = written(record) {
            state.keep(text);
        }
        drop(state);
        self.news.notify_one();
        true
    }

    fn end(&self, by: Side, why: String) {
        if self.tell(&Tapped::End { by, why }) {
            self.lock().stage = Stage::Over;
            self.news.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_forgotten(&self) -> bool {
        !self.listens && self.unheard.elapsed() > ALONE
    }

    /// Notes the handshake. `None` where there was one before: a name is for one connection.
    fn answer<B>(&mut self, stage: Stage, request: &Parts, response: &Response<B>) -> Option<()> {
        if self.answered.is_some() {
            return None;
        }
        self.answered = Some(Instant::now());
        self.stage = stage;
        self.handshake = written(&Tapped::Handshake(head::handshake(request, response)));
        Some(())
    }

    fn forget(&mut self) {
        self.stage = Stage::Over;
        (self.handshake, self.waiting, self.bytes) = (None, VecDeque::new(), 0);
    }

    fn keep(&mut self, text: String) {
        self.bytes += text.len();
        self.waiting.push_back(text);
        while self.waiting.len() > MOST_RECORDS || self.bytes > MOST_BYTES {
            let Some(oldest) = self.waiting.pop_front() else { return };
            self.bytes -= oldest.len();
            self.dropped += 1;
        }
    }

    /// What waits, in its order; some of it, if it is much.
    fn take(&mut self) -> Vec<String> {
        let mut taken: Vec<String> = self.handshake.take().into_iter().collect();
        if self.dropped > 0 {
            taken.extend(written(&Tapped::Dropped { records: std::mem::take(&mut self.dropped) }));
        }
        let some = self.waiting.len().min(AT_ONCE);
        taken.extend(self.waiting.drain(..some).inspect(|text| self.bytes -= text.len()));
        taken
    }
}

/// As JSON, which cannot fail for what has only text, numbers and lists.
fn written(record: &Tapped) -> Option<String> {
    serde_json::to_string(record).ok()
}

impl Listener {
    /// What is new, as JSON, one text for each [`Tapped`]. `None` once there is nothing more, or no connection came.
    pub async fn next(&mut self) -> Option<Vec<String>> {
        loop {
            let stage = {
                let mut state = self.record.lock();
                let taken = state.take();
                if !taken.is_empty() {
                    return Some(taken);
                }
                state.stage
            };
            match stage {
                Stage::Over => return None,
                Stage::Connected => self.record.news.notified().await,
                Stage::Awaited => {
                    let connected = timeout_at(self.until, self.record.news.notified()).await;
                    connected.ok()?;
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut taps = self.taps.lock();
        let mut state = self.record.lock();
        (state.listens, state.unheard) = (false, Instant::now());
        // Nothing is left to be told: the place is free for another.
        let done = match state.stage {
            Stage::Awaited => true,
            Stage::Connected => false,
            Stage::Over => state.waiting.is_empty(),
        };
        drop(state);
        if done {
            taps.retain(|tap| !Arc::ptr_eq(tap, &self.record));
        }
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

#[cfg(test)]
mod tests;
