//! One room with many members: a fixed number of messages in a second, and the highest number that is sustained.

use std::time::Duration;

use serde_json::{Value, json};

use super::print;
use super::rate::{self, Bound};
use crate::stage::{Setting, Stage};

/// How late 99 % of the deliveries may be for a rate to count as sustained.
const P99: Duration = Duration::from_millis(50);

/// Measures a fixed rate, `rounds` times on the same connections.
///
/// # Errors
/// When the server fails.
pub(crate) fn fixed(setting: &Setting, members: usize, rate: u64, seconds: u64, rounds: usize) -> anyhow::Result<()> {
    let mut stage = setting.open(members)?;
    warm_up(&mut stage, rate)?;
    for _ in 0..rounds {
        let load = stage.broadcast(rate, seconds);
        let measured = stage.measure(&load)?;
        print("broadcast", setting, about(&mut stage)?, measured.figures()?)?;
    }
    Ok(())
}

/// Finds the highest rate at which everything is delivered and 99 % of it within 50 ms.
///
/// # Errors
/// When the server fails.
pub(crate) fn sweep(setting: &Setting, members: usize, from: u64, seconds: u64) -> anyhow::Result<()> {
    let mut stage = setting.open(members)?;
    warm_up(&mut stage, from)?;
    let about = about(&mut stage)?;
    let load = |stage: &Stage, rate| stage.broadcast(rate, seconds);
    rate::sweep("sweep", &mut stage, &about, Bound::Deliveries(P99), from, load)
}

/// Code is loaded, memory is had, statements are prepared.
fn warm_up(stage: &mut Stage, rate: u64) -> anyhow::Result<()> {
    let load = stage.broadcast(rate, 1);
    stage.measure(&load).map(|_warm| ())
}

fn about(stage: &mut Stage) -> anyhow::Result<Value> {
    let deflated = stage.fleets.first()?.is_deflated();
    let Stage { members, setting, .. } = stage;
    Ok(json!({
        "members": members,
        "text_bytes": setting.bytes,
        "language": setting.language.name(),
        "deflated": deflated,
        "threads": setting.threads,
    }))
}
