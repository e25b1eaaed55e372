//! A race's socket: the lab that tells the news, and the stream that counts its bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use common::labs::Way;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use wire::Message;

use super::{Race, Runner};
use crate::labs::Lab;
use crate::labs::out::Out;

/// Tells each piece of news as a text. What is heard means nothing.
#[derive(Debug)]
pub struct News {
    runner: Runner,
    /// The last item that was told.
    last: u64,
}

impl News {
    /// From behind item `after`.
    #[must_use]
    pub fn new(runner: Runner, after: u64) -> Self {
        Self { runner, last: after }
    }

    fn tell(&mut self, out: &mut Out) {
        for item in self.runner.since(self.last) {
            out.text(&item.json());
            self.runner.delivered(Way::WebSocket, item);
            self.last = item.n;
        }
        if self.runner.next_at(self.last).is_none() {
            out.close(Some(1000), "the race is over");
        }
    }
}

impl Lab for News {
    fn begin(&mut self, out: &mut Out) {
        self.tell(out);
    }

    fn hear(&mut self, _message: &Message<'_>, _out: &mut Out) {}

    fn wakes_at(&self) -> Option<Instant> {
        self.runner.next_at(self.last)
    }

    fn wake(&mut self, _now: Instant, out: &mut Out) {
        self.tell(out);
    }

    fn most(&self) -> Option<usize> {
        Some(MOST_HEARD)
    }
}

/// Bytes in a message that comes: nobody has anything to say here.
const MOST_HEARD: usize = 4096;

/// A stream whose bytes are counted.
#[derive(Debug)]
pub struct Counted<S> {
    stream: S,
    race: Arc<Race>,
}

impl<S> Counted<S> {
    /// Counts for the socket of this race.
    pub fn new(stream: S, race: Arc<Race>) -> Self {
        Self { stream, race }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        self.race.meter(Way::WebSocket).came((buf.filled().len() - before) as u64);
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        if let Ok(n) = result {
            self.race.meter(Way::WebSocket).went(n as u64);
        }
        Poll::Ready(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
