//! What came of a run: how late, how often, how much, and at what cost to the generator itself.

use anyhow::Context;
use hdrhistogram::Histogram;

use super::place::Share;

/// Messages on a schedule: the `i`th of `count` is due at `start + i / per_second`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    /// When the first one is due, by the generator's clock.
    pub(crate) start: u64,
    /// Messages in a second.
    pub(crate) per_second: u64,
    /// How many in all.
    pub(crate) count: u64,
}

const SECOND: u64 = 1_000_000_000;

impl Schedule {
    /// When message `i` is due.
    #[inline]
    pub(crate) fn due(&self, i: u64) -> u64 {
        self.start + i * SECOND / self.per_second
    }

    /// Which message is due at `due`; `None` for one of another run.
    #[inline]
    pub(crate) fn index(&self, due: u64) -> Option<usize> {
        let since = due.checked_sub(self.start)?;
        let i = (since * self.per_second).div_ceil(SECOND);
        (i < self.count).then(|| usize::try_from(i).ok()).flatten()
    }

    /// When the last message has been due for as long as the one before it.
    pub(crate) fn end(&self) -> u64 {
        self.due(self.count)
    }
}

/// One message, as those heard it who should.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    times: u32,
    last: u64,
}

/// The counts of a run. Latencies are in microseconds.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    schedule: Schedule,
    /// From when a message was due until a connection received it.
    pub(crate) latency: Histogram<u64>,
    /// From when a message was due until its sender received the acknowledgement.
    pub(crate) acks: Histogram<u64>,
    /// From when a message was due until the generator had written it: its own lateness, which is part of the above.
    pub(crate) late: Histogram<u64>,
    heard: Vec<Heard>,
    /// Messages that were written.
    pub(crate) published: u64,
    /// Messages of this run that were received, by all connections together.
    pub(crate) delivered: u64,
    /// Events that a connection had had before, by their `seq`.
    pub(crate) repeated: u64,
    /// Events that a connection did not get although it got a later one, by their `seq`.
    pub(crate) missing: u64,
    /// Bytes of the frames of this run's messages.
    pub(crate) bytes: u64,
    /// When the last message was received.
    pub(crate) last: u64,
    /// What went wrong: refusals, lags, lost connections, frames that are none.
    pub(crate) faults: u64,
    /// The first of them, in words.
    pub(crate) fault: Option<String>,
    /// Whether the run was broken off because messages came far too late.
    pub(crate) given_up: bool,
    /// What the generator's threads had while messages were due.
    pub(crate) own: Share,
    /// How many threads the generator had.
    pub(crate) threads: u64,
}

impl Tally {
    /// Nothing yet.
    ///
    /// # Errors
    /// Never for these bounds.
    pub(crate) fn new(schedule: Schedule) -> anyhow::Result<Self> {
        // A minute in microseconds, with three digits.
        let histogram = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let count = usize::try_from(schedule.count)?;
        Ok(Self {
            schedule,
            latency: histogram.clone(),
            acks: histogram.clone(),
            late: histogram,
            heard: vec![Heard::default(); count],
            published: 0,
            delivered: 0,
            repeated: 0,
            missing: 0,
            bytes: 0,
            last: 0,
            faults: 0,
            fault: None,
            given_up: false,
            own: Share::default(),
            threads: 1,
        })
    }

    /// The schedule that is counted.
    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// A connection received the message that was due then, in a frame of so many bytes. Gives how late it is.
    #[inline]
    pub(crate) fn received(&mut self, due: u64, now: u64, bytes: usize) -> Option<u64> {
        let index = self.schedule.index(due)?;
        let heard = self.heard.get_mut(index)?;
        heard.times += 1;
        heard.last = heard.last.max(now);
        self.delivered += 1;
        self.bytes += bytes as u64;
        self.last = now;
        let late = now.saturating_sub(due);
        self.latency.saturating_record(late / 1_000);
        Some(late)
    }

    /// A sender received the acknowledgement of the message that was due then.
    #[inline]
    pub(crate) fn acknowledged(&mut self, due: u64, now: u64) {
        if self.schedule.index(due).is_some() {
            self.acks.saturating_record(now.saturating_sub(due) / 1_000);
        }
    }

