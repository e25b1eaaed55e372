//! The four states, each made to last, and what `send()` does in each.

mod words;

use super::Node;
use super::parts::{Leads, bar, button, log, mono, primary, table, track};
use super::state::{Lessons, Msg, Shape};
use super::wire::{Call, What};
use crate::lean::dom::with_class;
use crate::lean::text;
use crate::workbench::socket::STATES;
pub(super) use words::words;

/// Connections that stay in one state for a while.
const PATHS: [&str; 3] = ["/labs/echo", "/labs/slow-accept?ms=3000", "/labs/never-close"];

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let (words, wire) = (words(lessons.lang()), lessons.wire(0));
    let opens = PATHS.into_iter().zip(words.opens).map(|(path, label)| {
        let msg = Msg::Open(0, path.to_owned(), Vec::new());
        button(label, msg).attr("title", path).into()
    });
    let has_object = wire.ready.is_some();
    let send = primary("send(\"hi\")", Msg::Send(0, Shape::Text, "hi".to_owned())).flag("disabled", !has_object);
    let close = button("close()", Msg::Close(0, None, String::new())).flag("disabled", !has_object);
    let methods = [send.into(), close.into()];
    let shared = super::words::words(lessons.lang());
    let lead = Leads::console(shared, PATHS[1], "", "hi").into();
    let rows = (0_u16..4).map(|state| tried(lessons, state)).collect();
    with_class("div", "live__body")
        .child(bar(opens))
        .child(track(wire))
        .child(bar(methods.into_iter().chain([lead])))
        .child(table(&["readyState", "send(\"hi\")", "bufferedAmount"], rows))
        .child(log(lessons, 0))
        .into()
}

/// What `send()` has done in a state.
fn tried(lessons: &Lessons, state: u16) -> Vec<Node> {
    let words = words(lessons.lang());
    let call = lessons.wire(0).log.iter().rev().find_map(|entry| match &entry.what {
        What::Called(call) if call.bytes.is_some() && call.ready == state => Some(call),
        What::Called(_) | What::Began(_) | What::Heard(_) => None,
    });
    let name = STATES.get(usize::from(state)).copied().unwrap_or_default();
    let mut label = state.to_string();
    label.push(' ');
    label += name;
    let (what, buffered) = match call {
        None => (Node::from("–"), Node::from("–")),
        Some(Call { threw: Some((name, _)), buffered, .. }) => {
            (Node::from(words.throws.to_owned() + name), mono(text::size(*buffered)))
        }
        Some(call) => {
            let what = if state == 1 { words.sends } else { words.drops };
            (what.into(), mono(text::size(call.buffered)))
        }
    };
    vec![mono(label), what, buffered]
}
