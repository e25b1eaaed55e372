//! The store under a steady load, and how much memory it takes.
//!
//! `cargo bench -p readyroom --bench endurance -- commits 20000 30 64` offers 20,000 messages each second for 30 s to 64
//! rooms and prints how long they waited for their commits and what the writer's thread computed for each.
//! `… -- people 10000` lets 10,000 people come, join a room, be greeted and say one thing, and prints by how much the
//! process grew. `… -- appends 200000` only computes: for a profiler. Neighbours: `store` measures one thing at a time.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement fails by panicking, and its figures are its output"
)]

mod support;

use std::fs;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::id::{Cid, Seq, UserId};
use common::model::Event;
use common::text::{Body, UserName};
use readyroom::store::events::{self, Act, Command};
use readyroom::store::{Durability, Store, people, rooms};
use rusqlite::Connection;
use tokio_util::task::TaskTracker;

fn main() {
    let args = std::env::args().skip(1).filter(|arg| arg != "--bench").collect::<Vec<_>>();
    let number = |i: usize| args.get(i).and_then(|arg| arg.parse::<u64>().ok());
    match (args.first().map(String::as_str), number(1), number(2), number(3)) {
        (Some("commits"), Some(rate), Some(seconds), Some(rooms)) => run(commits(rate, seconds, rooms)),
        (Some("people"), Some(people), None, None) => run(crowd(people)),
        (Some("reads"), Some(reads), Some(people), None) => run(reads_of(reads, people)),
        (Some("appends"), Some(events), None, None) => appends(events),
        _ => println!("usage: endurance commits RATE SECONDS ROOMS | people N | reads N PEOPLE | appends N"),
    }
}

fn run(measurement: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(measurement);
}

/// Offers messages at a rate, whatever becomes of those before them.
async fn commits(rate: u64, seconds: u64, rooms: u64) {
    let data = tempfile::tempdir().unwrap();
    let mut people = support::fill_folder(data.path(), (0, rooms, 2));
    let store = Store::open(data.path(), Durability::Full, || {}).unwrap();
    let waits = Arc::new(Mutex::new(Vec::new()));
    let tasks = TaskTracker::new();
    let mut tick = tokio::time::interval(Duration::from_millis(1));
    let begun = Instant::now();
    let mut offered = 0;
    while begun.elapsed() < Duration::from_secs(seconds) {
        tick.tick().await;
        let due = u64::try_from(begun.elapsed().as_micros()).unwrap() * rate / 1_000_000;
        for _ in offered..due {
            let command = people.say();
            let (store, waits) = (store.clone(), Arc::clone(&waits));
            tasks.spawn(async move {
                let asked = Instant::now();
                store.write(move |db, now| events::append(db, &command, now).map(drop)).await.unwrap();
                waits.lock().unwrap().push(asked.elapsed());
            });
        }
        offered = due;
    }
    tasks.close();
    tasks.wait().await;
    let took = begun.elapsed();
    let writer = computed("readyroom-write");
    let mut waits = std::mem::take(&mut *waits.lock().unwrap());
    waits.sort();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{} commits in {:.1} s, {:.0}/s; wait p50 {:.2} p99 {:.2} p99.9 {:.2} max {:.2} ms; writer {:.1} us/commit",
        waits.len(),
        took.as_secs_f64(),
        waits.len() as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        writer.as_secs_f64() * 1e6 / waits.len() as f64
    );
    store.close().await;
    let size = fs::metadata(data.path().join("readyroom.db")).unwrap().len();
    println!("database: {:.1} MB, {:.0} bytes/event", size as f64 / 1e6, size as f64 / waits.len() as f64);
}

