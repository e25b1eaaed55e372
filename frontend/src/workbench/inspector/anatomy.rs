//! A frame, drawn: its bits, its bytes, and what it costs. Computed from the message, or as it really was on the wire.

use std::rc::Rc;

use common::labs::Side;

use super::super::bench::{self, Bench};
use super::super::events::What;
use super::super::socket::{Event, Payload};
use super::super::{Element, Node};
use super::frame::{self, Head};
use super::wire::Frame;
use super::words::{Words, fill};
use super::{Msg, as_f64, button, bytes_of, chosen, message, msg, small};
use crate::lean::dom::{el, icon, icon_sm, with_class};
use crate::lean::text::{fixed, hex, lasting, size};

/// How many bytes of a payload are drawn.
const DRAWN: usize = 60;

/// Cells in a row.
const ROW: usize = 10;

/// How many frames are listed before and behind the one that is shown.
const AROUND: u32 = 3;

/// What is to be taken apart, as the page knows it.
struct Subject {
    side: Side,
    opcode: u8,
    len: u64,
    /// The first bytes.
    bytes: Rc<[u8]>,
}

/// What the chosen entry is, if it is a frame or several.
fn subject(bench: &Bench) -> Option<Subject> {
    let entry = chosen(bench)?;
    if let Some((side, payload)) = message(&entry.what) {
        let opcode = if matches!(payload, Payload::Text(_)) { frame::TEXT } else { frame::BINARY };
        let bytes = bytes_of(bench, entry.id, payload);
        return Some(Subject { side, opcode, len: payload.len(), bytes });
    }
    match &entry.what {
        What::Heard(Event::Close { code, reason, .. }) if !matches!(code, 1006 | 1015) => {
            let mut bytes = Vec::new();
            if *code != 1005 {
                bytes.extend(code.to_be_bytes());
                bytes.extend(reason.as_bytes());
            }
            Some(Subject { side: Side::Server, opcode: frame::CLOSE, len: bytes.len() as u64, bytes: bytes.into() })
        }
        What::Begun { .. } | What::Sent(_) | What::Heard(_) | What::Noted(_) => None,
    }
}

/// The frame on the wire that is shown: the one that was picked, or the first one of what is chosen.
fn shown(bench: &Bench, subject: Option<&Subject>) -> Option<u32> {
    let inspector = &bench.inspector;
    let picked = inspector.picked.filter(|picked| picked.0 == bench.events.chosen).map(|picked| picked.1);
    picked.filter(|seq| inspector.wire.frame(*seq).is_some()).or_else(|| {
        let entry = chosen(bench).filter(|entry| entry.connection == inspector.connection)?;
        let subject = subject?;
        if subject.opcode == frame::CLOSE { inspector.wire.close() } else { inspector.wire.of(subject.side, entry.id) }
    })
}

pub(super) fn view(bench: &Bench, words: &'static Words) -> Node {
    let subject = subject(bench);
    let seq = shown(bench, subject.as_ref());
    let real = seq.and_then(|seq| bench.inspector.wire.frame(seq));
    let body = match (real, subject) {
        (Some(real), subject) => told(bench, real, subject, words),
        (None, Some(subject)) => computed(bench, &subject, words),
        (None, None) => small(nothing(bench, words).to_owned()),
    };
    with_class("div", "anatomy").child(body).child(frames(bench, seq, words)).child(switch(bench, words)).into()
}

