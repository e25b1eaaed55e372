//! The rows in sight.

use wasm_bindgen::JsCast;

use super::super::bench::{self, Bench};
use super::super::relay;
use super::super::socket::{Event, Payload};
use super::super::{Element, Node};
use super::diff::{Diff, Row};
use super::replay::CONNECTIONS;
use super::words::{Words, words};
use super::{Entry, Kind, Msg, RECORDED, Sight, View, What, kind, payload, payload_of, shelf, window};
use crate::lean::dom::{el, icon, with_class};
use crate::lean::text::{clock, fixed, lasting, size};

/// Below the chosen row stands what is opened; its key is that of no entry.
const OPENED: u64 = 1 << 40;

/// The first row, where older ones are gone.
const GONE: u64 = 1 << 41;

/// Rows of what is compared are none of the log's.
const COMPARED: u64 = 1 << 42;

/// The rows in sight.
pub(super) fn view(bench: &Bench) -> Node {
    let (log, words) = (&bench.events, words(bench.lang()));
    let (window, rows, empty) = match &log.shelf.diff {
        Some(diff) => {
            let window = window::window(log.sight, diff.rows.len(), None);
            let rows =
                window.rows.clone().filter_map(|row| Some(compared(bench, diff, row, *diff.rows.get(row)?, words)));
            let rows = rows.collect();
            (window, rows, None)
        }
        None => {
            let window = log.drawn_rows();
            let rows = rows(bench, &window, words);
            (window, rows, (log.shown() == 0).then(|| empty(bench, words)))
        }
    };
    let list = with_class("ol", "events__list")
        .attr("--above", fixed(window.above, 0) + "px")
        .attr("--below", fixed(window.below, 0) + "px")
        .children(rows);
    with_class("div", "events")
        .attr("role", "log")
        .attr("aria-live", "off")
        .attr("aria-label", words.log)
        .attr("tabindex", "0")
        .on_event("scroll", |event| Some(bench::Msg::Events(Msg::Scrolled(sight(event)?))))
        .on_event("drop", shelf::file_of)
        .on_event("dragover", |event| {
            event.prevent_default();
            None
        })
        .child(list)
        .child(empty)
        .into()
}

fn rows(bench: &Bench, window: &window::Window, words: &Words) -> Vec<Node> {
    let log = &bench.events;
    let opened = log.open_row().map(|(row, _)| row);
    let mut rows = Vec::with_capacity(window.rows.len() + 2);
    if log.dropped > 0 && window.rows.start == 0 {
        let gone = log.dropped.to_string() + words.dropped;
        rows.push(row_of_key(GONE, bench).child(with_class("div", "ev-session").text(gone)).into());
    }
    let mut previous = window.rows.start.checked_sub(1).and_then(|row| log.nth(row));
    for row in window.rows.clone() {
        let Some(entry) = log.nth(row).and_then(|id| log.entry(id)) else { break };
        rows.push(row_of_key(entry.id.into(), bench).child(line(bench, entry, previous, words)).into());
        if opened == Some(row) {
            rows.push(below(bench, words));
        }
        previous = Some(entry.id);
    }
    rows
}

/// A row that stays the same element as long as it is drawn; in a flood, the element that is there.
fn row_of_key(key: u64, bench: &Bench) -> Element {
    if bench.now < bench.events.flood { el("li") } else { el("li").key(key) }
}

fn sight(event: &web_sys::Event) -> Option<Sight> {
    let scroller: web_sys::Element = event.target()?.dyn_into().ok()?;
    // What is opened below a row scrolls too.
    scroller.has_attribute("aria-live").then_some(())?;
    let row = if crate::effects::browser::matches("(max-width: 47.5em)") { 34.0 } else { 27.0 };
    let high = f64::from(scroller.client_height());
    Some(Sight { below: -f64::from(scroller.scroll_top()), high, drawn: high + 400.0, row })
}

fn empty(bench: &Bench, words: &Words) -> Element {
    let log = &bench.events;
    let filtered = log.filter.is_on() && !log.entries.is_empty();
    let place = with_class("div", "empty");
    if filtered && log.is_scanning() {
        place.child(with_class("p", "empty__text").attr("role", "status").text(words.filtering))
    } else if filtered {
        let all = with_class("button", "btn btn--sm").text(words.show_all);
        place
            .child(icon("search"))
            .child(with_class("h2", "empty__title").text(words.none))
            .child(all.on("click", bench::Msg::Events(Msg::ShowAll)))
    } else {
        place
            .child(icon("plug"))
            .child(with_class("h2", "empty__title").text(words.empty))
            .child(with_class("p", "empty__text").text(words.empty_hint))
    }
}

