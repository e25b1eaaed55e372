//! The log of everything that happened to the console's connections.
//!
//! It holds half a million events and draws those in sight. `store` keeps them, `filter` says which are shown, `window` which
//! of these are drawn, `rows` and `tools` draw, `payload` says what a payload looks like, `words` are its words.
//! Whatever takes long is done in slices, one each frame.

mod diff;
mod entry;
mod filter;
mod payload;
mod record;
mod replay;
mod rows;
mod shelf;
mod store;
mod tools;
mod window;
mod words;

use std::rc::Rc;

use super::Node;
use super::bench::{Bench, Reader};
use super::effects::Effect;
use super::socket::{self, HEAD, Payload};
pub use entry::{Entry, What};
use entry::{FLOOD, FLOOD_MS, KINDS, Kind, OPENED, Opened, kind, payload_of};
pub(super) use record::run;
pub use record::{Effect as Task, Fault, Part, Recorded, Recording};
pub use store::Events;
pub use window::Sight;
use words::words;

/// Connections of recordings have numbers from here on, so that they are never taken for those of the console.
pub const RECORDED: u32 = 1 << 31;

/// What happens at the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Put the focus on the filter.
    FocusFilter,
    /// Choose the event so many further down.
    Step(i32),
    /// Choose an event; the chosen one is opened and shut.
    Choose(u32),
    /// Look for this.
    Filter(String),
    /// Whether that is a regular expression.
    Regex,
    /// Show the kinds of these bits, or hide them; 0 to show all.
    Kinds(u8),
    /// Show all kinds and texts.
    ShowAll,
    /// Show payloads like this.
    View(View),
    /// Show other times in the first column.
    Times,
    /// Show nothing new, or go on.
    Pause,
    /// Forget everything.
    Clear,
    /// Go to the end.
    Latest,
    /// Somebody has scrolled.
    Scrolled(Sight),
    /// Show or hide what is done with recordings.
    Shelf,
    /// Save all events that happened here as a recording, or (true) those that are shown.
    Save(bool),
    /// Read this file as a recording.
    Load(wasm_bindgen::JsValue),
    /// A file was read.
    Loaded(Result<Rc<Recording>, Fault>),
    /// Put that recording away.
    Remove(usize),
    /// Play that recording.
    Play(usize),
    /// Play at that speed: as it was, double, without waiting, half.
    Speed(usize),
    /// The replay of this number goes on.
    Tick(u32),
    /// Stop the replay.
    Stop,
    /// Hold that recording against another, or against the log.
    Compare(usize, Option<usize>),
    /// No longer compare.
    ShutDiff,
}

/// How payloads are shown.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As they are.
    Text,
    /// JSON in colours; the chosen one with a line for each member.
    #[default]
    Json,
    /// As bytes.
    Hex,
}

/// What the region is called.
#[must_use]
pub const fn name(bench: &Bench) -> &'static str {
    words(bench.lang()).name
}

/// Takes what happened at the log.
pub fn update(bench: &mut Bench, msg: Msg) {
    let log = &mut bench.events;
    match msg {
        Msg::FocusFilter => bench.effects.push(Effect::Focus("#filter")),
        Msg::Step(by) => step(bench, by),
        Msg::Choose(id) => {
            let again = log.chosen == Some(id) && log.opened.is_some();
            log.chosen = Some(id);
            log.opened = None;
            if !again {
                open(log);
            }
        }
        Msg::Filter(text) => {
            log.filter.text = text;
            filtered(bench);
        }
        Msg::Regex => {
            log.filter.regex = !log.filter.regex;
            filtered(bench);
        }
        Msg::Kinds(bits) => {
            log.filter.kinds = if bits == 0 { 0 } else { log.filter.kinds ^ bits };
            filtered(bench);
        }
        Msg::ShowAll => {
            (log.filter.kinds, log.filter.text) = (0, String::new());
            filtered(bench);
        }
        Msg::View(view) => {
            log.view = view;
            open(log);
        }
        Msg::Times => log.times = (log.times + 1) % 3,
        Msg::Pause => {
            log.paused = !log.paused;
            log.held = log.paused.then_some(log.drawn);
        }
        Msg::Clear => log.clear(),
        Msg::Latest => latest(bench),
        Msg::Scrolled(sight) => log.scrolled(sight),
        Msg::Shelf => log.shelf.shown = !log.shelf.shown,
        Msg::Save(shown) => save(bench, shown),
        Msg::Load(file) => {
            (log.shelf.shown, log.shelf.reading, log.shelf.fault) = (true, true, None);
            bench.effects.push(Effect::Events(Task::Load(file)));
        }
        Msg::Loaded(read) => replay::loaded(bench, read),
        Msg::Remove(at) => {
            if at < log.shelf.recordings.len() {
                log.shelf.recordings.remove(at);
            }
        }
        Msg::Play(at) => replay::begin(bench, at),
        Msg::Speed(speed) => log.shelf.speed = speed,
        Msg::Tick(run) => replay::go_on(bench, run),
        Msg::Stop => replay::end(bench),
        Msg::Compare(a, b) => compare(bench, a, b),
        Msg::ShutDiff => {
            log.shelf.diff = None;
            latest(bench);
        }
    }
}

/// Saves the log.
fn save(bench: &mut Bench, shown: bool) {
    let log = &bench.events;
    let parts = if shown {
        record::write((0..log.shown()).filter_map(|row| log.entry(log.nth(row)?)))
    } else {
        record::write(log.entries.iter().filter(|entry| entry.connection < RECORDED))
    };
    let name = "websocket-".to_owned() + &crate::lean::text::clock(bench.now).replace([':', '.'], "-") + ".jsonl";
    bench.effects.push(Effect::Events(Task::Save(name, parts)));
}

