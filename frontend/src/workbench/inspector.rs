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
pub mod tap;
pub mod wire;
mod words;

use std::rc::Rc;

use common::labs::{Handshake, Side};

use super::bench::{self, Bench};
use super::effects::Effect as Do;
use super::events::{self, Entry, What};
use super::relay::{self, Seen};
use super::socket::{Event, HEAD, Payload};
use super::{Element, Node};
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::lean::program::Tell;
use crate::lean::text::{fixed, size};
use code::{Recipe, Say, Tongue};
use tap::Tapped;
use wire::{Frame, Wire};
use words::{Words, fill, words};

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

/// The inspector.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    let words = words(bench.lang());
    let inspector = &bench.inspector;
    let parts: Vec<Node> = [
        fold(bench, 0, words.anatomy, "RFC 6455 §5.2", &|| anatomy::view(bench, words)),
        fold(bench, 1, words.properties, "WebSocket", &|| properties(bench)),
        fold(bench, 2, words.handshake, &handshake::status(bench), &|| handshake::view(bench, words)),
        fold(bench, 3, tongue_name(inspector.tongue), words.equivalent, &|| equivalent(bench, words)),
    ]
    .into();
    with_class("aside", if inspector.open { "panel is-open" } else { "panel" })
        .attr("id", "inspect")
        .attr("aria-label", words.name)
        .child(head(bench, words))
        .child(with_class("div", "panel__scroll").children(parts))
        .into()
}

/// A round button with an icon.
fn button(class: &'static str, icon_name: &str, label: &'static str, message: bench::Msg) -> Element {
    with_class("button", class)
        .attr("type", "button")
        .attr("aria-label", label)
        .on("click", message)
        .child(if class.ends_with("sm") { icon_sm(icon_name) } else { icon(icon_name) })
}

fn head(bench: &Bench, words: &'static Words) -> Node {
    let (title, sub) = title(bench, words);
    let step = |by| bench::Msg::Events(events::Msg::Step(by));
    with_class("header", "panel__head")
        .child(with_class("h2", "panel__title").text(title).child(with_class("span", "panel__sub").text(sub)))
        .child(button("icon-btn", "up", words.previous, step(-1)))
        .child(button("icon-btn", "dn", words.next, step(1)))
        .child(button("icon-btn only-floating", "x", words.close, msg(Msg::Toggle)))
        .into()
}

/// What is taken apart: what it is called, and what it is.
fn title(bench: &Bench, words: &'static Words) -> (String, String) {
    let Some(entry) = chosen(bench) else { return (words.name.to_owned(), String::new()) };
    let Some((side, payload)) = message(&entry.what) else {
        let name = match &entry.what {
            What::Heard(Event::Open { .. }) => "open",
            What::Heard(Event::Error) => "error",
            What::Heard(Event::Close { code, .. }) => return ("close".to_owned(), code.to_string()),
            What::Heard(Event::Refused(name, _)) => return (name.clone(), String::new()),
            What::Begun { .. } | What::Sent(_) | What::Heard(_) | What::Noted(_) => words.name,
        };
        return (name.to_owned(), String::new());
    };
    let mut sub = (if side == Side::Client { words.sent } else { words.received }).to_owned();
    sub += match payload {
        Payload::Text(_) => words.text,
        Payload::Buffer { .. } => "ArrayBuffer",
        Payload::Blob { .. } => "Blob",
    };
    sub += words.between;
    sub += &size(as_f64(payload.len()));
    let number =
        if entry.connection == bench.inspector.connection { bench.inspector.wire.number(side, entry.id) } else { None };
    let number = number.map_or_else(String::new, |number| (number + 1).to_string());
    (fill(words.message, &[&number]), sub)
}

