//! The highest rate that is sustained: everything comes, once, and ninety-nine of a hundred in time.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Map, Value};

use super::print;
use crate::load::fleet::Load;
use crate::stage::{Measured, Stage};

/// How much further the next rate is.
const STEP: f64 = 1.4;

/// How much further it is once one has failed.
const LAST_STEP: f64 = 1.18;

/// How often the first rate is halved until one is sustained.
const MOST_DOWN: u32 = 5;

/// What has to be in time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// 99 % of the deliveries.
    Deliveries(Duration),
    /// 99 % of the acknowledgements.
    Acks(Duration),
}

impl Bound {
    /// Whether a load was kept up with.
    fn holds(self, measured: &Measured) -> bool {
        let p99 = |latency: &Histogram<u64>| Duration::from_micros(latency.value_at_quantile(0.99));
        let in_time = match self {
            Self::Deliveries(most) => p99(&measured.tally.latency) <= most,
            Self::Acks(most) => p99(&measured.tally.acks) <= most,
        };
        measured.is_whole() && in_time && !measured.is_void()
    }
}

/// Raises the rate step by step until it is not sustained any more, and prints every step and the best of them. `load`
/// makes a load of a rate.
///
/// # Errors
/// When the server fails.
pub(crate) fn sweep(
    name: &str,
    stage: &mut Stage,
    about: &Value,
    bound: Bound,
    from: u64,
    load: impl Fn(&Stage, u64) -> Load,
) -> anyhow::Result<()> {
    let (mut rate, mut step, mut tries, mut down) = (from as f64, STEP, 0, 0);
    let mut best: Option<Map<String, Value>> = None;
    let mut limit = "server";
    // A rate that fails is tried once more, for other programs run on the machine as well.
    while tries < 2 {
        let load = load(stage, whole(rate));
        let measured = stage.measure(&load)?;
        let figures = measured.figures()?;
        let sustained = bound.holds(&measured);
        let mut line = figures.clone();
        line.insert("sustained".into(), sustained.into());
        print(&format!("{name} step"), &stage.setting, about.clone(), line)?;
        if sustained {
            best = Some(figures);
            rate *= step;
            tries = 0;
            continue;
        }
        if measured.tally.faults > 0 || stage.settle().is_err() {
            break;
        }
        limit = if measured.is_void() { "generator" } else { "server" };
        tries += 1;
        if tries < 2 {
            continue;
        }
        if best.is_none() && down < MOST_DOWN && rate > 4.0 {
            (rate, tries, down) = (rate / 2.0, 0, down + 1);
        } else if best.is_some() && step > LAST_STEP {
            (rate, step, tries) = (rate / step * LAST_STEP, LAST_STEP, 0);
        }
    }
    let mut best = best.unwrap_or_default();
    best.insert("limit".into(), limit.into());
    print(name, &stage.setting, about.clone(), best)
}

#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "rates are small and positive")]
fn whole(rate: f64) -> u64 {
    rate.round() as u64
}
