//! Subprotocols: what is offered, what the server chooses, and what happens when it chooses nothing.

mod words;

use super::Node;
use super::parts::{Leads, bar, button, log, mono, primary, track};
use super::state::{Lessons, Msg};
use super::wire::What;
use crate::lean::dom::{el, icon_sm, with_class};
use crate::workbench::socket::Event;
pub(super) use words::words;

const PATH: &str = "/labs/subprotocols";

/// What can be offered. The server knows the first four.
const NAMES: [&str; 6] = ["echo.v1", "json", "chat.v1", "text", "graphql-transport-ws", "mqtt"];

/// What the lesson knows: what is offered, in this order.
#[derive(Debug)]
pub(super) struct Subprotocols(Vec<&'static str>);

impl Default for Subprotocols {
    fn default() -> Self {
        Self(vec!["mqtt", "json", "echo.v1"])
    }
}

/// Offers a name as the last one, or does not offer it any more.
pub(super) fn toggle(lessons: &mut Lessons, name: &'static str) {
    let offered = &mut lessons.desks.subprotocols.0;
    match offered.iter().position(|of| *of == name) {
        Some(at) => drop(offered.remove(at)),
        None => offered.push(name),
    }
}

/// What happens in it.
pub(super) fn view(lessons: &Lessons) -> Node {
    let (words, wire) = (words(lessons.lang()), lessons.wire(0));
    let offered = &lessons.desks.subprotocols.0;
    let agreed = wire.log.iter().rev().find_map(|entry| match &entry.what {
        What::Heard(Event::Open { protocol, .. }) => Some(protocol.as_str()),
        What::Heard(_) | What::Began(_) | What::Called(_) => None,
    });
    let chips = NAMES.iter().map(|name| {
        let place = offered.iter().position(|of| of == name);
        let mut label = String::new();
        if let Some(place) = place {
            label = (place + 1).to_string() + " · ";
        }
        with_class("button", "chip mono")
            .attr("type", "button")
            .aria("aria-pressed", place.is_some())
            .on("click", Msg::Subprotocol(name))
            .child(if agreed == Some(name) { icon_sm("check") } else { Node::Nothing })
            .text(label + name)
            .into()
    });
    let names: Vec<String> = offered.iter().map(|name| (*name).to_owned()).collect();
    let mut call = "new WebSocket(\"".to_owned() + PATH + "\", [";
    call += &names.iter().map(|name| "\"".to_owned() + name + "\"").collect::<Vec<_>>().join(", ");
    call += "])";
    let twice = vec!["json".to_owned(), "json".to_owned()];
    let open = primary(words.open, Msg::Open(0, PATH.to_owned(), names));
    let again = button("[\"json\", \"json\"]", Msg::Open(0, PATH.to_owned(), twice));
    let close = button("close()", Msg::Close(0, Some(1000), String::new())).flag("disabled", !wire.is_open());
    let shared = super::words::words(lessons.lang());
    let lead = Leads::console(shared, PATH, "json", "");
    with_class("div", "live__body")
        .child(el("p").attr("id", "offer").text(words.offer))
        .child(with_class("div", "live__bar").attr("role", "group").attr("aria-labelledby", "offer").children(chips))
        .child(with_class("p", "live__line").child(mono(call)))
        .child(bar([open.into(), again.into(), close.into(), lead.into()]))
        .child(track(wire))
        .child(with_class("p", "live__line").attr("role", "status").child(mono(result(lessons, agreed))))
        .child(log(lessons, 0))
        .into()
}

/// What was agreed on, in one line.
fn result(lessons: &Lessons, agreed: Option<&str>) -> String {
    let words = words(lessons.lang());
    match (agreed, lessons.wire(0).closed()) {
        (Some(""), _) => words.none.to_owned(),
        (Some(name), _) => "ws.protocol = \"".to_owned() + name + "\"",
        (None, Some(_)) => words.failed.to_owned(),
        (None, None) => "ws.protocol".to_owned(),
    }
}
