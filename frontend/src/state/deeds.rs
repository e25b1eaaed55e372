//! What people do: come in, look at rooms, write, change the page.
//!
//! Neighbours: `reduce` calls these one by one; what concerns the connection is there.

use common::id::{RoomId, UserId};
use common::sync::outbox::What;
use common::sync::{Command, Input, Phase};
use common::text::UserName;

use super::{Answer, Ask, Effect, Failure, History, Overlay, Session, Setting, State, Theme};
use crate::i18n::Lang;

impl State {
    // === Who is there ===

    pub(super) fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Me(Ok(me)) => self.signed_in(me.id),
            Answer::Me(Err(Failure::Status(401 | 403))) => self.signed_out(self.engine.me().is_some()),
            // The engine goes on trying; a page that has not begun begins now.
            Answer::Me(Err(_)) => self.begin(),
            Answer::Entered(Ok(me)) => self.signed_in(me.id),
            Answer::Entered(Err(error)) => {
                let ended = matches!(self.session, Session::Out { ended: true, .. });
                self.session = Session::Out { ended, busy: false, error: Some(error) };
            }
            Answer::Server(server) => self.learn_entrance(server),
            Answer::People(people) => self.people(&people),
            Answer::Members(query, members) => self.members(&query, members),
            Answer::Rooms(list) => self.listed(&list),
            Answer::Place(room, place) => self.placed(room, place),
            Answer::Message(Ok(view)) => {
                self.elsewhere.learn(view);
                self.rows_stale = true;
            }
            // The quote goes on leading there without its words.
            Answer::Message(Err(_)) => {}
            Answer::Thread(room, root, thread) => self.threaded(room, root, thread),
            Answer::Pins(room, pins) => self.pinned(room, pins.map(|list| list.messages)),
            Answer::Edits(room, target, edits) => self.texts(room, target, edits.map(|list| list.edits)),
        }
    }

    pub(super) fn signed_in(&mut self, person: UserId) {
        self.turn_to(person);
        let stopped = matches!(self.engine.phase(), Phase::Stopped);
        let entering = matches!(self.session, Session::Out { .. });
        if entering || !stopped {
            self.session = Session::In;
            self.begin();
        }
    }

    pub(super) fn signed_out(&mut self, ended: bool) {
        if !matches!(self.session, Session::Out { .. }) {
            self.session = Session::Out { ended, busy: false, error: None };
        }
        self.dialog = None;
        self.close_annex();
        self.drive(Input::Stop);
        self.close_device();
        self.ask(Ask::Server);
    }

    pub(super) fn enter(&mut self, name: &str) {
        let ended = matches!(self.session, Session::Out { ended: true, .. });
        match UserName::new(name) {
            Ok(name) => {
                self.session = Session::Out { ended, busy: true, error: None };
                self.ask(Ask::Enter(name.into()));
            }
            Err(error) => self.session = Session::Out { ended, busy: false, error: Some(Failure::Text(error)) },
        }
    }

    // === Rooms ===

    pub(super) fn in_room(&mut self, command: impl Fn(RoomId) -> Command) {
        if let Some(room) = self.room {
            self.drive(Input::Do(command(room)));
        }
    }

    pub(super) fn at_latest(&mut self, at: bool) {
        let head = self.present().map(|room| room.log.cursor());
        self.left_at = if at { None } else { self.left_at.or(head) };
        self.rows_stale |= at;
    }

    pub(super) fn visit(&mut self, room: RoomId) {
        if self.beside.place.take().is_some() || self.room != Some(room) {
            self.effects.push(Effect::Address(Some(room), History::Push));
        }
        self.look_at(Some(room));
        self.effects.push(Effect::FocusComposer);
    }

    pub(super) fn look_at(&mut self, room: Option<RoomId>) {
        if self.room != room {
            self.left_at = None;
            self.new_from = None;
            self.composer = self.composer.elsewhere();
            self.thread = None;
            self.look_anew();
            self.effects.push(Effect::ScrollToLatest);
        }
        self.room = room;
        self.side_open = false;
        self.rows_stale = true;
        if self.new_from.is_none() {
            self.mark_new();
        }
    }

    pub(super) fn step(&mut self, by: i8) {
        let rooms: Vec<RoomId> = self.engine.rooms().keys().copied().collect();
        let at = rooms.iter().position(|room| Some(*room) == self.room);
        let next = match (at, by) {
            (Some(at), ..0) => at.checked_sub(1).unwrap_or(rooms.len().saturating_sub(1)),
            (Some(at), _) if at + 1 < rooms.len() => at + 1,
            _ => 0,
        };
        if let Some(room) = rooms.get(next) {
            self.visit(*room);
        }
    }

    pub(super) fn leave(&mut self, room: RoomId) {
        self.dialog = None;
        self.drive(Input::Do(Command::Ask(What::Leave { room })));
    }

    // === The surface ===

    pub(super) fn dismiss(&mut self) {
        let menu = std::mem::take(&mut self.sight.menu);
        if menu || self.dialog.take().is_some() || self.close_annex() || self.put_down() || self.cancel_reply() {
            return;
        }
        if self.side_open {
            self.side_open = false;
        } else if self.close_thread() {
        } else if !self.wide && self.wire_open {
            self.toggle(Overlay::Wire);
        } else if let Some(room) = self.room {
            self.read(room);
        }
    }

    pub(super) fn toggle(&mut self, overlay: Overlay) {
        match overlay {
            Overlay::Side => self.side_open = !self.side_open,
            Overlay::Wire => {
                self.wire_open = !self.wire_open;
                self.side_open = false;
                if self.wide {
                    self.effects.push(Effect::Keep(Setting::Wire, if self.wire_open { "open" } else { "closed" }));
                }
                self.watch();
            }
        }
    }

    pub(super) fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
        self.effects.push(Effect::Keep(Setting::Theme, theme.tag()));
    }

    pub(super) fn set_lang(&mut self, lang: Lang) {
        self.lang = lang;
        self.rows_stale = true;
        self.effects.push(Effect::Keep(Setting::Lang, lang.tag()));
    }
}
