//! The page's whole state, and how it moves: an [`Action`] goes in, [`Effect`]s come out.
//!
//! The reducer is pure: the time comes in, nothing is read from the browser and nothing is written to it. In reading
//! order: `action` is the vocabulary, this file the state, `reduce` how it moves, `deeds` what people do, [`wire`] what is known of the socket,
//! `annex` what is shown by the second module, [`timeline`] the rows of a room, [`window`] which of them, [`look`] looking
//! around among them, [`thread`] and `answers` what answers what, `outlook` how a message stands in it, [`composer`] what is
//! about to be said, [`slash`] the commands in it, [`offers`] what is offered meanwhile, [`messages`] what is done to
//! messages,
//! [`probe`] and `trace` what is done to the wire, `note` what is noted of it, [`banner`] what the page says of the
//! connection, `device` what outlives the page, `own` what all devices of a person agree on, [`closing`] the rules of
//! `close()`, [`keys`] the keyboard. What the rooms hold is the engine's
//! ([`common::sync::Engine`]).

mod action;
pub(crate) mod annex;
pub(crate) mod answers;
pub(crate) mod banner;
pub(crate) mod closing;
pub(crate) mod composer;
mod deeds;
pub(crate) mod device;
pub(crate) mod keys;
pub(crate) mod look;
pub(crate) mod messages;
pub(crate) mod note;
mod notify;
pub(crate) mod offers;
pub(crate) mod outlook;
pub(crate) mod own;
pub(crate) mod probe;
mod reduce;
pub(crate) mod slash;
#[cfg(test)]
mod tests;
pub(crate) mod thread;
pub(crate) mod timeline;
mod trace;
pub(crate) mod window;
pub(crate) mod wire;
mod workbench;

use std::rc::Rc;

use common::id::{RoomId, Seq, Timestamp, UserId};
use common::model::RoomKind;
use common::sync::{Engine, Phase, Room};

use crate::annex::port::Open;
use crate::calendar::Zone;
use crate::i18n::Lang;
use crate::socket::{Offer, ReadyState};
pub use action::{Action, Answer, Ask, Door, Effect, Errand, Failure, History, Overlay, Setting};
use annex::Annex;
use composer::Composing;
use device::Device;
pub use device::{Deed, News};
pub use look::Look;
use look::Sight;
use messages::Touched;
pub use messages::{Over, Touch};
pub use offers::Token;
pub use probe::Probe;
use probe::Probed;
pub use thread::Chain;
use timeline::Row;
pub use window::Spot;
use wire::Wire;
use workbench::Beside;
pub use workbench::Module;

/// Milliseconds for which a picture may stand while what was missed arrives.
const CATCHING_UP_MS: f64 = 250.0;

/// A moment, by both of the browser's clocks.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Now {
    /// `Date.now()`, for people and for the engine.
    pub date: Timestamp,
    /// `performance.now()` in milliseconds, for measuring.
    pub precise: f64,
}

/// Light, dark, or as the system says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All, in the order of the settings and of the button.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The value of `data-theme`, and what is stored; empty for the system's.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Auto => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads [`Theme::tag`].
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.tag() == tag).unwrap_or_default()
    }

    /// The one that the button turns to.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }
}

/// What the page knows when it starts.
#[derive(Debug, Clone)]
pub struct Setup {
    /// From the browser's source of random numbers.
    pub seed: u64,
    /// The reader's place.
    pub zone: Zone,
    /// From the store, or the browser's.
    pub lang: Lang,
    /// From the store.
    pub theme: Theme,
    /// Whether single keys mean something outside of texts; from the store.
    pub keys: bool,
    /// The page of signing in that the address names.
    pub entrance: Option<Open>,
    /// What is open in the place of the chat: what stands behind `/workbench/` in the address.
    pub beside: Option<String>,
    /// Whether the panel has a column of its own.
    pub wide: bool,
    /// Whether the wire panel is open.
    pub wire_open: bool,
    /// The person whom this browser remembers.
    pub person: Option<UserId>,
    /// The room that the address names.
    pub room: Option<RoomId>,
    /// Whether the first handshake names the subprotocol.
    pub offer: bool,
    /// Whether a part of this program comes after it.
    pub split: bool,
}

