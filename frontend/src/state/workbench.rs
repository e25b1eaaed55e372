//! The Workbench and the lessons, as far as the page knows them: whether one of them has the place of the chat, and what
//! they are told.
//!
//! Both are modules of their own, drawn beside the page. The chat's engine goes on while they are open; only its view
//! rests. Neighbours: [`crate::lean::port`] is what they and the page say to each other.

use super::{Effect, History, Overlay, State};
use crate::annex::port::{Open, Section};
use crate::lean::port::{Errand, Said, Told};

/// A module that takes the place of the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Module {
    /// The console.
    Workbench,
    /// The lessons.
    Lessons,
}

impl Module {
    /// The one that shows a place behind `/workbench/`.
    #[must_use]
    pub fn of(place: &str) -> Self {
        if place.starts_with("lessons") { Self::Lessons } else { Self::Workbench }
    }
}

/// What the page knows of them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Beside {
    /// What is open: what stands behind `/workbench/` in the address.
    pub place: Option<String>,
    /// Whether its module could not be loaded.
    pub failed: bool,
    errand: Option<Errand>,
}

impl Beside {
    pub(crate) fn new(place: Option<String>) -> Self {
        Self { place, ..Self::default() }
    }
}

impl State {
    /// Whether the chat can be seen: the page is, and nothing has the chat's place.
    pub(super) fn is_seen(&self) -> bool {
        self.visible && self.beside.place.is_none()
    }

    /// Opens a place in the Workbench, or goes back to the chat.
    pub(super) fn open_beside(&mut self, place: Option<String>) {
        if self.beside.place != place {
            self.effects.push(match &place {
                Some(place) => Effect::Place(place.clone()),
                None => Effect::Address(self.room, History::Push),
            });
            self.went_beside(place);
        }
    }

    /// The address is another one: a place in the Workbench, or the chat's.
    pub(super) fn went_beside(&mut self, place: Option<String>) {
        let came_back = self.beside.place.is_some() && place.is_none();
        self.beside.place = place;
        self.side_open = false;
        if came_back {
            self.rows_stale = true;
            self.show_entrance();
        } else {
            self.close_annex();
            self.load_beside();
        }
    }

    pub(super) fn load_beside(&mut self) {
        if let Some(place) = &self.beside.place {
            self.beside.failed = false;
            self.effects.push(Effect::Load(Module::of(place)));
        }
    }

    /// A module has been loaded, or could not be.
    pub(super) fn beside_loaded(&mut self, loaded: bool) {
        self.beside.failed = !loaded;
    }

    /// Opens the console with something to try.
    pub(super) fn try_beside(&mut self, errand: Errand) {
        let number = self.beside.errand.as_ref().map_or(1, |last| last.number + 1);
        self.beside.errand = Some(Errand { number, ..errand });
        self.open_beside(Some(String::new()));
    }

    /// Somebody did something there.
    pub(super) fn said_beside(&mut self, said: Said) {
        match said {
            Said::Ready => self.effects.push(Effect::TellBeside),
            Said::Leave | Said::SignIn => self.open_beside(None),
            Said::Place(place) => self.open_beside(Some(place)),
            Said::Try(errand) => self.try_beside(errand),
            Said::Theme(theme) => self.set_theme(theme),
            Said::Switcher => self.open_annex(Open::Switcher),
            Said::Settings => self.open_annex(Open::Settings(Section::default())),
            Said::Wire => {
                self.open_beside(None);
                if !self.wire_open {
                    self.toggle(Overlay::Wire);
                }
            }
        }
    }

    /// What they may know now.
    pub(crate) fn told_beside(&self) -> Told {
        let me = self.engine.me().filter(|_| self.session == super::Session::In);
        Told {
            shown: self.beside.place.is_some(),
            place: self.beside.place.clone().unwrap_or_default(),
            lang: self.lang,
            theme: self.theme,
            keys: self.keys,
            name: me.map(|me| me.name.clone()).unwrap_or_default(),
            person: me.map(|me| me.id.0).unwrap_or_default(),
            ready: self.wire.ready.and_then(|ready| u16::try_from(ready.number()).ok()),
            round_trip: self.wire.round_trip(),
            errand: self.beside.errand.clone(),
            alone: false,
        }
    }
}
