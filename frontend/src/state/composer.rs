//! What the composer is about beside its text: the message that is answered, the command that is carried out, what is
//! offered while one writes.
//!
//! The text is the draft, which all devices of a person agree on (`own`). Neighbours: [`super::slash`] reads commands,
//! [`super::offers`] finds what to offer, `messages` has the edit that the composer may hold instead.

use std::rc::Rc;

use common::id::{RoomId, Seq};
use common::markdown::plain;
use common::model::Person;
use common::sync::outbox::{RoomChange, What};
use common::sync::{Command as Engine, Input};
use common::text::{Body, TextError, Topic};

use super::offers::{self, Offer, Token};
use super::slash::{self, Command, Fault, Reading};
use super::{Ask, Effect, Errand, Failure, State, timeline};
use crate::browser_text;

/// Characters of the answered message in the line above the text.
const QUOTED: usize = 120;

/// What the composer holds beside its text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Composing {
    /// The message of the present room that the next one answers.
    pub reply: Option<Seq>,
    /// Why the last command was not carried out.
    pub refused: Option<Refused>,
    /// Whether the list of commands is shown.
    pub help: bool,
    /// What is being written that something can be offered for.
    pub token: Option<Token>,
    /// What is offered.
    pub offers: Rc<[Offer]>,
    /// What the composer showed when it was drawn last, or when somebody wrote in it.
    shown: String,
    /// Counts the times at which its text changed by anything but writing.
    pub version: u32,
    /// Members that the server has named, and what for.
    found: (String, Vec<Person>),
    /// What the server is being asked for.
    asking: Option<String>,
    /// What a command waits for an answer for.
    sought: Option<Sought>,
}

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It cannot be.
    Command(Fault),
    /// The words behind it break a rule.
    Text(TextError),
}

/// A name that a command waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sought {
    /// A room to join.
    Room(String),
    /// Somebody to bring into a room.
    Person(RoomId, String),
}

impl Composing {
    /// As it begins in another room.
    pub(super) fn elsewhere(&self) -> Self {
        Self { version: self.version.wrapping_add(1), ..Self::default() }
    }
}

impl State {
    /// The next message answers this one.
    pub(super) fn reply(&mut self, to: Seq) {
        self.put_down();
        self.composer.reply = Some(to);
        self.effects.push(Effect::Run(Errand::FocusEditor));
    }

    /// The next message answers nothing. Returns whether it would have.
    pub(super) fn cancel_reply(&mut self) -> bool {
        let was = self.composer.reply.take().is_some();
        if was {
            self.effects.push(Effect::FocusComposer);
        }
        was
    }

    /// Who is answered, and what they said, as far as that is held.
    pub(crate) fn answered(&self) -> Option<(String, String)> {
        let to = self.composer.reply?;
        let message = self.present().and_then(|room| timeline::message(self, room, to));
        Some(message.map(|message| (message.name.clone(), plain::line(&message.body, QUOTED))).unwrap_or_default())
    }

    /// Says the draft of the present room, or does what it commands.
    pub(super) fn say(&mut self) {
        let Some(room) = self.room else { return };
        (self.composer.help, self.composer.refused) = (false, None);
        match slash::read(self.engine.own().draft(room)) {
            Reading::Text(text) => self.say_text(room, &text),
            Reading::Do(command, words) => self.carry_out(room, command, &words),
            Reading::Not(fault) => self.composer.refused = Some(Refused::Command(fault)),
        }
    }

    fn say_text(&mut self, room: RoomId, text: &str) {
        let body = match Body::new(text) {
            Ok(body) => body,
            Err(error) => {
                // A blank text is no fault: there is nothing to say.
                let is_blank = error.fault == common::text::Fault::Blank;
                self.composer.refused = (!is_blank).then_some(Refused::Text(error));
                return;
            }
        };
        let reply_to = self.composer.reply.take();
        self.drive(Input::Do(Engine::Ask(What::Say { room, body, reply_to })));
        self.draft(room, String::new());
        self.sight.kept_unread = None;
        self.go_to_latest();
        self.effects.push(Effect::FocusComposer);
    }

    fn carry_out(&mut self, room: RoomId, command: Command, words: &str) {
        match command {
            Command::Help => self.composer.help = true,
            Command::Topic => match Topic::new(words) {
                Ok(topic) => self.change_room(room, RoomChange::Topic(topic)),
                Err(error) => {
                    self.composer.refused = Some(Refused::Text(error));
                    return;
                }
            },
            Command::Mute => {
                let muted = self.engine.rooms().get(&room).is_some_and(|room| room.info.muted);
                self.drive(Input::Do(Engine::Mute { room, muted: !muted }));
            }
            Command::Join => return self.seek(Sought::Room(browser_text::lower(words.trim_start_matches('#')))),
            Command::Invite => {
                return self.seek(Sought::Person(room, browser_text::lower(words.trim_start_matches('@'))));
            }
            // These two are texts.
            Command::Me | Command::Shrug => {}
        }
        self.draft(room, String::new());
        self.effects.push(Effect::FocusComposer);
    }

