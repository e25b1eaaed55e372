//! Many who come at once: connections, each with its handshake and its welcome, in a second.

use serde_json::{Map, json};

use super::print;
use crate::load::place;
use crate::stage::{Setting, WINDOW, round};

/// Connects `members`, of whom 256 are on their way at once, as fast as it goes.
///
/// # Errors
/// When the server fails.
pub(crate) fn measure(setting: &Setting, members: usize) -> anyhow::Result<()> {
    let server = setting.serve()?;
    let mut fleets = setting.fleets(server.address(), members)?;
    fleets.open_one()?;
    let (before, own) = (place::share_of(server.pid())?, place::share_of(std::process::id())?);
    let opening = fleets.open(members, WINDOW)?;
    let (server, own) = (place::share_of(server.pid())?.since(before), place::share_of(std::process::id())?.since(own));
    let wall = opening.all.as_secs_f64();
    let count = opening.each.len() as f64;
    let ms = |share: f64| round(opening.each.value_at_quantile(share) as f64 / 1_000.0);
    let cpu = |ran: u64| round(ran as f64 / 1e9 / wall);
    let mut figures = Map::new();
    figures.insert("connections_per_s".into(), (count / wall).round().into());
    figures.insert("p50_ms".into(), ms(0.5).into());
    figures.insert("p99_ms".into(), ms(0.99).into());
    figures.insert("server_us_per_connection".into(), round(server.ran as f64 / 1_000.0 / count).into());
    figures.insert("server_cpu".into(), cpu(server.ran).into());
    figures.insert("server_waited".into(), cpu(server.waited).into());
    figures.insert("generator_cpu".into(), cpu(own.ran).into());
    figures.insert("generator_waited".into(), cpu(own.waited).into());
    print("storm", setting, json!({ "members": members, "at_once": WINDOW }), figures)
}