    /// The message that was due then has been written.
    #[inline]
    pub(crate) fn wrote(&mut self, due: u64, now: u64) {
        self.published += 1;
        self.late.saturating_record(now.saturating_sub(due) / 1_000);
    }

    /// Something is not as it should be.
    pub(crate) fn fault(&mut self, what: impl FnOnce() -> String) {
        self.faults += 1;
        if self.fault.is_none() {
            self.fault = Some(what());
        }
    }

    /// Adds what another thread has counted of the same schedule.
    ///
    /// # Errors
    /// When it is another schedule.
    pub(crate) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        anyhow::ensure!(self.heard.len() == other.heard.len(), "two runs cannot be added");
        for (histogram, more) in
            [(&mut self.latency, &other.latency), (&mut self.acks, &other.acks), (&mut self.late, &other.late)]
        {
            histogram.add(more).context("histograms of different bounds")?;
        }
        for (heard, more) in self.heard.iter_mut().zip(&other.heard) {
            heard.times += more.times;
            heard.last = heard.last.max(more.last);
        }
        self.published += other.published;
        self.delivered += other.delivered;
        self.repeated += other.repeated;
        self.missing += other.missing;
        self.bytes += other.bytes;
        self.last = self.last.max(other.last);
        self.faults += other.faults;
        self.fault = self.fault.take().or_else(|| other.fault.clone());
        self.given_up |= other.given_up;
        self.own.ran += other.own.ran;
        self.own.waited += other.own.waited;
        self.threads += other.threads;
        Ok(())
    }

    /// From when a message was due until the last of its `reach` listeners had it, for all messages that all have.
    ///
    /// # Errors
    /// Never for these bounds.
    pub(crate) fn until_last(&self, reach: u64) -> anyhow::Result<Histogram<u64>> {
        let mut histogram = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        for (i, heard) in self.heard.iter().enumerate() {
            if u64::from(heard.times) >= reach && heard.times > 0 {
                histogram.saturating_record(heard.last.saturating_sub(self.schedule.due(i as u64)) / 1_000);
            }
        }
        Ok(histogram)
    }

    /// Deliveries beyond those that each message should have had.
    pub(crate) fn surplus(&self, reach: u64) -> u64 {
        self.heard.iter().map(|heard| u64::from(heard.times).saturating_sub(reach)).sum()
    }

    /// Deliveries that should have been and were not, of the messages that were written.
    pub(crate) fn lost(&self, reach: u64) -> u64 {
        (self.published * reach).saturating_sub(self.delivered - self.surplus(reach))
    }

    /// The share of its processors' time that the generator needed while messages were due: `(on them, waiting for them)`.
    pub(crate) fn own_load(&self) -> (f64, f64) {
        let wall = (self.schedule.end() - self.schedule.start) * self.threads;
        let of = |time: u64| time as f64 / wall.max(1) as f64;
        (of(self.own.ran), of(self.own.waited))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_by_when_it_is_due() {
        for per_second in [1, 3, 7, 100, 999, 6_000, 80_000] {
            let schedule = Schedule { start: 123_456_789, per_second, count: 1_000_000 };
            for i in (0..1_000).chain(900_000..901_000) {
                assert_eq!(schedule.index(schedule.due(i)), Some(usize::try_from(i).unwrap()), "{i} at {per_second}/s");
            }
            assert_eq!(schedule.index(schedule.end()), None);
            assert_eq!(schedule.index(schedule.start - 1), None);
        }
    }

    #[test]
    fn what_is_lost_and_what_came_twice_is_told_apart() {
        let schedule = Schedule { start: 0, per_second: 10, count: 2 };
        let mut tally = Tally::new(schedule).unwrap();
        for (due, now) in [(0, 5_000), (0, 7_000), (0, 9_000), (schedule.due(1), schedule.due(1) + 1_000)] {
            tally.received(due, now, 10);
        }
        tally.wrote(0, 0);
        tally.wrote(schedule.due(1), schedule.due(1));
        assert_eq!((tally.surplus(2), tally.lost(2), tally.delivered), (1, 1, 4));
        let last = tally.until_last(2).unwrap();
        assert_eq!((last.len(), last.max()), (1, 9));
    }
}