/// Why there is nothing to be taken apart.
fn nothing(bench: &Bench, words: &'static Words) -> &'static str {
    match chosen(bench).map(|entry| &entry.what) {
        None => words.choose,
        Some(What::Heard(Event::Close { .. })) => words.no_close,
        Some(_) => words.no_frame,
    }
}

/// The frame as it must have been, if it was one and nothing was done to it.
fn computed(bench: &Bench, subject: &Subject, words: &'static Words) -> Node {
    let masked = subject.side == Side::Client;
    let header = frame::header(subject.opcode, subject.len, masked);
    let Some(head) = frame::parse(&header) else { return Node::Nothing };
    let drawn = subject.bytes.get(..DRAWN).unwrap_or(&subject.bytes);
    let mut rows = vec![row(header_name(words, header.len()), fit(&header))];
    if masked {
        let hidden = with_class("div", "cells cells--hidden").children((0..4).map(|_| el("span").text("??").into()));
        rows.push(row(words.key_row.to_owned(), hidden));
    }
    if subject.len > 0 {
        let cells = if drawn.is_empty() { el("span").text(words.unknown_bytes) } else { plain(subject.side, drawn) };
        rows.push(row(fill(words.payload_row, &[&size(as_f64(subject.len))]), cells));
    }
    let mut why = if masked { words.key_hidden } else { words.unmasked }.to_owned();
    if bench.connection.reading.extensions.contains("permessage-deflate") && subject.opcode != frame::CLOSE {
        why.push(' ');
        why += words.deflate;
    }
    let inspector = &bench.inspector;
    let mine = chosen(bench).is_some_and(|entry| entry.connection == inspector.connection);
    let why_not = match (mine && inspector.tapped, inspector.failed) {
        (true, true) => words.no_tap,
        (true, false) => words.not_told,
        (false, _) => "",
    };
    let most = subject.len.min(subject.bytes.len() as u64) as usize;
    vec![
        bits(&head, words),
        with_class("dl", "bytes").children(rows.into_iter().flatten()).into(),
        small(meaning(subject.opcode, &subject.bytes, words)),
        cost(&head, subject.len, words),
        small(why),
        small(why_not.to_owned()),
        small(if most > DRAWN { fill(words.first, &["60"]) } else { String::new() }),
    ]
    .into()
}

/// The frame as it was.
fn told(bench: &Bench, real: &Frame, subject: Option<Subject>, words: &'static Words) -> Node {
    let head = &real.head;
    let base = usize::try_from(head.base()).unwrap_or_default();
    let mut rows = vec![row(header_name(words, base), fit(real.header.get(..base).unwrap_or_default()))];
    let subject = subject.filter(|subject| real.message.is_some() && subject.side == real.from);
    if let Some(subject) = &subject {
        rows.push(row(words.computed_row.to_owned(), fit(&frame::header(subject.opcode, subject.len, head.masked))));
    }
    if let Some(key) = head.key {
        rows.push(row(words.key_row.to_owned(), fit(&key)));
    }
    let wire = &bench.inspector.wire;
    let parts: Vec<&Frame> = match real.message {
        None => Vec::new(),
        Some(_) => wire.frames.iter().filter(|one| one.from == real.from && one.message == real.message).collect(),
    };
    let compressed = parts.first().is_some_and(|first| first.head.is_compressed());
    let [key_name, wire_name, plain_name] = words.xor;
    let names = [key_name, wire_name, if compressed { words.deflated } else { plain_name }];
    let whole = size(as_f64(head.len));
    let bytes = real.payload.get(..DRAWN).unwrap_or(&real.payload);
    if !bytes.is_empty() {
        match head.key {
            None => rows.push(row(fill(words.wire_row, &[&whole]), plain(real.from, bytes))),
            Some(key) => {
                rows.push(row(fill(words.wire_row, &[&whole]), el("span")));
                for (at, chunk) in bytes.chunks(ROW).enumerate() {
                    let names =
                        with_class("span", "cells-names").children(names.map(|name| el("span").text(name).into()));
                    rows.push([el("dt").child(names).into(), el("dd").child(unmasked(key, at * ROW, chunk)).into()]);
                }
            }
        }
    }
    if let Some(subject) = subject.filter(|subject| compressed && !subject.bytes.is_empty()) {
        let drawn = subject.bytes.get(..DRAWN).unwrap_or(&subject.bytes);
        rows.push(row(fill(words.payload_row, &[&size(as_f64(subject.len))]), plain(real.from, drawn)));
    }
    let mut remarks = vec![small(meaning(head.opcode, &real.plain(), words)), cost(head, head.len, words)];
    if let Some(len) = message_len(bench, real).filter(|_| compressed) {
        let sum: u64 = parts.iter().map(|part| part.head.len).sum();
        let share = fixed(as_f64(sum) * 100.0 / as_f64(len.max(1)), 0);
        remarks.push(small(fill(words.compressed, &[&sum.to_string(), &len.to_string(), &share])));
    }
    if parts.len() > 1 {
        remarks.push(small(fill(words.fragments, &[&parts.len().to_string()])));
    }
    if head.len > DRAWN as u64 {
        remarks.push(small(fill(words.first, &["60"])));
    }
    let who = if bench.inspector.tapped { words.real } else { words.relayed };
    remarks.push(with_class("p", "legend").child(el("span").child(icon("eye")).text(who)).into());
    vec![bits(head, words), with_class("dl", "bytes").children(rows.into_iter().flatten()).into(), remarks.into()]
        .into()
}

/// Bytes of the message that a frame is a part of, where it is the chosen one.
fn message_len(bench: &Bench, real: &Frame) -> Option<u64> {
    let entry = chosen(bench)?;
    let (side, payload) = message(&entry.what)?;
    let is = side == real.from && bench.inspector.wire.number(side, entry.id) == real.message;
    is.then(|| payload.len())
}

/// What a Close says.
fn meaning(opcode: u8, bytes: &[u8], words: &'static Words) -> String {
    if opcode != frame::CLOSE {
        return String::new();
    }
    let [high, low, reason @ ..] = bytes else { return words.code_none.to_owned() };
    let code = u16::from_be_bytes([*high, *low]).to_string();
    let two = hex(&[*high]) + " " + &hex(&[*low]);
    let reason = String::from_utf8_lossy(reason);
    if reason.is_empty() { fill(words.code, &[&code, &two]) } else { fill(words.code_reason, &[&code, &two, &reason]) }
}

/// What the frame costs: all of its bytes, and how many of them are none of the message.
fn cost(head: &Head, len: u64, words: &'static Words) -> Node {
    let (base, all) = (head.base(), head.size() + len);
    let text = if head.masked { words.on_wire_key } else { words.on_wire };
    let said = fill(text, &[&all.to_string(), &base.to_string(), &len.to_string()]);
    let share = as_f64(head.size()) * 100.0 / as_f64(all);
    let share = fixed(share, if share < 10.0 { 1 } else { 0 });
    let overhead = fill(words.overhead, &[&share]);
    let bar = with_class("div", "meter")
        .attr("role", "meter")
        .attr("aria-label", overhead.clone())
        .attr("aria-valuenow", share.clone())
        .child(with_class("div", "meter__fill").attr("--v", share + "%"));
    vec![
        small(said),
        with_class("div", "overhead").child(with_class("span", "faint small").text(overhead)).child(bar).into(),
    ]
    .into()
}

/// The first sixteen bits.
fn bits(head: &Head, words: &'static Words) -> Node {
    let wide = match head.short {
        127 => "64",
        126 => "16",
        _ => "",
    };
    let len = if wide.is_empty() {
        fill(words.length, &[&head.short.to_string()])
    } else {
        fill(words.length_wide, &[&head.short.to_string(), wide])
    };
    let digits = |of: u8, count: u8| -> String {
        (0..count).rev().map(|at| if of >> at & 1 == 1 { '1' } else { '0' }).collect()
    };
    let field = |bits: &str, lit: bool, class: &str, name: String| -> Node {
        let cells = bits.chars().map(|bit| el("b").text(if bit == '1' { "1" } else { "0" }).into());
        with_class("div", "bits__field".to_owned() + if lit { " is-lit" } else { "" } + class)
            .child(with_class("div", "bits__cells").children(cells))
            .child(with_class("span", "bits__name").text(name))
            .into()
    };
    let (fin, mask) = (digits(head.fin.into(), 1), digits(head.masked.into(), 1));
    let (rsv, opcode, short) = (digits(head.rsv, 3), digits(head.opcode, 4), digits(head.short, 7));
    let name = frame::name(head.opcode);
    with_class("div", "bits")
        .attr("role", "img")
        .attr("aria-label", fill(words.bits, &[&fin, &rsv, &opcode, name, &mask, &short, &head.len.to_string()]))
        .child(field(&fin, head.fin, "", "FIN".to_owned()))
        .child(field(&rsv, head.rsv != 0, "", "RSV".to_owned()))
        .child(field(&opcode, true, "", name.to_owned()))
        .child(field(&mask, head.masked, " bits__field--next", "MASK".to_owned()))
        .child(field(&short, false, "", len))
        .into()
}

fn header_name(words: &'static Words, bytes: usize) -> String {
    fill(words.header_row, &[&bytes.to_string()])
}

/// A name and what it is of.
fn row(name: String, what: Element) -> [Node; 2] {
    [el("dt").text(name).into(), el("dd").child(what).into()]
}

/// A byte in its cell, and below it the letter that it is, where that is wanted.
fn cell(byte: u8, letter: bool) -> Node {
    let cell = el("span").text(hex(&[byte]));
    if !letter {
        return cell.into();
    }
    let letter = if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '·' };
    cell.child(el("small").text(letter.to_string())).into()
}

