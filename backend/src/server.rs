//! The server's life: open the store, serve, drain, close.
//!
//! [`serve`] takes the listener and the shutdown as arguments, so that tests start it on a free port and stop it.
//! Deliberately absent: signals and exit codes, which are `main`'s.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};

use crate::bot::programs::{self, House};
use crate::bus::{Bus, ShardId};
use crate::config::Config;
use crate::http::{self, Http, guard::Site, pace::Pace};
use crate::labs::{Labs, Waits};
use crate::listen::progress::Patience;
use crate::listen::tls::{self, TlsError};
use crate::listen::{self, Front};
use crate::passwords::Hasher;
use crate::publish::Publisher;
use crate::relay::Relays;
use crate::session::Rules;
use crate::socket::{Driver, Means, Sockets};
use crate::store::{Durability, OpenError, Store, StoreError, accounts, invites, sessions};
use crate::tasks::Tasks;
use crate::token::Token;
use crate::tries::Tries;

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
    /// The sockets cannot be watched.
    #[error("cannot watch sockets")]
    Shard {
        /// What the system said.
        source: io::Error,
    },
    /// The store does not answer.
    #[error(transparent)]
    Unread(#[from] StoreError),
    /// The server's own programs cannot be run.
    #[error(transparent)]
    Programs(#[from] programs::StartError),
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
    let bus = Bus::new(std::thread::available_parallelism().map_or(1, usize::from));
    let posts = bus.clone();
    let store = Store::open(&config.data, config.durability, move || posts.flush())?;
    let setup = if store.read(accounts::has_owner).await? { None } else { Some(Token::new()) };
    let (connections, own) = (Tasks::new(), Tasks::new());
    let _halt = Halt { groups: [own.clone(), connections.clone()], bus: bus.clone() };
    let publisher = Publisher::new(store.clone(), bus.clone());
    let sockets = Sockets::new(bus.clone());
    let (sockets_, tasks) = (sockets.clone(), connections.clone());
    let means =
        Means { sockets: sockets_, bus: bus.clone(), store: store.clone(), publisher: publisher.clone(), tasks };
    let rules = Arc::new(Rules { epoch: store.epoch().clone(), rate: config.rate });
    for shard in 0..bus.shards() {
        let driver = Driver::new(ShardId(shard), means.clone(), config.timings, Arc::clone(&rules));
        let driver = driver.map_err(|source| ServeError::Shard { source })?;
        connections.spawn_thread(move || driver.run());
    }
    let house = House { store: store.clone(), sockets: sockets.clone(), connections: connections.clone() };
    programs::start(&config, house, &own).await?;
    let drain = config.drain;
    let idle = Duration::from_millis(config.timings.patience.silence_ms);
    let patience = Patience { head: config.timings.head, idle };
    let address = listener.local_addr().unwrap_or(config.listen);
    announce(&config, address);
    if let Some(token) = &setup {
        show(&format!("{}/setup#{}", url(&config, address), token.encode()));
    }
    let labs = Labs::new(connections.clone(), config.lab_limits, Waits::from(&config.timings));
    let http = Http {
        site: Arc::new(Site::new(&config)),
        pace: Pace::new(config.rate),
        config: Arc::new(config),
        store: store.clone(),
        publisher,
        bus: bus.clone(),
        sockets,
        labs,
        connections: connections.clone(),
        hasher: Hasher::new(connections.clone()),
        tries: Tries::default(),
        setup: setup.map(|token| token.digest()),
        relays: Relays::default(),
        assets: Arc::default(),
    };
    let front = Front { router: http::router(http), tls, connections: connections.clone(), patience };
    connections.spawn(listen::accept(listener, front));
    connections.spawn(prune(store.clone(), bus.clone(), connections.clone()));
    ready(address);

    shutdown.await;

    wind_up(drain, (&own, &connections), &bus, &store).await;
    tracing::info!("stopped");
    Ok(())
}

/// Lets the server's own programs, then every connection, finish, and closes the store.
async fn wind_up(drain: Duration, (own, connections): (&Tasks, &Tasks), bus: &Bus, store: &Store) {
    let deadline = Instant::now() + drain;
    // The last fifth is the store's: a connection that does not end must not keep the database from being closed.
    let goodbyes = deadline.checked_sub(drain / 5).unwrap_or(deadline);
    tracing::info!(connections = connections.running(), "stopping");
    // Their last words are said while there is still somebody to hear them.
    own.stop();
    let words = timeout_at(goodbyes.checked_sub(drain / 5).unwrap_or(goodbyes), own.ended()).await;
    connections.stop();
    bus.wake_all();
    if timeout_at(goodbyes, connections.ended()).await.is_err() {
        tracing::warn!(connections = connections.running(), "some connections did not end in time");
    }
    if words.is_err() && timeout_at(goodbyes, own.ended()).await.is_err() {
        tracing::warn!("some programs did not end in time; they are ended from outside");
    }
    if timeout_at(deadline, store.close()).await.is_err() {
        tracing::warn!("the store was not closed in time; what was acknowledged is on disk");
    }
}

/// Shows the link that makes the owner's account: in the log, and to whoever sits at the terminal.
fn show(link: &str) {
    tracing::warn!(link, "this server has no owner yet; whoever opens the link becomes it");
    if io::stderr().is_terminal() {
        drop(writeln!(
            io::stderr(),
            "\n  Nobody owns this server yet. Open this link to make your account:\n\n  {link}\n"
        ));
    }
}

/// Forgets sessions and invites that have run out: at once, and once a day.
async fn prune(store: Store, bus: Bus, connections: Tasks) {
    let mut days = tokio::time::interval(Duration::from_secs(24 * 60 * 60));
    loop {
        tokio::select! {
            _ = days.tick() => {}
            () = connections.stopping() => return,
        }
        let pruned = store.write(|db, now| {
            invites::prune(db, now)?;
            sessions::prune(db, now)
        });
        match pruned.await {
            Ok(ended) => ended.into_iter().for_each(|(user, id)| bus.end(user, id)),
            Err(error) => tracing::warn!(%error, "what has run out could not be forgotten"),
        }
    }
}

/// Stops the threads that drive shards also where nobody waits for the end any more: a runtime cannot end before them.
struct Halt {
    groups: [Tasks; 2],
    bus: Bus,
}

impl Drop for Halt {
    fn drop(&mut self) {
        self.groups.iter().for_each(Tasks::stop);
        self.bus.wake_all();
    }
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
