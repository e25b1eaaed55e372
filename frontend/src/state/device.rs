//! The device: what outlives the page, and what the tabs of one person share on it.
//!
//! A person's rooms, events, drafts and unsent commands are remembered under that person. The page opens what it
//! remembers before it connects, so that it shows the last known room at once and asks for what is new alone. Who the
//! server says is there decides: where it is somebody else, their memory is opened and the engine starts anew.
//! Deliberately absent: where things are remembered, which is [`crate::device`]'s.

use common::id::{RoomId, UserId};
use common::server::ServerMsg;
use common::sync::keep::{Keep, KeptDraft, Restored, Shared};
use common::sync::outbox::Pending;
use common::sync::{Command, Engine, Input, Phase};

use super::{Ask, Effect, History, Session, State};

/// What the device tells.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// Part of what it remembers.
    Restored(Box<Restored>),
    /// That was all, or nothing can be remembered here.
    Ready,
    /// This tab sends from now on; here is what the tabs share.
    Lead(Vec<Pending>),
    /// Another tab sends from now on.
    Follow,
    /// Another tab changed what they share.
    Shared(Box<Shared>),
}

/// What the device is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Turn to what is remembered of this person, and tell it: this room first, where it is known.
    Open(UserId, Option<RoomId>),
    /// Remember, or forget.
    Keep(Box<Keep>),
    /// Somebody uses this tab: it wants to be the one that sends.
    Claim,
    /// Nobody is signed in: remember the commands and the drafts of the person alone, and not who it was.
    Close,
}

/// Whose memory is open.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Device {
    person: Option<UserId>,
    ready: bool,
}

impl Device {
    pub(crate) const fn new(person: Option<UserId>) -> Self {
        Self { person, ready: false }
    }

    /// Whether a connection would know all there is to know.
    fn is_settled(self) -> bool {
        self.person.is_none() || self.ready
    }
}

impl State {
    pub(super) fn start(&mut self) {
        self.load_beside();
        if let Some(entrance) = self.annex.take_entrance() {
            // Who comes by an invite may be somebody already; the page of signing in asks.
            self.device = Device::default();
            self.session = Session::Out { ended: false, busy: false, error: None };
            self.open_annex(entrance);
            return;
        }
        if let Some(person) = self.device.person {
            self.open(person);
        }
        self.ask(Ask::Me);
    }

    pub(super) fn told(&mut self, person: UserId, news: News) {
        if self.device.person != Some(person) {
            return;
        }
        match news {
            News::Restored(part) => self.restored(*part),
            News::Ready => {
                self.device.ready = true;
                if !matches!(self.session, Session::Out { .. }) {
                    self.begin();
                }
            }
            News::Lead(shared) => self.drive(Input::Lead(shared)),
            News::Follow => self.drive(Input::Follow),
            News::Shared(shared) => self.drive(Input::Shared(*shared)),
        }
    }

    /// Connects, once everything that is remembered is known.
    pub(super) fn begin(&mut self) {
        if self.session == Session::Asking {
            self.session = Session::In;
        }
        if self.device.is_settled() && matches!(self.engine.phase(), Phase::Idle) {
            self.drive(Input::Connect);
        }
    }

    fn restored(&mut self, part: Restored) {
        let begins = part.me.is_some();
        // What other rooms hold is not to be seen.
        self.dirty |= begins || part.events.iter().any(|event| Some(event.room) == self.room);
        self.drive(Input::Restored(Box::new(part)));
        if begins {
            if self.session == Session::Asking {
                self.session = Session::In;
            }
            self.settle_on_room();
            self.mark_new();
        }
    }

    /// Shows some room where the address names none.
    pub(super) fn settle_on_room(&mut self) {
        if self.room.is_none() {
            self.room = self.engine.rooms().keys().next().copied();
            self.effects.push(Effect::Address(self.room, History::Replace));
        }
    }

    pub(super) fn keep(&mut self, keep: Keep) {
        if self.device.person.is_some() {
            self.effects.push(Effect::Device(Deed::Keep(Box::new(keep))));
        }
    }

    /// Somebody uses this tab.
    pub(super) fn claim(&mut self) {
        if !self.engine.leads() {
            self.effects.push(Effect::Device(Deed::Claim));
        }
    }

    /// Looks at what is about to reach the engine. Returns whether it may.
    pub(super) fn admits(&mut self, input: &Input) -> bool {
        if let Input::Received(ServerMsg::Welcome { me, .. }) = input
            && self.device.person != Some(me.id)
        {
            // What waits here must not be sent in the name of somebody else.
            if matches!(self.engine.phase(), Phase::Greeting { .. }) {
                self.turn_to(me.id);
            }
            return false;
        }
        if matches!(input, Input::Do(Command::Ask(_) | Command::Retry(_) | Command::Draft { .. })) {
            self.claim();
        }
        true
    }

    /// Makes sure that this person's memory is open.
    pub(super) fn turn_to(&mut self, person: UserId) {
        if self.device.person == Some(person) {
            return;
        }
        // What was written before anybody was known belongs to whoever it turns out to be.
        let unowned = self.engine.me().is_none() && self.device.person.is_none();
        let written = unowned.then(|| written(&self.engine));
        if matches!(self.engine.phase(), Phase::Connecting { .. } | Phase::Greeting { .. } | Phase::Ready { .. }) {
            self.effects.push(Effect::HangUp(common::close::NORMAL, String::new()));
        }
        // Who was here before leaves what they wrote, and nothing to read.
        self.keep(Keep::Nothing);
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.engine = Engine::new(self.seed);
        self.new_from = None;
        self.open(person);
        if let Some(written) = written {
            let pending = written.outbox.iter().cloned().map(Box::new).map(Keep::Pending);
            let drafts = written.drafts.iter().cloned().map(Keep::Draft);
            let kept: Vec<Keep> = pending.chain(drafts).collect();
            kept.into_iter().for_each(|keep| self.keep(keep));
            self.drive(Input::Restored(Box::new(written)));
        }
    }

    fn open(&mut self, person: UserId) {
        self.device = Device::new(Some(person));
        self.effects.push(Effect::Device(Deed::Open(person, self.room)));
    }

    /// Nobody is signed in.
    pub(super) fn close_device(&mut self) {
        if self.device.person.is_some() {
            self.device = Device::default();
            self.effects.push(Effect::Device(Deed::Close));
        }
    }
}

/// What a person has written that the server does not know.
fn written(engine: &Engine) -> Restored {
    let draft = |(room, text): (RoomId, &str)| KeptDraft { room, text: text.to_owned(), unsent: true };
    Restored {
        outbox: engine.outbox().iter().cloned().collect(),
        drafts: engine.own().drafts().map(draft).collect(),
        ..Restored::default()
    }
}
