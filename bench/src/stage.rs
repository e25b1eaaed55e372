//! A server with a crowd that is connected to it, ready to be measured, and what a measurement gives.

use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use wire::deflate::Offer;

use crate::load::body::{Bodies, Language};
use crate::load::clock::Clock;
use crate::load::dialect::Dialect;
use crate::load::dialect::plain::Plain;
use crate::load::dialect::readyroom::Readyroom;
use crate::load::dialect::socketio::SocketIo;
use crate::load::fleet::{Fleets, Load, Opening};
use crate::load::guests;
use crate::load::place::{self, Share};
use crate::load::tally::Tally;
use crate::subject::{Programs, Running, Subject};

/// Handshakes that are under way at once.
pub(crate) const WINDOW: usize = 256;

/// How long it must be silent before a measurement begins. Presence goes out once a second.
const QUIET: Duration = Duration::from_millis(1_500);

/// The generator's share of its processors beyond which a run says nothing about the server.
const BUSY: f64 = 0.95;

/// What is measured and where it runs.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Setting {
    #[command(flatten)]
    pub(crate) programs: Programs,
    /// The server
    #[arg(long, value_enum, default_value = "readyroom", global = true)]
    pub(crate) subject: Subject,
    /// Processors of the server, as taskset takes them
    #[arg(long, value_name = "LIST", default_value = "0", global = true)]
    pub(crate) server_cpus: String,
    /// Processors of the generator
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1", global = true)]
    pub(crate) generator_cpus: Vec<usize>,
    /// Let the system decide who runs where
    #[arg(long, global = true)]
    pub(crate) unpinned: bool,
    /// Threads of the generator, each with its own epoll
    #[arg(long, default_value_t = 1, global = true)]
    pub(crate) threads: usize,
    /// Offer permessage-deflate as browsers do
    #[arg(long, global = true)]
    pub(crate) deflate: bool,
    /// What is said
    #[arg(long, value_enum, default_value = "english", global = true)]
    pub(crate) language: Language,
    /// Bytes of each message's text
    #[arg(long, default_value_t = 200, global = true)]
    pub(crate) bytes: usize,
    /// Connections that publish, in turn
    #[arg(long, default_value_t = 256, global = true)]
    pub(crate) senders: usize,
}

/// A crowd in front of a server.
pub(crate) struct Stage {
    pub(crate) server: Running,
    pub(crate) fleets: Fleets,
    pub(crate) setting: Setting,
    /// How many are in it.
    pub(crate) members: usize,
}

/// What browsers offer: they can bound their own window, and ask for nothing.
const OFFER: Offer = Offer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: 15,
    client_max_window_bits: Some(15),
};

impl Setting {
    /// The arguments that make this setting again, for another server.
    pub(crate) fn arguments(&self, subject: Subject) -> Vec<String> {
        let list: Vec<_> = self.generator_cpus.iter().map(usize::to_string).collect();
        let named = subject.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let mut args = vec![
            format!("--subject={named}"),
            format!("--server-cpus={}", self.server_cpus),
            format!("--generator-cpus={}", list.join(",")),
            format!("--threads={}", self.threads),
            format!("--senders={}", self.senders),
            format!("--peers-folder={}", self.programs.peers_folder.display()),
        ];
        args.extend(self.programs.binary.iter().map(|binary| format!("--binary={}", binary.display())));
        args.extend(self.programs.server_arg.iter().map(|arg| format!("--server-arg={arg}")));
        args
    }

    /// Puts the generator where it belongs.
    ///
    /// # Errors
    /// When there is no such processor.
    pub(crate) fn take_place(&self) -> anyhow::Result<()> {
        if self.unpinned { Ok(()) } else { place::stay_on(&self.generator_cpus) }
    }

    /// Starts the server.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn serve(&self) -> anyhow::Result<Running> {
        self.subject.start(&self.programs, (!self.unpinned).then_some(self.server_cpus.as_str()))
    }

    /// Fleets for so many, with guests where the server wants them; nobody is connected yet.
    ///
    /// # Errors
    /// When the server takes no guests.
    pub(crate) fn fleets(&self, server: SocketAddrV4, members: usize) -> anyhow::Result<Fleets> {
        let takes_guests = self.subject == Subject::Readyroom;
        let cookies: Arc<[String]> =
            if takes_guests { guests::come_in(server, members)?.into() } else { Arc::from([]) };
        Fleets::new(server, self.threads, members, Clock::new(), || {
            let bodies = Bodies::new(self.language, self.bytes);
            match self.subject {
                Subject::Readyroom => {
                    let deflate = self.deflate.then_some(OFFER);
                    Dialect::Readyroom(Box::new(Readyroom::new(bodies, Arc::clone(&cookies), deflate)))
                }
                Subject::Socketio => Dialect::SocketIo(SocketIo::new(bodies)),
                Subject::Bare | Subject::Bun | Subject::Axum | Subject::Socketify | Subject::Ws => {
                    Dialect::Plain(Plain::new(bodies))
                }
            }
        })
    }

    /// Starts a server and connects `members` to it, each of them another person, and all in one room.
    ///
    /// # Errors
    /// When not all can connect.
    pub(crate) fn open(&self, members: usize) -> anyhow::Result<Stage> {
        ensure!(members > 0, "nobody is to come");
        let server = self.serve()?;
        let fleets = self.fleets(server.address(), members)?;
        let mut stage = Stage { server, fleets, setting: self.clone(), members };
        stage.open(members)?;
        stage.settle()?;
        Ok(stage)
    }
}

