//! The bar above: the address, the subprotocols, the object as it stands, and how it is closed.
//!
//! `words` are its words. Deliberately absent: the socket itself, which effects own.

mod words;

use super::bench::{self, Bench};
use super::effects::Effect;
use super::socket::{BinaryType, Event, Reading};
use super::{Element, Node};
use crate::lean::dom::{el, with_class};
use words::words;

/// What happens at the bar.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Another address is written.
    Url(String),
    /// Connect, with what stands there.
    Connect,
    /// Connect there: what a preset, a recent connection or a lesson wants.
    Go {
        /// The address.
        url: String,
        /// What is offered.
        protocols: Vec<String>,
    },
    /// Close.
    Close,
}

/// The bar, and the connection behind it.
#[derive(Debug, Default)]
pub struct Connection {
    /// The number of the present or last connection, from 1; 0 before the first.
    pub number: u32,
    /// The address as it is written.
    pub url: String,
    /// What is offered.
    pub protocols: Vec<String>,
    /// How messages of bytes shall arrive.
    pub binary_type: BinaryType,
    /// What the object said when it was last looked at.
    pub reading: Reading,
}

/// Takes up what was kept.
pub fn restore(_bench: &mut Bench, _kept: &dyn Fn(&str) -> Option<String>) {}

/// Takes what happened at the bar.
pub fn update(bench: &mut Bench, msg: Msg) {
    match msg {
        Msg::Url(url) => bench.connection.url = url,
        Msg::Connect => connect(bench),
        Msg::Go { url, protocols } => {
            bench.connection.url = url;
            bench.connection.protocols = protocols;
            connect(bench);
        }
        Msg::Close => bench.effects.push(Effect::Close { code: Some(1000), reason: String::new() }),
    }
}

fn connect(bench: &mut Bench) {
    let connection = &mut bench.connection;
    connection.number += 1;
    bench.effects.push(Effect::Open {
        number: connection.number,
        url: connection.url.clone(),
        protocols: connection.protocols.clone(),
        binary_type: connection.binary_type,
        relay: super::relay::wish(&bench.relay),
    });
}

/// The socket has said something.
pub fn heard(_bench: &mut Bench, _event: &Event) {}

/// A frame is about to be drawn; this is what the object says.
pub fn sampled(bench: &mut Bench, reading: &Reading) {
    bench.connection.reading = reading.clone();
}

/// Whether the next frame shall be told: while what waits to be sent drains.
#[must_use]
pub fn wants_frames(bench: &Bench) -> bool {
    bench.connection.reading.buffered > 0.0
}

/// The colour of the state: a class of the design.
#[must_use]
pub const fn tone(bench: &Bench) -> &'static str {
    match bench.connection.reading.ready {
        Some(0) => "is-s0",
        Some(1) => "is-s1",
        Some(2) => "is-s2",
        Some(_) => "is-s3",
        None => "",
    }
}

/// The bar.
#[must_use]
pub fn view(bench: &Bench) -> Node {
    let words = words(bench.lang());
    let url = el("input")
        .class("url__input")
        .attr("aria-label", "URL")
        .attr("value", bench.connection.url.clone())
        .on_input(|url| bench::Msg::Connection(Msg::Url(url)));
    let button: Element = with_class("button", "btn btn--primary").text(words.connect);
    with_class("header", "wb-top")
        .child(
            with_class("form", "connect")
                .on("submit", bench::Msg::Connection(Msg::Connect))
                .child(with_class("div", "connect__main").child(with_class("div", "url").child(url)).child(button)),
        )
        .into()
}
