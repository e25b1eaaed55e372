//! Backpressure: what `bufferedAmount` tells a sender, and that a receiver can tell nothing.

mod words;

use wasm_bindgen::JsValue;

use super::effects::Effect;
use super::parts::{Leads, bar, button, choice, primary, sig};
use super::state::{Lessons, Msg as All};
use super::{Element, Node};
use crate::lean::dom::{el, with_class};
use crate::lean::json;
use crate::lean::text;
use crate::workbench::socket::Event;
pub(super) use words::words;

/// What each sender sends: 64 MiB.
const TOTAL: u32 = 64 * MIB;

const MIB: u32 = 1_048_576;

/// The rude sender hands over messages of so many bytes, all at once.
const RUDE: u32 = MIB;

/// The polite sender hands over messages of so many bytes while less than [`MIB`] waits.
const POLITE: u32 = MIB / 4;

/// A plot keeps at most so many samples; then every second one goes.
const SAMPLES: usize = 400;

/// Where the two send.
const TARGETS: [&str; 2] = ["/labs/echo", "/labs/stall"];

/// The slot of the receiver.
const RECEIVER: u8 = 2;

const FLOOD: &str = "/labs/flood?rate=2000&size=1000&seconds=10";

/// Milliseconds between two messages that the stream is asked for.
const PAUSE_MS: u32 = 20;

/// What happens in this lesson alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Msg {
    /// Send to another of [`TARGETS`].
    Target(usize),
    /// Both begin to send.
    Start,
    /// Send one more MiB, whatever the state.
    More(u8),
    /// Receive, both ways.
    Flood,
}

/// A sender's plot.
#[derive(Debug)]
struct Plot {
    samples: Vec<f64>,
    /// Frames between two samples.
    stride: u32,
    frames: u32,
    peak: f64,
    /// Bytes that were handed over.
    sent: u32,
}

impl Default for Plot {
    fn default() -> Self {
        Self { samples: Vec::new(), stride: 1, frames: 0, peak: 0.0, sent: 0 }
    }
}

impl Plot {
    fn sample(&mut self, buffered: f64) {
        self.peak = self.peak.max(buffered);
        self.frames += 1;
        if !self.frames.is_multiple_of(self.stride) {
            return;
        }
        self.samples.push(buffered);
        if self.samples.len() == SAMPLES {
            let mut is_kept = false;
            self.samples.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            self.stride *= 2;
        }
    }
}

/// What the lesson knows.
#[derive(Debug, Default)]
pub(super) struct Backpressure {
    target: usize,
    plots: [Plot; 2],
    /// Messages that the stream has handed over, and the bytes in them; none before it was asked.
    streamed: Option<f64>,
}

/// Takes what happened.
pub(super) fn update(lessons: &mut Lessons, msg: Msg) {
    match msg {
        Msg::Target(target) => lessons.desks.backpressure.target = target,
        Msg::Start => {
            let desk = &mut lessons.desks.backpressure;
            desk.plots = Default::default();
            let path = TARGETS.get(desk.target).copied().unwrap_or(TARGETS[0]);
            lessons.open(0, path, Vec::new());
            lessons.open(1, path, Vec::new());
        }
        Msg::More(slot) => lessons.effects.push(Effect::Fill { slot, bytes: MIB }),
        Msg::Flood => {
            lessons.open(RECEIVER, FLOOD, Vec::new());
            lessons.desks.backpressure.streamed = Some(0.0);
            let url = lessons.base.clone() + FLOOD;
            lessons.effects.push(Effect::Stream { visit: lessons.visit, url, pause: PAUSE_MS });
        }
    }
}

/// A socket has said something: the rude one sends everything as soon as it may.
pub(super) fn heard(lessons: &mut Lessons, slot: u8, event: &Event) {
    if slot == 0 && matches!(event, Event::Open { .. }) {
        (0..TOTAL / RUDE).for_each(|_| lessons.effects.push(Effect::Fill { slot, bytes: RUDE }));
        lessons.desks.backpressure.plots[0].sent = TOTAL;
    }
}

/// A frame is about to be drawn: the polite one sends what fits.
pub(super) fn drawn(lessons: &mut Lessons) {
    let mut room = f64::from(MIB) - lessons.wire(1).reading.buffered;
    let is_open = lessons.wire(1).is_open();
    for slot in 0..2_u8 {
        let (buffered, moves) = (lessons.wire(slot).reading.buffered, lessons.wire(slot).is_moving());
        let is_known = lessons.wire(slot).ready.is_some();
        if let Some(plot) = lessons.desks.backpressure.plots.get_mut(usize::from(slot))
            && is_known
            && (moves || (slot == 1 && plot.sent < TOTAL) || plot.samples.last() != Some(&buffered))
        {
            plot.sample(buffered);
        }
    }
    let plot = &mut lessons.desks.backpressure.plots[1];
    while is_open && room > 0.0 && plot.sent < TOTAL {
        room -= f64::from(POLITE);
        plot.sent += POLITE;
        lessons.effects.push(Effect::Fill { slot: 1, bytes: POLITE });
    }
}

/// The stream has handed over a message, or has ended.
pub(super) fn streamed(lessons: &mut Lessons, event: Option<&JsValue>) {
    if let (Some(count), Some(text)) = (&mut lessons.desks.backpressure.streamed, event.and_then(JsValue::as_string)) {
        // The number of the message, from 0.
        *count = json::number(&json::parse(&text), "n").max(*count) + 1.0;
    }
}

