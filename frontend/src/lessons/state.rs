//! Which lesson is open, and what has happened in it.
//!
//! What every lesson needs is here: connections by slots, requests, time. A lesson has messages of its own for the rest.

use wasm_bindgen::JsValue;

use super::course::Lesson;
use super::effects::Effect;
use super::wire::{Call, Wire};
use super::{Node, backpressure, binary, closing, frame, handshake, polling, subprotocols, views};
use crate::i18n::Lang;
use crate::lean::port::{Errand, Said, Told};
use crate::lean::program::Program;
use crate::workbench::socket::{BinaryType, Event, Reading};

/// So many connections a lesson may have at once.
pub(super) const SLOTS: usize = 3;

/// How bytes are handed to `send()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Blob,
    Buffer,
}

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Msg {
    /// The page tells something.
    Page(Told),
    /// The server has said whether it has labs, and where its sockets are.
    Server(bool, String),
    /// To another place behind `/workbench/`.
    Go(String),
    /// To the chat.
    Chat,
    /// Another theme.
    Theme,
    /// Show or hide the list of lessons, where it is a drawer.
    Side(bool),
    /// Put a text into the clipboard.
    Copy(String),
    /// To the console, with this path, subprotocol and message.
    Try(String, &'static str, &'static str),
    /// Open a connection in a slot: the path and what is offered.
    Open(u8, String, Vec<String>),
    /// Send.
    Send(u8, Shape, String),
    /// Close.
    Close(u8, Option<u16>, String),
    /// Let messages of bytes arrive like this.
    BinaryType(u8, BinaryType),
    /// The connection of a slot and this number says something.
    Socket(u8, u32, Event),
    /// A method of it was called.
    Called(u8, u32, Call),
    /// A frame is about to be drawn; this is what the objects say.
    Frame(Vec<(u8, Reading)>),
    /// Time has passed, since the lesson of this visit has asked for it.
    Later(u32, Box<Msg>),
    /// A request of this visit was answered with JSON, or in vain.
    Fetched(u32, u8, Option<JsValue>),
    /// An event of a stream of this visit; none where it has ended.
    Pushed(u32, Option<JsValue>),
    /// A random name, for what is begun at the server.
    Named(u32, String),
    /// Of a lesson alone.
    Polling(polling::Msg),
    /// Of a lesson alone.
    Handshake(handshake::Msg),
    /// Of a lesson alone.
    FrameOf(frame::Msg),
    /// Of a lesson alone.
    Binary(String),
    /// Of a lesson alone.
    Backpressure(backpressure::Msg),
    /// Of a lesson alone.
    Closing(closing::Msg),
    /// Of a lesson alone: offer it, or do not.
    Subprotocol(&'static str),
}

/// What the lessons know besides their connections; it is forgotten when somebody goes.
#[derive(Debug, Default)]
pub(super) struct Desks {
    pub polling: polling::Polling,
    pub handshake: handshake::Handshake,
    pub frame: frame::Frame,
    pub binary: binary::Binary,
    pub backpressure: backpressure::Backpressure,
    pub closing: closing::Closing,
    pub subprotocols: subprotocols::Subprotocols,
}

/// The lessons.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    /// Milliseconds since 1970, with fractions, of what happens just now.
    pub now: f64,
    /// What the page has told.
    pub page: Told,
    /// Whether the server has labs; none while that is not known.
    pub labs: Option<bool>,
    /// Where its sockets are: `ws://127.0.0.1:3000` or like it.
    pub base: String,
    /// Whether the list of lessons is open, where it is a drawer.
    pub side: bool,
    /// The text that was copied last.
    pub copied: String,
    /// The connections.
    pub wires: [Wire; SLOTS],
    /// What the lessons know besides.
    pub desks: Desks,
    /// Counts the visits to lessons: what was asked for in an earlier one is not heard any more.
    pub visit: u32,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// Connections that were begun.
    pub numbers: u32,
}

impl Lessons {
    /// The language.
    pub(super) const fn lang(&self) -> Lang {
        self.page.lang
    }

    pub(super) fn is_shown(&self) -> bool {
        self.page.shown && (self.page.place == "lessons" || self.page.place.starts_with("lessons/"))
    }

    /// The lesson that is open.
    pub(super) fn lesson(&self) -> Option<Lesson> {
        Lesson::of(&self.page.place).filter(|_| self.page.shown)
    }

    /// The connection of a slot.
    pub(super) fn wire(&self, slot: u8) -> &Wire {
        self.wires.get(usize::from(slot)).unwrap_or(&self.wires[0])
    }

    fn wire_of(&mut self, slot: u8, number: u32) -> Option<&mut Wire> {
        self.wires.get_mut(usize::from(slot)).filter(|wire| wire.number == number)
    }

    /// Opens a connection; what the slot had before is closed.
    pub(super) fn open(&mut self, slot: u8, path: &str, protocols: Vec<String>) {
        self.open_as(slot, path, protocols, BinaryType::default());
    }

