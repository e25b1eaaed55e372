//! Why not polling: four ways to the same news, counted at the server.

mod words;

use wasm_bindgen::JsValue;

use super::Node;
use super::parts::{Leads, bar, button, mono, primary, table};
use super::state::{Lessons, Msg as All};
use crate::lean::dom::with_class;
use crate::lean::json;
use crate::lean::text;
use crate::workbench::socket::{Event, Payload};
pub(super) use words::words;

/// Milliseconds between two questions, and between two looks at what the ways have cost.
const EVERY_MS: u32 = 1_000;

/// What is asked for.
const POLL: u8 = 0;
const LONG_POLL: u8 = 1;
const TALLY: u8 = 2;

/// The names of the ways in the server's JSON.
const WAYS: [&str; 4] = ["poll", "long_poll", "event_stream", "web_socket"];

/// What happens in this lesson alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Msg {
    /// Begin.
    Start,
    /// Enough.
    Stop,
    /// Ask again.
    Ask(u8),
}

/// What one way has cost, as the server counts.
#[derive(Debug, Default, Clone, PartialEq)]
struct Tally {
    requests: f64,
    bytes_in: f64,
    bytes_out: f64,
    news: f64,
    age_sum: f64,
    age_max: f64,
}

impl Tally {
    fn of(tally: &JsValue) -> Self {
        let number = |name| json::number(tally, name);
        Self {
            requests: number("requests"),
            bytes_in: number("bytes_in"),
            bytes_out: number("bytes_out"),
            news: number("news"),
            age_sum: number("age_sum"),
            age_max: number("age_max"),
        }
    }

    fn bytes(&self) -> f64 {
        self.bytes_in + self.bytes_out
    }
}

/// What the lesson knows.
#[derive(Debug, Default)]
pub(super) struct Polling {
    /// The race; empty where none runs.
    name: String,
    /// Whether the server has ended it.
    is_over: bool,
    /// News that the server has made.
    news: f64,
    tallies: [Tally; 4],
    /// The number of the last item that each way has brought.
    last: [f64; 4],
}

/// Takes what happened.
pub(super) fn update(lessons: &mut Lessons, msg: Msg) {
    match msg {
        Msg::Start => lessons.name(),
        Msg::Stop => {
            lessons.desks.polling.name.clear();
            lessons.stop();
        }
        Msg::Ask(tag) => ask(lessons, tag),
    }
}

/// A race has a name now.
pub(super) fn named(lessons: &mut Lessons, name: String) {
    let race = "/labs/race/".to_owned() + &name;
    lessons.desks.polling = Polling { name, ..Polling::default() };
    [POLL, LONG_POLL, TALLY].into_iter().for_each(|tag| ask(lessons, tag));
    lessons.listen(race.clone() + "/events");
    lessons.open(0, &(race + "/socket"), Vec::new());
}

fn ask(lessons: &mut Lessons, tag: u8) {
    let desk = &lessons.desks.polling;
    let mut url = "/labs/race/".to_owned() + &desk.name;
    if let Some(last) = desk.last.get(usize::from(tag)).filter(|_| tag != TALLY) {
        url += if tag == POLL { "/poll?after=" } else { "/long-poll?after=" };
        url += &text::fixed(*last, 0);
    }
    lessons.fetch(tag, url);
}

/// A request was answered.
pub(super) fn answered(lessons: &mut Lessons, tag: u8, answer: Option<&JsValue>) {
    let desk = &mut lessons.desks.polling;
    let has_failed = answer.is_none();
    if let Some(answer) = answer {
        if tag == TALLY {
            tallied(desk, answer);
        } else {
            json::items(answer).iter().for_each(|item| desk.bring(usize::from(tag), item));
        }
    }
    if tag == LONG_POLL && !has_failed {
        ask(lessons, tag);
    } else {
        lessons.after(EVERY_MS, All::Polling(Msg::Ask(tag)));
    }
}

fn tallied(desk: &mut Polling, race: &JsValue) {
    desk.news = json::number(race, "news");
    for tally in json::items(&json::member(race, "ways")) {
        let way = json::text(&tally, "way");
        let place = WAYS.iter().position(|name| *name == way);
        if let Some(place) = place.and_then(|place| desk.tallies.get_mut(place)) {
            *place = Tally::of(&tally);
        }
    }
}

impl Polling {
    fn bring(&mut self, way: usize, item: &JsValue) {
        if let Some(last) = self.last.get_mut(way) {
            *last = last.max(json::number(item, "n"));
        }
    }
}

/// The stream of events has brought something.
pub(super) fn pushed(lessons: &mut Lessons, event: Option<&JsValue>) {
    if let Some(item) = event {
        lessons.desks.polling.bring(2, item);
    }
}

/// The socket has said something.
pub(super) fn heard(lessons: &mut Lessons, event: &Event) {
    match event {
        Event::Message(Payload::Text(text)) => lessons.desks.polling.bring(3, &json::parse(text)),
        // The server ends a race after five minutes.
        Event::Close { .. } => {
            update(lessons, Msg::Stop);
            lessons.desks.polling.is_over = true;
        }
        Event::Message(_) | Event::Open { .. } | Event::Error | Event::Refused(..) | Event::Relay(_) => {}
    }
}

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let words = words(lessons.lang());
    let shared = super::words::words(lessons.lang());
    let desk = &lessons.desks.polling;
    let toggle = if desk.name.is_empty() {
        primary(shared.start, All::Polling(Msg::Start))
    } else {
        button(shared.stop, All::Polling(Msg::Stop))
    };
    let most = desk.tallies.iter().map(Tally::bytes).fold(1.0, f64::max);
    let rows = words.ways.into_iter().zip(&desk.tallies).zip(desk.last).map(|((way, tally), last)| {
        let share = text::fixed(tally.bytes() * 100.0 / most, 1) + "%";
        let meter = with_class("div", "meter live__meter")
            .attr("role", "img")
            .attr("aria-label", text::size(tally.bytes()))
            .child(with_class("div", "meter__fill").attr("--v", share));
        let of_each = |sum: f64| if tally.news > 0.0 { Some(sum / tally.news) } else { None };
        let age = of_each(tally.age_sum).map(|age| text::lasting(age / 1_000.0));
        let cost = of_each(tally.bytes()).map(text::size);
        let none = || "–".to_owned();
        vec![
            way.into(),
            mono(text::fixed(tally.requests, 0)),
            mono(text::size(tally.bytes_in)),
            mono(text::size(tally.bytes_out)),
            meter.into(),
            mono(text::fixed(last, 0)),
            mono(age.unwrap_or_else(none)),
            mono(if tally.news > 0.0 { text::lasting(tally.age_max / 1_000.0) } else { none() }),
            with_class("b", "mono").text(cost.unwrap_or_else(none)).into(),
        ]
    });
    let made = words.made.to_owned() + &text::fixed(desk.news, 0);
    with_class("div", "live__body")
        .child(bar([
            toggle.into(),
            with_class("span", "muted num").text(made).into(),
            Leads::console(shared, "/labs/ticker", "", "").into(),
        ]))
        .child(table(&words.heads, rows.collect()).class("table-scroll live__race"))
        .child(with_class("p", "small faint").text(words.counted))
        .child(desk.is_over.then(|| with_class("p", "note is-s3").attr("role", "status").text(words.over)))
        .into()
}
