//! The endpoints under `/labs`: sockets to learn from, to try programs on, and to see fail.
//!
//! Each connection is a task of its own around one stream, be it TCP, TLS or a stream of HTTP/2. What an endpoint does is
//! a [`Lab`], a state machine without I/O in a file of its own: [`echo`], [`ticker`], [`broadcast`], [`greeting`], [`flood`],
//! [`fragment`], [`pinger`], [`sink`] and the [`faults`]. `conn` moves the bytes, [`out`] holds what waits to be written, [`gate`]
//! and [`Limits`] say how much of everything there may be, [`head`] shows handshakes, [`tap`] watches frames, and
//! [`race`] counts what news cost.
//! `http::labs` lets people in.
//!
//! Deliberately absent: anything of the chat. No lab knows who somebody is, and none has a place in a shard.

pub mod broadcast;
pub mod echo;
pub mod faults;
pub mod flood;
pub mod fragment;
pub mod gate;
pub mod greeting;
pub mod head;
pub mod lab;
pub mod limits;
pub mod name;
pub mod out;
pub mod pinger;
pub mod race;
pub mod sink;
pub mod tap;
pub mod ticker;

mod conn;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use wire::deflate::Params;

use crate::shard::timings::Timings;
use crate::tasks::Tasks;
use broadcast::Rooms;
use conn::Conn;
use gate::{Gate, Place};
use race::Races;
use tap::{Tap, Taps};

pub use lab::Lab;
pub use limits::Limits;

/// What a lab's connection reads from and writes to.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How long the other side may take, as for every connection of this server.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// For taking something of what waits for it.
    pub stall: Duration,
    /// For answering our Close, and then for ending TCP.
    pub linger: Duration,
    /// Over how many milliseconds clients spread their return after a stop.
    pub retry_ms: u64,
}

impl From<&Timings> for Waits {
    fn from(timings: &Timings) -> Self {
        Self { stall: timings.write_stall, linger: timings.linger, retry_ms: timings.retry_ms }
    }
}

/// The labs. Clones share them.
#[derive(Clone)]
pub struct Labs {
    /// Who watches which connection.
    pub taps: Taps,
    /// The races between ways to get news.
    pub races: Races,
    /// Who is in which room of `broadcast`.
    pub rooms: Rooms,
    gate: Gate,
    limits: Limits,
    waits: Waits,
    tasks: Tasks,
}

impl fmt::Debug for Labs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labs").field("limits", &self.limits).field("gate", &self.gate).finish_non_exhaustive()
    }
}

/// A connection that is about to begin.
pub struct Opening {
    /// Its place among all.
    pub place: Place,
    /// The compression that was agreed.
    pub deflate: Option<Params>,
    /// Who watches.
    pub tap: Option<Tap>,
    /// What it is for.
    pub lab: Box<dyn Lab>,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("deflate", &self.deflate).finish_non_exhaustive()
    }
}

impl Labs {
    /// Nobody is there yet. `tasks` is the group whose stop is heeded.
    #[must_use]
    pub fn new(tasks: Tasks, limits: Limits, waits: Waits) -> Self {
        Self {
            taps: Taps::default(),
            races: Races::default(),
            rooms: Rooms::default(),
            gate: Gate::new(limits),
            limits,
            waits,
            tasks,
        }
    }

    /// A place for somebody from this address; `None` where there is none.
    #[must_use]
    pub fn enter(&self, address: Option<IpAddr>) -> Option<Place> {
        if self.tasks.is_stopping() { None } else { self.gate.enter(address) }
    }

    /// Serves a connection once its handshake is answered, which `upgraded` waits for.
    pub fn serve<F>(&self, opening: Opening, upgraded: F)
    where
        F: Future<Output = io::Result<Box<dyn Stream>>> + Send + 'static,
    {
        let (tasks, limits, waits) = (self.tasks.clone(), self.limits, self.waits);
        self.tasks.spawn(async move {
            let Opening { place, deflate, tap, lab } = opening;
            let served = async {
                let stream = upgraded.await?;
                let stream = match tap {
                    Some(tap) => tap.wrap(stream),
                    None => stream,
                };
                Conn::new(stream, lab, deflate, (limits, waits), place).run(&tasks).await
            };
            if let Err(error) = served.await {
                tracing::debug!(%error, "a lab's connection did not end as it should");
            }
        });
    }

    /// Waits until the server is asked to stop.
    pub async fn stopping(&self) {
        self.tasks.stopping().await;
    }
}
