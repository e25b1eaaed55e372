//! What the inspector looks like.

use common::labs::Side;

use super::super::bench::{self, Bench};
use super::super::events::{self, What};
use super::super::socket::{Event, Payload};
use super::super::{Element, Node};
use super::code::{self, Recipe, Say, Tongue};
use super::words::{Words, fill, words};
use super::{Msg, anatomy, chosen, handshake, message, msg, recipe};
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::lean::text::{fixed, size};

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
pub(super) fn button(class: &'static str, icon_name: &str, label: &'static str, message: bench::Msg) -> Element {
    with_class("button", class)
        .attr("type", "button")
        .attr("aria-label", label)
        .on("click", message)
        .child(if class.ends_with("sm") { icon_sm(icon_name) } else { icon(icon_name) })
}

pub(super) fn head(bench: &Bench, words: &'static Words) -> Node {
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
pub(super) fn title(bench: &Bench, words: &'static Words) -> (String, String) {
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
pub(super) fn fold(bench: &Bench, part: usize, name: &'static str, note: &str, body: &dyn Fn() -> Node) -> Node {
    let open = !bench.inspector.folded.get(part).copied().unwrap_or_default();
    let summary = el("summary")
        .on("click", msg(Msg::Fold(part)))
        .child(icon_sm("right"))
        .text(name)
        .child(with_class("span", "fold__note").text(note.to_owned()));
    let body = if open { with_class("div", "fold__body").child(body()).into() } else { Node::Nothing };
    with_class("details", "fold").flag("open", open).child(summary).child(body).into()
}

pub(super) fn properties(bench: &Bench) -> Node {
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

pub(super) fn tongue_name(tongue: Tongue) -> &'static str {
    code::TONGUES.iter().find(|one| one.0 == tongue).map_or("", |one| one.1)
}

pub(super) fn equivalent(bench: &Bench, words: &'static Words) -> Node {
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
pub(super) fn note(recipe: &Recipe<'_>, tongue: Tongue, cut: bool, words: &'static Words) -> String {
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
pub(super) fn small(text: String) -> Node {
    if text.is_empty() { Node::Nothing } else { with_class("p", "faint small").text(text).into() }
}

#[expect(clippy::cast_precision_loss, reason = "no message is that long")]
pub(super) const fn as_f64(len: u64) -> f64 {
    len as f64
}
