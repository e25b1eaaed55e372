//! From an open socket until 500 missed events are held, for a client without a page.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use anyhow::{Context, ensure};
use chaos::member::{Member, Witness};
use common::limits;
use common::sync::{Input, Phase};

use crate::crowd;

const ROUNDS: usize = 50;

/// Events that are missed: as many as are replayed without a gap.
const MISSED: u64 = limits::REPLAY_EVENTS;

/// Tells when a socket was opened.
struct Opened(Sender<Instant>);

impl Witness for Opened {
    fn opened(&mut self) {
        // Whoever asked may be through with the measurement.
        self.0.send(Instant::now()).ok();
    }
}

pub(crate) fn measure() -> anyhow::Result<()> {
    crowd::block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let server = crowd::server().await?;
    let mut writer = Member::new(1, crowd::guest(server.address(), "Maya").await?, ());
    let (sender, opened) = channel();
    let mut reader = Member::new(2, crowd::guest(server.address(), "Jonas").await?, Opened(sender));
    writer.take(Input::Connect);
    reader.take(Input::Connect);
    crowd::until(&mut writer, "the writer is there", crowd::is_caught_up).await?;
    crowd::until(&mut reader, "the reader is there", crowd::is_caught_up).await?;
    let mut took = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        took.push(round(&mut writer, &mut reader, &opened).await?);
    }
    crate::print_head("500 missed events");
    crate::print_row("socket open until caught up", &mut took);
    crate::say("bar: 100 ms");
    Ok(())
}

/// Lets the reader miss its events, and gives the milliseconds that it needs to hold them.
async fn round(
    writer: &mut Member<()>,
    reader: &mut Member<Opened>,
    opened: &Receiver<Instant>,
) -> anyhow::Result<f64> {
    reader.take(Input::Stop);
    crowd::until(reader, "the reader is away", |engine| *engine.phase() == Phase::Stopped).await?;
    opened.try_iter().for_each(drop);
    let before = crowd::cursor(writer.engine());
    let wanted = common::id::Seq(before.0 + MISSED);
    for n in 0..MISSED {
        crowd::say(writer, &format!("message {n} of those that are missed"))?;
    }
    crowd::until(writer, "everything is said", |engine| crowd::cursor(engine) >= wanted).await?;
    let held = reader.engine().rooms().get(&crowd::LOBBY).map(|room| room.log.len()).unwrap_or_default();
    reader.take(Input::Connect);
    crowd::until(reader, "it is caught up", |engine| crowd::cursor(engine) >= wanted).await?;
    let took = opened.recv().context("no socket was opened")?.elapsed();
    let now = reader.engine().rooms().get(&crowd::LOBBY).map(|room| room.log.len()).unwrap_or_default();
    ensure!(crowd::is_caught_up(reader.engine()), "there is a gap");
    ensure!((now - held) as u64 == MISSED, "{} events came instead of {MISSED}", now - held);
    Ok(crowd::ms(took))
}
