//! A stream whose frames are told while they pass. What is read and written does not wait for that, and is not changed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use common::labs::{Side, Tapped};
use data_encoding::HEXLOWER;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Tap;
use super::ending::Ending;
use super::parser::{Found, Parser};

/// The stream. Its end is told when it is dropped.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    /// `None` once nobody wants to know any more.
    pub(super) watch: Option<Box<Watch>>,
}

#[derive(Debug)]
pub(super) struct Watch {
    tap: Tap,
    client: Direction,
    server: Direction,
    ending: Ending,
}

#[derive(Debug, Default)]
struct Direction {
    parser: Parser,
    frames: u64,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, tap: Tap) -> Self {
        let (client, server) = (Direction::default(), Direction::default());
        Self { stream, watch: Some(Box::new(Watch { tap, client, server, ending: Ending::default() })) }
    }

    fn passed(&mut self, from: Side, bytes: &[u8]) {
        if let Some(watch) = &mut self.watch
            && !watch.passed(from, bytes)
        {
            self.watch = None;
        }
    }

    fn failed(&mut self, error: &io::Error) {
        if let Some(watch) = &mut self.watch {
            watch.ending.failed(error);
        }
    }
}

impl Watch {
    /// Tells what has passed. Gives whether anybody may still want to know.
    fn passed(&mut self, from: Side, mut bytes: &[u8]) -> bool {
        let direction = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        while let Some(found) = direction.parser.next(&mut bytes) {
            let at = self.tap.micros();
            let record = match found {
                Found::Frame(frame) => {
                    if let Some(close) = frame.close() {
                        self.ending.closed(from, close);
                    }
                    let n = direction.frames;
                    direction.frames += 1;
                    let (header, payload) = (HEXLOWER.encode(&frame.header), HEXLOWER.encode(&frame.payload));
                    Tapped::Frame { from, n, at, header, len: frame.len, payload }
                }
                Found::Unreadable(header) => Tapped::Unreadable { from, at, header: HEXLOWER.encode(&header) },
            };
            if !self.tap.tell(&record) {
                return false;
            }
        }
        true
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let within = match (self.client.parser.is_within(), self.server.parser.is_within()) {
            (true, _) => Some(Side::Client),
            (false, true) => Some(Side::Server),
            (false, false) => None,
        };
        let (by, why) = self.ending.verdict(within);
        self.tap.end(by, why);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (before, wanted) = (buf.filled().len(), buf.remaining());
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        match (&result, buf.filled().get(before..).unwrap_or_default()) {
            (Err(error), _) => self.failed(error),
            (Ok(()), []) if wanted == 0 => {}
            (Ok(()), []) => {
                if let Some(watch) = &mut self.watch {
                    watch.ending.ceased();
                }
            }
            (Ok(()), bytes) => self.passed(Side::Client, bytes),
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        match &result {
            Ok(n) => self.passed(Side::Server, bytes.get(..*n).unwrap_or(bytes)),
            Err(error) => self.failed(error),
        }
        Poll::Ready(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(watch) = &mut self.watch {
            watch.ending.shut();
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
