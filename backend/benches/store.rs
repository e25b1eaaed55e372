//! What the store's SQL costs: appending in transactions of several sizes, greeting somebody, reading a page.
//!
//! `cargo bench -p readyroom --bench store`. Appends are measured against a file as the server has it (write-ahead log,
//! `synchronous = FULL`) and against a database in memory, which leaves out the disk. Neighbours: `endurance` measures
//! the writer under a steady load. Nothing is asserted here.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a measurement fails by panicking")]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::id::{Seq, UserId};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use readyroom::store::{Durability, Store, events, rooms};
use rusqlite::Connection;
use support::{People, fill};
use tokio::runtime::Runtime;

/// Messages in one transaction.
const SIZES: [u64; 3] = [1, 16, 256];

/// How many events a database has, how many rooms, and how many members each of them.
const SHAPES: [(u64, u64, u64); 4] = [(0, 64, 2), (0, 1, 1_000), (1_000_000, 64, 2), (1_000_000, 1, 1_000)];

fn name((events, rooms, members): (u64, u64, u64)) -> String {
    format!("{events} events, {rooms} rooms of {members}")
}

/// Appends until `iterations` transactions of `size` are committed, each message in the next room.
fn append(db: &Connection, people: &mut People, size: u64, iterations: u64) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..iterations {
        let commands = (0..size).map(|_| people.say()).collect::<Vec<_>>();
        let begun = Instant::now();
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        for command in &commands {
            drop(black_box(events::append(db, command, support::NOW).unwrap().unwrap()));
        }
        db.execute_batch("COMMIT").unwrap();
        took += begun.elapsed();
    }
    took
}

fn in_memory(c: &mut Criterion) {
    let mut group = c.benchmark_group("append/memory");
    for shape in SHAPES {
        let db = readyroom::store::in_memory().unwrap();
        db.set_prepared_statement_cache_capacity(128);
        let mut people = fill(&db, shape);
        for size in SIZES {
            group.throughput(Throughput::Elements(size));
            group.bench_function(BenchmarkId::new(name(shape), size), |b| {
                b.iter_custom(|iterations| append(&db, &mut people, size, iterations));
            });
        }
    }
}

/// As [`append`], through the store's writer.
fn commit(runtime: &Runtime, store: &Store, people: &mut People, size: u64, iterations: u64) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..iterations {
        let commands = (0..size).map(|_| people.say()).collect::<Vec<_>>();
        let begun = Instant::now();
        let all = store
            .write(move |db, now| commands.iter().try_for_each(|command| events::append(db, command, now).map(drop)));
        runtime.block_on(all).unwrap();
        took += begun.elapsed();
    }
    took
}

fn on_disk(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for shape in SHAPES {
        let data = tempfile::tempdir().unwrap();
        let mut people = support::fill_folder(data.path(), shape);
        let store = Store::open(data.path(), Durability::Full, || {}).unwrap();
        let mut group = c.benchmark_group("append/file");
        for size in SIZES {
            group.throughput(Throughput::Elements(size));
            group.bench_function(BenchmarkId::new(name(shape), size), |b| {
                b.iter_custom(|iterations| commit(&runtime, &store, &mut people, size, iterations));
            });
        }
        group.finish();
        reads(c, &name(shape), &runtime, (&store, people.somebody()));
        runtime.block_on(store.close());
    }
}

fn reads(c: &mut Criterion, shape: &str, runtime: &Runtime, (store, user): (&Store, UserId)) {
    let mut group = c.benchmark_group("read");
    group.bench_function(BenchmarkId::new("greeting", shape), |b| {
        b.iter(|| black_box(runtime.block_on(store.read(move |db| rooms::greeting(db, user))).unwrap()));
    });
    let page = move |db: &Connection| {
        let head = rooms::seen_by(db, rooms::LOBBY, user)?.unwrap().head;
        events::page(db, rooms::LOBBY, Seq(head.0.saturating_sub(100)), head, 100)
    };
    group.bench_function(BenchmarkId::new("page of 100", shape), |b| {
        b.iter(|| black_box(runtime.block_on(store.read(page)).unwrap()));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3)).without_plots();
    targets = in_memory, on_disk
}
criterion_main!(benches);
