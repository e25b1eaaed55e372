//! From the end of the server until a thousand clients are back and hold what was said meanwhile, and how their
//! connections spread. Both processes need room for as many open files: `ulimit -n 4096`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use chaos::member::{Member, Witness};
use chaos::server::Server;
use common::id::Seq;
use common::sync::Engine;
use common::sync::Input;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::crowd;

const CLIENTS: usize = 1_000;

/// Width of a histogram's bar.
const BAR: Duration = Duration::from_millis(100);

/// How long all may take; twelve times what is allowed, so that a failure has a figure too.
const WITHIN: Duration = Duration::from_secs(60);

/// When sockets were opened.
type Connects = Arc<Mutex<Vec<Instant>>>;

struct Opened(Connects);

impl Witness for Opened {
    fn opened(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    }
}

/// The people of a run: those who wait, and one who speaks.
struct Crowd {
    writer: Member<()>,
    connects: Connects,
    /// Which event all wait for.
    wanted: watch::Sender<Seq>,
    /// When each client held it.
    held: tokio::sync::mpsc::Receiver<Instant>,
    _tasks: JoinSet<()>,
}

pub(crate) fn measure() -> anyhow::Result<()> {
    crowd::block_on(async {
        let mut server = crowd::server().await?;
        let mut people = gather(&server).await?;
        for how in [How::Stop, How::Kill] {
            run(&mut server, &mut people, how).await?;
        }
        Ok(())
    })
}

/// How the server ends.
#[derive(Debug, Clone, Copy)]
enum How {
    Stop,
    Kill,
}

async fn gather(server: &Server) -> anyhow::Result<Crowd> {
    let connects = Connects::default();
    let (wanted, wish) = watch::channel(Seq::ZERO);
    // As many as there are clients: each says it once.
    let (tell, held) = tokio::sync::mpsc::channel(CLIENTS);
    let mut tasks = JoinSet::new();
    let mut routes = Vec::with_capacity(CLIENTS);
    for number in 0..CLIENTS {
        routes.push(crowd::guest(server.address(), &format!("Guest {number}")).await?);
    }
    for (seed, route) in routes.into_iter().enumerate() {
        let member = Member::new(seed as u64, route, Opened(Arc::clone(&connects)));
        tasks.spawn(wait_on(member, wish.clone(), tell.clone()));
    }
    let mut writer = Member::new(CLIENTS as u64, crowd::guest(server.address(), "Maya").await?, ());
    writer.take(Input::Connect);
    crowd::until(&mut writer, "the writer is there", crowd::is_caught_up).await?;
    Ok(Crowd { writer, connects, wanted, held, _tasks: tasks })
}

/// One of the thousand: stays connected, and tells when it holds what is wanted.
async fn wait_on(mut member: Member<Opened>, mut wish: watch::Receiver<Seq>, tell: tokio::sync::mpsc::Sender<Instant>) {
    let mut wanted = Seq::ZERO;
    member.take(Input::Connect);
    loop {
        tokio::select! {
            _ = member.step() => {}
            changed = wish.changed() => match changed {
                Ok(()) => wanted = *wish.borrow_and_update(),
                Err(_over) => return,
            }
        }
        let holds = |engine: &Engine| crowd::is_caught_up(engine) && crowd::cursor(engine) >= wanted;
        if wanted > Seq::ZERO && holds(member.engine()) {
            wanted = Seq::ZERO;
            // Whoever waits may have given up.
            tell.send(Instant::now()).await.ok();
        }
    }
}

async fn run(server: &mut Server, people: &mut Crowd, how: How) -> anyhow::Result<()> {
    // Everybody is there before anything ends.
    crowd::say(&mut people.writer, "is everybody there?")?;
    all_hold(people).await.context("not everybody came")?;
    people.connects.lock().unwrap_or_else(PoisonError::into_inner).clear();

    let start = Instant::now();
    // The writer goes on as well: a client that does not answer the server's goodbye would hold the stop up.
    while_running(&mut people.writer, end(server, how)).await?;
    let ended = start.elapsed();
    server.start_again().await?;
    let up = start.elapsed();
    crowd::say(&mut people.writer, "said while the server was away")?;
    let mut back: Vec<f64> = all_hold(people).await?.into_iter().map(|at| crowd::ms(at - start)).collect();

    crate::print_head(&format!("{CLIENTS} clients, {how:?}"));
    crate::print_row("signal until the process has ended", &mut [crowd::ms(ended)]);
    crate::print_row("signal until the server listens again", &mut [crowd::ms(up)]);
    crate::print_row("signal until a client is back and caught up", &mut back);
    crate::say("bar: 5000 ms for the last one; sockets opened, by 100 ms after the signal:");
    histogram(&people.connects.lock().unwrap_or_else(PoisonError::into_inner), start);
    Ok(())
}

async fn end(server: &mut Server, how: How) -> anyhow::Result<()> {
    match how {
        How::Stop => server.stop().await,
        How::Kill => server.kill().await,
    }
}

/// Waits for something while a client goes on.
async fn while_running<T>(member: &mut Member<()>, done: impl Future<Output = T>) -> T {
    tokio::pin!(done);
    loop {
        tokio::select! {
            done = &mut done => return done,
            _ = member.step() => {}
        }
    }
}

/// Waits until every client holds what the writer has queued. The writer finds out its number on the way.
async fn all_hold(people: &mut Crowd) -> anyhow::Result<Vec<Instant>> {
    let Crowd { writer, wanted, held, .. } = people;
    crowd::until(writer, "it is said", |engine| engine.outbox().iter().count() == 0).await?;
    wanted.send_replace(crowd::cursor(writer.engine()));
    let mut all = Vec::with_capacity(CLIENTS);
    let waiting = async {
        while all.len() < CLIENTS {
            tokio::select! {
                at = held.recv() => all.extend(at),
                _ = writer.step() => {}
            }
        }
    };
    let late = tokio::time::timeout(WITHIN, waiting).await.is_err();
    anyhow::ensure!(!late, "{} of {CLIENTS} clients are back after {} s", all.len(), WITHIN.as_secs());
    Ok(all)
}

fn histogram(connects: &[Instant], start: Instant) {
    let mut bars: Vec<usize> = Vec::new();
    for at in connects {
        let bar = usize::try_from((*at - start).as_millis() / BAR.as_millis()).unwrap_or(usize::MAX);
        bars.resize(bars.len().max(bar + 1), 0);
        bars.get_mut(bar).into_iter().for_each(|count| *count += 1);
    }
    for (number, count) in bars.iter().enumerate().filter(|(_, count)| **count > 0) {
        let from = number as u128 * BAR.as_millis();
        crate::say(&format!("{from:>6} ms {count:>5} {}", "#".repeat(count.div_ceil(10))));
    }
}
