//! What connections come from: TCP, and Unix sockets.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};

use rustix::net::RecvFlags;
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Where a request comes from: the other end of its connection, which may be a proxy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A program of this machine.
    Unix,
}

impl Peer {
    /// The address, if there is one.
    #[must_use]
    pub fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address) => Some(address.ip()),
            Self::Unix => None,
        }
    }
}

/// What accepts connections.
pub trait Listener: Send + 'static {
    /// What it accepts.
    type Stream: Socket;

    /// Waits for the next connection.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;
}

/// A connection, before anything is known of what is spoken on it.
pub trait Socket: AsyncRead + AsyncWrite + Debug + Unpin + Send + 'static {
    /// Sets what is to be set at the start.
    ///
    /// # Errors
    /// Those of the system.
    fn prepare(&self) -> io::Result<()>;

    /// Looks at the next bytes, and leaves them to be read. 0 is the end.
    fn peek(&self, bytes: &mut [u8]) -> impl Future<Output = io::Result<usize>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, address) = Self::accept(self).await?;
        Ok((stream, Peer::Tcp(address)))
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, Peer)> {
        let (stream, _unnamed) = Self::accept(self).await?;
        Ok((stream, Peer::Unix))
    }
}

impl Socket for TcpStream {
    fn prepare(&self) -> io::Result<()> {
        self.set_nodelay(true)
    }

    async fn peek(&self, bytes: &mut [u8]) -> io::Result<usize> {
        Self::peek(self, bytes).await
    }
}

impl Socket for UnixStream {
    fn prepare(&self) -> io::Result<()> {
        Ok(())
    }

    async fn peek(&self, bytes: &mut [u8]) -> io::Result<usize> {
        let look = || Ok(rustix::net::recv(self, &mut *bytes, RecvFlags::PEEK)?.0);
        self.async_io(Interest::READABLE, look).await
    }
}
