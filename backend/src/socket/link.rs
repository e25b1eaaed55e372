//! One socket of a shard.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;

use mio::event::Source;
use mio::{Interest, Registry, Token};
use wire::Decoder;

use crate::shard;

/// A socket behind its handshake. It must not block.
#[derive(Debug)]
pub enum Link {
    /// The client's own.
    Tcp(std::net::TcpStream),
    /// One end of a pair; a task moves bytes between the other one and the client.
    Pair(std::os::unix::net::UnixStream),
}

impl Link {
    /// A connection that comes from within: our end of a pair, and the one for the shard.
    ///
    /// # Errors
    /// Those of the system.
    pub fn pair() -> io::Result<(tokio::net::UnixStream, Self)> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        theirs.set_nonblocking(true)?;
        Ok((tokio::net::UnixStream::from_std(ours)?, Self::Pair(theirs)))
    }
}

#[derive(Debug)]
enum Stream {
    Tcp(mio::net::TcpStream),
    Pair(mio::net::UnixStream),
}

/// A socket, with what its frames need.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    pub(super) decoder: Decoder,
    /// What came and was not decoded, because the session did not want it.
    pub(super) unread: Option<Box<[u8]>>,
    /// Whether the system may have something to read.
    pub(super) is_readable: bool,
    /// Whether the other side has said that nothing more comes.
    pub(super) is_closed: bool,
    /// Whether it is on the list of those to be read.
    pub(super) is_listed: bool,
    is_deflated: bool,
}

impl Socket {
    /// `first` has been read already.
    pub(super) fn new(link: Link, first: Vec<u8>, is_deflated: bool) -> Self {
        let stream = match link {
            Link::Tcp(stream) => Stream::Tcp(mio::net::TcpStream::from_std(stream)),
            Link::Pair(stream) => Stream::Pair(mio::net::UnixStream::from_std(stream)),
        };
        Self {
            stream,
            decoder: Decoder::default(),
            unread: (!first.is_empty()).then(|| first.into()),
            is_readable: true,
            is_closed: false,
            is_listed: false,
            is_deflated,
        }
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        match &mut self.stream {
            Stream::Tcp(stream) => stream.register(registry, token, interest),
            Stream::Pair(stream) => stream.register(registry, token, interest),
        }
    }

    /// Reads once. A socket that gave less than there was space for has nothing more, but perhaps the end, which the system
    /// tells only once.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = loop {
            let got = match &mut self.stream {
                Stream::Tcp(stream) => stream.read(buffer),
                Stream::Pair(stream) => stream.read(buffer),
            };
            match got {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                got => break got,
            }
        };
        match &got {
            Ok(got) if *got < buffer.len() && !self.is_closed => self.is_readable = false,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.is_readable = false,
            Ok(_) | Err(_) => {}
        }
        got
    }

    /// Whether messages may come compressed.
    pub(super) fn is_deflated(&self) -> bool {
        self.is_deflated
    }
}

impl shard::Link for Socket {
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match (&mut self.stream, slices) {
            (Stream::Tcp(stream), [only]) => stream.write(only),
            (Stream::Tcp(stream), slices) => stream.write_vectored(slices),
            (Stream::Pair(stream), slices) => stream.write_vectored(slices),
        }
    }

    fn finish(&mut self) {
        // One that is gone has nothing to be told.
        drop(match &self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Stream::Pair(stream) => stream.shutdown(Shutdown::Write),
        });
    }

    fn has_unread(&self) -> bool {
        (self.is_readable || self.unread.is_some()) && !self.is_listed
    }
}
