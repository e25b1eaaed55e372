//! `readyroom seed`: a year of a team's chat, for trials and measurements.
//!
//! People talk in rooms and in twos, in English and Chinese, on working days; they answer, react, edit, pin and mention
//! each other, and have read most of it. The same numbers and the same `--seed` give the same chat, but for the name of
//! the database. Neighbours: [`crate::store::bulk`] writes it.
//!
//! Deliberately absent: passwords. An account of a seeded person gets one as any other that has lost it.

mod talk;
mod words;

use std::path::Path;

use common::id::{Cid, RoomId, Seq, Timestamp, UserId};
use common::model::RoomKind;
use fastrand::Rng;

use crate::store::bulk::{Bulk, BulkError, Changing, Deed, Saying};
use crate::store::rooms::LOBBY;
use talk::Turn;

/// How large the chat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub struct Plan {
    /// Rooms, the lobby among them; people in twos have some more
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub rooms: u64,
    /// People
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=5_000))]
    pub people: u64,
    /// Messages
    #[arg(long, default_value_t = 100_000, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=100_000_000))]
    pub messages: u64,
    /// Another number gives another chat
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

/// Messages in one transaction.
const BATCH: u64 = 20_000;

/// Conversations that go on at the same time.
const AT_ONCE: usize = 12;

const DAY: u64 = 24 * 60 * 60 * 1_000;

/// 2025-11-17T00:00:00Z, a Monday.
const MONDAY: u64 = 1_763_337_600_000;

/// Weeks of a year, of five days each.
const WORKING_DAYS: u64 = 52 * 5;

/// From 8:00 until 18:00 in UTC.
const MORNING: u64 = 8 * 60 * 60 * 1_000;
const WORKING_MS: u64 = 10 * 60 * 60 * 1_000;

/// A room as far as talking there needs it.
struct Room {
    id: RoomId,
    chinese: bool,
    members: Vec<Person>,
    /// Out of the sum of all: how much is said there.
    weight: u64,
}

#[derive(Debug, Clone)]
struct Person {
    id: UserId,
    name: String,
}

/// People who talk about something.
#[derive(Debug, Clone, Default)]
struct Conversation {
    room: usize,
    people: Vec<Person>,
    left: u32,
    /// What was said last: the message, and the one that its thread began with.
    last: Option<(Seq, Option<Seq>)>,
}

/// Fills a folder. `told` hears how many messages are written, and how many there are to be.
///
/// # Errors
/// [`BulkError`], in words for whoever asked.
pub fn seed(folder: &Path, plan: &Plan, told: impl FnMut(u64, u64)) -> Result<(), BulkError> {
    let bulk = Bulk::open(folder)?;
    let mut seeder = Seeder { bulk, rng: Rng::with_seed(plan.seed), rooms: Vec::new(), plan: *plan };
    seeder.people()?;
    seeder.talk(told)?;
    seeder.read()?;
    Ok(seeder.bulk.finish()?)
}

struct Seeder {
    bulk: Bulk,
    rng: Rng,
    rooms: Vec<Room>,
    plan: Plan,
}

impl Seeder {
    fn deed(&mut self, by: UserId, at: Timestamp) -> Deed {
        Deed { by, at, cid: Cid::new(at, &mut self.rng) }
    }

    /// Makes people, rooms, and lets them in.
    fn people(&mut self) -> Result<(), BulkError> {
        let at = moment(0, 1);
        let mut people = Vec::new();
        for number in 0..usize::try_from(self.plan.people).unwrap_or(usize::MAX) {
            let name = talk::name(number);
            people.push(Person { id: self.bulk.person(&name.shown, &name.login, at)?, name: name.shown });
        }
        let mut lobby = Room { id: LOBBY, chinese: false, members: Vec::new(), weight: 300 };
        for person in &people {
            let deed = self.deed(person.id, at);
            self.bulk.join(LOBBY, deed)?;
            lobby.members.push(person.clone());
        }
        self.rooms.push(lobby);
        for number in 1..self.plan.rooms {
            self.room(number, &people, at)?;
        }
        for _ in 0..self.plan.people / 4 {
            self.two(&people, at)?;
        }
        Ok(self.bulk.commit()?)
    }

