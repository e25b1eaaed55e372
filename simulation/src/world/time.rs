//! Time: letting it pass, and letting a world come to rest.

use common::id::UserId;
use common::model::RoomInfo;
use common::sync::outbox::Stage;
use common::sync::{Command, Input, Phase};
use readyroom::store::rooms;

use super::World;
use crate::Broken;
use crate::client::Client;
use crate::story::CLIENTS;
use crate::template::PEOPLE;

impl World {
    pub(super) fn pass(&mut self, ms: u64) -> Result<(), Broken> {
        self.now = self.now.plus(ms);
        self.server.tick(self.now);
        for client in 0..CLIENTS {
            self.release(client)?;
            if self.clients.get(client).and_then(|of| of.engine.deadline()).is_some_and(|at| at <= self.now) {
                self.give(client, Input::Tick)?;
            }
        }
        Ok(())
    }

    /// Faults off: everything is delivered, and time passes until nothing moves any more.
    pub(crate) fn settle(&mut self) -> Result<(), Broken> {
        for client in 0..CLIENTS {
            self.with(client, |of| {
                of.faults.frozen = false;
                of.faults.lose = 0;
                of.faults.double = 0;
            })?;
        }
        for _ in 0..300 {
            self.deliver()?;
            if self.is_settled() {
                return Ok(());
            }
            self.fill_gaps()?;
            let next = self.clients.iter().filter_map(|of| of.engine.deadline()).min();
            self.pass(next.map_or(1_000, |at| at.since(self.now)).clamp(1, 30_000))?;
        }
        Err(Broken::new(format!("it does not come to rest: {}", self.restless())))
    }

    /// Lets time pass in a world at rest.
    pub(crate) fn linger(&mut self, ms: u64) -> Result<(), Broken> {
        let until = self.now.plus(ms);
        while self.now < until {
            self.pass(500)?;
            self.deliver()?;
        }
        Ok(())
    }

    fn deliver(&mut self) -> Result<(), Broken> {
        for _ in 0..1_000 {
            self.hear()?;
            (0..CLIENTS).try_for_each(|client| self.flow(client))?;
            if self.server.is_quiet() && self.devices.iter().all(|device| device.channel.is_empty()) {
                return Ok(());
            }
        }
        Err(Broken::new(format!("frames go round and round: {}", self.restless())))
    }

    fn fill_gaps(&mut self) -> Result<(), Broken> {
        for client in 0..CLIENTS {
            let rooms = self.clients.get(client).map(|of| of.engine.rooms().keys().copied().collect::<Vec<_>>());
            for room in rooms.unwrap_or_default() {
                let held = self.clients.get(client).and_then(|of| of.engine.rooms().get(&room));
                let gap = held.filter(|held| !held.is_loading()).and_then(|held| held.log.gaps().next_back());
                if let Some(gap) = gap {
                    self.give(client, Input::Do(Command::FillGap { room, upto: *gap.end() }))?;
                }
            }
        }
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.clients.iter().all(|of| {
            let ready = matches!(of.engine.phase(), Phase::Ready { .. });
            let sent = of.engine.outbox().iter().all(|pending| matches!(pending.stage, Stage::Failed(_)));
            let complete = of.engine.rooms().values().all(|held| held.is_complete() && !held.is_loading());
            ready && sent && complete && of.engine.own().is_settled() && self.is_level(of)
        })
    }

    /// Whether a client holds everything that is on disk, and of no other room anything.
    fn is_level(&self, of: &Client) -> bool {
        let user = PEOPLE.get(of.person).copied().unwrap_or(UserId(0));
        let Ok(rooms) = rooms::of(&self.server.db, user) else { return false };
        let held = of.engine.rooms();
        let level = |info: &RoomInfo| held.get(&info.id).is_some_and(|held| held.log.cursor() == info.head);
        rooms.len() == held.len() && rooms.iter().all(level)
    }

    fn restless(&self) -> String {
        let of = |(at, client): (usize, &Client)| {
            let engine = &client.engine;
            let rooms = engine.rooms().values().map(|room| {
                let gaps: Vec<_> = room.log.gaps().collect();
                format!("{} {}/{} {gaps:?}", room.info.id, room.log.cursor(), room.head)
            });
            let rooms: Vec<_> = rooms.collect();
            let outbox: Vec<_> = engine.outbox().iter().map(|p| format!("{:?} {:?}", p.what, p.stage)).collect();
            let leads = engine.leads();
            format!(
                "client {at}: {:?}, leads {leads}, {rooms:?}, own {}, outbox {outbox:?}",
                engine.phase(),
                engine.own().is_settled()
            )
        };
        self.clients.iter().enumerate().map(of).collect::<Vec<_>>().join("\n  ")
    }
}
