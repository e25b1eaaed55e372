//! Everything the Workbench knows, and how it changes.
//!
//! [`Bench::update`] is pure: it takes a message and the time, and says what is to be done. The parts are modules of
//! their own; each gets the whole bench, for a thing that happens to the socket concerns most of them.

use std::rc::Rc;

use super::Node;
use super::connection::{self, Connection};
use super::effects::Effect;
use super::events::{self, Events};
use super::inspector::{self, Inspector};
use super::library::{self, Library};
use super::relay::{self, Relay};
use super::sender::{self, Sender};
use super::socket;
use crate::i18n::Lang;
use crate::lean::dom::with_class;
use crate::lean::port::Told;
use crate::lean::program::Program;

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// At the connection bar.
    Connection(connection::Msg),
    /// At the log.
    Events(events::Msg),
    /// Where messages are written.
    Sender(sender::Msg),
    /// Where a message is taken apart.
    Inspector(inspector::Msg),
    /// In the sidebar.
    Library(library::Msg),
    /// At the settings of the relay.
    Relay(relay::Msg),
    /// The page tells something.
    Page(Told),
    /// The socket of this number says something.
    Socket(u32, socket::Event),
    /// The server has said what it offers.
    Server(Server),
    /// A frame is about to be drawn; this is what the socket's object says.
    Frame(socket::Reading),
    /// The first bytes of a blob have been read, for whoever asked for them with this number.
    Read(Reader, u32, Rc<[u8]>),
}

/// What the server offers, as `GET /api/v1/server` tells it, and where it is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Server {
    /// Whether the endpoints under `/labs` can be reached.
    pub labs: bool,
    /// Whether it relays.
    pub relay: bool,
    /// Where its sockets are: `ws://127.0.0.1:3000` or like it.
    pub origin: String,
}

/// Who asked for the bytes of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The log, for the entry of this number.
    Events,
    /// The sender.
    Sender,
}

/// The Workbench.
#[derive(Debug, Default)]
pub struct Bench {
    /// Milliseconds since 1970, with fractions, of what happens just now.
    pub now: f64,
    /// What the page has told.
    pub page: Told,
    /// What the server offers.
    pub server: Server,
    /// The bar above.
    pub connection: Connection,
    /// The log.
    pub events: Events,
    /// Where messages are written.
    pub sender: Sender,
    /// Where a message is taken apart.
    pub inspector: Inspector,
    /// The sidebar.
    pub library: Library,
    /// How the server's relay is used.
    pub relay: Relay,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
}

impl Bench {
    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.page.lang
    }

    /// Takes up what this browser has kept; `kept` looks it up.
    pub fn restore(&mut self, kept: &dyn Fn(&str) -> Option<String>) {
        connection::restore(self, kept);
        sender::restore(self, kept);
        library::restore(self, kept);
    }

    /// Whether the console is to be seen.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.page.shown && self.page.place.is_empty()
    }

    fn hear_page(&mut self, told: Told) {
        let opened = told.shown && !self.page.shown;
        self.page = told;
        if opened {
            self.effects.push(Effect::AskServer { alone: self.page.alone });
            library::opened(self);
        }
        library::told(self);
    }

    /// What the one socket of the console says goes to everybody whom it concerns; what an older one says, to nobody.
    fn heard(&mut self, number: u32, event: &socket::Event) {
        if number != self.connection.number {
            return;
        }
        connection::heard(self, event);
        if let socket::Event::Relay(seen) = event
            && !relay::heard(self, seen)
        {
            inspector::heard(self, relay::NO_ENTRY, event);
            return;
        }
        let id = events::heard(self, event.clone());
        inspector::heard(self, id, event);
        sender::heard(self, event);
        library::heard(self, event);
    }
}

impl Program for Bench {
    type Msg = Msg;
    type Effect = Effect;

    fn update(&mut self, now: f64, msg: Msg) -> Vec<Effect> {
        self.now = now;
        match msg {
            Msg::Connection(msg) => connection::update(self, msg),
            Msg::Events(msg) => events::update(self, msg),
            Msg::Sender(msg) => sender::update(self, msg),
            Msg::Inspector(msg) => inspector::update(self, msg),
            Msg::Library(msg) => library::update(self, msg),
            Msg::Relay(msg) => relay::update(self, msg),
            Msg::Page(told) => self.hear_page(told),
            Msg::Socket(number, event) => self.heard(number, &event),
            Msg::Server(server) => {
                self.server = server;
                library::server_known(self);
            }
            Msg::Frame(reading) => {
                connection::sampled(self, &reading);
                events::framed(self);
            }
            Msg::Read(Reader::Events, id, bytes) => events::read(self, id, &bytes),
            Msg::Read(Reader::Sender, id, bytes) => sender::read(self, id, &bytes),
        }
        std::mem::take(&mut self.effects)
    }

    fn wants_frames(&self) -> bool {
        connection::wants_frames(self) || events::wants_frames(self)
    }

    fn told(told: Told) -> Msg {
        Msg::Page(told)
    }

    fn key(&self, key: &str) -> Option<Msg> {
        let msg = match key {
            "/" => events::Msg::FocusFilter,
            "ArrowUp" => events::Msg::Step(-1),
            "ArrowDown" => events::Msg::Step(1),
            _ => return None,
        };
        (self.is_shown() && self.page.keys).then_some(Msg::Events(msg))
    }

    fn view(&self) -> Node {
        if !self.is_shown() {
            return Node::Nothing;
        }
        let main = with_class("main", "wb")
            .child(connection::view(self))
            .child(
                with_class("section", "main")
                    .attr("aria-label", events::name(self))
                    .child(events::view(self))
                    .child(sender::view(self)),
            )
            .child(inspector::view(self));
        with_class("div", "app app--wb")
            .on_event("dragover", sender::dragged)
            .on_event("drop", sender::dropped)
            .child(with_class("div", format!("wireline {}", connection::tone(self))).attr("aria-hidden", "true"))
            .child(library::view(self))
            .child(main)
            .into()
    }
}
