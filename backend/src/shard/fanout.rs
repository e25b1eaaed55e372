//! One room in one shard: who follows it there, and the events that are on their way to them.
//!
//! Events gather until the shard comes to the room. Then they become one run of bytes that every follower gets with one
//! write: a write costs about the same for one event as for sixteen, so under load this is what the speed is made of.
//!
//! Deliberately absent: what a follower makes of the events, which its session decides.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use common::id::{RoomId, Seq};

use super::packing::{History, Packed, Packer, Packing};
use crate::bus::letter::{FeedId, Published};

/// A connection that follows the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Follower {
    /// Its place among the shard's connections.
    pub(super) slot: u32,
    /// Its subscription; none while it has been told to catch up first.
    pub(super) feed: FeedId,
}

/// What a subscription makes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// It follows the room from here on.
    New,
    /// It had been told to catch up, and missed what is ephemeral meanwhile.
    Back,
    /// It goes on.
    Again,
}

/// The room.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// In the order of their places, so that a walk over them is one over the connections.
    followers: Vec<Follower>,
    /// Connections that do not know who is here.
    pub(super) lost: Vec<u32>,
    gathering: Vec<Arc<Published>>,
    sending: Option<Sending>,
    /// What compressed events build on, where anybody has taken some of late.
    history: Option<Box<History>>,
    /// Whether nothing has come since the room was last looked at.
    is_quiet: bool,
    /// Whether the shard has the room on its list of those with something to send.
    pub(super) is_listed: bool,
}

/// Events that are being sent: all from `first` to `last`.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) first: Seq,
    pub(super) last: Seq,
    events: Vec<Arc<Published>>,
    plain: Packed,
    alone: OnceLock<Packed>,
    /// Compressed, building on each other and on this one and those behind it.
    built: OnceLock<(Option<Seq>, Packed)>,
}

#[derive(Debug)]
struct Sending {
    run: Arc<Run>,
    /// Followers from this place on have not got it.
    from: u32,
}

impl Following {
    /// Adds a follower, or gives it another subscription.
    pub(super) fn add(&mut self, slot: u32, feed: FeedId) -> Added {
        let at = self.followers.binary_search_by_key(&slot, |follower| follower.slot);
        match at.map(|at| self.followers.get_mut(at)) {
            Ok(Some(follower)) => {
                let before = std::mem::replace(&mut follower.feed, feed);
                if before == FeedId::default() { Added::Back } else { Added::Again }
            }
            Ok(None) => Added::Again,
            Err(at) => {
                self.followers.insert(at, Follower { slot, feed });
                Added::New
            }
        }
    }

    /// Removes a follower. Says whether it was one.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        self.lost.retain(|lost| *lost != slot);
        let found = self.followers.binary_search_by_key(&slot, |follower| follower.slot);
        found.is_ok_and(|at| {
            self.followers.remove(at);
            true
        })
    }

    /// Ends a follower's subscription; it stays a follower.
    pub(super) fn unsubscribe(&mut self, slot: u32) {
        self.add(slot, FeedId::default());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.followers.is_empty()
    }

    pub(super) fn followers(&self) -> &[Follower] {
        &self.followers
    }

    /// Takes an event that is to be sent.
    pub(super) fn gather(&mut self, published: &Arc<Published>) {
        let follows = |last: &Arc<Published>| last.event.seq.next() == published.event.seq;
        if !self.gathering.last().is_none_or(follows) {
            // The writer brings them in order; what it did not, every session finds missing and reads from the log.
            self.gathering.clear();
        }
        self.gathering.push(Arc::clone(published));
        self.is_quiet = false;
    }

    /// Gives up the memory of a room where nothing has come since this was last called: its next event stands alone.
    pub(super) fn rest(&mut self) {
        if std::mem::replace(&mut self.is_quiet, true) {
            self.history = None;
        }
    }

    #[cfg(test)]
    pub(super) fn is_at_rest(&self) -> bool {
        self.history.is_none() && self.gathering.is_empty()
    }

    /// The next at most `most` followers to send to, and what; none where everybody has everything.
    pub(super) fn next(&mut self, most: usize) -> Option<(Arc<Run>, std::ops::Range<usize>)> {
        let sending = match &mut self.sending {
            Some(sending) => sending,
            none => none.insert(Sending { run: Arc::new(Run::of(std::mem::take(&mut self.gathering))?), from: 0 }),
        };
        let from = self.followers.partition_point(|follower| follower.slot < sending.from);
        let to = self.followers.len().min(from + most);
        let run = Arc::clone(&sending.run);
        match self.followers.get(to) {
            Some(next) => sending.from = next.slot,
            None => self.sending = None,
        }
        Some((run, from..to))
    }

    /// The followers of a range, and what compressed events build on.
    pub(super) fn parts(&mut self, range: std::ops::Range<usize>) -> (&[Follower], &mut Option<Box<History>>) {
        (self.followers.get(range).unwrap_or_default(), &mut self.history)
    }
}

impl Run {
    fn of(events: Vec<Arc<Published>>) -> Option<Self> {
        let (first, last) = (events.first()?.event.seq, events.last()?.event.seq);
        let mut end = 0;
        let ends = events.iter().map(|published| {
            end += published.frame().len();
            end
        });
        let ends = ends.collect();
        let bytes = match events.as_slice() {
            [only] => only.frame().clone(),
            all => all.iter().map(|published| published.frame().as_ref()).collect::<Vec<_>>().concat().into(),
        };
        let (alone, built) = (OnceLock::new(), OnceLock::new());
        Some(Self { first, last, events, plain: Packed { bytes, ends }, alone, built })
    }

    /// The events from this one on as a connection takes them, and how many they are.
    pub(super) fn for_packing(
        &self,
        packing: &mut Packing,
        (room, from): (RoomId, Seq),
        (packer, history): (&mut Packer, &mut Option<Box<History>>),
    ) -> (Bytes, usize) {
        match packing {
            Packing::Plain => self.cut(&self.plain, from),
            Packing::Alone => self.cut(self.alone(packer), from),
            Packing::Building(context) => {
                let (since, built) = self.built.get_or_init(|| {
                    let history = history.get_or_insert_default();
                    (history.since(), packer.build(history, &self.published()))
                });
                let has_all = match (since, &context) {
                    (None, _) => true,
                    (Some(since), Some((of, first))) => *of == room && first <= since,
                    (Some(_), None) => false,
                };
                let begins =
                    context.filter(|(of, _)| *of == room && from == self.first).map_or(from, |(_, first)| first);
                *context = Some((room, begins));
                if has_all && from == self.first { self.cut(built, from) } else { self.cut(self.alone(packer), from) }
            }
        }
    }

    fn alone(&self, packer: &mut Packer) -> &Packed {
        self.alone.get_or_init(|| packer.alone(&self.published()))
    }

    fn published(&self) -> Vec<&Published> {
        self.events.iter().map(Arc::as_ref).collect()
    }

    fn cut(&self, packed: &Packed, from: Seq) -> (Bytes, usize) {
        let skipped = usize::try_from(from.0.saturating_sub(self.first.0)).unwrap_or(usize::MAX).min(packed.ends.len());
        let at = skipped.checked_sub(1).and_then(|last| packed.ends.get(last)).copied().unwrap_or(0);
        (packed.bytes.slice(at..), packed.ends.len() - skipped)
    }
}