    /// A room of many. The first ones are for all and busy, later ones smaller and quieter; every seventh is private.
    fn room(&mut self, number: u64, people: &[Person], at: Timestamp) -> Result<(), BulkError> {
        let index = usize::try_from(number - 1).unwrap_or_default();
        let (name, topic, chinese) = words::ROOMS.get(index % words::ROOMS.len()).copied().unwrap_or_default();
        let again = index / words::ROOMS.len();
        let name = if again == 0 { name.to_owned() } else { format!("{name}-{}", again + 1) };
        let kind = if number.is_multiple_of(7) { RoomKind::Private } else { RoomKind::Public };
        let size = people.len().div_ceil(index / 3 + 1).max(3).min(people.len());
        let mut members = people.to_vec();
        self.rng.shuffle(&mut members);
        members.truncate(size);
        let Some(maker) = members.first().map(|person| person.id) else { return Ok(()) };
        let deed = self.deed(maker, at);
        let id = self.bulk.room(deed, &name, topic, kind)?;
        for person in members.iter().skip(1) {
            let deed = self.deed(person.id, at);
            self.bulk.join(id, deed)?;
        }
        self.rooms.push(Room { id, chinese, members, weight: 3_000 / (number + 2) });
        Ok(())
    }

    /// A conversation of two.
    fn two(&mut self, people: &[Person], at: Timestamp) -> Result<(), BulkError> {
        let (Some(one), Some(two)) = (self.rng.choice(people), self.rng.choice(people)) else { return Ok(()) };
        let (one, two) = if one.id < two.id { (one, two) } else { (two, one) };
        if one.id == two.id {
            return Ok(());
        }
        let name = format!("direct:{}:{}", one.id.0, two.id.0);
        let known =
            self.rooms.iter().any(|room| matches!(room.members.as_slice(), [a, b] if a.id == one.id && b.id == two.id));
        if known {
            return Ok(());
        }
        let members: Vec<Person> = vec![one.clone(), two.clone()];
        let chinese = members.iter().all(|person| !person.name.is_ascii());
        let deed = self.deed(one.id, at);
        let id = self.bulk.room(deed, &name, "", RoomKind::Direct)?;
        self.bulk.accompany(id, two.id)?;
        self.rooms.push(Room { id, chinese, members, weight: 10 });
        Ok(())
    }

