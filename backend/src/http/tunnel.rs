//! Carries bytes between a stream that only HTTP knows (TLS, or a stream of HTTP/2) and one end of a socket pair, whose
//! other end is served like any other connection.
//!
//! What one end says reaches the other, its end as well. An idle tunnel has no buffer. Deliberately absent: looking at
//! what is carried.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::time::sleep;

/// Bytes that are read at once. A record of TLS has no more (RFC 8446, section 5.1).
const AT_ONCE: usize = 16 * 1024;

/// How long others may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For taking something of what waits for them.
    pub(super) stall: Duration,
    /// For ending, once the server has said its last.
    pub(super) linger: Duration,
}

/// A tunnel. `S` is the stream outside.
struct Tunnel<S> {
    outside: S,
    inside: UnixStream,
    inward: Half,
    outward: Half,
}

/// One direction.
#[derive(Default)]
struct Half {
    /// What was read and could not be written at once.
    waiting: Vec<u8>,
    written: usize,
    stage: Stage,
    /// Bytes that were written in all.
    carried: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Open,
    /// Nothing more comes; what waits is to be written, and the end passed on.
    Ending,
    /// Nobody hears what still comes. It is read all the same: what is unread when a stream is dropped may destroy what
    /// was sent on it before.
    Deaf,
    Ended,
}

/// What broke a direction.
enum Fault {
    Read(io::Error),
    Write(io::Error),
}

/// Carries bytes until both sides have ended, one breaks, or patience does.
///
/// # Errors
/// Those of the streams; `TimedOut` for a client that takes nothing of what waits for it.
pub(super) async fn carry<S>(outside: S, inside: UnixStream, patience: Patience) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut tunnel = Tunnel { outside, inside, inward: Half::default(), outward: Half::default() };
    loop {
        let over = tunnel.outward.stage == Stage::Ended;
        let before = tunnel.outward.carried;
        let wait = if over { patience.linger } else { patience.stall };
        tokio::select! {
            moved = std::future::poll_fn(|cx| tunnel.poll(cx, over)) => {
                if moved? == Stage::Ended {
                    return Ok(());
                }
            }
            () = sleep(wait) => {
                if over {
                    return Ok(());
                }
                if tunnel.outward.is_blocked() && tunnel.outward.carried == before {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Tunnel<S> {
    /// Carries what there is. Ready with `Ended` when both directions have, with `Ending` once the way outward has.
    fn poll(&mut self, cx: &mut Context<'_>, over: bool) -> Poll<io::Result<Stage>> {
        let inward = loop {
            // The server may have said something before it went, which is still to be carried.
            match self.inward.poll(cx, &mut self.outside, &mut self.inside) {
                Poll::Ready(Err(Fault::Read(_))) => self.inward.stage = Stage::Ending,
                Poll::Ready(Err(Fault::Write(_))) => self.inward.go_deaf(),
                polled @ (Poll::Ready(Ok(())) | Poll::Pending) => break polled,
            }
        };
        let outward = match self.outward.poll(cx, &mut self.inside, &mut self.outside) {
            Poll::Ready(Err(Fault::Read(error) | Fault::Write(error))) => return Poll::Ready(Err(error)),
            polled @ (Poll::Ready(Ok(())) | Poll::Pending) => polled,
        };
        match (inward.is_ready(), outward.is_ready()) {
            (true, true) => Poll::Ready(Ok(Stage::Ended)),
            (false, true) if !over => Poll::Ready(Ok(Stage::Ending)),
            (_, _) => Poll::Pending,
        }
    }
}

impl Half {
    fn is_blocked(&self) -> bool {
        self.written < self.waiting.len() || self.stage == Stage::Ending
    }

    fn go_deaf(&mut self) {
        *self = Self { stage: Stage::Deaf, ..Self::default() };
    }

    /// Ready once the direction has ended.
    fn poll<R, W>(&mut self, cx: &mut Context<'_>, from: &mut R, to: &mut W) -> Poll<Result<(), Fault>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        loop {
            while let Some(waiting) = self.waiting.get(self.written..).filter(|waiting| !waiting.is_empty()) {
                self.written += ready!(write(cx, to, waiting, &mut self.carried))?;
            }
            // Given back, so that who is idle again has no buffer again.
            self.waiting = Vec::new();
            self.written = 0;
            match self.stage {
                Stage::Open => ready!(self.pass(cx, from, to))?,
                Stage::Ending => {
                    // Where it fails there is nobody left to tell.
                    drop(ready!(Pin::new(&mut *to).poll_shutdown(cx)));
                    self.stage = Stage::Ended;
                }
                Stage::Deaf => ready!(self.discard(cx, from)),
                Stage::Ended => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Reads once, and writes as much of it as is taken at once.
    fn pass<R, W>(&mut self, cx: &mut Context<'_>, from: &mut R, to: &mut W) -> Poll<Result<(), Fault>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut buffer = [MaybeUninit::uninit(); AT_ONCE];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        if Pin::new(from).poll_read(cx, &mut buffer).map_err(Fault::Read)?.is_pending() {
            // TLS keeps what it has encrypted until then.
            ready!(Pin::new(to).poll_flush(cx)).map_err(Fault::Write)?;
            return Poll::Pending;
        }
        if buffer.filled().is_empty() {
            self.stage = Stage::Ending;
            return Poll::Ready(Ok(()));
        }
        let taken = match write(cx, to, buffer.filled(), &mut self.carried) {
            Poll::Ready(taken) => taken?,
            Poll::Pending => 0,
        };
        self.waiting.extend(buffer.filled().iter().skip(taken));
        Poll::Ready(Ok(()))
    }

    /// Reads once and throws it away.
    fn discard<R: AsyncRead + Unpin>(&mut self, cx: &mut Context<'_>, from: &mut R) -> Poll<()> {
        let mut buffer = [MaybeUninit::uninit(); AT_ONCE];
        let mut buffer = ReadBuf::uninit(&mut buffer);
        if ready!(Pin::new(from).poll_read(cx, &mut buffer)).is_err() || buffer.filled().is_empty() {
            self.stage = Stage::Ended;
        }
        Poll::Ready(())
    }
}

fn write<W>(cx: &mut Context<'_>, to: &mut W, bytes: &[u8], carried: &mut u64) -> Poll<Result<usize, Fault>>
where
    W: AsyncWrite + Unpin,
{
    let written = ready!(Pin::new(to).poll_write(cx, bytes)).map_err(Fault::Write)?;
    if written == 0 {
        return Poll::Ready(Err(Fault::Write(io::ErrorKind::WriteZero.into())));
    }
    *carried += written as u64;
    Poll::Ready(Ok(written))
}

#[cfg(test)]
mod tests;
