//! What the annex shows, and what people do there.
//!
//! The state knows what is open and how far the second module has been loaded; what it looks like, the annex knows.
//! Commands that come from there are the outbox's like all others, and what became of them is told by the number that
//! the annex gave them.

use common::id::{Cid, RoomId, Timestamp};
use common::model::{Person, Role};
use common::server::Refusal;
use common::sync::outbox::What;
use common::sync::{Command, Input};

use super::{Ask, Door, Effect, Failure, History, Overlay, Session, Setting, State, Touch};
use crate::annex::port::{Context, Open, Outcome, Prefer, RoomLine, Said, Tell};
use crate::lean::port::Errand;

/// How far the second module has been loaded.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loaded {
    #[default]
    No,
    Failed,
    Yes,
}

/// What the annex shows.
#[derive(Debug, Default, Clone)]
pub(crate) struct Annex {
    /// What is open there, or will be when it is loaded.
    pub open: Option<Open>,
    pub loaded: Loaded,
    /// The page of signing in that the address named at first.
    entrance: Option<Open>,
    /// Whether this server takes guests, once it has said so.
    pub guests: Option<bool>,
    /// Commands that it waits for.
    going: Vec<(Cid, u32)>,
}

impl Annex {
    pub(crate) fn new(entrance: Option<Open>) -> Self {
        Self { entrance, ..Self::default() }
    }

    pub(super) fn take_entrance(&mut self) -> Option<Open> {
        self.entrance.take()
    }

    /// What it shows now.
    pub(crate) fn shown(&self) -> Option<&Open> {
        self.open.as_ref().filter(|_| self.loaded == Loaded::Yes)
    }
}

impl State {
    pub(super) fn open_annex(&mut self, open: Open) {
        self.dialog = None;
        self.sight.menu = false;
        self.side_open = false;
        if self.annex.loaded == Loaded::Yes {
            self.tell(Tell::Open(open.clone(), Box::new(self.context())));
        } else {
            self.annex.loaded = Loaded::No;
            self.effects.push(Effect::LoadAnnex);
        }
        self.annex.open = Some(open);
    }

    pub(super) fn annex_loaded(&mut self, loaded: bool) {
        if self.annex.loaded == Loaded::Yes {
            return;
        }
        self.annex.loaded = match (loaded, &self.annex.open) {
            (true, _) => Loaded::Yes,
            (false, Some(_)) => Loaded::Failed,
            // It was not wanted yet; who wants it tries again.
            (false, None) => Loaded::No,
        };
        if let Some(open) = self.annex.shown().cloned() {
            self.tell(Tell::Open(open, Box::new(self.context())));
        }
    }

    /// Nobody is signed in, and the server has said how one comes in: by name, or by signing in alone.
    pub(super) fn learn_entrance(&mut self, server: Result<Door, Failure>) {
        // A server that cannot be asked is found out by the form that is sent.
        let guests = server.map_or(true, |server| server.guests);
        self.annex.guests = Some(guests);
        self.show_entrance();
    }

    /// Shows how one comes in, where nobody is signed in and the chat is to be seen.
    pub(super) fn show_entrance(&mut self) {
        let (Session::Out { ended, .. }, Some(guests)) = (&self.session, self.annex.guests) else { return };
        let ended = *ended;
        let free = self.annex.open.is_none() && self.beside.place.is_none();
        if free && (!guests || ended && self.engine.role() != Role::Guest) {
            self.open_annex(Open::SignIn { ended, guests });
        }
    }

    /// Closes what the annex shows. Returns whether there was anything.
    pub(super) fn close_annex(&mut self) -> bool {
        let open = self.annex.open.take();
        self.annex.going.clear();
        if open.is_some() && self.annex.loaded == Loaded::Yes {
            self.tell(Tell::Close);
        }
        open.is_some()
    }

    fn tell(&mut self, tell: Tell) {
        self.effects.push(Effect::Tell(Box::new(tell)));
    }

