//! A client: an engine, the faults before it, and where its effects go.

use common::id::{Epoch, Timestamp};
use common::server::ServerMsg;
use common::sync::faults::Faults;
use common::sync::keep::{Keep, Shared};
use common::sync::{Effect, Engine, Input, Notice};
use readyroom::bus::letter::SessionId;

use crate::device::Device;

/// A client of a person, on one of their devices.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) engine: Engine,
    pub(crate) faults: Faults<ServerMsg>,
    /// Whose: an index of people.
    pub(crate) person: usize,
    /// Which device: an index of devices.
    pub(crate) device: usize,
    /// Its connection.
    pub(crate) link: Option<SessionId>,
    /// What it wants to remember and has not written yet.
    pub(crate) unkept: Vec<Keep>,
    /// How many lines it has written.
    pub(crate) lines: u32,
    /// How often its program has begun.
    pub(crate) lives: u64,
}

/// What a client wants of the world.
#[derive(Debug)]
pub(crate) enum Wish {
    Open,
    Send(String),
    Close(u16),
    Notice(Notice),
}

impl Client {
    pub(crate) fn new(person: usize, device: usize) -> Self {
        Self {
            engine: Engine::new(0),
            faults: Faults::default(),
            person,
            device,
            link: None,
            unkept: Vec::new(),
            lines: 0,
            lives: 0,
        }
    }

    /// Hands the engine something, and gives back what concerns the world. What is to be remembered goes to the device.
    pub(crate) fn handle(&mut self, me: usize, now: Timestamp, input: Input, device: &mut Device) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for effect in self.engine.handle(now, input) {
            match effect {
                Effect::Open => wishes.push(Wish::Open),
                Effect::Send(msg) => wishes.push(Wish::Send(common::codec::encode_client(&msg))),
                Effect::Close { code, .. } => wishes.push(Wish::Close(code)),
                Effect::Notice(notice) => wishes.push(Wish::Notice(notice)),
                Effect::Keep(keep) => self.keep(me, keep, device),
            }
        }
        wishes
    }

    fn keep(&mut self, me: usize, keep: Keep, device: &mut Device) {
        let shared = match &keep {
            Keep::Pending(pending) => Shared::Put(pending.clone()),
            Keep::NoPending(cid) => Shared::Drop(*cid),
            Keep::Me(_)
            | Keep::Room(_)
            | Keep::NoRoom(_)
            | Keep::Event(_)
            | Keep::NoEvents(_)
            | Keep::Draft(_)
            | Keep::Wishes(_)
            | Keep::Nothing => {
                self.unkept.push(keep);
                return;
            }
        };
        device.keep(&Epoch(String::new()), keep);
        device.channel.push_back((me, shared));
    }

    /// Writes what it wants to remember.
    pub(crate) fn flush(&mut self, device: &mut Device) {
        let Some(epoch) = self.engine.epoch().cloned() else { return };
        for keep in self.unkept.drain(..) {
            device.keep(&epoch, keep);
        }
    }

    /// Ends the program and begins it anew with what was remembered; what was not written is gone.
    pub(crate) fn restart(&mut self, seed: u64, me: usize, now: Timestamp, device: &mut Device) -> Vec<Wish> {
        self.lives += 1;
        self.engine = Engine::new(seed.wrapping_mul(1_000_003).wrapping_add(self.lives * 64 + me as u64));
        self.faults = Faults::default();
        self.unkept.clear();
        self.link = None;
        let restored = Box::new(device.restored());
        let mut wishes = self.handle(me, now, Input::Restored(restored), device);
        if *device.leader.get_or_insert(me) != me {
            wishes.extend(self.handle(me, now, Input::Follow, device));
        }
        wishes.extend(self.handle(me, now, Input::Connect, device));
        wishes
    }
}
