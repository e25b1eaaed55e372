//! How much one reader who does not read slows the others down: the same load with and without it, in turns.
//!
//! An open loop: each message has a time at which it is due, whatever became of the ones before, and its latency counts
//! from then until it has arrived at a reader. Neighbours: [`crate::crowd`]. Live readers only look for that time in the
//! text, for a hundred of them share the measuring thread.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use chaos::link::{Link, Route};
use chaos::member::Member;
use chaos::server::Server;
use common::client::ClientMsg;
use common::id::{Cid, Seq};
use common::sync::{Command, Engine, Input};
use tokio::task::JoinSet;

use crate::crowd::{self, LOBBY};

const READERS: usize = 100;
const WRITERS: usize = 4;
const MESSAGES: u64 = 10_000;
const PER_SECOND: u64 = 500;

/// Rounds with and without the one who stalls, in turns, so that a machine that gets slower hits both.
const ROUNDS: usize = 3;

/// Bytes that the kernel takes for the stalled reader: with more it could hold a round's messages by itself.
const BUFFER: u32 = 4_096;

/// Characters of a message beside its time.
const FILLER: usize = 160;

/// Stands before a message's time, in microseconds of the round.
const MARK: &str = "due ";

/// How long the last messages of a round may take.
const WITHIN: Duration = Duration::from_secs(30);

pub(crate) fn measure() -> anyhow::Result<()> {
    crowd::block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    crate::print_head(&format!("{READERS} readers, {MESSAGES} messages, {PER_SECOND}/s"));
    for number in 1..=ROUNDS {
        let mut alone = round(false).await?;
        crate::print_row(&format!("round {number}, all read"), &mut alone);
        let mut beside = round(true).await?;
        crate::print_row(&format!("round {number}, one stalled"), &mut beside);
        without.extend(alone);
        with.extend(beside);
    }
    crate::print_row("all rounds, all read", &mut without);
    crate::print_row("all rounds, one stalled", &mut with);
    let moved = (crate::share_of(&mut with, 0.99) / crate::share_of(&mut without, 0.99) - 1.0) * 100.0;
    crate::say(&format!("the others' p99 moves by {moved:+.1} %; bar: less than 10 %"));
    Ok(())
}

/// One round on a fresh server; gives every reader's latency of every message, in milliseconds.
async fn round(stalls: bool) -> anyhow::Result<Vec<f64>> {
    let server = crowd::server().await?;
    let mut sleeper = if stalls { Some(sleeper(&server).await?) } else { None };
    let base = Instant::now();
    let latencies = Arc::new(Mutex::new(Vec::new()));
    let mut readers = JoinSet::new();
    for number in 0..READERS {
        let link = connected(&server, &format!("Reader {number}")).await?;
        readers.spawn(read(link, base, Arc::clone(&latencies)));
    }
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let link = connected(&server, &format!("Writer {number}")).await?;
        writers.spawn(write(link, number as u64, base));
    }
    let all = async {
        while let Some(read) = readers.join_next().await {
            read??;
        }
        anyhow::Ok(())
    };
    let time = Duration::from_secs(MESSAGES / PER_SECOND) + WITHIN;
    tokio::time::timeout(time, all).await.context("not every message arrived")??;
    if let Some(sleeper) = &mut sleeper {
        wake(sleeper).await?;
    }
    drop(writers);
    let latencies = std::mem::take(&mut *latencies.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(latencies)
}

/// A client that is connected and welcomed, and from then on is not let run: nothing of its socket is read.
async fn sleeper(server: &Server) -> anyhow::Result<Member<()>> {
    let route = crowd::guest(server.address(), "Sleeper").await?;
    let mut sleeper = Member::new(1, Route { buffer: Some(BUFFER), ..route }, ());
    sleeper.take(Input::Connect);
    crowd::until(&mut sleeper, "the sleeper is there", crowd::is_caught_up).await?;
    Ok(sleeper)
}

/// Lets the sleeper read, and checks that nothing is missing once it has asked for what it was not sent.
async fn wake(sleeper: &mut Member<()>) -> anyhow::Result<()> {
    let first = crowd::cursor(sleeper.engine());
    let start = Instant::now();
    let last = Seq(first.0 + MESSAGES);
    loop {
        let whole = |engine: &Engine| {
            let room = engine.rooms().get(&LOBBY);
            room.is_some_and(|room| room.log.cursor() >= room.head.max(last) && !room.is_loading())
        };
        crowd::until(sleeper, "the sleeper is awake", whole).await?;
        let room = sleeper.engine().rooms().get(&LOBBY).context("the sleeper is in no room")?;
        let Some(upto) = room.log.gaps().next_back().map(|gap| *gap.end()) else {
            let held = room.log.events().filter(|event| event.seq > first).count() as u64;
            ensure!(held >= MESSAGES, "the sleeper holds {held} events of {MESSAGES} messages");
            ensure!(room.log.cursor() == Seq(first.0 + held), "the sleeper's events have a gap");
            let took = crowd::ms(start.elapsed());
            crate::say(&format!("the sleeper woke and was gapless to {} after {took:.0} ms", room.log.cursor()));
            return Ok(());
        };
        sleeper.take(Input::Do(Command::FillGap { room: LOBBY, upto }));
    }
}

/// A connection that has been welcomed.
async fn connected(server: &Server, name: &str) -> anyhow::Result<Link> {
    let mut link = Link::open(crowd::guest(server.address(), name).await?).await?;
    link.tell(&ClientMsg::Hello { epoch: None, user_seq: 0, rooms: std::collections::BTreeMap::new() });
    link.next_text().await.map_err(|closed| anyhow!("{name} was not welcomed: {closed:?}"))?;
    Ok(link)
}

/// Reads until every message has come, and notes how late each was.
async fn read(mut link: Link, base: Instant, latencies: Arc<Mutex<Vec<f64>>>) -> anyhow::Result<()> {
    let mut late = Vec::new();
    while (late.len() as u64) < MESSAGES {
        let text = link.next_text().await.map_err(|closed| anyhow!("a reader was cut off: {closed:?}"))?;
        let Some((_, after)) = text.split_once(MARK) else { continue };
        let due: u64 = after.split(' ').next().unwrap_or_default().parse()?;
        late.push(crowd::ms(base.elapsed()) - due as f64 / 1_000.0);
    }
    latencies.lock().unwrap_or_else(PoisonError::into_inner).extend(late);
    Ok(())
}

/// Writes its share of the messages, each at its time, and reads what comes.
async fn write(mut link: Link, number: u64, base: Instant) {
    let mut rng = fastrand::Rng::with_seed(number);
    let filler = "x".repeat(FILLER);
    let start = base.elapsed();
    for n in (number..MESSAGES).step_by(WRITERS) {
        let due = start + Duration::from_micros(n * 1_000_000 / PER_SECOND);
        let wait = tokio::time::sleep_until((base + due).into());
        tokio::pin!(wait);
        loop {
            tokio::select! {
                () = &mut wait => break,
                text = link.next_text() => if text.is_err() { return },
            }
        }
        let (cid, body) = (Cid::new(chaos::now(), &mut rng), format!("{MARK}{} {filler}", due.as_micros()));
        link.tell(&ClientMsg::Send { cid, room: LOBBY, body, after: None, reply_to: None });
    }
    while link.next_text().await.is_ok() {}
}
