//! The ends of a program's standard streams that are ours: pipes, or a terminal's. Idle they hold nothing but a descriptor.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::unix::pipe::{Receiver, Sender};

/// Where a program's input is written. Dropped, the program reads its end.
#[derive(Debug)]
pub struct Stdin(Sender);

/// Where a program's output, or its errors, are read.
#[derive(Debug)]
pub struct Stdout(Receiver);

impl Stdin {
    /// Around the writing end of a pipe, or a terminal.
    ///
    /// # Errors
    /// Those of the system.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Sender::from_owned_fd_unchecked(fd).map(Self)
    }

    /// Writes what fits. `BrokenPipe` where the program has closed its end.
    ///
    /// # Errors
    /// Those of the system.
    pub fn poll_write_some(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    /// Says that no more will come. To be called, until it is ready, before the stream is dropped: dropping a pipe says it
    /// by itself, but a terminal needs a mark, for which there must be room.
    pub fn poll_end(&mut self, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
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