    fn change_room(&mut self, room: RoomId, change: RoomChange) {
        self.drive(Input::Do(Engine::Ask(What::Room { room, change })));
    }

    /// Looks a name up, first among what is known.
    fn seek(&mut self, sought: Sought) {
        match &sought {
            Sought::Room(name) => {
                let known = self.engine.rooms().values().find(|room| room.info.name == *name).map(|room| room.info.id);
                if let Some(room) = known {
                    return self.found_room(room);
                }
                self.ask(Ask::Rooms);
            }
            Sought::Person(_, name) => self.ask(Ask::People(name.clone())),
        }
        self.composer.sought = Some(sought);
    }

    fn found_room(&mut self, room: RoomId) {
        if let Some(here) = self.room {
            self.draft(here, String::new());
        }
        if !self.engine.rooms().contains_key(&room) {
            self.drive(Input::Do(Engine::Ask(What::Join { room })));
        }
        self.visit(room);
    }

    /// The list of rooms has come, for a command or for a dialog.
    pub(super) fn listed(&mut self, rooms: &Result<Vec<common::api::RoomEntry>, Failure>) {
        let Some(Sought::Room(name)) = self.composer.sought.take_if(|sought| matches!(sought, Sought::Room(_))) else {
            return;
        };
        let found = rooms.as_ref().map(|rooms| rooms.iter().find(|room| room.name == name).map(|room| room.id));
        match found {
            Ok(Some(room)) => self.found_room(room),
            Ok(None) => self.refuse(Fault::NoRoom(name)),
            Err(_) => self.refuse(Fault::Offline),
        }
    }

    /// People have come whose names begin as somebody's who is to be invited.
    pub(super) fn people(&mut self, people: &Result<Vec<Person>, Failure>) {
        let sought = self.composer.sought.take_if(|sought| matches!(sought, Sought::Person(..)));
        let Some(Sought::Person(room, name)) = sought else { return };
        let found = people.as_ref().map(|people| match people.as_slice() {
            [only] if browser_text::lower(&only.name).starts_with(&name) => Some(only.id),
            people => people.iter().find(|person| browser_text::lower(&person.name) == name).map(|person| person.id),
        });
        match found {
            Ok(Some(user)) => {
                self.change_room(room, RoomChange::Invite(user));
                self.draft(room, String::new());
            }
            Ok(None) => self.refuse(Fault::Nobody(name)),
            Err(_) => self.refuse(Fault::Offline),
        }
    }

    fn refuse(&mut self, fault: Fault) {
        self.composer.refused = Some(Refused::Command(fault));
    }

    /// Somebody wrote. Only the composer has to be drawn again, and that draws itself.
    pub(super) fn wrote(&mut self, text: &str) {
        text.clone_into(&mut self.composer.shown);
        let said = self.composer.refused.take().is_some() | std::mem::take(&mut self.composer.help);
        self.dirty |= said;
    }

    /// Looks whether the text has become another one by itself. To be called before each rendering.
    pub(super) fn settle_composer(&mut self) {
        if self.has_another_text() {
            self.composer.shown = self.composer_text().to_owned();
            self.composer.version = self.composer.version.wrapping_add(1);
        }
    }

    /// Whether the text is another one than the composer shows.
    pub(super) fn has_another_text(&self) -> bool {
        self.composer_text() != self.composer.shown
    }

    /// What stands in the composer: the message that is edited, or the draft.
    pub(crate) fn composer_text(&self) -> &str {
        match (self.editing(), self.room) {
            (Some(editing), _) => &editing.text,
            (None, Some(room)) => self.engine.own().draft(room),
            (None, None) => "",
        }
    }

    // === What is offered ===

    /// Something is being written that something can be offered for, or no longer.
    pub(super) fn token(&mut self, token: Option<Token>) {
        self.composer.token = token;
        self.offer();
        self.ask_for_members();
    }

    /// Members have come whose names begin as what is being written.
    pub(super) fn members(&mut self, query: &str, members: Result<Vec<Person>, Failure>) {
        if self.composer.asking.take_if(|asking| asking == query).is_none() {
            return;
        }
        if let Ok(members) = members {
            self.composer.found = (query.to_owned(), members);
            self.offer();
            self.ask_for_members();
        }
    }

    fn offer(&mut self) {
        let offers = match &self.composer.token {
            Some(token) => offers::offers(self, token, &self.composer.found.1),
            None => Vec::new(),
        };
        self.composer.offers = offers.into();
    }

    /// One question at a time: what was written meanwhile is asked for when the answer is here.
    fn ask_for_members(&mut self) {
        let (Some(room), Some(Token::Person(query))) = (self.room, &self.composer.token) else { return };
        let known = self.composer.found.0 == *query || query.is_empty();
        if self.is_ready() && self.composer.asking.is_none() && !known {
            self.composer.asking = Some(query.clone());
            let query = query.clone();
            self.ask(Ask::Members(room, query));
        }
    }
}