    // Where the program is split, this stays in one piece.
    #[inline(never)]
    pub(super) fn said(&mut self, said: Said) {
        match said {
            Said::Dismissed => self.dismissed(),
            Said::Try(url) => self.try_beside(Errand { url, ..Errand::default() }),
            Said::Visit(room, None) => self.visit(room),
            Said::Visit(room, Some(seq)) => {
                self.visit(room);
                self.go_to(seq);
            }
            Said::Command { id, what } => self.command(id, *what),
            // The browser knows where the cursor is; from there it comes back as something written.
            Said::Insert(text) => self.effects.push(Effect::Run(super::Errand::Insert(text))),
            Said::React(room, seq, emoji) if self.room == Some(room) => self.touch(Touch::React(seq, emoji)),
            Said::React(..) => {}
            Said::Mute(room, muted) => self.drive(Input::Do(Command::Mute { room, muted })),
            Said::Level(room, level) => self.drive(Input::Do(Command::Notify { room, level })),
            Said::Prefer(prefer) => self.prefer(prefer),
            Said::SignedIn => {
                self.annex.open = None;
                self.effects.push(Effect::Address(self.room, History::Replace));
                self.ask(Ask::Me);
            }
            Said::SignedOut => {
                self.signed_out(false);
            }
        }
    }

    /// A page of signing in is left for the chat, as whoever one is.
    fn dismissed(&mut self) {
        let was_page = self.annex.open.take().is_some_and(|open| open.is_page());
        self.annex.going.clear();
        if was_page {
            self.effects.push(Effect::Address(self.room, History::Replace));
            self.ask(Ask::Me);
        }
    }

    fn command(&mut self, id: u32, what: What) {
        self.drive(Input::Do(Command::Ask(what)));
        // What is asked for behind a closed dialog has no form to show a refusal: a notice does.
        if let Some(pending) = self.engine.outbox().iter().next_back().filter(|_| self.annex.open.is_some()) {
            self.annex.going.push((pending.cid, id));
        }
    }

    /// A command was carried out.
    pub(super) fn done_for_annex(&mut self, cid: Cid, room: RoomId) {
        if let Some(at) = self.awaited(cid) {
            let (_, id) = self.annex.going.swap_remove(at);
            self.tell(Tell::Answered { id, outcome: Outcome::Done(room) });
        }
    }

    /// A command was refused; where it is still `open` it goes out again by itself. Returns whether the annex waits for it.
    pub(super) fn refused_for_annex(&mut self, cid: Cid, refusal: &Refusal, open: bool) -> bool {
        let Some(at) = self.awaited(cid) else { return false };
        if !open {
            let (_, id) = self.annex.going.swap_remove(at);
            self.tell(Tell::Answered { id, outcome: Outcome::Refused(refusal.clone()) });
        }
        true
    }

    fn awaited(&self, cid: Cid) -> Option<usize> {
        self.annex.going.iter().position(|(going, _)| *going == cid)
    }

    fn prefer(&mut self, prefer: Prefer) {
        match prefer {
            Prefer::Theme(theme) => self.set_theme(theme),
            Prefer::Lang(lang) => self.set_lang(lang),
            Prefer::Wire(open) if open != self.wire_open => self.toggle(Overlay::Wire),
            Prefer::Wire(_) => {}
            Prefer::Keys(on) => {
                self.keys = on;
                self.effects.push(Effect::Keep(Setting::Keys, if on { "on" } else { "off" }));
            }
        }
    }

    /// What the annex may know now.
    pub(crate) fn context(&self) -> Context {
        let present = self.room.and_then(|id| self.engine.rooms().get(&id));
        let online = present.into_iter().flat_map(|room| room.presence.online.iter());
        Context {
            lang: self.lang,
            theme: self.theme,
            me: self.engine.me().cloned().filter(|_| self.session == Session::In),
            role: self.engine.role(),
            ready: self.is_ready(),
            rooms: self
                .engine
                .rooms()
                .values()
                .map(|room| RoomLine {
                    info: room.info.clone(),
                    unread: room.unread(),
                    last: room.log.events().next_back().map_or(Timestamp(0), |event| event.at),
                })
                .collect(),
            present: self.room,
            online: online.map(|(id, name)| Person { id: *id, name: name.clone() }).collect(),
            wire: self.wire_open,
            keys: self.keys,
        }
    }
}