/// Whether the next frame shall be told: while the polite sender has something left.
pub(super) fn wants_frames(lessons: &Lessons) -> bool {
    lessons.wire(1).is_open() && (1..TOTAL).contains(&lessons.desks.backpressure.plots[1].sent)
}

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let words = words(lessons.lang());
    let shared = super::words::words(lessons.lang());
    let desk = &lessons.desks.backpressure;
    let targets = TARGETS
        .iter()
        .zip(0..)
        .map(|(path, number)| choice(*path, desk.target == number, All::Backpressure(Msg::Target(number))));
    let seg = with_class("span", "seg").attr("role", "group").attr("aria-label", words.target).children(targets);
    let start = primary(words.start, All::Backpressure(Msg::Start));
    with_class("div", "live__body")
        .child(bar([start.into(), seg.into(), Leads::console(shared, "/labs/stall", "", "").into()]))
        .child(with_class("div", "lesson__cols").children([sender(lessons, 0).into(), sender(lessons, 1).into()]))
        .child(with_class("h2", "sec-title").text(words.receiving))
        .child(receivers(lessons))
        .into()
}

/// One of the two senders.
fn sender(lessons: &Lessons, slot: u8) -> Element {
    let words = words(lessons.lang());
    let wire = lessons.wire(slot);
    let default = Plot::default();
    let plot = lessons.desks.backpressure.plots.get(usize::from(slot)).unwrap_or(&default);
    let fact = |name: &'static str, value: f64| {
        Node::Many(vec![el("dt").text(name).into(), el("dd").text(text::size(value)).into()])
    };
    let facts = with_class("dl", "facts").children([
        fact("send()", plot.sent.into()),
        fact("bufferedAmount", wire.reading.buffered),
        fact(words.peak, plot.peak),
        #[expect(clippy::cast_precision_loss, reason = "the bytes of this lesson are few")]
        fact(words.back, wire.bytes as f64),
    ]);
    let tone = match wire.ready {
        Some(0) => ("sender-card is-s0", Some("0")),
        Some(1) => ("sender-card is-s1", Some("1")),
        Some(2) => ("sender-card is-s2", Some("2")),
        Some(_) => ("sender-card is-s3", Some("3")),
        None => ("sender-card", None),
    };
    let name = if slot == 0 { words.rude } else { words.polite };
    with_class("section", tone.0)
        .child(with_class("h2", "row strong").child(tone.1.map_or(Node::Nothing, sig)).child(el("span").text(name)))
        .child(graph(plot))
        .child(facts)
        .child(bar([
            button("close()", All::Close(slot, None, String::new())).class("btn btn--sm mono").into(),
            button("send(1 MiB)", All::Backpressure(Msg::More(slot))).class("btn btn--sm mono").into(),
        ]))
}

/// What has waited, over time.
fn graph(plot: &Plot) -> Element {
    #[expect(clippy::cast_precision_loss, reason = "there are few samples")]
    let step = 400.0 / (plot.samples.len().max(2) - 1) as f64;
    let top = plot.peak.max(f64::from(MIB));
    let mut points = String::new();
    let mut x = 0.0;
    for sample in &plot.samples {
        points += &text::fixed(x, 1);
        points.push(',');
        points += &text::fixed(100.0 - sample / top * 96.0, 1);
        points.push(' ');
        x += step;
    }
    let area = "0,100 ".to_owned() + &points + &text::fixed(x - step, 1) + ",100";
    with_class("svg", "live__graph")
        .attr("viewBox", "0 0 400 100")
        .attr("preserveAspectRatio", "none")
        .attr("role", "img")
        .attr("aria-label", "bufferedAmount: ".to_owned() + &text::size(plot.peak))
        .child(with_class("polygon", "spark-area").attr("points", area))
        .child(with_class("polyline", "spark").attr("points", points))
}

/// What cannot slow its sender, beside what can.
fn receivers(lessons: &Lessons) -> Element {
    let words = words(lessons.lang());
    let streamed = lessons.desks.backpressure.streamed;
    #[expect(clippy::cast_precision_loss, reason = "messages of this lesson are few")]
    let received = lessons.wire(RECEIVER).messages as f64;
    let fact =
        |name: &'static str, value: String| Node::Many(vec![el("dt").text(name).into(), el("dd").text(value).into()]);
    let by_stream = match streamed {
        _ if !is_stream_known() => words.no_stream.to_owned(),
        count => text::fixed(count.unwrap_or_default(), 0),
    };
    with_class("div", "stack stack--sm").child(bar([button(words.flood, All::Backpressure(Msg::Flood)).into()])).child(
        with_class("dl", "facts").children([
            fact("WebSocket, onmessage", text::fixed(received, 0)),
            fact("WebSocketStream, read()", by_stream),
        ]),
    )
}

fn is_stream_known() -> bool {
    #[cfg(target_arch = "wasm32")]
    return super::effects::stream::is_known();
    #[cfg(not(target_arch = "wasm32"))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_stays_small_and_keeps_its_peak() {
        let mut plot = Plot::default();
        (0..10_000).for_each(|n| plot.sample(if n == 77 { 9.0 } else { 1.0 }));
        assert!(plot.samples.len() < SAMPLES && plot.samples.len() >= SAMPLES / 4);
        assert!((plot.peak - 9.0).abs() < f64::EPSILON);
    }
}