/// What is opened below the chosen row.
fn below(bench: &Bench, words: &Words) -> Node {
    let opened = bench.events.opened.as_ref();
    let high = opened.map_or(0.0, super::Opened::high) - 6.0;
    let (class, name) = match opened {
        Some(super::Opened::Text(_)) => ("ev-hex ev-hex--text", words.payload),
        Some(super::Opened::Json(_)) => ("ev-hex", words.payload),
        _ => ("ev-hex", words.hex),
    };
    let text = with_class("pre", class)
        .attr("tabindex", "0")
        .attr("aria-label", name)
        .attr("--high", fixed(high, 0) + "px")
        .children(opened.map(|opened| opened.nodes(bench)).unwrap_or_default());
    row_of_key(OPENED, bench).child(text).into()
}

/// A row; where a connection begins, a line across.
fn line(bench: &Bench, entry: &Entry, previous: Option<u32>, words: &Words) -> Element {
    let log = &bench.events;
    let kind = kind(&entry.what);
    if let What::Begun { url, .. } = &entry.what {
        let recorded = entry.connection >= RECORDED;
        let number = if recorded { (entry.connection - RECORDED) % CONNECTIONS } else { entry.connection };
        let mut text = if recorded { words.recording.to_owned() + " · " } else { String::new() };
        if number > 0 {
            text += &(words.connection[0].to_owned() + &number.to_string() + words.connection[1] + " · ");
        }
        return with_class("div", "ev-session").text(text + url);
    }
    let chosen = log.chosen == Some(entry.id);
    let mut class = String::from(match kind {
        Kind::Sent => "ev ev--out",
        Kind::Received => "ev ev--in",
        Kind::Open => "ev ev--life is-s1",
        Kind::Error | Kind::Close => "ev ev--life is-s3",
        Kind::Begun | Kind::Control => "ev",
    });
    if chosen {
        class.push_str(" is-selected");
    }
    let row = with_class("button", class);
    let row = if chosen { row.attr("aria-current", "true") } else { row };
    let times = times(bench, entry, previous);
    let title = times[1].clone() + " " + words.previous + ", " + &times[2] + " " + words.opened;
    let [day, since, open] = times;
    let time = [day, since, open].into_iter().nth(log.times.into()).unwrap_or_default();
    row.on("click", bench::Msg::Events(Msg::Choose(entry.id)))
        .child(with_class("span", "ev__time").attr("title", title).text(time))
        .child(kind_of(&entry.what, words))
        .child(with_class("span", "ev__data").children(data(bench, entry.id, &entry.what, words)))
        .child(measure(bench, entry, words))
}

/// The time of day, since the previous row, and since the connection was opened.
fn times(bench: &Bench, entry: &Entry, previous: Option<u32>) -> [String; 3] {
    let log = &bench.events;
    let since =
        |at: Option<f64>| at.map_or_else(|| "–".to_owned(), |at| "+".to_owned() + &lasting((entry.at - at).max(0.0)));
    let day = if entry.connection < RECORDED { clock(entry.at) } else { since(Some(0.0)) };
    let before = previous.and_then(|id| log.entry(id)).filter(|before| before.connection == entry.connection);
    let open = log.beginning(entry.connection).and_then(|(_, open)| open);
    [day, since(before.map(|before| before.at)), since(open)]
}

fn kind_of(what: &What, words: &Words) -> Element {
    let place = with_class("span", "ev__kind");
    let sort = if matches!(payload_of(what), Some(Payload::Text(_))) { "text" } else { "binary" };
    let spoken = |said: &'static str| with_class("span", "sr-only").text(said);
    match kind(what) {
        Kind::Sent => place.child(icon("up")).child(spoken(words.sent)).text(sort),
        Kind::Received => place.child(icon("dn")).child(spoken(words.received)).text(sort),
        kind @ (Kind::Open | Kind::Error | Kind::Close | Kind::Begun | Kind::Control) => {
            let sig = match kind {
                Kind::Open => "sig sig--1",
                Kind::Error | Kind::Close => "sig sig--3",
                Kind::Begun | Kind::Sent | Kind::Received | Kind::Control => "sig sig--0",
            };
            place.child(with_class("span", sig).attr("aria-hidden", "true")).text(kind.name())
        }
    }
}

