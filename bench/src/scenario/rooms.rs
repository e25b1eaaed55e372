//! Many rooms at once: a thousand of ten, or one for each writer to see how fast messages become durable.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::print;
use super::rate::{self, Bound};
use crate::load::dialect::Dialect;
use crate::load::fleet::Load;
use crate::stage::{Setting, Stage, WINDOW};

/// How late 99 % of the acknowledgements may be for a rate to count as sustained.
const ACK_P99: Duration = Duration::from_millis(25);

/// How late 99 % of the deliveries may be for a rate to count as sustained.
const P99: Duration = Duration::from_millis(50);

/// How many rooms there are and how many are in each.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(skip)]
pub(crate) struct Rooms {
    /// Rooms
    #[arg(long, default_value_t = 1_000)]
    pub(crate) rooms: usize,
    /// Members of each
    #[arg(long, default_value_t = 10)]
    pub(crate) size: usize,
}

/// Measures a fixed rate over all rooms together.
///
/// # Errors
/// When the server fails.
pub(crate) fn fixed(name: &str, setting: &Setting, rooms: Rooms, rate: u64, seconds: u64) -> anyhow::Result<()> {
    let (mut stage, ids) = open(setting, rooms)?;
    stage.measure(&load(&ids, rooms, rate, 1))?;
    let measured = stage.measure(&load(&ids, rooms, rate, seconds))?;
    print(name, setting, about(setting, rooms), measured.figures()?)
}

/// Finds the highest rate at which all is delivered and 99 % of it within 50 ms.
///
/// # Errors
/// When the server fails.
pub(crate) fn sweep(setting: &Setting, rooms: Rooms, from: u64, seconds: u64) -> anyhow::Result<()> {
    search("rooms sweep", setting, rooms, Bound::Deliveries(P99), from, seconds)
}

/// Finds the highest rate at which 99 % of the acknowledgements come within 25 ms.
///
/// # Errors
/// When the server fails.
pub(crate) fn durable_sweep(setting: &Setting, rooms: Rooms, from: u64, seconds: u64) -> anyhow::Result<()> {
    search("durable sweep", setting, rooms, Bound::Acks(ACK_P99), from, seconds)
}

fn search(name: &str, setting: &Setting, rooms: Rooms, bound: Bound, from: u64, seconds: u64) -> anyhow::Result<()> {
    let (mut stage, ids) = open(setting, rooms)?;
    stage.measure(&load(&ids, rooms, from, 1))?;
    rate::sweep(name, &mut stage, &about(setting, rooms), bound, from, |_, rate| load(&ids, rooms, rate, seconds))
}

fn about(setting: &Setting, Rooms { rooms, size }: Rooms) -> Value {
    json!({ "rooms": rooms, "room_size": size, "text_bytes": setting.bytes, "threads": setting.threads })
}

/// Every member of every room publishes, each room in its turn.
pub(super) fn load(ids: &[u64], Rooms { size, .. }: Rooms, per_second: u64, seconds: u64) -> Load {
    let turns = (0..size).flat_map(|member| ids.iter().enumerate().map(move |(room, id)| (room * size + member, *id)));
    Load { per_second, count: per_second * seconds, senders: turns.collect(), reach: size, acked: true }
}

/// Connects everybody, has the first of each ten make a room and the others join it.
pub(crate) fn open(setting: &Setting, rooms: Rooms) -> anyhow::Result<(Stage, Vec<u64>)> {
    let Rooms { rooms, size } = rooms;
    let mut stage = setting.open(rooms * size)?;
    let mut ids = vec![0; rooms];
    for fleet in stage.fleets.iter_mut() {
        let mine = fleet.members();
        ensure!(mine.start % size == 0, "a room must not be split between two threads");
        let Dialect::Readyroom(readyroom) = fleet.dialect() else { bail!("only Readyroom has rooms") };
        let makers = mine.clone().step_by(size);
        let makes: Vec<_> = makers.map(|who| (who, readyroom.create(who as u64))).collect();
        for (who, ack) in fleet.ask(&makes, WINDOW)? {
            let Dialect::Readyroom(readyroom) = fleet.dialect() else { continue };
            let room = readyroom.room_of(&ack).context("a room was made and has no id")?;
            ids.get_mut(who / size).map(|id| *id = room).context("somebody else made a room")?;
        }
        let Dialect::Readyroom(readyroom) = fleet.dialect() else { continue };
        let room_of = |who: usize| ids.get(who / size).copied().unwrap_or_default();
        let others = mine.clone().filter(|who| who % size != 0);
        let joins: Vec<_> = others.map(|who| (who, readyroom.join(room_of(who), who as u64))).collect();
        fleet.ask(&joins, WINDOW)?;
        mine.for_each(|who| fleet.follow(who, room_of(who)));
    }
    stage.settle()?;
    Ok((stage, ids))
}
