//! A frame: its header, which grows with the length, and its payload, masked byte by byte.

mod words;

use wasm_bindgen::JsValue;

use super::binary::spaced;
use super::parts::{Leads, bar, button, choice, mono, primary, table};
use super::state::{Lessons, Msg as All, Shape};
use super::{Element, Node};
use crate::lean::dom::{Str, el, icon_sm, with_class};
use crate::lean::json;
use crate::lean::text;
use crate::workbench::inspector::frame::{self, KEY, TEXT};
use crate::workbench::socket::Event;
pub(super) use words::words;

/// The longest message of this lesson, in bytes: a little beyond the last change of the header.
const LONGEST: usize = 70_000;

/// Lengths at which the header changes, and those before.
const STOPS: [usize; 5] = [0, 125, 126, 65_535, 65_536];

/// So many bytes of the payload are drawn.
const DRAWN: usize = 16;

/// So many frames are shown.
const FRAMES: usize = 12;

/// The key of the example in RFC 6455, section 5.7; a browser takes a new random one for each frame.
const EXAMPLE: [u8; KEY] = [0x37, 0xfa, 0x21, 0x3d];

/// Peers that send back what comes: in one frame, in three, compressed, and compressed with pings in between.
const TARGETS: [&str; 4] =
    ["/labs/fragment?n=1&tap=", "/labs/fragment?n=3&tap=", "/labs/echo?tap=", "/labs/ping?ms=2000&tap="];

/// Milliseconds that a byte is looked at.
const STEP_MS: u32 = 350;

/// What happens in this lesson alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Msg {
    /// Another text is written.
    Text(String),
    /// Another length is chosen.
    Len(String),
    /// One of the stops.
    Stop(usize),
    /// Mask the next byte.
    Step,
    /// Mask them all, one after the other.
    Play,
    /// Send to another of [`TARGETS`].
    Target(usize),
    /// Send it, and listen to the tap.
    Send,
}

/// A frame as the server has seen it.
#[derive(Debug)]
struct Seen {
    is_ours: bool,
    /// In hexadecimal, the key included.
    header: String,
    len: f64,
    /// The first bytes, in hexadecimal, as they were on the wire.
    payload: String,
}

/// What the lesson knows.
#[derive(Debug)]
pub(super) struct Frame {
    text: String,
    /// So many bytes have been masked before somebody's eyes.
    masked: usize,
    plays: bool,
    target: usize,
    seen: Vec<Seen>,
    /// Whether the tap could not be had.
    is_deaf: bool,
}

impl Default for Frame {
    fn default() -> Self {
        Self { text: "Hello".to_owned(), masked: 0, plays: false, target: 0, seen: Vec::new(), is_deaf: false }
    }
}

impl Frame {
    fn write(&mut self, text: String) {
        self.text = text;
        (self.masked, self.plays) = (0, false);
    }

    fn drawn(&self) -> &[u8] {
        let bytes = self.text.as_bytes();
        bytes.get(..DRAWN).unwrap_or(bytes)
    }
}

/// A text of so many bytes.
fn of_length(len: usize) -> String {
    (b'a'..=b'z').cycle().take(len.min(LONGEST)).map(char::from).collect()
}

/// Takes what happened.
pub(super) fn update(lessons: &mut Lessons, msg: Msg) {
    let desk = &mut lessons.desks.frame;
    match msg {
        Msg::Text(text) => desk.write(text),
        Msg::Len(len) => desk.write(of_length(len.parse().unwrap_or_default())),
        Msg::Stop(len) => desk.write(of_length(len)),
        Msg::Step => {
            desk.masked = if desk.masked < desk.drawn().len() { desk.masked + 1 } else { 0 };
            if desk.plays && desk.masked < desk.drawn().len() {
                lessons.after(STEP_MS, All::FrameOf(Msg::Step));
            } else {
                desk.plays = false;
            }
        }
        Msg::Play => {
            desk.masked = 0;
            if !std::mem::replace(&mut desk.plays, true) {
                lessons.after(STEP_MS, All::FrameOf(Msg::Step));
            }
        }
        Msg::Target(target) => {
            desk.target = target;
            desk.plays = false;
            desk.seen.clear();
            lessons.stop();
        }
        Msg::Send if lessons.wire(0).is_open() => send(lessons),
        Msg::Send => lessons.name(),
    }
}

fn send(lessons: &mut Lessons) {
    let text = lessons.desks.frame.text.clone();
    lessons.effects.push(super::effects::Effect::Send { slot: 0, shape: Shape::Text, text });
}

/// A tap has a name now: listen to it, then connect.
pub(super) fn named(lessons: &mut Lessons, name: &str) {
    let desk = &mut lessons.desks.frame;
    desk.seen.clear();
    desk.is_deaf = false;
    lessons.listen("/labs/tap/".to_owned() + name);
    let path = TARGETS.get(lessons.desks.frame.target).copied().unwrap_or(TARGETS[0]);
    lessons.open(0, &(path.to_owned() + name), Vec::new());
}