/// Lets people come, and prints what each of them leaves in memory.
async fn crowd(number: u64) {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path(), Durability::Relaxed, || {}).unwrap();
    let before = resident();
    let mut rng = fastrand::Rng::with_seed(1);
    for i in 0..number {
        let name = UserName::new(&format!("Somebody {i}")).unwrap();
        let user = store.write(move |db, now| people::create_guest(db, &name, now)).await.unwrap().person.id;
        let mut cid = || Cid::new(support::NOW, &mut rng);
        let join = Command { room: rooms::LOBBY, by: user, cid: cid(), act: Act::Join };
        let body = Body::new(&format!("{i:-<200}")).unwrap();
        let say =
            Command { room: rooms::LOBBY, by: user, cid: cid(), act: Act::Say { body, after: None, reply_to: None } };
        store.write(move |db, now| events::append(db, &join, now).map(drop)).await.unwrap();
        let head = greet(&store, user).await.rooms[0].head;
        drop(page(&store, user, head).await);
        store.write(move |db, now| events::append(db, &say, now).map(drop)).await.unwrap();
        if (i + 1).is_power_of_two() || i + 1 == number {
            let grown = resident().saturating_sub(before);
            println!("{} people: {grown} B more, {} B each", i + 1, grown / (i + 1));
        }
    }
    store.close().await;
}

/// Greets people, and reads pages of the room they share, 32 at a time.
async fn reads_of(number: u64, people: u64) {
    let data = tempfile::tempdir().unwrap();
    drop(support::fill_folder(data.path(), (people, 1, people)));
    let store = Store::open(data.path(), Durability::Relaxed, || {}).unwrap();
    for what in ["greeting", "page"] {
        let before = (computed(""), Instant::now());
        let waits = Mutex::new(Vec::new());
        let next = std::sync::atomic::AtomicU64::new(0);
        futures_util::future::join_all((0..32).map(|_| async {
            loop {
                let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if i >= number {
                    break;
                }
                let user = UserId(2 + i % people);
                let asked = Instant::now();
                match what {
                    "greeting" => drop(black_box(greet(&store, user).await)),
                    _ => drop(black_box(page(&store, user, Seq(people + 50)).await)),
                }
                waits.lock().unwrap().push(asked.elapsed());
            }
        }))
        .await;
        let (cpu, took) = (computed("").saturating_sub(before.0), before.1.elapsed());
        let mut waits = waits.into_inner().unwrap();
        waits.sort();
        println!(
            "{what}: {:.0}/s, p50 {:?} p99 {:?}, {:.1} us computed each",
            number as f64 / took.as_secs_f64(),
            waits[waits.len() / 2],
            waits[waits.len() * 99 / 100],
            cpu.as_secs_f64() * 1e6 / number as f64
        );
    }
    store.close().await;
}

async fn greet(store: &Store, user: UserId) -> rooms::Arrival {
    store.read(move |db| rooms::greeting(db, user)).await.unwrap().unwrap()
}

/// Reads the last 50 events of the lobby up to a head, as one of its members.
async fn page(store: &Store, user: UserId, head: Seq) -> Option<Vec<Event>> {
    let query = move |db: &Connection| {
        let after = Seq(head.0.saturating_sub(50));
        let member = events::member_since(db, rooms::LOBBY, user)?;
        member.map(|_since| events::page(db, rooms::LOBBY, after, head, 50)).transpose()
    };
    store.read(query).await.unwrap()
}

/// Appends without a disk.
fn appends(number: u64) {
    let db = readyroom::store::in_memory().unwrap();
    db.set_prepared_statement_cache_capacity(128);
    let mut people = support::fill(&db, (1000, 64, 2));
    let commands = (0..number).map(|_| people.say()).collect::<Vec<_>>();
    let before = computed("endurance");
    for batch in commands.chunks(256) {
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        for command in batch {
            append(&db, command);
        }
        db.execute_batch("COMMIT").unwrap();
    }
    let took = computed("endurance").saturating_sub(before);
    println!("{number} appends: {:.2} us each", took.as_secs_f64() * 1e6 / number as f64);
}

#[inline(never)]
fn append(db: &Connection, command: &Command) {
    drop(events::append(db, command, support::NOW).unwrap().unwrap());
}

/// How long the threads of a name have computed (Linux: `/proc/<pid>/task/<tid>/schedstat`, in nanoseconds).
fn computed(name: &str) -> Duration {
    let mut sum = 0;
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let of = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        if of("comm").starts_with(name) {
            sum += of("schedstat").split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or_default();
        }
    }
    Duration::from_nanos(sum)
}

/// What the process has in memory (Linux: `VmRSS` of `/proc/self/status`), in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
}
