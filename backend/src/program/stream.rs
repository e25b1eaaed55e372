//! The ends of a program's standard streams that are ours: pipes, or a terminal's. Idle they hold nothing but a descriptor.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::{Errno, retry_on_intr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::pty::Typing;

/// Where a program's input is written. Dropped, the program reads its end.
#[derive(Debug)]
pub struct Stdin(End);

/// What it is written into.
#[derive(Debug)]
enum End {
    /// A pipe that has always had room, as most have: nothing tells when it has room again.
    Roomy(OwnedFd),
    /// A pipe that was full once.
    Pipe(Sender),
    /// A terminal, and what is on its way into it.
    Terminal(Sender, Box<Typing>),
    /// A pipe that cannot be watched, and is closed.
    Gone,
}

/// Where a program's output, or its errors, are read.
#[derive(Debug)]
pub struct Stdout(Receiver);

impl Stdin {
    /// Around the writing end of a pipe.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Self(End::Roomy(fd)))
    }

    /// Around our side of a terminal.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn terminal(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Self(End::Terminal(Sender::from_owned_fd_unchecked(fd)?, Box::default())))
    }

    /// Writes what fits. `BrokenPipe` where the program has closed its end. Where it is not ready, the same bytes, or more
    /// that begin with them, are to be given again.
    ///
    /// # Errors
    /// Those of the system.
    pub fn poll_write_some(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            match &mut self.0 {
                End::Roomy(pipe) => match retry_on_intr(|| rustix::io::write(&*pipe, bytes)) {
                    Err(Errno::AGAIN) => self.watch()?,
                    written => return Poll::Ready(Ok(written?)),
                },
                End::Pipe(pipe) => return Pin::new(pipe).poll_write(cx, bytes),
                End::Terminal(terminal, typing) => {
                    typing.prepare(terminal, bytes);
                    return poll_type(typing, terminal, cx);
                }
                End::Gone => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
    }

    /// From now on it is told when there is room again.
    fn watch(&mut self) -> io::Result<()> {
        if let End::Roomy(pipe) = std::mem::replace(&mut self.0, End::Gone) {
            self.0 = End::Pipe(Sender::from_owned_fd_unchecked(pipe)?);
        }
        Ok(())
    }

    /// How many bytes of what was written nobody has read; a terminal does not tell.
    #[must_use]
    pub fn unread(&self) -> usize {
        let in_pipe = |pipe: BorrowedFd<'_>| rustix::io::ioctl_fionread(pipe).ok();
        let bytes = match &self.0 {
            End::Roomy(pipe) => in_pipe(pipe.as_fd()),
            End::Pipe(pipe) => in_pipe(pipe.as_fd()),
            End::Terminal(..) | End::Gone => None,
        };
        bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or_default()
    }

    /// Says that no more will come. To be called, until it is ready, before the stream is dropped: dropping a pipe says it
    /// by itself, but a terminal needs a key, for which there must be room.
    pub fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let End::Terminal(terminal, typing) = &mut self.0 else { return Poll::Ready(()) };
        typing.prepare_end(terminal);
        poll_type(typing, terminal, cx).map(drop)
    }
}

/// Writes all that was prepared, and says how much of the input that was.
fn poll_type(typing: &mut Typing, terminal: &mut Sender, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
    loop {
        if typing.rest().is_empty() {
            return Poll::Ready(Ok(typing.wrote(0).unwrap_or_default()));
        }
        let written = ready!(Pin::new(&mut *terminal).poll_write(cx, typing.rest()))?;
        if let Some(taken) = typing.wrote(written) {
            return Poll::Ready(Ok(taken));
        }
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        if let End::Terminal(terminal, typing) = &mut self.0 {
            typing.end_now(terminal);
        }
    }
}

impl Stdout {
    /// Around the reading end of a pipe, or a terminal.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Receiver::from_owned_fd_unchecked(fd).map(Self)
    }

    /// Reads what there is; 0 is the end.
    ///
    /// # Errors
    /// Those of the system.
    pub fn poll_read_some(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(self).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl AsyncRead for Stdout {
    /// A terminal whose other side is closed says EIO where a pipe says that it has ended.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.0).poll_read(cx, buf));
        let hung_up = |error: &io::Error| Errno::from_io_error(error) == Some(Errno::IO);
        Poll::Ready(read.or_else(|error| if hung_up(&error) { Ok(()) } else { Err(error) }))
    }
}

impl AsyncWrite for Stdin {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_some(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// A pipe's end is said only when it is dropped.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_end(cx).map(Ok)
    }
}
