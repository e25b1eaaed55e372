//! The ends of a program's standard streams that are ours: pipes, or a terminal's. Idle they hold nothing but a descriptor.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::pty::Typing;

/// Where a program's input is written. Dropped, the program reads its end.
#[derive(Debug)]
pub struct Stdin {
    end: Sender,
    /// What is on its way into a terminal; none for a pipe.
    typing: Option<Box<Typing>>,
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
        Ok(Self { end: Sender::from_owned_fd_unchecked(fd)?, typing: None })
    }

    /// Around our side of a terminal.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn terminal(fd: OwnedFd) -> io::Result<Self> {
        let mut stdin = Self::new(fd)?;
        stdin.typing = Some(Box::default());
        Ok(stdin)
    }

    /// Writes what fits. `BrokenPipe` where the program has closed its end. Where it is not ready, the same bytes, or more
    /// that begin with them, are to be given again.
    ///
    /// # Errors
    /// Those of the system.
    pub fn poll_write_some(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(typing) = &mut self.typing else { return Pin::new(&mut self.end).poll_write(cx, bytes) };
        typing.prepare(&self.end, bytes);
        poll_type(typing, &mut self.end, cx)
    }

    /// How many bytes of what was written nobody has read; a terminal does not tell.
    #[must_use]
    pub fn unread(&self) -> usize {
        let in_pipe = || rustix::io::ioctl_fionread(&self.end).ok().and_then(|bytes| usize::try_from(bytes).ok());
        if self.typing.is_some() { 0 } else { in_pipe().unwrap_or_default() }
    }

    /// Says that no more will come. To be called, until it is ready, before the stream is dropped: dropping a pipe says it
    /// by itself, but a terminal needs a key, for which there must be room.
    pub fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(typing) = &mut self.typing else { return Poll::Ready(()) };
        typing.prepare_end(&self.end);
        poll_type(typing, &mut self.end, cx).map(drop)
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
        if let Some(typing) = &mut self.typing {
            typing.end_now(&self.end);
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