/// What a row says.
fn data(bench: &Bench, id: u32, what: &What, words: &Words) -> Vec<Node> {
    let log = &bench.events;
    let plain = match what {
        What::Sent(payload) | What::Heard(Event::Message(payload)) => match payload {
            Payload::Text(text) => match log.view {
                View::Text => payload::line(text),
                View::Json if payload::is_like_json(text) => return payload::colours(&payload::line(text)),
                View::Json => payload::line(text),
                View::Hex => row_of(text.as_bytes()),
            },
            bytes @ (Payload::Buffer { .. } | Payload::Blob { .. }) => {
                let head = log.head(id).filter(|_| log.view == View::Hex);
                head.map_or_else(|| payload::label(bytes), |head| row_of(&head))
            }
        },
        What::Begun { url: text, .. } | What::Noted(text) => text.to_string(),
        What::Heard(Event::Open { protocol, extensions }) => both(protocol, extensions),
        What::Heard(Event::Error) => words.no_detail.to_owned(),
        What::Heard(Event::Refused(name, message)) => name.clone() + ": " + &payload::line(message),
        What::Heard(Event::Close { code, reason, was_clean }) => {
            let said = match code {
                1005 => words.no_code,
                1006 => words.no_close,
                _ => reason,
            };
            let clean = if *was_clean { words.clean } else { words.not_clean };
            both(&code.to_string(), &both(said, clean))
        }
        What::Heard(Event::Relay(seen)) => payload::line(&relay::describe(seen, bench.lang())),
    };
    vec![plain.into()]
}

/// As many bytes as a row has room for.
fn row_of(bytes: &[u8]) -> String {
    payload::spaced(bytes.get(..32).unwrap_or(bytes))
}

fn both(one: &str, other: &str) -> String {
    let between = if one.is_empty() || other.is_empty() { "" } else { " · " };
    one.to_owned() + between + other
}

/// The end of a row: its size, the time of an echo, how long it took to open.
fn measure(bench: &Bench, entry: &Entry, words: &Words) -> Element {
    let place = with_class("span", "ev__size");
    let echo = entry.echo.map(|ms| {
        let ms = lasting(ms.into());
        with_class("span", "tag").attr("title", words.echoed.to_owned() + " " + &ms).text(ms)
    });
    #[expect(clippy::cast_precision_loss, reason = "bytes of a message")]
    let text = if kind(&entry.what) == Kind::Open {
        let begun = bench.events.beginning(entry.connection).map(|(begun, _)| begun);
        begun.map_or_else(String::new, |begun| lasting(entry.at - begun))
    } else {
        payload_of(&entry.what).map_or_else(String::new, |payload| size(payload.len() as f64))
    };
    place.child(echo).text(text)
}

/// A row of two recordings: what became of an event, and by how much its time differs.
fn compared(bench: &Bench, diff: &Diff, at: usize, row: Row, words: &Words) -> Node {
    let (a, b) = row.places();
    let [a, b] = [(0, a), (1, b)].map(|(side, place)| diff.sides.get(side)?.get(place?));
    let class = match row {
        Row::Same(..) => "ev",
        Row::Changed(..) => "ev is-changed",
        Row::OnlyA(_) => "ev is-a",
        Row::OnlyB(_) => "ev is-b",
    };
    let sort = words.differences.get(row.sort()).copied().unwrap_or_default();
    let mark =
        with_class("b", "").attr("title", sort).text(["=", "≠", "A", "B"].get(row.sort()).copied().unwrap_or_default());
    let time = a.or(b).map_or_else(String::new, |event| "+".to_owned() + &lasting(event.t));
    let mut said = with_class("span", "ev__data");
    if let Some(event) = a.or(b) {
        said = said.children(data(bench, u32::MAX, &event.what, words));
    }
    let mut end = with_class("span", "ev__size");
    if let (Some(a), Some(b)) = (a, b) {
        if matches!(row, Row::Changed(..)) {
            said = said.text(" → ").children(data(bench, u32::MAX, &b.what, words));
        }
        let by = b.t - a.t;
        end = end.text(if by < 0.0 { "−".to_owned() } else { "+".to_owned() } + &lasting(by.abs()));
    }
    let event = a.or(b).map(|event| kind_of(&event.what, words).child(mark));
    let line =
        with_class("div", class).child(with_class("span", "ev__time").text(time)).child(event).child(said).child(end);
    el("li").key(COMPARED | at as u64).child(line).into()
}
