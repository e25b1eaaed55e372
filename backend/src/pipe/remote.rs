//! Who is connected: address, port, and on request the name.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::listen::Peer;
use crate::tasks::Tasks;

/// Names that are looked up at once. The system's resolver keeps a thread waiting for each.
const AT_ONCE: usize = 16;

/// How long a name may take. Who has none by then goes by the address.
const PATIENCE: Duration = Duration::from_secs(3);

/// What stands for an address where there is none.
const UNIX: &str = "unix-socket";

/// Who is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remote {
    /// The address.
    pub(super) address: String,
    /// The name; the address, where it is not known.
    pub(super) host: String,
    /// The port; empty, where there is none.
    pub(super) port: String,
}

impl Remote {
    /// Whoever is at the other end.
    pub(super) fn of(peer: Peer) -> Self {
        match peer {
            Peer::Tcp(peer) => {
                let address = peer.ip().to_canonical().to_string();
                Self { host: address.clone(), address, port: peer.port().to_string() }
            }
            Peer::Unix => Self { address: UNIX.to_owned(), host: UNIX.to_owned(), port: String::new() },
        }
    }

    /// The same by name.
    pub(super) async fn named(self, peer: Peer, names: &Names) -> Self {
        let Some(ip) = peer.ip() else { return self };
        match names.find(ip.to_canonical()).await {
            Some(host) => Self { host, ..self },
            None => self,
        }
    }
}

/// Looks names up. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Names {
    tasks: Tasks,
    places: Arc<Semaphore>,
}

impl Names {
    /// Lookups belong to the group.
    pub(super) fn new(tasks: Tasks) -> Self {
        Self { tasks, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The name of an address, if it has one that is told in time.
    async fn find(&self, ip: IpAddr) -> Option<String> {
        let asking = async {
            let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
            let (tell, told) = oneshot::channel();
            self.tasks.spawn_thread(move || {
                // Nobody may wait for it any more.
                drop(tell.send(dns_lookup::lookup_addr(&ip).ok()));
                drop(place);
            });
            told.await.ok()?
        };
        let name = timeout(PATIENCE, asking).await.ok()??;
        Some(name.trim_end_matches('.').to_owned()).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_version_4_looks_like_one() {
        let remote = Remote::of(Peer::Tcp("[::ffff:127.0.0.1]:80".parse().unwrap()));
        assert_eq!(
            (remote.address.as_str(), remote.host.as_str(), remote.port.as_str()),
            ("127.0.0.1", "127.0.0.1", "80")
        );
        let remote = Remote::of(Peer::Unix);
        assert_eq!((remote.address.as_str(), remote.port.as_str()), ("unix-socket", ""));
    }
}