/// Holds a recording against another, or against what happened here.
fn compare(bench: &mut Bench, a: usize, b: Option<usize>) {
    let log = &mut bench.events;
    let Some(one) = log.shelf.recordings.get(a) else { return };
    let other = b.and_then(|b| log.shelf.recordings.get(b));
    let name = other.map_or_else(|| words(bench.page.lang).the_log.to_owned(), |other| other.name.clone());
    let events = other.map_or_else(|| log.live(), |other| other.events.clone());
    let names = [one.name.clone(), name];
    log.shelf.diff = Some(diff::Diff::new(names, [one.events.clone(), events]));
    log.to_top = 2;
}

/// The filter is another one.
fn filtered(bench: &mut Bench) {
    bench.events.filter.compile();
    bench.events.begin_scan();
    if !bench.events.paused {
        latest(bench);
    }
}

fn latest(bench: &mut Bench) {
    let log = &mut bench.events;
    (log.held, log.paused, log.sight.below) = (None, false, 0.0);
    bench.effects.push(Effect::Scroll(".events", 0.0));
}

/// Chooses the row so many further down, and shows it. Where a connection begins nothing can be chosen.
fn step(bench: &mut Bench, by: i32) {
    let log = &mut bench.events;
    if log.shelf.diff.is_some() {
        return;
    }
    let count = log.shown();
    let mut at = match log.chosen.and_then(|id| log.place_of(id)) {
        Some(at) => at.checked_add_signed(by as isize),
        None => count.checked_sub(1),
    };
    while let Some(row) = at.filter(|row| *row < count) {
        let Some(entry) = log.nth(row).and_then(|id| log.entry(id)) else { return };
        if kind(&entry.what) == Kind::Begun {
            at = row.checked_add_signed(by.signum() as isize);
            continue;
        }
        log.chosen = Some(entry.id);
        open(log);
        let open = log.opened.as_ref().map(|opened| (row, opened.high()));
        if let Some(below) = window::reach(log.sight, count, row, open) {
            log.sight.below = below;
            bench.effects.push(Effect::Scroll(".events", -below));
        }
        return;
    }
}

/// Opens what is chosen, where there is more to it than its row says.
fn open(log: &mut Events) {
    log.opened = log.chosen.and_then(|id| {
        let bytes_of = |text: &str| text.as_bytes().get(..HEAD as usize).unwrap_or(text.as_bytes()).into();
        Some(match payload_of(&log.entry(id)?.what)? {
            Payload::Text(text) if log.view == View::Hex => Opened::Bytes(bytes_of(text), text.len() as u64),
            Payload::Text(text) => {
                let json = Some(text).filter(|text| log.view == View::Json && payload::is_like_json(text));
                match json.and_then(|text| pretty(text)) {
                    Some(json) if json.len() <= OPENED => Opened::Json(json),
                    _ if text.len() <= 80 && !text.contains('\n') => return None,
                    _ => Opened::Text(text.chars().take(OPENED).collect()),
                }
            }
            Payload::Buffer { head, len, .. } => Opened::Bytes(Rc::clone(head), *len),
            Payload::Blob { len, .. } => match log.head(id) {
                Some(head) => Opened::Bytes(head, *len),
                None => Opened::Reading,
            },
        })
    });
}

/// JSON with a line for each member; none for what is no JSON.
fn pretty(text: &str) -> Option<String> {
    // A page that formats megabytes at a click stands still.
    if text.len() > 8 * OPENED {
        return None;
    }
    #[cfg(target_arch = "wasm32")]
    return js_sys::JSON::parse(text)
        .and_then(|value| {
            js_sys::JSON::stringify_with_replacer_and_space(&value, &wasm_bindgen::JsValue::NULL, &2.into())
        })
        .ok()
        .map(Into::into);
    #[cfg(not(target_arch = "wasm32"))]
    return Some(text.to_owned());
}

/// The first bytes of an entry's blob have been read.
pub fn read(bench: &mut Bench, id: u32, bytes: &[u8]) {
    let log = &mut bench.events;
    log.know_head(id, bytes.into());
    if log.chosen == Some(id) && log.opened == Some(Opened::Reading) {
        open(log);
    }
}

/// Writes down what the socket has said. Returns the entry's id.
pub fn heard(bench: &mut Bench, event: socket::Event) -> u32 {
    push(bench, What::Heard(event))
}

/// Writes something down. Returns the entry's id.
pub fn push(bench: &mut Bench, what: What) -> u32 {
    bench.events.write(bench.connection.number, bench.now, what)
}

/// A frame is about to be drawn.
pub fn framed(bench: &mut Bench) {
    let log = &mut bench.events;
    if log.next - log.drawn > FLOOD {
        log.flood = bench.now + FLOOD_MS;
    }
    log.drawn = log.next;
    log.scan();
    if log.to_top > 0 {
        log.to_top -= 1;
        bench.effects.push(Effect::Scroll(".events", -1e9));
    }
    let all = log.view == View::Hex;
    let wanted: Vec<u32> = if all { log.in_sight().collect() } else { log.chosen.into_iter().collect() };
    for id in wanted {
        if let Some(Payload::Blob { data, .. }) = log.entry(id).and_then(|entry| payload_of(&entry.what)) {
            let blob = data.clone();
            if log.ask_head(id) {
                bench.effects.push(Effect::Read { blob, most: HEAD, reader: Reader::Events, id });
            }
        }
    }
}

/// Whether the next frame shall be told: while a filter is not through, and until what is compared was scrolled to its top.
#[must_use]
pub const fn wants_frames(bench: &Bench) -> bool {
    bench.events.is_scanning() || bench.events.to_top > 0
}

/// The log.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    vec![tools::view(bench), rows::view(bench)].into()
}
