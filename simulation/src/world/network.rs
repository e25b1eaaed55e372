//! The network: what moves between clients and the server, and what breaks.

use common::close;
use common::id::Epoch;
use common::server::ServerMsg;
use common::sync::{Closed, Input};
use readyroom::store::events;

use super::World;
use crate::Broken;
use crate::server::{Server, Told};
use crate::story::CLIENTS;
use crate::template;

impl World {
    pub(super) fn repeat(
        &mut self,
        times: usize,
        step: impl Fn(&mut Self) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        (0..times).try_for_each(|_| step(self))
    }

    pub(super) fn up(&mut self, client: usize) -> Result<(), Broken> {
        let Some(link) = self.clients.get(client).and_then(|of| of.link) else { return Ok(()) };
        let told = self.server.take_frame(link, self.now);
        self.heed(told)
    }

    pub(super) fn look(&mut self, client: usize) -> Result<(), Broken> {
        let Some(link) = self.clients.get(client).and_then(|of| of.link) else { return Ok(()) };
        Ok(self.server.look(link)?)
    }

    pub(super) fn commit(&mut self, changes: usize, full: bool) -> Result<(), Broken> {
        let told = self.server.commit(changes, full, self.now)?;
        self.heed(told)
    }

    pub(super) fn publish(&mut self) -> Result<(), Broken> {
        let told = self.server.publish(self.now);
        self.heed(told)
    }

    pub(super) fn drain(&mut self, client: usize, items: usize) -> Result<(), Broken> {
        let Some(link) = self.clients.get(client).and_then(|of| of.link) else { return Ok(()) };
        let told = self.server.drain(link, items, self.now);
        self.heed(told)
    }

    pub(super) fn down(&mut self, client: usize) -> Result<(), Broken> {
        let user = self.user(client);
        let Some(of) = self.clients.get_mut(client) else { return Ok(()) };
        let Some(link) = of.link.and_then(|link| self.server.links.get_mut(&link)) else { return Ok(()) };
        let db = &self.server.db;
        let removed = |room| events::removed_by(db, room, user).ok().flatten();
        if let Some(msg) = link.arrive(&removed) {
            let msg = msg.map_err(|why| Broken::new(format!("client {client}: {why}")))?;
            let is_event = matches!(msg, ServerMsg::Event(_));
            of.faults.receive(self.now, msg, is_event);
        }
        self.release(client)
    }

    pub(super) fn release(&mut self, client: usize) -> Result<(), Broken> {
        let now = self.now;
        let msgs = self.clients.get_mut(client).map(|of| of.faults.release(now)).unwrap_or_default();
        msgs.into_iter().try_for_each(|msg| self.give(client, Input::Received(msg)))
    }

    pub(super) fn flow(&mut self, client: usize) -> Result<(), Broken> {
        self.repeat(8, |world| world.up(client))?;
        self.repeat(3, |world| world.look(client))?;
        self.commit(32, false)?;
        self.repeat(8, Self::publish)?;
        self.drain(client, 64)?;
        self.repeat(64, |world| world.down(client))
    }

    pub(super) fn heed(&mut self, told: impl IntoIterator<Item = Told>) -> Result<(), Broken> {
        for told in told {
            match told {
                Told::Stored(event) => {
                    let key = (self.server.epoch.clone(), event.room, event.seq);
                    if self.ledger.insert(key, event.clone()).is_some() {
                        return Err(Broken::new(format!("{} of {} is given twice", event.seq, event.room)));
                    }
                }
                Told::Closed(client, code) => {
                    let closed = Closed { code, reason: String::new(), was_clean: true };
                    self.with(client, |of| of.link = None)?;
                    self.give(client, Input::Closed(closed))?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn drop_link(&mut self, client: usize) {
        if let Some(link) = self.clients.get_mut(client).and_then(|of| of.link.take()) {
            self.server.hang_up(link, self.now);
        }
    }

    pub(super) fn cut(&mut self, client: usize, code: u16) -> Result<(), Broken> {
        let linked = self.clients.get(client).is_some_and(|of| of.link.is_some());
        self.drop_link(client);
        self.with(client, |of| of.faults.cut())?;
        if linked {
            self.give(client, Input::Closed(Closed { code, reason: String::new(), was_clean: false }))?;
        }
        Ok(())
    }

    pub(super) fn crash(&mut self) -> Result<(), Broken> {
        self.server.crash();
        (0..CLIENTS).try_for_each(|client| self.cut(client, close::ABNORMAL))
    }

    pub(super) fn backup(&mut self) -> Result<(), Broken> {
        let copy = self.server.db.serialize(rusqlite::MAIN_DB)?.to_vec();
        self.backup = Some((copy, self.ledger.clone()));
        Ok(())
    }

    pub(super) fn restore(&mut self) -> Result<(), Broken> {
        let Some((copy, ledger)) = self.backup.take() else { return Ok(()) };
        self.restores += 1;
        let old = self.server.epoch.clone();
        let epoch = Epoch(format!("after restore {}", self.restores));
        for said in &mut self.said {
            said.excused |= self.ledger.values().any(|event| event.cid == Some(said.cid));
        }
        let kept = ledger.into_iter().filter(|((of, ..), _)| *of == old);
        let renamed: Vec<_> = kept.map(|((_, room, seq), event)| ((epoch.clone(), room, seq), event)).collect();
        self.ledger.extend(renamed);
        self.acks.clear();
        self.muted.clear();
        self.notify.clear();
        self.server = Server::new(template::open(&copy)?, epoch, self.queue);
        (0..CLIENTS).try_for_each(|client| self.cut(client, close::ABNORMAL))
    }
}
