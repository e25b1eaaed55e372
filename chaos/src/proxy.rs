//! The bad network: a TCP proxy that cuts, stalls, resets, half-closes and delays what passes.
//!
//! Each connection has a fate ([`crate::plan::Fate`]), drawn from the run's seed. A fault strikes when the next bytes
//! pass after its time, so that it falls into the middle of a frame. Neighbours: [`crate::round`] says when there is
//! trouble; else everything passes as it is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::plan::{Fate, Fault, Way};

/// Bytes that pass at once: a few events, so that a cut leaves some whole and one broken.
const CHUNK: usize = 2_048;

/// What befell connections so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// Closed in the middle.
    pub cuts: AtomicU64,
    /// Reset in the middle.
    pub resets: AtomicU64,
    /// Stalled for a while.
    pub stalls: AtomicU64,
    /// Shut on one way.
    pub halves: AtomicU64,
}

/// A running proxy; it ends when it is dropped, and every connection with it.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    /// What befell connections so far.
    pub counts: Arc<Counts>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Starts a proxy before a server. There are faults for as long as `trouble` is true.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(server: SocketAddr, seed: u64, trouble: watch::Receiver<bool>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, server, fastrand::Rng::with_seed(seed), trouble, Arc::clone(&counts)));
        Ok(Self { address, counts, _tasks: tasks })
    }
}

async fn serve(
    listener: TcpListener,
    server: SocketAddr,
    mut rng: fastrand::Rng,
    trouble: watch::Receiver<bool>,
    counts: Arc<Counts>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that is gone before it is accepted is the client's affair.
                let Ok((client, _)) = accepted else { continue };
                let spoiler = Spoiler { rng: rng.fork(), trouble: trouble.clone(), counts: Arc::clone(&counts) };
                connections.spawn(carry(client, server, spoiler));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What decides about one connection.
struct Spoiler {
    rng: fastrand::Rng,
    trouble: watch::Receiver<bool>,
    counts: Arc<Counts>,
}

/// How one way of a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Its source has no more, or it was shut; the other way may go on.
    Shut,
    /// Both ways end.
    Cut,
    /// Both ways end by a reset.
    Reset,
}

async fn carry(mut client: TcpStream, server: SocketAddr, mut spoiler: Spoiler) {
    // A server that is down refuses; the client sees its connection end before it was one.
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    drop(client.set_nodelay(true));
    drop(server.set_nodelay(true));
    let fate = Fate::draw(&mut spoiler.rng);
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = pump(Way::Up, from_client, to_server, fate, spoiler.again());
        let down = pump(Way::Down, from_server, to_client, fate, spoiler.again());
        tokio::pin!(up, down);
        tokio::select! {
            end = &mut up => if end == End::Shut { down.await } else { end },
            end = &mut down => if end == End::Shut { up.await } else { end },
        }
    };
    if end == End::Reset {
        drop(client.set_zero_linger());
        drop(server.set_zero_linger());
    }
}

impl Spoiler {
    fn again(&mut self) -> Self {
        Self { rng: self.rng.fork(), trouble: self.trouble.clone(), counts: Arc::clone(&self.counts) }
    }

    fn is_trouble(&self) -> bool {
        *self.trouble.borrow()
    }

    /// Lets time pass, or the trouble.
    async fn wait(&mut self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            // Whoever says when the trouble is over may be gone, and it is over then.
            _ = self.trouble.wait_for(|trouble| !trouble) => {}
        }
    }
}

/// Moves bytes one way until it ends or something befalls it.
async fn pump(way: Way, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, mut fate: Fate, mut spoiler: Spoiler) -> End {
    let mut due = Instant::now() + fate.after;
    let mut chunk = [0; CHUNK];
    loop {
        let bytes = match from.read(&mut chunk).await {
            Ok(length @ 1..) => chunk.get(..length).unwrap_or_default(),
            Ok(_) => return shut(&mut to).await,
            Err(_) => return End::Cut,
        };
        let mut passes = bytes;
        if spoiler.is_trouble() {
            if !fate.delay.is_zero() {
                spoiler.wait(fate.delay).await;
            }
            if fate.way == way && Instant::now() >= due {
                let part = bytes.get(..spoiler.rng.usize(..bytes.len())).unwrap_or_default();
                match fate.fault {
                    Fault::Stall(time) => {
                        spoiler.counts.stalls.fetch_add(1, Ordering::Relaxed);
                        spoiler.wait(time).await;
                        fate = Fate { way, ..Fate::draw(&mut spoiler.rng) };
                        due = Instant::now() + fate.after;
                    }
                    Fault::Cut | Fault::Reset | Fault::HalfClose => passes = part,
                }
            }
        }
        if to.write_all(passes).await.is_err() {
            return End::Cut;
        }
        if passes.len() < bytes.len() {
            return befall(fate.fault, &mut to, &spoiler.counts).await;
        }
    }
}

async fn befall(fault: Fault, to: &mut WriteHalf<'_>, counts: &Counts) -> End {
    match fault {
        Fault::Reset => {
            counts.resets.fetch_add(1, Ordering::Relaxed);
            End::Reset
        }
        Fault::HalfClose => {
            counts.halves.fetch_add(1, Ordering::Relaxed);
            shut(to).await
        }
        Fault::Cut | Fault::Stall(_) => {
            counts.cuts.fetch_add(1, Ordering::Relaxed);
            End::Cut
        }
    }
}

async fn shut(to: &mut WriteHalf<'_>) -> End {
    if to.shutdown().await.is_ok() { End::Shut } else { End::Cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets, through a proxy.
    async fn echo(trouble: bool) -> (Proxy, JoinSet<()>, watch::Sender<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await.ok();
                });
            }
        });
        let (trouble, is_trouble) = watch::channel(trouble);
        (Proxy::start(address, 7, is_trouble).await.unwrap(), server, trouble)
    }

    /// Uses a connection until it ends.
    async fn use_up(address: SocketAddr) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        while stream.write_all(b"x").await.is_ok() && matches!(stream.read(&mut [0]).await, Ok(1)) {}
    }

    #[tokio::test]
    async fn without_trouble_everything_passes_as_it_is() {
        let (proxy, _server, _trouble) = echo(false).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        let sent: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let (mut from, mut to) = stream.split();
        let mut got = Vec::new();
        let write = async {
            to.write_all(&sent).await.unwrap();
            to.shutdown().await.unwrap();
        };
        let (read, ()) = tokio::join!(from.read_to_end(&mut got), write);
        read.unwrap();
        assert!(got == sent, "{} of {} bytes", got.len(), sent.len());
    }

    #[tokio::test]
    async fn in_trouble_a_connection_that_is_used_comes_to_an_end() {
        let (proxy, _server, _trouble) = echo(true).await;
        // The stream's own end tells; the fates of a few connections are short enough that one is met soon.
        let mut connections = JoinSet::new();
        for _ in 0..50 {
            connections.spawn(use_up(proxy.address));
        }
        connections.join_next().await.unwrap().unwrap();
        let counts = [&proxy.counts.cuts, &proxy.counts.resets, &proxy.counts.halves];
        assert!(counts.iter().any(|count| count.load(Ordering::Relaxed) > 0));
    }

    #[tokio::test]
    async fn where_no_server_is_a_connection_ends_at_once() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (_trouble, is_trouble) = watch::channel(true);
        let proxy = Proxy::start(nobody, 7, is_trouble).await.unwrap();
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        assert!(matches!(stream.read(&mut [0]).await, Ok(0) | Err(_)));
    }
}
