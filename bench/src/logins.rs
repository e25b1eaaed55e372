//! What two hundred people who sign in at once do to those who chat, and to the server's memory.
//!
//! An open loop, as in [`crate::stalled`]: each message's latency counts from when it is due until it has arrived at the
//! other one. Everybody has an account of their own, and the right password. Who is told that there is too much to do
//! asks again, as people do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use chaos::link::Link;
use chaos::server::Server;
use common::client::ClientMsg;
use common::id::Cid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::crowd::{self, LOBBY};

const PEOPLE: usize = 200;

/// Messages a second, of both who chat together.
const PER_SECOND: u64 = 20;

/// How long they chat before anybody signs in: what is compared with.
const BEFORE: Duration = Duration::from_secs(10);

/// How long the last sign-in may take.
const WITHIN: Duration = Duration::from_secs(60);

const PASSWORD: &str = "correct horse battery";

/// Stands before a message's time, in microseconds of the measurement.
const MARK: &str = "due ";

pub(crate) fn measure() -> anyhow::Result<()> {
    crowd::block_on(run())
}

async fn run() -> anyhow::Result<()> {
    let binary = journeys::path_from("READYROOM_BIN")?;
    let server = Server::start(&binary, &["--send-rate", "0", "--sign-up", "open"]).await?;
    for number in 0..PEOPLE {
        let status = post(server.address(), "accounts", &account(number)).await?;
        ensure!(status == 201, "no account: {status}");
    }
    let (at_rest, _) = memory(&server)?;
    let done = Arc::new(AtomicBool::new(false));
    let base = Instant::now();
    let mut chatting = JoinSet::new();
    for number in 0..2 {
        let link = connected(&server, &format!("Chatter {number}")).await?;
        chatting.spawn(chat(link, number, base, Arc::clone(&done)));
    }
    tokio::time::sleep(BEFORE).await;
    let began = base.elapsed();
    let (mut took, refused) = tokio::time::timeout(WITHIN, sign_in_all(server.address())).await??;
    let ended = base.elapsed();
    done.store(true, Ordering::Relaxed);
    let (mut before, mut during) = (Vec::new(), Vec::new());
    while let Some(late) = chatting.join_next().await {
        for (due, late) in late?? {
            if due < began { before.push(late) } else { during.push(late) }
        }
    }
    let (_, peak) = memory(&server)?;
    crate::print_head(&format!("{PEOPLE} people sign in, two chat, {PER_SECOND} messages/s"));
    crate::print_row("a message, before", &mut before);
    crate::print_row("a message, while they sign in", &mut during);
    crate::print_row("a sign-in", &mut took);
    let seconds = (ended - began).as_secs_f64();
    crate::say(&format!("all were signed in after {seconds:.1} s; {refused} were told to come again"));
    crate::say(&format!("resident memory: {at_rest:.1} MB before, {peak:.1} MB at its peak"));
    crate::say("bar: p99 of a message at most 100 ms, memory bounded");
    Ok(())
}

/// Everybody signs in at the same time. Gives the milliseconds of each, and how often one was told to come again.
async fn sign_in_all(server: SocketAddr) -> anyhow::Result<(Vec<f64>, usize)> {
    let refused = Arc::new(AtomicUsize::new(0));
    let mut all = JoinSet::new();
    for number in 0..PEOPLE {
        let refused = Arc::clone(&refused);
        all.spawn(async move {
            let start = Instant::now();
            loop {
                match post(server, "sessions", &account(number)).await? {
                    201 => return anyhow::Ok(crowd::ms(start.elapsed())),
                    429 | 503 => refused.fetch_add(1, Ordering::Relaxed),
                    other => return Err(anyhow!("not signed in: {other}")),
                };
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }
    let mut took = Vec::with_capacity(PEOPLE);
    while let Some(one) = all.join_next().await {
        took.push(one??);
    }
    Ok((took, refused.load(Ordering::Relaxed)))
}

fn account(number: usize) -> String {
    let name = format!("person-{number}");
    serde_json::json!({ "login": name, "name": name, "password": PASSWORD }).to_string()
}

/// Sends JSON on a connection of its own, and gives the status.
async fn post(server: SocketAddr, what: &str, body: &str) -> anyhow::Result<u16> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!(
        "POST /api/v1/{what} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.with_context(|| format!("no answer but {answer:?}"))
}

/// A connection that has been welcomed.
async fn connected(server: &Server, name: &str) -> anyhow::Result<Link> {
    let mut link = Link::open(crowd::guest(server.address(), name).await?).await?;
    link.tell(&ClientMsg::Hello { epoch: None, user_seq: 0, rooms: std::collections::BTreeMap::new() });
    link.next_text().await.map_err(|closed| anyhow!("{name} was not welcomed: {closed:?}"))?;
    Ok(link)
}

/// Says every other message, each at its time, and gives for those of the other when it was due and how late it came.
async fn chat(
    mut link: Link,
    number: u64,
    base: Instant,
    done: Arc<AtomicBool>,
) -> anyhow::Result<Vec<(Duration, f64)>> {
    let mut rng = fastrand::Rng::with_seed(number);
    let (mut heard, start) = (Vec::new(), base.elapsed());
    for n in (number..).step_by(2) {
        if done.load(Ordering::Relaxed) {
            break;
        }
        let due = start + Duration::from_micros(n * 1_000_000 / PER_SECOND);
        let wait = tokio::time::sleep_until((base + due).into());
        tokio::pin!(wait);
        loop {
            let text = tokio::select! {
                () = &mut wait => break,
                text = link.next_text() => text.map_err(|closed| anyhow!("cut off: {closed:?}"))?,
            };
            // One's own say which they are.
            let Some((_, after)) = text.split_once(MARK) else { continue };
            let mut words = after.split(' ');
            let due = Duration::from_micros(words.next().unwrap_or_default().parse()?);
            if words.next() != Some(&format!("by-{number}")) {
                heard.push((due, crowd::ms(base.elapsed().saturating_sub(due))));
            }
        }
        let (cid, body) = (Cid::new(chaos::now(), &mut rng), format!("{MARK}{} by-{number} .", due.as_micros()));
        link.tell(&ClientMsg::Send { cid, room: LOBBY, body, after: None, reply_to: None });
    }
    Ok(heard)
}

/// `VmRSS` and `VmHWM` of the server, in units of 10⁶ bytes.
fn memory(server: &Server) -> anyhow::Result<(f64, f64)> {
    let id = server.id().context("the server has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).context("only Linux tells this way")?;
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).with_context(|| format!("no {key}"))?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        anyhow::Ok(kib * 1_024.0 / 1e6)
    };
    Ok((of("VmRSS:")?, of("VmHWM:")?))
}
