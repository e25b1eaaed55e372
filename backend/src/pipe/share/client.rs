//! A client of a shared process, as the connection sees it.

use std::task::{Context, Poll, Waker};

use common::close;
use tokio::time::Instant;

use super::Share;
use super::state::Next;
use crate::pipe::far::{Far, Heard, Saying};
use crate::pipe::log::{Level, Log};
use crate::pipe::out::Out;

/// Bytes that are given to the connection at once.
const AT_ONCE: usize = 32 * 1024;

/// The reason of the Close for who has not taken what was said.
const TOO_SLOW: &str = "too slow";

/// A client. Dropped, it has left: what it has said is still on its way into the process.
pub(super) struct Client {
    share: Share,
    key: usize,
    log: Log,
    is_full: bool,
}

impl Client {
    pub(super) fn new(share: Share, key: usize, log: Log) -> Self {
        Self { share, key, log, is_full: false }
    }
}

impl Far for Client {
    fn poll_taken(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let taken = self.share.state().poll_taken(self.key, cx);
        self.is_full = taken.is_pending();
        taken
    }

    fn hear(&mut self, message: Heard<'_>) {
        let mut input = Vec::new();
        match message {
            Heard::Text(text) => self.share.0.framing.put_text(text, &mut input),
            Heard::Binary(bytes) => self.share.0.framing.put_binary(bytes, &mut input),
        }
        let (is_full, woken) = self.share.state().hear(self.key, input);
        self.is_full = is_full;
        woken.into_iter().for_each(Waker::wake);
    }

    fn is_full(&self) -> bool {
        self.is_full
    }

    /// The process's input is that of all: it does not end with a client.
    fn end_input(&mut self) {}

    fn poll_say(&mut self, cx: &mut Context<'_>, out: &mut Out) -> Poll<Saying> {
        let next = self.share.state().poll_say(self.key, cx, AT_ONCE);
        next.map(|(next, woken)| {
            woken.into_iter().for_each(Waker::wake);
            match next {
                Next::Piece(piece) => {
                    out.frames(piece.frames(), piece.count);
                    Saying::Said
                }
                Next::Lost => {
                    self.share.0.counts.stalled.add(1);
                    self.log.line(Level::Error, "session", &"Took too little of what the shared process says");
                    Saying::Ended(close::OVERLOADED, TOO_SLOW.to_owned())
                }
                Next::Ended(code, reason) => Saying::Ended(code, reason),
            }
        })
    }

    fn due(&self) -> Option<Instant> {
        None
    }

    fn on_time(&mut self, _now: Instant) {}

    fn leave(self: Box<Self>) {}
}

impl Drop for Client {
    fn drop(&mut self) {
        let (woken, forgotten) = self.share.state().leave(self.key);
        woken.into_iter().for_each(Waker::wake);
        if forgotten > 0 {
            let told = format!("{forgotten} messages are forgotten: the shared process does not read");
            self.log.line(Level::Error, "session", &told);
        }
    }
}
