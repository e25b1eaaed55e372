//! What a shard itself takes to bring messages to everybody in a room, without the system calls: by how many messages go
//! out together, and compressed or not.

#![allow(missing_docs, reason = "criterion makes the functions")]

#[path = "support/crowd.rs"]
mod crowd;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use crowd::Crowd;
use readyroom::shard::Packing;

const MEMBERS: u64 = 1_000;

fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a room of 1000");
    for (name, packing) in [("plain", Packing::Plain), ("compressed", Packing::Building(None))] {
        for messages in [1, 4, 16, 64] {
            let mut crowd = Crowd::new(MEMBERS, packing);
            group.throughput(Throughput::Elements(MEMBERS * messages));
            group.bench_function(BenchmarkId::new(name, messages), |bencher| bencher.iter(|| crowd.say(messages)));
        }
    }
}

criterion_group!(benches, batches);
criterion_main!(benches);
