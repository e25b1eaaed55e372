//! One message taken apart: the frame, the object, the handshake, the code.
//!
//! What a page cannot know is computed, and said to be; where this server's tap or its relay has told, the real bytes stand
//! there. In reading order: [`frame`] and [`accept`] are the arithmetic, which the lessons share; [`wire`] keeps what was
//! told, [`tap`] asks for it; `anatomy` and `handshake` draw; [`code`] writes the connection down; `words` are its words.
//! Deliberately absent: the log, whose chosen entry this shows.

pub mod accept;
mod anatomy;
pub mod code;
pub mod frame;
mod handshake;
mod looks;
pub mod tap;
pub mod wire;
mod words;

use std::rc::Rc;

use common::labs::{Handshake, Side};

use super::bench::{self, Bench};
use super::effects::Effect as Do;
use super::events::{Entry, What};
use super::relay::{self, Seen};
use super::socket::{Event, HEAD, Payload};
use crate::lean::program::Tell;
use code::{Recipe, Say, Tongue};
pub use looks::view;
use looks::{as_f64, button, small};
use tap::Tapped;
use wire::{Frame, Wire};

/// What happens at the inspector.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Show or hide it, where it is a drawer.
    Toggle,
    /// Open or close a part of it.
    Fold(usize),
    /// Write the connection down like this.
    Tongue(Tongue),
    /// Copy the code.
    Copy,
    /// It was said long enough that it is copied.
    CopySaid,
    /// Ask this server for the real bytes of its own endpoints, or do not any more.
    Tap,
    /// Show this frame of the connection, counted from 0.
    Pick(u32),
    /// The tap of this number tells.
    Tapped(u32, Tapped),
}

/// What it needs done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Listen to the tap of this number and name, and to no other.
    Listen(u32, String),
    /// Listen to none.
    Silence,
}

/// Where a message is taken apart.
#[derive(Debug, Default)]
pub struct Inspector {
    /// Whether it is open, where it is a drawer.
    pub open: bool,
    /// The real bytes of the present connection, as far as they were told.
    pub wire: Wire,
    folded: [bool; 4],
    tongue: Tongue,
    copied: bool,
    /// Whether the tap is not wanted.
    untapped: bool,
    /// The present tap's number, from 1, and whether there is one, and whether it has failed.
    tap: u32,
    tapped: bool,
    failed: bool,
    /// The connection that the wire is of; it may be about to begin.
    connection: u32,
    beginning: bool,
    /// Whether it was ever open.
    opened: bool,
    /// The frame that was picked while this entry was chosen.
    picked: Option<(Option<u32>, u32)>,
    /// What was sent last.
    said: Option<Payload>,
}

/// Does what the inspector needs done.
pub struct Runner {
    tell: Tell<bench::Msg>,
    tap: Option<tap::Listener>,
}

impl Runner {
    /// Nothing is under way.
    #[must_use]
    pub fn new(tell: Tell<bench::Msg>) -> Self {
        Self { tell, tap: None }
    }