/// The socket has said something.
pub(super) fn heard(lessons: &mut Lessons, event: &Event) {
    if matches!(event, Event::Open { .. }) {
        send(lessons);
    }
}

/// The tap has told something, or has ended.
pub(super) fn tapped(lessons: &mut Lessons, event: Option<&JsValue>) {
    let desk = &mut lessons.desks.frame;
    let Some(event) = event else {
        desk.is_deaf = desk.seen.is_empty();
        return;
    };
    if json::text(event, "type") != "frame" {
        return;
    }
    if desk.seen.len() == FRAMES {
        desk.seen.remove(0);
    }
    desk.seen.push(Seen {
        is_ours: json::text(event, "from") == "client",
        header: json::text(event, "header"),
        len: json::number(event, "len"),
        payload: json::text(event, "payload"),
    });
}

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let words = words(lessons.lang());
    let shared = super::words::words(lessons.lang());
    let desk = &lessons.desks.frame;
    let len = desk.text.len();
    let short: String = desk.text.chars().take(300).collect();
    let input = with_class("input", "input grow")
        .attr("aria-label", words.text)
        .attr("maxlength", "300")
        .attr("value", short)
        .on_input(|text| All::FrameOf(Msg::Text(text)));
    let slider = with_class("input", "live__slider")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", LONGEST.to_string())
        .attr("aria-label", words.length)
        .attr("value", len.to_string())
        .on_input(|len| All::FrameOf(Msg::Len(len)));
    let stops = STOPS.into_iter().map(|stop| choice(stop.to_string(), len == stop, All::FrameOf(Msg::Stop(stop))));
    let seg = with_class("span", "seg").attr("role", "group").attr("aria-label", words.length).children(stops);
    let targets = words.targets.into_iter().zip(0..);
    let targets =
        targets.map(|(label, target)| choice(label, desk.target == target, All::FrameOf(Msg::Target(target))));
    let targets = with_class("span", "seg").attr("role", "group").attr("aria-label", words.target).children(targets);
    let send = primary(words.send, All::FrameOf(Msg::Send));
    with_class("div", "live__body")
        .child(with_class("div", "live__bar").child(input))
        .child(bar([slider.into(), seg.into(), with_class("b", "num nowrap").text(len.to_string() + " B").into()]))
        .child(anatomy(words.ours, len, true))
        .child(anatomy(words.theirs, len, false))
        .child(masking(lessons))
        .child(bar([send.into(), targets.into(), Leads::console(shared, "/labs/echo", "", "Hello").into()]))
        .child(seen(lessons))
        .into()
}

/// The header of a frame, bit by bit, and what the whole costs.
fn anatomy(name: &'static str, len: usize, masked: bool) -> Element {
    let header = frame::header(TEXT, len as u64, masked);
    let (first, second) = (header.first().copied().unwrap_or_default(), header.get(1).copied().unwrap_or_default());
    let bit = |byte: u8, at: u8| if byte >> at & 1 == 1 { "1" } else { "0" };
    let field = |name: Str, bits: Vec<&'static str>| -> Node {
        let class = if bits.contains(&"1") { "bits__field is-lit" } else { "bits__field" };
        let cells = bits.into_iter().map(|bit| el("b").text(bit).into());
        with_class("div", class)
            .child(with_class("div", "bits__cells").children(cells))
            .child(with_class("span", "bits__name").text(name))
            .into()
    };
    let of = |byte: u8, from: u8, to: u8| (to..=from).rev().map(|at| bit(byte, at)).collect::<Vec<_>>();
    let seven = "length ".to_owned() + &(second & 127).to_string();
    let more: Vec<Node> = header.iter().skip(2).map(|byte| el("span").text(text::hex(&[*byte])).into()).collect();
    let has_more = !more.is_empty();
    let key = if masked { KEY } else { 0 };
    let mut sum = header.len().to_string();
    if masked {
        sum += " + 4";
    }
    sum += " + ";
    sum += &len.to_string();
    sum += " = ";
    sum += &(header.len() + key + len).to_string();
    sum += " B";
    let label = name.to_owned() + ": " + &spaced(&text::hex(&header));
    with_class("section", "anatomy")
        .child(with_class("h2", "sec-title row").text(name).child(with_class("span", "push mono").text(sum)))
        .child(with_class("div", "bits").attr("role", "img").attr("aria-label", label).children([
            field("FIN".into(), of(first, 7, 7)),
            field("RSV".into(), of(first, 6, 4)),
            field("opcode".into(), of(first, 3, 0)),
            field("MASK".into(), of(second, 7, 7)),
            field(seven.into(), of(second, 6, 0)),
        ]))
        .child(with_class("p", "live__line").child(mono(spaced(&text::hex(&header)))))
        .child(has_more.then(|| {
            let cells = with_class("div", if more.len() == 2 { "cells cells--fit" } else { "cells cells--eight" });
            with_class("dl", "bytes").child(el("dt").text("length")).child(el("dd").child(cells.children(more)))
        }))
}

