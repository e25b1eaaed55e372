//! The server's life: open the store, serve, drain, close.
//!
//! [`serve`] takes the listener and the shutdown as arguments, so that tests start it on a free port and stop it.
//! Deliberately absent: signals and exit codes, which are `main`'s.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};

use crate::bus::people::People;
use crate::config::Config;
use crate::http::{self, Http, guard::Site, secret};
use crate::listen::progress::Patience;
use crate::listen::tls::{self, TlsError};
use crate::listen::{self, Front};
use crate::room::registry::Rooms;
use crate::socket::Sockets;
use crate::store::{Durability, OpenError, Store};
use crate::tasks::Tasks;

/// How long a room keeps its actor after its last use.
const ROOM_IDLE: Duration = Duration::from_secs(30);

/// Why the server could not start, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}; choose another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What is in the way.
        why: String,
        /// What the system said.
        error: io::Error,
    },
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The key that signs cookies cannot be read or made.
    #[error("cannot read or make the key in {}", folder.display())]
    Key {
        /// The data folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Takes the address that the settings name.
///
/// # Errors
/// [`ServeError::Listen`].
pub async fn bind(config: &Config) -> Result<TcpListener, ServeError> {
    let address = config.listen;
    TcpListener::bind(address).await.map_err(|error| {
        let known = [
            (io::ErrorKind::AddrInUse, "it is in use by another program"),
            (io::ErrorKind::PermissionDenied, "this user may not"),
            (io::ErrorKind::AddrNotAvailable, "it is not an address of this machine"),
        ];
        let why = known.into_iter().find(|(kind, _)| *kind == error.kind());
        let why = why.map_or_else(|| error.to_string(), |(_, why)| why.to_owned());
        ServeError::Listen { address, why, error }
    })
}

/// Serves until `shutdown` comes, then lets every connection finish, at most for [`Config::drain`]. `ready` is told the
/// address once the store is open.
///
/// # Errors
/// [`ServeError`], where the server cannot start.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let tls = config.tls.as_ref().map(tls::load).transpose()?;
    let store = Store::open(&config.data, config.durability)?;
    let key = secret::load(&config.data).map_err(|source| ServeError::Key { folder: config.data.clone(), source })?;
    let (connections, actors, people) = (Tasks::new(), Tasks::new(), People::default());
    let rooms = Rooms::new(store.clone(), people.clone(), actors.clone(), (ROOM_IDLE, config.timings.presence_grace));
    let limits = (config.timings, config.rate);
    let sockets = Sockets::new(store.clone(), rooms.clone(), people.clone(), connections.clone(), limits);
    let drain = config.drain;
    let idle = Duration::from_millis(config.timings.patience.silence_ms);
    let patience = Patience { head: config.timings.head, idle };
    let address = listener.local_addr().unwrap_or(config.listen);
    announce(&config, address);
    let http = Http {
        site: Arc::new(Site::new(&config)),
        config: Arc::new(config),
        store: store.clone(),
        rooms: rooms.clone(),
        people,
        sockets,
        connections: connections.clone(),
        key,
        assets: Arc::default(),
    };
    let front = Front { router: http::router(http), tls, connections: connections.clone(), patience };
    connections.spawn(listen::accept(listener, front));
    ready(address);

    shutdown.await;

    let deadline = Instant::now() + drain;
    // The last fifth is the store's: a connection that does not end must not keep the database from being closed.
    let goodbyes = deadline.checked_sub(drain / 5).unwrap_or(deadline);
    tracing::info!(connections = connections.running(), "stopping");
    connections.stop();
    if timeout_at(goodbyes, connections.ended()).await.is_err() {
        tracing::warn!(connections = connections.running(), "some connections did not end in time");
    }
    rooms.close();
    let closed = timeout_at(deadline, async {
        actors.ended().await;
        store.close().await;
    });
    if closed.await.is_err() {
        tracing::warn!("the store was not closed in time; what was acknowledged is on disk");
    }
    tracing::info!("stopped");
    Ok(())
}

/// The address to open in a browser.
#[must_use]
pub fn url(config: &Config, address: SocketAddr) -> String {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    match &config.public_url {
        Some(url) => url.to_string(),
        None if address.ip().is_unspecified() => format!("{scheme}://127.0.0.1:{}", address.port()),
        None => format!("{scheme}://{address}"),
    }
}

fn announce(config: &Config, address: SocketAddr) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        url = url(config, address),
        data = %config.data.display(),
        guests = config.guests,
        "listening"
    );
    if config.durability == Durability::Relaxed {
        tracing::warn!(
            "durability is relaxed: what was acknowledged in the last half minute may be lost if the power fails"
        );
    }
}
