//! Those who write and read: a [`Member`] each, which keeps its outbox over every reconnect.
//!
//! Neighbours: [`crate::round`] tells them the hour ([`Hour`]) and looks at the [`Board`] to see how far they are; what
//! they write, what they are answered and every event that they are sent goes into the [`Ledger`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::client::ClientMsg;
use common::id::{RoomId, Seq, UserId};
use common::model::{Event, EventKind};
use common::server::{ErrorCode, ServerMsg};
use common::sync::outbox::{Stage, What};
use common::sync::{Command, Engine, Input, Notice, Phase};
use common::text::Body;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::ledger::{Ledger, Said};
use crate::link::Route;
use crate::member::{Member, Witness};
use crate::plan::{Pace, nap};
use crate::rule::Rule;
use crate::stream::Stream;

/// What a writer may have unanswered. A person would stop typing at some time, too.
const OUTBOX: usize = 200;

/// Of a hundred things that somebody writes, those that are another text of an earlier one; and how many messages back that
/// may lie, so few that a message is edited again before the last edit of it is through.
const EDITS: u8 = 15;
const RECENT: usize = 3;

/// How often somebody looks after gaps and refusals.
const CHORES: Duration = Duration::from_millis(100);

/// What people do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hour {
    /// They come in and join the rooms.
    Gathering,
    /// They write, whatever happens.
    Trouble,
    /// They write nothing more and catch up.
    Calm,
    /// They go.
    Over,
}

/// How far somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Connected and welcomed.
    pub ready: bool,
    /// Commands that are not through.
    pub waiting: usize,
    /// The newest event held of each room; `None` where something is missing.
    pub rooms: BTreeMap<RoomId, Option<Seq>>,
}

/// What all of a run share.
#[derive(Debug)]
pub struct Board {
    ledger: Mutex<Ledger>,
    standings: Mutex<BTreeMap<usize, Standing>>,
    /// Told at every acknowledgement.
    pub acked: Notify,
    /// Rooms that everybody joins.
    pub open: Vec<RoomId>,
    /// A room that only its founder is in.
    pub closed: RoomId,
}

impl Board {
    /// An empty board for these rooms.
    #[must_use]
    pub fn new(open: Vec<RoomId>, closed: RoomId) -> Self {
        let (ledger, standings) = (Mutex::default(), Mutex::default());
        Self { ledger, standings, acked: Notify::new(), open, closed }
    }

    /// The ledger.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far everybody is.
    pub fn standings(&self) -> MutexGuard<'_, BTreeMap<usize, Standing>> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees every frame of one person's connections.
#[derive(Debug)]
pub struct Watcher {
    who: String,
    board: Arc<Board>,
    stream: Stream,
    connection: u64,
}

impl Watcher {
    /// Somebody's watcher.
    #[must_use]
    pub fn new(who: String, board: Arc<Board>) -> Self {
        Self { who, board, stream: Stream::default(), connection: 0 }
    }
}

impl Witness for Watcher {
    fn opened(&mut self) {
        self.stream = Stream::default();
        self.connection += 1;
    }

    fn told(&mut self, msg: &ClientMsg) {
        self.stream.told(msg);
    }

    fn heard(&mut self, msg: &ServerMsg) {
        let kept = self.stream.heard(msg);
        let mut ledger = self.board.ledger();
        if let Err(why) = kept {
            ledger.breaks(Rule::Stream, format!("{}, connection {}: {why}", self.who, self.connection));
        }
        if let ServerMsg::Event(event) = msg {
            ledger.seen(&self.who, event);
        }
    }

    fn garbled(&mut self, why: &str) {
        self.board.ledger().breaks(Rule::Stream, format!("{} was sent no message: {why}", self.who));
    }
}

/// Somebody in the run.
#[derive(Debug)]
pub struct Somebody {
    number: usize,
    member: Member<Watcher>,
    board: Arc<Board>,
    rng: fastrand::Rng,
    /// `None` for those who only read, and close the lid now and then.
    pace: Option<Pace>,
    awake: bool,
    nth: u64,
}

impl Somebody {
    /// Somebody who writes, or only reads.
    #[must_use]
    pub fn new(number: usize, seed: u64, route: Route, board: Arc<Board>, writes: bool) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let watcher = Watcher::new(format!("client {number}"), Arc::clone(&board));
        let member = Member::new(rng.u64(..), route, watcher);
        let pace = writes.then(|| Pace::draw(&mut rng));
        Self { number, member, board, rng, pace, awake: true, nth: 0 }
    }

