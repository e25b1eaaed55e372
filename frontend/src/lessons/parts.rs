//! What several lessons draw: buttons, the track, what happened, code, tables.

use wasm_bindgen::JsCast;
use web_sys::MouseEvent;

use super::state::{Lessons, Msg};
use super::wire::{Call, Entry, What, Wire};
use super::words::{Words, words};
use super::{Element, Node};
use crate::lean::dom::{Str, el, icon, icon_sm, with_class};
use crate::lean::text;
use crate::workbench::socket::{Event, Payload, STATES};

/// A text with code in it, which stands between backquotes.
pub(super) fn prose(text: &'static str) -> Vec<Node> {
    let pieces = text.split('`').zip([false, true].into_iter().cycle());
    pieces.map(|(piece, is_code)| if is_code { el("code").text(piece).into() } else { Node::from(piece) }).collect()
}

/// Several such texts.
pub(super) fn list(texts: &[&'static str]) -> Element {
    with_class("ul", "lesson__list").children(texts.iter().map(|text| el("li").children(prose(text)).into()))
}

/// A link within the page, which still can be opened elsewhere.
pub(super) fn leads_to(link: Element, path: String, goes: Msg) -> Element {
    link.attr("href", path).on_event("click", move |event| {
        let click: &MouseEvent = event.dyn_ref()?;
        if click.button() != 0 || click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key() {
            return None;
        }
        event.prevent_default();
        Some(goes.clone())
    })
}

/// A button.
pub(super) fn button(label: impl Into<Str>, msg: Msg) -> Element {
    with_class("button", "btn").attr("type", "button").on("click", msg).text(label)
}

/// The button that matters most.
pub(super) fn primary(label: impl Into<Str>, msg: Msg) -> Element {
    with_class("button", "btn btn--primary").attr("type", "button").on("click", msg).text(label)
}

/// One of several choices.
pub(super) fn choice(label: impl Into<Str>, is_chosen: bool, msg: Msg) -> Node {
    with_class("button", "seg__item mono")
        .attr("type", "button")
        .aria("aria-pressed", is_chosen)
        .on("click", msg)
        .text(label)
        .into()
}

/// Buttons beside each other.
pub(super) fn bar(buttons: impl IntoIterator<Item = Node>) -> Element {
    with_class("div", "live__bar").children(buttons)
}

/// What leads out of a lesson.
pub(super) struct Leads;

impl Leads {
    /// To the console, with this path, subprotocol and message.
    pub(super) fn console(words: &Words, path: &str, protocol: &'static str, message: &'static str) -> Element {
        with_class("button", "btn btn--ghost push")
            .attr("type", "button")
            .on("click", Msg::Try(path.to_owned(), protocol, message))
            .child(icon_sm("plug"))
            .text(words.try_it)
    }
}

/// Code that can be copied.
pub(super) fn code(lessons: &Lessons, name: &'static str, text: String) -> Element {
    let words = words(lessons.lang());
    let is_copied = lessons.copied == text;
    let copy = with_class("button", "icon-btn icon-btn--sm")
        .attr("type", "button")
        .attr("aria-label", words.copy)
        .on("click", Msg::Copy(text.clone()))
        .child(icon_sm(if is_copied { "check" } else { "copy" }));
    let said = with_class("span", "push").attr("role", "status").text(if is_copied { words.copied } else { "" });
    with_class("figure", "code")
        .child(with_class("figcaption", "code__head").child(el("span").text(name)).child(said).child(copy))
        .child(el("pre").attr("tabindex", "0").child(el("code").text(text)))
}

/// A table: names of columns, rows of cells.
pub(super) fn table(heads: &[&'static str], rows: Vec<Vec<Node>>) -> Element {
    let row = |cells: Vec<Node>| el("tr").children(cells.into_iter().map(|cell| el("td").child(cell).into())).into();
    with_class("div", "table-scroll").attr("tabindex", "0").child(
        with_class("table", "table")
            .child(
                el("thead").child(
                    el("tr").children(heads.iter().map(|head| el("th").attr("scope", "col").text(*head).into())),
                ),
            )
            .child(el("tbody").children(rows.into_iter().map(row))),
    )
}

/// Data.
pub(super) fn mono(text: impl Into<Str>) -> Node {
    with_class("span", "mono").text(text).into()
}

/// The four states of a connection, each with the time it was reached.
pub(super) fn track(wire: &Wire) -> Element {
    let now = wire.ready;
    let name = now.and_then(|ready| STATES.get(usize::from(ready))).copied().unwrap_or_default();
    let mut before: Option<f64> = None;
    let stations = STATES.iter().zip(wire.at).zip(0_u8..).map(|((name, at), state)| {
        let is_now = now == Some(state.into());
        let mut class = "station is-s".to_owned();
        class.push(char::from(b'0' + state));
        if is_now {
            class += " is-now";
        } else if now > Some(state.into()) {
            class += if at.is_some() { " is-past" } else { " is-past is-through" };
        }
        let time = match (at, before) {
            (None, _) => "–".to_owned(),
            (Some(at), None) => text::clock(at),
            (Some(at), Some(before)) => "+".to_owned() + &text::lasting(at - before),
        };
        before = at.or(before);
        let number = char::from(b'0' + state).to_string();
        let shape = "sig sig--".to_owned() + &number;
        let station = with_class("li", class)
            .child(with_class("span", "station__no").text(number))
            .child(with_class("span", "station__mark").child(with_class("span", shape).attr("aria-hidden", "true")))
            .child(with_class("span", "station__name").text(*name))
            .child(with_class("span", "station__time").text(time));
        if is_now { station.attr("aria-current", "step").into() } else { station.into() }
    });
    let stations: Vec<Node> = stations.collect();
    let class = match now {
        Some(0) => "track is-s0",
        Some(1) => "track is-s1",
        Some(2) => "track is-s2",
        Some(_) => "track is-s3",
        None => "track",
    };
    with_class("ol", class).attr("aria-label", "readyState: ".to_owned() + name).children(stations)
}

/// What happened to a connection, the newest at the end.
pub(super) fn log(lessons: &Lessons, slot: u8) -> Element {
    let words = words(lessons.lang());
    let wire = lessons.wire(slot);
    let rows = wire.log.iter().rev().take(40).rev().map(|entry| row(words, entry));
    let rows: Vec<Node> = rows.collect();
    let is_empty = rows.is_empty();
    with_class("div", "live__log")
        .child(with_class("h2", "sec-title").text(words.log))
        .child(is_empty.then(|| with_class("p", "faint small").text(words.nothing)))
        .child(
            with_class("div", "live__rows")
                .attr("tabindex", "0")
                .attr("role", "log")
                .attr("aria-live", "off")
                .attr("aria-label", words.log)
                .children(rows),
        )
}

fn row(words: &Words, entry: &Entry) -> Node {
    let (class, sign, kind, data, size) = match &entry.what {
        What::Began(url) => ("ev ev--life is-s0", sig("0"), "new", "new WebSocket(\"".to_owned() + url + "\")", None),
        What::Called(call) => called(call),
        What::Heard(event) => heard(words, event),
    };
    with_class("div", class)
        .child(with_class("span", "ev__time").text(text::clock(entry.at)))
        .child(with_class("span", "ev__kind").child(sign).text(kind))
        .child(with_class("span", "ev__data").text(data))
        .child(with_class("span", "ev__size").text(size.map(bytes).unwrap_or_default()))
        .into()
}

#[expect(clippy::cast_precision_loss, reason = "messages have few bytes")]
fn bytes(size: u64) -> String {
    text::size(size as f64)
}

type Row = (&'static str, Node, &'static str, String, Option<u64>);

fn called(call: &Call) -> Row {
    let kind = if call.bytes.is_some() { "send" } else { "close" };
    let mut data = call.code.clone();
    match &call.threw {
        Some((name, message)) => {
            data += " ⇒ ";
            data += name;
            data += ": ";
            data += message;
            ("ev ev--life is-s3", icon("alert"), kind, data, None)
        }
        None => ("ev ev--out", icon("up"), kind, data, call.bytes),
    }
}

fn heard(words: &Words, event: &Event) -> Row {
    match event {
        Event::Open { protocol, extensions } => {
            let mut data = if protocol.is_empty() { words.no_protocol.to_owned() } else { protocol.clone() };
            if !extensions.is_empty() {
                data += ", ";
                data += extensions;
            }
            ("ev ev--life is-s1", sig("1"), "open", data, None)
        }
        Event::Message(payload) => ("ev ev--in", icon("dn"), "message", shown(payload), Some(payload.len())),
        Event::Error => ("ev ev--life is-s3", sig("3"), "error", words.no_detail.to_owned(), None),
        Event::Close { code, reason, was_clean } => {
            let mut data = code.to_string();
            data += " \"";
            data += reason;
            data += "\" ";
            data += if *was_clean { "wasClean: true" } else { "wasClean: false" };
            ("ev ev--life is-s3", sig("3"), "close", data, None)
        }
        Event::Refused(name, message) => {
            ("ev ev--life is-s3", icon("alert"), "throws", name.clone() + ": " + message, None)
        }
        Event::Relay(_) => ("ev", Node::Nothing, "", String::new(), None),
    }
}

/// What a message is, as the page gets it.
pub(super) fn shown(payload: &Payload) -> String {
    match payload {
        Payload::Text(text) => {
            let mut short: String = text.chars().take(200).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            "\"".to_owned() + &short + "\""
        }
        Payload::Buffer { len, head, .. } => {
            let head = head.get(..24).unwrap_or(head);
            "ArrayBuffer(".to_owned() + &len.to_string() + ") " + &text::hex(head)
        }
        Payload::Blob { len, .. } => "Blob(".to_owned() + &len.to_string() + ")",
    }
}

/// The shape of a state.
pub(super) fn sig(state: &'static str) -> Node {
    with_class("span", "sig sig--".to_owned() + state).attr("aria-hidden", "true").into()
}