    /// Lets a year pass.
    fn talk(&mut self, mut told: impl FnMut(u64, u64)) -> Result<(), BulkError> {
        let all = self.plan.messages;
        let mut conversations = vec![Conversation::default(); AT_ONCE];
        for number in 0..all {
            let at = moment(number, all);
            let which = self.rng.usize(..AT_ONCE);
            let Some(conversation) = conversations.get_mut(which) else { continue };
            if conversation.left == 0 {
                *conversation = self.begin();
            }
            self.turn(conversation, at)?;
            if (number + 1).is_multiple_of(BATCH) {
                self.bulk.commit()?;
                told(number + 1, all);
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> Conversation {
        let sum: u64 = self.rooms.iter().map(|room| room.weight).sum();
        let mut place = self.rng.u64(..sum.max(1));
        let room = self.rooms.iter().position(|room| {
            let here = place < room.weight;
            place = place.saturating_sub(room.weight);
            here
        });
        let room = room.unwrap_or_default();
        let members = self.rooms.get(room).map(|room| room.members.as_slice()).unwrap_or_default();
        let size = self.rng.usize(2..6);
        let people = (0..size).filter_map(|_| self.rng.choice(members)).cloned().collect();
        Conversation { room, people, left: self.rng.u32(2..25), last: None }
    }

    /// Somebody says something, and others do something with it.
    fn turn(&mut self, conversation: &mut Conversation, at: Timestamp) -> Result<(), BulkError> {
        let Some((room, chinese)) = self.rooms.get(conversation.room).map(|room| (room.id, room.chinese)) else {
            return Ok(());
        };
        conversation.left -= 1;
        let Some(by) = self.rng.choice(&conversation.people).cloned() else { return Ok(()) };
        let turn = if conversation.last.is_none() { Turn::Open } else { Turn::GoOn };
        let mut saying = Saying { body: talk::say(&mut self.rng, chinese, turn), ..Saying::default() };
        if self.rng.u8(..100) < 4
            && let Some(other) = self.rng.choice(&conversation.people)
        {
            saying.body = format!("@{} {}", other.name, saying.body);
            saying.mentions.push(other.id);
        }
        if let Some((last, root)) = conversation.last.filter(|_| self.rng.u8(..100) < 10) {
            saying.reply = Some((last, root.unwrap_or(last)));
        }
        let deed = self.deed(by.id, at);
        let seq = self.bulk.say(room, deed, &saying)?;
        conversation.last = Some((seq, saying.reply.map(|(_, root)| root)));
        self.afterwards(conversation, (room, seq), (&by, &saying), at)
    }

    /// What becomes of a message within its minute.
    fn afterwards(
        &mut self,
        conversation: &Conversation,
        (room, seq): (RoomId, Seq),
        (by, saying): (&Person, &Saying),
        at: Timestamp,
    ) -> Result<(), BulkError> {
        let chance = self.rng.u16(..1_000);
        if chance < 80 {
            for _ in 0..self.rng.usize(1..4) {
                let Some(reader) = self.rng.choice(&conversation.people).map(|person| person.id) else { continue };
                let (deed, emoji) = (self.deed(reader, at), talk::emoji(&mut self.rng));
                self.bulk.change(room, deed, seq, Changing::React(emoji))?;
            }
        } else if chance < 105 {
            let deed = self.deed(by.id, at);
            let body = format!("{} (edited)", saying.body);
            self.bulk.change(room, deed, seq, Changing::Edit(&body))?;
        } else if chance < 109 {
            let deed = self.deed(by.id, at);
            self.bulk.change(room, deed, seq, Changing::Delete)?;
        } else if chance == 109 && self.rng.u8(..10) == 0 {
            let deed = self.deed(by.id, at);
            self.bulk.change(room, deed, seq, Changing::Pin)?;
        }
        Ok(())
    }

    /// Most have read all, some are behind, a few far.
    fn read(&mut self) -> Result<(), BulkError> {
        for room in &self.rooms {
            for person in &room.members {
                let unread = match self.rng.u8(..10) {
                    0 => self.rng.u64(..2_000),
                    1..=3 => self.rng.u64(..40),
                    _ => 0,
                };
                self.bulk.read_but(room.id, person.id, unread)?;
            }
        }
        Ok(())
    }
}

/// When a message of so many is said: the year goes by evenly, but for nights and weekends.
fn moment(number: u64, all: u64) -> Timestamp {
    let span = u128::from(WORKING_DAYS * WORKING_MS);
    let passed = u64::try_from(span * u128::from(number) / u128::from(all.max(1))).unwrap_or_default();
    let (day, time) = (passed / WORKING_MS, passed % WORKING_MS);
    let (week, day) = (day / 5, day % 5);
    Timestamp(MONDAY + (week * 7 + day) * DAY + MORNING + time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_rises_and_has_no_weekends() {
        let mut before = Timestamp(0);
        for number in 0..1_000 {
            let at = moment(number, 1_000);
            assert!(at > before && at.0 < MONDAY + 365 * DAY);
            let day = at.0 / DAY;
            assert!((day + 3) % 7 < 5, "1970-01-01 was a Thursday");
            before = at;
        }
    }
}