    /// Takes part until it is over, and gives what was held in the end.
    pub async fn take_part(mut self, mut hours: watch::Receiver<Hour>) -> Engine {
        let mut hour = *hours.borrow_and_update();
        let mut next = Instant::now();
        let mut chores = every(CHORES);
        let notices = self.member.take(Input::Connect);
        self.note(notices);
        loop {
            tokio::select! {
                notices = self.member.step() => self.note(notices),
                () = tokio::time::sleep_until(next), if hour == Hour::Trouble => next = Instant::now() + self.go_on(),
                _ = chores.tick() => self.chores(),
                changed = hours.changed() => {
                    hour = if changed.is_ok() { *hours.borrow_and_update() } else { Hour::Over };
                    next = Instant::now() + self.begin(hour);
                }
            }
            match hour {
                Hour::Over => return self.member.into_engine(),
                Hour::Gathering | Hour::Calm => self.report(),
                Hour::Trouble => {}
            }
        }
    }

    /// A new hour begins. Gives the time until there is something to do.
    fn begin(&mut self, hour: Hour) -> Duration {
        if hour == Hour::Calm && !self.awake {
            self.awake = true;
            let notices = self.member.take(Input::Connect);
            self.note(notices);
        }
        if self.pace.is_some() { Duration::ZERO } else { nap(self.awake, &mut self.rng) }
    }

    /// Writes, or closes or opens the lid. Gives the time until the next time.
    fn go_on(&mut self) -> Duration {
        if let Some(pace) = self.pace {
            self.write();
            return pace.wait(&mut self.rng);
        }
        self.awake = !self.awake;
        let notices = self.member.take(if self.awake { Input::Connect } else { Input::Stop });
        self.note(notices);
        nap(self.awake, &mut self.rng)
    }

    fn note(&mut self, notices: Vec<Notice>) {
        for notice in notices {
            if let Notice::Acked { cid, room, seq } = notice {
                self.board.ledger().acked(cid, room, seq);
                self.board.acked.notify_waiters();
            } else if let Notice::Refused(refusal) = notice
                && let Some(cid) = refusal.cid
            {
                if refusal.retry_ms.is_some() || refusal.code == ErrorCode::Stopping {
                    self.board.ledger().postponed(refusal.code);
                } else {
                    self.board.ledger().refused(cid, refusal.code);
                }
            }
        }
    }

    fn act(&mut self, command: Command) {
        let notices = self.member.take(Input::Do(command));
        self.note(notices);
    }

    /// Says something in one of the rooms, now and then where one may not; or gives something that was said another text.
    fn write(&mut self) {
        let Some(by) = self.member.engine().me().map(|me| me.id) else { return };
        if self.member.engine().outbox().iter().count() >= OUTBOX {
            return;
        }
        let trespass = self.rng.u8(..100) == 0;
        let chosen = self.rng.choice(&self.board.open).copied();
        let Some(room) = chosen.filter(|_| !trespass).or(Some(self.board.closed)) else { return };
        let text = text(by.0, self.nth + 1, &mut self.rng);
        let Ok(body) = Body::new(&text) else { return };
        let target = if self.rng.u8(..100) < EDITS { self.one_of_theirs(by, room) } else { None };
        let said = Said { by, room, target, nth: self.nth + 1, body: body.as_str().to_owned() };
        self.nth += 1;
        let what = match target {
            Some(target) => What::Edit { room, target, body },
            None => What::Say { room, body, reply_to: None },
        };
        // Nothing is awaited between the command and its entry, so that no answer can come before it.
        let notices = self.member.take(Input::Do(Command::Ask(what)));
        let cid = self.member.engine().outbox().iter().next_back().map(|pending| pending.cid);
        if let Some(cid) = cid {
            self.board.ledger().said(cid, said);
        }
        self.note(notices);
    }

    /// One of the last messages of somebody that they hold.
    fn one_of_theirs(&mut self, by: UserId, room: RoomId) -> Option<Seq> {
        let log = &self.member.engine().rooms().get(&room)?.log;
        let theirs = |event: &&Arc<Event>| event.by == by && matches!(event.kind, EventKind::Message { .. });
        let last: Vec<Seq> = log.events().rev().filter(theirs).take(RECENT).map(|event| event.seq).collect();
        self.rng.choice(last)
    }

