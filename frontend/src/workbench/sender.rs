//! Where messages are written and sent.

use super::Node;
use super::bench::Bench;
use super::effects::Effect;
use super::events::{self, What};
use super::socket::{Event, Payload};
use crate::lean::dom::with_class;

/// What happens where messages are written.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Another text is written.
    Write(String),
    /// Send what stands there.
    Send,
    /// Put this text there, to be sent by hand: an errand, or a saved message.
    Put(String),
}

/// Where messages are written.
#[derive(Debug, Default)]
pub struct Sender {
    /// What is written.
    pub text: String,
}

/// Takes up what was kept.
pub fn restore(_bench: &mut Bench, _kept: &dyn Fn(&str) -> Option<String>) {}

/// Takes what happened where messages are written.
pub fn update(bench: &mut Bench, msg: Msg) {
    match msg {
        Msg::Write(text) | Msg::Put(text) => bench.sender.text = text,
        Msg::Send => {
            let payload = Payload::Text(bench.sender.text.as_str().into());
            send(bench, payload);
        }
    }
}

/// Sends a message, and writes it down. The one way out for everybody in the console.
pub fn send(bench: &mut Bench, payload: Payload) {
    let id = events::push(bench, What::Sent(payload.clone()));
    super::inspector::sent(bench, id, &payload);
    bench.effects.push(Effect::Send(payload));
}

/// The first bytes of a file have been read.
pub fn read(_bench: &mut Bench, _id: u32, _bytes: &[u8]) {}

/// The socket has said something.
pub fn heard(_bench: &mut Bench, _event: &Event) {}

/// Where messages are written.
#[must_use]
pub fn view(_bench: &Bench) -> Node {
    with_class("form", "sender").into()
}