    /// Opens a connection.
    pub(super) fn open_as(&mut self, slot: u8, path: &str, protocols: Vec<String>, binary_type: BinaryType) {
        self.numbers += 1;
        let (now, number, url) = (self.now, self.numbers, self.base.clone() + path);
        if let Some(wire) = self.wires.get_mut(usize::from(slot)) {
            wire.began(number, now, url.clone());
            self.effects.push(Effect::Open { slot, number, url, protocols, binary_type });
        }
    }

    /// Sends a message later, unless somebody has gone by then.
    pub(super) fn after(&mut self, ms: u32, msg: Msg) {
        self.effects.push(Effect::After(ms, Msg::Later(self.visit, Box::new(msg))));
    }

    /// Asks for JSON; the answer comes with the tag.
    pub(super) fn fetch(&mut self, tag: u8, url: String) {
        self.effects.push(Effect::Fetch { visit: self.visit, tag, url });
    }

    /// Listens to a stream of events.
    pub(super) fn listen(&mut self, url: String) {
        self.effects.push(Effect::Listen { visit: self.visit, url });
    }

    /// Asks for a random name, of 16 bytes in hexadecimal.
    pub(super) fn name(&mut self) {
        self.effects.push(Effect::Name(self.visit));
    }

    /// Ends everything that is under way.
    pub(super) fn stop(&mut self) {
        self.visit += 1;
        self.wires = Default::default();
        self.effects.push(Effect::Stop);
    }

    fn hear_page(&mut self, told: Told) {
        let before = std::mem::replace(&mut self.page, told);
        if (before.shown, before.place) != (self.page.shown, self.page.place.clone()) {
            self.stop();
            self.desks = Desks::default();
            self.side = false;
            if self.is_shown() {
                self.effects.push(Effect::Top);
            }
        }
        if self.is_shown() && self.labs.is_none() {
            self.effects.push(Effect::AskServer);
        }
    }

    fn socket_said(&mut self, slot: u8, number: u32, event: &Event) {
        let now = self.now;
        let Some(wire) = self.wire_of(slot, number) else { return };
        wire.heard(now, event.clone());
        match self.lesson() {
            Some(Lesson::Closing) => closing::heard(self, event),
            Some(Lesson::Polling) => polling::heard(self, event),
            Some(Lesson::Backpressure) => backpressure::heard(self, slot, event),
            Some(Lesson::Frame) => frame::heard(self, event),
            Some(Lesson::Handshake | Lesson::States | Lesson::Binary | Lesson::Subprotocols | Lesson::Origin)
            | None => {}
        }
    }

    fn was_called(&mut self, slot: u8, number: u32, call: &Call) {
        let now = self.now;
        let Some(wire) = self.wire_of(slot, number) else { return };
        wire.called(now, call.clone());
        if self.lesson() == Some(Lesson::Closing) {
            closing::called(self, call);
        }
    }

    fn drawn(&mut self, readings: Vec<(u8, Reading)>) {
        let now = self.now;
        for (slot, reading) in readings {
            if let Some(wire) = self.wires.get_mut(usize::from(slot)) {
                wire.sampled(now, reading);
            }
        }
        if self.lesson() == Some(Lesson::Backpressure) {
            backpressure::drawn(self);
        }
    }

    fn answered(&mut self, tag: u8, answer: Option<&JsValue>) {
        if self.lesson() == Some(Lesson::Polling) {
            polling::answered(self, tag, answer);
        }
    }

    fn pushed(&mut self, event: Option<&JsValue>) {
        match self.lesson() {
            Some(Lesson::Frame) => frame::tapped(self, event),
            Some(Lesson::Polling) => polling::pushed(self, event),
            Some(Lesson::Backpressure) => backpressure::streamed(self, event),
            Some(
                Lesson::Handshake
                | Lesson::States
                | Lesson::Binary
                | Lesson::Closing
                | Lesson::Subprotocols
                | Lesson::Origin,
            )
            | None => {}
        }
    }