    /// Does one thing.
    pub fn run(&mut self, effect: Effect) {
        // The one before ends first.
        self.tap = None;
        if let Effect::Listen(number, name) = effect {
            self.tap = tap::Listener::new(number, &name, &self.tell);
        }
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

/// A connection is about to be begun: the address that is really opened, which for an endpoint of this server names a
/// tap.
pub fn tapped(bench: &mut Bench, url: String) -> String {
    let inspector = &mut bench.inspector;
    inspector.wire = Wire::default();
    inspector.beginning = true;
    inspector.opened = false;
    inspector.failed = false;
    let name = tap::name();
    let tapped = if inspector.untapped || !bench.server.labs || relay::wish(&bench.relay).is_some() {
        None
    } else {
        tap::named(&url, &bench.server.origin, &name)
    };
    inspector.tapped = tapped.is_some();
    let effect = if inspector.tapped {
        inspector.tap += 1;
        Effect::Listen(inspector.tap, name)
    } else {
        Effect::Silence
    };
    bench.effects.push(Do::Inspector(effect));
    tapped.unwrap_or(url)
}

/// Takes what happened at the inspector.
pub fn update(bench: &mut Bench, msg: Msg) {
    let inspector = &mut bench.inspector;
    match msg {
        Msg::Toggle => inspector.open = !inspector.open,
        Msg::Fold(part) => {
            if let Some(folded) = inspector.folded.get_mut(part) {
                *folded = !*folded;
            }
        }
        Msg::Tongue(tongue) => inspector.tongue = tongue,
        Msg::Copy => {
            inspector.copied = true;
            let code = recipe(bench, |recipe, _| recipe.write(bench.inspector.tongue));
            bench.effects.push(Do::Copy(code));
            bench.effects.push(Do::After(2_000, Box::new(bench::Msg::Inspector(Msg::CopySaid))));
        }
        Msg::CopySaid => inspector.copied = false,
        Msg::Tap => inspector.untapped = !inspector.untapped,
        Msg::Pick(seq) => inspector.picked = Some((bench.events.chosen, seq)),
        Msg::Tapped(number, told) if number == inspector.tap && inspector.tapped => match told {
            Tapped::Handshake(handshake) => inspector.wire.handshake = Some(handshake),
            Tapped::Frame(frame) => inspector.wire.add(frame),
            Tapped::End(by, why) => inspector.wire.end = Some((by, why)),
            Tapped::Failed => inspector.failed = true,
        },
        Msg::Tapped(..) => {}
    }
}

/// Something happens to the present connection: what is known of an older one's wire goes.
fn follow(bench: &mut Bench) {
    let inspector = &mut bench.inspector;
    if inspector.connection != bench.connection.number {
        inspector.connection = bench.connection.number;
        if !inspector.beginning {
            inspector.wire = Wire::default();
            inspector.tapped = false;
            inspector.opened = false;
        }
        inspector.beginning = false;
    }
}

/// The socket has said something, which has become this entry of the log.
pub fn heard(bench: &mut Bench, id: u32, event: &Event) {
    follow(bench);
    match event {
        Event::Open { .. } => bench.inspector.opened = true,
        Event::Message(_) => bench.inspector.wire.count(Side::Server, id),
        Event::Relay(seen) => relayed(bench, seen),
        Event::Error | Event::Close { .. } | Event::Refused(..) => {}
    }
}

/// The relay has seen something.
fn relayed(bench: &mut Bench, seen: &Seen) {
    let wire = &mut bench.inspector.wire;
    match seen {
        Seen::Frame { from, header, payload, .. } => {
            let at = (bench.now - bench.connection.begun_at.unwrap_or(bench.now)) * 1_000.0;
            let frame = Frame::new(*from, None, at, tap::unhex(header), tap::unhex(payload));
            frame.into_iter().for_each(|frame| wire.add(frame));
        }
        Seen::Handshake { request, response } => {
            wire.handshake = Some(Handshake { request: request.clone(), response: response.clone() });
        }
        Seen::Resolved(_) | Seen::Tls { .. } | Seen::Closed(..) | Seen::Failed { .. } => {}
    }
}

/// A message was sent, which has become this entry of the log.
pub fn sent(bench: &mut Bench, id: u32, payload: &Payload) {
    follow(bench);
    bench.inspector.wire.count(Side::Client, id);
    bench.inspector.said = Some(payload.clone());
}

/// The entry of the log that is chosen.
fn chosen(bench: &Bench) -> Option<&Entry> {
    bench.events.entry(bench.events.chosen?)
}

/// The message that an entry tells, and whose it is.
const fn message(what: &What) -> Option<(Side, &Payload)> {
    match what {
        What::Sent(payload) => Some((Side::Client, payload)),
        What::Heard(Event::Message(payload)) => Some((Side::Server, payload)),
        What::Begun { .. } | What::Heard(_) | What::Noted(_) => None,
    }
}

/// As many bytes of an entry's message as are at hand, at most [`HEAD`].
fn bytes_of(bench: &Bench, id: u32, payload: &Payload) -> Rc<[u8]> {
    match payload {
        Payload::Text(text) => text.as_bytes().get(..HEAD as usize).unwrap_or(text.as_bytes()).into(),
        Payload::Buffer { head, .. } => Rc::clone(head),
        Payload::Blob { .. } => bench.events.head(id).unwrap_or_default(),
    }
}

/// The most bytes of a text that the code carries.
const MOST_TEXT: usize = 4_000;

/// The present connection as a recipe, and whether its message is longer than what is in it.
fn recipe<T>(bench: &Bench, with: impl FnOnce(&Recipe<'_>, bool) -> T) -> T {
    let connection = &bench.connection;
    let live = &connection.reading.url;
    let chosen = chosen(bench);
    let sent = chosen.and_then(|entry| match &entry.what {
        What::Sent(payload) => Some((entry.id, payload)),
        What::Begun { .. } | What::Heard(_) | What::Noted(_) => None,
    });
    let sent = sent.or_else(|| Some((u32::MAX, bench.inspector.said.as_ref()?)));
    let bytes = sent.map(|(id, payload)| bytes_of(bench, id, payload)).unwrap_or_default();
    let (say, cut) = match sent {
        None => (Say::Nothing, false),
        Some((_, Payload::Text(text))) => {
            let end = text.floor_char_boundary(MOST_TEXT);
            (Say::Text(text.get(..end).unwrap_or(text)), end < text.len())
        }
        Some((_, payload)) => {
            (if bytes.is_empty() { Say::Nothing } else { Say::Bytes(&bytes) }, (bytes.len() as u64) < payload.len())
        }
    };
    let close = chosen.and_then(|entry| match &entry.what {
        What::Heard(Event::Close { code: code @ (1000 | 3000..=4999), reason, .. }) => Some((*code, reason.as_str())),
        What::Begun { .. } | What::Sent(_) | What::Heard(_) | What::Noted(_) => None,
    });
    let recipe = Recipe {
        url: tap::unnamed(if live.is_empty() { &connection.url } else { live }),
        protocols: &connection.protocols,
        binary_type: connection.binary_type.name(),
        say,
        close,
    };
    with(&recipe, cut)
}

/// A message of the inspector's.
const fn msg(msg: Msg) -> bench::Msg {
    bench::Msg::Inspector(msg)
}
