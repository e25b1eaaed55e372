//! What each way has cost: a counter for every column of [`Tally`].

use std::sync::atomic::{AtomicU64, Ordering};

use common::labs::{Tally, Way};

/// All ways, in the order in which they are told.
const WAYS: [Way; 4] = [Way::Poll, Way::LongPoll, Way::EventStream, Way::WebSocket];

/// The meters of a race.
#[derive(Debug, Default)]
pub(super) struct Meters {
    poll: Meter,
    long_poll: Meter,
    event_stream: Meter,
    web_socket: Meter,
}

/// What one way has cost.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    news: AtomicU64,
    age_sum: AtomicU64,
    age_max: AtomicU64,
}

impl Meters {
    pub(super) fn of(&self, way: Way) -> &Meter {
        match way {
            Way::Poll => &self.poll,
            Way::LongPoll => &self.long_poll,
            Way::EventStream => &self.event_stream,
            Way::WebSocket => &self.web_socket,
        }
    }

    /// Of the ways that were used.
    pub(super) fn tallies(&self) -> Vec<Tally> {
        WAYS.into_iter().map(|way| self.of(way).tally(way)).filter(|tally| tally.requests > 0).collect()
    }
}

impl Meter {
    /// A request was answered, or begun to be: bytes of both heads.
    pub fn asked(&self, head_in: u64, head_out: u64) {
        self.came(head_in);
        self.went(head_out);
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes came.
    pub fn came(&self, bytes: u64) {
        self.bytes_in.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes went.
    pub fn went(&self, bytes: u64) {
        self.bytes_out.fetch_add(bytes, Ordering::Relaxed);
    }

    /// An item was delivered, so many microseconds old.
    pub(super) fn delivered(&self, age: u64) {
        self.news.fetch_add(1, Ordering::Relaxed);
        self.age_sum.fetch_add(age, Ordering::Relaxed);
        self.age_max.fetch_max(age, Ordering::Relaxed);
    }

    fn tally(&self, way: Way) -> Tally {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally {
            way,
            requests: read(&self.requests),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            news: read(&self.news),
            age_sum: read(&self.age_sum),
            age_max: read(&self.age_max),
        }
    }
}