    fn act(&mut self, msg: Msg) {
        match msg {
            Msg::Page(told) => self.hear_page(told),
            Msg::Server(labs, base) => {
                self.labs = Some(labs);
                self.base = base;
            }
            Msg::Go(place) => self.effects.push(Effect::Say(Said::Place(place))),
            Msg::Chat => self.effects.push(Effect::Say(Said::Leave)),
            Msg::Theme => self.effects.push(Effect::Say(Said::Theme(self.page.theme.next()))),
            Msg::Side(open) => self.side = open,
            Msg::Copy(text) => {
                self.copied.clone_from(&text);
                self.effects.push(Effect::Copy(text));
            }
            Msg::Try(path, protocol, message) => {
                let url = self.base.clone() + &path;
                let errand = Errand { number: 0, url, protocol: protocol.to_owned(), message: message.to_owned() };
                self.effects.push(Effect::Say(Said::Try(errand)));
            }
            Msg::Open(slot, path, protocols) => self.open(slot, &path, protocols),
            Msg::Send(slot, shape, text) => self.effects.push(Effect::Send { slot, shape, text }),
            Msg::Close(slot, code, reason) => self.effects.push(Effect::Close { slot, code, reason }),
            Msg::BinaryType(slot, binary_type) => {
                self.desks.binary.binary_type = binary_type;
                self.effects.push(Effect::BinaryType(slot, binary_type));
            }
            Msg::Socket(slot, number, event) => self.socket_said(slot, number, &event),
            Msg::Called(slot, number, call) => self.was_called(slot, number, &call),
            Msg::Frame(readings) => self.drawn(readings),
            Msg::Later(visit, msg) if visit == self.visit => self.act(*msg),
            Msg::Fetched(visit, tag, answer) if visit == self.visit => self.answered(tag, answer.as_ref()),
            Msg::Pushed(visit, event) if visit == self.visit => self.pushed(event.as_ref()),
            Msg::Named(visit, name) if visit == self.visit => match self.lesson() {
                Some(Lesson::Polling) => polling::named(self, name),
                Some(
                    Lesson::Frame
                    | Lesson::Handshake
                    | Lesson::States
                    | Lesson::Binary
                    | Lesson::Backpressure
                    | Lesson::Closing
                    | Lesson::Subprotocols
                    | Lesson::Origin,
                )
                | None => frame::named(self, &name),
            },
            Msg::Later(..) | Msg::Fetched(..) | Msg::Pushed(..) | Msg::Named(..) => {}
            Msg::Polling(msg) => polling::update(self, msg),
            Msg::Handshake(msg) => handshake::update(self, msg),
            Msg::FrameOf(msg) => frame::update(self, msg),
            Msg::Binary(text) => self.desks.binary.text = text,
            Msg::Backpressure(msg) => backpressure::update(self, msg),
            Msg::Closing(msg) => closing::update(self, msg),
            Msg::Subprotocol(name) => subprotocols::toggle(self, name),
        }
    }
}

impl Program for Lessons {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, now: f64, msg: Msg) -> Vec<Effect> {
        self.now = now;
        self.act(msg);
        std::mem::take(&mut self.effects)
    }

    fn told(told: Told) -> Msg {
        Msg::Page(told)
    }

    fn key(&self, key: &str) -> Option<Msg> {
        (key == "Escape" && self.side && self.is_shown()).then_some(Msg::Side(false))
    }

    fn wants_frames(&self) -> bool {
        self.wires.iter().any(Wire::is_moving) || backpressure::wants_frames(self)
    }

    fn view(&self) -> Node {
        if self.is_shown() { views::view(self) } else { Node::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: &str) -> Msg {
        Msg::Page(Told { shown: true, place: place.to_owned(), ..Told::default() })
    }

    fn open(path: &str) -> Msg {
        Msg::Open(0, path.to_owned(), Vec::new())
    }

    #[test]
    fn who_goes_to_another_lesson_ends_what_was_under_way() {
        let mut lessons = Lessons { labs: Some(true), ..Lessons::default() };
        lessons.update(0.0, at("lessons/states"));
        lessons.update(1.0, open("/labs/echo"));
        assert_eq!(lessons.wire(0).ready, Some(0));
        assert!(lessons.update(2.0, at("lessons/frame")).contains(&Effect::Stop));
        assert_eq!(lessons.wire(0).ready, None);
        assert!(lessons.update(3.0, Msg::Page(Told::default())).contains(&Effect::Stop));
    }

    #[test]
    fn who_only_changes_the_language_goes_on() {
        let mut lessons = Lessons { labs: Some(true), ..Lessons::default() };
        lessons.update(0.0, at("lessons/states"));
        lessons.update(1.0, open("/labs/echo"));
        let told = Told { shown: true, place: "lessons/states".into(), lang: Lang::Zh, ..Told::default() };
        assert_eq!(lessons.update(2.0, Msg::Page(told)), []);
        assert_eq!(lessons.wire(0).ready, Some(0));
    }

    #[test]
    fn what_an_earlier_visit_has_asked_for_is_not_heard() {
        let mut lessons = Lessons { labs: Some(true), ..Lessons::default() };
        lessons.update(0.0, at("lessons/states"));
        let early = lessons.visit;
        lessons.update(1.0, at("lessons/closing"));
        let late = Msg::Later(early, Box::new(open("/labs/echo")));
        assert_eq!(lessons.update(2.0, late), []);
        let event = Event::Open { protocol: String::new(), extensions: String::new() };
        lessons.update(3.0, Msg::Socket(0, 7, event));
        assert_eq!(lessons.wire(0).ready, None);
    }

    #[test]
    fn the_server_is_asked_once_it_is_needed() {
        let mut lessons = Lessons::default();
        assert!(!lessons.update(0.0, at("")).contains(&Effect::AskServer));
        assert!(lessons.update(1.0, at("lessons")).contains(&Effect::AskServer));
        lessons.update(2.0, Msg::Server(false, "ws://127.0.0.1:3000".into()));
        assert!(!lessons.update(3.0, at("lessons/frame")).contains(&Effect::AskServer));
    }
}
