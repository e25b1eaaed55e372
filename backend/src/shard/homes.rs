//! The rooms whose home this shard is, and when each of them is due.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use common::id::RoomId;

use crate::bus::ShardId;
use crate::bus::letter::Hints;
use crate::room::Home;

/// The rooms.
#[derive(Debug)]
pub(super) struct Homes {
    grace: u64,
    rooms: HashMap<RoomId, Place>,
    /// When which room is due; one that has nothing to do by then has been seen to earlier.
    due: BinaryHeap<Reverse<(u64, RoomId)>>,
}

#[derive(Debug)]
struct Place {
    home: Home,
    /// The earliest time in `due`.
    armed: u64,
}

impl Homes {
    pub(super) fn new(grace: u64) -> Self {
        Self { grace, rooms: HashMap::new(), due: BinaryHeap::new() }
    }

    /// Changes what is known of a room where somebody is.
    pub(super) fn with(&mut self, room: RoomId, change: impl FnOnce(&mut Home)) {
        if let Some(place) = self.rooms.get_mut(&room) {
            change(&mut place.home);
            place.arm(room, &mut self.due);
        }
    }

    /// Changes what is known of a room.
    pub(super) fn enter(&mut self, room: RoomId, change: impl FnOnce(&mut Home)) {
        let grace = self.grace;
        self.rooms.entry(room).or_insert_with(|| Place { home: Home::new(room, grace), armed: u64::MAX });
        self.with(room, change);
    }

    /// Does what is due, and gives what shards are to say.
    pub(super) fn tick(&mut self, now_ms: u64) -> Vec<(ShardId, Arc<Hints>)> {
        let mut hints = Vec::new();
        while let Some(Reverse((_, room))) = self.due.peek().filter(|Reverse((at, _))| *at <= now_ms) {
            let room = *room;
            self.due.pop();
            let Some(place) = self.rooms.get_mut(&room) else { continue };
            hints.extend(place.home.tick(now_ms));
            place.armed = u64::MAX;
            place.arm(room, &mut self.due);
            if place.home.is_empty() {
                self.rooms.remove(&room);
            }
        }
        hints
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }
}

impl Place {
    fn arm(&mut self, room: RoomId, due: &mut BinaryHeap<Reverse<(u64, RoomId)>>) {
        if let Some(at) = self.home.deadline().filter(|at| *at < self.armed) {
            self.armed = at;
            due.push(Reverse((at, room)));
        }
    }
}
