//! Saving the log, and the recordings at hand: what can be done with them.

use wasm_bindgen::JsValue;
use web_sys::Event;

use super::super::bench::{self, Bench};
use super::super::{Element, Node};
use super::record::Fault;
use super::tools::button;
use super::words::{Words, words};
use super::{Msg, RECORDED};
use crate::lean::dom::{el, icon_sm, with_class};
use crate::lean::text::lasting;

fn small(text: impl Into<crate::lean::dom::Str>, msg: Msg) -> Element {
    button("btn btn--sm", msg).text(text)
}

/// The file of an event: what was chosen or dropped.
pub(super) fn file_of(event: &Event) -> Option<bench::Msg> {
    let member = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).ok();
    let dropped = member(event, "dataTransfer").filter(JsValue::is_object);
    let files = member(&dropped.or_else(|| event.target().map(Into::into))?, "files")?;
    event.prevent_default();
    // An input that is emptied tells again when the same file is chosen.
    let file = member(&files, "0").filter(JsValue::is_object)?;
    Some(bench::Msg::Events(Msg::Load(file)))
}

/// The shelf.
pub(super) fn view(bench: &Bench) -> Node {
    let (log, words) = (&bench.events, words(bench.lang()));
    let shelf = &log.shelf;
    let live = log.entries.iter().any(|entry| entry.connection < RECORDED);
    let mut tools = with_class("div", "row row--wrap");
    if !log.entries.is_empty() {
        tools = tools.child(small(words.save, Msg::Save(false)));
    }
    if log.filter.is_on() && log.shown() > 0 {
        tools =
            tools.child(small(words.save_shown.to_owned() + " (" + &log.shown().to_string() + ")", Msg::Save(true)));
    }
    let input = with_class("input", "sr-only")
        .attr("type", "file")
        .attr("accept", ".jsonl,.ndjson,application/jsonl,text/plain")
        .attr("value", "")
        .on_event("change", file_of);
    tools = tools.child(with_class("label", "btn btn--sm").child(input).text(words.load));
    // From the slowest on.
    let speeds = [3, 0, 1, 2].into_iter().map(|at| {
        let name = words.speeds.get(at).copied().unwrap_or_default();
        button("seg__item", Msg::Speed(at)).aria("aria-pressed", shelf.speed == at).text(name).into()
    });
    if !shelf.recordings.is_empty() {
        let speeds = with_class("div", "seg").attr("role", "group").attr("aria-label", words.speed).children(speeds);
        tools = tools.child(speeds);
    }
    let sends = bench.connection.reading.ready == Some(1);
    let mut place =
        with_class("div", "ev-shelf").attr("role", "group").attr("aria-label", words.recordings).child(tools);
    for (at, (recording, mark)) in shelf.recordings.iter().zip(["A", "B"]).enumerate() {
        let last = recording.events.last().map_or(0.0, |event| event.t);
        let note = recording.events.len().to_string() + words.events + &lasting(last);
        let mut row = with_class("div", "row row--wrap")
            .child(with_class("b", "tag").text(mark))
            .child(with_class("span", "cut grow").text(recording.name.clone() + " · " + &note))
            .child(small(if sends { words.replay } else { words.replay_here }, Msg::Play(at)));
        if live {
            row = row.child(small(words.compare_log, Msg::Compare(at, None)));
        }
        if at == 1 {
            row = row.child(small(words.compare, Msg::Compare(0, Some(1))));
        }
        let away =
            button("icon-btn icon-btn--sm", Msg::Remove(at)).attr("aria-label", words.remove).child(icon_sm("x"));
        place = place.child(row.child(away));
    }
    place.child(status(bench, words)).into()
}

/// What is under way, how the last thing ended, what is wrong with a file.
fn status(bench: &Bench, words: &'static Words) -> Element {
    let shelf = &bench.events.shelf;
    let part = |done: u32, all: u32| done.to_string() + " / " + &all.to_string();
    let place = with_class("div", "row row--wrap").attr("role", "status");
    if let Some(replay) = &shelf.replay {
        return place
            .text(words.replaying.to_owned() + &part(replay.done, replay.all))
            .child(small(words.stop, Msg::Stop));
    }
    if shelf.reading {
        return place.text(words.loading);
    }
    if let Some(fault) = &shelf.fault {
        return place.child(with_class("p", "field__error").text(complaint(fault, words)));
    }
    if let Some((done, all, open)) = shelf.ended {
        let word = match (done == all, open) {
            (true, _) => words.replayed,
            (false, true) => words.stopped,
            (false, false) => words.cut_off,
        };
        return place.text(word.to_owned() + &part(done, all));
    }
    if shelf.recordings.is_empty() { place.text(words.record_hint) } else { el("div") }
}

fn complaint(fault: &Fault, words: &Words) -> String {
    let at = |line: &usize, text: &str| words.line[0].to_owned() + &line.to_string() + words.line[1] + text;
    let why = match fault {
        Fault::Large => words.too_large.to_owned(),
        Fault::Many => words.too_many.to_owned(),
        Fault::Unreadable => words.unreadable.to_owned(),
        Fault::Empty => words.no_events.to_owned(),
        Fault::Json(line) => at(line, words.no_json),
        Fault::Field(line, name) => at(line, words.bad_field) + name,
    };
    words.not_loaded.to_owned() + &why
}
