//! What stands above the log: the filter, the views, the kinds.

use super::super::bench::{self, Bench};
use super::super::{Element, Node};
use super::words::words;
use super::{Kind, Msg, View, shelf};
use crate::lean::dom::{icon, with_class};

pub(super) fn button(class: &'static str, msg: Msg) -> Element {
    with_class("button", class).attr("type", "button").on("click", bench::Msg::Events(msg))
}

/// A button with a sign and no words.
fn sign(name: &'static str, label: &'static str, msg: Msg) -> Element {
    button("icon-btn", msg).attr("aria-label", label).attr("title", label).child(icon(name))
}

/// The tools.
pub(super) fn view(bench: &Bench) -> Node {
    let (log, words) = (&bench.events, words(bench.lang()));
    let field = with_class("input", "input grow")
        .attr("id", "filter")
        .attr("type", "search")
        .attr("placeholder", words.filter)
        .attr("aria-label", words.filter)
        .attr("value", log.filter.text.clone())
        .on_input(|text| bench::Msg::Events(Msg::Filter(text)));
    let field = if log.filter.refused.is_some() {
        field.attr("aria-invalid", "true").attr("aria-describedby", "filter-error")
    } else {
        field
    };
    let regex = button("chip mono", Msg::Regex)
        .aria("aria-pressed", log.filter.regex)
        .attr("aria-label", words.regex)
        .attr("title", words.regex)
        .text(".*");
    let view = |name: &'static str, view: View| {
        button("seg__item", Msg::View(view)).aria("aria-pressed", log.view == view).text(name)
    };
    let views = with_class("div", "seg")
        .attr("role", "group")
        .attr("aria-label", words.as_what)
        .child(view(words.text, View::Text))
        .child(view("JSON", View::Json))
        .child(view("Hex", View::Hex));
    let pause =
        if log.paused { sign("play", words.resume, Msg::Pause) } else { sign("pause", words.pause, Msg::Pause) };
    let row = with_class("div", "row")
        .child(field)
        .child(regex)
        .child(views)
        .child(pause.aria("aria-pressed", log.paused))
        .child(sign("save", words.recordings, Msg::Shelf).aria("aria-expanded", log.shelf.shown))
        .child(sign("trash", words.clear, Msg::Clear));
    let refused = log.filter.refused.as_ref().map(|refused| {
        with_class("p", "field__error")
            .attr("id", "filter-error")
            .attr("role", "alert")
            .text(words.bad_regex.to_owned() + refused)
    });
    with_class("div", "log-tools")
        .child(row)
        .child(refused)
        .child(if log.shelf.shown { shelf::view(bench) } else { Node::Nothing })
        .child(kinds(bench))
        .into()
}

fn kinds(bench: &Bench) -> Element {
    let (log, words) = (&bench.events, words(bench.lang()));
    if let Some(diff) = &log.shelf.diff {
        let counts = words.differences.iter().zip(diff.counts).map(|(name, count)| {
            with_class("span", "chip").text(*name).text(" ").child(with_class("b", "").text(count.to_string())).into()
        });
        let [a, b] = &diff.names;
        return with_class("div", "log-tools__chips")
            .child(button("btn btn--sm", Msg::ShutDiff).text(words.shut_diff))
            .children(counts)
            .child(with_class("span", "cut").text("A: ".to_owned() + a + " · B: " + b));
    }
    let count = |kind: Kind| log.counts.get(kind as usize).copied().unwrap_or_default();
    let chip = |name: &'static str, count: u32, bits: u8, pressed: bool| {
        button("chip", Msg::Kinds(bits))
            .aria("aria-pressed", pressed)
            .text(name)
            .text(" ")
            .child(with_class("b", "").text(count.to_string()))
            .into()
    };
    let all = log.counts.iter().sum::<u32>() - count(Kind::Begun);
    let mut chips: Vec<Node> = vec![chip(words.all, all, 0, log.filter.kinds == 0)];
    for (kind, name) in [
        (Kind::Open, "open"),
        (Kind::Sent, words.message_sent),
        (Kind::Received, words.message_received),
        (Kind::Error, "error"),
        (Kind::Close, "close"),
        (Kind::Control, words.control),
    ] {
        let there = kind != Kind::Control || count(kind) > 0;
        if there {
            chips.push(chip(name, count(kind), kind.bit(), log.filter.kinds & kind.bit() != 0));
        }
    }
    let times = words.times.get(usize::from(log.times)).copied().unwrap_or_default();
    let times = button("chip", Msg::Times).attr("title", words.times_hint).child(icon("clock")).text(times);
    let waiting = log.held.map(|_| {
        let word = if log.paused { words.paused } else { words.latest };
        button("chip ev-latest", Msg::Latest)
            .child(icon("down"))
            .text(word)
            .text(" ")
            .child(with_class("b", "").text("+".to_owned() + &log.waiting_rows().to_string()))
    });
    with_class("div", "log-tools__chips")
        .attr("role", "group")
        .attr("aria-label", words.kinds)
        .children(chips)
        .child(times)
        .child(waiting)
}