impl Stage {
    /// Connects all up to this number.
    ///
    /// # Errors
    /// When one cannot.
    pub(crate) fn open(&mut self, upto: usize) -> anyhow::Result<Opening> {
        // The first one learns what the others shall hold already.
        self.fleets.open_one()?;
        self.fleets.open(upto, WINDOW)
    }

    /// Waits until the server has nothing more to tell.
    ///
    /// # Errors
    /// When it does not get quiet.
    pub(crate) fn settle(&mut self) -> anyhow::Result<()> {
        self.fleets.settle(QUIET)
    }

    /// A load for all in the room.
    pub(crate) fn broadcast(&self, per_second: u64, seconds: u64) -> Load {
        let senders = (0..self.members.min(self.setting.senders))
            .map(|n| n * self.members / self.members.min(self.setting.senders));
        Load {
            per_second,
            count: per_second * seconds,
            senders: senders.map(|who| (who, 1)).collect(),
            reach: self.members,
            acked: self.setting.subject == Subject::Readyroom,
        }
    }

    /// Runs a load and looks at what it cost.
    ///
    /// # Errors
    /// When the server has ended.
    pub(crate) fn measure(&mut self, load: &Load) -> anyhow::Result<Measured> {
        let before = place::share_of(self.server.pid())?;
        let tally = self.fleets.run(load)?;
        let server = place::share_of(self.server.pid()).context("the server has ended")?.since(before);
        Ok(Measured { tally, server, reach: load.reach as u64, acked: load.acked })
    }
}

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The generator's counts.
    pub(crate) tally: Tally,
    /// What the server's threads had.
    pub(crate) server: Share,
    reach: u64,
    acked: bool,
}

impl Measured {
    /// Whether the generator itself was the limit.
    pub(crate) fn is_void(&self) -> bool {
        self.tally.own_load().0 > BUSY
    }

    /// Whether everything came, once, without trouble.
    pub(crate) fn is_whole(&self) -> bool {
        let Tally { repeated, missing, faults, given_up, published, .. } = self.tally;
        let lost = self.tally.lost(self.reach) + self.tally.surplus(self.reach);
        let acks = if self.acked { self.tally.acks.len() } else { published };
        published == self.tally.schedule().count
            && lost + repeated + missing + faults == 0
            && !given_up
            && acks == published
    }

    /// Deliveries in a second, from the first message being due until the last one was received.
    pub(crate) fn deliveries_per_second(&self) -> f64 {
        let took = self.tally.last.saturating_sub(self.tally.schedule().start).max(1);
        self.tally.delivered as f64 * 1e9 / took.max(self.tally.schedule().end() - self.tally.schedule().start) as f64
    }

    /// Everything, as a JSON object.
    ///
    /// # Errors
    /// Never, as the histograms are alike.
    pub(crate) fn figures(&self) -> anyhow::Result<Map<String, Value>> {
        let tally = &self.tally;
        let last = tally.until_last(self.reach)?;
        let ms = |us: u64| round(us as f64 / 1_000.0);
        let delivered = tally.delivered.max(1) as f64;
        let wall = tally.last.max(tally.schedule().end()).saturating_sub(tally.schedule().start).max(1) as f64;
        let (ran, waited) = tally.own_load();
        let mut figures = json!({
            "offered_per_s": tally.schedule().per_second,
            "published": tally.published,
            "delivered": tally.delivered,
            "deliveries_per_s": self.deliveries_per_second().round(),
            "whole": self.is_whole(),
            "lost": tally.lost(self.reach),
            "twice": tally.surplus(self.reach),
            "seq_missing": tally.missing,
            "seq_repeated": tally.repeated,
            "faults": tally.faults,
            "given_up": tally.given_up,
            "p50_ms": ms(tally.latency.value_at_quantile(0.5)),
            "p99_ms": ms(tally.latency.value_at_quantile(0.99)),
            "max_ms": ms(tally.latency.max()),
            "last_p50_ms": ms(last.value_at_quantile(0.5)),
            "last_p99_ms": ms(last.value_at_quantile(0.99)),
            "bytes_per_delivery": round(tally.bytes as f64 / delivered),
            "server_us_per_delivery": round(self.server.ran as f64 / 1_000.0 / delivered),
            "server_cpu": round(self.server.ran as f64 / wall),
            "server_waited": round(self.server.waited as f64 / wall),
            "generator_cpu": round(ran),
            "generator_waited": round(waited),
            "generator_late_p99_ms": ms(tally.late.value_at_quantile(0.99)),
            "void": self.is_void(),
        });
        let figures = figures.as_object_mut().map(std::mem::take).unwrap_or_default();
        Ok(self.with_acks(figures))
    }

    fn with_acks(&self, mut figures: Map<String, Value>) -> Map<String, Value> {
        let ms = |us: u64| round(us as f64 / 1_000.0);
        if self.acked {
            let acks = &self.tally.acks;
            figures.insert("acks".into(), acks.len().into());
            figures.insert("ack_p50_ms".into(), ms(acks.value_at_quantile(0.5)).into());
            figures.insert("ack_p99_ms".into(), ms(acks.value_at_quantile(0.99)).into());
        }
        if let Some(fault) = &self.tally.fault {
            figures.insert("fault".into(), fault.clone().into());
        }
        figures
    }
}

/// Three decimals.
pub(crate) fn round(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