/// Whether somebody is signed in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Session {
    /// Not known yet.
    Asking,
    /// Nobody: the first visit, or the session has ended.
    Out { ended: bool, busy: bool, error: Option<Failure> },
    /// Somebody, as far as is known.
    In,
}

/// The dialog that is open.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Dialog {
    Over(Over),
}

/// The page.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) engine: Engine,
    pub(crate) wire: Wire,
    pub(crate) session: Session,
    pub(crate) room: Option<RoomId>,
    pub(crate) device: Device,
    /// The room that was opened with unread messages, and the last one that had been read.
    pub(crate) new_from: Option<(RoomId, u64)>,
    pub(crate) dialog: Option<Dialog>,
    pub(crate) annex: Annex,
    pub(crate) beside: Beside,
    pub(crate) composer: Composing,
    pub(crate) sight: Sight,
    pub(crate) thread: Option<thread::Open>,
    pub(crate) elsewhere: answers::Elsewhere,
    /// Whether the browser shows notifications; `None` until somebody was asked.
    pub(crate) may_notify: Option<bool>,
    pub(crate) touched: Touched,
    pub(crate) probed: Probed,
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    /// Whether single keys mean something outside of texts.
    pub(crate) keys: bool,
    pub(crate) wide: bool,
    pub(crate) wire_open: bool,
    pub(crate) side_open: bool,
    pub(crate) online: bool,
    pub(crate) visible: bool,
    /// The newest event when the reader scrolled up; `None` while the newest message is in sight.
    pub(crate) left_at: Option<Seq>,
    /// The rows of the present room; see [`State::settle`].
    pub(crate) rows: Rc<[Row]>,
    /// When the last action happened.
    pub(crate) now: Now,
    pub(crate) zone: Zone,
    /// Whether the whole program is there: a release build has split it.
    pub(crate) whole: bool,
    /// What was done meanwhile and needs the whole of it.
    held: Vec<Action>,
    /// What the next engine's commands are named from.
    seed: u64,
    rows_stale: bool,
    dirty: bool,
    /// Whether the wire panel alone shows something else than before.
    stirred: bool,
    glance: (u64, u64),
    effects: Vec<Effect>,
}

