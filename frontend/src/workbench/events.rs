//! The log of everything that happened to the console's connections.

use std::rc::Rc;

use super::Node;
use super::bench::Bench;
use super::socket::{self, Payload};
use crate::lean::dom::{el, with_class};

/// What happens at the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Put the focus on the filter.
    FocusFilter,
    /// Choose the event so many further down.
    Step(i32),
    /// Choose an event.
    Choose(u32),
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Counts all entries, from 0. It stays what it is when older ones are dropped.
    pub id: u32,
    /// The connection's number.
    pub connection: u32,
    /// Milliseconds since 1970, with fractions.
    pub at: f64,
    /// What it was.
    pub what: What,
}

/// What an entry tells.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A connection was begun.
    Begun {
        /// The address.
        url: Rc<str>,
        /// What was offered.
        protocols: Vec<String>,
    },
    /// A message was given to the socket.
    Sent(Payload),
    /// What the socket said: open, message, error, close.
    Heard(socket::Event),
}

/// The log.
#[derive(Debug, Default)]
pub struct Events {
    /// The entries, the oldest first.
    pub entries: Vec<Entry>,
    /// Which is chosen, by its id: the inspector takes it apart.
    pub chosen: Option<u32>,
}

impl Events {
    /// An entry.
    #[must_use]
    pub fn entry(&self, id: u32) -> Option<&Entry> {
        let first = self.entries.first()?.id;
        self.entries.get(id.checked_sub(first)? as usize)
    }
}

/// What the region is called.
#[must_use]
pub const fn name(_bench: &Bench) -> &'static str {
    "Events"
}

/// Takes what happened at the log.
pub fn update(bench: &mut Bench, msg: Msg) {
    if let Msg::Choose(id) = msg {
        bench.events.chosen = Some(id);
    }
}

/// The first bytes of an entry's blob have been read.
pub fn read(_bench: &mut Bench, _id: u32, _bytes: &[u8]) {}

/// Writes down what the socket has said. Returns the entry's id.
pub fn heard(bench: &mut Bench, event: socket::Event) -> u32 {
    push(bench, What::Heard(event))
}

/// Writes something down. Returns the entry's id.
pub fn push(bench: &mut Bench, what: What) -> u32 {
    let id = bench.events.entries.last().map_or(0, |last| last.id + 1);
    let entry = Entry { id, connection: bench.connection.number, at: bench.now, what };
    bench.events.entries.push(entry);
    id
}

fn text(what: &What) -> String {
    match what {
        What::Begun { url, .. } => url.to_string(),
        What::Sent(Payload::Text(text)) | What::Heard(socket::Event::Message(Payload::Text(text))) => text.to_string(),
        What::Sent(_) => "sent".to_owned(),
        What::Heard(_) => "heard".to_owned(),
    }
}

/// The log.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    let rows =
        bench.events.entries.iter().map(|entry| {
            el("li").key(entry.id.into()).child(with_class("button", "ev").text(text(&entry.what))).into()
        });
    with_class("div", "events").child(with_class("ol", "events__list").children(rows)).into()
}
