//! What an idle connection costs in memory, once it has said something: read buffers are touched by the first message.

use serde_json::{Map, Value, json};
use wire::Opcode;

use super::print;
use crate::load::place::{self, Memory};
use crate::stage::{Setting, Stage, round};
use crate::subject::Subject;

/// Points of the line.
const POINTS: usize = 4;

/// Connects `members` in four steps, has each say something, and reads the memory after each step.
///
/// Readyroom's clients say hello and then send a `ping`; the others' send a WebSocket ping, for each of their messages
/// would go to everybody.
///
/// # Errors
/// When the server fails.
pub(crate) fn measure(setting: &Setting, members: usize) -> anyhow::Result<()> {
    let server = setting.serve()?;
    let fleets = setting.fleets(server.address(), members)?;
    let mut stage = Stage { server, fleets, setting: setting.clone(), members };
    let before = place::memory_of(stage.server.pid())?;
    let mut line = vec![(0, before)];
    for point in 1..=POINTS {
        let upto = members * point / POINTS;
        stage.open(upto)?;
        if setting.subject == Subject::Readyroom {
            stage.fleets.tell_all(Opcode::Text, r#"{"op":"ping","t":1}"#)?;
        } else {
            stage.fleets.tell_all(Opcode::Ping, "idle")?;
        }
        stage.settle()?;
        line.push((upto, place::memory_of(stage.server.pid())?));
    }
    let last = line.last().map_or(before, |(_, memory)| *memory);
    let each = |of: fn(&Memory) -> u64| {
        let grown = of(&last).saturating_sub(of(&before)) as f64;
        (round(grown / members as f64), round(slope(&line, of)))
    };
    let (resident, resident_slope) = each(|memory| memory.resident);
    let (anonymous, anonymous_slope) = each(|memory| memory.anonymous);
    let mut figures = Map::new();
    figures.insert("rss_before_bytes".into(), before.resident.into());
    figures.insert("rss_after_bytes".into(), last.resident.into());
    figures.insert("rss_per_connection".into(), resident.into());
    figures.insert("anon_per_connection".into(), anonymous.into());
    figures.insert("rss_slope".into(), resident_slope.into());
    figures.insert("anon_slope".into(), anonymous_slope.into());
    let points = line.iter().map(|(count, memory)| json!([count, memory.resident, memory.anonymous]));
    figures.insert("points".into(), Value::Array(points.collect()));
    print("memory", setting, json!({ "members": members }), figures)
}

/// Bytes for each further connection, by least squares. The first point is left out: what a server needs once, it has
/// by the second.
fn slope(line: &[(usize, Memory)], of: fn(&Memory) -> u64) -> f64 {
    let points: Vec<_> = line.iter().skip(1).map(|(count, memory)| (*count as f64, of(memory) as f64)).collect();
    let many = points.len().max(1) as f64;
    let (mean_x, mean_y) =
        (points.iter().map(|(x, _)| x).sum::<f64>() / many, points.iter().map(|(_, y)| y).sum::<f64>() / many);
    let rise: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let run: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    if run > 0.0 { rise / run } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_what_each_further_connection_costs() {
        let at = |count: usize| (count, Memory { resident: 5_000 + 700 * count as u64, anonymous: 0 });
        let line: Vec<_> = [0, 10, 20, 30, 40].map(at).into();
        assert!((slope(&line, |memory| memory.resident) - 700.0).abs() < 1e-6);
    }
}
