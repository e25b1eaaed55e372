//! One seed's run: people gather, trouble comes and goes, everybody catches up, and the history is judged.
//!
//! Neighbours: [`crate::plan`] says what goes wrong, [`crate::people`] write and read, [`crate::judge`] has the last
//! word. Deliberately absent: printing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use common::id::RoomId;
use common::sync::outbox::What;
use common::sync::{Command, Engine, Input, Notice};
use common::text::RoomName;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::http;
use crate::judge::{Held, History, judge};
use crate::link::Route;
use crate::member::Member;
use crate::people::{Board, Hour, Somebody, Standing, all_caught_up, all_present};
use crate::plan::{Blow, Strikes};
use crate::proxy::Proxy;
use crate::rule::{Broken, Rule};
use crate::server::{Server, Signal};

/// Those who write.
pub const WRITERS: usize = 32;

/// Those who only read.
pub const READERS: usize = 8;

/// The room that every guest is in.
const LOBBY: RoomId = RoomId(1);

/// Rooms beside the lobby that everybody joins.
const ROOMS: [&str; 3] = ["one", "two", "three"];

/// A room that only its founder is in.
const CLOSED: &str = "closed";

/// How long everybody has to catch up when the trouble is over.
pub const CATCH_UP_WITHIN: Duration = Duration::from_secs(30);

/// How long everybody has to come in.
const GATHER_WITHIN: Duration = Duration::from_secs(30);

/// How often the board is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How long a strike waits for an acknowledgement. Where none comes in this time the strike comes without one.
const ACK_WITHIN: Duration = Duration::from_secs(3);

/// What to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's binary.
    pub binary: PathBuf,
    /// The seed of everything.
    pub seed: u64,
    /// How long the trouble lasts.
    pub trouble: Duration,
}

/// What happened in a run.
#[derive(Debug, Default, Clone)]
pub struct Figures {
    /// Commands that were acknowledged.
    pub acked: usize,
    /// Kills at any moment, and how many of the kills came on an acknowledgement.
    pub kills: (usize, usize),
    /// Orderly stops.
    pub stops: usize,
    /// Times the server was frozen.
    pub freezes: usize,
    /// Cuts, resets, stalls, half-closes.
    pub faults: [u64; 4],
    /// Connections after the first ones.
    pub reconnects: u64,
    /// Gaps found, and gaps filled.
    pub gaps: (u64, u64),
    /// Events that arrived although they were held.
    pub duplicates: u64,
    /// Commands that were refused for good, as they should.
    pub refused: usize,
    /// How often a command was refused for now.
    pub postponed: u64,
    /// From the end of the trouble until everybody had caught up.
    pub caught_up: Option<Duration>,
}

/// What became of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What happened.
    pub figures: Figures,
    /// What should not have.
    pub broken: Vec<Broken>,
    /// Further contradictions that were only counted.
    pub unkept: u64,
}

/// Runs one seed.
///
/// # Errors
/// When the run cannot be set up: nothing was found out then.
pub async fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let mut server = Server::start(&settings.binary, &[]).await?;
    let (trouble, is_trouble) = watch::channel(false);
    let proxy = Proxy::start(server.address(), settings.seed, is_trouble).await?;
    let route = |cookie: String| Route { via: proxy.address, host: server.address(), cookie, buffer: None };
    let founder = http::come_in(proxy.address, server.address(), "Founder").await?;
    let mut made = found(route(founder.clone())).await.context("the rooms could not be made")?;
    let closed = made.pop().context("no room was made")?;
    let open: Vec<RoomId> = std::iter::once(LOBBY).chain(made).collect();
    let board = Arc::new(Board::new(open, closed));
    let (hour, hours) = watch::channel(Hour::Gathering);
    let mut people = JoinSet::new();
    for number in 0..WRITERS + READERS {
        let cookie = match number {
            WRITERS => founder.clone(),
            _ => http::come_in(proxy.address, server.address(), &format!("Guest {number}")).await?,
        };
        let seed = settings.seed.wrapping_mul(1_000).wrapping_add(number as u64);
        let somebody = Somebody::new(number, seed, route(cookie), Arc::clone(&board), number < WRITERS);
        let hours = hours.clone();
        people.spawn(async move { (number, somebody.take_part(hours).await) });
    }
    if !until(&board, GATHER_WITHIN, all_present).await {
        bail!("not everybody came in within {} s", GATHER_WITHIN.as_secs());
    }

    let mut figures = Figures::default();
    board.standings().clear();
    trouble.send_replace(true);
    hour.send_replace(Hour::Trouble);
    if let Err(error) = strike(settings, &mut server, &board, &mut figures).await {
        board.ledger().breaks(Rule::Server, format!("{error:#}"));
        return Ok(conclude(figures, &board, Vec::new()));
    }

    trouble.send_replace(false);
    hour.send_replace(Hour::Calm);
    let since = Instant::now();
    figures.caught_up = until(&board, CATCH_UP_WITHIN, all_caught_up).await.then(|| since.elapsed());
    if figures.caught_up.is_none() {
        behind(&board);
    }
    hour.send_replace(Hour::Over);
    let mut held = Vec::new();
    while let Some(left) = people.join_next().await {
        let (number, engine) = left?;
        count(&engine, &mut figures);
        held.push(holds(number, &engine));
    }
    figures.reconnects = figures.reconnects.saturating_sub((WRITERS + READERS) as u64);
    let counts = [&proxy.counts.cuts, &proxy.counts.resets, &proxy.counts.stalls, &proxy.counts.halves];
    figures.faults = counts.map(|count| count.load(Ordering::Relaxed));

    // What is judged is what a server finds that knows nothing but the disk.
    server.kill().await?;
    server.start_again().await?;
    let mut history = History::new();
    for room in board.open.iter().chain([&board.closed]) {
        history.insert(*room, http::log(server.address(), &founder, *room).await?);
    }
    let broken = judge(&board.ledger(), &history, &held, &board.open);
    Ok(conclude(figures, &board, broken))
}

