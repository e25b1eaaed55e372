//! How far the search index stays behind while people write, and what it costs them: the acknowledgements beside those of
//! `durable` with a binary that has no index.

use std::net::SocketAddrV4;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use common::api::search::SearchPage;
use serde_json::json;

use super::print;
use super::rooms::{self, Rooms};
use crate::chat::Reader;
use crate::load::guests;
use crate::stage::{Setting, round};

/// Between two looks at the index.
const PAUSE: Duration = Duration::from_millis(100);

/// What was seen of the index.
#[derive(Debug, Default)]
struct Seen {
    looks: u64,
    most: u64,
    /// From the last acknowledgement until nothing was behind.
    caught_up: Option<Duration>,
}

/// Measures a fixed rate over writers with a room each.
///
/// # Errors
/// When the server fails.
pub(crate) fn measure(setting: &Setting, clients: usize, rate: u64, seconds: u64) -> anyhow::Result<()> {
    let rooms = Rooms { rooms: clients, size: 1 };
    let (mut stage, ids) = rooms::open(setting, rooms)?;
    stage.measure(&rooms::load(&ids, rooms, rate, 1))?;
    let over = AtomicBool::new(false);
    let address = stage.server.address();
    let (measured, seen) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(address, &over));
        let measured = stage.measure(&rooms::load(&ids, rooms, rate, seconds));
        over.store(true, Ordering::Relaxed);
        let seen = watch.join().map_err(|_panic| anyhow!("nobody watched the index"))?;
        anyhow::Ok((measured?, seen?))
    })?;
    let mut figures = measured.figures()?;
    figures.insert("index_looks".into(), seen.looks.into());
    figures.insert("index_behind_most".into(), seen.most.into());
    figures.insert("index_behind_most_s".into(), round(seen.most as f64 / rate.max(1) as f64).into());
    let caught_up = seen.caught_up.unwrap_or_default().as_secs_f64();
    figures.insert("index_caught_up_after_s".into(), round(caught_up).into());
    print("behind", setting, json!({ "clients": clients, "text_bytes": setting.bytes }), figures)
}

/// Looks at the index until nothing is behind after the end.
fn watch(server: SocketAddrV4, over: &AtomicBool) -> anyhow::Result<Seen> {
    let cookie = guests::come_in(server, 1)?.pop().unwrap_or_default();
    let mut reader = Reader::open(server.into(), &cookie)?;
    let mut seen = Seen::default();
    let mut ended = None;
    loop {
        if ended.is_none() && over.load(Ordering::Relaxed) {
            ended = Some(Instant::now());
        }
        let page: SearchPage = reader.get("search?q=xylophone&limit=1")?;
        seen.looks += 1;
        seen.most = seen.most.max(page.behind);
        if let Some(ended) = ended.filter(|_| page.behind == 0) {
            seen.caught_up = Some(ended.elapsed());
            return Ok(seen);
        }
        std::thread::park_timeout(PAUSE);
    }
}