/// Few bytes in one row.
fn fit(bytes: &[u8]) -> Element {
    with_class("div", "cells cells--n")
        .attr("--n", bytes.len().to_string())
        .children(bytes.iter().map(|byte| cell(*byte, false)))
}

fn cells(side: Side) -> Element {
    with_class("div", if side == Side::Client { "cells" } else { "cells cells--in" })
}

/// Empty cells at the end of a row.
fn rest(len: usize) -> impl Iterator<Item = Node> {
    (len..len.next_multiple_of(ROW)).map(|_| el("span").into())
}

/// A payload with its letters.
fn plain(side: Side, bytes: &[u8]) -> Element {
    cells(side).children(bytes.iter().map(|byte| cell(*byte, true))).children(rest(bytes.len()))
}

/// One row of a masked payload: the key, what was on the wire, and what comes of both.
fn unmasked(key: [u8; frame::KEY], first: usize, bytes: &[u8]) -> Element {
    let mut all = cells(Side::Client);
    for line in 0..3 {
        all = all.children(bytes.iter().enumerate().map(|(at, byte)| match line {
            0 => cell(frame::key_byte(key, first + at), false),
            1 => cell(*byte, false),
            _ => cell(frame::mask(*byte, key, first + at), true),
        }));
        all = all.children(rest(bytes.len()));
    }
    all
}

