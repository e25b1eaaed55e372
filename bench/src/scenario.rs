//! What is measured under load. Each scenario is a function that prints its results, one JSON object on a line.
//!
//! Neighbours: [`crate::stage`] has the server and the crowd, [`crate::load`] the generator.

mod behind;
mod broadcast;
mod memory;
mod missed;
mod rate;
mod rooms;
mod storm;

use std::io::Write;

use serde_json::{Map, Value};

use crate::stage::Setting;
use rooms::Rooms;

/// The scenarios, with what can be said about each.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum UnderLoad {
    /// One room, a fixed number of messages in a second
    Broadcast {
        #[arg(long, default_value_t = 1_000)]
        members: usize,
        #[arg(long, default_value_t = 100)]
        rate: u64,
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        #[arg(long, default_value_t = 1)]
        rounds: usize,
    },
    /// One room, the highest number of messages in a second that is sustained
    Sweep {
        #[arg(long, default_value_t = 1_000)]
        members: usize,
        #[arg(long, default_value_t = 100)]
        from: u64,
        #[arg(long, default_value_t = 3)]
        seconds: u64,
    },
    /// Many rooms, a fixed number of messages in a second over all of them
    Rooms {
        #[command(flatten)]
        rooms: Rooms,
        #[arg(long, default_value_t = 2_000)]
        rate: u64,
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Many rooms, the highest number of messages in a second that is sustained
    RoomsSweep {
        #[command(flatten)]
        rooms: Rooms,
        #[arg(long, default_value_t = 1_000)]
        from: u64,
        #[arg(long, default_value_t = 3)]
        seconds: u64,
    },
    /// Writers with a room each: a fixed number of durable messages in a second
    Durable {
        #[arg(long, default_value_t = 64)]
        clients: usize,
        #[arg(long, default_value_t = 20_000)]
        rate: u64,
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Writers with a room each, and how far the search index is behind them
    Behind {
        #[arg(long, default_value_t = 64)]
        clients: usize,
        #[arg(long, default_value_t = 2_000)]
        rate: u64,
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Writers with a room each: the highest number of durable messages in a second that is sustained
    DurableSweep {
        #[arg(long, default_value_t = 64)]
        clients: usize,
        #[arg(long, default_value_t = 5_000)]
        from: u64,
        #[arg(long, default_value_t = 3)]
        seconds: u64,
    },
    /// Connections, each with handshake and welcome, in a second
    Storm {
        #[arg(long, default_value_t = 10_000)]
        members: usize,
    },
    /// Memory for each idle connection
    Memory {
        #[arg(long, default_value_t = 10_000)]
        members: usize,
    },
    /// Many clients who come back at once and have missed some events
    MissedByMany {
        #[arg(long, default_value_t = 1_000)]
        clients: usize,
        #[arg(long, default_value_t = 100)]
        missed: u64,
    },
}

impl UnderLoad {
    /// Measures it.
    ///
    /// # Errors
    /// When a server fails.
    pub(crate) fn measure(&self, setting: &Setting) -> anyhow::Result<()> {
        match *self {
            Self::Broadcast { members, rate, seconds, rounds } => {
                broadcast::fixed(setting, members, rate, seconds, rounds)
            }
            Self::Sweep { members, from, seconds } => broadcast::sweep(setting, members, from, seconds),
            Self::Rooms { rooms, rate, seconds } => rooms::fixed("rooms", setting, rooms, rate, seconds),
            Self::RoomsSweep { rooms, from, seconds } => rooms::sweep(setting, rooms, from, seconds),
            Self::Durable { clients, rate, seconds } => {
                rooms::fixed("durable", setting, Rooms { rooms: clients, size: 1 }, rate, seconds)
            }
            Self::Behind { clients, rate, seconds } => behind::measure(setting, clients, rate, seconds),
            Self::DurableSweep { clients, from, seconds } => {
                rooms::durable_sweep(setting, Rooms { rooms: clients, size: 1 }, from, seconds)
            }
            Self::Storm { members } => storm::measure(setting, members),
            Self::Memory { members } => memory::measure(setting, members),
            Self::MissedByMany { clients, missed } => missed::measure(setting, clients, missed),
        }
    }
}

/// Prints a result, with what was measured where.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print(scenario: &str, setting: &Setting, more: Value, figures: Map<String, Value>) -> anyhow::Result<()> {
    let mut result = Map::new();
    result.insert("scenario".into(), scenario.into());
    result.insert("subject".into(), setting.subject.name().into());
    result.insert("pinned".into(), (!setting.unpinned).into());
    if let Value::Object(more) = more {
        result.extend(more);
    }
    result.extend(figures);
    writeln!(std::io::stdout().lock(), "{}", Value::Object(result))?;
    Ok(())
}