/// The payload, masked byte by byte.
fn masking(lessons: &Lessons) -> Element {
    let words = words(lessons.lang());
    let desk = &lessons.desks.frame;
    let row = |name: &'static str, cell: &dyn Fn(usize, u8) -> String| {
        let cells = desk.drawn().iter().enumerate().map(|(at, byte)| {
            let class = if at + 1 == desk.masked { "is-now" } else { "" };
            with_class("span", class).text(cell(at, *byte)).into()
        });
        Node::Many(vec![
            el("dt").text(name).into(),
            el("dd").child(with_class("div", "cells cells--mask").children(cells)).into(),
        ])
    };
    let letter = |_, byte: u8| if byte.is_ascii_graphic() { char::from(byte).to_string() } else { "·".to_owned() };
    let hidden = |at: usize, byte: u8| {
        if at < desk.masked { text::hex(&[frame::mask(byte, EXAMPLE, at)]) } else { "??".to_owned() }
    };
    with_class("section", "anatomy")
        .child(with_class("h2", "sec-title").text(words.masking))
        .child(with_class("dl", "bytes").children([
            row(words.letters, &letter),
            row(words.plain, &|_, byte| text::hex(&[byte])),
            row(words.key, &|at, _| text::hex(&[frame::key_byte(EXAMPLE, at)])),
            row(words.masked, &hidden),
        ]))
        .child(with_class("p", "mono live__line").attr("role", "status").text(sum(desk)))
        .child(bar([
            button(words.step, All::FrameOf(Msg::Step)).flag("disabled", desk.plays).into(),
            button(words.play, All::FrameOf(Msg::Play)).into(),
        ]))
}

/// The byte that was masked last, in bits.
fn sum(desk: &Frame) -> String {
    let Some(at) = desk.masked.checked_sub(1) else { return String::new() };
    let byte = desk.drawn().get(at).copied().unwrap_or_default();
    let bits = |byte: u8| (0..8).rev().map(|at| if byte >> at & 1 == 1 { '1' } else { '0' }).collect::<String>();
    bits(byte) + " XOR " + &bits(frame::key_byte(EXAMPLE, at)) + " = " + &bits(frame::mask(byte, EXAMPLE, at))
}

/// What the server has seen on the wire.
fn seen(lessons: &Lessons) -> Node {
    let words = words(lessons.lang());
    let desk = &lessons.desks.frame;
    if desk.is_deaf {
        return with_class("p", "note is-s2").attr("role", "status").child(icon_sm("alert")).text(words.deaf).into();
    }
    if desk.seen.is_empty() {
        return with_class("p", "faint small").text(words.none).into();
    }
    let rows = desk.seen.iter().map(|seen| {
        let header = bytes_of(&seen.header);
        let head = frame::parse(&header);
        let payload = bytes_of(seen.payload.get(..DRAWN * 2).unwrap_or(&seen.payload));
        let key = head.and_then(|head| head.key);
        let plain: Vec<u8> = match key {
            Some(key) => payload.iter().enumerate().map(|(at, byte)| frame::mask(*byte, key, at)).collect(),
            None => payload.clone(),
        };
        let is_compressed = head.is_some_and(|head| head.is_compressed());
        let meaning = if is_compressed {
            words.compressed.to_owned()
        } else {
            spaced(&text::hex(&plain)) + " " + &String::from_utf8_lossy(&plain)
        };
        let mut name = if seen.is_ours { "→ " } else { "← " }.to_owned();
        if let Some(head) = head {
            name += frame::name(head.opcode);
            name += if head.fin { " FIN" } else { "" };
        }
        vec![
            mono(name),
            mono(spaced(seen.header.get(..seen.header.len() - key.map_or(0, |_| KEY * 2)).unwrap_or_default())),
            mono(key.map_or_else(|| "–".to_owned(), |key| spaced(&text::hex(&key)))),
            mono(text::fixed(seen.len, 0)),
            mono(spaced(&text::hex(&payload))),
            mono(meaning),
        ]
    });
    with_class("div", "stack stack--sm")
        .child(with_class("h2", "sec-title").text(words.real))
        .child(table(&words.heads, rows.collect()).class("table-scroll live__frames"))
        .into()
}

/// Bytes from two digits each; what is no digit counts as 0.
fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |digit: &u8| u8::try_from(char::from(*digit).to_digit(16).unwrap_or_default()).unwrap_or_default();
    hex.as_bytes().chunks(2).map(|two| two.iter().fold(0, |byte, one| byte << 4 | digit(one))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_masked_in_bits() {
        let desk = Frame { masked: 1, ..Frame::default() };
        assert_eq!(sum(&desk), "01001000 XOR 00110111 = 01111111");
        assert_eq!(sum(&Frame::default()), "");
    }

    #[test]
    fn bytes_are_read_as_they_are_written() {
        assert_eq!(bytes_of("8185"), [0x81, 0x85]);
        assert_eq!(bytes_of(&text::hex(&[0, 0x7f, 0xff])), [0, 0x7f, 0xff]);
    }

    #[test]
    fn a_length_beyond_the_slider_is_cut() {
        assert_eq!([of_length(3), of_length(0)], ["abc", ""]);
        assert_eq!(of_length(1 << 20).len(), LONGEST);
    }
}