    /// Joins what is not joined, loads what a gap hides, gives up what was refused for good.
    fn chores(&mut self) {
        let engine = self.member.engine();
        if !matches!(engine.phase(), Phase::Ready { .. }) {
            return;
        }
        let joining = |room: RoomId| {
            let is_it = |what: &What| matches!(what, What::Join { room: wanted } if *wanted == room);
            engine.outbox().iter().any(|pending| is_it(&pending.what))
        };
        let outside = self.board.open.iter().filter(|room| !engine.rooms().contains_key(room) && !joining(**room));
        let joins = outside.map(|room| Command::Ask(What::Join { room: *room }));
        let fills = engine.rooms().iter().filter(|(_, held)| !held.is_loading()).filter_map(|(room, held)| {
            held.log.gaps().next_back().map(|gap| Command::FillGap { room: *room, upto: *gap.end() })
        });
        let refused = engine.outbox().iter().filter(|pending| matches!(pending.stage, Stage::Failed(_)));
        let refused: Vec<Command> = refused.map(|pending| Command::Discard(pending.cid)).collect();
        let commands: Vec<Command> = joins.chain(fills).chain(refused).collect();
        commands.into_iter().for_each(|command| self.act(command));
    }

    fn report(&self) {
        let engine = self.member.engine();
        let place = |room: &common::sync::Room| room.is_complete().then(|| room.log.cursor());
        let standing = Standing {
            ready: matches!(engine.phase(), Phase::Ready { .. }),
            waiting: engine.outbox().iter().count(),
            rooms: engine.rooms().iter().map(|(id, room)| (*id, place(room))).collect(),
        };
        self.board.standings().insert(self.number, standing);
    }
}

fn every(time: Duration) -> Interval {
    let mut interval = tokio::time::interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Mostly a line, now and then a long text, in more than one script.
fn text(by: u64, nth: u64, rng: &mut fastrand::Rng) -> String {
    let words = ["hello", "what", "消息", "naïve", "🎉", "\"quoted\"", "a\\b", "line\nbreak", "42"];
    let most = if rng.u8(..100) == 0 { 400 } else { 12 };
    let count = rng.usize(..most);
    let filler: Vec<&str> = (0..count).filter_map(|_| rng.choice(words)).collect();
    format!("{by}/{nth} {}", filler.join(" "))
}

/// Whether everybody is connected, in every open room, and has nothing left to send.
#[must_use]
pub fn all_present(standings: &BTreeMap<usize, Standing>, people: usize, open: &[RoomId]) -> bool {
    let present = |standing: &Standing| {
        standing.ready && standing.waiting == 0 && open.iter().all(|room| standing.rooms.contains_key(room))
    };
    standings.len() == people && standings.values().all(present)
}

/// Whether everybody is connected, has nothing left to send, and holds the same newest events, with nothing missing.
#[must_use]
pub fn all_caught_up(standings: &BTreeMap<usize, Standing>, people: usize, open: &[RoomId]) -> bool {
    let newest = |room: &RoomId| standings.values().filter_map(|s| s.rooms.get(room).copied().flatten()).max();
    let heads: Vec<(RoomId, Option<Seq>)> = open.iter().map(|room| (*room, newest(room))).collect();
    standings.len() == people
        && standings.values().all(|standing| {
            let level = |(room, head): &(RoomId, Option<Seq>)| head.is_some() && standing.rooms.get(room) == Some(head);
            standing.ready && standing.waiting == 0 && heads.iter().all(level)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: [RoomId; 1] = [RoomId(1)];

    fn standing(seq: Option<u64>) -> Standing {
        Standing { ready: true, waiting: 0, rooms: BTreeMap::from([(RoomId(1), seq.map(Seq))]) }
    }

    fn level(standings: impl IntoIterator<Item = Standing>) -> bool {
        all_caught_up(&standings.into_iter().enumerate().collect(), 2, &OPEN)
    }

    #[test]
    fn present_is_who_is_in_every_room() {
        let present = |standing| all_present(&BTreeMap::from([(0, standing)]), 1, &OPEN);
        assert!(present(standing(None)), "what is missing may come later");
        assert!(!present(Standing { rooms: BTreeMap::new(), ..standing(Some(7)) }));
        assert!(!present(Standing { ready: false, ..standing(Some(7)) }));
    }

    #[test]
    fn caught_up_are_all_or_nobody() {
        assert!(level([standing(Some(7)), standing(Some(7))]));
        assert!(!level([standing(Some(7))]), "one is not there yet");
        assert!(!level([standing(Some(7)), standing(Some(6))]), "one is behind");
        assert!(!level([standing(Some(7)), standing(None)]), "one misses something");
        assert!(!level([standing(Some(7)), Standing { waiting: 1, ..standing(Some(7)) }]), "one has something to send");
        assert!(!level([standing(Some(7)), Standing { ready: false, ..standing(Some(7)) }]), "one is away");
    }
}
