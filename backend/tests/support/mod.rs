//! What the tests speak: servers, guests, and what guests say and see.
//!
//! Real sockets and real SQLite files. Everything waits for what it needs, at most [`PATIENCE`], and nothing sleeps.
//! Every client checks, on every event, that a room's events come gapless and once.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it knows"
)]

pub mod bot;
pub mod client;
pub mod frames;
pub mod http;
pub mod http2;
pub mod people;
pub mod pipe;
pub mod process;
pub mod tls;
pub mod whole;
pub mod wire;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use readyroom::config::Config;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use client::Client;

/// How long a test waits for anything: for ever, as far as a machine goes that others use too.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A server of this process.
pub struct Server {
    pub address: SocketAddr,
    pub data: TempDir,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change).await
    }

    pub async fn start_in(data: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), data, change).await
    }

    /// Starts at an address, where one was before.
    pub async fn start_at(address: SocketAddr, data: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        // As the binary does. What is tested here takes descriptors for both ends of each connection.
        readyroom::descriptors::raise();
        let mut config = settings(data.path());
        change(&mut config);
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let task = TaskTracker::new().spawn(async move {
            readyroom::serve(config, listener, |_| ready.send(()).unwrap(), stopped).await.unwrap();
        });
        is_ready.await.unwrap();
        Self { address, data, stop, task }
    }

    /// A guest who is connected and has been welcomed.
    pub async fn guest(&self, name: &str) -> Client {
        let cookie = http::come_in(self.address, name).await;
        Client::connect(self.address, name, &cookie).await
    }

    /// Somebody with an account, as far as rights go, who is connected and has been welcomed.
    pub async fn member(&self, name: &str) -> Client {
        let guest = self.guest(name).await;
        self.appoint(&guest, 2);
        guest
    }

    /// Gives somebody another role on the server, by its number in the database.
    pub fn appoint(&self, who: &Client, role: i64) {
        let db = rusqlite::Connection::open(self.data.path().join("readyroom.db")).unwrap();
        db.busy_timeout(PATIENCE).unwrap();
        db.execute("UPDATE user SET role = ? WHERE id = ?", [role, i64::try_from(who.me.id.0).unwrap()]).unwrap();
    }

    /// Asks the server to stop, without waiting.
    pub fn begin_stop(&self) {
        self.stop.cancel();
    }

    /// Stops the server and gives its folder back.
    pub async fn stop(self) -> TempDir {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
        self.data
    }

    pub async fn restart(self) -> Self {
        Self::start_in(self.stop().await, |_| {}).await
    }
}

pub fn settings(data: &Path) -> Config {
    let mut config =
        Config { data: data.to_owned(), listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() };
    // Clients of a test that is over do not answer a Close.
    config.timings.linger = Duration::from_millis(100);
    // Nobody is given up because the machine is busy. Tests of that say how long it takes.
    config.timings.write_stall = 5 * PATIENCE;
    config.timings.patience.silence_ms = 600_000;
    config
}

/// Waits for something, but not for ever.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// Waits until something is true of what does not tell, such as a file or another process.
pub async fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    let look = async {
        while !is_true() {
            looks.tick().await;
        }
    };
    soon(what, look).await;
}