impl State {
    /// The page as it starts, before [`Action::Start`].
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        Self {
            engine: Engine::new(setup.seed),
            wire: Wire::new(Offer::starting(setup.offer)),
            session: Session::Asking,
            room: setup.room,
            device: Device::new(setup.person),
            new_from: None,
            dialog: None,
            annex: Annex::new(setup.entrance.clone()),
            beside: Beside::new(setup.beside.clone()),
            composer: Composing::default(),
            sight: Sight::default(),
            thread: None,
            elsewhere: answers::Elsewhere::default(),
            may_notify: None,
            touched: Touched::default(),
            probed: Probed::default(),
            lang: setup.lang,
            theme: setup.theme,
            keys: setup.keys,
            wide: setup.wide,
            wire_open: setup.wire_open,
            side_open: false,
            online: true,
            visible: true,
            left_at: None,
            rows: Rc::new([]),
            now: Now::default(),
            zone: setup.zone,
            whole: !setup.split,
            held: Vec::new(),
            seed: setup.seed,
            rows_stale: true,
            dirty: true,
            stirred: false,
            glance: (0, 0),
            effects: Vec::new(),
        }
    }

    /// Whether anything that can be seen has changed since this was asked last.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Whether anything has changed since this was asked last that the wire panel alone shows, and the panel is there: the
    /// frames of somebody's own writing are no reason to draw the whole page.
    pub fn take_stirred(&mut self) -> bool {
        std::mem::take(&mut self.stirred) && self.wire_open
    }

    /// Computes what is shown from what is known. To be called once before each rendering, so that a burst of five
    /// hundred events costs one computation and not five hundred.
    pub fn settle(&mut self) {
        self.settle_composer();
        if !std::mem::take(&mut self.rows_stale) {
            return;
        }
        let Some(room) = self.present() else {
            self.rows = Rc::new([]);
            return;
        };
        let window = self.sight.window.settled(&room.log, self.left_at.is_none());
        let places = window.places(&room.log);
        let (above, below) = (places.start, room.log.len().saturating_sub(places.end));
        let rows = self.ruled(timeline::rows(self, room, window));
        (self.sight.window, self.sight.above, self.sight.below) = (window, above, below);
        // What has not changed is not compared again by the view.
        if *self.rows != *rows {
            self.rows = rows.into();
        }
    }

    /// When something has to be done at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        self.engine.deadline().into_iter().chain(self.probed.faults.deadline()).min()
    }

    /// The moment of the last action.
    #[must_use]
    pub const fn now(&self) -> Now {
        self.now
    }

    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// The theme.
    #[must_use]
    pub const fn theme(&self) -> Theme {
        self.theme
    }

    /// The title of the page: what waits unread, the room, the name of the program.
    #[must_use]
    pub fn title(&self) -> String {
        let room = self.room.and_then(|id| self.engine.rooms().get(&id)).filter(|_| self.session == Session::In);
        match (self.unread(), room) {
            (_, None) => "Readyroom".to_owned(),
            (0, Some(room)) => format!("{} · Readyroom", name_of(room)),
            (n, Some(room)) => format!("({n}) {} · Readyroom", name_of(room)),
        }
    }

    /// What the icon of the tab shows: the state of the connection, and how much waits unread.
    #[must_use]
    pub fn icon(&self) -> (Option<ReadyState>, u64) {
        (self.wire.ready, self.unread())
    }

    /// Whether the socket has to be looked at regularly: there is one, or a wait is being counted down.
    #[must_use]
    pub fn wants_samples(&self) -> bool {
        !matches!(self.engine.phase(), Phase::Idle | Phase::Stopped)
    }

    /// Whether the room that is looked at is still getting what it missed, and the picture of `drawn` may stand a little
    /// longer: drawing a thousand rows takes as long as reading five hundred events.
    #[must_use]
    pub fn is_catching_up(&self, now: Now, drawn: Now) -> bool {
        let room = self.room.and_then(|id| self.engine.rooms().get(&id));
        let behind = room.is_some_and(|room| room.log.cursor() < room.head);
        self.is_ready() && behind && now.precise - drawn.precise < CATCHING_UP_MS
    }

    /// Whether it shows what somebody can begin with, or that nobody can: time for the rest of the program.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let lost = matches!(self.engine.phase(), Phase::Waiting { .. } | Phase::Stopped);
        let out = matches!(self.session, Session::Out { .. });
        lost || out || self.beside.place.is_some() || self.is_ready() || self.present().is_some()
    }

    /// The room that is looked at, as it is written in a sentence; empty for none.
    pub(crate) fn room_handle(&self) -> String {
        self.room.and_then(|id| self.engine.rooms().get(&id)).map(handle_of).unwrap_or_default()
    }

    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.engine.phase(), Phase::Ready { .. })
    }

    /// Seconds until the next try, rounded up, while one is being waited for.
    pub(crate) fn countdown(&self) -> Option<u64> {
        match self.engine.phase() {
            Phase::Waiting { until, .. } => Some(until.since(self.now.date).div_ceil(1_000)),
            Phase::Idle
            | Phase::Connecting { .. }
            | Phase::Greeting { .. }
            | Phase::Ready { .. }
            | Phase::Closing { .. }
            | Phase::Stopped => None,
        }
    }
}

/// What a room is called: by its name, or by the people in it.
pub(crate) fn name_of(room: &Room) -> String {
    if room.info.kind != RoomKind::Direct {
        return room.info.name.clone();
    }
    let mut names = String::new();
    for person in &room.info.people {
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(&person.name);
    }
    names
}

/// The same in a sentence, where a room has its sign before it.
pub(crate) fn handle_of(room: &Room) -> String {
    let sign = if room.info.kind == RoomKind::Direct { "" } else { "#" };
    sign.to_owned() + &name_of(room)
}