/// Makes the rooms; the last one is the closed one.
async fn found(route: Route) -> anyhow::Result<Vec<RoomId>> {
    let mut founder = Member::new(fastrand::u64(..), route, ());
    founder.take(Input::Connect);
    let mut made = Vec::new();
    for name in ROOMS.into_iter().chain([CLOSED]) {
        founder.take(Input::Do(Command::Ask(What::Create { name: RoomName::new(name)?, private: false })));
        let room = async {
            loop {
                let notices = founder.step().await;
                let room = |notice| if let Notice::Acked { room, .. } = notice { Some(room) } else { None };
                if let Some(room) = notices.into_iter().find_map(room) {
                    return room;
                }
            }
        };
        made.push(tokio::time::timeout(GATHER_WITHIN, room).await?);
    }
    Ok(made)
}

/// Strikes until the time is over; the server runs in the end.
async fn strike(settings: &Settings, server: &mut Server, board: &Board, figures: &mut Figures) -> anyhow::Result<()> {
    let mut strikes = Strikes::new(settings.seed);
    let mut at = tokio::time::Instant::now();
    let end = at + settings.trouble;
    loop {
        let (wait, blow) = strikes.draw();
        // From strike to strike, so that a freeze or a slow start does not put the next one off.
        at += wait;
        if at > end {
            tokio::time::sleep_until(end).await;
            return Ok(());
        }
        tokio::time::sleep_until(at).await;
        if let Some(status) = server.ended()? {
            board.ledger().breaks(Rule::Server, format!("the server ended by itself: {status}"));
            server.start_again().await?;
            continue;
        }
        match blow {
            Blow::Kill => figures.kills.0 += 1,
            Blow::KillOnAck(delay) => {
                let acked = tokio::time::timeout(ACK_WITHIN, board.acked.notified()).await.is_ok();
                tokio::time::sleep(delay).await;
                figures.kills.0 += 1;
                figures.kills.1 += usize::from(acked);
            }
            Blow::Freeze(time) => {
                figures.freezes += 1;
                server.signal(Signal::Stop).await?;
                tokio::time::sleep(time).await;
                server.signal(Signal::Cont).await?;
                continue;
            }
            Blow::Stop => {
                figures.stops += 1;
                if let Err(error) = server.stop().await {
                    board.ledger().breaks(Rule::Server, format!("{error:#}"));
                }
                server.start_again().await?;
                continue;
            }
        }
        server.kill().await?;
        server.start_again().await?;
    }
}

/// What can be said of everybody.
type OfAll = fn(&BTreeMap<usize, Standing>, usize, &[RoomId]) -> bool;

/// Looks at the board until something is true of everybody; says whether that was in time.
async fn until(board: &Board, within: Duration, is_so: OfAll) -> bool {
    let end = Instant::now() + within;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    while Instant::now() < end {
        looks.tick().await;
        if is_so(&board.standings(), WRITERS + READERS, &board.open) {
            return true;
        }
    }
    false
}

/// Notes who is behind.
fn behind(board: &Board) {
    let standings = board.standings().clone();
    let mut ledger = board.ledger();
    ledger.breaks(Rule::Behind, format!("not everybody caught up within {} s", CATCH_UP_WITHIN.as_secs()));
    let newest = |room: &RoomId| standings.values().filter_map(|s| s.rooms.get(room).copied().flatten()).max();
    for (number, standing) in &standings {
        let level = board.open.iter().all(|room| standing.rooms.get(room).copied().flatten() == newest(room));
        if !(level && standing.ready && standing.waiting == 0) {
            ledger.breaks(Rule::Behind, format!("client {number}: {standing:?}"));
        }
    }
}

fn count(engine: &Engine, figures: &mut Figures) {
    let tally = engine.tally();
    figures.reconnects += tally.connections;
    figures.gaps.0 += tally.gaps_found;
    figures.gaps.1 += tally.gaps_filled;
    figures.duplicates += tally.duplicates;
}

fn holds(number: usize, engine: &Engine) -> Held {
    let rooms = engine.rooms().iter().map(|(id, room)| (*id, room.log.events().cloned().collect()));
    Held { who: format!("client {number}"), rooms: rooms.collect() }
}

fn conclude(mut figures: Figures, board: &Board, judged: Vec<Broken>) -> Outcome {
    let ledger = board.ledger();
    figures.acked = ledger.all_acked().len();
    figures.refused = ledger.all_refused().len();
    figures.postponed = ledger.all_postponed().values().sum();
    // The judge has taken over what the ledger noted; without a judgement it stands alone.
    let broken = if judged.is_empty() { ledger.broken().to_vec() } else { judged };
    Outcome { figures, broken, unkept: ledger.unkept() }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acked, kills, stops, freezes, reconnects, gaps, duplicates, refused, postponed, .. } = self;
        let [cuts, resets, stalls, halves] = self.faults;
        write!(f, "{acked} acked; {} kills ({} on an ack), {stops} stops, {freezes} freezes; ", kills.0, kills.1)?;
        write!(f, "{cuts} cuts, {resets} resets, {stalls} stalls, {halves} half-closes; {reconnects} reconnects; ")?;
        write!(f, "gaps {} found, {} filled; {duplicates} duplicates; ", gaps.0, gaps.1)?;
        write!(f, "{refused} refused, {postponed} postponed; ")?;
        match self.caught_up {
            Some(time) => write!(f, "caught up in {} ms", time.as_millis()),
            None => f.write_str("not caught up"),
        }
    }
}