/// A part that opens and closes.
fn fold(bench: &Bench, part: usize, name: &'static str, note: &str, body: &dyn Fn() -> Node) -> Node {
    let open = !bench.inspector.folded.get(part).copied().unwrap_or_default();
    let summary = el("summary")
        .on("click", msg(Msg::Fold(part)))
        .child(icon_sm("right"))
        .text(name)
        .child(with_class("span", "fold__note").text(note.to_owned()));
    let body = if open { with_class("div", "fold__body").child(body()).into() } else { Node::Nothing };
    with_class("details", "fold").flag("open", open).child(summary).child(body).into()
}

fn properties(bench: &Bench) -> Node {
    let live = &bench.connection.reading;
    let quoted = |text: &str| "\"".to_owned() + text + "\"";
    let (tone, state) = match live.ready {
        None => ("", "–"),
        Some(0) => ("is-s0", "0 CONNECTING"),
        Some(1) => ("is-s1", "1 OPEN"),
        Some(2) => ("is-s2", "2 CLOSING"),
        Some(_) => ("is-s3", "3 CLOSED"),
    };
    let row = |name: &'static str, value: Node| -> Node {
        el("tr").child(el("td").text(name)).child(el("td").child(value)).into()
    };
    let rows = [
        row("url", live.url.clone().into()),
        row("readyState", with_class("span", tone).child(with_class("span", "tone").text(state)).into()),
        row("bufferedAmount", fixed(live.buffered, 0).into()),
        row("protocol", quoted(&live.protocol).into()),
        row("extensions", quoted(&live.extensions).into()),
        row("binaryType", quoted(live.binary_type.name()).into()),
    ];
    with_class("table", "table props").child(el("tbody").children(rows)).into()
}

fn tongue_name(tongue: Tongue) -> &'static str {
    code::TONGUES.iter().find(|one| one.0 == tongue).map_or("", |one| one.1)
}

fn equivalent(bench: &Bench, words: &'static Words) -> Node {
    let tongue = bench.inspector.tongue;
    let choices = code::TONGUES.map(|(one, name)| {
        with_class("button", "seg__item")
            .attr("type", "button")
            .aria("aria-pressed", one == tongue)
            .on("click", msg(Msg::Tongue(one)))
            .text(name)
            .into()
    });
    let (written, note) = recipe(bench, |recipe, cut| (recipe.write(tongue), note(recipe, tongue, cut, words)));
    let pieces = code::coloured(&written).into_iter().map(|(class, piece)| match class {
        "" => Node::Text(piece.to_owned().into()),
        _ => with_class("span", class).text(piece.to_owned()).into(),
    });
    let said = if bench.inspector.copied { words.copied } else { words.here };
    let copy = button(
        "icon-btn icon-btn--sm",
        if bench.inspector.copied { "check" } else { "copy" },
        words.copy,
        msg(Msg::Copy),
    );
    let figure = with_class("figure", "code")
        .child(with_class("figcaption", "code__head").child(el("span").attr("role", "status").text(said)).child(copy))
        .child(el("pre").attr("tabindex", "0").child(el("code").children(pieces)));
    vec![
        with_class("div", "seg").attr("role", "group").attr("aria-label", words.languages).children(choices).into(),
        figure.into(),
        small(note),
    ]
    .into()
}

/// What the code cannot do, or leaves out.
fn note(recipe: &Recipe<'_>, tongue: Tongue, cut: bool, words: &'static Words) -> String {
    let mut note = if cut { words.code_cut.to_owned() } else { String::new() };
    if tongue == Tongue::Wscat {
        if matches!(recipe.say, Say::Bytes(_)) {
            note += words.wscat_text;
        }
        if let Some((code, reason)) = recipe.close {
            let typed = "/close ".to_owned() + &code.to_string() + " " + reason;
            note += &fill(words.wscat_close, &[typed.trim_ascii_end()]);
        }
    }
    note
}

/// A remark; nothing where there is none.
fn small(text: String) -> Node {
    if text.is_empty() { Node::Nothing } else { with_class("p", "faint small").text(text).into() }
}

#[expect(clippy::cast_precision_loss, reason = "no message is that long")]
const fn as_f64(len: u64) -> f64 {
    len as f64
}
