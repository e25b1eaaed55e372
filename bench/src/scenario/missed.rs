//! Many who come back at once, each of whom missed some events: from the beginning of a connection until its client holds
//! them all.

use anyhow::{bail, ensure};
use serde_json::{Map, json};

use super::print;
use crate::load::dialect::Dialect;
use crate::load::fleet::Load;
use crate::load::place;
use crate::stage::{Setting, Stage, round};

/// Has `clients` come back at once after `missed` messages.
///
/// # Errors
/// When the server fails, or somebody does not get everything.
pub(crate) fn measure(setting: &Setting, clients: usize, missed: u64) -> anyhow::Result<()> {
    let server = setting.serve()?;
    // One more, who writes.
    let fleets = setting.fleets(server.address(), clients + 1)?;
    let mut stage = Stage { server, fleets, setting: setting.clone(), members: clients + 1 };
    stage.fleets.open_one()?;
    stage.settle()?;
    let load = Load { per_second: 500, count: missed, senders: vec![(0, 1)], reach: 1, acked: true };
    ensure!(stage.measure(&load)?.is_whole(), "what shall be missed was not written");
    for fleet in stage.fleets.iter_mut() {
        let Dialect::Readyroom(readyroom) = fleet.dialect() else { bail!("only Readyroom remembers what was said") };
        let goal = readyroom.held().map_or(0, |(_, head)| head + missed);
        fleet.wait_for(Some(goal));
    }
    let before = place::share_of(stage.server.pid())?;
    let opening = stage.fleets.open(clients + 1, clients)?;
    let cpu = place::share_of(stage.server.pid())?.since(before);
    let ms = |share: f64| round(opening.each.value_at_quantile(share) as f64 / 1_000.0);
    let events = (clients as u64 * missed) as f64;
    let mut figures = Map::new();
    figures.insert("p50_ms".into(), ms(0.5).into());
    figures.insert("p99_ms".into(), ms(0.99).into());
    figures.insert("all_ms".into(), round(opening.all.as_secs_f64() * 1_000.0).into());
    figures.insert("events_per_s".into(), (events / opening.all.as_secs_f64()).round().into());
    figures.insert("server_us_per_event".into(), round(cpu.ran as f64 / 1_000.0 / events).into());
    print("missed", setting, json!({ "clients": clients, "missed": missed }), figures)
}
