//! Sockets that begin at many addresses of this machine, for one address has 28,232 ports.
//!
//! `IP_BIND_ADDRESS_NO_PORT` (Linux 4.2) leaves the choice of the port to `connect`, which knows the other end and finds
//! one at once; without it ten thousand binds search the table of ports for seconds.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;

use anyhow::Context;
use mio::net::TcpStream;
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt};

/// Connections that begin at one address.
const PER_ADDRESS: usize = 20_000;

/// Begins to connect the `number`th socket: 127.0.0.2 has the first ones, 127.0.0.3 the next, and so on.
///
/// # Errors
/// When there is no socket to be had, which is mostly for want of file descriptors.
pub(crate) fn begin(to: SocketAddrV4, number: usize) -> anyhow::Result<TcpStream> {
    let last = u8::try_from(2 + number / PER_ADDRESS).context("too many connections for the addresses there are")?;
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let fd = socket(AddressFamily::Inet, SockType::Stream, flags, None).context("no socket")?;
    if to.ip().is_loopback() {
        setsockopt(&fd, sockopt::IpBindAddressNoPort, &true)?;
        bind(fd.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, last), 0)))?;
    }
    setsockopt(&fd, sockopt::TcpNoDelay, &true)?;
    match connect(fd.as_raw_fd(), &SockaddrIn::from(to)) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(TcpStream::from_std(fd.into())),
        Err(error) => Err(error).with_context(|| format!("cannot connect to {to}")),
    }
}
