//! An address that is listened on.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Listens on an address with its port, and gives the port that it has got. Without a host it is every address. Of a
/// name's addresses it is the first, one of version 4 before others, as Go has it.
///
/// # Errors
/// In words.
pub(super) async fn bind(address: &str) -> Result<(TcpListener, u16), String> {
    let listener = match address.strip_prefix(':') {
        Some(port) => everywhere(port.parse().unwrap_or_default()),
        None => first(address).await.and_then(at),
    };
    let bound = listener.and_then(|listener| listener.local_addr().map(|address| (listener, address.port())));
    bound.map_err(|error| format!("cannot listen on {address}: {}", why(&error)))
}

async fn first(address: &str) -> io::Result<SocketAddr> {
    let found: Vec<SocketAddr> = lookup_host(address).await?.collect();
    let first = found.iter().find(|address| address.is_ipv4()).or(found.first());
    first.copied().ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// All addresses of both versions; of version 4, where the system has no other.
fn everywhere(port: u16) -> io::Result<TcpListener> {
    let Ok(socket) = TcpSocket::new_v6() else { return at((Ipv4Addr::UNSPECIFIED, port).into()) };
    rustix::net::sockopt::set_ipv6_v6only(&socket, false)?;
    match listen(socket, (Ipv6Addr::UNSPECIFIED, port).into()) {
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => at((Ipv4Addr::UNSPECIFIED, port).into()),
        bound => bound,
    }
}

fn at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    listen(socket, address)
}

fn listen(socket: TcpSocket, address: SocketAddr) -> io::Result<TcpListener> {
    // Whoever had the port before may have connections that linger.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn why(error: &io::Error) -> String {
    let known = [
        (io::ErrorKind::AddrInUse, "the port is in use by another program; choose another with --port"),
        (io::ErrorKind::PermissionDenied, "this user may not; ports from 1024 on are free for everybody: --port"),
        (io::ErrorKind::AddrNotAvailable, "it is not an address of this machine; choose another with --address"),
    ];
    let why = known.into_iter().find(|(kind, _)| *kind == error.kind());
    why.map_or_else(|| error.to_string(), |(_, why)| why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_address_is_both_versions() {
        let (listener, port) = bind(":0").await.unwrap();
        let (one, other) = tokio::join!(listener.accept(), tokio::net::TcpStream::connect(("127.0.0.1", port)));
        assert!(one.is_ok() && other.is_ok() && port != 0);
    }

    #[tokio::test]
    async fn what_is_in_the_way_is_said() {
        let (_listener, port) = bind("127.0.0.1:0").await.unwrap();
        let why = bind(&format!("127.0.0.1:{port}")).await.unwrap_err();
        assert!(why.contains("in use") && why.contains(&port.to_string()), "{why}");
        assert!(bind("203.0.113.1:0").await.unwrap_err().contains("--address"));
        assert!(bind("no-such-host.invalid:0").await.is_err());
    }
}
