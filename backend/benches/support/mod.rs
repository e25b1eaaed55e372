//! What both measurements need: rooms full of people who talk.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each measurement uses its own part of this, and fails by panicking"
)]

use std::path::Path;

use common::id::{Cid, RoomId, Timestamp, UserId};
use common::text::{Body, RoomName, UserName};
use readyroom::store::events::{self, Act, Command};
use readyroom::store::{people, rooms};
use rusqlite::Connection;

/// When everything happens.
pub const NOW: Timestamp = Timestamp(1_763_700_000_000);

/// Who talks where.
#[derive(Debug, Clone)]
pub struct People {
    rooms: Vec<(RoomId, Vec<UserId>)>,
    turn: usize,
    rng: fastrand::Rng,
}

impl People {
    /// The next message of 200 bytes: in the next room, by its next member. Its `cid` is about as old as the last one's.
    pub fn say(&mut self) -> Command {
        let (room, members) = &self.rooms[self.turn % self.rooms.len()];
        let by = members[self.turn / self.rooms.len() % members.len()];
        let room = *room;
        self.turn += 1;
        let text = format!("{:-<200}", self.turn);
        let time = Timestamp(NOW.0 + self.turn as u64 / 20);
        Command {
            room,
            by,
            cid: Cid::new(time, &mut self.rng),
            act: Act::Say { body: Body::new(&text).unwrap(), after: None, reply_to: None },
        }
    }

    /// Somebody who is in the first room.
    pub fn somebody(&self) -> UserId {
        self.rooms[0].1[0]
    }
}

/// Makes rooms with members, and so many messages in them, one room after the other. Within a transaction or without.
pub fn fill(db: &Connection, (events, rooms, members): (u64, u64, u64)) -> People {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut all = Vec::new();
    let guest = || {
        let name = UserName::new("Somebody").unwrap();
        people::create_guest(db, &name, NOW).unwrap().person.id
    };
    for i in 0..rooms {
        let people = (0..members).map(|_| guest()).collect::<Vec<_>>();
        let mut cid = || Cid::new(NOW, &mut rng);
        let room = if i == 0 {
            rooms::LOBBY
        } else {
            let name = RoomName::new(&format!("room-{i}")).unwrap();
            rooms::create(db, (people[0], cid()), &name, false, NOW).unwrap().unwrap().event.room
        };
        for by in &people {
            events::append(db, &Command { room, by: *by, cid: cid(), act: Act::Join }, NOW).unwrap().unwrap();
        }
        all.push((room, people));
    }
    let mut people = People { rooms: all, turn: 0, rng };
    for _ in 0..events {
        let command = people.say();
        events::append(db, &command, NOW).unwrap().unwrap();
    }
    people
}

/// Fills a data folder. Made in memory, for a disk would take its time over a million commits.
pub fn fill_folder(folder: &Path, shape: (u64, u64, u64)) -> People {
    let mut db = readyroom::store::in_memory().unwrap();
    let people = fill(&db, shape);
    std::fs::write(folder.join("readyroom.db"), &*db.serialize(rusqlite::MAIN_DB).unwrap()).unwrap();
    people
}