/// The frames around the one that is shown, control frames too.
fn frames(bench: &Bench, seq: Option<u32>, words: &'static Words) -> Node {
    let wire = &bench.inspector.wire;
    let all = wire.told();
    if all == 0 {
        return Node::Nothing;
    }
    let last = all - 1;
    let here = seq.unwrap_or(last);
    let first = here.saturating_sub(AROUND).min(last.saturating_sub(2 * AROUND)).max(wire.gone);
    let rows = (first..=last.min(first + 2 * AROUND))
        .map(|at| wire.frame(at).map(|one| frame_row(one, at, seq == Some(at))).into());
    let named = wire.frame(here).filter(|_| seq.is_some()).map_or_else(String::new, |one| {
        let side = side_name(one.from, words);
        fill(words.nth, &[&(here + 1).to_string(), &all.to_string(), side, frame::name(one.head.opcode)])
    });
    let pick = |to: u32| msg(Msg::Pick(to));
    let ended = wire.end.as_ref().map(|(by, why)| {
        let side = side_name(*by, words);
        with_class("p", "faint small").text(fill(words.ended, &[side, why]))
    });
    let head = with_class("div", "wire-head")
        .child(with_class("span", "small grow").text(if named.is_empty() { words.frames.to_owned() } else { named }))
        .child(button("icon-btn icon-btn--sm", "up", words.previous_frame, pick(here.saturating_sub(1).max(wire.gone))))
        .child(button("icon-btn icon-btn--sm", "dn", words.next_frame, pick((here + 1).min(last))));
    vec![
        head.into(),
        with_class("ol", "wire-list").attr("aria-label", words.frames).children(rows).into(),
        ended.into(),
    ]
    .into()
}

const fn side_name(side: Side, words: &'static Words) -> &'static str {
    match side {
        Side::Client => words.client,
        Side::Server => words.server,
    }
}

fn frame_row(one: &Frame, at: u32, is_shown: bool) -> Node {
    let (class, arrow) = match (one.from, is_shown) {
        (Side::Client, true) => ("ev ev--out is-selected", "up"),
        (Side::Client, false) => ("ev ev--out", "up"),
        (Side::Server, true) => ("ev ev--in is-selected", "dn"),
        (Side::Server, false) => ("ev ev--in", "dn"),
    };
    let button = with_class("button", class)
        .attr("type", "button")
        .aria("aria-current", is_shown)
        .on("click", msg(Msg::Pick(at)))
        .child(with_class("span", "ev__time").text(lasting(one.at / 1_000.0)))
        .child(with_class("span", "ev__kind").child(icon_sm(arrow)).text(frame::name(one.head.opcode)))
        .child(with_class("span", "ev__data").text(hex(&one.header)))
        .child(with_class("span", "ev__size").text(size(as_f64(one.head.len))));
    el("li").child(button).into()
}

/// Whether the real bytes are wanted.
fn switch(bench: &Bench, words: &'static Words) -> Node {
    if !bench.server.labs {
        return Node::Nothing;
    }
    let input = el("input")
        .attr("type", "checkbox")
        .attr("role", "switch")
        .flag("checked", !bench.inspector.untapped)
        .on_event("change", |_| Some(bench::Msg::Inspector(Msg::Tap)));
    with_class("label", "row small")
        .child(with_class("span", "switch").child(input).child(el("span")))
        .text(words.tap)
        .into()
}
